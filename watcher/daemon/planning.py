"""Planning: what the HTTP interface asks of planned changes, done in the ledger's thread at the daemon's own time."""

from __future__ import annotations

from watcher.bootstrap import Parts
from watcher.daemon.ledger_thread import LedgerThread
from watcher.handlers.planning.announce import Announcing, summary
from watcher.handlers.planning.go import Signer, signer
from watcher.model.errors import UsageError
from watcher.ports import Transaction
from watcher.settings import Settings, secret
from watcher.web.announcements import Document, Verb


class Planning:
    """Fits `web.announcements.Desk`; without a signing key there are no tokens, and everything else works."""

    def __init__(self, parts: Parts, in_ledger: LedgerThread) -> None:
        self._judgement = parts.judgement
        self._clock = parts.clock
        self._in_ledger = in_ledger
        self._terms = parts.settings.follow_up.announcements.terms
        self._signer = go_signer(parts.settings)

    async def do(self, verb: Verb, /) -> Document:
        """Do something with planned changes, in one transaction, at the moment of the call."""
        now = self._clock.now()
        return await self._in_ledger(lambda tx: verb(Announcing(tx, self._judgement, self._terms, now), now))

    async def listed(self, limit: int, *, open_only: bool) -> list[Document]:
        """Announcements, the newest first."""
        now = self._clock.now()

        def read(tx: Transaction) -> list[Document]:
            return [summary(one, tx.answers(one.id), now) for one in tx.list_announcements(limit, open_only=open_only)]

        return await self._in_ledger(read)

    async def page(self, announcement: str) -> str:
        """An announcement's page; raises NoAnnouncement where there is none."""
        found = await self.do(lambda announcing, _: announcing.shown(announcing.found(announcement)))
        from watcher.delivery.letters.page import planned  # noqa: PLC0415 - only who shows a page needs its words

        return planned(found)

    async def go(self, announcement: str) -> Document:
        """The token of an announcement that is agreed."""
        signs = self._signs()
        return await self.do(lambda announcing, _: announcing.go(announcement, signs))

    def keys(self) -> Document:
        """The public keys that tokens are verified with."""
        return {"keys": [self._signs().public.document()]}

    def _signs(self) -> Signer:
        if self._signer is None:
            raise UsageError(
                "there are no go tokens here: `watcher announce keygen` makes a key, and `follow_up.signing.key` of "
                "the settings says where it is"
            )
        return self._signer


def go_signer(settings: Settings) -> Signer | None:
    """What signs go tokens; None where the settings name no key. Raises ConfigurationError where it is none."""
    signing = settings.follow_up.signing
    return None if signing is None else signer(secret(signing.key))
