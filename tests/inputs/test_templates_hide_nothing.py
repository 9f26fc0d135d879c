"""What a template may do to keep a component from being judged: none of it goes through the gate."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from icplan.cli.main import main

FLEET = """\
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/endpoint
      ProductionVariants:
        - {VariantName: AllTraffic, InstanceType: ml.g5.xlarge, InitialInstanceCount: 1}
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties: {EndpointName: prod-chat, EndpointConfigName: !GetAtt Config.EndpointConfigName}
"""
COMPONENT = """\
  {name}:
    Type: AWS::SageMaker::InferenceComponent
    {more}
    Properties:
      InferenceComponentName: {name}
      EndpointName: prod-chat
      VariantName: AllTraffic
      Specification:
        ModelName: chat-v1
        ComputeResourceRequirements:
          {{NumberOfAcceleratorDevicesRequired: 1, MinMemoryRequiredInMb: {memory}}}
      RuntimeConfig: {{CopyCount: {copies}}}
"""


def component(name: str = "chat", copies: str = "1", memory: str = "512", more: str = "") -> str:
    return COMPONENT.format(name=name, copies=copies, memory=memory, more=more)


SMALL = FLEET + component()


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def gate(*files: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["check", "--strict", "--no-config", *files])
    return result.exit_code, result.stdout + result.stderr


def check(text: str, *more: str) -> tuple[int, str]:
    Path("t.yaml").write_text(text)
    return gate("t.yaml", *more)


def test_the_small_one_fits() -> None:
    assert check(SMALL)[0] == 0


NESTS = SMALL + "  Extra:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: huge.yaml%s}\n"


def test_a_given_file_that_a_condition_leaves_out_is_refused() -> None:
    Path("huge.yaml").write_text("Resources:\n" + component("huge", "9"))
    text = NESTS.replace("Extra:\n", "Extra:\n    Condition: Never\n") % ""
    code, said = check(text + "Conditions: {Never: !Equals [a, b]}\n", "huge.yaml")
    assert (code, "huge.yaml is given, and t.yaml nests it" in said) == (2, True)


@pytest.mark.parametrize(
    ("declared", "more"),
    [("{Type: Number, Default: 9}", ()), ("{Type: Number}", ("--parameter", "N=9"))],
)
def test_a_given_file_is_not_judged_with_values_of_another(declared: str, more: tuple[str, ...]) -> None:
    Path("huge.yaml").write_text(f"Parameters: {{N: {declared}}}\nResources:\n" + component("huge", "!Ref N"))
    code, said = check(NESTS % ", Parameters: {N: 0}", "huge.yaml", *more)
    assert (code, "with another value of N" in said) == (2, True)


def test_a_given_file_that_takes_a_value_of_another_is_told() -> None:
    """By itself it may be a stack with any value: that its parent's fits says nothing of it."""
    one = component("huge", "9").replace("    Type", "    Condition: Wanted\n    Type", 1)
    head = "Parameters: {N: {Type: Number}}\nConditions: {Wanted: !Equals [!Ref N, 1]}\nResources:\n"
    Path("huge.yaml").write_text(head + one)
    code, said = check(NESTS % ", Parameters: {N: 0}", "huge.yaml")
    assert (code, "judged only as t.yaml nests it" in " ".join(said.split())) == (3, True)
    assert check(NESTS % ", Parameters: {N: 0}")[0] == 0


def test_a_forged_manifest_does_not_tell_what_a_url_is() -> None:
    """A location that is put together, and not in a bucket of CDK's assets, is some other file."""
    Path("good.yaml").write_text("Resources: {T: {Type: AWS::SNS::Topic}}")
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t.yaml"}}
    Path("manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": {"S": stack}}))
    url = '!Sub "https://h.s3.amazonaws.com/${AWS::Region}/huge.yaml"'
    text = NESTS.replace("huge.yaml", url) % ""
    code, said = check(
        text + '    Metadata: {"aws:asset:property": TemplateURL, "aws:asset:path": good.yaml}'
    )
    assert (code, "Extra is a nested stack, which is not read" in said) == (3, True)


