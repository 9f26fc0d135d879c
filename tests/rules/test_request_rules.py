"""Rules that need to know the request alone: each is broken by what breaks it, and by nothing else."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from hypothesis import given
from hypothesis import strategies as st
from support.examples import share
from support.rule_cases import BREAKS, COMPUTE, FIELDS, UPDATE, metrics, rolling

from icplan.aws import botocore_model as client_model
from icplan.requests.operations import OPERATIONS
from icplan.requests.parse import parse_partially
from icplan.requests.problems import FieldRule
from icplan.rules import RULES, check_request
from icplan.rules.base import Violation, findings
from icplan.rules.configuration import CHECKS as CONFIGURATION_CHECKS
from icplan.rules.container import CHECKS as CONTAINER_CHECKS
from icplan.rules.fields import RULE_OF
from icplan.rules.specification import CHECKS as SPECIFICATION_CHECKS
from icplan.testing.strategies import almost_valid_requests, requests
from icplan.verdict.finding import Severity

VALID = st.sampled_from(OPERATIONS).flatmap(lambda name: st.tuples(st.just(name), requests(name)))


@given(VALID)
def test_a_sound_request_has_no_finding(drawn: tuple[str, dict[str, Any]]) -> None:
    """The negative of every rule at once: nothing is said of a request that breaks none."""
    assert check_request(*drawn) == ()


def test_every_check_has_its_breaking_request() -> None:
    """No rule is without a positive property."""
    assert {
        *SPECIFICATION_CHECKS,
        *CONTAINER_CHECKS,
        *CONFIGURATION_CHECKS,
        "ICP136",
        "ICP178",
    } == BREAKS.keys()


@pytest.mark.parametrize("rule", BREAKS)
@share(4)
@given(data=st.data())
def test_a_broken_rule_is_found_alone_and_in_its_place(rule: str, data: st.DataObject) -> None:
    """A sound request with one change has the one finding, with the registry's severity and AWS's text."""
    operation, request, path = data.draw(BREAKS[rule])
    found = check_request(operation, request, "$[3].Request")
    assert {one.rule for one in found} == {rule}
    assert path.replace("$", "$[3].Request", 1) in {one.path for one in found}
    if rule == "ICP133":
        assert [(one.need, one.have) for one in found] == [(1, 0)]
    for one in found:
        assert (one.severity, one.aws_error) == (RULES[rule].severity, RULES[rule].aws_error)
        assert one.message


@pytest.mark.parametrize("rule", FIELDS)
@share(4)
@given(data=st.data())
def test_a_faulty_member_is_found_in_its_place(rule: str, data: st.DataObject) -> None:
    """Each field rule tells the one fault of a request, once, and with no answer but that to this member."""
    operation, request, path = data.draw(FIELDS[rule])
    before = copy.deepcopy(request)
    found = [one for one in check_request(operation, request, "$[3].Request") if one.rule in FIELDS]
    assert [(one.rule, one.path) for one in found] == [(rule, path.replace("$", "$[3].Request", 1))]
    assert found[0].severity is RULES[rule].severity
    assert found[0].message
    assert found[0].aws_error not in {
        one.aws_error for one in RULES.values() if one.id in FIELDS and one.aws_error
    }
    assert request == before


def test_every_field_rule_has_its_breaking_request() -> None:
    """No rule of single members is without a positive property, but ICP112, which needs a newer botocore."""
    assert FIELDS.keys() == set(RULE_OF.values())


IN_AN_ENTRY = ["ICP127", "ICP128", "ICP135", "ICP138", "ICP139", "ICP140", "ICP142", "ICP178"]
IN_A_VARIANT = [rule for rule in CONFIGURATION_CHECKS if rule != "ICP152"]
MINIMAL = {"ModelName": "m", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128}}


@pytest.mark.parametrize("rule", IN_AN_ENTRY)
@share(4)
@given(data=st.data())
def test_a_sound_entry_hides_no_fault_of_the_next(rule: str, data: st.DataObject) -> None:
    """A rule looks at every one of Specifications, whatever those before it have or lack."""
    operation, request, path = data.draw(BREAKS[rule])
    before = data.draw(st.sampled_from([MINIMAL, {**MINIMAL, "Container": {"Image": "i"}}]))
    request["Specifications"] = [
        {"InstanceType": "ml.g5.xlarge", **before},
        {"InstanceType": "ml.g6.xlarge", **request.pop("Specification")},
    ]
    found = check_request(operation, request)
    assert {(one.rule, one.path) for one in found} == {
        (rule, path.replace("$.Specification", "$.Specifications[1]", 1))
    }


@pytest.mark.parametrize("rule", IN_A_VARIANT)
@share(4)
@given(data=st.data())
def test_a_sound_variant_hides_no_fault_of_the_next(rule: str, data: st.DataObject) -> None:
    """A rule looks at every variant, whatever those before it have or lack."""
    operation, request, path = data.draw(BREAKS[rule])
    before: dict[str, Any] = {"VariantName": "before", "InstanceType": "ml.c5.xlarge"}
    if data.draw(st.booleans()):
        before |= {"InitialInstanceCount": 2}
    request["ProductionVariants"].insert(0, before)
    found = check_request(operation, request)
    assert {one.rule for one in found} == {rule}
    assert path.replace("[0]", "[1]", 1) in {one.path for one in found}


def test_no_more_findings_of_a_rule_than_anybody_reads() -> None:
    """The thousandth says that there are more."""
    for count, more in ((1000, False), (1001, True), (5000, True)):
        twice = [{"InstanceType": "ml.g5.xlarge"}] * (count + 1)
        found = check_request(UPDATE, {"InferenceComponentName": "a", "Specifications": twice})
        hits = [one for one in found if one.rule == "ICP125"]
        assert [one.path for one in hits] == [f"$.Specifications[{n}].InstanceType" for n in range(1, 1001)]
        assert hits[-1].message.endswith("; more like it are not listed") == more
        assert "more like it" not in "".join(one.message for one in hits[:-1])


def test_a_check_is_not_asked_for_more_than_anybody_reads() -> None:
    """Even one that has no end."""
    endless = {"ICP121": lambda _: itertools.repeat(Violation("$", "both"))}
    assert len(findings(RULES, endless, None)) == 1000


def test_botocore_is_asked_of_unknown_members_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading its model takes longer than all the rest."""
    asked: list[object] = []

    def unknown(*one: object) -> frozenset[str]:
        asked.append(one)
        return frozenset()

    monkeypatch.setattr(client_model, "unknown_to_client", unknown)
    assert check_request(UPDATE, {"InferenceComponentName": "a", "RuntimeConfig": {"CopyCount": 1}}) == ()
    assert not asked
    check_request(UPDATE, {"InferenceComponentName": "a", "Novelty": 1})
    assert len(asked) == 1


