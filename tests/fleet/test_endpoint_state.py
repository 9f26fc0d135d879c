"""What a change leaves: the state after it is what would be read of a snapshot that is taken then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import given
from hypothesis import strategies as st
from support.document_after import document_after, resized_document, state_shown

from icplan.assumptions import Assumptions
from icplan.aws.quota_names import ALL_INSTANCES, PER_TYPE
from icplan.catalog.catalog import Catalog
from icplan.errors import InputError
from icplan.fleet.build_fleet import build_fleet
from icplan.fleet.endpoint import Alteration, EndpointState
from icplan.fleet.fleet import Fleet, InstanceCounts
from icplan.requests.from_describe import DescribedCopies, EndpointComponent
from icplan.snapshot.read_endpoint import read_endpoint
from icplan.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
TYPES = ("ml.g5.12xlarge", "ml.g5.48xlarge", "ml.inf2.xlarge")
VARIANTS, NAMES = ("one", "two"), ("a", "b", "c", "d")
STATUSES = ("InService", "Creating", "Updating", "Deleting", "Failed")
COUNT = st.integers(0, 5)


def perhaps(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({}, optional=members)


SCALING = st.fixed_dictionaries(
    {"Status": st.sampled_from(("ENABLED", "DISABLED"))},
    optional={"MinInstanceCount": st.integers(0, 2), "MaxInstanceCount": st.integers(1, 8)},
)
RESERVATION = perhaps(
    MlReservationArn=st.sampled_from(("r-1", "r-2")),
    CapacityReservationPreference=st.just("capacity-reservations-only"),
    TotalInstanceCount=COUNT,
    AvailableInstanceCount=COUNT,
    UsedByCurrentEndpoint=COUNT,
    Ec2CapacityReservations=st.lists(perhaps(AvailableInstanceCount=COUNT), max_size=2),
)


@st.composite
def configured(draw: st.DrawFn, name: str) -> Json:
    variant = {"VariantName": name, "InitialInstanceCount": draw(st.integers(1, 3))}
    variant |= draw(perhaps(ManagedInstanceScaling=SCALING, CapacityReservationConfig=RESERVATION))
    types = draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=2, unique=True))
    if len(types) == 1 and draw(st.booleans()):
        return variant | {"InstanceType": types[0]}
    pools = [{"InstanceType": kind, "Priority": number} for number, kind in enumerate(types, start=1)]
    return variant | {"InstancePools": draw(st.permutations(pools))}


@st.composite
def described(draw: st.DrawFn, variant: Json) -> Json:
    counts = st.lists(COUNT, min_size=2, max_size=2)
    per_type = [
        {"InstanceType": pool["InstanceType"], "CurrentInstanceCount": n}
        for pool, n in zip(variant.get("InstancePools", []), draw(counts), strict=False)
    ]
    told = draw(
        perhaps(
            CurrentInstanceCount=COUNT,
            DesiredInstanceCount=COUNT,
            ManagedInstanceScaling=SCALING,
            CapacityReservationConfig=RESERVATION,
            **({"InstancePools": st.just(per_type)} if per_type else {}),
        )
    )
    return {"VariantName": variant["VariantName"]} | told


@st.composite
def specified(draw: st.DrawFn, types: list[str]) -> Json:
    needs = st.fixed_dictionaries(
        {"MinMemoryRequiredInMb": st.integers(128, 4096)},
        optional={"NumberOfAcceleratorDevicesRequired": st.integers(1, 4)},
    )
    if draw(st.booleans()):
        return {"Specification": {"ModelName": "m", "ComputeResourceRequirements": draw(needs)}}
    entries = [{"InstanceType": kind, "ComputeResourceRequirements": draw(needs)} for kind in types]
    return {"Specifications": entries}


@st.composite
def shown(draw: st.DrawFn, name: str, variants: list[Json]) -> Json:
    variant = draw(st.sampled_from(variants))
    types = [pool["InstanceType"] for pool in variant.get("InstancePools", [variant])]
    runtime = draw(perhaps(CurrentCopyCount=COUNT) if draw(st.booleans()) else st.just({}))
    runtime |= {"DesiredCopyCount": draw(COUNT)}
    if draw(st.booleans()):
        rows = [{"InstanceType": kind, "CurrentCopyCount": draw(COUNT)} for kind in types]
        runtime |= {"PlacementStatus": rows}
    named = {"VariantName": variant["VariantName"]} if len(variants) > 1 or draw(st.booleans()) else {}
    return {
        "InferenceComponentName": name,
        "InferenceComponentStatus": draw(st.sampled_from(STATUSES)),
        "RuntimeConfig": runtime,
        **named,
        **draw(perhaps(EndpointName=st.just("prod"))),
        **draw(specified(types)),
    }


@st.composite
def documents(draw: st.DrawFn) -> Json:
    """Snapshots of one or two variants, in motion as often as not."""
    variants = [draw(configured(name)) for name in VARIANTS[: draw(st.integers(1, 2))]]
    document: Json = {
        "IcplanSnapshot": 1,
        "EndpointConfig": {"EndpointConfigName": "now", "ProductionVariants": variants},
        "InferenceComponents": [draw(shown(name, variants)) for name in NAMES[: draw(st.integers(0, 3))]],
    }
    if draw(st.integers(0, 4)):
        told = [draw(described(one)) for one in variants if draw(st.integers(0, 3))]
        document["Endpoint"] = {"EndpointName": "prod", "ProductionVariants": told}
        document["Endpoint"] |= draw(
            perhaps(
                EndpointStatus=st.sampled_from(("InService", "Updating")),
                EndpointConfigName=st.sampled_from(("now", "another")),
            )
        )
    quotas = (ALL_INSTANCES, *(PER_TYPE.format(kind) for kind in TYPES))
    rows = st.lists(st.sampled_from(quotas), unique=True, max_size=3)
    document["Quotas"] = [{"QuotaName": name, "Value": draw(st.integers(0, 9))} for name in draw(rows)]
    return document | draw(perhaps(InstancesInUse=st.dictionaries(st.sampled_from(TYPES), COUNT)))


@st.composite
def alterations(draw: st.DrawFn, state: EndpointState, fleets: list[Fleet]) -> Alteration:
    """A component that is deleted, changed or made, with instances launched or released, or none."""
    there = [one.name for one in state.components]
    name = draw(st.sampled_from([*there, "new"]))
    counts = None
    if draw(st.booleans()) and fleets:
        fleet = draw(st.sampled_from(fleets))
        counts = InstanceCounts(fleet, {pool.type.name: draw(COUNT) for pool in fleet.pools})
    if name in there and draw(st.booleans()):
        return Alteration(name, None, counts)
    copies = draw(COUNT)
    before = state.component(name) or EndpointComponent(
        name, {}, variant=state.variant_names[0], endpoint=draw(st.sampled_from(("prod", None)))
    )
    specification = {"ModelName": "n", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128}}
    after = attrs.evolve(
        before,
        specifications={None: specification}
        if draw(st.booleans()) or not before.specifications
        else before.specifications,
        copies=DescribedCopies(copies, copies),
        status="InService",
    )
    return Alteration(name, after, counts)


def fleet_of(state: EndpointState, name: str, assume: dict[str, str]) -> Fleet | str:
    try:
        return build_fleet(state, name, Catalog(), Assumptions(assume))
    except InputError as error:
        return error.problems[0].message


def alike(one: EndpointState, other: EndpointState) -> bool:
    """Whether two states are the same, but for where a component's description stood."""
    return without_paths(one) == without_paths(other)


