"""How tickets are followed up, where a domain says nothing of its own, and who decides what is disputed."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from watcher.model.announcement import Silence, Terms
from watcher.settings.documents import Document, Duration


def _address(value: str) -> str:
    channel, _, to = value.partition(":")
    if not channel.strip() or not to.strip():
        raise ValueError(f"{value!r} is no address: write the channel and who is meant in it, `mail:lead@acme.example`")
    return value


def _url(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError(f"{value!r} is no URL: write https://…")
    return value.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]


class RungSettings(Document):
    """One step of a ladder."""

    after: Duration = Field(description="How long nothing happened, in working time.")
    to: Address = Field(description="A channel and an address in it: `slack:#data-leads`.")


class SigningSettings(Document):
    """What go tokens and links in mails are signed with."""

    key: str = Field(
        description="A private Ed25519 key, best as `env:NAME` or `file:/path`; `watcher announce keygen` makes one."
    )


class AnnouncementSettings(Document):
    """What counts for planned changes, where the consumer's contract does not say it."""

    silence: Duration = Field(
        dt.timedelta(days=14),
        description="How long a consumer may take to answer whose contract asks for no `notice`.",
    )
    silence_counts_as: Literal["accepts", "objects"] = Field(
        "accepts", description="What it means that a consumer who was asked said nothing in that time."
    )
    window: Duration = Field(
        dt.timedelta(days=7), description="How long after the announced day the change may still come."
    )

    @property
    def terms(self) -> Terms:
        """As the handlers have it."""
        return Terms(self.silence, Silence(self.silence_counts_as), self.window)


class FollowUpSettings(Document):
    """How tickets are followed up."""

    url: Annotated[str, AfterValidator(_url)] | None = Field(
        None, description="Where people reach the watcher's own pages; links in tickets begin with it."
    )
    arbiters: tuple[str, ...] = Field(
        (),
        description="Who decides disputes: people who neither broke it nor are hit, as trackers and `--by` name them.",
    )
    may_waive: tuple[str, ...] = Field(
        (), description="Who may grant a waiver, as `--by` names them; nobody named: anyone, on record."
    )
    ladder: tuple[RungSettings, ...] = Field((), description="The ladder of domains that have none of their own.")
    leadership: tuple[Address, ...] = Field((), description="Who gets the weekly scorecard of all domains.")
    signing: SigningSettings | None = Field(None, description="The key of go tokens and of links in mails.")
    announcements: AnnouncementSettings = Field(
        default_factory=AnnouncementSettings, description="What counts for planned changes."
    )
