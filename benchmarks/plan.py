"""The cheapest fleet beside a plain MIP and greedy: ``python benchmarks/plan.py [plans|vsbpp] [--limit S]``.

At the end stand the goals that it is held to, each with what was measured.

HiGHS runs in a process of its own (OR-Tools and it do not go together), on the model that one would write
first: copies of each item in each bin under each condition, and which bins are bought. Times are processor
seconds. Needs ``pip install highspy``; ``--no-mip`` does without.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

from support.plan_cases import cases, fleet_problem  # noqa: E402

from icplan.packing import Budget, InstanceLost, cheapest_fleet  # noqa: E402
from icplan.packing.checker.fleet import check_fleet  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.packing import FleetProblem

#: A model with more variables is not built.
MOST_VARIABLES = 200_000


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("file", nargs="?", default="plans", choices=["plans", "vsbpp"])
    told.add_argument("--limit", type=float, default=30.0, help="seconds for each question")
    told.add_argument("--patience", type=float, default=1.0, help="HiGHS looks at the wall: so much longer")
    told.add_argument("--every", type=int, default=1, help="only every so many-th case")
    told.add_argument("--case", action="append", metavar="ID", help="only this one; may be repeated")
    told.add_argument("--no-mip", action="store_true")
    told.add_argument("--mip", help=argparse.SUPPRESS)
    args = told.parse_args()
    if args.mip:
        solve_mip(args.mip, args.limit)
        return
    chosen = [one for one in cases(args.file) if not args.case or one["Id"] in args.case]
    rows = [measured(case, args) for case in chosen[:: args.every]]
    print(summary(rows, mip=not args.no_mip))
    print(f"\n{goals(args.file, rows)}")


def measured(case: dict[str, Any], args: argparse.Namespace) -> dict[str, Any]:
    """What each of them makes of one case."""
    problem = fleet_problem(case)
    started = time.process_time()
    answer = cheapest_fleet(problem, Budget(args.limit, clock=time.process_time))
    solved = time.process_time()
    checked = check_fleet(problem, answer)
    row = {
        "case": case["Id"],
        "known": case["BestKnown"],
        "options": len(problem.options),
        "low": answer.low,
        "high": answer.high,
        "proven": answer.optimal and checked,
        "seconds": solved - started,
        "check": time.process_time() - solved,
        "greedy": greedy(problem),
        "mip": None,
    }
    if not args.no_mip:
        command = [
            sys.executable,
            __file__,
            args.file,
            "--mip",
            case["Id"],
            "--limit",
            str(args.limit * args.patience),
        ]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        row["mip"] = json.loads(told.splitlines()[-1])
    print(json.dumps(row), flush=True)
    return row


def summary(rows: Sequence[dict[str, Any]], *, mip: bool) -> str:
    """A table: how many are proven, at what cost against the best known, in what time."""
    ratios = {
        "icplan": [r["high"] / r["known"] for r in rows if r["high"] is not None],
        "greedy": [r["greedy"] / r["known"] for r in rows if r["greedy"] is not None],
    }
    proven = {"icplan": sum(r["proven"] for r in rows), "greedy": 0}
    seconds = {"icplan": [r["seconds"] for r in rows], "greedy": [0.0]}
    if mip:
        ratios["plain MIP (HiGHS)"] = [
            r["mip"]["high"] / r["known"] for r in rows if r["mip"]["high"] is not None
        ]
        proven["plain MIP (HiGHS)"] = sum(r["mip"]["proven"] for r in rows)
        seconds["plain MIP (HiGHS)"] = [r["mip"]["seconds"] for r in rows]
    lines = [
        "| method | fleets found | proven optimal | cost / best known, mean | worst | median s | worst s |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for method, own in ratios.items():
        mean, worst = (sum(own) / len(own), max(own)) if own else (float("nan"), float("nan"))
        took = seconds[method]
        lines.append(
            f"| {method} | {len(own)} of {len(rows)} | {proven[method]} | {mean:.4f} | {worst:.3f} "
            f"| {median(took):.2f} | {max(took):.2f} |"
        )
    checks = sorted(r["check"] for r in rows)
    lines.append(
        f"\nchecked without a solver: p95 {checks[len(checks) * 95 // 100]:.3f} s, worst {checks[-1]:.3f} s"
    )
    return "\n".join(lines)


def goals(file: str, rows: Sequence[dict[str, Any]]) -> str:
    """What these cases are held to, and whether they keep it."""
    seconds, checks = sorted(r["seconds"] for r in rows), sorted(r["check"] for r in rows)
    proven, above = sum(r["proven"] for r in rows), sum((r["high"] or 0) > r["known"] for r in rows)
    p95 = checks[len(checks) * 95 // 100]
    told = [
        ("checked without a solver, p95", "below 1 s", f"{p95:.3f} s", p95 < 1),
        ("fleets dearer than the best known", "none", f"{above}", not above),
    ]
    if file == "plans":
        worst = max(seconds)
        told += [
            ("proven optimal", "all", f"{proven} of {len(rows)}", proven == len(rows)),
            ("median", "below 0.5 s", f"{median(seconds):.3f} s", median(seconds) < 0.5),
            ("worst", "below 5 s", f"{worst:.2f} s", worst < 5),
        ]
        alone = [r["seconds"] for r in rows if r["options"] == 1]
        if alone:
            told.append(("one type, median", "below 0.05 s", f"{median(alone):.4f} s", median(alone) < 0.05))
    else:
        quick = sum(r["proven"] and r["seconds"] < 30 for r in rows)
        told.append(("proven in 30 s", "95 %", f"{quick} of {len(rows)}", quick >= 0.95 * len(rows)))
    lines = ["| goal | wanted | measured | held |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {name} | {goal} | {found} | {'yes' if held else 'NO'} |" for name, goal, found, held in told
    ]
    return "\n".join(lines)


def greedy(problem: FleetProblem) -> int | None:
    """What a fleet costs that is filled bin after bin, with one more of each option of which one may be lost.

    The cheaper of two: for the most copies of each item at once, or the most bins that any condition takes.
    """
    counts = [c.counts for c in problem.conditions]
    at_once = _greedy_fleet(problem, [max(column) for column in zip(*counts, strict=True)])
    apart = [_greedy_fleet(problem, list(own)) for own in dict.fromkeys(counts)]
    fleets = (
        [at_once] if None in apart else [at_once, [max(c) for c in zip(*filter(None, apart), strict=True)]]
    )
    costs = []
    for bought in fleets:
        if bought is not None:
            for condition in problem.conditions:
                if isinstance(condition.lost, InstanceLost) and bought[condition.lost.option]:
                    bought[condition.lost.option] += 1
            costs.append(problem.cost(tuple(bought)))
    return min(costs, default=None)


def _greedy_fleet(problem: FleetProblem, left: list[int]) -> list[int] | None:
    """Bin after bin of the option that is filled best for its cost."""
    bought = [0] * len(problem.options)
    sizes = _sizes(problem)
    while any(left):
        best: tuple[float, int, list[int]] | None = None
        for t, option in enumerate(problem.options):
            filled = _filled(problem, t, left, sizes)
            gain = sum(n * s for n, s in zip(filled, sizes, strict=True)) / max(1, option.cost)
            if any(filled) and (best is None or gain > best[0]):
                best = (gain, t, filled)
        if best is None:
            return None
        bought[best[1]] += 1
        left = [n - m for n, m in zip(left, best[2], strict=True)]
    return bought


def _sizes(problem: FleetProblem) -> list[float]:
    """What a copy of each item costs where it costs least, by its largest share of a bin."""
    return [
        min(
            max(d / c for d, c in zip(demand, option.capacity, strict=True) if c) * option.cost
            for demand, option in zip(item.demands, problem.options, strict=True)
            if demand is not None
        )
        for item in problem.items
    ]


def _filled(problem: FleetProblem, t: int, left: Sequence[int], sizes: Sequence[float]) -> list[int]:
    free, filled = list(problem.options[t].capacity), [0] * len(left)
    for i in sorted(range(len(left)), key=lambda i: -sizes[i]):
        demand = problem.items[i].demands[t]
        while (
            demand is not None
            and filled[i] < left[i]
            and all(d <= f for d, f in zip(demand, free, strict=True))
        ):
            filled[i] += 1
            free = [f - d for f, d in zip(free, demand, strict=True)]
    return filled


def solve_mip(case_id: str, limit: float) -> None:
    """The plain model, by HiGHS; prints what it found."""
    import highspy  # noqa: PLC0415 - must not be imported where OR-Tools is
    import numpy as np  # noqa: PLC0415

    case = next(c for file in ("plans", "vsbpp") for c in cases(file) if c["Id"] == case_id)
    problem = fleet_problem(case)
    started = time.process_time()
    most = greedy(problem) or 0
    bins = [(t, b) for t, o in enumerate(problem.options) for b in range(most // max(1, o.cost))]
    items = range(len(problem.items))
    size = len(bins) * (1 + len(problem.items) * len(problem.conditions))
    if size > MOST_VARIABLES:
        print(json.dumps({"low": 0, "high": None, "proven": False, "seconds": 0.0, "variables": size}))
        return
    h = highspy.Highs()
    h.silent()
    upper, costs = [1.0] * len(bins), [float(problem.options[t].cost) for t, _ in bins]
    for condition in problem.conditions:
        for t, b in bins:
            gone = isinstance(condition.lost, InstanceLost) and (condition.lost.option, 0) == (t, b)
            for i in items:
                allowed = problem.items[i].demands[t] is not None and not gone
                upper.append(float(condition.counts[i]) if allowed else 0.0)
                costs.append(0.0)
    h.addVars(len(upper), np.zeros(len(upper)), np.array(upper))
    for j, cost in enumerate(costs):
        h.changeColCost(j, cost)
        h.changeColIntegrality(j, highspy.HighsVarType.kInteger)
    _add_rows(h, problem, bins)
    h.setOptionValue("time_limit", limit)
    h.setOptionValue("threads", 1)
    h.setOptionValue("mip_rel_gap", 0.0)
    h.run()
    info = h.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    proven = h.getModelStatus() == highspy.HighsModelStatus.kOptimal
    print(
        json.dumps(
            {
                "low": info.mip_dual_bound,
                "high": info.objective_function_value if found else None,
                "proven": proven,
                "seconds": time.process_time() - started,
                "variables": size,
            }
        )
    )


def _add_rows(h: Any, problem: FleetProblem, bins: Sequence[tuple[int, int]]) -> None:
    """Bins of one option are bought in order; every copy lies somewhere; bins that are bought hold theirs."""
    import highspy  # noqa: PLC0415 - must not be imported where OR-Tools is
    import numpy as np  # noqa: PLC0415

    items = range(len(problem.items))
    for at in range(1, len(bins)):
        if bins[at][1]:
            h.addRow(0.0, highspy.kHighsInf, 2, np.array([at - 1, at], dtype=np.int32), np.array([1.0, -1.0]))
    for k, condition in enumerate(problem.conditions):
        base = len(bins) * (1 + k * len(problem.items))
        for i in items:
            columns = np.array(
                [base + at * len(problem.items) + i for at in range(len(bins))], dtype=np.int32
            )
            h.addRow(
                float(condition.counts[i]), float(condition.counts[i]), len(bins), columns, np.ones(len(bins))
            )
        for at, (t, _) in enumerate(bins):
            first = base + at * len(problem.items)
            columns = np.array([*range(first, first + len(problem.items)), at], dtype=np.int32)
            for j, capacity in enumerate(problem.options[t].capacity):
                own = [item.demands[t] for item in problem.items]
                numbers = [0.0 if d is None else float(d[j]) for d in own] + [-float(capacity)]
                h.addRow(-highspy.kHighsInf, 0.0, len(columns), columns, np.array(numbers))


if __name__ == "__main__":
    main()
