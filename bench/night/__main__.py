"""Break renders in every way: `python -m bench.night`, or some rows of it; see `bench/night/__init__.py`."""

import argparse
import functools
import sys
import time
from collections.abc import Callable

from bench import night
from bench.night import batches, cluster, damage, disks, kills, power, races, steady, writes
from bench.night.films import Asked

ROWS: dict[str, Callable[[Asked], bool]] = {
    "siren": kills.run,
    "vqgan": functools.partial(kills.run, generator="vqgan"),
    "fft": functools.partial(kills.run, generator="fft"),
    "batch": kills.batch,
    "writes": writes.run,
    "power": power.run,
    "disks": disks.run,
    "races": races.run,
    "damage": damage.run,
    "broken": batches.broken,
    "children": batches.children,
    "cluster": cluster.run,
    "steady": steady.run,
}


def main() -> bool:
    parser = argparse.ArgumentParser(description=night.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"default: all of {', '.join(ROWS)}")
    parser.add_argument("--seed", type=int, default=1, help="of all chances")
    parser.add_argument("--share", type=float, default=1.0, help="of each row's tests; 0.1 is a tenth")
    chosen = parser.parse_args()
    if unknown := set(chosen.rows) - set(ROWS):
        parser.error(f"no row {', '.join(sorted(unknown))}; rows: {', '.join(ROWS)}")
    met = []
    for name in chosen.rows or ROWS:
        began = time.monotonic()
        print(f"-- {name}", flush=True)
        met.append(ROWS[name](Asked(chosen.seed, chosen.share)))
        print(f"   {time.monotonic() - began:.0f} s", flush=True)
    return all(met)


if __name__ == "__main__":
    sys.exit(not main())
