"""One case a rule: what was, what it alone finds in the category, and a near miss in which it finds nothing."""

from dataclasses import dataclass

Files = dict[str, str]


@dataclass(frozen=True)
class Case:
    rule: str
    category: str
    was: Files
    now: Files
    near: Files
    beside: frozenset[str] = frozenset()
    """What cannot but be found with it: a oneof does not go without its fields."""


def proto2(body: str, package: str = "p") -> Files:
    return {"a.proto": f'syntax = "proto2"; package {package}; {body}'}


def proto3(body: str) -> Files:
    return {"a.proto": f'syntax = "proto3"; package p; {body}'}


def edition(body: str) -> Files:
    imports = 'import "google/protobuf/cpp_features.proto"; import "google/protobuf/java_features.proto";'
    return {"a.proto": f'edition = "2023"; package p; {imports} {body}'}


def both(first: str, second: str) -> Files:
    return {**proto3(first), "b.proto": f'syntax = "proto3"; package p; {second}'}


def option(name: str, before: str, after: str) -> Case:
    set_, changed = (proto3(f"option {name} = {value};") for value in (before, after))
    return Case(f"FILE_SAME_{name.upper()}", "PACKAGE", set_, changed, proto3(f"option {name} = {before}; // still"))


def field(before: str, after: str, near: str, more: str = "") -> tuple[Files, Files, Files]:
    was, now, miss = (proto2(f"message M {{ {one} }} {more}") for one in (before, after, near))
    return was, now, miss


def rpc(before: str, after: str, near: str) -> tuple[Files, Files, Files]:
    was, now, miss = (proto3(f"message M {{}} message N {{}} service S {{ {one} }}") for one in (before, after, near))
    return was, now, miss


X = "extend M { optional int32 x = 5; }"
OPEN = "message M { extensions 5 to 9; }"
UNARY = "rpc R(M) returns (M);"
VALUES = "enum E { A = 0; B = 1; }"

