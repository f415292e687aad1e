"""`make bench`: every figure in one run, side by side; names of benchmarks as arguments run those alone."""

from __future__ import annotations

import sys

from bench import avro_pair, catch_up, live_path

BENCHMARKS = {"avro_pair": avro_pair.run, "catch_up": catch_up.run, "live_path": live_path.run}


def main(names: list[str]) -> int:
    """Run the benchmarks of these names, all without any."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in names or BENCHMARKS:
        BENCHMARKS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
