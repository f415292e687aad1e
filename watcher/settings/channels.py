"""The ways to reach someone, one model a service: what each needs to be told, and how much of us it bears.

Longer than 300 lines: it is a list, one short model a service, and read in one piece.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from watcher.model.ticket import TicketState
from watcher.settings.documents import Document, Duration
from watcher.settings.secrets import revealed

_RATE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)(?:\s*/\s*(s|min|h))?")
_PER = {"s": 1.0, "min": 60.0, "h": 3600.0}


def per_second(rate: str) -> float:
    """How many a second a rate is; ValueError says how to write one."""
    match = _RATE.fullmatch(rate.strip())
    found = float(match[1]) / _PER[match[2] or "s"] if match else 0.0
    if not found:
        raise ValueError(f"{rate!r} is no rate: write how many a second, or N/min or N/h, such as 2 or 80/min")
    return found


def _rate(rate: str) -> str:
    per_second(rate)
    return rate


def _written(value: object) -> object:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _url(value: str) -> str:
    if not re.match(r"https?://[^/\s@]+(?:/|$)", value):
        raise ValueError("it is no URL: write https:// (or http://) and a host, without a user and a password")
    return value.rstrip("/")


def _told(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().strip():
        raise ValueError("it is empty: write env:NAME or file:/path, which name where it is read from")
    return value


Rate = Annotated[str, BeforeValidator(_written), AfterValidator(_rate)]
Url = Annotated[str, AfterValidator(_url)]
Secret = Annotated[SecretStr, AfterValidator(_told)]
Words = Annotated[str, BeforeValidator(_written)]
"""Text that may look like a number."""

_TOKEN = "best as `env:NAME` or `file:/path`"  # noqa: S105 - where a token is written, and none
_STATES = ", ".join(f"`{one}`" for one in TicketState)
_HOW_OFTEN = "The most deliveries: a number a second, `N/min` or `N/h`."


def _states(value: dict[str, str]) -> dict[str, str]:
    strange = sorted(set(value) - set(TicketState))
    if strange:
        raise ValueError(f"tickets have no state {strange[0]!r}: known are {', '.join(TicketState)}")
    return value


States = Annotated[dict[str, Words], AfterValidator(_states)]


class HookSettings(Document):
    """How the service tells us what was done there."""

    secrets: tuple[Secret, ...] = Field(
        min_length=1, description=f"What its messages are proved with, {_TOKEN}; several while one is replaced."
    )
    own: tuple[Words, ...] = Field(
        (), description="The watcher's own users there, by login, id or e-mail; none: whoever makes its items."
    )


class ChannelSettings(Document):
    """A way to reach someone: what all have in common."""

    model_config = ConfigDict(hide_input_in_errors=True)

    type: str = Field(description="What kind of service it is.")
    timeout: Duration = Field(dt.timedelta(seconds=15), description="How long one request may take.")
    rate: Rate | None = Field(None, description=_HOW_OFTEN)
    defaults: dict[str, Words] = Field(
        default_factory=dict, description="What a domain's `tickets` entry says where it says none: `project: DATA`."
    )

    COMMON: ClassVar = frozenset({"type", "timeout", "rate", "defaults", "hook"})
    """Keys that are not for the service's own part."""

    @property
    def per_second(self) -> float | None:
        """The most deliveries a second; None: as many as come."""
        return None if self.rate is None else per_second(self.rate)

    @property
    def hearing(self) -> HookSettings | None:
        """How the service's messages to us are known, where it sends any."""
        return getattr(self, "hook", None)

    @property
    def address(self) -> str | None:
        """Where it calls, where that is no secret."""
        found = getattr(self, "url", None)
        return found if isinstance(found, str) else None

    def secrets_of(self) -> Iterator[SecretStr]:
        """Every secret of it, as it is written."""
        values: list[object] = [getattr(self, name) for name in type(self).model_fields]
        if self.hearing is not None:
            values += self.hearing.secrets
        for value in values:
            yield from (one for one in (value if isinstance(value, tuple) else [value]) if isinstance(one, SecretStr))

    def options(self) -> dict[str, Any]:
        """What the service's own part is built with: its keys, with each secret read from where it is."""
        return {
            name: _plain(getattr(self, name)) for name in type(self).model_fields if name not in ChannelSettings.COMMON
        }


def _plain(value: object) -> object:
    match value:
        case SecretStr():
            return revealed(value)
        case tuple():
            return [_plain(one) for one in value]
        case _:
            return value


