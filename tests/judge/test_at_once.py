"""What a deployment changes at the same time is not judged as if one change waited for the other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from support.declared_fleets import fleets, template
from support.endpoints import GPU4, component, snapshot
from support.examples import share

import icplan
from icplan.inputs import formats
from icplan.inputs.deployment import Deployment, InputOptions
from icplan.inputs.source import parse_source
from icplan.judge.deployment import judge_deployment
from icplan.judge.settings import Settings
from icplan.verdict.codec import to_dict
from icplan.verdict.gate import AT_ONCE, RAISED
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify

if TYPE_CHECKING:
    from icplan.verdict.verdict import Verdict

TWICE = (component("a", 1, 1), component("b", 1, 1), component("c", 1, 1))
"""Three of four devices are taken: there is room for one new copy beside an old one, and not for two."""


def judged(document: dict[str, Any], running: dict[str, Any] | None = None) -> Verdict:
    return judged_text(json.dumps(document).encode(), running)


def judged_text(text: bytes, running: dict[str, Any] | None = None) -> Verdict:
    there = None if running is None else icplan.Snapshot.from_dict(running)
    options = InputOptions(snapshot=None if there is None else there.data)
    deployment = formats.read([parse_source(text, "template.json")], options)
    assert isinstance(deployment, Deployment)
    (found,) = judge_deployment(deployment, there, Settings(assume={"unresolved-model": "changed"}))
    return found.verdict


def resource(name: str, devices: int, copies: int, **more: Any) -> dict[str, Any]:
    compute = {"NumberOfAcceleratorDevicesRequired": devices, "MinMemoryRequiredInMb": 1024}
    return {
        "Type": "AWS::SageMaker::InferenceComponent",
        "Properties": {
            "InferenceComponentName": name,
            "EndpointName": "prod",
            "VariantName": "AllTraffic",
            "Specification": {"ModelName": f"{name}-2", "ComputeResourceRequirements": compute},
            "RuntimeConfig": {"CopyCount": copies},
        },
        **more,
    }


def updates(**after: Any) -> dict[str, Any]:
    return {"Resources": {"A": resource("a", 1, 1), "B": resource("b", 1, 1, **after)}}


def rules(verdict: Verdict) -> list[set[str]]:
    return [{finding.rule for finding in change.findings} for change in verdict.changes]


def test_two_surges_at_once_may_not_fit() -> None:
    """Each alone finds the one free device; both together do not, unless one waits."""
    running = snapshot(GPU4, 1, *TWICE)
    found = judged(updates(), running)
    assert found.outcome is Outcome.MAY_NOT_FIT
    assert all(AT_ONCE in one for one in rules(found))
    in_turn = judged(updates(DependsOn="A"), running)
    assert in_turn.outcome is Outcome.FITS
    assert judged(updates(), snapshot(GPU4, 2, *TWICE)).outcome is Outcome.FITS


def test_what_is_made_at_once_lies_in_any_order() -> None:
    """Two small copies may come first, and lie on one instance each: then a large one finds no room."""
    both = {"Resources": {"Large": resource("large", 4, 1), "Small": resource("small", 1, 2)}}
    running = snapshot(GPU4, 2)
    found = judged(both, running)
    assert [one.outcome for one in found.changes] == [Outcome.MAY_NOT_FIT, Outcome.FITS]
    both["Resources"]["Small"]["DependsOn"] = ["Large"]
    assert judged(both, running).outcome is Outcome.FITS


def test_a_verdict_on_changes_at_once_is_verified() -> None:
    found = judged(updates(), snapshot(GPU4, 1, *TWICE))
    assert all(one.result is Result.VERIFIED for one in verify(to_dict(found)))


def plan(depends: list[str]) -> bytes:
    kind = "awscc_sagemaker_inference_component"
    changes: list[dict[str, Any]] = []
    listed: list[dict[str, Any]] = []
    for name in ("a", "b"):
        after = {
            "inference_component_name": name,
            "endpoint_name": "prod",
            "variant_name": "AllTraffic",
            "specification": {
                "model_name": f"{name}-2",
                "compute_resource_requirements": {
                    "number_of_accelerator_devices_required": 1,
                    "min_memory_required_in_mb": 1024,
                },
            },
            "runtime_config": {"copy_count": 1},
        }
        before = json.loads(json.dumps(after).replace("-2", "-1"))
        change = {"actions": ["update"], "before": before, "after": after, "after_unknown": {}}
        changes.append(
            {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name, "change": change}
        )
        waits = {"depends_on": depends} if name == "b" and depends else {}
        listed.append({"address": f"{kind}.{name}", "type": kind, "name": name, "expressions": {}, **waits})
    configuration = {"root_module": {"resources": listed}}
    return json.dumps(
        {"format_version": "1.2", "resource_changes": changes, "configuration": configuration}
    ).encode()


@pytest.mark.parametrize(
    ("depends", "outcome"),
    [
        ([], Outcome.MAY_NOT_FIT),
        (["awscc_sagemaker_inference_component.a"], Outcome.FITS),
    ],
)
def test_a_plan_waits_where_its_configuration_says_so(depends: list[str], outcome: Outcome) -> None:
    assert judged_text(plan(depends), snapshot(GPU4, 1, *TWICE)).outcome is outcome


@pytest.mark.slow
@share(4)
@given(fleets(), st.randoms(use_true_random=False))
def test_the_order_of_what_does_not_depend_decides_nothing(fleet: dict[str, Any], random: Any) -> None:
    """All of it fits in one order of the file exactly if it does in another."""
    first = judged_text(template(fleet))
    random.shuffle(fleet["Components"])
    second = judged_text(template(fleet))
    event(f"{first.outcome}")
    assert first.outcome.fits is second.outcome.fits


def declared(least: int) -> dict[str, Any]:
    variant = {
        "VariantName": "AllTraffic",
        "InstanceType": "ml.g5.12xlarge",
        "InitialInstanceCount": 1,
    }
    target = {
        "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
        "ServiceNamespace": "sagemaker",
        "ResourceId": "inference-component/a",
        "MinCapacity": least,
        "MaxCapacity": 4,
    }
    role = {"ExecutionRoleArn": "arn:aws:iam::111122223333:role/serve"}
    fleet = {"EndpointConfigName": "prod", "ProductionVariants": [variant], **role}
    endpoint = {"EndpointName": "prod", "EndpointConfigName": "prod"}
    return {
        "Resources": {
            "Fleet": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": fleet},
            "Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": endpoint},
            "A": resource("a", 2, 1),
            "Target": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": target},
        }
    }


@pytest.mark.parametrize(
    ("least", "outcome"), [(1, Outcome.FITS), (2, Outcome.FITS), (3, Outcome.MAY_NOT_FIT)]
)
def test_autoscaling_raises_what_is_declared_with_fewer_copies(least: int, outcome: Outcome) -> None:
    found = judged(declared(least))
    assert found.outcome is outcome
    assert (RAISED in rules(found)[0]) is (outcome is Outcome.MAY_NOT_FIT)
    assert all(one.result is Result.VERIFIED for one in verify(to_dict(found)))


def parameter(document: dict[str, Any], **member: Any) -> dict[str, Any]:
    """The template with these members of its scalable target."""
    document["Resources"]["Target"]["Properties"] |= member
    return document


def test_a_minimum_may_be_written_as_a_text() -> None:
    """CloudFormation takes "3" for 3, and parameters of type String are texts."""
    assert RAISED in rules(judged(parameter(declared(1), MinCapacity="3")))[0]
    assert judged(parameter(declared(1), MinCapacity="2")).outcome is Outcome.FITS
    given_by = {"Parameters": {"Least": {"Type": "String", "Default": "3"}}}
    document = given_by | parameter(declared(1), MinCapacity={"Ref": "Least"})
    assert RAISED in rules(judged(document))[0]
    del document["Parameters"]["Least"]["Default"]
    with pytest.raises(icplan.InputError, match="MinCapacity"):
        judged(document)


@pytest.mark.parametrize("wrong", ["three", "1.5", -1, True, "03", [3]])
def test_a_minimum_that_is_no_number_of_copies_is_refused(wrong: Any) -> None:
    with pytest.raises(icplan.InputError, match="MinCapacity"):
        judged(parameter(declared(1), MinCapacity=wrong))


def test_a_maximum_that_cannot_be_told_leaves_the_minimum_and_is_told_of() -> None:
    document = parameter(declared(1), MinCapacity="3", MaxCapacity={"Ref": "Most"})
    document["Parameters"] = {"Most": {"Type": "Number"}}
    deployment = formats.read([parse_source(json.dumps(document).encode(), "template.json")], InputOptions())
    assert isinstance(deployment, Deployment)
    assert not deployment.all_judged
    assert any("MaxCapacity" in note for note in deployment.notes)
    assert RAISED in rules(judged(document))[0]


RUNS_ONE = component("a", 1, 2)


@pytest.mark.parametrize("there", [(), (RUNS_ONE,)])
@pytest.mark.parametrize("least", [2, 3])
def test_autoscaling_raises_what_is_on_an_endpoint_that_runs(there: tuple[Any, ...], least: int) -> None:
    """Whether the template declares the target, or the endpoint has it already."""
    outcome = Outcome.FITS if least == 2 else Outcome.MAY_NOT_FIT
    document = declared(least)
    resources = document["Resources"]
    target = resources["Target"]["Properties"]
    del resources["Fleet"], resources["Endpoint"]
    assert judged(document, snapshot(GPU4, 1, *there)).outcome is outcome
    del resources["Target"]
    found = judged(document, {**snapshot(GPU4, 1, *there), "ScalableTargets": [target]})
    assert found.outcome is outcome
    assert (RAISED in rules(found)[0]) is (least == 3)


def test_the_target_declared_holds_over_the_one_that_is_there() -> None:
    document = declared(2)
    target = document["Resources"]["Target"]["Properties"]
    del document["Resources"]["Fleet"], document["Resources"]["Endpoint"]
    running = {**snapshot(GPU4, 1), "ScalableTargets": [target | {"MinCapacity": 3}]}
    assert judged(document, running).outcome is Outcome.FITS


def test_an_update_without_a_number_of_copies_is_raised_as_well() -> None:
    document = declared(3)
    del document["Resources"]["Fleet"], document["Resources"]["Endpoint"]
    del document["Resources"]["A"]["Properties"]["RuntimeConfig"]
    assert RAISED in rules(judged(document, snapshot(GPU4, 1, RUNS_ONE)))[0]
    assert RAISED in rules(judged(document, snapshot(GPU4, 1)))[0]


def of_each_type(described: dict[str, Any]) -> dict[str, Any]:
    """The component, its size told of each instance type."""
    one = described.pop("Specification")
    return {**described, "Specifications": [{**one, "InstanceType": "ml.g5.12xlarge"}]}


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("after", [False, True])
def test_a_copy_that_shrinks_is_large_meanwhile_whatever_tells_its_size(before: bool, after: bool) -> None:
    """Three devices of four are taken until the update of a is through: b asks for two."""
    runs = component("a", 1, 3)
    document = {"Resources": {"A": resource("a", 1, 1), "B": resource("b", 2, 1)}}
    properties = document["Resources"]["A"]["Properties"]
    if after:
        document["Resources"]["A"]["Properties"] = of_each_type(properties)
    found = judged(document, pooled(of_each_type(runs) if before else runs))
    assert found.outcome is Outcome.MAY_NOT_FIT
    assert AT_ONCE in rules(found)[1]


def pooled(*components: dict[str, Any]) -> dict[str, Any]:
    """One ml.g5.12xlarge as a pool, which components may tell a size for."""
    running = snapshot(GPU4, 1, *components)
    kind = "ml.g5.12xlarge"
    (variant,) = running["EndpointConfig"]["ProductionVariants"]
    del variant["InstanceType"]
    variant["InstancePools"] = [{"InstanceType": kind, "Priority": 1}]
    (live,) = running["Endpoint"]["ProductionVariants"]
    live["InstancePools"] = [{"InstanceType": kind, "CurrentInstanceCount": 1}]
    return running


TARGET = "aws_appautoscaling_target.a"


def target_plan(least: int, *, kept: bool, declared: bool = True) -> bytes:
    """A plan that changes the minimum of a component and, unless ``kept``, nothing else."""
    document = json.loads(plan([]))
    before = {
        "resource_id": "inference-component/a",
        "scalable_dimension": "sagemaker:inference-component:DesiredCopyCount",
        "service_namespace": "sagemaker",
        "min_capacity": 1,
        "max_capacity": 8,
    }
    change = {"actions": ["update"], "before": before, "after": before | {"min_capacity": least}}
    entry = {
        "address": TARGET,
        "mode": "managed",
        "type": TARGET.split(".", maxsplit=1)[0],
        "name": "a",
        "change": change,
    }
    components = document["resource_changes"] if declared else []
    for one in components:
        if kept:
            one["change"] |= {"actions": ["no-op"], "after": one["change"]["before"]}
    document["resource_changes"] = [*components, entry]
    return json.dumps(document).encode()


@pytest.mark.parametrize("declared", [True, False])
def test_a_raised_minimum_of_what_stays_as_it_is_is_judged(*, declared: bool) -> None:
    """Autoscaling scales it, be it declared beside its target or in other files."""
    running = snapshot(GPU4, 1, *TWICE)
    for least, outcome in ((1, None), (2, Outcome.FITS), (3, Outcome.DOES_NOT_FIT)):
        text = target_plan(least, kept=True, declared=declared)
        if outcome is None:
            with pytest.raises(ValueError, match="not enough values"):
                judged_text(text, running)
            continue
        found = judged_text(text, running)
        (change,) = found.changes
        assert (change.operation, change.copies) == ("UpdateInferenceComponentRuntimeConfig", (1, least))
        assert found.outcome is outcome
        options = InputOptions(snapshot=running)
        deployment = formats.read([parse_source(text, "plan.json")], options)
        assert isinstance(deployment, Deployment)
        assert any(f"MinCapacity {least}, which {TARGET} sets" in note for note in deployment.notes)


def test_a_raised_minimum_takes_room_beside_other_changes() -> None:
    """The one device left is for the surge of b, or for another copy of a."""
    document = json.loads(target_plan(2, kept=True))
    other = json.loads(plan([]))["resource_changes"][1]
    document["resource_changes"][1] = other
    found = judged_text(json.dumps(document).encode(), snapshot(GPU4, 1, *TWICE))
    assert found.outcome is Outcome.MAY_NOT_FIT