def test_every_kind_of_field_problem_has_a_rule() -> None:
    """Fatal kinds are errors; a member no botocore here knows is one too; the rest is a note."""
    assert RULE_OF.keys() == set(FieldRule)
    for kind, rule in RULE_OF.items():
        fails = kind.fatal or kind is FieldRule.UNKNOWN
        assert RULES[rule].severity is (Severity.ERROR if fails else Severity.NOTE)


@pytest.mark.parametrize("path", ["$", "$[1].Request"])
def test_a_member_that_only_the_installed_botocore_knows_is_a_note(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """It can be sent, so it is not refused; what neither knows still is."""
    model: Any = Loader().load_service_model("sagemaker", "service-2")
    model["shapes"]["InferenceComponentRuntimeConfig"]["members"]["Novelty"] = {"shape": "Boolean"}
    monkeypatch.setattr(client_model, "_service", lambda: ServiceModel(model, "sagemaker"))
    runtime = {"CopyCount": 1, "Novelty": True, "Noveltie": True}
    found = check_request(UPDATE, {"InferenceComponentName": "a", "RuntimeConfig": runtime}, path)
    assert [(one.rule, one.path, one.severity) for one in found] == [
        ("ICP110", f"{path}.RuntimeConfig.Noveltie", Severity.ERROR),
        ("ICP112", f"{path}.RuntimeConfig.Novelty", Severity.NOTE),
    ]
    assert found[1].aws_error is None
    assert "Novelty is no member of RuntimeConfig" in found[1].message


@pytest.mark.parametrize("request_", [None, 3, [], [{"Novelty": 1}], "Novelty"])
def test_what_is_no_request_at_all_is_refused(request_: Any) -> None:
    """Whatever a caller passes, there is a finding and no traceback."""
    assert [one.rule for one in check_request(UPDATE, request_)] in (["ICP101"], ["ICP102"])


@given(almost_valid_requests())
def test_every_field_problem_is_a_finding(drawn: tuple[str, dict[str, Any]]) -> None:
    """Nothing the walk finds is lost; findings stand from worst to mildest; no request makes a rule crash."""
    operation, request = drawn
    _, problems = parse_partially(operation, request)
    found = check_request(operation, request)
    for problem in problems:
        assert any(one.rule == RULE_OF[problem.kind] and one.path == problem.path for one in found)
        said = problem.message + (f". {problem.hint}" if problem.hint else "")
        assert any(said == one.message for one in found)
    ranks = [list(Severity).index(one.severity) for one in found]
    assert ranks == sorted(ranks)


@given(st.sampled_from(sorted(BREAKS)), st.data())
def test_a_faulty_member_does_not_silence_the_rules(rule: str, data: st.DataObject) -> None:
    """A name that breaks its pattern is reported beside the rule across members."""
    operation, request, _ = data.draw(BREAKS[rule])
    name = "EndpointConfigName" if operation == "CreateEndpointConfig" else "InferenceComponentName"
    found = {one.rule for one in check_request(operation, request | {name: "no_good", "Novelty": 1})}
    assert found == {rule, "ICP106", "ICP110"}


PARTITION = {"MinMemoryRequiredInMb": 128, "AcceleratorPartitionType": "mig-1g.5gb"}
SECRET = "s3cr3t" + "xyzzy"


@given(almost_valid_requests(UPDATE), st.integers(0, 2))
def test_no_message_shows_a_secret(drawn: tuple[str, dict[str, Any]], how: int) -> None:
    """Values of variables and signed query strings are in no finding, whatever else is wrong."""
    operation, request = drawn
    values = [SECRET, 7, {"deep": SECRET}]
    container = {
        "Environment": {"HF_TOKEN": values[how], "bad name": SECRET, "LONG": SECRET * 500},
        "ArtifactUrl": f"https://me:{SECRET}@h/a.zip?X-Amz-Signature={SECRET}",
        "Image": f"registry/llm:1 https://h/?token={SECRET}",
    }
    request["Specification"] = {"Container": container}
    found = check_request(operation, request)
    assert found
    assert SECRET not in repr(found)


def _signed(value: Any) -> Any:
    """The value with a signed URL for every text in it."""
    if isinstance(value, dict):
        return {name: _signed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_signed(inner) for inner in value]
    return f"https://me:{SECRET}@h/a?X-Amz-Signature={SECRET}" if isinstance(value, str) else value


@given(VALID)
def test_no_message_shows_a_credential_wherever_it_was_pasted(drawn: tuple[str, dict[str, Any]]) -> None:
    """Whichever member holds a signed URL, no rule repeats it."""
    operation, request = drawn
    found = check_request(operation, _signed(request))
    assert found
    assert SECRET not in repr(found)
    twice = [{"InstanceType": "ml.g5.xlarge"}] * 2
    [named] = [
        one
        for one in check_request(UPDATE, _signed({"InferenceComponentName": "a", "Specifications": twice}))
        if one.rule == "ICP125"
    ]
    assert SECRET not in repr(named)


@pytest.mark.parametrize(
    ("compute", "rules"),
    [
        ({"MinMemoryRequiredInMb": 128, "MaxMemoryRequiredInMb": 128}, set()),
        ({"MinMemoryRequiredInMb": 127}, {"ICP104", "ICP140"}),
        ({"MinMemoryRequiredInMb": 0}, {"ICP104"}),
        ({"MinMemoryRequiredInMb": 1}, {"ICP104", "ICP140"}),
        ({"MinMemoryRequiredInMb": 32 * 1024 * 1024 - 1}, set()),
        ({"MinMemoryRequiredInMb": 32 * 1024 * 1024}, {"ICP140"}),
        ({"MinMemoryRequiredInMb": 128, "MaxMemoryRequiredInMb": 8 * 1024**3}, {"ICP104", "ICP140"}),
        ({"MinMemoryRequiredInMb": 128, "MaxMemoryRequiredInMb": 10**400}, {"ICP104"}),
        ({"MinMemoryRequiredInMb": 128, "NumberOfAcceleratorDevicesRequired": 2.0}, set()),
        ({"MinMemoryRequiredInMb": 128, "AcceleratorPartitionType": "mig-1g.5gb"}, set()),
        (PARTITION | {"NumberOfAcceleratorDevicesRequired": 1}, set()),
        (PARTITION | {"NumberOfAcceleratorDevicesRequired": 2}, {"ICP178"}),
    ],
)
def test_bounds_of_requirements(compute: dict[str, Any], rules: set[str]) -> None:
    """What lies exactly on a bound is sound; one beyond is not."""
    request = {"InferenceComponentName": "a", "Specification": {COMPUTE: compute}}
    assert {one.rule for one in check_request(UPDATE, request)} == rules


def test_messages_name_what_to_write() -> None:
    """Unit slips say the number that was meant, a float for an integer the integer."""
    text = told_of_memory(4, 8 * 1024**3)
    assert "write 4096" in text
    assert "write 8192" in text
    assert "Write 2" in text


def test_no_number_is_proposed_that_would_be_refused() -> None:
    """16 GB at least and 8 GB at most would break another rule."""
    text = told_of_memory(16, 8 * 1024**3)
    assert "16 MB is less than the 128 allowed" in text
    assert "write" not in text


def told_of_memory(least: int, most: int) -> str:
    """What is said of such amounts, and of a number of copies with a fraction."""
    compute = {"MinMemoryRequiredInMb": least, "MaxMemoryRequiredInMb": most}
    request = {
        "InferenceComponentName": "a",
        "Specification": {COMPUTE: compute},
        "RuntimeConfig": {"CopyCount": 2.0},
    }
    return " ".join(one.message for one in check_request(UPDATE, request))


@pytest.mark.parametrize(("percent", "wrong"), [(4, True), (5, False), (50, False), (51, True)])
def test_percentages_of_batches(percent: int, wrong: bool) -> None:
    """5 and 50 percent are within the documented range."""
    request = {
        "InferenceComponentName": "a",
        "Specification": {"ModelName": "m"},
        "DeploymentConfig": rolling("CAPACITY_PERCENT", percent),
    }
    found = check_request(UPDATE, request)
    assert [one.rule for one in found] == ["ICP136"] * wrong
    bound = 5 if percent < 5 else 50
    assert all((one.need, one.have, one.largest_that_works) == (percent, bound, 50) for one in found)


@pytest.mark.parametrize(("count", "wrong"), [(16, False), (17, True), (100, True)])
def test_numbers_of_variables(count: int, wrong: bool) -> None:
    """16 variables are documented; the model's 100 are not refused."""
    variables = {f"A{number}": "1" for number in range(count)}
    request = {"InferenceComponentName": "a", "Specification": {"Container": {"Environment": variables}}}
    found = check_request(UPDATE, request)
    assert [one.rule for one in found] == ["ICP138"] * wrong
    assert all((one.need, one.have, one.largest_that_works) == (count, 16, 16) for one in found)


@pytest.mark.parametrize("seconds", [10, 30, 60, 120, 180, 240, 300])
def test_intervals_of_metrics(seconds: int) -> None:
    """The documented ones are sound, and so is to leave it out."""
    silent = {"ContainerMetricsConfig": {"MetricsEndpoints": [{"MetricsEndpointPath": "/m"}]}}
    assert (
        check_request(UPDATE, {"InferenceComponentName": "a", "Specification": {"Container": silent}}) == ()
    )
    container = {"ContainerMetricsConfig": metrics(seconds)}
    assert (
        check_request(UPDATE, {"InferenceComponentName": "a", "Specification": {"Container": container}})
        == ()
    )


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("s3://m/a.tar.gz", False),
        ("https://h/a.tar.gz?versionId=1", False),
        ("s3://m/a.tar.gz/", True),
        ("s3://m/a.zip?x=.tar.gz", True),
        ("https://[h/a.tar.gz", False),
    ],
)
def test_artefacts(url: str, wrong: bool) -> None:
    """The path decides, not the query string; an odd host is no crash."""
    request = {"InferenceComponentName": "a", "Specification": {"Container": {"ArtifactUrl": url}}}
    assert [one.rule for one in check_request(UPDATE, request)] == ["ICP139"] * wrong


