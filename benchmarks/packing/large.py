"""A thousand kinds, five thousand bins, fifty thousand copies and more: from arrays to a checked answer."""

from __future__ import annotations

import resource
import subprocess
import sys
import time

from fleets import very_large
from table import table

from icplan.packing import Budget
from icplan.packing.checker.arrays import check_array_placement, check_array_proof
from icplan.packing.solver.arrays.solve import pack_arrays

SHARES = (0.9, 0.98, 1.0, 1.02)


def measure(seed: int, share: float) -> list[str]:
    """One fleet filled to a share of all room."""
    problem = very_large(seed, share)
    started = time.process_time()
    packing = pack_arrays(problem, Budget(10))
    solved = time.process_time()
    if packing.proof is None:
        checked = check_array_placement(problem, packing)
    else:
        checked = check_array_proof(problem, packing.proof)
    done = time.process_time()
    return [
        str(int(problem.counts.sum())),
        str(len(problem.shapes)),
        f"{packing.status} ({packing.method})",
        str(checked),
        f"{(solved - started) * 1000:.0f}",
        f"{(done - solved) * 1000:.0f}",
        str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024),
    ]


def very_large_table() -> str:
    """Each in a process of its own, so that the peak of memory is its own too."""
    body = []
    for share in SHARES:
        for seed in range(3):
            command = [sys.executable, __file__, str(seed), str(share)]
            line = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            body.append(line.strip().split("|"))
    return table(["copies", "bins", "answer", "checked", "solve ms", "check ms", "peak MiB"], body)


if __name__ == "__main__":
    print("|".join(measure(int(sys.argv[1]), float(sys.argv[2]))))