class _Heard(ChannelSettings):
    hook: HookSettings | None = Field(None, description="How the service tells us what was done there.")


class WebhookChannelSettings(ChannelSettings):
    """Any HTTP receiver: messages signed as Standard Webhooks."""

    type: Literal["webhook"] = Field("webhook", description="What kind of receiver it is.")
    url: str = Field(description="Where a webhook goes.")
    secrets: tuple[SecretStr, ...] = Field(
        description="Signing secrets (`whsec_…`), best as `env:NAME` or `file:/path`; several while one is rotated."
    )


class JiraChannelSettings(_Heard):
    """Jira: an issue a ticket, in Cloud or Data Center."""

    type: Literal["jira"]
    url: Url = Field(description="The site: `https://acme.atlassian.net`.")
    token: Secret = Field(description=f"An API token (Cloud, with `email`) or a personal access token, {_TOKEN}.")
    email: str | None = Field(None, description="Whose API token it is; without it the token goes as a bearer's.")
    deployment: Literal["cloud", "datacenter"] | None = Field(
        None, description="Which Jira it is, where its host does not say it."
    )
    site: Url | None = Field(None, description="Where people open issues, where that is not `url`.")
    states: States = Field(default_factory=dict, description=f"Its statuses by our states ({_STATES}).")
    resolutions: States = Field(default_factory=dict, description="Its resolutions by our states.")
    fields: dict[str, Any] = Field(default_factory=dict, description="Fields that are set on each new issue.")
    rate: Rate | None = Field("5", description=_HOW_OFTEN)

    def options(self) -> dict[str, Any]:  # noqa: D102 - as above
        found = super().options()
        deployment = found.pop("deployment")
        return {**found, "cloud": None if deployment is None else deployment == "cloud"}


class GithubChannelSettings(_Heard):
    """GitHub: an issue a ticket, on github.com or an Enterprise Server."""

    type: Literal["github"]
    url: Url = Field("https://api.github.com", description="`https://host/api/v3` for an Enterprise Server.")
    token: Secret = Field(description=f"A token that may read and write issues, {_TOKEN}.")
    rate: Rate | None = Field("60/min", description=_HOW_OFTEN)


class GitlabChannelSettings(_Heard):
    """GitLab: an issue a ticket, on gitlab.com or an instance of one's own."""

    type: Literal["gitlab"]
    url: Url = Field("https://gitlab.com", description="The instance.")
    token: Secret = Field(description=f"A token with the scope `api`, {_TOKEN}.")
    oauth: bool = Field(False, description="Whether the token is OAuth's, and goes as a bearer's.")
    rate: Rate | None = Field("120/min", description=_HOW_OFTEN)


class ServicenowChannelSettings(_Heard):
    """ServiceNow: a record a ticket, by the Table API."""

    type: Literal["servicenow"]
    url: Url = Field(description="The instance: `https://acme.service-now.com`.")
    token: Secret = Field(description=f"The user's password, or without `user` an OAuth token, {_TOKEN}.")
    user: str | None = Field(None, description="Whose password it is; without it the token goes as a bearer's.")
    table: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,79}$")] = Field("incident", description="The table.")
    states: States = Field(
        default_factory=dict,
        description="Its states, by number, by our states: `resolved: 6`, `in_progress: 2`.",
    )
    close_code: str = Field("Solution provided", description="What a record is resolved with; instances differ.")
    fields: dict[str, Words] = Field(default_factory=dict, description="Fields that are set on each new record.")
    rate: Rate | None = Field("2", description=_HOW_OFTEN)


class LinearChannelSettings(_Heard):
    """Linear: an issue a ticket, by its GraphQL API."""

    type: Literal["linear"]
    url: Url = Field("https://api.linear.app/graphql", description="Its API.")
    token: Secret = Field(description=f"An API key, or an OAuth token with `oauth`, {_TOKEN}.")
    oauth: bool = Field(False, description="Whether the token is OAuth's, and goes as a bearer's.")
    states: States = Field(default_factory=dict, description=f"Names of its workflow states by our states ({_STATES}).")
    rate: Rate | None = Field("20/min", description=_HOW_OFTEN)


