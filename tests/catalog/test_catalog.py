"""Instance facts: complete, sourced, consistent, and overridable without losing precision."""

from __future__ import annotations

import contextlib
from fractions import Fraction

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icplan.catalog import allocatable
from icplan.catalog.catalog import Catalog, builtin_types, from_ec2
from icplan.errors import InputError

pytestmark = pytest.mark.smoke

TYPES = sorted(builtin_types())


def test_every_hosting_type_of_the_api_is_known() -> None:
    """The catalog has exactly the types of SageMaker's own enumeration, or botocore has news for us."""
    model = botocore.session.Session().get_service_model("sagemaker")
    enumerated = set(model.shape_for("ProductionVariantInstanceType").metadata["enum"])
    assert len(builtin_types()) == 277
    assert enumerated == set(builtin_types()), "botocore's list of types has changed: update the catalog"


def test_every_fact_has_a_source() -> None:
    """No figure stands without saying where it is from."""
    for kind in builtin_types().values():
        assert kind.source
        known = allocatable.estimate(kind)
        assert known.memory.source
        assert known.cpu.source
        assert {known.memory.basis, known.cpu.basis} <= {"measured", "inferred"}


def test_intervals_lie_within_the_instance() -> None:
    """0 <= low <= high <= what the instance has."""
    for kind in builtin_types().values():
        known = allocatable.estimate(kind)
        assert 0 <= known.memory.low <= known.memory.high <= kind.memory_mib
        assert 0 <= known.cpu.low <= known.cpu.high == kind.vcpu * 1000


def test_measurements_lie_within_the_intervals() -> None:
    """What was seen placed is promised; what was seen refused is not."""
    for seen in allocatable.observations():
        known = allocatable.estimate(builtin_types()[seen.instance_type]).memory
        if seen.placed_mib is not None and known.basis == "measured":
            assert seen.placed_mib <= known.low
        if seen.refused_mib is not None:
            assert known.low < seen.refused_mib


def test_the_interval_that_the_design_shows() -> None:
    """ml.g5.2xlarge can allocate at most 95 % of 32768 MiB, rounded up."""
    assert allocatable.estimate(builtin_types()["ml.g5.2xlarge"]).memory.high == 31130


@given(st.sampled_from(TYPES), st.data())
def test_settings_win_over_the_evidence(name: str, data: st.DataObject) -> None:
    """TYPE.memory=LOW..HIGH and TYPE.cpu=CORES are taken exactly; capacities round down."""
    kind = builtin_types()[name]
    low = data.draw(st.integers(0, kind.memory_mib))
    high = data.draw(st.integers(low, kind.memory_mib))
    cores = Fraction(data.draw(st.integers(0, kind.vcpu * 10_000)), 10_000)
    catalog = Catalog().with_settings([f"{name}.memory={low}..{high}", f"{name}.cpu={float(cores)}"])
    known = catalog.allocatable(kind)
    assert (known.memory.low, known.memory.high) == (low, high)
    assert known.cpu.low == known.cpu.high == int(cores * 1000)


@given(st.text(max_size=40))
def test_a_setting_is_taken_or_refused(text: str) -> None:
    """Any text is either a setting or an InputError, never another exception."""
    with contextlib.suppress(InputError):
        assert Catalog().with_settings([text]).settings


@given(st.sampled_from(TYPES), st.integers(1, 100))
def test_a_share_is_taken_of_what_the_type_has(name: str, percent: int) -> None:
    """A share of memory rounds down to whole MiB."""
    kind = builtin_types()[name]
    known = Catalog().with_shares(Fraction(percent, 100), None).allocatable(kind)
    assert known.memory.low == known.memory.high == kind.memory_mib * percent // 100


@given(st.sampled_from(TYPES))
def test_ec2_answers_give_the_same_facts(name: str) -> None:
    """A DescribeInstanceTypes entry with the packaged figures gives the packaged figures."""
    kind = builtin_types()[name]
    devices = {"Count": kind.accelerators, "Name": kind.accelerator_name, "MemoryInfo": {"SizeInMiB": 0}}
    member = ("NeuronInfo", "NeuronDevices") if kind.neuron_cores else ("GpuInfo", "Gpus")
    if kind.neuron_cores:
        devices["CoreInfo"] = {"Count": kind.neuron_cores}
    entry = {
        "InstanceType": name.removeprefix("ml."),
        "VCpuInfo": {"DefaultVCpus": kind.vcpu},
        "MemoryInfo": {"SizeInMiB": kind.memory_mib},
    } | ({member[0]: {member[1]: [devices]}} if kind.accelerators else {})
    read = from_ec2([entry])[name]
    for fact in ("vcpu", "memory_mib", "accelerators", "accelerator_name", "neuron_cores", "mig_gpu"):
        assert getattr(read, fact) == getattr(kind, fact)


def test_an_unknown_type_says_how_to_add_it() -> None:
    """The message names the file, the table and its members, and the nearest type there is."""
    with pytest.raises(InputError) as refused:
        Catalog().lookup("ml.g5.2xlagre")
    for part in ("icplan.toml", '[types."ml.g5.2xlagre"]', "memory_mib", "Did you mean ml.g5.2xlarge?"):
        assert part in str(refused.value)


@given(st.integers(1, 31_000), st.integers(1, 31_000))
def test_observations_tighten_the_interval(placed: int, refused: int) -> None:
    """What was placed raises the low end, what was refused lowers the high end; both may contradict."""
    kind = builtin_types()["ml.g5.2xlarge"]
    seen = [
        allocatable.Observation(kind.name, "here", placed_mib=placed),
        allocatable.Observation(kind.name, "here", refused_mib=refused),
    ]
    before = allocatable.estimate(kind).memory
    if placed >= refused:
        with pytest.raises(InputError, match="observed"):
            allocatable.estimate(kind, seen)
        return
    after = allocatable.estimate(kind, seen).memory
    assert after.high == min(before.high, refused - 1)
    assert after.low == min(max(before.low, placed), after.high)
