"""Files that every registry lends to the schemas that import them, without a reference: what is in them, in short.

Names and numbers are those of the originals; options and comments are left out. The well-known types are not here:
the compiler brings them.
"""

from __future__ import annotations

from collections.abc import Mapping

_BUNDLED = frozenset(
    f"google/protobuf/{name}.proto"
    for name in (
        "any",
        "api",
        "compiler/plugin",
        "descriptor",
        "duration",
        "empty",
        "field_mask",
        "source_context",
        "struct",
        "timestamp",
        "type",
        "wrappers",
    )
)


def is_bundled(name: str) -> bool:
    """Whether the compiler brings the file itself."""
    return name in _BUNDLED


def _file(package: str, body: str, imports: str = "") -> str:
    return f'syntax = "proto3"; package {package}; {imports} {body}'


_WRAPPERS = 'import "google/protobuf/wrappers.proto";'
_DURATION = 'import "google/protobuf/duration.proto";'
_TIMESTAMP = 'import "google/protobuf/timestamp.proto";'
_OPTIONS = "File Message Field Enum EnumValue"
_MONTHS = "JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER"
_DAYS = "MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY"


def _enum(name: str, first: str, others: str) -> str:
    values = " ".join(f"{word} = {number};" for number, word in enumerate([first, *others.split()]))
    return f"enum {name} {{ {values} }}"


def _message(name: str, fields: str) -> str:
    """`type name` words, comma-separated, numbered from 1."""
    lines = " ".join(f"{field.strip()} = {number};" for number, field in enumerate(fields.split(","), 1))
    return f"message {name} {{ {lines} }}"


def _meta() -> str:
    meta = "message Meta { string doc = 1; map<string, string> params = 2; repeated string tags = 3; }"
    extended = " ".join(
        f"extend google.protobuf.{name}Options {{ Meta {field}_meta = 1088; }}"
        for name, field in zip(_OPTIONS.split(), ("file", "message", "field", "enum", "enum_value"), strict=True)
    )
    return _file("confluent", f"{meta} {extended}", 'import "google/protobuf/descriptor.proto";')


KNOWN: Mapping[str, str] = {
    "confluent/meta.proto": _meta(),
    **{f"google/protobuf/{one}_features.proto": _file("pb", "") for one in ("cpp", "java", "go")},
    "confluent/type/decimal.proto": _file(
        "confluent.type", "message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }"
    ),
    "google/type/calendar_period.proto": _file(
        "google.type",
        _enum("CalendarPeriod", "CALENDAR_PERIOD_UNSPECIFIED", "DAY WEEK FORTNIGHT MONTH QUARTER HALF YEAR"),
    ),
    "google/type/color.proto": _file(
        "google.type",
        _message("Color", "float red, float green, float blue, google.protobuf.FloatValue alpha"),
        _WRAPPERS,
    ),
    "google/type/date.proto": _file("google.type", _message("Date", "int32 year, int32 month, int32 day")),
    "google/type/datetime.proto": _file(
        "google.type",
        "message DateTime { int32 year = 1; int32 month = 2; int32 day = 3; int32 hours = 4; int32 minutes = 5;"
        " int32 seconds = 6; int32 nanos = 7;"
        " oneof time_offset { google.protobuf.Duration utc_offset = 8; TimeZone time_zone = 9; } }"
        + _message("TimeZone", "string id, string version"),
        _DURATION,
    ),
    "google/type/dayofweek.proto": _file("google.type", _enum("DayOfWeek", "DAY_OF_WEEK_UNSPECIFIED", _DAYS)),
    "google/type/decimal.proto": _file("google.type", _message("Decimal", "string value")),
    "google/type/expr.proto": _file(
        "google.type", _message("Expr", "string expression, string title, string description, string location")
    ),
    "google/type/fraction.proto": _file("google.type", _message("Fraction", "int64 numerator, int64 denominator")),
    "google/type/interval.proto": _file(
        "google.type",
        _message("Interval", "google.protobuf.Timestamp start_time, google.protobuf.Timestamp end_time"),
        _TIMESTAMP,
    ),
    "google/type/latlng.proto": _file("google.type", _message("LatLng", "double latitude, double longitude")),
    "google/type/money.proto": _file(
        "google.type", _message("Money", "string currency_code, int64 units, int32 nanos")
    ),
    "google/type/month.proto": _file("google.type", _enum("Month", "MONTH_UNSPECIFIED", _MONTHS)),
    "google/type/phone_number.proto": _file(
        "google.type",
        "message PhoneNumber { message ShortCode { string region_code = 1; string number = 2; }"
        " oneof kind { string e164_number = 1; ShortCode short_code = 2; } string extension = 3; }",
    ),
    "google/type/postal_address.proto": _file(
        "google.type",
        _message(
            "PostalAddress",
            "int32 revision, string region_code, string language_code, string postal_code, string sorting_code,"
            " string administrative_area, string locality, string sublocality, repeated string address_lines,"
            " repeated string recipients, string organization",
        ),
    ),
    "google/type/quaternion.proto": _file(
        "google.type", _message("Quaternion", "double x, double y, double z, double w")
    ),
    "google/type/timeofday.proto": _file(
        "google.type", _message("TimeOfDay", "int32 hours, int32 minutes, int32 seconds, int32 nanos")
    ),
}
