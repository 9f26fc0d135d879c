"""Changes of an endpoint while others of the files start: their instances count against the quota, too."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from icplan.errors import InputError
from icplan.judge.change_set import outcomes_of
from icplan.snapshot.read_endpoint import read_endpoint
from icplan.snapshot.snapshot import Snapshot
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.gate import AT_ONCE
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.requests.call import Call
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.verdict import Verdict


def beside_new_endpoints(
    asked: Sequence[Call],
    changes: Sequence[ChangeVerdict],
    started: Mapping[str, int],
    snapshot: Snapshot | None,
    settings: Settings,
    budget: Budget,
) -> dict[int, Finding]:
    """What is to be said of changes that fit, and may not once others have started so many instances."""
    told = _with_started(started, snapshot)
    if told is None or not any(change.outcome.fits for change in changes):
        return {}
    try:
        outcomes = outcomes_of(asked, told, settings, budget)
    except InputError:
        outcomes = [Outcome.UNDECIDED] * len(asked)
    pairs = enumerate(zip(changes, outcomes, strict=True))
    return {n: _finding(started, then) for n, (now, then) in pairs if now.outcome.fits and not then.fits}


def of_account(snapshot: Snapshot | None) -> dict[str, Any]:
    """What a snapshot tells of its account and Region: quotas, and what is in use of them."""
    if snapshot is None or not snapshot.data.get("Quotas"):
        return {}
    state = read_endpoint(snapshot)
    # The greater of the two counts: they may have been taken at different moments.
    used = Counter[str](state.in_use or {}) | state.used
    missing = state.uncounted_endpoints if state.in_use is not None else ("of other endpoints",)
    parts = {"InstancesInUse": {"Status": "read", "Missing": list(missing)}} if missing else {}
    return {"Quotas": snapshot.data["Quotas"], "InstancesInUse": dict(used), "Parts": parts}


def with_account(declared: Mapping[str, Any], account: Mapping[str, Any]) -> Snapshot:
    """An endpoint as it is declared, whose first instances are in use, too."""
    alone = Snapshot.from_dict({**declared})
    if not account:
        return alone
    used = Counter[str](account["InstancesInUse"]) + read_endpoint(alone).used
    return Snapshot.from_dict({**declared, **account, "InstancesInUse": dict(used)})


def without_quota(
    made: Sequence[Call],
    account: Mapping[str, Any],
    settings: Settings,
    budget: Budget,
) -> Snapshot | None:
    """The account as it is before an endpoint is made, where its quotas are not known to leave the fleet.

    ``made`` is the call that makes the configuration, and the endpoint's.
    """
    if not account:
        return None
    fleet = {name: one for name, one in made[0].request.items() if name != "EndpointConfigName"}
    before = Snapshot.from_dict(
        {"IcplanSnapshot": 1, "EndpointConfig": fleet, "InferenceComponents": [], **account}
    )
    try:
        fits = outcomes_of(made, before, settings, budget)[-1].fits
    except InputError:
        return None  # what is wrong with it is told where it is judged
    return None if fits else before


def launched(judged: Verdict, snapshot: Snapshot | None) -> dict[str, int]:
    """The instances that changes of an endpoint launch, by each type that they may be of."""
    variants = snapshot.data["EndpointConfig"]["ProductionVariants"] if snapshot else ()
    types = {one.get("InstanceType") for one in variants}
    types |= {pool.get("InstanceType") for one in variants for pool in one.get("InstancePools") or ()}
    count = sum(map(_launched, judged.changes))
    return dict.fromkeys(sorted(filter(None, types)), count) if count else {}


def _launched(change: ChangeVerdict) -> int:
    """How many instances a change may launch: a new configuration, as many as it has."""
    if change.peak_instances is None or change.outcome.fails:
        return 0
    there = 0 if change.operation == "UpdateEndpoint" else change.instances_now or 0
    return max(0, change.peak_instances - there)


def _with_started(started: Mapping[str, int], snapshot: Snapshot | None) -> Snapshot | None:
    """What runs, with the others' instances in use; None where no quota hangs on them."""
    account = of_account(snapshot)
    if snapshot is None or not account or not any(started.values()):
        return None
    used = Counter[str](account["InstancesInUse"]) + Counter[str](started)
    return Snapshot.from_dict({**snapshot.data, "InstancesInUse": dict(used)}, snapshot.file)


def _finding(started: Mapping[str, int], outcome: Outcome) -> Finding:
    shown = ", ".join(f"{count} {name}" for name, count in sorted(started.items()) if count)
    sure = "whether the quota is enough for both was not found out"
    if outcome is not Outcome.UNDECIDED:
        sure = "the quota may not be enough for both"
    message = f"other endpoints that the files declare may start {shown} at the same time; {sure}"
    return Finding(AT_ONCE, Severity.WARNING, message, path="$")
