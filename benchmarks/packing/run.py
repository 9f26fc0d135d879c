"""Every method on the same questions, side by side: ``python benchmarks/packing/run.py [--quick]``.

One process per method at a time, each on one thread; times are processor seconds, so that other work on the
machine counts little. A method that overruns its limit by half is stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from generate import AMOUNTS, QUICK, generated
from large import very_large_table
from methods import METHODS
from public import questions
from table import comparison, latencies, per_group

from icplan.packing.codec import to_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from icplan.packing import Problem

HERE = Path(__file__).parent


@attrs.frozen
class Terms:
    """Seconds per question; a Python that has VPSolver; and how much longer than the limit the clock on the
    wall may run, on a machine that is busy otherwise."""

    limit: float
    outside: str | None
    patience: float


class Worker:
    """One method's process; started again after it had to be stopped."""

    def __init__(self, method: str, python: str, patience: float) -> None:
        self.method, self.python, self.patience = method, python, patience
        self.process: subprocess.Popen[str] | None = None

    def ask(self, problem: Problem, limit: float) -> dict[str, Any]:
        process = self.process = self.process or self._start()
        assert process.stdin is not None
        # icplan counts processor seconds itself; the others look at the clock on the wall.
        allowed = limit if self.method == "icplan" else limit * self.patience
        process.stdin.write(json.dumps({"Problem": to_json(problem), "Limit": allowed}) + "\n")
        process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            assert process.stdout is not None
            selector.register(process.stdout, selectors.EVENT_READ)
            line = process.stdout.readline() if selector.select(limit * self.patience * 1.5 + 5) else ""
        if not line:
            self.stop()
            return {
                "Status": "undecided",
                "Seconds": limit,
                "Checked": None,
                "CheckSeconds": 0.0,
                "PeakMiB": None,
            }
        row = dict(json.loads(line))
        return row | ({"Status": "undecided"} if row["Seconds"] > 1.1 * limit else {})

    def _start(self) -> subprocess.Popen[str]:
        folder = Path(self.python).parent
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")]),
            "PATH": os.pathsep.join([str(folder), os.environ["PATH"]]),
        }
        return subprocess.Popen(
            [self.python, str(HERE / "worker.py"), self.method],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def ask_all(
    methods: Iterable[str], asked: list[tuple[dict[str, Any], Problem]], terms: Terms, until: float
) -> list[dict[str, Any]]:
    """All questions to each method, until the time for all of it is over."""
    rows = []
    for method in methods:
        python = terms.outside if method == "arc-flow" else sys.executable
        if python is None:
            continue
        worker = Worker(method, python, terms.patience)
        for about, problem in asked:
            if time.monotonic() > until:
                print(f"{method}: out of time before {about}", file=sys.stderr)
                break
            rows.append({"Method": method} | about | worker.ask(problem, terms.limit))
        worker.stop()
        print(f"{method}: {len(rows)} rows so far", file=sys.stderr)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few minutes instead of a quarter of an hour")
    parser.add_argument("--limit", type=float, default=10.0, help="seconds per question")
    parser.add_argument("--patience", type=float, default=1.0, help="times the limit, on a busy machine")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--outside", help="a Python with highspy and pyvpsolver, for arc-flow")
    parser.add_argument("--public", type=int, default=40, help="compare on one in so many public instances")
    parser.add_argument("--all-public", action="store_true", help="icplan alone on all public instances too")
    parser.add_argument(
        "--minutes", type=float, default=15.0, help="after these no further question is asked"
    )
    parser.add_argument("-o", "--output", type=Path, help="write all rows there, as JSON")
    options = parser.parse_args()
    until = time.monotonic() + 60 * options.minutes
    amounts = QUICK if options.quick else AMOUNTS
    limit = 2.0 if options.quick else options.limit
    methods = options.methods.split(",")
    terms = Terms(limit, options.outside, options.patience)

    alone = ask_all(["icplan"], generated(amounts, 1), terms, until)
    print(latencies(alone))
    large = very_large_table()
    print(large)
    # The public instances get a share of the time too.
    rows = ask_all(methods, generated(amounts, 0), terms, until - 24 * options.minutes)
    print(comparison(rows, limit))
    every = options.public * (5 if options.quick else 1)
    asked = [({"Group": q.group, "Name": q.name, "Fits": q.fits}, q.problem) for q in questions(every)]
    public = ask_all(methods, asked, terms, until)
    print(per_group(public))
    if options.all_public:
        asked = [({"Group": q.group, "Name": q.name, "Fits": q.fits}, q.problem) for q in questions()]
        public += ask_all(["icplan"], asked, terms, until)
        print(per_group(public[-len(asked) :]))
    if options.output:
        options.output.write_text(json.dumps({"Alone": alone, "Compared": rows, "Public": public}, indent=1))


if __name__ == "__main__":
    main()