class AzureDevopsChannelSettings(_Heard):
    """Azure DevOps: a work item a ticket."""

    type: Literal["azure-devops"]
    url: Url = Field(description="The organisation (`https://dev.azure.com/acme`), or a server's collection.")
    token: Secret = Field(description=f"A personal access token (*Work Items: Read & write*), {_TOKEN}.")
    entra: bool = Field(False, description="Whether the token is Entra ID's, and goes as a bearer's.")
    states: States = Field(default_factory=dict, description=f"Names of its items' states by our states ({_STATES}).")
    fields: dict[str, Words] = Field(
        default_factory=dict, description="Fields that are set on each new item, by their reference names."
    )
    rate: Rate | None = Field("2", description=_HOW_OFTEN)


class PagerdutyChannelSettings(_Heard):
    """PagerDuty: an alert a ticket, by Events v2."""

    type: Literal["pagerduty"]
    url: Url = Field("https://events.pagerduty.com", description="`https://events.eu.pagerduty.com` in the EU.")
    routing_key: Secret = Field(description=f"The integration key of a service, {_TOKEN}.")
    rate: Rate | None = Field("100/min", description=_HOW_OFTEN)


class OpsgenieChannelSettings(ChannelSettings):
    """Opsgenie: an alert a ticket. It is shut down in April 2027."""

    type: Literal["opsgenie"]
    url: Url = Field("https://api.opsgenie.com", description="`https://api.eu.opsgenie.com` in the EU.")
    api_key: Secret = Field(description=f"The key of an API integration, {_TOKEN}.")
    rate: Rate | None = Field("60/min", description=_HOW_OFTEN)


class SlackChannelSettings(_Heard):
    """Slack: a message a ticket and its thread, by a bot; or messages only, by an incoming webhook."""

    type: Literal["slack"]
    url: Url = Field("https://slack.com/api", description="Its API.")
    token: Secret | None = Field(None, description=f"A bot's token (`xoxb-…`), {_TOKEN}.")
    webhook_url: Secret | None = Field(None, description=f"An incoming webhook instead of a bot, {_TOKEN}.")
    rate: Rate | None = Field("1", description=_HOW_OFTEN)

    @model_validator(mode="after")
    def _one_way(self) -> SlackChannelSettings:
        if (self.token is None) == (self.webhook_url is None):
            raise ValueError("a `slack` channel has a bot's `token` or a `webhook_url`: one of the two")
        return self

    def options(self) -> dict[str, Any]:  # noqa: D102 - as above
        return {**super().options(), "buttons": self.hook is not None}


class TeamsChannelSettings(ChannelSettings):
    """Microsoft Teams: a card a message, by a workflow."""

    type: Literal["teams"]
    url: Secret = Field(description=f"The workflow's URL, which is a credential: {_TOKEN}.")
    rate: Rate | None = Field("1", description=_HOW_OFTEN)


class MailChannelSettings(ChannelSettings):
    """E-mail, by SMTP."""

    type: Literal["mail"]
    host: str = Field(description="The server that takes mail from us.")
    port: int = Field(587, ge=1, le=65_535, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="How the line is made safe.")
    user: str | None = Field(None, description="Who logs in; nobody, where it is not said.")
    password: Secret | None = Field(None, description=f"With what, {_TOKEN}.")
    sender: str = Field(alias="from", description="Whom mails come from: `watcher@acme.example`.")
    list_id: str | None = Field(None, description="`List-Id` of the mails: `schema-watcher.acme.example`.")
    rate: Rate | None = Field("5", description=_HOW_OFTEN)


class PlugInChannelSettings(ChannelSettings):
    """Any other type, by a package that brings it: see `docs/channels/adding-a-channel.md`."""

    _own: Any = None
    """Beside the fields, so that nothing shows it: what is secret in it, only the package knows."""

    @property
    def own(self) -> Any:
        """What the package's own model made of its keys."""
        return self._own

    def secrets_of(self) -> Iterator[SecretStr]:
        """Every secret that its model says is one, as it is written."""
        fields = type(self._own).model_fields
        return (one for name in fields if isinstance(one := getattr(self._own, name), SecretStr))


PROGRAMS = (WebhookChannelSettings, PlugInChannelSettings)
"""Channels to somebody's own program, which sorts what it hears itself."""

BuiltIn: TypeAlias = (
    WebhookChannelSettings
    | JiraChannelSettings
    | GithubChannelSettings
    | GitlabChannelSettings
    | ServicenowChannelSettings
    | LinearChannelSettings
    | AzureDevopsChannelSettings
    | PagerdutyChannelSettings
    | OpsgenieChannelSettings
    | SlackChannelSettings
    | TeamsChannelSettings
    | MailChannelSettings
)
