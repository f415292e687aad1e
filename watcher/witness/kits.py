"""Which library is asked for which format; a format without one has no witnesses."""

from __future__ import annotations

from watcher.model.schema import Format
from watcher.witness.case import Kit


def kit_of(format_: Format) -> Kit | None:
    """The kit of a format; its library is imported when it is first asked for."""
    match format_:
        case Format.AVRO:
            from watcher.witness.avro_kit import AvroKit  # noqa: PLC0415 - most commands need none of them

            return AvroKit()
        case Format.JSON:
            from watcher.witness.json_kit import JsonKit  # noqa: PLC0415

            return JsonKit()
        case Format.PROTOBUF:
            from watcher.witness.protobuf_kit import ProtobufKit  # noqa: PLC0415

            return ProtobufKit()
        case _:
            return None
