"""The options of a file that a rule of breaking changes asks for, each with its value or its default."""

from __future__ import annotations

from google.protobuf.descriptor_pb2 import FileOptions

_ASKED = (
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
)


def file_options(options: FileOptions) -> tuple[tuple[str, str], ...]:
    """Name and value of each, as text."""
    return tuple((name, _value(options, name)) for name in _ASKED)


def _value(options: FileOptions, name: str) -> str:
    value = getattr(options, name)
    if name == "optimize_for":
        return str(FileOptions.OptimizeMode.Name(value))
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
