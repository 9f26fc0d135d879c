"""Time drills of all events on generated endpoints, and count how much of what they tell is exact.

PYTHONPATH=tests:benchmarks python benchmarks/drill.py [endpoints] [instances] [components]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter

from generated_endpoints import endpoint

import icplan


def run(endpoints: int, instances: int, components: int) -> None:
    spent, spread = [], Counter[str]()
    for seed in range(endpoints):
        taken = icplan.Snapshot.from_dict(endpoint(seed, components, instances))
        began = time.process_time()
        found = icplan.drill(taken, ["instance", "zone", "type", "quota"])
        spent.append(time.process_time() - began)
        for event in found.events:
            if event.kind == "instance":
                for loss in event.losses:
                    again = loss.placed_again
                    spread["told exactly" if again.exact else "from sure to at best"] += 1
    last = sorted(spent)[int(0.95 * (len(spent) - 1))]
    print(f"{endpoints} endpoints of {instances} instances, up to {components} components, all events")
    print(f"  CPU seconds each: p50 {statistics.median(spent):.2f}, p95 {last:.2f}, max {max(spent):.2f}")
    print(f"  placed again after any instance: {dict(spread)}")


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    run(*[*given, *(20, 40, 12)[len(given) :]])
