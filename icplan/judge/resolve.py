"""Find what a call is about: the described component, its fleet, and the change in capacity."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, cast

import attrs

from icplan.catalog.catalog import from_ec2
from icplan.errors import InputError, InputProblem
from icplan.fleet.fleet import Demand, Fleet
from icplan.packing.problem import MAX_COUNT
from icplan.requests.from_describe import copies_of, requirements_of
from icplan.requests.merge import Change, EffectiveSpec, merge
from icplan.rollout.steps import Batch, CapacityChange
from icplan.snapshot.build_fleet import build_fleet, described_components, variant_of, variants

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.assumptions import Assumptions, Recorder
    from icplan.catalog.catalog import Catalog
    from icplan.judge.state import Run, SetState
    from icplan.requests.call import Call
    from icplan.requests.component import CapacitySize
    from icplan.requests.operations import ComponentRequest
    from icplan.snapshot.snapshot import Snapshot


@attrs.frozen
class ResolvedChange:
    """A call held against what it meets.

    ``described`` is the component as AWS describes it, ``None`` for a new one; ``spec`` what it is to become;
    ``catalog`` the run's, with the types that the snapshot tells of. ``recorder`` notes what is relied
    on while it is resolved and judged.
    """

    run: Run
    recorder: Recorder
    state: SetState
    call: Call
    described: Mapping[str, Any] | None
    spec: EffectiveSpec
    catalog: Catalog


def resolve(run: Run, recorder: Recorder, state: SetState, call: Call) -> ResolvedChange:
    """The call with what it is about; :class:`InputError` for what the snapshot does not have."""
    snapshot = state.snapshot
    described = described_component(call, snapshot)
    spec = merge(described, cast("ComponentRequest", call.typed), recorder, call.path)
    catalog = run.settings.catalog.with_types(from_ec2(snapshot.data.get("InstanceTypes") or []))
    return ResolvedChange(run, recorder, state, call, described, spec, catalog)


def described_component(asked: Call, snapshot: Snapshot) -> Mapping[str, Any] | None:
    """The component as the snapshot describes it; ``None`` for one that is to be created.

    :class:`InputError` for a component or an endpoint that the snapshot does not have.
    """
    components = described_components(snapshot)
    name = asked.request["InferenceComponentName"]
    found = next((c for c in components if c["InferenceComponentName"] == name), None)
    if asked.operation == "CreateInferenceComponent":
        endpoint = asked.request["EndpointName"]
        if snapshot.names_endpoint and endpoint != snapshot.endpoint_name:
            message = f"the change is for endpoint {endpoint!r}, the snapshot of {snapshot.endpoint_name!r}"
            raise InputError(asked.problem(message, f"{asked.path}.EndpointName"))
    elif found is None:
        raise InputError(_unknown(asked, name, [c["InferenceComponentName"] for c in components]))
    _check_limits(asked)
    if found is not None:
        path = f"$.InferenceComponents[{components.index(found)}]"
        with snapshot.located():
            requirements_of(found, path)
            if asked.operation == "UpdateInferenceComponent" and _requested_copies(asked) is None:
                copies_of(found, path)
    return found


def _requested_copies(asked: Call) -> tuple[str, int] | None:
    """Where a request says how many copies it wants, and how many."""
    for member in ("DesiredRuntimeConfig", "RuntimeConfig"):
        if member in asked.request:
            return f"{asked.path}.{member}.CopyCount", int(asked.request[member]["CopyCount"])
    return None


def _check_limits(asked: Call) -> None:
    """Refuse numbers of a request that are valid, and larger than what icplan counts with."""
    path, copies = _requested_copies(asked) or ("", 0)
    if copies > MAX_COUNT:
        raise InputError(asked.problem(f"icplan counts up to {MAX_COUNT} copies, not {copies}", path))
    try:
        requirements_of(asked.request, asked.path)
    except InputError as error:
        raise InputError([asked.problem(p.message, p.path or asked.path) for p in error.problems]) from None


def _unknown(asked: Call, name: str, known: Sequence[str]) -> InputProblem:
    near = difflib.get_close_matches(name, known, n=1)
    there = f"It has {', '.join(sorted(known))}." if known else "It has none."
    hint = f"Did you mean {near[0]}? {there}" if near else there
    message = f"the snapshot has no inference component {name!r}"
    return asked.problem(message, f"{asked.path}.InferenceComponentName", hint)


def fleet_for(
    asked: Call,
    state: SetState,
    described: Mapping[str, Any] | None,
    catalog: Catalog,
    assumptions: Assumptions,
) -> Fleet:
    """The fleet of the component's variant; :class:`InputError` when the endpoint has no such variant."""
    snapshot = state.snapshot
    there = variants(snapshot)
    if described is None:
        name = asked.request.get("VariantName", there[0] if len(there) == 1 else None)
        if name not in there:
            message = f"the endpoint has no variant {name!r}" if name else "VariantName is missing"
            raise InputError(
                asked.problem(message, f"{asked.path}.VariantName", f"It has {', '.join(there)}.")
            )
    else:
        path = f"$.InferenceComponents[{snapshot.data['InferenceComponents'].index(described)}]"
        with snapshot.located():
            name = variant_of(described, path, there)

    def read(noting: Assumptions) -> Fleet:
        fleet = build_fleet(snapshot, name, catalog, noting)
        _refuse_too_large(fleet, snapshot)
        return fleet

    return state.fleets.of(name, assumptions, read)


