"""Act: a person moves a ticket, by the state table; what they claim is looked at, and everyone concerned is told."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import structlog

from watcher.followup.until import read_until
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.telling import messages
from watcher.handlers.telling.holdings import all_told
from watcher.handlers.telling.post import Post
from watcher.handlers.ticketing.arbitration import only_a_third_role, only_what_is_open
from watcher.handlers.ticketing.life import Life, check_order
from watcher.handlers.ticketing.tickets import TicketDesk
from watcher.handlers.ticketing.waiving import Waiving
from watcher.model.delivery import MessageType
from watcher.model.errors import UsageError
from watcher.model.ticket import WATCHER, Ticket, TicketId, TicketMove, Verb, destination
from watcher.model.verdict import Outcome
from watcher.model.waiver import WaiverKind
from watcher.ports import HealingRow, Transaction, ViolationRow

log = structlog.get_logger(__name__)

LONGEST_WAIVER = dt.timedelta(days=366)
LONGEST_SNOOZE = dt.timedelta(days=31)
LONGEST_NAME = 200
LONGEST_REASON = 4_000
"""Characters: a reason stands in every letter of the ticket from then on."""
MOST_CLAIMS = 5
"""So often within a day an item is opened again where somebody, or some automation, closes it without a repair."""

_DAY = dt.timedelta(days=1)
_OURS = frozenset({WATCHER, "system"})

_TYPES = {Verb.RESOLVE: MessageType.TICKET_RESOLVED, Verb.UPHOLD: MessageType.TICKET_RESOLVED}
_TYPES[Verb.REOPEN] = MessageType.TICKET_REOPENED


@dataclass(frozen=True, slots=True)
class Order:
    """What a person wants done: `by` and `via` as a move has them.

    `details` are the verb's own: `until` of a waiver or a snooze, as `read_until` takes it; `as` of a resolution:
    `fixed` (looked at at once) or `not-breaking` (an arbiter's word); `scope` of an upheld dispute: `these` violations,
    or `rule`, the same rule at the same paths for whoever relies on them.
    """

    ticket: TicketId
    verb: Verb
    by: str
    via: str
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of an order: the ticket as it stands, the move, how many deliveries were wished.

    `rejected` says why what was claimed is not so: the break persists, and the ticket with it.
    """

    ticket: Ticket
    move: TicketMove | None
    told: int
    rejected: str | None = None


def act(tx: Transaction, judgement: Judgement, order: Order, now: dt.datetime) -> Acted:
    """Carry an order out; raises UsageError where it is not legal, and says what is."""
    order = replace(order, by=_name(order))
    tx.hold_chain()
    ticket = tx.ticket(order.ticket)
    if ticket is None:
        raise UsageError(f"there is no ticket {order.ticket}: `watcher tickets list --all` has them all")
    if len(order.reason) > LONGEST_REASON:
        raise UsageError(
            f"ticket {ticket.id}: a reason has {LONGEST_REASON} characters at most: say it shorter, "
            "and name a page for the rest"
        )
    check_order(order.verb, order.by, order.reason, ticket.id)
    return _Act(tx, judgement, order, now).carry_out(ticket)


def _name(order: Order) -> str:
    """Who acts, as it goes on record: no letter that does not show, and no name that is the program's own."""
    if order.via == WATCHER:
        return order.by
    shown = "".join(
        one for one in unicodedata.normalize("NFKC", order.by) if unicodedata.category(one)[0] != "C"
    ).strip()
    if shown.casefold() in _OURS:
        raise UsageError(f"ticket {order.ticket}: `{shown}` is the program's own name on record: say who you are")
    if len(shown) > LONGEST_NAME:
        raise UsageError(f"ticket {order.ticket}: a name has {LONGEST_NAME} characters at most: say it shorter")
    return shown


class _Act:
    def __init__(self, tx: Transaction, judgement: Judgement, order: Order, now: dt.datetime) -> None:
        self._tx = tx
        self._judgement = judgement
        self._order = order
        self._now = now
        self._life = Life(tx, judgement, now)
        self._post = Post(tx, judgement, now)
        self._waiving = Waiving(tx, judgement, now, self._post)

    def carry_out(self, ticket: Ticket) -> Acted:
        destination(ticket.id, ticket.state, self._order.verb)  # refused before anything is written
        if self._order.verb in {Verb.UPHOLD, Verb.REJECT}:
            self._third_role_only(ticket, "a dispute is decided")
        elif self._order.verb is Verb.REOPEN:
            only_what_is_open(self._tx, ticket)
        match self._order.verb:
            case Verb.RESOLVE:
                return self._resolve(ticket)
            case Verb.WAIVE:
                return self._waive(ticket)
            case Verb.REVOKE:
                return self._revoke(ticket)
            case Verb.UPHOLD:
                return self._uphold(ticket)
            case Verb.SNOOZE:
                until = self._until(ticket, LONGEST_SNOOZE)
                return self._moved(ticket, {"until": messages.moment(until), "owner": self._order.by})
            case _:
                return self._moved(ticket, dict(self._order.details) or None)

    def _third_role_only(self, ticket: Ticket, what: str) -> None:
        only_a_third_role(self._tx, self._judgement, ticket, self._order.by, what)

    def _moved(
        self, ticket: Ticket, details: Mapping[str, Any] | None = None, proof: dict[str, Any] | None = None
    ) -> Acted:
        """Record the move, and tell of it everywhere but where it was made."""
        order = self._order
        moved, move = self._life.move(
            ticket,
            order.verb,
            reason=order.reason or f"{order.verb.value} by {order.by}",
            by=order.by,
            via=order.via,
            proof=proof,
            details=None if details is None else dict(details),
        )
        still = self._tx.open_violations(ticket.id)
        about = still or self._tx.ticket_violations(ticket.id)
        what = _TYPES.get(order.verb, MessageType.TICKET_MOVED)
        occasion = f"{order.verb.value} {len(self._tx.ticket_moves(ticket.id))}"
        self._post.ticket(moved, move, what, all_told(about), occasion=occasion)
        log.info("ticket.moved", ticket=ticket.id, verb=order.verb.value, by=order.by, via=order.via)
        return Acted(moved, move, self._post.send())

    def _resolve(self, ticket: Ticket) -> Acted:
        """By hand: as fixed, which is looked at; or as not breaking, which only an arbiter can say."""
        how = str(self._order.details.get("as", "fixed"))
        if how == "not-breaking":
            self._third_role_only(ticket, "that it is not breaking is said")
            return self._over(ticket, {"because": "closed by hand as not breaking"}, {**self._order.details, "as": how})
        if how != "fixed":
            raise UsageError(f"ticket {ticket.id}: it is resolved as `fixed` or as `not-breaking`, not as {how!r}")
        desk = TicketDesk(self._tx, self._judgement, self._now)
        broken = [one for one in desk.persisting(ticket) if one.document["outcome"] == Outcome.BROKEN.value]
        if broken:
            return self._persists(ticket, broken)
        because = {"because": "resolved by hand; nothing that can be decided is broken"}
        return self._over(ticket, because, {**self._order.details, "as": how})

    def _over(self, ticket: Ticket, proof: dict[str, Any], details: dict[str, Any]) -> Acted:
        stated = {**proof, "by": self._order.by, "reason": self._order.reason}
        violations = self._tx.open_violations(ticket.id)
        self._tx.add_healings([HealingRow(one.id, "", stated, self._now) for one in violations])
        decided = {"by": self._order.by, "reason": self._order.reason}
        fixed = details.get("as") == "fixed"
        occasion = f"{self._order.verb.value} {len(self._tx.ticket_moves(ticket.id))}"
        self._post.relieved(ticket, violations, occasion, decided=None if fixed else decided)
        return self._moved(ticket, {**details, "violations": len(violations)}, stated)

    def _claimed_today(self, ticket: Ticket) -> int:
        """How often it was closed there within a day without being mended."""
        return sum(
            (one.details or {}).get("claimed") == "fixed" and one.via == self._order.via and one.at > self._now - _DAY
            for one in self._tx.ticket_moves(ticket.id)
        )

    def _persists(self, ticket: Ticket, broken: Sequence[ViolationRow]) -> Acted:
        """The claim does not hold: the ticket stays, and where it was closed it is opened again, with the proof."""
        first = broken[0].document
        more = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
        why = f"the break persists: {first['message']}{more}"
        proof = {"persists": [one.fingerprint for one in broken], "seen": [one.document["message"] for one in broken]}
        order = self._order
        before = self._claimed_today(ticket)
        if before >= MOST_CLAIMS and order.via in self._judgement.policy.trackers:
            log.warning("ticket.claims_ignored", ticket=ticket.id, by=order.by, via=order.via, within_a_day=before)
            return Acted(ticket, None, 0, rejected=why)
        last = ""
        if before == MOST_CLAIMS - 1:
            last = f"; it was closed {MOST_CLAIMS} times within a day, and is not opened again here today"
        moved, move = self._life.move(
            ticket,
            Verb.COMMENT,
            reason=f"{order.by} tried to close it ({order.reason}), but {why}{last}",
            by=order.by,
            via=order.via,
            proof=proof,
            details={"claimed": "fixed"},
        )
        told = all_told(self._tx.open_violations(ticket.id))
        occasion = f"persists {len(self._tx.ticket_moves(ticket.id))}"
        self._post.reopen_at(order.via, moved, move, told, occasion)
        log.info("ticket.claim_rejected", ticket=ticket.id, by=order.by, via=order.via, broken=len(broken))
        return Acted(moved, move, self._post.send(), rejected=why)

    def _waive(self, ticket: Ticket) -> Acted:
        allowed = self._judgement.policy.may_waive
        if allowed and self._order.by not in allowed:
            raise UsageError(
                f"ticket {ticket.id}: a waiver is granted by {', '.join(allowed)}, whom the settings name, "
                f"and {self._order.by} is none of them"
            )
        until = self._until(ticket, LONGEST_WAIVER)
        waiver = self._waiving.grant(
            WaiverKind.WAIVER, ticket, self._prints(ticket), by=self._order.by, reason=self._order.reason, until=until
        )
        self._post.waived(ticket, waiver, self._tx.open_violations(ticket.id))
        return self._moved(ticket, {"waiver": waiver.id, "until": messages.moment(until)})

    def _revoke(self, ticket: Ticket) -> Acted:
        """What was accepted is accepted no more: it is work again at once."""
        order = self._order
        self._waiving.end(ticket, order.by, all_of_them=True)
        moved, move = self._waiving.back(ticket, Verb.REVOKE, order.reason, by=order.by, via=order.via)
        log.info("ticket.moved", ticket=ticket.id, verb=order.verb.value, by=order.by, via=order.via)
        return Acted(moved, move, self._post.send())

    def _uphold(self, ticket: Ticket) -> Acted:
        """It never was a break: what was disputed is a precedent, so that it never comes up again."""
        scope = str(self._order.details.get("scope", "these"))
        violations = self._tx.open_violations(ticket.id)
        grant = partial(self._waiving.grant, WaiverKind.PRECEDENT, ticket, by=self._order.by, reason=self._order.reason)
        if scope == "these":
            granted = [grant(fingerprints=self._prints(ticket))]
        elif scope == "rule":
            pairs = dict.fromkeys((one.rule, one.path) for one in violations)
            granted = [grant(fingerprints=(), rule=rule, path=path) for rule, path in pairs]
        else:
            raise UsageError(f"ticket {ticket.id}: a dispute is upheld for `these` or for the `rule`, not {scope!r}")
        proof = {"because": "the dispute was upheld", "precedents": [one.id for one in granted]}
        return self._over(ticket, proof, {"scope": scope})

    def _prints(self, ticket: Ticket) -> tuple[str, ...]:
        prints = tuple(dict.fromkeys(one.fingerprint for one in self._tx.open_violations(ticket.id)))
        if not prints:
            raise UsageError(f"ticket {ticket.id} holds nothing that is broken: resolve it")
        return prints

    def _until(self, ticket: Ticket, longest: dt.timedelta) -> dt.datetime:
        """The end that the order names: a moment or a day, ahead of now."""
        order, owner = self._order, self._judgement.catalogue().domain(ticket.domain)
        written, zone = order.details.get("until"), owner.calendar.timezone if owner else "UTC"
        if not written:
            raise UsageError(f"ticket {ticket.id}: `{order.verb}` has an end: give `until`, such as 2027-03-31 or 3d")
        try:
            until = read_until(written, self._now, zone)
        except UsageError as error:
            raise UsageError(f"ticket {ticket.id}: `until`: {error}") from None
        if not self._now < until <= self._now + longest:
            raise UsageError(
                f"ticket {ticket.id}: `until` is to lie ahead, and at most {longest.days} days "
                f"({self._now + longest:%Y-%m-%d}): not {until:%Y-%m-%d %H:%M} UTC"
            )
        return until