def without_paths(state: EndpointState) -> EndpointState:
    there = (attrs.evolve(one, path="$") for one in state.components)
    return attrs.evolve(state, components=tuple(there))


def fleets_of(state: EndpointState) -> Iterator[Fleet]:
    found = (fleet_of(state, name, {}) for name in state.variant_names)
    return (one for one in found if isinstance(one, Fleet))


@given(st.data(), documents(), st.sampled_from(({}, {"failed-component-holds": "no"})))
def test_a_state_after_changes_is_that_of_a_snapshot_taken_then(
    data: st.DataObject, document: Json, assume: dict[str, str]
) -> None:
    """The same fleets too, whatever is assumed."""
    state = read_endpoint(Snapshot.from_dict(document))
    taken = dict(document)
    for _ in range(data.draw(st.integers(1, 3))):
        done = data.draw(alterations(state, list(fleets_of(state))))
        state, taken = state.apply(done), document_after(taken, done)
        then = state_shown(taken)
        assert alike(state, then)
        for name in state.variant_names:
            assert fleet_of(state, name, assume) == fleet_of(then, name, assume)


@given(st.data(), documents())
def test_another_size_is_that_of_a_snapshot_too(data: st.DataObject, document: Json) -> None:
    state = read_endpoint(Snapshot.from_dict(document))
    fleets = list(fleets_of(state))
    if not fleets:
        return
    fleet = data.draw(st.sampled_from(fleets))
    counts = InstanceCounts(fleet, {pool.type.name: data.draw(COUNT) for pool in fleet.pools})
    assert alike(state.resized(counts), state_shown(resized_document(document, counts)))
