"""Find what a call is about: the described component, its fleet, and the change in capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from icplan.catalog.catalog import from_ec2
from icplan.documents.nearest import nearest
from icplan.errors import InputError, InputProblem
from icplan.fleet.build_fleet import build_fleet, variant_of
from icplan.fleet.fleet import Demand, Fleet
from icplan.packing.problem import MAX_COUNT
from icplan.requests.from_describe import requirements_of
from icplan.requests.merge import Change, EffectiveSpec, merge
from icplan.rollout.steps import Batch, CapacityChange
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.assumptions import Assumptions, Recorder
    from icplan.catalog.catalog import Catalog
    from icplan.fleet.endpoint import EndpointState
    from icplan.judge.state import Run, SetState
    from icplan.requests.call import Call
    from icplan.requests.component import CapacitySize
    from icplan.requests.from_describe import EndpointComponent
    from icplan.requests.operations import ComponentRequest


@frozen
class ResolvedChange:
    """A call held against what it meets.

    ``described`` is the component that is there, ``None`` for a new one; ``spec`` what it is to become;
    ``catalog`` the run's, with the types that the snapshot tells of. ``recorder`` notes what is relied
    on while it is resolved and judged.
    """

    run: Run
    recorder: Recorder
    state: SetState
    call: Call
    described: EndpointComponent | None
    spec: EffectiveSpec
    catalog: Catalog


def resolve(run: Run, recorder: Recorder, state: SetState, call: Call) -> ResolvedChange:
    """The call with what it is about; :class:`InputError` for what the snapshot does not have."""
    described = described_component(call, state.endpoint)
    spec = merge(described, cast("ComponentRequest", call.typed), recorder, call.path)
    catalog = run.settings.catalog.with_types(from_ec2(state.endpoint.instance_types))
    return ResolvedChange(run, recorder, state, call, described, spec, catalog)


def described_component(asked: Call, endpoint: EndpointState) -> EndpointComponent | None:
    """The component that a call is about; ``None`` for one that is to be created.

    :class:`InputError` for a component or an endpoint that the snapshot does not have.
    """
    if not endpoint.components_told:
        hint = "Put the answers of DescribeInferenceComponent there, or [] if none runs."
        missing = InputProblem(
            "InferenceComponents is missing", file=endpoint.origin.file, path="$", hint=hint
        )
        raise InputError(missing)
    name = asked.request["InferenceComponentName"]
    found = endpoint.component(name)
    if asked.operation == "CreateInferenceComponent":
        wanted = asked.request["EndpointName"]
        if endpoint.names_endpoint and wanted != endpoint.name:
            message = f"the change is for endpoint {wanted!r}, the snapshot of {endpoint.name!r}"
            raise InputError(asked.problem(message, f"{asked.path}.EndpointName"))
    elif found is None:
        raise InputError(_unknown(asked, name, [one.name for one in endpoint.components]))
    _check_limits(asked)
    if found is not None:
        with endpoint.origin.located():
            _ = found.requirements
            if asked.operation == "UpdateInferenceComponent" and _requested_copies(asked) is None:
                _ = found.desired_copies
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
    near = nearest(name, known)
    there = f"It has {', '.join(sorted(known))}." if known else "It has none."
    hint = f"Did you mean {near}? {there}" if near else there
    message = f"the snapshot has no inference component {name!r}"
    return asked.problem(message, f"{asked.path}.InferenceComponentName", hint)


def fleet_for(
    asked: Call,
    state: SetState,
    described: EndpointComponent | None,
    catalog: Catalog,
    assumptions: Assumptions,
) -> Fleet:
    """The fleet of the component's variant; :class:`InputError` when the endpoint has no such variant."""
    endpoint = state.endpoint
    there = endpoint.variant_names
    if described is None:
        name = asked.request.get("VariantName", there[0] if len(there) == 1 else None)
        if name not in there:
            message = f"the endpoint has no variant {name!r}" if name else "VariantName is missing"
            raise InputError(
                asked.problem(message, f"{asked.path}.VariantName", f"It has {', '.join(there)}.")
            )
    else:
        with endpoint.origin.located():
            name = variant_of(described, endpoint)

    def read(noting: Assumptions) -> Fleet:
        fleet = build_fleet(endpoint, name, catalog, noting)
        refuse_too_large(fleet, endpoint.origin.file)
        return fleet

    return state.fleets.of(name, assumptions, read)


def refuse_too_large(fleet: Fleet, file: str | None) -> None:
    """Refuse more copies, or instances, than icplan counts with."""
    counts = {f"copies of {component.name}": component.copies for component in fleet.components}
    counts |= {f"instances of {pool.type.name}": pool.instances for pool in fleet.pools}
    over = [f"not {n} {what}" for what, n in counts.items() if n > MAX_COUNT]
    if over:
        message = f"icplan counts up to {MAX_COUNT}, {', '.join(over)}"
        raise InputError(InputProblem(message, file=file))


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


def scheduling_of(request: Mapping[str, Any], described: EndpointComponent | None) -> Mapping[str, Any]:
    """The SchedulingConfig in force: the request's, else the described one."""
    asked = (request.get("Specification"), *(request.get("Specifications") or ()))
    there = described.specifications.values() if described else ()
    return next(
        (entry["SchedulingConfig"] for entry in (*asked, *there) if entry and entry.get("SchedulingConfig")),
        {},
    )
