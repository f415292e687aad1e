"""Remedies: concrete ways to mend a broken promise, in the words of the dataset's own platform; nothing false is said.

An option that would break another clause of the same ticket, as far as that can be seen, is not offered. A text that
is ready to use is offered only where all that stands in it is known.

Longer than 300 lines: one function a kind of break, which are read as one list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeAlias

from watcher.followup import remedies_registry, remedy_schemas, remedy_sql
from watcher.formats.sql.dialects import dialect_of
from watcher.model.compatibility import Level, Policy
from watcher.model.errors import UsageError
from watcher.model.path import Member, steps
from watcher.model.schema import Format

MOST = 12
"""So many options stand in one ticket."""

MOST_LOOKED_AT = 200
"""So many violations of one ticket are looked at: what many have in common is mended once."""

MOST_ALIKE = 3
MOST_LISTED = 10
"""So many options that differ in their field only are told each, and so many fields are named after them."""

LONGEST_TEXT = 2_000
"""Characters of a text that can be used as it is."""

LONGEST_NAME = 200
"""Characters of a name or a value in an option."""

PRODUCER, CONSUMER = "producer", "consumer"

_ADDS, _APPENDS = "adds a member", "puts a member last"
_CLOSED = frozenset({"field-added", "shape-opened", "shape-narrowed", "fields-reordered"})
_PLACED = frozenset({"fields-reordered", "position-moved"})


@dataclass(frozen=True, slots=True)
class Remedy:
    """One way to mend it: `why` says what it does, `text` can be used as it is. `whom` it is for: who can do it."""

    title: str
    why: str
    steps: tuple[str, ...] = ()
    text: str = ""
    language: str = ""
    whom: str = PRODUCER
    effects: frozenset[str] = frozenset()

    def document(self) -> dict[str, Any]:
        """As messages tell it."""
        return {
            "title": self.title,
            "why": self.why,
            "steps": list(self.steps),
            "text": self.text,
            "language": self.language,
            "for": self.whom,
        }


@dataclass(frozen=True, slots=True)
class Broken:
    """A violation, as an option looks at it; `before` and `after` are what the change itself says stood there."""

    rule: str
    path: str
    before: Any
    after: Any
    wants: str
    expectation: str
    dataset: str
    format: Format | None
    dialect: str | None
    change: Mapping[str, Any] = field(default_factory=dict)
    level: Level | None = None
    policy: Policy = Policy.STRICT

    @property
    def name(self) -> str:
        """The path as a sentence sets it apart."""
        return f"`{_short(self.path)}`" if self.path else "the dataset"

    @property
    def member(self) -> str | None:
        """The last name of the path, where it is one."""
        return _member(self.path)

    @property
    def column(self) -> str | None:
        """The path, where it is a column of the table itself."""
        try:
            found = steps(self.path)
        except UsageError:
            return None
        return found[0].name if len(found) == 1 and isinstance(found[0], Member) else None

    @property
    def was(self) -> str:
        """The type that stood there, with `| null` where it could be null; empty where it is not known."""
        old = self.change.get("before", self.before)
        if isinstance(old, Mapping):
            old = old.get("type")
        return old if isinstance(old, str) else ""


Options: TypeAlias = Iterator[Remedy]


def remedies(
    violation: Mapping[str, Any],
    dataset: str,
    format_: Format | None = None,
    registry: Mapping[str, Any] | None = None,
) -> tuple[Remedy, ...]:
    """The ways to mend one violation, the best first. Total: what is not known of it is left out.

    `registry` is its verdict beside ours: by its level it takes or refuses what mends.
    """
    rule = str(violation.get("rule") or "")
    one = _broken(violation, rule, dataset, format_, registry or {})
    found = list(_RULES[rule](one)) if rule in _RULES else []
    if found and not found[0].text and rule in _REVERTED and one.level is not None:
        found[0] = replace(found[0], steps=(*found[0].steps, remedies_registry.unsure(one.level)))
    return (*found, *_common(one)) if rule in _RULES else tuple(_common(one))


def options(
    violations: Sequence[Mapping[str, Any]],
    dataset: str,
    format_: Format | None = None,
    *,
    whom: str | None = None,
    registry: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """The ways to mend all that a ticket holds, each once; `whom` leaves out what is another's to do.

    For a producer, what consumers can do comes last; for a consumer only that is told.
    """
    looked_at = violations[:MOST_LOOKED_AT]
    rules = {str(one.get("rule")) for one in looked_at}
    found: dict[tuple[str, str], tuple[Remedy, str]] = {}
    for violation in looked_at:
        path = _short(str(violation.get("path") or ""))
        for one in remedies(violation, dataset, format_, registry):
            if (whom is None or one.whom == whom) and not _hurts(one, rules):
                found.setdefault((one.title, one.text), (one, path))
    ordered = sorted(_folded(found.values()), key=lambda one: (one.whom == CONSUMER, one.title in _LAST))
    return [_held(one).document() for one in ordered[:MOST]]


def _folded(found: Iterable[tuple[Remedy, str]]) -> list[Remedy]:
    """The options in their order; of many that differ in their field only, the first few and which others there are."""
    alike: dict[tuple[str, str], list[tuple[Remedy, str]]] = {}
    for one, path in found:
        alike.setdefault((one.title.replace(f"`{path}`", ""), one.whom), []).append((one, path))
    folded: list[Remedy] = []
    for group in alike.values():
        folded += [one for one, _ in group[:MOST_ALIKE]]
        paths = list(dict.fromkeys(f"`{path}`" for _, path in group[MOST_ALIKE:] if path))
        if paths:
            more = f" and {len(paths) - MOST_LISTED} more" if len(paths) > MOST_LISTED else ""
            title = f"The same for {', '.join(paths[:MOST_LISTED])}{more}"
            steps_ = ("do as with those before, for each of them",)
            folded.append(Remedy(title, "they broke in the same way", steps_, whom=group[0][0].whom))
    return folded


def _held(one: Remedy) -> Remedy:
    """The option, without a text that is longer than people read."""
    if len(one.text) <= LONGEST_TEXT:
        return one
    told = "the text for it is too long for a ticket: take it from the version before"
    return replace(one, text="", language="", steps=(*one.steps, told))


def _hurts(one: Remedy, rules: set[str]) -> bool:
    """Whether an option would break another clause of the same ticket."""
    return (_ADDS in one.effects and bool(rules & _CLOSED)) or (_APPENDS in one.effects and bool(rules & _PLACED))


def _broken(
    violation: Mapping[str, Any], rule: str, dataset: str, format_: Format | None, registry: Mapping[str, Any]
) -> Broken:
    change = violation.get("change")
    known = change if isinstance(change, Mapping) and change.get("path") == violation.get("path") else {}
    dialect = dialect_of(dataset)
    policy = registry.get("policy")
    return Broken(
        rule=rule,
        path=str(violation.get("path") or ""),
        before=violation.get("before"),
        after=violation.get("after"),
        wants=str(violation.get("wants") or "what the contract asks for"),
        expectation=str(violation.get("expectation") or ""),
        dataset=dataset,
        format=format_ or (Format.SQL if dialect else None),
        dialect=dialect,
        change=known or (change if rule == "field-renamed" and isinstance(change, Mapping) else {}),
        level=remedies_registry.guarded(registry.get("level"), format_),
        policy=Policy(policy) if isinstance(policy, str) and policy in set(Policy) else Policy.STRICT,
    )


def _common(one: Broken) -> Options:
    """What helps always: to say it before, and who else can mend it."""
    if one.rule in _UNDECIDED:
        return
    yield Remedy(
        _ANNOUNCE,
        "who breaks is asked first, and a change that all accept raises no ticket",
        (
            "take the change back for now",
            "see whom it breaks, and from which day all could bear it: `watcher announce who`",
            "propose it with that day: `watcher announce change`; go on with the token that it gives",
        ),
    )


_ANNOUNCE = "Take it back, and announce it"
_LAST = frozenset({_ANNOUNCE})


def _gone(one: Broken) -> Options:
    put = f"Put {one.name} back"
    was = f" as `{_short(one.was)}`" if one.was else ""
    why = f"everything that relies on it works again{f'; it was `{_short(one.was)}`' if one.was else ''}"
    text, language = _field_text(one)
    stays = "keep filling it until the last consumer has left it"
    if text and one.format is Format.SQL:
        yield Remedy(
            put,
            why,
            ("run the statement", "fill it for the records that are there", stays),
            text,
            language,
            effects=frozenset({_APPENDS}),
        )
    elif text:
        told = ""
        if one.level is not None:
            text, told = remedies_registry.put_back(text, one.format, one.level, one.policy)
        added = "add this to the record that held it, and register the schema"
        yield Remedy(put, why, (added, *((told,) if told else ()), stays), text, language)
    else:
        yield Remedy(put, why, (f"declare it again{was}, with the name and the place that it had", stays))
    if one.format is Format.PROTOBUF and one.member:
        yield Remedy(
            f"If {one.name} is to stay gone, reserve it",
            "a later field of its name or number would misread old data; this does not heal the ticket",
            ("add the number that it had to the same line of the message", "announce the removal"),
            remedy_schemas.reserved(one.member),
            "protobuf",
        )
    yield Remedy(
        f"Read without {one.name}",
        "a consumer that can do without it is no longer concerned",
        ("change the jobs that read it", "take the clause out of the contract, so that nobody is blamed for it again"),
        whom=CONSUMER,
    )


def _renamed(one: Broken) -> Options:
    old, new = one.change.get("before") or one.path, one.change.get("after") or one.change.get("path")
    old_name, new_name = _member(str(old)), _member(str(new or ""))
    if new is None or new == old or old_name is None or new_name is None:
        yield from _gone(one)
        return
    text = remedy_sql.rename(one.dataset, one.dialect, new_name, old_name) if _flat(str(old), str(new)) else ""
    yield Remedy(
        f"Give `{_short(str(old))}` its name back",
        f"it is the same field under another name: `{_short(str(new))}`",
        ("rename it back",) if not text else ("run the statement",),
        text,
        "sql" if text else "",
    )
    yield Remedy(
        f"Carry both names for a while: `{_short(str(old))}` and `{_short(str(new))}`",
        "consumers move one after another, and nobody breaks (expand, migrate, contract)",
        (
            f"expand: declare `{_short(str(old))}` again, and write the same value to both",
            "migrate: each consumer reads the new name, and says so in its contract",
            f"contract: announce the removal of `{_short(str(old))}`, and remove it on that day",
        ),
        effects=frozenset({_ADDS}),
    )
    view = remedy_sql.view(one.dataset, one.dialect, new_name, old_name) if _flat(str(old), str(new)) else ""
    if view:
        yield Remedy(
            "Offer a view with the old name",
            "consumers that cannot move at once read the view; the ticket stays open until their contracts name it",
            ("run the statement", "tell the consumers its name"),
            view,
            "sql",
            effects=frozenset({_ADDS}),
        )
    if one.format is Format.AVRO:
        yield Remedy(
            "Read the new name by an alias",
            "an alias in the reader's own schema lets Avro fill the old field from the new one",
            ("add it to the field in your reader schema", "name that schema in the contract as `reads_with`"),
            remedy_schemas.avro_alias(old_name, new_name),
            "json",
            CONSUMER,
        )
    yield Remedy(
        f"Read `{_short(str(new))}`",
        "it is the same field",
        ("change the jobs that read the old name", "name the new one in the contract"),
        whom=CONSUMER,
    )


def _dropped(one: Broken) -> Options:
    text = remedy_sql.undrop(one.dataset, one.dialect)
    if text:
        yield Remedy(
            "Undrop the table",
            "it comes back with its records, within the time that it is kept",
            ("run the statement",),
            text,
            "sql",
        )
    yield Remedy(
        "Make the dataset again, as it was",
        "everything that relies on it works again",
        ("declare it under the name that it had, with the members that it had", "bring its records back"),
    )
    yield Remedy(
        "Offer its successor under the old name",
        "where the records live on elsewhere, nobody need move at once",
        ("make a view, or a copy, under the old name that has the members the contracts ask for",),
    )
    yield Remedy(
        "Move to the successor",
        "what is gone for good has to be read elsewhere",
        ("ask the producer what takes its place", "name that dataset in the contract"),
        whom=CONSUMER,
    )


def _typed(one: Broken) -> Options:
    was = _short(one.was)
    to = f" to {was}" if was else ""
    text = ""
    if one.column and one.dialect and one.rule not in {"branch-added", "encoding-changed"}:
        text = remedy_sql.retype(one.dataset, one.dialect, one.column, one.was)
    yield Remedy(
        f"Set the type of {one.name} back{to}",
        f"consumers rely on this: {one.wants}",
        ("run the statement, once no value is outside of it",)
        if text
        else (f"declare it as it was{': ' + was if was else ''}",),
        text,
        "sql" if text else "",
    )
    yield Remedy(
        "Give the new type a name of its own",
        "both stand side by side until everyone has moved (expand, migrate, contract)",
        (
            f"expand: keep {one.name} as it was, and write the new values to another field",
            "migrate: each consumer reads the new field, and says so in its contract",
            f"contract: announce the removal of {one.name}, and remove it on that day",
        ),
        effects=frozenset({_ADDS}),
    )
    yield Remedy(
        f"Convert {one.name} where you read it",
        "a consumer that takes the new values is no longer concerned",
        (
            "read it as the new type, and decide what to do with values that do not fit",
            "name that type in the contract",
        ),
        whom=CONSUMER,
    )


def _numbered(one: Broken) -> Options:
    yield Remedy(
        f"Give {one.name} the number back that it had",
        "data that is written already, and programs that are built already, know it by that number alone",
        ("set the old number in the message", "use a fresh number for whatever took it"),
    )
    yield Remedy(
        "Build again with the new message, and read old data with the old one",
        "for readers there is no other way while both numbers are in the data",
        ("take the new message into the build", "choose the message by when a record was written"),
        whom=CONSUMER,
    )


def _loosened(one: Broken) -> Options:
    text = remedy_sql.not_null(one.dataset, one.dialect, one.column, one.was) if one.column and one.dialect else ""
    if text:
        first = ("fill the records in which it is null", "run the statement")
    else:
        first = ("declare it as required, without null", "fill the records that were written without it")
    yield Remedy(f"Require {one.name} again", "no record without it may come", first, text, "sql" if text else "")
    yield Remedy(
        f"Write a value where there is none for {one.name}",
        "records hold one in any case; the schema is to say so too, or the ticket stays open",
        ("choose a value that consumers can tell apart, and agree on it with them", "require the field again"),
    )
    yield Remedy(
        f"Take null, or none, for {one.name}",
        "a consumer that can is no longer concerned",
        ("decide what its absence means for you, and handle it", "drop `required` from the clause in the contract"),
        whom=CONSUMER,
    )


def _values(one: Broken) -> Options:
    value = one.change.get("after") if one.rule == "enum-value-added" else one.change.get("before")
    named = f"`{_short(value)}`" if isinstance(value, str) and value else "the value"
    match one.rule:
        case "enum-value-added":
            yield Remedy(
                f"Take {named} out again until consumers are ready",
                "their decisions cover the old list only",
                (f"write no record with {named}", "take it out of the list", "announce it with a day"),
            )
            yield Remedy(
                "Write the new case to a field of its own",
                "the list stays as it was",
                ("keep the old value in the old field", "say the new one in a new field"),
                effects=frozenset({_ADDS}),
            )
        case "enum-value-removed":
            yield Remedy(
                f"List {named} again",
                "a listed value costs nothing, and who counts on it finds it",
                ("add it to the list, at the place that it had", "announce the day after which it never comes"),
            )
        case _:
            yield Remedy(
                f"Close the list of {one.name} again",
                "consumers rely on an end of the list",
                ("declare the values one by one, as they were", "announce each new one before it is written"),
            )
    yield Remedy(
        f"Handle values of {one.name} that are not known",
        "a consumer with a branch for the rest is no longer concerned",
        ("send what is not known to a branch of its own, and count it", "drop the closed list from the contract"),
        whom=CONSUMER,
    )


def _sized(one: Broken) -> Options:
    yield from _typed(one)


def _constrained(one: Broken) -> Options:
    was = one.change.get("before")
    said = ", ".join(f"{key} {value}" for key, value in was.items()) if isinstance(was, Mapping) else _short(one.before)
    text = remedy_schemas.json_constraints(was) if one.format is Format.JSON and isinstance(was, Mapping) else ""
    yield Remedy(
        f"State the constraint of {one.name} again",
        f"consumers rely on it: {one.wants}",
        ("add it to the schema", *_constraint_told(one, was))
        if text
        else (f"declare it as it was{': ' + _short(said) if said else ''}",),
        text,
        "json" if text else "",
    )
    yield Remedy(
        "Check the values yourself",
        "a consumer that does is no longer concerned",
        (f"refuse, or set aside, records in which {one.name} is outside", "take the clause out of the contract"),
        whom=CONSUMER,
    )


def _constraint_told(one: Broken, was: Any) -> tuple[str, ...]:
    """Where the registry refuses a constraint that is stated again, that."""
    if one.level is None:
        return ()
    now = one.change.get("after")
    type_ = remedy_schemas.json_kind(was)
    before = {"type": type_, **(now if isinstance(now, Mapping) else {})}
    taken = remedies_registry.takes_json(before, {**before, **was}, one.level, one.policy)
    return () if taken else (remedies_registry.refused(one.level),)


def _defaulted(one: Broken) -> Options:
    was = one.change.get("before", one.before)
    text = remedy_sql.default(one.dataset, one.dialect, one.column, was) if one.column and one.dialect else ""
    language = "sql" if text else ""
    if not text and one.format is Format.AVRO and one.member and one.rule in {"default-removed", "default-changed"}:
        text, language = remedy_schemas.json_text({"default": was}), "json" if was is not None else ""
    if was is None:
        text = language = ""
    shown = f": {_short(was)}" if was is not None else ""
    yield Remedy(
        f"Give {one.name} the default back that it had{shown}",
        "who writes or reads without the field gets that value",
        ("run the statement",) if language == "sql" else ("set it on the field, and register the schema",),
        text,
        language,
    )
    yield Remedy(
        f"Say yourself what {one.name} is where there is none",
        "a consumer that needs no default of the producer's is no longer concerned",
        ("set a default in your own reader schema, or job", "take the clause out of the contract"),
        whom=CONSUMER,
    )


def _classified(one: Broken) -> Options:
    tag = one.change.get("after") if one.rule == "classification-added" else one.change.get("before")
    named = f"`{_short(tag)}`" if isinstance(tag, str) and tag else "the tag"
    if one.rule == "classification-added":
        yield Remedy(
            f"Check whether {one.name} really is {named}",
            "a tag that is true stays; one that is wrong is taken off",
            ("if it is wrong, take it off", "if it is true, ask the consumers to handle the field accordingly"),
        )
        yield Remedy(
            f"Keep what is {named} out of {one.name}",
            "then the tag can go, and the field is what it was",
            ("write a masked or shortened value to it", "write the whole value to a tagged field of its own"),
            effects=frozenset({_ADDS}),
        )
    else:
        yield Remedy(
            f"Tag {one.name} with {named} again",
            "consumers choose by it how the field is handled",
            ("set the tag as it was, where tags are kept",),
        )
    yield Remedy(
        f"Handle {one.name} by its tags as they are",
        "a consumer that does is no longer concerned",
        ("check with whoever answers for data protection", "name the tags that you accept in the contract"),
        whom=CONSUMER,
    )


def _added(one: Broken) -> Options:
    yield Remedy(
        f"Take {one.name} out again until consumers are ready",
        "they read the record as closed",
        ("remove it", "announce it with a day"),
    )
    yield Remedy(
        "Offer it as a version of its own",
        "who reads the closed record keeps it, and who wants the new member reads the other",
        ("keep the dataset as it was", "write the record with the new member to another dataset, or view"),
    )
    yield Remedy(
        "Read the members by their names",
        "a consumer that lets others pass is no longer concerned",
        ("ask for the members that you need, instead of all", "drop `closed` from the contract"),
        whom=CONSUMER,
    )


def _ordered(one: Broken) -> Options:
    yield Remedy(
        f"Give the members of {one.name} their old places" if one.path else "Give the members their old places",
        "consumers read them by place",
        ("declare them in the order that they had", "put new ones last"),
    )
    yield Remedy(
        "Read the members by their names",
        "a consumer that does is no longer concerned",
        ("select them by name, in the order that you need", "take the clause out of the contract"),
        whom=CONSUMER,
    )


def _opened(one: Broken) -> Options:
    text = remedy_schemas.CLOSED if one.format is Format.JSON else ""
    yield Remedy(
        f"Close {one.name} again",
        "consumers rely on there being no other members",
        ("set this on the object, and register the schema", *_closed_told(one))
        if text
        else ("let the schema allow no other members",),
        text,
        "json" if text else "",
    )
    yield Remedy(
        "Let unknown members pass",
        "a consumer that does is no longer concerned",
        ("read the members that you know, by name", "drop `closed` from the contract"),
        whom=CONSUMER,
    )


def _closed_told(one: Broken) -> tuple[str, ...]:
    """Where the registry refuses an object that is closed again, that."""
    if one.level is None:
        return ()
    now = {"type": "object", "properties": {"held": {"type": "string"}}}
    taken = remedies_registry.takes_json(now, {**now, "additionalProperties": False}, one.level, one.policy)
    return () if taken else (remedies_registry.refused(one.level),)


def _keyed(one: Broken) -> Options:
    key = one.change.get("before")
    members = key.get("members") if isinstance(key, Mapping) else one.before
    names = [str(each) for each in members] if isinstance(members, list) else []
    primary = one.rule == "primary-key-changed"
    removed = one.change.get("kind") == "key-removed"
    text = remedy_sql.key(one.dataset, one.dialect, names, primary=primary) if removed and one.dialect else ""
    shown = f" ({_short(', '.join(names))})" if names else ""
    what = "primary key" if primary else "unique key"
    yield Remedy(
        f"Declare the {what} again{shown}",
        f"consumers rely on it: {one.wants}",
        (
            "look for records that share it, and mend them",
            *(("drop the primary key that stands there now, if there is one",) if primary else ()),
            "run the statement" if text else "declare the key as it was",
        ),
        text,
        "sql" if text else "",
    )
    yield Remedy(
        "Make sure of it yourself",
        "a consumer that does is no longer concerned",
        ("keep one record of each key where you read", "name the key that stands now in the contract"),
        whom=CONSUMER,
    )


def _guarded(one: Broken) -> Options:
    was = one.change.get("before") or one.before
    level = was if isinstance(was, str) and was.replace("_", "").isalpha() and was.isupper() else ""
    text = remedy_schemas.json_text({"compatibility": level}) if level else ""
    yield Remedy(
        f"Set the registry's compatibility level back{' to ' + level if level else ''}",
        "consumers count on the registry to refuse what would break them",
        ("send this to the registry: `PUT /config/SUBJECT`",) if text else ("set the level that it had",),
        text,
        "json" if text else "",
    )
    yield Remedy(
        "Rely on what you read, instead of the level",
        "clauses about the fields themselves hold under any level",
        ("name your fields and types in the contract", "drop `compatibility` from it"),
        whom=CONSUMER,
    )


def _reader(one: Broken) -> Options:
    yield Remedy(
        "Write so that the consumer's schema still can read it",
        f"this does not hold any more: {one.wants}",
        (
            "look at what the two schemas disagree on: `watcher compat`",
            "put back what the reader misses; give what is new a default",
        ),
    )
    yield Remedy(
        "Let the consumer move first",
        "where its next reader schema can read both, nobody breaks",
        ("take the change back for now", "ask the consumer to deploy the newer reader, then change again"),
    )
    yield Remedy(
        "Read with a newer schema",
        "a reader that has what is new reads it",
        (
            "take the schema that is written now as the reader's, with defaults for what it adds",
            "name it in the contract",
        ),
        whom=CONSUMER,
    )


def _undecided(one: Broken) -> Options:
    title, why, producer, consumer = _UNDECIDED[one.rule]
    yield Remedy(title, why, producer)
    yield Remedy("Ask for what can be told", "a clause that nobody can decide protects nobody", consumer, whom=CONSUMER)


_UNDECIDED: Mapping[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]] = MappingProxyType(
    {
        "schema-unreadable": (
            "Make the schema readable",
            "while it cannot be read, nobody knows who breaks",
            ("read the cause in the ticket", "register a schema that parses, with the references that it names"),
            ("ask the producer for a schema that parses", "hold back jobs that depend on new fields until then"),
        ),
        "type-unrecognised": (
            "Use a type that the platform states",
            "a type that cannot be placed can hold anything",
            (
                "declare a type of the platform or format itself",
                "say in the ticket what the type is, if it cannot change",
            ),
            ("name the type as the platform writes it", "or rely on the field alone, without its type"),
        ),
        "values-unlisted": (
            "List the values in the schema",
            "the contract takes the list as closed, and the schema names none",
            ("declare the values: an enum, or a check",),
            ("check the values where you read", "drop the closed list from the contract"),
        ),
        "constraint-unstated": (
            "State the constraint where the format can",
            "the format has no word for it, so that nobody can tell whether it holds",
            ("declare it where the dataset is a table or has JSON Schema", "or dispute the clause, with that reason"),
            ("check the values where you read", "take the clause out of the contract"),
        ),
        "position-unstated": (
            "Say by name what is read by place",
            "the format gives members no places",
            ("dispute the clause, with that reason",),
            ("read the members by name", "take the place out of the contract"),
        ),
        "key-unstated": (
            "Declare the key",
            "the schema declares no keys, so that nobody can tell whether records are unique",
            ("declare it where the platform can", "or dispute the clause, with that reason"),
            ("make sure of it where you read", "take the key out of the contract"),
        ),
        "compatibility-unknown": (
            "Let the watcher see how the registry guards it",
            "nobody knows the level, so that nobody can tell what the registry refuses",
            ("set a level for the subject, or let the watcher read the registry's own default",),
            ("name fields and types in the contract, which hold under any level",),
        ),
        "reader-undecided": (
            "Make the two schemas comparable",
            "the reader's schema and what is written cannot be compared",
            ("read the cause in the ticket", "register the schema in the format, and with the references, of before"),
            ("name a reader schema of the same format in the contract", "or name the fields that you read"),
        ),
    }
)

_RULES: Mapping[str, Callable[[Broken], Options]] = MappingProxyType(
    {
        **dict.fromkeys(("field-removed", "branch-removed", "shape-narrowed"), _gone),
        "field-renamed": _renamed,
        "dataset-dropped": _dropped,
        **dict.fromkeys(("type-changed", "type-narrowed", "type-widened", "branch-added", "encoding-changed"), _typed),
        **dict.fromkeys(("length-grown", "precision-grown", "scale-grown"), _sized),
        "tag-changed": _numbered,
        "nullability-loosened": _loosened,
        **dict.fromkeys(("enum-value-added", "enum-value-removed", "enum-opened"), _values),
        "constraint-lost": _constrained,
        **dict.fromkeys(("default-removed", "default-changed"), _defaulted),
        **dict.fromkeys(("classification-added", "classification-removed"), _classified),
        "field-added": _added,
        **dict.fromkeys(("fields-reordered", "position-moved"), _ordered),
        "shape-opened": _opened,
        **dict.fromkeys(("uniqueness-lost", "primary-key-changed"), _keyed),
        "compatibility-lowered": _guarded,
        "reader-broken": _reader,
        **dict.fromkeys(_UNDECIDED, _undecided),
    }
)


_REVERTED = (
    frozenset(_RULES)
    - frozenset(_UNDECIDED)
    - {
        *("dataset-dropped", "classification-added", "classification-removed"),
        *("uniqueness-lost", "primary-key-changed", "compatibility-lowered"),
    }
)
"""Rules whose first option changes the schema back; the registry has its say in that."""


def _field_text(one: Broken) -> tuple[str, str]:
    """The field as it was, in the dataset's own words; empty where not all of it is known."""
    declared = one.change.get("before")
    if one.rule != "field-removed" or one.change.get("kind") != "field-removed" or not isinstance(declared, Mapping):
        return "", ""
    if one.format is Format.SQL and one.column and one.dialect:
        return remedy_sql.add(one.dataset, one.dialect, one.column, one.was), "sql"
    if one.format is Format.AVRO and one.member:
        return remedy_schemas.avro_field(one.member, declared), "json"
    if one.format is Format.JSON and one.member:
        return remedy_schemas.json_property(one.member, declared), "json"
    return "", ""


def _flat(*paths: str) -> bool:
    """Whether each is a column of the table itself."""
    try:
        return all(len(steps(path)) == 1 for path in paths)
    except UsageError:
        return False


def _member(path: str) -> str | None:
    try:
        found = steps(path)
    except UsageError:
        return None
    return found[-1].name if found and isinstance(found[-1], Member) else None


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else remedy_schemas.json_text(value)
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"


def rules() -> Iterable[str]:
    """The rules whose breaks can be mended in a way that is theirs."""
    return _RULES
