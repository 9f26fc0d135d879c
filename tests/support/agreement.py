"""How the judge compares with the truth; as a program, it counts over many random cases.

PYTHONPATH=tests python tests/support/agreement.py [CASES [SEED]]
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, seed, settings

from support import oracle
from support.small_fleets import Case, judged, one_phase_cases, rolling_cases

if TYPE_CHECKING:
    from icplan.verdict.change_verdict import ChangeVerdict

EXACT, SOUND, WRONG = "exact", "sound", "WRONG"


def verdict(case: Case) -> ChangeVerdict:
    """The judge's answer, which must be one about capacity."""
    (change,) = judged(case).changes
    assert str(change.outcome) not in {"invalid", "blocked", "undecided"}, change.findings
    return change


def instances(case: Case, launched: float) -> int | None:
    """So many instances run then; ``None`` for no number."""
    return None if launched == math.inf else len(case.instances) + int(launched)


def forward(case: Case, change: ChangeVerdict) -> str:
    """How exact the outcome and the number of instances are."""
    truth = oracle.truth(case)
    shown, said = truth.outcome, str(change.outcome)
    needed = truth.worst if said.startswith("fits") else truth.unlimited
    if shown == said:
        if change.peak_instances == instances(case, needed):
            return EXACT
        if said == "fits-after-scale-out" and _at_least(case, change.peak_instances, needed):
            return f"{SOUND}: more instances than needed"
        if not said.startswith("fits") and _at_least(case, change.peak_instances, needed):
            return f"{SOUND}: {said}, other instances needed"
        return f"{WRONG}: {said} with {change.peak_instances}, is {instances(case, needed)}"
    if said == "may-not-fit":
        return f"{SOUND}: may-not-fit, is {shown}"
    if said == "fits-after-scale-out" and _at_least(case, change.peak_instances, truth.worst):
        return f"{SOUND}: {said}, is {shown}"
    return f"{WRONG}: {said}, is {shown}"


def _at_least(case: Case, claimed: int | None, launched: float) -> bool:
    """Whether a claim covers the truth; to claim no number is to claim nothing."""
    truly = instances(case, launched)
    return claimed is None or (truly is not None and claimed >= truly)


def backward(case: Case, change: ChangeVerdict) -> str:
    """The same for a rollback."""
    truth = oracle.rollback_truth(case)
    said = change.rollback_outcome
    if truth is None or said is None:
        assert truth is None or case.change.batch is None
        return "no rollback"
    shown = truth.outcome
    if said.fits and truth.worst < math.inf:
        return EXACT
    if said == shown:
        return EXACT
    if said in {"may-not-fit", "undecided"}:
        return f"{SOUND}: {said}, is {shown}"
    return f"{WRONG}: {said}, is {shown}"


def rolling_tally(cases: int, start: int) -> dict[str, Counter[str]]:
    """How often rolling updates, and their rollbacks, were exact, sound, or wrong."""
    counts: dict[str, Counter[str]] = {"rolling": Counter(), "rollback": Counter()}

    def rolling(case: Case) -> None:
        change = verdict(case)
        counts["rolling"][forward(case, change)] += 1
        counts["rollback"][backward(case, change)] += 1

    _many(cases)(seed(start)(given(rolling_cases())(rolling)))()
    return counts


def one_phase_tally(cases: int, start: int) -> dict[str, Counter[str]]:
    """The same for changes of one phase."""
    counts: Counter[str] = Counter()

    def one_phase(case: Case) -> None:
        counts[forward(case, verdict(case))] += 1

    _many(cases)(seed(start)(given(one_phase_cases())(one_phase)))()
    return {"one phase": counts}


def _many(cases: int) -> settings:
    return settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def shown(counts: dict[str, Counter[str]]) -> str:
    """Counts in lines."""
    lines = []
    for what, found in counts.items():
        lines.append(f"{what}: {found.total()} cases")
        lines += [f"  {number:6} {label}" for label, number in found.most_common()]
    return "\n".join(lines)


if __name__ == "__main__":
    cases, start = (int(text) for text in [*sys.argv[1:], *("1000", "0")[len(sys.argv) - 1 :]])
    print(shown(one_phase_tally(cases, start)))  # noqa: T201
    print(shown(rolling_tally(cases, start)))  # noqa: T201
