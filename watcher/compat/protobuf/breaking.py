"""The rules of breaking changes: one table, each rule a name, what it protects, a sentence, a check.

Names and categories are those of the checker that most producers run, in its newest version, so that an answer means
to them what theirs does. Its deprecated rules are in no category any more, and are not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from watcher.compat.protobuf import changed, fields, gone, sides
from watcher.compat.protobuf.sides import Check, Found, Side, Sides
from watcher.model.compatibility import Incompatibility
from watcher.model.protobuf import Category, File


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: it belongs to the categories whose promise its breach breaks."""

    name: str
    categories: frozenset[Category]
    purpose: str
    check: Check


@dataclass(frozen=True, slots=True)
class Breach(Incompatibility):
    """A rule broken; `kind` is the rule's name, `path` the element's full name, empty for a whole file."""

    file: str


_FILE = frozenset({Category.FILE})
_PACKAGE = frozenset({Category.PACKAGE})
_SOURCE = _FILE | _PACKAGE
_JSON = frozenset({Category.WIRE_JSON})
_WIRE = frozenset({Category.WIRE})
_WIRES = _JSON | _WIRE
_NAMES = _SOURCE | _JSON
_ALL = _SOURCE | _WIRES


def _option(option: str) -> Rule:
    check = sides.each(sides.files, changed.same_option(option))
    return Rule(f"FILE_SAME_{option.upper()}", _SOURCE, f"A file keeps its option `{option}`.", check)


def _messages(check: changed.MessageCheck) -> Check:
    return sides.each(sides.messages, check)


def _enums(check: changed.EnumCheck) -> Check:
    return sides.each(sides.enums, check)


def _method(attribute: str, what: str) -> Check:
    return sides.each(sides.methods, changed.same_method(attribute, what))