def _refuse_too_large(fleet: Fleet, snapshot: Snapshot) -> None:
    counts = {f"copies of {component.name}": component.copies for component in fleet.components}
    counts |= {f"instances of {pool.type.name}": pool.instances for pool in fleet.pools}
    over = [f"not {n} {what}" for what, n in counts.items() if n > MAX_COUNT]
    if over:
        message = f"icplan counts up to {MAX_COUNT}, {', '.join(over)}"
        raise InputError(InputProblem(message, file=snapshot.file))


def capacity_change(
    fleet: Fleet, spec: EffectiveSpec, scheduling: Mapping[str, Any], assumptions: Assumptions
) -> CapacityChange:
    """What the change comes to, as far as capacity is concerned."""
    balance = scheduling.get("AvailabilityZoneBalance")
    before = fleet.component(spec.name)
    policy = spec.deployment.rolling_update_policy if spec.deployment else None
    return CapacityChange(
        component=spec.name,
        before=before,
        need=Demand(spec.requirements),
        copies=spec.copies,
        replaces=before is not None and _replaces(spec.change, assumptions),
        batch=_batch(policy.maximum_batch_size) if policy else None,
        rollback_batch=_batch(policy.rollback_maximum_batch_size) if policy else None,
        binpack=scheduling.get("PlacementStrategy") == "BINPACK",
        zone_imbalance=None if balance is None else balance.get("MaxImbalance", 0),
    )


def _replaces(change: Change, assumptions: Assumptions) -> bool:
    """Whether an update replaces the copies that run."""
    match change:
        case Change.NOTHING:
            return False
        case Change.EQUAL:
            return assumptions.use("equal-specification-replaces-copies") == "yes"
        case Change.REDACTED:
            return assumptions.use("redacted-values") == "changed"
        case Change.AROUND:
            return assumptions.use("spec-change-replaces-copies") == "always"
        case Change.CONTAINER:
            return True


def _batch(size: CapacitySize | None) -> Batch | None:
    return None if size is None else Batch(size.type, size.value)


def scheduling_of(request: Mapping[str, Any], described: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The SchedulingConfig in force: the request's, else the described one."""
    for source in (request, described or {}):
        for entry in (source.get("Specification"), *(source.get("Specifications") or ())):
            if entry and entry.get("SchedulingConfig"):
                found: Mapping[str, Any] = entry["SchedulingConfig"]
                return found
    return {}
