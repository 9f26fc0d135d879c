"""Time headroom on generated endpoints, and count how much of it is exact.

PYTHONPATH=tests:benchmarks python benchmarks/headroom.py [endpoints] [components]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from generated_endpoints import endpoint

import icplan

if TYPE_CHECKING:
    from icplan.verdict.headroom import Range


def kind(found: Range) -> str:
    if found.exact:
        return "exact"
    return "within 1" if found.high is not None and found.high - found.low == 1 else "wider"


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def run(endpoints: int, components: int, moments: tuple[str, ...]) -> None:
    counts: Counter[tuple[str, str, str]] = Counter()
    spent = []
    for seed in range(endpoints):
        taken = icplan.Snapshot.from_dict(endpoint(seed, components))
        began = time.process_time()
        found = icplan.headroom(taken, at=moments)
        spent.append(time.process_time() - began)
        for row in found.components.values():
            for moment in moments:
                room = row.at(moment)
                if room is not None:
                    counts["sure", moment, kind(room.sure)] += 1
                    counts["best", moment, kind(room.best)] += 1
    rows = sum(n for (end, at, _), n in counts.items() if end == "sure" and at == "now")
    print(f"{endpoints} endpoints of up to {components} components ({rows} in all), {', '.join(moments)}")
    print(
        f"  CPU seconds each: p50 {statistics.median(spent):.2f}, p95 {percentile(spent, 0.95):.2f}, "
        f"max {max(spent):.2f}"
    )
    for end in ("sure", "best"):
        for moment in moments:
            each = {name: counts[end, moment, name] for name in ("exact", "within 1", "wider")}
            total = sum(each.values()) or 1
            said = ", ".join(f"{name} {n} ({100 * n / total:.1f} %)" for name, n in each.items())
            print(f"  {end} {moment}: {said}")


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    for size in [int(one) for one in sys.argv[2:]] or [3, 6, 9, 12]:
        run(number, size, ("now", "max"))