def test_what_only_partly_looks_like_a_fault() -> None:
    """Near misses of the rules stay silent."""
    one_entry = {"InferenceComponentName": "a", "Specifications": [{"ModelName": "m"}]}
    assert check_request(UPDATE, one_entry) == ()
    scaling = {"InferenceComponentName": "a", "RuntimeConfig": {"CopyCount": 0}}
    assert check_request(UPDATE, scaling) == ()
    faulty = {"InferenceComponentName": "a", "RuntimeConfig": {"CopyCount": "x"}}
    assert [one.rule for one in check_request(UPDATE, faulty)] == ["ICP101"]
    adapter = {"InferenceComponentName": "a", "Specification": {"BaseInferenceComponentName": "b"}}
    assert check_request(UPDATE, adapter) == ()
    assert check_request("CreateInferenceComponent", adapter | {"EndpointName": "e"}) == ()
    assert [one.rule for one in check_request(UPDATE, adapter | {"VariantName": "v"})] == ["ICP110"]


def test_messages_say_what_is_there_alone() -> None:
    """An update that asks for nothing is told what it does hold."""
    [named] = check_request(UPDATE, {"InferenceComponentName": "a"})
    assert "the name alone is rejected" in named.message
    assert '{"Operation": "DeleteInferenceComponent", "Request": {...}}' in named.message
    policy = {"InferenceComponentName": "a", "DeploymentConfig": rolling("COPY_COUNT", 1)}
    [configured] = check_request(UPDATE, policy)
    assert "a DeploymentConfig alone is rejected" in configured.message


