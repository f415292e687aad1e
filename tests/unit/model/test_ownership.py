"""Who answers for a dataset: domains' own patterns, other systems' claims, what is taken unclaimed, larger domains."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest

from watcher.model.catalogue import Catalogue
from watcher.model.claim import SOURCES, Claim
from watcher.model.dataset import Domain
from watcher.model.domain import Budget, Calendar, Deadline, DomainRecord, Rung, Span, TicketRoute
from watcher.model.errors import ConfigurationError
from watcher.model.ownership import Decision, Imported

ORDERS = "kafka://prod/orders"
DAY = Span(days=1)


def domain(name: str, *owns: str, **more: Any) -> DomainRecord:
    return DomainRecord(Domain(name), owns, source=f"{name}.yaml", said=frozenset({"name", "owns", *more}), **more)


def claim(pattern: str, owner: str, source: str = "backstage", inherited_from: str = "") -> Imported:
    where = f"{source}-file:7"
    told = Claim(pattern, owner, source, where, inherited_from)
    return Imported(told, Domain(owner.rpartition("/")[2]) if owner else None)


def decided(*imported: Imported, domains: tuple[DomainRecord, ...]) -> Decision:
    return Catalogue((), domains, imported=imported).ownership(ORDERS)


def test_a_domains_own_pattern_decides_over_any_import() -> None:
    """What was written for this purpose counts, however exact the other's word; that one is told as passed over."""
    one = decided(
        claim(ORDERS, "group:default/payments"),
        domains=(domain("checkout", "kafka://prod/*"), domain("payments")),
    )
    assert one.domain is not None
    assert (one.domain.name, one.source, one.where, one.pattern) == (
        "checkout", "domain", "checkout.yaml", "kafka://prod/*",
    )  # fmt: skip
    assert one.others == ("backstage (backstage-file:7) names `group:default/payments`",)


def test_an_import_decides_where_no_domain_does() -> None:
    """The source, its place, what it wrote and through what it was inherited are kept."""
    one = decided(
        claim(ORDERS, "group:default/payments", "backstage", "system:default/shop"), domains=(domain("payments"),)
    )
    assert one.document() == {
        "domain": "payments",
        "source": "backstage",
        "where": "backstage-file:7",
        "pattern": ORDERS,
        "owner": "group:default/payments",
        "inherited_from": "system:default/shop",
        "others": [],
    }


@pytest.mark.parametrize(("stronger", "weaker"), list(pairwise(SOURCES)))
def test_of_two_systems_the_weightier_decides(stronger: str, weaker: str) -> None:
    """In the order of their weight, whichever was read first."""
    domains = (domain("a"), domain("b"))
    for imported in ((claim(ORDERS, "g/a", stronger), claim(ORDERS, "g/b", weaker)),):
        for told in (imported, imported[::-1]):
            one = decided(*told, domains=domains)
            assert (one.domain and one.domain.name, one.source) == ("a", stronger)
            assert one.others == (f"{weaker} ({weaker}-file:7) names `g/b`",)


def test_the_more_exact_claim_decides_before_the_weightier_source() -> None:
    """A word on this dataset is worth more than one on everything of its kind."""
    one = decided(
        claim("kafka://prod/*", "g/a", "odcs"), claim(ORDERS, "g/b", "codeowners"), domains=(domain("a"), domain("b"))
    )
    assert one.source == "codeowners"


def test_a_system_that_names_nobody_leaves_it_to_the_next() -> None:
    """That it does is told."""
    one = decided(claim(ORDERS, ""), claim(ORDERS, "g/b", "codeowners"), domains=(domain("b"),))
    assert one.source == "codeowners"
    assert one.others == ("backstage (backstage-file:7) names nobody",)


def test_what_nobody_claims_goes_to_who_takes_it() -> None:
    """After every import; without anybody it is unowned, and what others say of it is known."""
    platform, payments = domain("platform", owns_unclaimed=("kafka://prod/*",)), domain("payments")
    assert decided(claim(ORDERS, "g/payments"), domains=(platform, payments)).source == "backstage"
    assert decided(claim(ORDERS, ""), domains=(platform, payments)).source == "unclaimed"
    assert decided(claim(ORDERS, ""), domains=(payments,)) == Decision(
        None, others=("backstage (backstage-file:7) names nobody",)
    )


def test_two_domains_cannot_take_the_same_unclaimed() -> None:
    """As with `owns`: it would be a tie."""
    with pytest.raises(ConfigurationError, match="fit the same datasets equally well"):
        Catalogue((), (domain("a", owns_unclaimed=("k://*",)), domain("b", owns_unclaimed=("k://*",))))


def test_tables_are_matched_in_any_case_in_imports_as_well() -> None:
    """Catalogues often fold names to lower case."""
    catalogue = Catalogue((), (domain("a"),), imported=(claim("snowflake://acme/raw.shop.orders", "g/a"),))
    assert catalogue.ownership("snowflake://acme/RAW.SHOP.ORDERS").source == "backstage"


def test_a_domain_takes_what_it_does_not_say_from_the_larger_one() -> None:
    """Routes, ladder, calendar, budget, deadlines by severity and people: the nearest that says it counts."""
    company = domain(
        "company",
        accountable="cto@acme.example",
        oncall="@desk",
        ladder=(Rung(DAY, "mail:cto@acme.example"),),
        calendar=Calendar("Europe/Berlin"),
        budget=Budget(3, dt.timedelta(days=90)),
        deadlines=(("high", Deadline(DAY, DAY)), ("critical", Deadline(DAY, DAY))),
    )
    commerce = domain(
        "commerce", part_of=Domain("company"), accountable="head@acme.example", tickets=(TicketRoute("jira"),)
    )
    hour = Deadline(Span(time=dt.timedelta(hours=1)), DAY)
    checkout = domain(
        "checkout", ORDERS, part_of=Domain("commerce"), calendar=Calendar(), deadlines=(("critical", hour),)
    )
    found = Catalogue((), (checkout, company, commerce)).owner_of(ORDERS)
    assert found is not None
    assert (found.accountable, found.oncall) == ("head@acme.example", "@desk")
    assert found.tickets == (TicketRoute("jira"),)
    assert found.ladder == company.ladder
    assert found.budget == company.budget
    assert found.calendar == Calendar(), "it says so itself, though it is what stands by default"
    assert dict(found.deadlines) == {"high": Deadline(DAY, DAY), "critical": hour}
    assert found.owns == (ORDERS,)


def test_a_part_of_nothing_and_of_itself_are_told_and_stay_in_force() -> None:
    """Whose parent is gone keeps its own; a circle ends."""
    a, b = domain("a", "k://a", part_of=Domain("b"), oncall="@a"), domain("b", "k://b", part_of=Domain("a"))
    lost = domain("lost", "k://c", part_of=Domain("comerce"), oncall="@lost")
    catalogue = Catalogue((), (a, b, lost))
    told = {one.source: one.message for one in catalogue.loose_ends()}
    assert set(told) == {"a.yaml", "b.yaml", "lost.yaml"}
    assert "`part_of: comerce` names no domain" in told["lost.yaml"]
    assert "a part of itself" in told["a.yaml"]
    owner = catalogue.owner_of("k://b")
    assert owner is not None
    assert owner.oncall == "@a"
