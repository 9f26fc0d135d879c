"""Rules that look at the endpoint: each is broken by what breaks it, and by nothing else."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.against_cases import (
    ADAPTER,
    BROKEN,
    COMPUTE,
    CONFIGURE,
    CREATE,
    DELETE,
    FACTS,
    NAME,
    ON_1G,
    ON_3G,
    ON_4G,
    SCALE,
    SLOW,
    SOUND,
    SPLIT,
    SPLIT_LLAMA,
    UPDATE,
    Json,
    configure,
    create,
    described,
    endpoint,
    layout,
    needs,
    per_type,
    pools,
    roll,
    two_variants,
    update,
)

from icplan.requests.from_describe import EndpointComponent
from icplan.requests.merge import merge
from icplan.requests.operations import ENDPOINT_OPERATIONS, OPERATIONS
from icplan.requests.parse import parse
from icplan.rules import RULES, check_against, partitions, references, rolling, state
from icplan.testing.strategies import almost_valid_requests, requests, snapshots
from icplan.verdict.finding import Finding, Severity

DOWNLOAD = "ModelDataDownloadTimeoutInSeconds"


def check(operation: str, request: Json, snapshot: Json) -> tuple[Finding, ...]:
    """Both halves of the question, with what a judge would pass."""
    read, problems = parse(operation, request, "$[1]")
    assert read is not None, problems
    merged = None
    if operation != CONFIGURE:
        name = request["InferenceComponentName"]
        components = map(EndpointComponent.of, snapshot["InferenceComponents"])
        there = None if operation == CREATE else next((one for one in components if one.name == name), None)
        merged = merge(there, read, path="$[1]")  # type: ignore[arg-type]
    before = copy.deepcopy((request, snapshot))
    found = check_against(operation, request, merged, snapshot, FACTS, "$[1]")
    assert (request, snapshot) == before
    assert all(one.message and isinstance(one.message, str) for one in found)
    return found


@pytest.mark.parametrize(("rule", "operation", "request_", "snapshot", "where"), BROKEN)
def test_a_broken_rule_is_found_alone_and_in_its_place(
    rule: str, operation: str, request_: Json, snapshot: Json, where: str
) -> None:
    """Each example has the one finding, with the registry's severity and AWS's text."""
    [found] = check(operation, request_, snapshot)
    assert found.rule == rule
    assert found.path == ("$[1]." + where).rstrip(".")
    assert found.severity is RULES[rule].severity
    assert (found.aws_error == RULES[rule].aws_error) or rule == "ICP201"


@pytest.mark.parametrize(("operation", "request_", "snapshot"), SOUND)
def test_a_near_miss_is_sound(operation: str, request_: Json, snapshot: Json) -> None:
    """Nothing is said of what only looks like a fault, nor of what the snapshot does not tell."""
    assert check(operation, request_, snapshot) == ()


CASES = [(rule, *case, where) for rule, *case, where in BROKEN] + [(None, *case, "") for case in SOUND]


@given(st.data())
def test_what_else_is_on_the_endpoint_changes_nothing(data: st.DataObject) -> None:
    """Each rule is broken, or not, by the same requests whatever other components and tags there are."""
    rule, operation, request, snapshot, where = data.draw(st.sampled_from(CASES))
    if not snapshot.get("InferenceComponents"):
        return  # that there are none may be the point
    changed = copy.deepcopy(snapshot)
    names = data.draw(st.lists(st.from_regex(r"x[a-z0-9]{1,9}", fullmatch=True), unique=True, max_size=3))
    there = [*changed["InferenceComponents"], *(described(name) for name in names)]
    changed["InferenceComponents"] = data.draw(st.permutations(there))
    changed |= data.draw(
        st.dictionaries(st.sampled_from(["Region", "TakenAt", "Notes"]), st.text(max_size=3))
    )
    found = check(operation, request, changed)
    assert [one.rule for one in found] == [rule] * (rule is not None)
    assert all(one.path == ("$[1]." + where).rstrip(".") for one in found)


def test_every_check_has_its_breaking_example() -> None:
    """No rule is without a positive example."""
    groups = (references.CHECKS, partitions.CHECKS, rolling.CHECKS, state.CHECKS)
    assert {rule for group in groups for rule in group} == {case[0] for case in BROKEN}


@pytest.mark.parametrize(
    ("operation", "status", "answer"),
    [
        (
            SCALE,
            "Updating",
            "Cannot update inference component ... while it is in state UPDATE_RC_IN_PROGRESS",
        ),
        (DELETE, "Creating", "Cannot delete inference component ... while it is in state CREATE_IN_PROGRESS"),
    ],
)
def test_the_answer_to_a_write_in_transition(operation: str, status: str, answer: str) -> None:
    """AWS names what was asked for, and the state that refuses it."""
    request: Json = {NAME: "other", "DesiredRuntimeConfig": {"CopyCount": 1}}
    if operation == DELETE:
        request = {NAME: "other"}
    there = endpoint("InService", None, described("other", InferenceComponentStatus=status))
    assert [one.aws_error for one in check(operation, request, there)] == [answer]


@given(st.data(), snapshots())
def test_a_sound_change_of_what_runs_has_no_error(data: st.DataObject, snapshot: Json) -> None:
    """Scaling, and deleting what has no adapters, is never refused on a settled endpoint."""
    names = [
        one["InferenceComponentName"] for one in snapshot["InferenceComponents"] if "RuntimeConfig" in one
    ]
    if not names:
        return
    name = data.draw(st.sampled_from(names))
    scaling = {NAME: name, "DesiredRuntimeConfig": {"CopyCount": data.draw(st.integers(0, 9))}}
    assert check(SCALE, scaling, snapshot) == ()
    adapters = [
        one["Specification"].get("BaseInferenceComponentName") for one in snapshot["InferenceComponents"]
    ]
    assert [one.rule for one in check(DELETE, {NAME: name}, snapshot)] == ["ICP205"] * (name in adapters)


@given(
    st.one_of(
        *(st.tuples(st.just(name), requests(name)) for name in OPERATIONS if name not in ENDPOINT_OPERATIONS)
    ),
    snapshots(),
)
def test_no_sound_request_makes_a_rule_crash(drawn: tuple[str, Json], snapshot: Json) -> None:
    """Whatever meets, every rule answers, from worst to mildest."""
    ranks = [list(Severity).index(one.severity) for one in check(*drawn, snapshot)]
    assert ranks == sorted(ranks)


@given(almost_valid_requests(), snapshots())
def test_no_faulty_request_makes_a_rule_crash(drawn: tuple[str, Json], snapshot: Json) -> None:
    """Faulty members are passed over, and nothing is said when the request cannot be read at all."""
    check_against(*drawn, None, snapshot, FACTS)


def test_messages_name_the_figures() -> None:
    """What is short is said with its numbers, in the message and in the finding."""
    [batch] = check(UPDATE, roll("COPY_COUNT", 6), endpoint())
    assert "6 of 10 copies is 60 percent" in batch.message
    assert (batch.need, batch.have, batch.largest_that_works) == (6, 5, 5)
    [time] = check(UPDATE, roll("COPY_COUNT", 1, 61, 600), endpoint())
    assert "10 batches wait 610 s in all" in time.message
    assert (time.need, time.have) == (610, 600)
    [starts] = check(UPDATE, roll("CAPACITY_PERCENT", 50, 1, 1199, **SLOW), endpoint())
    assert "2 batches wait 2 s and may start for 1200 s, more than the 1199 s" in starts.message
    slices = layout("mig-4g.20gb", "mig-3g.20gb", "mig-1g.5gb")
    [misfit] = check(CONFIGURE, configure(**slices), endpoint(variant=slices))
    assert (
        "the layout takes 8 compute and 9 memory slices; an accelerator of ml.p4d.24xlarge has 7 and 8"
        in misfit.message
    )
    [both] = check(UPDATE, roll("COPY_COUNT", 1, 60, 600, **SLOW), endpoint())
    assert "10 batches wait 600 s and may start for 6000 s" in both.message
    one_copy = endpoint("InService", None, described("one", RuntimeConfig={"DesiredCopyCount": 1}))
    [single] = check(UPDATE, roll("COPY_COUNT", 1) | {NAME: "one"}, one_copy)
    assert (single.need, single.have, single.largest_that_works) == (1, None, None)


@pytest.mark.parametrize(
    ("copies", "batch", "sound"),
    [
        (40, 1, False),
        (40, 2, True),
        (40, 20, True),
        (40, 21, False),
        (3, 1, True),
        (3, 2, False),
        (30, 1, False),
        (2020, 100, False),
    ],
)
def test_batches_of_copies(copies: int, batch: int, sound: bool) -> None:
    """5 and 50 percent are within the documented range, for numbers of copies too."""
    many = endpoint("InService", None, described("many", RuntimeConfig={"DesiredCopyCount": copies}))
    found = check(UPDATE, roll("COPY_COUNT", batch) | {NAME: "many"}, many)
    assert [one.rule for one in found] == ["ICP136"] * (not sound)
    bounds = {
        (40, 1): (2, 20),
        (40, 21): (20, 20),
        (3, 2): (1, 1),
        (30, 1): (2, 15),
        (2020, 100): (101, 1010),
    }
    assert [(one.have, one.largest_that_works) for one in found] == [bounds.get((copies, batch))] * (
        not sound
    )


@pytest.mark.parametrize(
    ("copies", "percent", "batches"),
    [(3, 50, 2), (3, 34, 2), (3, 33, 3), (3, 25, 3), (4, 25, 4), (201, 50, 2)],
)
def test_rounding_of_percentages(copies: int, percent: int, batches: int) -> None:
    """A percentage rounds up: 34 percent of 3 copies are 2 of them, 33 percent are one."""
    many = endpoint("InService", None, described("many", RuntimeConfig={"DesiredCopyCount": copies}))
    for limit, rules in ((batches * 600, []), (batches * 600 - 1, ["ICP137"])):
        request = roll("CAPACITY_PERCENT", percent, 0, limit, **SLOW) | {NAME: "many"}
        assert [one.rule for one in check(UPDATE, request, many)] == rules


def test_messages_name_what_is_there() -> None:
    """What is not found is answered with what there is."""
    snapshot = endpoint("InService", None, ADAPTER)
    [missing] = check(UPDATE, update(RuntimeConfig={"CopyCount": 1}) | {NAME: "none"}, snapshot)
    assert missing.message == "none is not there; there is adapter, llama"
    [missing] = check(DELETE, {NAME: "none"}, {"InferenceComponents": []})
    assert missing.message == "none is not there; there is none"
    [variant] = check(CREATE, create(VariantName="x"), two_variants())
    assert variant.message == "x is not there; there is v, w"
    [used] = check(DELETE, {NAME: "llama"}, snapshot)
    assert used.message == "llama is the base of adapter"
    [used] = check(DELETE, {NAME: "llama"}, endpoint("InService", None, ADAPTER, {**ADAPTER, NAME: "a"}))
    assert used.message == "llama is the base of a, adapter"
    [devices] = check(UPDATE, update(**needs(NumberOfAcceleratorDevicesRequired=2)), two_variants())
    assert (devices.need, devices.have) == (2, 0)


def test_paths_begin_at_the_root() -> None:
    """A request that is a document of its own is named as JSON paths name it."""
    [found] = check_against(CREATE, create(EndpointName="dev"), None, endpoint(), FACTS)
    assert found.path == "$.EndpointName"


def test_messages_name_partitions() -> None:
    """Layouts are told in order, and whole accelerators as such."""
    foreign = layout("mig-9g.9gb", "mig-1g.5gb", "mig-8g.8gb", "mig-9g.9gb")
    [strange] = check(CONFIGURE, configure(**foreign), endpoint(variant=foreign))
    assert strange.message == (
        "mig-9g.9gb, mig-8g.8gb is not of ml.p4d.24xlarge, whose types are mig-1g.5gb, mig-1g.10gb, "
        "mig-2g.10gb, mig-3g.20gb, mig-4g.20gb, mig-7g.40gb"
    )
    both = per_type(
        ("ml.p4d.24xlarge", ON_3G["Specification"][COMPUTE]),
        ("ml.p5.48xlarge", ON_4G["Specification"][COMPUTE]),
    )
    snapshot = endpoint(
        "InService",
        SPLIT | pools("ml.p4d.24xlarge", "ml.p5.48xlarge"),
        described("two", Specification=None, **both),
    )
    later = per_type(("ml.p4d.24xlarge", {}), ("ml.p5.48xlarge", ON_1G["Specification"][COMPUTE]))
    changes = [one for one in check(UPDATE, {NAME: "two", **later}, snapshot) if one.rule == "ICP179"]
    assert [one.message for one in changes] == [
        "the request changes the partition type from mig-3g.20gb, mig-4g.20gb to mig-1g.5gb, mig-3g.20gb"
    ]
    [changed] = check(CONFIGURE, configure(), SPLIT_LLAMA)
    assert (
        changed.message
        == "the request changes the layout from mig-3g.20gb, mig-4g.20gb to whole accelerators"
    )
    [other] = check(UPDATE, {NAME: "split", **ON_4G}, SPLIT_LLAMA)
    assert other.message == "the request changes the partition type from mig-3g.20gb to mig-4g.20gb"
    [new] = check(UPDATE, update(**ON_3G), SPLIT_LLAMA)
    assert new.message == "the request changes the partition type from none to mig-3g.20gb"


def test_nothing_is_said_of_a_merge_that_is_not_given() -> None:
    """Without the merge over what is described the rules that need it are silent."""
    assert check_against(UPDATE, {NAME: "split", **ON_4G}, None, SPLIT_LLAMA, FACTS) == ()
    assert check_against(CREATE, create(), None, SPLIT_LLAMA, FACTS) == ()


def test_the_largest_batch_that_works() -> None:
    """Half of the copies, rounded down."""
    many = endpoint("InService", None, described("many", RuntimeConfig={"DesiredCopyCount": 201}))
    [found] = check(UPDATE, roll("COPY_COUNT", 150) | {NAME: "many"}, many)
    assert (found.have, found.largest_that_works) == (100, 100)


def test_the_slowest_entry_counts() -> None:
    """Of several Specifications the one that may take longest to start decides."""
    several = [
        {"InstanceType": name, "StartupParameters": {DOWNLOAD: limit}}
        for name, limit in (("ml.g5.xlarge", 600), ("ml.g5.12xlarge", 60))
    ]
    request = roll("COPY_COUNT", 5, 0, 1199) | {"Specifications": several}
    request.pop("Specification")
    found = check(UPDATE, request, endpoint(variant=pools("ml.g5.xlarge", "ml.g5.12xlarge")))
    assert [(one.rule, one.need) for one in found] == [("ICP137", 1200)]


def test_start_limits_come_from_the_request_or_from_what_is_described() -> None:
    """A limit the request leaves out keeps its described value; both count together."""
    slow = {"ModelName": "m", "StartupParameters": {"ModelDataDownloadTimeoutInSeconds": 60}}
    snapshot = endpoint("InService", None, described("slow", Specification=slow))
    request = roll("CAPACITY_PERCENT", 50, 0, 1319, **SLOW) | {NAME: "slow"}
    assert [one.need for one in check(UPDATE, request, snapshot)] == [1320]
    request = roll("CAPACITY_PERCENT", 10, 0, 600) | {NAME: "slow"}
    assert check(UPDATE, request, snapshot) == ()
    request = roll("CAPACITY_PERCENT", 5, 60, 600) | {NAME: "slow"}
    assert [one.need for one in check(UPDATE, request, snapshot)] == [1200]
