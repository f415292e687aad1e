"""The compiler's door: texts in, resolved descriptors out.

The compiler reads files. They are written to a private folder, and are gone from it before the answer is given, under
names that cannot leave it. What the compiler bundles (the well-known types) is taken from it, and from nobody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NoReturn

import protoxy
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.message import DecodeError
from protoxy.errors import DetailedError, ProtoxyError

from watcher.formats.protobuf.apart import compile_apart
from watcher.formats.protobuf.editions import Edition, Features, rewrite
from watcher.formats.protobuf.fault import Fault
from watcher.formats.protobuf.folder import laid_out
from watcher.formats.protobuf.guard import MAX_NAMES, MAX_TOTAL, UNSCANNED, guard
from watcher.formats.protobuf.known import KNOWN, is_bundled
from watcher.formats.protobuf.newer import without_newer
from watcher.model.errors import SchemaError

MAX_FILES = 1000
"""Files of one compilation: the compiler descends its stack at each import."""

MAX_ABSENT = 20
"""Imports that are not there, and may turn out not to be needed."""

SMALL = 10_000
"""Characters of a schema that is compiled here; a larger one is compiled apart, unless its lines are short."""

MEDIUM = 40_000
"""Characters of one whose lines are short."""

LONG_LINE = 300
"""Characters of a line: the compiler shows the whole of it with each fault."""

_NAME = re.compile(r"[^/\\\x00-\x1f\x7f]{1,255}(?:/[^/\\\x00-\x1f\x7f]{1,255})*")
_ABSENT = re.compile(r"import '(.+)' not found")
_TWICE = "a field with JSON name"
_TOLD = 300


@dataclass(frozen=True, slots=True)
class Compiled:
    """A file's descriptor, and the features that it sets where it is of an edition (see `Edition`)."""

    descriptor: FileDescriptorProto
    features: Mapping[str, Features]


def compile_files(files: Mapping[str, str], imports: Mapping[str, str]) -> list[Compiled]:
    """The descriptors of `files` and of all that they import, imported ones first; both map a name to its text.

    An import that is in neither is left out where nothing of it is used, as a registry does. Raises SchemaError.
    """
    texts = {**{name: text for name, text in imports.items() if _importable(name)}, **files}
    for name in files:
        if not _importable(name):
            raise SchemaError(f"{name[:100]!r} is no name that a protobuf file can be imported by")
    total = sum(len(text) for text in texts.values())
    if total > MAX_TOTAL or len(texts) > MAX_FILES:
        told = f"{len(texts)} protobuf files with {total} characters: {MAX_FILES} and {MAX_TOTAL} are read at most"
        raise SchemaError(told, kind="too-large")
    texts |= {name: text for name, text in KNOWN.items() if name not in texts and _mentioned(name, texts.values())}
    editions: dict[str, Edition] = {}
    names = 0
    for name, marked in texts.items():
        text = marked.removeprefix("\ufeff")
        names += guard(text, f"`{name}`", thorough=total > UNSCANNED)
        if names > MAX_NAMES:
            raise SchemaError("the names of the protobuf files are too long, taken together", kind="too-complex")
        editions[name] = rewrite(without_newer(text), name)
        texts[name] = editions[name].text
    compiled = []
    for file in _with_absent(list(files), texts):
        edition = editions.get(file.name, Edition(""))
        edition.restore(file)
        compiled.append(Compiled(file, edition.features))
    return compiled


def _importable(name: str) -> bool:
    """Whether the compiler may be given a file of this name: it stays in its folder, and hides nothing bundled."""
    if not _NAME.fullmatch(name) or len(name) > 1000 or is_bundled(name):
        return False
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return not {".", ".."} & set(name.split("/"))


def _mentioned(name: str, texts: Iterable[str]) -> bool:
    return any(name in text for text in texts)


def _with_absent(names: list[str], texts: dict[str, str]) -> list[FileDescriptorProto]:
    """Compile; for each import that is absent, once more with nothing in its place: then what it lacks is told."""
    absent: list[str] = []
    while True:
        try:
            compiled = _compile(names, texts)
        except Fault as fault:
            missing = _ABSENT.fullmatch(fault.message)
            if missing and missing[1] not in texts and _importable(missing[1]) and len(absent) < MAX_ABSENT:
                absent.append(missing[1])
                texts[missing[1]] = 'syntax = "proto3";'
                continue
            _refuse(fault, texts, absent)
        return [file for file in compiled if file.name not in absent]


def _compile(names: list[str], texts: Mapping[str, str]) -> list[FileDescriptorProto]:
    try:
        with laid_out(texts) as root:
            folder, paths = str(root), [str(root / name) for name in names]
            data = _compile_here(folder, paths) if _is_small(texts.values()) else compile_apart(folder, paths)
        return list(FileDescriptorSet.FromString(data).file)
    except OSError as error:
        told = f"the protobuf files cannot be laid out beside each other: {error.strerror or error}"
        raise SchemaError(told) from None
    except DecodeError:
        raise SchemaError("the protobuf schema is nested too deeply to be held", kind="too-deep") from None


def _is_small(texts: Iterable[str]) -> bool:
    """Whether the compiler comes to an end within a second, whatever it finds."""
    total = longest = 0
    for text in texts:
        total += len(text)
        longest = max(longest, max(map(len, text.splitlines()), default=0))
    return total <= SMALL or (total <= MEDIUM and longest <= LONG_LINE)


def _compile_here(folder: str, paths: list[str]) -> bytes:
    try:
        data: bytes = protoxy.compile_bin(paths, [folder], include_imports=True, include_source_info=False)
    except ProtoxyError as error:
        first = _first(error)
        if first is None:
            raise Fault(str(error), "", None) from None
        raise Fault(
            first.message, first.filename or "", first.labels[0].span.offset if first.labels else None
        ) from None
    except BaseException as error:
        if type(error).__module__ != "pyo3_runtime":
            raise
        raise SchemaError(f"the protobuf compiler gave up: {str(error)[:_TOLD]}") from None
    return data


def _first(error: ProtoxyError) -> DetailedError | None:
    """What the compiler found first; None where it quotes a character that its own account of it cannot hold."""
    try:
        return next(iter(error.all_errors), None)
    except ValueError:
        return None


def _refuse(fault: Fault, texts: Mapping[str, str], absent: list[str]) -> NoReturn:
    where = f"`{fault.name[:100]}`" if fault.name else "the schema"
    if fault.at is not None and fault.name in texts:
        line = texts[fault.name].encode()[: fault.at].count(b"\n") + 1
        where += f", line {line}"
    told = fault.message if len(fault.message) <= _TOLD else f"{fault.message[:_TOLD]}…"
    if told.startswith(_TWICE):
        told = "two fields of a message have the same name in JSON: give one of them a `json_name`"
    if absent:
        lacking = ", ".join(f"`{one[:100]}`" for one in absent)
        told += f" (not given, though imported: {lacking})"
    kind = "unknown-reference" if absent or _ABSENT.fullmatch(fault.message) else "invalid-schema"
    raise SchemaError(f"{where}: {told}", kind=kind) from None
