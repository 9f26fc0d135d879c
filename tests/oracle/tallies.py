"""Hold icplan against the truth over many random cases, and print counts and the smallest counterexamples.

    python tests/oracle/run.py --cases 2000 --seed 1 --family pools

Without ``--family`` the cases are shared out over all of them. ``--keep FOLDER`` writes the smallest
counterexample of each kind there, as change.json and snapshot.json with the arguments for ``icplan check``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from compare import AGREED, FAMILIES, HEDGED, SKIPPED, WRONG, Compared, size, tally
from families import arguments
from shrink import shrunk

if TYPE_CHECKING:
    from collections.abc import Sequence

_CHUNK = 100


def run(family: str, seed: int, cases: int, jobs: int) -> tuple[Counter[str], list[tuple[int, Compared]]]:
    """All cases of a family, in so many processes."""
    chunks = [range(first, min(cases, first + _CHUNK)) for first in range(0, cases, _CHUNK)]
    counts, rest = Counter[str](), []
    many = [family] * len(chunks), [seed] * len(chunks), chunks
    if jobs == 1:
        results = [tally(*one) for one in zip(*many, strict=True)]
    else:
        with ProcessPoolExecutor(jobs) as pool:
            results = list(pool.map(tally, *many))
    for found, more in results:
        counts += found
        rest += more
    return counts, rest


def kinds(rest: Sequence[tuple[int, Compared]], grade: str) -> dict[str, list[tuple[int, Compared]]]:
    """Cases of one grade by reason, the smallest first."""
    found: dict[str, list[tuple[int, Compared]]] = {}
    for number, compared in rest:
        if compared.worst.grade == grade:
            found.setdefault(compared.worst.reason, []).append((number, compared))
    return {reason: sorted(many, key=lambda one: size(one[1].case)) for reason, many in found.items()}


def shown(compared: Compared) -> str:
    """A case as change and snapshot, with the arguments."""
    options = " ".join(f"--allocatable {text}" for text in arguments(compared.case["machines"]))
    change, snapshot = (json.dumps(compared.case[part]) for part in ("change", "snapshot"))
    return f"change: {change}\nsnapshot: {snapshot}\narguments: {options}"


def keep(folder: Path, compared: Compared) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("change", "snapshot", "machines"):
        (folder / f"{part}.json").write_text(json.dumps(compared.case[part], indent=1) + "\n")
    options = [word for text in arguments(compared.case["machines"]) for word in ("--allocatable", text)]
    (folder / "arguments.json").write_text(json.dumps(options, indent=1) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cases", type=int, default=900)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--family", choices=sorted(FAMILIES), action="append")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--hedges", action="store_true", help="show the smallest hedge of each kind, too")
    options = parser.parse_args()
    families = options.family or list(FAMILIES)
    wrong = 0
    for family in families:
        began = time.monotonic()
        counts, rest = run(family, options.seed, options.cases // len(families), options.jobs)
        wrong += counts[WRONG]
        listed = ", ".join(f"{grade} {counts[grade]}" for grade in (AGREED, HEDGED, WRONG, SKIPPED))
        print(
            f"{family:11} {counts.total():6} cases: {listed} ({time.monotonic() - began:.0f} s)", flush=True
        )
        for grade in (HEDGED, WRONG):
            for reason, many in sorted(kinds(rest, grade).items(), key=lambda one: -len(one[1])):
                print(f"    {grade} {len(many):5}: {reason} (number {many[0][0]})")
                if grade == HEDGED and not options.hedges:
                    continue
                smallest = shrunk(many[0][1])
                print("      " + shown(smallest).replace("\n", "\n      "))
                if options.keep and grade == WRONG:
                    name = "-".join(reason.replace(",", "").replace(":", "").split())[:60]
                    keep(options.keep / f"{family}-{name}", smallest)
    return 1 if wrong else 0