@pytest.mark.parametrize("url", ["https://h.s3.amazonaws.com/huge.yaml", "s3://h/huge.yaml"])
@pytest.mark.parametrize("assembly", [False, True])
def test_metadata_do_not_stand_for_what_a_url_tells(url: str, assembly: bool) -> None:
    Path("good.yaml").write_text("Resources: {T: {Type: AWS::SNS::Topic}}")
    if assembly:
        stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t.yaml"}}
        Path("manifest.json").write_text(json.dumps({"artifacts": {"S": stack}}))
    text = NESTS.replace("huge.yaml", f'"{url}"') % ""
    code, said = check(
        text + '    Metadata: {"aws:asset:property": TemplateURL, "aws:asset:path": good.yaml}'
    )
    assert (code, "Extra is a nested stack, which is not read" in said) == (3, True)


@pytest.mark.parametrize(
    "kind",
    [
        "AWS::CloudFormation::Stack",
        "AWS::CloudFormation::StackSet",
        "AWS::CloudFormation::CustomResource",
        "AWS::Serverless::Application",
        "Custom::Maker",
        "AWS::SageMaker::${X}",
        "${X}",
        "My::Own::Thing::MODULE",
    ],
)
def test_a_loop_that_may_make_components_is_refused(kind: str) -> None:
    loop = (
        f'  Fn::ForEach::S: [X, [A, B], {{"N${{X}}": {{Type: "{kind}", Properties: {{Name: AWS::None}}}}}}]\n'
    )
    assert check("Transform: AWS::LanguageExtensions\n" + SMALL + loop)[0] == 2


def test_a_loop_over_something_else_is_none_of_our_business() -> None:
    loop = '  Fn::ForEach::S: [X, [A, B], {"N${X}": {Type: AWS::SNS::Topic}}]\n'
    assert check("Transform: AWS::LanguageExtensions\n" + SMALL + loop)[0] == 0


@pytest.mark.parametrize("kind", ["Custom::Count", "AWS::CloudFormation::CustomResource"])
def test_what_a_program_answers_is_not_what_it_is_asked(kind: str) -> None:
    own = f"  Own: {{Type: '{kind}', Properties: {{ServiceToken: arn, Count: 1}}}}\n"
    assert check(FLEET + component(copies="!GetAtt Own.Count") + own)[0] == 2


TWO = SMALL + component("huge", "9", more="Condition: C")


@pytest.mark.parametrize(
    ("condition", "default", "code"),
    [
        ('!Not [!Equals ["yes", "true"]]', "a", 1),
        ('!Not [!Equals [!Ref P, "true"]]', '"TRUE"', 1),
        ('!Equals [!Ref P, "true"]', "true", 1),
        ('!Equals [!Ref P, "yes"]', '"yes"', 1),
        ('!Equals [!Ref P, "no"]', '"yes"', 0),
        ('!Not [!Equals [!Ref P, "yes"]]', "yes", 2),
        ("!Equals [!Ref P, 1.0]", '"1.0"', 2),
        ("!Equals [!Ref P, 1.0]", '"2"', 0),
        ('!Equals [!Ref N, "1.0"]', "a", 1),
        ("!Equals [!Ref N, 1]", "a", 0),
        (
            '!Not [!Equals [!Sub "${AWS::Region}${!AWS::Region}", !Sub "${AWS::Region}${AWS::Region}"]]',
            "a",
            2,
        ),
        (
            '!Equals [!Sub "a-${AWS::AccountId}-b", !Join ["-", [a, !Ref AWS::AccountId, b]]]',
            "a",
            1,
        ),
    ],
)
def test_equals_compares_texts_as_they_are(condition: str, default: str, code: int) -> None:
    parameters = (
        f'Parameters: {{P: {{Type: String, Default: {default}}}, N: {{Type: Number, Default: "1.0"}}}}\n'
    )
    got, said = check(f"{TWO}{parameters}Conditions:\n  C: {condition}\n")
    assert got == code, said


def test_long_expressions_that_differ_at_their_end_differ() -> None:
    long = "x" * 500
    name = '!If [U, !Sub "%s${AWS::AccountId}a", !Sub "%s${AWS::AccountId}%s"]'
    equal = f"[{name % (long, long, 'b')}, {name % (long, long, 'c')}]"
    text = f"{TWO}Conditions:\n  U: !Equals [!Ref AWS::AccountId, x]\n  C: !Not [!Equals {equal}]\n"
    assert check(text)[0] == 2


