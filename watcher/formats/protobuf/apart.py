"""The compiler in a process of its own, for texts that are large: with a time limit, and an end that hurts nobody.

The compiler tells every fault that it finds, each with the lines around it. Its work then grows with the square of the
text: a text of a megabyte keeps it busy for hours, and fills the memory. In the same process nothing could stop it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

from watcher.formats.protobuf.fault import Fault
from watcher.model.errors import SchemaError

SECONDS = 10.0
"""The largest schemas that people write take two."""

_CHILD = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
import protoxy
try:
    data = protoxy.compile_bin(sys.argv[2:], [sys.argv[1]], include_imports=True, include_source_info=False)
except protoxy.ProtoxyError as error:
    first = next(iter(error.all_errors), None)
    spans = [label.span.offset for label in first.labels] if first else []
    told = [first.message, first.filename or "", spans[0] if spans else None] if first else [str(error), "", None]
    sys.stdout.buffer.write(b"\\0" + json.dumps(told).encode())
else:
    sys.stdout.buffer.write(b"\\1" + data)
"""


def compile_apart(folder: str, paths: Sequence[str]) -> bytes:
    """The compiled descriptors; raises Fault for what the compiler refuses, SchemaError for what it does not end."""
    command = [sys.executable, "-I", "-c", _CHILD, folder, *paths]
    try:
        ended = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603 - no shell
    except subprocess.TimeoutExpired:
        told = f"the protobuf compiler did not come to an end within {SECONDS:g} seconds"
        raise SchemaError(told, kind="too-complex") from None
    except OSError as error:
        raise SchemaError(f"the protobuf compiler cannot be started: {error.strerror or error}") from None
    if ended.stdout[:1] == b"\1":
        return ended.stdout[1:]
    if ended.stdout[:1] == b"\0":
        raise Fault(*json.loads(ended.stdout[1:]))
    raise SchemaError("the protobuf compiler gave up on the schema", kind="too-complex")