ROLE = "arn:aws:iam::123456789012:role/sagemaker"


@pytest.mark.parametrize(
    ("members", "rules"),
    [
        ({"ManagedInstanceScaling": {"MinInstanceCount": 2, "MaxInstanceCount": 2, "Status": "ENABLED"}}, []),
        (
            {"ManagedInstanceScaling": {"MinInstanceCount": 3, "MaxInstanceCount": 3, "Status": "DISABLED"}},
            [],
        ),
        ({"ManagedInstanceScaling": {"MinInstanceCount": 0, "Status": "DISABLED"}}, []),
        ({"ManagedInstanceScaling": {"MinInstanceCount": 4, "MaxInstanceCount": 3}}, ["ICP153"]),
        ({"ManagedInstanceScaling": {"MaxInstanceCount": 1, "Status": "ENABLED"}}, ["ICP154"]),
        ({"ManagedInstanceScaling": {"MinInstanceCount": 3, "Status": "ENABLED"}}, ["ICP154"]),
        ({"ManagedInstanceScaling": {"MaxInstanceCount": 2, "Status": "ENABLED"}}, []),
        ({"AcceleratorPartitionLayouts": [{"AcceleratorPartitionTypes": ["mig-7g.40gb"]}]}, []),
    ],
)
def test_near_misses_of_configurations(members: dict[str, Any], rules: list[str]) -> None:
    """Bounds that meet, and bounds that are switched off, are sound."""
    one = {"VariantName": "v", "InstanceType": "ml.p4d.24xlarge", "InitialInstanceCount": 2, **members}
    request = {"EndpointConfigName": "c", "ExecutionRoleArn": ROLE, "ProductionVariants": [one]}
    assert [found.rule for found in check_request("CreateEndpointConfig", request)] == rules


