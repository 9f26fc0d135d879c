"""Answers questions from standard input by one method, a JSON line each; imports are not timed."""

# ruff: noqa: PLC0415 - which solver may be imported depends on the method

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import time

from methods import METHODS, OUTSIDE

from icplan.packing import Bin, Kind, Problem
from icplan.packing.codec import from_json


def cpu_seconds() -> float:
    """Of this process and those it started."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def warm_up(method: str) -> None:
    """Import what the method needs before any clock runs."""
    if method in OUTSIDE:
        import highspy  # noqa: F401
        import numpy as np  # noqa: F401
    else:
        import icplan.packing.solver.columns.generation  # noqa: F401
    tiny = Problem((Bin("b", 2, (9, 9)),), (Kind("k", 3, ((4, 5),)), Kind("l", 1, ((5, 4),))))
    METHODS[method](tiny, 1.0)


def main(method: str) -> None:
    # Solvers write to standard output as they please; the answers go where it led at the start.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with contextlib.suppress(ImportError):
        warm_up(method)
    for line in sys.stdin:
        asked = json.loads(line)
        problem = from_json(asked["Problem"])
        if not isinstance(problem, Problem):
            raise TypeError("not a problem")
        started = cpu_seconds()
        try:
            status, check = METHODS[method](problem, asked["Limit"])
        except Exception as error:  # noqa: BLE001 - a method that fails has not decided
            status, check = f"error: {type(error).__name__}", None
        spent = cpu_seconds() - started
        started = cpu_seconds()
        checked = None if check is None or status.startswith("undecided") else check()
        row = {
            "Status": status,
            "Seconds": spent,
            "Checked": checked,
            "CheckSeconds": cpu_seconds() - started,
        }
        answers.write(
            json.dumps(row | {"PeakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}) + "\n"
        )
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
