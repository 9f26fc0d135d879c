"""How much memory judging takes: every component of generated endpoints updated, each endpoint in a process.

    PYTHONPATH=tests:benchmarks python benchmarks/memory.py [endpoints] [first]

Prints a line for each endpoint, and at last the largest. Of an endpoint that takes too long what it held
until then counts.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
from typing import Final

from generated_endpoints import endpoint
from support.endpoints import update

#: Processor seconds after which an endpoint's process is stopped.
MOST_SECONDS: Final = 120
MOST_COMPONENTS: Final = 12


def judge(seed: int) -> None:
    """Update each component of an endpoint by itself, in batches and with the rollback's default."""
    import icplan  # noqa: PLC0415  (the drawing process holds as little as can be)

    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    rng = random.Random(seed)  # noqa: S311  (nothing secret is drawn)
    taken = icplan.Snapshot.from_dict(endpoint(seed, 1 + seed % MOST_COMPONENTS))
    outcomes = []
    for one in taken.data["InferenceComponents"]:
        batch = rng.choice(((1, False), (10, True), (25, True), (50, True)))
        change = update(one["InferenceComponentName"], batch[0], percent=batch[1])
        outcomes.append(str(icplan.check(change, taken).outcome))
    sys.stdout.write(" ".join(outcomes))


def one_endpoint(seed: int) -> tuple[int, float, str]:
    """MiB that its process held at most, its processor seconds, and the outcomes."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--judge", str(seed)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    lines = process.stdout.read().splitlines() or ["(nothing)"]
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    told = lines[-1] if not process.returncode else f"ended by {process.returncode}: {lines[-1]}"
    return used.ru_maxrss // 1024, used.ru_utime + used.ru_stime, told


def run(endpoints: int, first: int) -> None:
    held, spent = {}, []
    for seed in range(first, first + endpoints):
        held[seed], seconds, told = one_endpoint(seed)
        spent.append(seconds)
        print(f"{seed:>6}  {held[seed]:>5} MiB  {seconds:>6.1f} s  {told}", flush=True)
    most = max(held, key=held.__getitem__)
    print(
        f"{endpoints} endpoints: at most {held[most]} MiB (endpoint {most}), median "
        f"{statistics.median(held.values()):.0f} MiB; CPU seconds p50 {statistics.median(spent):.1f}, "
        f"max {max(spent):.1f}"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--judge"]:
        judge(int(sys.argv[2]))
    else:
        given = [int(one) for one in sys.argv[1:]]
        run(*[*given, *(300, 0)[len(given) :]])
