"""A fix promises what comes of it once it is made in the files, and these are judged again."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st
from support.deployments import ROLE, VARIANT, Files, deployments, resource
from support.endpoints import GPU4
from support.examples import share

import icplan
from icplan.errors import InputError
from icplan.inputs.deployment import InputOptions
from icplan.inputs.per_parameter_value import read_all
from icplan.inputs.source import parse_source
from icplan.judge.every_value import judge_readings
from icplan.judge.fixes_made import MAX_JUDGED
from icplan.judge.settings import Settings
from icplan.requests.operations import ENDPOINT_OPERATIONS
from icplan.verdict.gate import FailOn
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from support.deployments import Json

    from icplan.verdict.verdict import Verdict


def judged(files: Files, settings: Settings) -> dict[str, Verdict]:
    there = None if files.snapshot is None else icplan.Snapshot.from_dict(files.snapshot)
    source = parse_source(json.dumps(files.template, indent=1).encode(), "template.json")
    readings = read_all([source], InputOptions(snapshot=None if there is None else there.data))
    return {one.endpoint.name: one.verdict for one in judge_readings(readings, there, settings).endpoints}


def outcome_of(verdict: Verdict, name: str, before: Verdict) -> Outcome:
    """What comes of a component's change, and of changes of the endpoint that there were none of before."""
    added = set(ENDPOINT_OPERATIONS) - {one.operation for one in before.changes}
    return Outcome.worst(
        one.outcome
        for one in verdict.changes
        if one.inference_component_name == name or one.operation in added
    )


def check(files: Files, fail_on: frozenset[FailOn]) -> Counter[str]:
    """Every fix of the files made; counted by kind."""
    settings = Settings(fail_on=fail_on)
    made = Counter[str]()
    for endpoint, verdict in judged(files, settings).items():
        for change in verdict.changes:
            for remedy in change.remedies:
                if not remedy.edits and remedy.target != "quota":
                    made["beside"] += 1
                    continue
                name = change.inference_component_name
                again = judged(files.with_fix(endpoint, name, remedy), settings)[endpoint]
                found = outcome_of(again, name, verdict)
                assert found is remedy.outcome, (endpoint, name, remedy.description, remedy.outcome, found)
                made[f"{remedy.kind}: {remedy.outcome}"] += 1
    return made


@pytest.mark.slow
@share(2)
@given(deployments(), st.frozensets(st.sampled_from([FailOn.SCALE_OUT, FailOn.ROLLBACK]), max_size=1))
def test_a_fix_that_is_made_is_what_it_promised(files: Files, fail_on: frozenset[FailOn]) -> None:
    try:
        made = check(files, fail_on)
    except InputError:
        assume(False)
        return
    for kind in made:
        event(kind)


def declared(instance_type: str, instances: int, *components: Json) -> Files:
    """A new endpoint without managed instance scaling, and its components."""
    variant = {"VariantName": VARIANT, "InstanceType": instance_type, "InitialInstanceCount": instances}
    fleet = {"ExecutionRoleArn": ROLE, "ProductionVariants": [variant]}
    named = {"Fn::GetAtt": ["shoreConfig", "EndpointConfigName"]}
    endpoint = {"EndpointName": "shore", "EndpointConfigName": named}
    return Files(
        {
            "Resources": {
                "shoreConfig": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": fleet},
                "shoreEndpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": endpoint},
                **{f"C{number}": one for number, one in enumerate(components)},
            }
        }
    )


def of_gpus(name: str, devices: int, copies: int, memory: int = 1024) -> Json:
    compute = {"MinMemoryRequiredInMb": memory, "NumberOfAcceleratorDevicesRequired": devices}
    return resource(name, {"Fn::GetAtt": ["shoreEndpoint", "EndpointName"]}, compute, copies)


def test_what_another_is_judged_on_holds_beside_it_as_well() -> None:
    """Whether 8192 MiB can be allocated is the doubt of the first: the second has room where that has."""
    files = declared("ml.g5.xlarge", 1, of_gpus("a", 1, 1, 8192), of_gpus("b", 1, 1, 8192))
    found = judged(files, Settings())["shore"]
    assert [one.outcome for one in found.changes] == [Outcome.MAY_NOT_FIT, Outcome.DOES_NOT_FIT]
    (remedy,) = found.changes[1].remedies
    assert (remedy.kind, remedy.outcome) == ("enable-managed-instance-scaling", Outcome.FITS_AFTER_SCALE_OUT)
    made = judged(files.with_fix("shore", "b", remedy), Settings())["shore"]
    assert [one.outcome for one in made.changes] == [Outcome.MAY_NOT_FIT, Outcome.FITS_AFTER_SCALE_OUT]


def test_a_fix_that_lets_another_change_through_leaves_no_room_for_its_own() -> None:
    """With two instances the first has room, which fails without: then the second has none."""
    files = declared(GPU4, 1, of_gpus("a", 4, 2), of_gpus("b", 4, 2))
    found = judged(files, Settings())["shore"]
    assert [one.outcome for one in found.changes] == [Outcome.DOES_NOT_FIT] * 2
    assert check(files, frozenset())
    second = found.changes[1]
    assert all(one.kind == "fewer-copies" or one.outcome.fits for one in second.remedies)
    assert not any("MaxInstanceCount 2" in one.description for one in second.remedies)


def test_of_very_many_fixes_the_last_say_that_they_were_judged_alone() -> None:
    """Each of them takes as much as the deployment, so that there is an end to it."""
    files = declared(GPU4, 1, *(of_gpus(f"c{number}", 4, 2) for number in range(2 * MAX_JUDGED)))
    found = judged(files, Settings())["shore"]
    alone = [any("in the turn of its change alone" in risk for risk in one.risks) for one in found.remedies]
    assert alone == sorted(alone)
    assert not any(alone[:1])
    assert any(alone)