@pytest.mark.parametrize("condition", ["!Equals [a, b]", "!Equals [!Ref AWS::AccountId, b]"])
def test_an_export_that_may_not_be_made_is_none(condition: str) -> None:
    Path("b.yaml").write_text(
        "Resources: {T: {Type: AWS::SNS::Topic}}\n"
        f"Conditions: {{Never: {condition}}}\n"
        "Outputs: {O: {Condition: Never, Value: 1, Export: {Name: N}}}\n"
    )
    code, said = check(FLEET + component(copies="!ImportValue N"), "b.yaml")
    assert (code, "is an import of N" in said) == (2, True)


@pytest.mark.parametrize(
    "macro",
    [
        'Mappings: {M: {k: {Count: 1, "Fn::Transform": {Name: "AWS::Include"}}}}',
        "Outputs: {O: {Value: [!Transform {Name: M}]}}",
        'Metadata: {A: [{B: {"Fn::Transform": {Name: M}}}]}',
    ],
)
def test_a_macro_anywhere_is_refused(macro: str) -> None:
    code, said = check(f"{SMALL}{macro}\n")
    assert (code, "a macro may change" in said) == (2, True)


def test_a_name_that_two_files_export_tells_neither() -> None:
    for name, value in (("b", 9), ("c", 1)):
        Path(f"{name}.yaml").write_text(
            "Resources: {T: {Type: AWS::SNS::Topic}}\n"
            f"Outputs: {{O: {{Value: {value}, Export: {{Name: N}}}}}}\n"
        )
    code, said = check(FLEET + component(copies="!ImportValue N"), "b.yaml", "c.yaml")
    assert (code, "is an import of N" in said) == (2, True)


@pytest.mark.parametrize("given", ["", '"'])
def test_a_word_that_is_passed_may_be_a_boolean(given: str) -> None:
    """Without quotes it is one to CloudFormation."""
    Path("huge.yaml").write_text(
        "Parameters: {P: {Type: String}}\nResources:\n"
        + component("huge", "1", more="Condition: C")
        + 'Conditions: {C: !Not [!Equals [!Ref P, "yes"]]}\n'
    )
    code, said = check(NESTS % f", Parameters: {{P: {given}yes{given}}}")
    assert code == (0 if given else 2), said


def test_a_loop_inside_a_component_is_not_passed_over() -> None:
    loop = '{"Fn::ForEach::M": [K, [CopyCount], {"${K}": 9}]}'
    text = FLEET + component().replace("{CopyCount: 1}", loop)
    assert check("Transform: AWS::LanguageExtensions\n" + text)[0] != 0


@pytest.mark.parametrize("named", ["EndpointName: prod-chat, ", "EndpointName: !Sub '${Stage}-chat', ", ""])
def test_a_snapshot_of_another_endpoint_is_refused(named: str) -> None:
    """Nothing would be judged by it; an endpoint whose name is not told yet may be the one that runs."""
    stage = "Parameters: {Stage: {Type: String, Default: prod}}\n"
    text = stage + SMALL.replace("EndpointName: prod-chat, ", named).replace(
        "EndpointName: prod-chat\n", "EndpointName: !GetAtt Endpoint.EndpointName\n"
    )
    running = {
        "IcplanSnapshot": 1,
        "Endpoint": {
            "EndpointName": "other",
            "EndpointConfigName": "one",
            "EndpointStatus": "InService",
            "ProductionVariants": [{"VariantName": "AllTraffic", "CurrentInstanceCount": 1}],
        },
        "EndpointConfig": {
            "EndpointConfigName": "one",
            "ExecutionRoleArn": "arn:aws:iam::111122223333:role/endpoint",
            "ProductionVariants": [
                {"VariantName": "AllTraffic", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1}
            ],
        },
        "InferenceComponents": [],
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(running, file)
        file.flush()
        code, told = check(text, "--snapshot", file.name)
    assert ("the snapshot is of endpoint other, and the files have prod-chat" in told) is bool(named), told
    assert (code == 2) is bool(named), told
