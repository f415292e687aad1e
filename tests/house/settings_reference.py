"""docs/configuration.md: every key of the settings, from the model that reads them."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from watcher.settings import ENVIRONMENT_PREFIX, Settings

_HEAD = """# Configuration

Written by `make docs` from the model that reads it. One YAML file, named with `watcher run -c FILE`; only `kafka` and
`feeds` have to be there. An unknown key is refused with its place and the nearest valid one. `watcher doctor -c FILE`
says what is off, and what to do.

A single value can also be set by the environment, which goes over the file: its name is in the table, and `<NAME>`
stands for the name in capitals. Lists and mappings are set in the file only. Secrets stay out of both: a value
`env:NAME` or `file:/path` is read from there where the table says so.

A duration is a number and `ms`, `s`, `m`, `h`, `d` or `w` (`5s`, `14d`); a bare number is seconds. Relative paths are
taken from the file's folder.

```yaml
kafka: {bootstrap_servers: "broker-1:9092,broker-2:9092"}
feeds:
  - {name: registry, namespace: "kafka://prod"}
```
"""

_WORDS: dict[object, str] = {
    str: "text",
    int: "number",
    bool: "true or false",
    dt.timedelta: "duration",
    Path: "path",
    SecretStr: "secret",
    Any: "anything",
}
_SUFFIXES = {"": "", "list": "[]", "mapping": ".<name>"}


class _Key(NamedTuple):
    name: str
    field: FieldInfo
    environment: str


def page() -> str:
    """The page in Markdown."""
    sections = "\n".join(_sections(Settings, "The file", "", ENVIRONMENT_PREFIX)).split("\n## ")
    return "\n".join((_HEAD, "\n## ".join(dict.fromkeys(sections)))).rstrip("\n") + "\n"


def _sections(model: type[BaseModel], title: str, prefix: str, environment: str) -> Iterator[str]:
    keys = list(_keys(model, prefix, environment))
    yield f"## {title}\n"
    yield f"{_purpose(model)}\n"
    yield "| key | type | default | meaning | environment |"
    yield "|---|---|---|---|---|"
    yield from (_row(key) for key in keys)
    yield ""
    for key in keys:
        for inner in _documents(key.field.annotation):
            name = key.name + _SUFFIXES[_container(key.field.annotation)]
            below = "" if _container(key.field.annotation) == "list" or not environment else f"{key.environment}__"
            if below and _container(key.field.annotation) == "mapping":
                below += "<NAME>__"
            several = len(_documents(key.field.annotation)) > 1
            title = f"`{name}`: {_purpose(inner).rstrip('.')}" if several else f"`{name}`"
            yield from _sections(inner, title, f"{name}.", below)


def _keys(model: type[BaseModel], prefix: str, environment: str) -> Iterator[_Key]:
    for name, field in model.model_fields.items():
        yield _Key(
            f"{prefix}{field.alias or name}",
            field,
            f"{environment}{(field.alias or name).upper()}" if environment else "",
        )


def _row(key: _Key) -> str:
    inner = _document(key.field.annotation)
    meaning = " ".join((key.field.description or (_purpose(inner) if inner else "")).split())
    single = inner is None and not _container(key.field.annotation)
    environment = f"`{key.environment}`" if key.environment and single else ""
    cells = (f"`{key.name}`", _type(key.field.annotation), _default(key.field), meaning, environment)
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _purpose(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "see below"
    if isinstance(value, dt.timedelta):
        return f"`{_duration(value)}`"
    if isinstance(value, tuple | dict):
        return ", ".join(f"`{one}`" for one in value) or "none"
    return "none" if value is None else f"`{value}`"


def _duration(value: dt.timedelta) -> str:
    seconds = value.total_seconds()
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"


def _type(annotation: Any) -> str:
    annotation = _bare(annotation)
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{one}`" for one in get_args(annotation))
    container = _container(annotation)
    if container == "list":
        return f"list of {_type(get_args(annotation)[0])}"
    if container == "mapping":
        return f"mapping of name to {_type(get_args(annotation)[1])}"
    if get_origin(annotation) in (types.UnionType, Union):
        return " or ".join(dict.fromkeys(_type(one) for one in get_args(annotation)))
    if annotation is type(None):
        return "null"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "mapping"
    return _WORDS[annotation]


def _container(annotation: Any) -> str:
    origin = get_origin(_bare(annotation))
    return "list" if origin is tuple else "mapping" if origin is dict else ""


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _document(annotation: Any) -> type[BaseModel] | None:
    """The model of a key that holds keys of its own; the first, where there are several kinds of them."""
    return next(iter(_documents(annotation)), None)


def _documents(annotation: Any) -> list[type[BaseModel]]:
    """The models of a key that holds keys of its own."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _documents(part)]