@pytest.mark.parametrize(
    "model",
    [
        {"ModelName": "m"},
        {
            "ModelName": "m",
            "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1},
            "InstanceType": None,
        },
    ],
)
def test_configurations_that_host_a_model(model: dict[str, Any]) -> None:
    """A configuration with models needs no role, and a serverless variant no instances."""
    one = {"VariantName": "v", "InstanceType": "ml.c5.xlarge", **model}
    request = {
        "EndpointConfigName": "c",
        "ProductionVariants": [{k: v for k, v in one.items() if v is not None}],
    }
    assert check_request("CreateEndpointConfig", request) == ()


def test_one_model_brings_a_role() -> None:
    """A configuration with a model on one of its variants needs no role of its own."""
    variants = [
        {"VariantName": "v", "InstanceType": "ml.c5.xlarge"},
        {"VariantName": "w", "InstanceType": "ml.c5.xlarge", "ModelName": "m"},
    ]
    assert (
        check_request("CreateEndpointConfig", {"EndpointConfigName": "c", "ProductionVariants": variants})
        == ()
    )


def test_figures_of_findings() -> None:
    """Need, have and the largest value that works stand in the finding, not only in its text."""
    variant = {
        "VariantName": "v",
        "InstanceType": "ml.c5.xlarge",
        "InitialInstanceCount": 9,
        "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 4, "MaxInstanceCount": 3},
        "AcceleratorPartitionLayouts": [{"AcceleratorPartitionTypes": ["mig-7g.40gb"]}] * 2,
    }
    request = {"EndpointConfigName": "c", "ExecutionRoleArn": ROLE, "ProductionVariants": [variant]}
    figures = {
        one.rule: (one.need, one.have, one.largest_that_works)
        for one in check_request("CreateEndpointConfig", request)
    }
    assert figures == {"ICP153": (4, 3, 3), "ICP154": (9, 3, 3), "ICP158": (2, 1, 1)}
