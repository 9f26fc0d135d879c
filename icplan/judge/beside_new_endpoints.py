"""Changes of an endpoint while others of the files start: their instances count against the quota, too."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from icplan.errors import InputError
from icplan.fleet.growth_limits import MAX_NAMED
from icplan.judge.change_set import outcomes_of
from icplan.snapshot.read_endpoint import read_endpoint
from icplan.snapshot.snapshot import Snapshot
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.gate import AT_ONCE
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.inputs.deployment import DeclaredEndpoint
    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.requests.call import Call
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.verdict import Verdict


def beside_new_endpoints(
    asked: Sequence[Call],
    changes: Sequence[ChangeVerdict],
    endpoint: DeclaredEndpoint,
    snapshot: Snapshot | None,
    settings: Settings,
    budget: Budget,
) -> dict[int, Finding]:
    """What is to be said of changes that fit, and may not once others have started their instances."""
    told = _with_started(endpoint, snapshot)
    if told is None or not any(change.outcome.fits for change in changes):
        return {}
    try:
        outcomes = outcomes_of(asked, told, settings, budget)
    except InputError:
        outcomes = [Outcome.UNDECIDED] * len(asked)
    pairs = enumerate(zip(changes, outcomes, strict=True))
    return {n: _finding(endpoint, then) for n, (now, then) in pairs if now.outcome.fits and not then.fits}


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
    count = sum(map(_launched, judged.changes))
    return dict.fromkeys(_types(snapshot), count) if count else {}


def _types(snapshot: Snapshot | None) -> list[str]:
    """The instance types of an endpoint."""
    variants = snapshot.data["EndpointConfig"]["ProductionVariants"] if snapshot else ()
    types = {one.get("InstanceType") for one in variants}
    types |= {pool.get("InstanceType") for one in variants for pool in one.get("InstancePools") or ()}
    return sorted(filter(None, types))


def _launched(change: ChangeVerdict) -> int:
    """How many instances a change may launch: a new configuration, as many as it has."""
    if change.peak_instances is None or change.outcome.fails:
        return 0
    there = 0 if change.operation == "UpdateEndpoint" else change.instances_now or 0
    return max(0, change.peak_instances - there)


def _with_started(endpoint: DeclaredEndpoint, snapshot: Snapshot | None) -> Snapshot | None:
    """What runs, with the others' instances in use; None where no quota hangs on them.

    Of those that no file tells, as many as there may be.
    """
    account = of_account(snapshot)
    if snapshot is None or not account or not (endpoint.untold or any(endpoint.started.values())):
        return None
    used = Counter[str](account["InstancesInUse"]) + Counter[str](endpoint.started)
    if endpoint.untold:
        used |= Counter(dict.fromkeys(_types(snapshot), _most(account["Quotas"])))
    return Snapshot.from_dict({**snapshot.data, "InstancesInUse": dict(used)}, snapshot.file)


def _most(quotas: Sequence[Mapping[str, Any]]) -> int:
    """As many instances as any of the quotas allows."""
    return max((math.ceil(one["Value"]) for one in quotas), default=0)


def _finding(endpoint: DeclaredEndpoint, outcome: Outcome) -> Finding:
    counts = [f"{count} {name}" for name, count in sorted(endpoint.started.items()) if count]
    if endpoint.untold:
        named = ", ".join(endpoint.untold[:MAX_NAMED])
        more = f" and {n} more" if (n := len(endpoint.untold) - MAX_NAMED) > 0 else ""
        counts.append(f"instances of which no file tells how many ({named}{more})")
    sure = "whether the quota is enough for both was not found out"
    if outcome is not Outcome.UNDECIDED:
        sure = "the quota may not be enough for both"
    shown = ", ".join(counts)
    message = f"other endpoints that the files declare may start {shown} at the same time; {sure}"
    return Finding(AT_ONCE, Severity.WARNING, message, path="$")