RULES: tuple[Rule, ...] = (
    Rule("FILE_NO_DELETE", _FILE, "A file stays.", gone.no_file),
    Rule("ENUM_NO_DELETE", _FILE, "A file keeps its enums.", gone.from_file("enum", File.all_enums)),
    Rule(
        "EXTENSION_NO_DELETE", _FILE, "A file keeps its extensions.", gone.from_file("extension", File.all_extensions)
    ),
    Rule("MESSAGE_NO_DELETE", _FILE, "A file keeps its messages.", gone.from_file("message", File.all_messages)),
    Rule(
        "SERVICE_NO_DELETE", _FILE, "A file keeps its services.", gone.from_file("service", lambda file: file.services)
    ),
    Rule("PACKAGE_NO_DELETE", _PACKAGE, "A package stays.", gone.no_package),
    Rule("PACKAGE_ENUM_NO_DELETE", _PACKAGE, "A package keeps its enums.", gone.from_package("enum", File.all_enums)),
    Rule(
        "PACKAGE_EXTENSION_NO_DELETE",
        _PACKAGE,
        "A package keeps its extensions.",
        gone.from_package("extension", File.all_extensions),
    ),
    Rule(
        "PACKAGE_MESSAGE_NO_DELETE",
        _PACKAGE,
        "A package keeps its messages.",
        gone.from_package("message", File.all_messages),
    ),
    Rule(
        "PACKAGE_SERVICE_NO_DELETE",
        _PACKAGE,
        "A package keeps its services.",
        gone.from_package("service", lambda file: file.services),
    ),
    *map(
        _option,
        (
            "cc_enable_arenas",
            "cc_generic_services",
            "csharp_namespace",
            "go_package",
            "java_generic_services",
            "java_multiple_files",
            "java_outer_classname",
            "java_package",
            "objc_class_prefix",
            "optimize_for",
            "php_class_prefix",
            "php_metadata_namespace",
            "php_namespace",
            "py_generic_services",
            "ruby_package",
            "swift_prefix",
        ),
    ),
    Rule("FILE_SAME_SYNTAX", _SOURCE, "A file keeps its syntax.", sides.each(sides.files, changed.same_syntax)),
    Rule("FILE_SAME_PACKAGE", _ALL, "A file keeps its package.", sides.each(sides.files, changed.same_package)),
    Rule("ENUM_SAME_TYPE", _SOURCE, "An enum stays open, or closed.", _enums(changed.same_enum_type)),
    Rule("ENUM_SAME_JSON_FORMAT", _NAMES, "An enum keeps its support of JSON.", _enums(changed.same_json_format)),
    Rule("ENUM_VALUE_NO_DELETE", _SOURCE, "An enum keeps its values.", _enums(changed.no_value_deleted)),
    Rule(
        "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED",
        _JSON,
        "An enum keeps its values, or reserves their names.",
        _enums(changed.no_value_deleted_unless_name_reserved),
    ),
    Rule(
        "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED",
        _WIRES,
        "An enum keeps its values, or reserves their numbers.",
        _enums(changed.no_value_deleted_unless_number_reserved),
    ),
    Rule("ENUM_VALUE_SAME_NAME", _NAMES, "An enum's number keeps its names.", _enums(changed.same_value_names)),
    Rule("RESERVED_ENUM_NO_DELETE", _ALL, "An enum keeps what it reserves.", _enums(changed.no_reserved_deleted)),
    Rule(
        "EXTENSION_MESSAGE_NO_DELETE",
        _SOURCE,
        "A message keeps the numbers that it leaves to extensions.",
        _messages(changed.no_extension_range_deleted),
    ),
    Rule(
        "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR",
        _SOURCE,
        "A message keeps its standard accessor.",
        _messages(changed.no_accessor_removed),
    ),
    Rule(
        "MESSAGE_SAME_JSON_FORMAT", _NAMES, "A message keeps its support of JSON.", _messages(changed.same_json_format)
    ),
    Rule(
        "MESSAGE_SAME_REQUIRED_FIELDS",
        _ALL,
        "A message has the same required fields.",
        _messages(changed.same_required_fields),
    ),
    Rule("ONEOF_NO_DELETE", _SOURCE, "A message keeps its oneofs.", _messages(changed.no_oneof_deleted)),
    Rule(
        "RESERVED_MESSAGE_NO_DELETE", _ALL, "A message keeps what it reserves.", _messages(changed.no_reserved_deleted)
    ),
    Rule("FIELD_NO_DELETE", _SOURCE, "A message keeps its fields.", _messages(changed.no_field_deleted)),
    Rule(
        "FIELD_NO_DELETE_UNLESS_NAME_RESERVED",
        _JSON,
        "A message keeps its fields, or reserves their names.",
        _messages(changed.no_field_deleted_unless_name_reserved),
    ),
    Rule(
        "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED",
        _WIRES,
        "A message keeps its fields, or reserves their numbers.",
        _messages(changed.no_field_deleted_unless_number_reserved),
    ),
    Rule("FIELD_SAME_CARDINALITY", _SOURCE, "A field stands as often as before.", fields.same_cardinality),
    Rule("FIELD_SAME_CPP_STRING_TYPE", _SOURCE, "A text keeps its type in C++.", fields.same_cpp_string),
    Rule("FIELD_SAME_DEFAULT", _ALL, "A field keeps its default.", fields.same_default),
    Rule("FIELD_SAME_JAVA_UTF8_VALIDATION", _SOURCE, "A text is checked in Java as before.", fields.same_java_utf8),
    Rule("FIELD_SAME_JSON_NAME", _NAMES, "A field keeps its name in JSON.", fields.same_json_name),
    Rule("FIELD_SAME_JSTYPE", _SOURCE, "A field keeps its type in JavaScript.", fields.same_jstype),
    Rule("FIELD_SAME_NAME", _NAMES, "A number keeps its field's name.", fields.same_name),
    Rule("FIELD_SAME_ONEOF", _ALL, "A field stays in its oneof, or in none.", fields.same_oneof),
    Rule("FIELD_SAME_TYPE", _SOURCE, "A field keeps its type.", fields.same_type),
    Rule("FIELD_SAME_UTF8_VALIDATION", _SOURCE, "A text is checked for UTF-8 as before.", fields.same_utf8),
    Rule("FIELD_WIRE_COMPATIBLE_CARDINALITY", _WIRE, "A field is read as often as before.", fields.wire_cardinality),
    Rule("FIELD_WIRE_COMPATIBLE_TYPE", _WIRE, "A field is read as what it was.", fields.wire_type),
    Rule(
        "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY",
        _JSON,
        "A field is read as often as before, in JSON too.",
        fields.wire_json_cardinality,
    ),
    Rule(
        "FIELD_WIRE_JSON_COMPATIBLE_TYPE", _JSON, "A field is read as what it was, in JSON too.", fields.wire_json_type
    ),
    Rule(
        "RPC_NO_DELETE", _SOURCE, "A service keeps its methods.", sides.each(sides.services, changed.no_method_deleted)
    ),
    Rule(
        "RPC_SAME_CLIENT_STREAMING", _ALL, "A method's requests stay as many.", _method("client_streaming", "request")
    ),
    Rule(
        "RPC_SAME_IDEMPOTENCY_LEVEL",
        _ALL,
        "A method stays as safe to repeat.",
        _method("idempotency", "idempotency level"),
    ),
    Rule("RPC_SAME_REQUEST_TYPE", _ALL, "A method keeps its request's type.", _method("request", "request type")),
    Rule("RPC_SAME_RESPONSE_TYPE", _ALL, "A method keeps its response's type.", _method("response", "response type")),
    Rule(
        "RPC_SAME_SERVER_STREAMING", _ALL, "A method's responses stay as many.", _method("server_streaming", "response")
    ),
)
"""All rules, in the order in which their findings are told."""


def breaking(
    category: Category, was: Mapping[str, File], now: Mapping[str, File], names: tuple[Iterable[str], Iterable[str]]
) -> tuple[Breach, ...]:
    """What breaks between two sets of files, under the rules of a category; empty is fine.

    Files come by name, with all that they import; `names` are those of each side that are compared.
    """
    over = Sides(
        *(Side((files[name] for name in own), files.values()) for files, own in zip((was, now), names, strict=True))
    )
    return tuple(
        Breach(rule.name, found.path, found.message, found.file)
        for rule in RULES
        if category in rule.categories
        for found in _once(rule.check(over))
    )


def _once(found: Iterable[Found]) -> Iterable[Found]:
    """Each finding once."""
    return dict.fromkeys(found)
