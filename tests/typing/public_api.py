"""What a user's type checker makes of the public names: read by mypy and pyright, never run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

import icplan
from icplan import Outcome, Snapshot, Verdict


def every_form_of_input(snapshot: Snapshot, change: dict[str, Any]) -> None:
    assert_type(icplan.check(change, snapshot), Verdict)
    assert_type(icplan.check([change, change], snapshot.to_dict(), assume={"batch-rounding": "up"}), Verdict)
    assert_type(
        icplan.check("update.yaml", Path("endpoint.json"), time_limit=2.5, ignore=["ICP305"]), Verdict
    )


def reading() -> None:
    assert_type(Snapshot.load("endpoint.json"), Snapshot)
    assert_type(Snapshot.from_dict({}), Snapshot)


def what_is_said(verdict: Verdict) -> list[str]:
    assert_type(verdict.outcome, Outcome)
    assert_type(verdict.fits, bool)
    remedies = [remedy.description for remedy in verdict.remedies]
    findings = [f"{finding.rule}: {finding.message}" for finding in verdict.findings]
    phases = [f"{phase.name}: {phase.outcome}" for change in verdict.changes for phase in change.phases]
    return remedies + findings + phases


def planning(prices: icplan.Prices) -> None:
    plan = icplan.plan(["a.json", "b.json"], prices=prices, hold=["update", "lost-instance=movable"], gap=1.5)
    assert_type(plan, icplan.Plan)
    assert_type(plan.cost, int | None)
    assert_type([row.because for row in plan.tradeoff], list[str])


def planned(snapshot: Snapshot, request: dict[str, Any]) -> list[str]:
    headroom = icplan.headroom(snapshot, ["chat"], requirement=request, at=["now"], at_least={"chat": 1})
    assert_type(headroom, icplan.Headroom)
    drill = icplan.drill("endpoint.json", ["instance"], keep="50%")
    assert_type(drill, icplan.Drill)
    lost = [f"{event.name}: {loss.component} {loss.lost}" for event in drill.events for loss in event.losses]
    return lost + [f"{name}: {row.binds}" for name, row in headroom.components.items()]


def refused() -> Verdict | str:
    try:
        return icplan.check({}, {})
    except icplan.DoesNotFit as error:
        assert_type(error.verdict, Verdict)
        return error.verdict
    except (icplan.InputError, icplan.AwsError, icplan.IcplanError) as error:
        return str(error)
