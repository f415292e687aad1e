"""Teams that other systems name, matched with domains; a team that is no domain becomes one."""

from __future__ import annotations

from watcher.formats.owners.match import Match, matched
from watcher.model.claim import Claim, Claims, Team
from watcher.model.dataset import Domain
from watcher.model.domain import DomainRecord, TicketRoute


def claims(*owners: str, teams: tuple[Team, ...] = ()) -> Claims:
    return Claims(
        tuple(Claim(f"k://{number}", owner, "backstage", "f.yaml") for number, owner in enumerate(owners)), teams
    )


def names(match: Match) -> list[str | None]:
    return [str(one.domain) if one.domain else None for one in match.imported]


def domain(name: str, *also: str) -> DomainRecord:
    return DomainRecord(Domain(name), (), also_known_as=also)


def test_a_team_is_the_domain_of_the_same_short_name() -> None:
    """However the system spells it."""
    spelt = ("group:default/Checkout", "@acme/checkout", "urn:li:corpGroup:checkout", "checkout", "Group:checkout")
    match = matched(claims(*spelt), [domain("checkout")])
    assert names(match) == ["checkout"] * 5
    assert match.domains == ()


def test_a_domain_may_be_known_by_other_names() -> None:
    """What is written in `also_known_as` counts before a name that happens to be the same."""
    match = matched(claims("group:default/pay", "@acme/pay", "x@acme.example"), [
        domain("money", "group:default/pay", "x@acme.example"), domain("pay"),
    ])  # fmt: skip
    assert names(match) == ["money", "pay", "money"]


def test_an_address_is_nobody_elses_short_name() -> None:
    """`checkout@gmail.example` is not the domain `checkout`."""
    match = matched(claims("checkout@gmail.example"), [domain("checkout")])
    assert names(match) == ["checkout-2"]
    assert match.domains[0].accountable == "checkout@gmail.example"


def test_a_team_that_is_no_domain_becomes_one() -> None:
    """With its address, on the channel for mail; without a channel the fallback is told, by no route of its own."""
    team = Team("group:default/payments", "Payments", "backstage", "groups.yaml", email="payments@acme.example")
    told = claims("group:default/payments", "group:default/payments", "", teams=(team,))
    (made,) = matched(told, [], mail="mail").domains
    assert (made.name, made.accountable, made.source) == ("payments", "payments@acme.example", "groups.yaml")
    assert made.tickets == (TicketRoute("mail", (("to", "payments@acme.example"),)),)
    assert matched(told, []).domains[0].tickets == ()
    assert names(matched(told, [])) == ["payments", "payments", None]


def test_a_team_below_another_is_part_of_its_domain() -> None:
    """Of a domain of our own, or of one that is made as well; what lacks is taken from there."""
    teams = (
        Team("group:default/cards", "Cards", "backstage", "g.yaml", parent="group:default/payments"),
        Team("group:default/payments", "Payments", "backstage", "g.yaml", parent="group:default/commerce"),
    )
    match = matched(claims("group:default/cards", "group:default/payments", teams=teams), [domain("commerce")])
    assert {one.name: one.part_of for one in match.domains} == {"cards": "payments", "payments": "commerce"}


def test_a_team_of_any_name_gives_a_domain_of_right_form() -> None:
    """Letters, digits, dots and dashes; two that would be one stay two; nobody becomes `unowned`."""
    match = matched(claims("Größe & Co", "größe/Co?", "unowned", "///", "@"), [])
    found = [str(one.name) for one in match.domains]
    assert len(set(found)) == len(found)
    assert "unowned" not in found
    assert all(name[0].isalnum() and name.isascii() for name in found)


def test_a_person_is_told_at_the_address_alone() -> None:
    """Not at the reference that a catalogue makes of it."""
    [made] = matched(claims("urn:li:corpuser:lead@acme.example"), [], "mail").domains
    assert made.tickets == (TicketRoute("mail", (("to", "lead@acme.example"),)),)


def test_teams_of_one_name_in_two_namespaces_are_two() -> None:
    """A system that has two of them means two: nobody hears of what another team of the same name did."""
    told = claims("group:default/checkout", "group:payments/checkout", "group:payments/checkout")
    match = matched(told, [domain("checkout")])
    assert names(match) == ["checkout", "payments-checkout", "payments-checkout"]
    [(where, remark)] = match.remarks
    assert where == "f.yaml"
    assert "`group:payments/checkout` is another team than `group:default/checkout`" in remark
    assert "also_known_as" in remark


def test_where_no_namespace_is_the_usual_one_neither_has_the_short_name() -> None:
    """Two organisations' teams: each is told as its own, until a domain says which is meant."""
    told = claims("@acme/checkout", "@Beta/checkout", "@acme/data/pay")
    assert names(matched(told, [domain("checkout")])) == ["acme-checkout", "beta-checkout", "pay"]
    known = [domain("checkout", "@acme/checkout")]
    assert names(matched(told, known)) == ["checkout", "beta-checkout", "pay"]
    assert matched(told, [*known, domain("beta", "@beta/checkout")]).remarks == ()


def test_a_team_apart_has_its_own_address_and_its_own_team_above() -> None:
    """Neither is taken from its namesake."""
    teams = (
        Team("group:default/checkout", "Checkout", "backstage", "g.yaml", "a@acme.example", "group:default/shop"),
        Team("group:payments/checkout", "Checkout", "backstage", "g.yaml", "b@acme.example", "group:payments/shop"),
        Team("group:default/shop", "Shop", "backstage", "g.yaml"),
        Team("group:payments/shop", "Shop", "backstage", "g.yaml"),
    )
    owners = ("group:payments/checkout", "group:default/checkout", "group:default/shop", "group:payments/shop")
    made = {one.name: one for one in matched(claims(*owners, teams=teams), [], mail="mail").domains}
    assert {name: (one.accountable, one.part_of) for name, one in made.items()} == {
        "payments-checkout": ("b@acme.example", "payments-shop"),
        "checkout": ("a@acme.example", "shop"),
        "shop": ("group:default/shop", None),
        "payments-shop": ("group:payments/shop", None),
    }


def test_two_systems_may_spell_one_team_differently() -> None:
    """`group:default/checkout` of one and `@acme/checkout` of another are one team, as ever."""
    told = Claims((
        Claim("k://1", "group:default/checkout", "backstage", "f"), Claim("k://2", "@acme/checkout", "codeowners", "g"),
    ))  # fmt: skip
    assert names(matched(told, [domain("checkout")])) == ["checkout", "checkout"]