CASES = (
    Case("FILE_NO_DELETE", "FILE", both("", ""), proto3(""), both("", "message New {}")),
    Case("ENUM_NO_DELETE", "FILE", proto3(VALUES), proto3(""), proto3(f"message M {{}} {VALUES}")),
    Case("EXTENSION_NO_DELETE", "FILE", proto2(OPEN + X), proto2(OPEN), proto2(X + OPEN)),
    Case("MESSAGE_NO_DELETE", "FILE", both("message M {}", ""), both("", "message M {}"), both("message M {}", VALUES)),
    Case("SERVICE_NO_DELETE", "FILE", proto3("service S {}"), proto3(""), proto3("service T {} service S {}")),
    Case(
        "PACKAGE_NO_DELETE",
        "PACKAGE",
        {**proto2(""), "b.proto": "package q;"},
        proto2(""),
        {"c.proto": "package q; ", **proto2("")},
    ),
    Case("PACKAGE_ENUM_NO_DELETE", "PACKAGE", both(VALUES, ""), both("", ""), both("", VALUES)),
    Case("PACKAGE_EXTENSION_NO_DELETE", "PACKAGE", proto2(OPEN + X), proto2(OPEN), proto2(X + OPEN)),
    Case("PACKAGE_MESSAGE_NO_DELETE", "PACKAGE", both("message M {}", ""), both("", ""), both("", "message M {}")),
    Case("PACKAGE_SERVICE_NO_DELETE", "PACKAGE", both("service S {}", ""), both("", ""), both("", "service S {}")),
    option("cc_enable_arenas", "true", "false"),
    option("cc_generic_services", "true", "false"),
    option("csharp_namespace", '"a"', '"b"'),
    option("go_package", '"a"', '"b"'),
    option("java_generic_services", "true", "false"),
    option("java_multiple_files", "true", "false"),
    option("java_outer_classname", '"A"', '"B"'),
    option("java_package", '"a"', '"b"'),
    option("objc_class_prefix", '"A"', '"B"'),
    option("optimize_for", "CODE_SIZE", "SPEED"),
    option("php_class_prefix", '"A"', '"B"'),
    option("php_metadata_namespace", '"A"', '"B"'),
    option("php_namespace", '"A"', '"B"'),
    option("py_generic_services", "true", "false"),
    option("ruby_package", '"A"', '"B"'),
    option("swift_prefix", '"A"', '"B"'),
    Case(
        "FILE_SAME_SYNTAX",
        "FILE",
        proto2("message M {}"),
        proto3("message M {}"),
        {"a.proto": "package p; message M {}"},
    ),
    Case(
        "FILE_SAME_PACKAGE",
        "WIRE",
        proto2("message M {}"),
        proto2("message M {}", "q"),
        proto2("message M {} message N {}"),
    ),
    Case(
        "ENUM_SAME_TYPE",
        "PACKAGE",
        edition(VALUES),
        edition("enum E { option features.enum_type = CLOSED; A = 0; B = 1; }"),
        edition("enum E { option features.enum_type = OPEN; A = 0; B = 1; }"),
    ),
    Case(
        "ENUM_SAME_JSON_FORMAT",
        "WIRE_JSON",
        edition(VALUES),
        edition("enum E { option features.json_format = LEGACY_BEST_EFFORT; A = 0; B = 1; }"),
        edition("enum E { option features.json_format = ALLOW; A = 0; B = 1; }"),
    ),
    Case(
        "ENUM_VALUE_NO_DELETE",
        "PACKAGE",
        proto3(VALUES),
        proto3('enum E { A = 0; reserved 1; reserved "B"; }'),
        proto3("enum E { A = 0; C = 2; B = 1; }"),
    ),
    Case(
        "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED",
        "WIRE_JSON",
        proto3(VALUES),
        proto3("enum E { A = 0; reserved 1; }"),
        proto3('enum E { A = 0; reserved 1; reserved "B"; }'),
    ),
    Case(
        "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED",
        "WIRE",
        proto3(VALUES),
        proto3('enum E { A = 0; reserved "B"; }'),
        proto3("enum E { A = 0; reserved 1; }"),
    ),
    Case(
        "ENUM_VALUE_SAME_NAME",
        "WIRE_JSON",
        proto3(VALUES),
        proto3("enum E { A = 0; C = 1; }"),
        proto3("enum E { option allow_alias = true; A = 0; B = 1; C = 1; }"),
    ),
    Case(
        "RESERVED_ENUM_NO_DELETE",
        "WIRE",
        proto3("enum E { A = 0; reserved 2 to 9; }"),
        proto3("enum E { A = 0; reserved 2 to 4, 6 to 9; }"),
        proto3("enum E { A = 0; reserved 2 to 4, 5 to max; }"),
    ),
    Case(
        "EXTENSION_MESSAGE_NO_DELETE",
        "PACKAGE",
        proto2("message M { extensions 5 to 9; }"),
        proto2("message M { extensions 5 to 8; }"),
        proto2("message M { extensions 9, 5 to 8; }"),
    ),
    Case(
        "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR",
        "PACKAGE",
        proto2("message M {}"),
        proto2("message M { option no_standard_descriptor_accessor = true; }"),
        proto2("message M { option no_standard_descriptor_accessor = false; }"),
    ),
    Case(
        "MESSAGE_SAME_JSON_FORMAT",
        "WIRE_JSON",
        edition("message M {}"),
        edition("message M { option features.json_format = LEGACY_BEST_EFFORT; }"),
        edition("message M { option features.json_format = ALLOW; }"),
    ),
    Case(
        "MESSAGE_SAME_REQUIRED_FIELDS",
        "WIRE",
        *field(
            "optional int32 a = 1;",
            "optional int32 a = 1; required int32 b = 2;",
            "optional int32 a = 1; optional int32 b = 2;",
        ),
    ),
    Case(
        "ONEOF_NO_DELETE",
        "PACKAGE",
        proto3("message M { oneof o { int32 a = 1; } }"),
        proto3("message M { reserved 1; }"),
        proto3("message M { oneof n { int32 b = 2; } oneof o { int32 a = 1; } }"),
        frozenset({"FIELD_NO_DELETE"}),
    ),
    Case(
        "RESERVED_MESSAGE_NO_DELETE",
        "WIRE",
        proto3('message M { reserved 2 to 9; reserved "x"; }'),
        proto3("message M { reserved 2 to max; }"),
        proto3('message M { reserved 1 to 5, 6 to 10; reserved "x", "y"; }'),
    ),
    Case(
        "FIELD_NO_DELETE",
        "PACKAGE",
        *field("optional int32 a = 1;", 'reserved 1; reserved "a";', "optional int32 a = 1; reserved 2;"),
    ),
    Case(
        "FIELD_NO_DELETE_UNLESS_NAME_RESERVED",
        "WIRE_JSON",
        *field("optional int32 a = 1;", "reserved 1;", 'reserved 1; reserved "a";'),
    ),
    Case(
        "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED",
        "WIRE",
        *field("optional int32 a = 1;", 'reserved "a";', "reserved 1;"),
    ),
    Case(
        "FIELD_SAME_CARDINALITY",
        "PACKAGE",
        *field("optional int32 a = 1;", "repeated int32 a = 1;", "optional int32 a = 1; repeated int32 b = 2;"),
    ),
    Case(
        "FIELD_SAME_CPP_STRING_TYPE",
        "PACKAGE",
        *field(
            "optional string a = 1 [ctype = STRING_PIECE];",
            "optional string a = 1 [ctype = CORD];",
            "optional string a = 1;",
        ),
    ),
    Case(
        "FIELD_SAME_DEFAULT",
        "WIRE",
        *field("optional int32 a = 1;", "optional int32 a = 1 [default = 7];", "optional int32 a = 1 [default = 0];"),
    ),
    Case(
        "FIELD_SAME_JAVA_UTF8_VALIDATION",
        "PACKAGE",
        proto2("message M { optional string a = 1; optional int32 b = 2; }"),
        proto2("option java_string_check_utf8 = true; message M { optional string a = 1; optional int32 b = 2; }"),
        proto2("option java_string_check_utf8 = false; message M { optional string a = 1; optional int32 b = 2; }"),
    ),
    Case(
        "FIELD_SAME_JSON_NAME",
        "WIRE_JSON",
        *field(
            "optional int32 a_b = 1;",
            'optional int32 a_b = 1 [json_name = "x"];',
            'optional int32 a_b = 1 [json_name = "aB"];',
        ),
    ),
    Case(
        "FIELD_SAME_JSTYPE",
        "PACKAGE",
        *field(
            "optional int64 a = 1;",
            "optional int64 a = 1 [jstype = JS_STRING];",
            "optional int64 a = 1 [jstype = JS_NORMAL];",
        ),
    ),
    Case(
        "FIELD_SAME_NAME",
        "PACKAGE",
        *field(
            'optional int32 a = 1 [json_name = "a"];',
            'optional int32 b = 1 [json_name = "a"];',
            "optional int32 a = 1;",
        ),
    ),
    Case(
        "FIELD_SAME_ONEOF",
        "WIRE",
        proto3("message M { optional int32 a = 1; oneof o { int32 b = 2; } }"),
        proto3("message M { oneof o { int32 b = 2; int32 a = 1; } }"),
        proto3("message M { int32 a = 1; oneof o { int32 b = 2; int32 c = 3; } }"),
    ),
    Case(
        "FIELD_SAME_TYPE",
        "PACKAGE",
        *field("optional int32 a = 1;", "optional int64 a = 1;", "optional int32 a = 1; optional int64 b = 2;"),
    ),
    Case(
        "FIELD_SAME_UTF8_VALIDATION",
        "PACKAGE",
        edition("message M { string a = 1; }"),
        edition(
            "message M { string a = 1 [features.utf8_validation = NONE, features.(pb.java).utf8_validation = VERIFY]; }"
        ),
        edition("message M { string a = 1 [features.utf8_validation = VERIFY]; }"),
    ),
    Case(
        "FIELD_WIRE_COMPATIBLE_CARDINALITY",
        "WIRE",
        *field("optional int32 a = 1;", "repeated int32 a = 1;", "optional int32 a = 1; repeated int32 b = 2;"),
    ),
    Case(
        "FIELD_WIRE_COMPATIBLE_TYPE",
        "WIRE",
        *field("optional int32 a = 1;", "optional sint32 a = 1;", "optional uint64 a = 1;"),
    ),
    Case(
        "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY",
        "WIRE_JSON",
        proto3("message M { map<string, int32> a = 1; }"),
        proto3("message M { repeated AEntry a = 1; message AEntry { string key = 1; int32 value = 2; } }"),
        proto3("message M { map<string, int32> a = 1; repeated int32 b = 2; }"),
    ),
    Case(
        "FIELD_WIRE_JSON_COMPATIBLE_TYPE",
        "WIRE_JSON",
        *field("optional int32 a = 1;", "optional int64 a = 1;", "optional uint32 a = 1;"),
    ),
    Case("RPC_NO_DELETE", "PACKAGE", *rpc(UNARY, "", f"rpc Q(M) returns (M); {UNARY}")),
    Case("RPC_SAME_CLIENT_STREAMING", "WIRE", *rpc(UNARY, "rpc R(stream M) returns (M);", "rpc R(.p.M) returns (M);")),
    Case(
        "RPC_SAME_IDEMPOTENCY_LEVEL",
        "WIRE",
        *rpc(
            UNARY,
            "rpc R(M) returns (M) { option idempotency_level = IDEMPOTENT; }",
            "rpc R(M) returns (M) { option idempotency_level = IDEMPOTENCY_UNKNOWN; }",
        ),
    ),
    Case("RPC_SAME_REQUEST_TYPE", "WIRE", *rpc(UNARY, "rpc R(N) returns (M);", "rpc R(p.M) returns (M);")),
    Case("RPC_SAME_RESPONSE_TYPE", "WIRE", *rpc(UNARY, "rpc R(M) returns (N);", "rpc R(M) returns (p.M);")),
    Case("RPC_SAME_SERVER_STREAMING", "WIRE", *rpc(UNARY, "rpc R(M) returns (stream M);", "rpc R(M) returns (.p.M);")),
)
