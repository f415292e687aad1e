"""How a channel's `type` becomes a channel: what the watcher brings and what packages bring go the same way.

Nothing of a service is imported before a channel of its type is configured.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ValidationError, WrapValidator
from pydantic_core import InitErrorDetails, PydanticCustomError

from watcher.delivery.http import HttpDoor
from watcher.delivery.tracker import Compose, Route
from watcher.delivery.webhook import WebhookChannel
from watcher.model.delivery import Answer, Delivery
from watcher.model.errors import ConfigurationError
from watcher.ports import Channel, Clock
from watcher.settings import channels as settings
from watcher.settings.channels import BuiltIn, ChannelSettings, PlugInChannelSettings
from watcher.settings.plug_ins import GROUP, ChannelType, brought, build_plug_in, plug_in
from watcher.settings.secrets import revealed


@dataclass(frozen=True, slots=True)
class _Own:
    """A type that the watcher brings: its model, and the file that speaks to the service."""

    settings: type[ChannelSettings]
    module: str
    route: Mapping[str, bool] = field(default_factory=dict)

    def build(self, door: HttpDoor, clock: Clock, compose: Compose, options: Any, name: str) -> Channel:
        own = self._module()
        timeout = options.timeout.total_seconds()
        built: Channel = own.build(door, clock, compose, name=name, timeout=timeout, **options.options())
        return built

    def check_route(self, route: Route) -> Sequence[str]:
        """What is wrong with a domain's entry, in the words of the service's own file."""
        found: Sequence[str] = self._module().check_route(route)
        return found

    def _module(self) -> Any:
        return importlib.import_module(f"watcher.delivery.channels.{self.module}")


class _Webhook:
    """Any receiver: it takes whatever a domain says beside the channel's name, and is told all of it."""

    settings: type[BaseModel] = settings.WebhookChannelSettings
    route: Mapping[str, bool] = {}

    def build(self, door: HttpDoor, clock: Clock, _compose: Compose, options: Any, _name: str) -> Channel:
        secrets = [revealed(one) for one in options.secrets]
        return WebhookChannel(door, clock, options.url, secrets, timeout=options.timeout.total_seconds())

    def check_route(self, _route: Route) -> Sequence[str]:
        return ()


BUILT_IN: Mapping[str, ChannelType] = {
    "webhook": _Webhook(),
    "jira": _Own(settings.JiraChannelSettings, "jira"),
    "github": _Own(settings.GithubChannelSettings, "github"),
    "gitlab": _Own(settings.GitlabChannelSettings, "gitlab"),
    "servicenow": _Own(settings.ServicenowChannelSettings, "servicenow"),
    "linear": _Own(settings.LinearChannelSettings, "linear"),
    "azure-devops": _Own(settings.AzureDevopsChannelSettings, "azure_devops"),
    "pagerduty": _Own(settings.PagerdutyChannelSettings, "pagerduty"),
    "opsgenie": _Own(settings.OpsgenieChannelSettings, "opsgenie"),
    "slack": _Own(settings.SlackChannelSettings, "slack"),
    "teams": _Own(settings.TeamsChannelSettings, "teams"),
    "mail": _Own(settings.MailChannelSettings, "mail"),
}
"""What the watcher brings; no package can take these names."""


def known() -> tuple[str, ...]:
    """Every type that there is here."""
    return (*BUILT_IN, *sorted(brought() - set(BUILT_IN)))


def channel_type(name: str) -> ChannelType:
    """What stands behind a type; raises ConfigurationError where nothing does, or a package's part is broken."""
    built_in = BUILT_IN.get(name)
    if built_in is not None:
        return built_in
    if name in brought():
        return plug_in(name, ChannelSettings.COMMON)
    near = get_close_matches(name, known(), 1)
    meant = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known())};"
    raise ConfigurationError(
        f"{name!r} is no kind of channel: {meant} others come with packages that have an entry point in {GROUP}"
    )


def read_channel(value: Any, _usual: Callable[[Any], Any]) -> ChannelSettings:
    """One channel of the settings by its type; what is wrong with it keeps its place."""
    if isinstance(value, ChannelSettings):
        return value
    if not isinstance(value, dict):
        raise PydanticCustomError("channel", "a channel is a mapping of keys, with its `type`")
    name = str(value.get("type", "webhook"))
    try:
        model = channel_type(name).settings
    except ConfigurationError as error:
        raise _refused("channel", [_mistake(("type",), "channel_type", str(error))]) from None
    if issubclass(model, ChannelSettings):
        return model.model_validate(value)
    return _read_plug_in(model, value)


def _read_plug_in(model: type[BaseModel], value: dict[str, Any]) -> PlugInChannelSettings:
    common = {key: one for key, one in value.items() if key in PlugInChannelSettings.model_fields}
    own = {key: one for key, one in value.items() if key not in common}
    told, options, mistakes = None, None, []
    try:
        told = PlugInChannelSettings.model_validate(common)
    except ValidationError as error:
        mistakes += error.errors(include_url=False)
    try:
        options = model.model_validate(own)
    except ValidationError as error:
        mistakes += error.errors(include_url=False)
    lines = [_mistake(one["loc"], one["type"], one["msg"]) for one in mistakes]
    if "extra" not in model.model_config:  # pydantic would pass them over
        lines += [_mistake((one,), "extra_forbidden", "") for one in sorted(own.keys() - set(_keys(model)))]
    if lines or told is None or options is None:
        raise _refused(model.__name__, lines)
    told._own = options  # noqa: SLF001 - beside its fields, on purpose
    return told


def _mistake(loc: tuple[str | int, ...], kind: str, words: str) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError(kind, "{words}", {"words": words}), loc=loc, input=None)


def _refused(title: str, mistakes: list[InitErrorDetails]) -> ValidationError:
    return ValidationError.from_exception_data(title, mistakes, hide_input=True)


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def keys_of(name: str) -> list[str]:
    """The keys that a channel of the type takes; none where there is no such type."""
    try:
        model = channel_type(name).settings
    except ConfigurationError:
        return []
    common = [] if issubclass(model, ChannelSettings) else _keys(PlugInChannelSettings)
    return [*_keys(model), *common]


AnyChannel: TypeAlias = Annotated[BuiltIn | PlugInChannelSettings, WrapValidator(read_channel)]
"""A channel of the settings: which keys it takes follows from its `type`."""


def build_channel(name: str, options: ChannelSettings, door: HttpDoor, clock: Clock, compose: Compose) -> Channel:
    """The channel; raises ConfigurationError, which names it, where its settings cannot be followed."""
    try:
        if isinstance(options, PlugInChannelSettings):
            channel = build_plug_in(door, clock, compose, options.type, options.own, name)
        else:
            channel = channel_type(options.type).build(door, clock, compose, options, name)
    except ConfigurationError as error:
        raise ConfigurationError(f"channels.{name}: {error}") from error
    return Defaulted(channel, options.defaults) if options.defaults else channel


class Defaulted:
    """A channel, and what is said beside its name where a document says none of it."""

    def __init__(self, channel: Channel, defaults: Mapping[str, str]) -> None:
        self._channel = channel
        self._defaults = dict(defaults)

    def __repr__(self) -> str:
        return f"Defaulted({self._channel!r})"

    async def send(self, delivery: Delivery) -> Answer:
        """Bring one delivery to its receiver, once."""
        return await self._channel.send(replace(delivery, route={**self._defaults, **delivery.route}))
