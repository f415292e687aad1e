"""`make bench`: every figure in one run, side by side; names of benchmarks as arguments run those alone.

`--quick` takes a twentieth of the lines, a tenth of the contracts, fewer rounds.
"""

from __future__ import annotations

import sys
from functools import partial

from bench import avro_pair, bulk, catch_up, ddl, growth, live_path, subscriptions

BENCHMARKS = {
    "avro_pair": avro_pair.run,
    "bulk": bulk.run,
    "ddl": ddl.run,
    "growth": growth.run,
    "subscriptions": subscriptions.run,
    "catch_up": catch_up.run,
    "live_path": live_path.run,
}
QUICK = {name: partial(BENCHMARKS[name], quick=True) for name in ("bulk", "ddl", "growth", "subscriptions")}


def main(names: list[str]) -> int:
    """Run the benchmarks of these names, all without any."""
    benchmarks = {**BENCHMARKS, **QUICK} if "--quick" in names else BENCHMARKS
    names = [name for name in names if name != "--quick"]
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in names or BENCHMARKS:
        benchmarks[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
