"""The hostile corpus: inputs at every reader, in whole or as text wrong, and what is wrong with an answer."""

from __future__ import annotations

import copy
import json
import os
import random
import re
import signal
import tempfile
from collections import Counter
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from click.testing import CliRunner
from support.endpoints import component, scale, snapshot, update
from support.offer_files import ROWS, as_csv, as_json

from icplan.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from click.testing import Result

GPU4 = "ml.g5.12xlarge"
SECRET = "ghp_" + "a1B2c3D4" * 5
LIMIT = 5
"""The time limit of each run, in seconds."""
HANGS = 30
"""Seconds of processor time after which a run is broken off: far more than the limit."""
WORDS = [
    "",
    "chat",
    GPU4,
    SECRET,
    "::error::x",
    "##[x]",
    "\x1b[2J",
    "\u202e",
    "a" * 5000,
    "$",
    "-",
    "../x",
    "\0",
]
NUMBERS = [0, -1, 1, 3, 10**6, 2**31 - 1, 2**31, 10**29, 1e308, 0.1, -0.0]
ODD: list[Any] = [
    None,
    True,
    [],
    {},
    [[]],
    {"": ""},
    {SECRET: SECRET},
    {"Ref": "AWS::NoValue"},
    {"Ref": SECRET},
]
PIECES = [
    "[" * 200,
    '"',
    "\\ud800",
    "1e999",
    "&a *a",
    "!!x ",
    "}",
    "\n\n- ",
    "<<: ",
    "\u2028",
    "${A}",
    "{{x}}",
]
TAKEN = snapshot(GPU4, 3, component("chat", 3, 3), scaling=(1, 3), TakenAt="2026-11-20T02:11:08Z")
SETTINGS = f"""fail-on = ["rollback"]
time-limit = {LIMIT}
allocatable = ["{GPU4}.memory=100000..150000"]
observations = ["seen.json"]
[types."ml.new.xlarge"]
vcpu = 4
memory_mib = 16384
[assume]
update-without-deployment-config = "one-by-one"
[ignore]
ICP505 = "reserved"
[[group]]
name = "g"
files = ["change.json"]
snapshot = "snapshot.json"
"""
SEEN = {
    "IcplanObservations": 1,
    "Observations": [{"InstanceType": GPU4, "Outcome": "placed", "MemoryMib": 100_000}],
}
_NEEDS = {"MinMemoryRequiredInMb": 1024, "NumberOfAcceleratorDevicesRequired": 1}
_COMPONENT = {
    "InferenceComponentName": "chat",
    "EndpointName": "prod",
    "VariantName": "AllTraffic",
    "Specification": {"ModelName": {"Fn::Sub": "m-${AWS::Region}"}, "ComputeResourceRequirements": _NEEDS},
    "RuntimeConfig": {"CopyCount": {"Ref": "Copies"}},
}
TEMPLATE = {
    "Parameters": {"Copies": {"Type": "Number", "Default": 2}},
    "Conditions": {"Live": {"Fn::Equals": [{"Ref": "Copies"}, "2"]}},
    "Resources": {
        "C": {"Type": "AWS::SageMaker::InferenceComponent", "Condition": "Live", "Properties": _COMPONENT},
        "N": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://x/y"}},
    },
}
MANIFEST = {
    "apiVersion": "sagemaker.services.k8s.aws/v1alpha1",
    "kind": "InferenceComponent",
    "metadata": {"name": "chat"},
    "spec": {
        "inferenceComponentName": "chat",
        "endpointName": "prod",
        "variantName": "AllTraffic",
        "specification": {"modelName": "m", "computeResourceRequirements": {"minMemoryRequiredInMb": 1024}},
        "runtimeConfig": {"copyCount": 3},
    },
}
_PLANNED = {
    "inference_component_name": "chat",
    "endpoint_name": "prod",
    "variant_name": "AllTraffic",
    "specification": {
        "model_name": "m",
        "compute_resource_requirements": {"min_memory_required_in_mb": 1024},
    },
    "runtime_config": {"copy_count": 3},
}
_TYPE = "awscc_sagemaker_inference_component"
PLAN = {
    "format_version": "1.2",
    "resource_changes": [
        {
            "address": f"{_TYPE}.chat",
            "mode": "managed",
            "type": _TYPE,
            "name": "chat",
            "change": {"actions": ["create"], "before": None, "after": _PLANNED, "after_unknown": {}},
        }
    ],
    "configuration": {"root_module": {"resources": [{"address": f"{_TYPE}.chat", "expressions": {}}]}},
}
CHANGE_SET = {
    "ChangeSetName": "c",
    "StackName": "s",
    "Changes": [
        {
            "Type": "Resource",
            "ResourceChange": {
                "Action": "Add",
                "LogicalResourceId": "C",
                "ResourceType": "AWS::SageMaker::InferenceComponent",
                "AfterContext": json.dumps(
                    {"Properties": _COMPONENT | {"RuntimeConfig": {"CopyCount": "2"}}}
                ),
            },
        }
    ],
}
ASSEMBLY = {
    "version": "38.0.0",
    "artifacts": {
        "S": {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/us-east-1",
            "properties": {"templateFile": "template.json", "stackName": "s"},
            "metadata": {"/S/C": [{"type": "aws:cdk:logicalId", "data": "C", "trace": ["f (a.ts:1:2)"]}]},
        }
    },
}
BASELINE = {
    "IcplanBaseline": 1,
    "Known": [
        {"Endpoint": "prod", "Component": "chat", "Rule": "ICP301", "Need": 6, "Have": 3, "Unit": "devices"}
    ],
}
PARAMETERS = [{"ParameterKey": "Copies", "ParameterValue": "2"}]
SAM = '[default.deploy.parameters]\nparameter_overrides = ["Copies=2"]\n'
_NEW = {"EndpointName": "new", "EndpointConfigName": {"Fn::GetAtt": ["F", "EndpointConfigName"]}}
_VARIANT = {"VariantName": "AllTraffic", "InstanceType": GPU4, "InitialInstanceCount": {"Ref": "Fleet"}}
_SCALED = {
    "ServiceNamespace": "sagemaker",
    "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
    "ResourceId": {"Fn::Sub": "inference-component/${C}"},
    "MinCapacity": 1,
    "MaxCapacity": {"Fn::If": ["Many", 8, 2]},
}
NEW_ENDPOINT = {
    "Parameters": {"Fleet": {"Type": "Number", "MinValue": 1, "MaxValue": 3}},
    "Conditions": {"Many": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Fleet"}, 1]}]}},
    "Mappings": {"Copies": {"us-east-1": {"n": 2}}},
    "Resources": {
        "F": {
            "Type": "AWS::SageMaker::EndpointConfig",
            "Properties": {"EndpointConfigName": "f", "ProductionVariants": [_VARIANT]},
        },
        "E": {"Type": "AWS::SageMaker::Endpoint", "Properties": _NEW},
        "C": {
            "Type": "AWS::SageMaker::InferenceComponent",
            "DependsOn": ["E"],
            "Properties": _COMPONENT
            | {
                "EndpointName": {"Fn::GetAtt": ["E", "EndpointName"]},
                "RuntimeConfig": {"CopyCount": {"Fn::FindInMap": ["Copies", "us-east-1", "n"]}},
            },
        },
        "S": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": _SCALED},
    },
    "Outputs": {"Name": {"Value": {"Ref": "C"}, "Export": {"Name": "c"}}},
}
SDK_REQUEST = {
    "inference_component_name": "chat",
    "specification": {"model_name": "m"},
    "resources": {"requests": {"num_accelerators": 1, "memory": 8192, "copies": 3}, "limits": {}},
}
PLANNED_COMPONENTS = [
    {
        "Request": _COMPONENT
        | {
            "Specification": {"ModelName": "m", "ComputeResourceRequirements": _NEEDS},
            "RuntimeConfig": {"CopyCount": 2},
        },
        "Copies": {"Min": 1, "Max": 3},
        "DeploymentConfig": {
            "RollingUpdatePolicy": {
                "MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1},
                "WaitIntervalInSeconds": 0,
            }
        },
    }
]
PRICES = {
    "IcplanPrices": 1,
    "Region": "us-east-1",
    "Currency": "USD",
    "Source": "s",
    "Version": "20261005212151",
    "TakenAt": "2026-10-05T21:21:51Z",
    "PerHour": {GPU4: "7.09", "ml.g5.xlarge": "1.408"},
}
QUOTAS = {"Quotas": [{"QuotaName": f"{GPU4} for endpoint usage", "Value": 4.0}]}
TERRAFORM = """resource "awscc_sagemaker_inference_component" "chat" {
  inference_component_name = "chat" # icplan: ignore ICP505=reserved
  runtime_config = { copy_count = 3 }
}
"""
_GOOD = ("check", "change.json", "--snapshot", "snapshot.json", "--format", "json")
_ON = ("--snapshot", "snapshot.json", "--format", "json", "--time-limit", str(LIMIT))
_CHANGE = ("check", "change.json", *_ON)
_TEMPLATE = ("check", "template.json", *_ON)
_AFRESH = ("--region", "us-east-1", "--format", "json", "--time-limit", str(LIMIT))
_PLAN = ("plan", "components.json", "--prices", "prices.json", *_AFRESH[2:])
_VERIFIED = ("--time-limit", str(LIMIT))
_OFFERED = ("--region", "us-east-1", "--time-limit", str(LIMIT))
_DIAGNOSED = ("diagnose", "chat", "--snapshot", "snapshot.json", "--verdict", "before.json", *_AFRESH[2:])
WRITTEN: Mapping[str, tuple[str, ...]] = {
    "verdict.json": _GOOD,
    "fleet.json": _PLAN,
    "headroom.json": ("headroom", *_ON),
}
"""What icplan writes and `icplan verify` reads, and the command that writes it."""


@attrs.frozen
class Reader:
    """A file that is read, the command that reads it, and the good document or text that it was."""

    file: str
    command: tuple[str, ...]
    good: Any


def readers(written: Mapping[str, Any]) -> dict[str, Reader]:
    """Every reader by name. ``written`` is what icplan wrote, by the name of its file."""
    found = [
        Reader("change.json", _CHANGE, None),
        Reader("change.yaml", ("check", "change.yaml", *_ON), None),
        Reader("snapshot.json", _CHANGE, TAKEN),
        Reader("icplan.toml", _CHANGE, SETTINGS),
        Reader("pyproject.toml", _CHANGE, "[tool.icplan]\n" + SETTINGS.split("[types", maxsplit=1)[0]),
        Reader("seen.json", (*_CHANGE, "--config", "observing.toml"), SEEN),
        *(Reader(name, ("verify", name, *_VERIFIED), written.get(name)) for name in WRITTEN),
        Reader("before.json", _DIAGNOSED, written.get("verdict.json")),
        Reader("template.json", _TEMPLATE, TEMPLATE),
        Reader("template.yaml", ("check", "template.yaml", *_ON), TEMPLATE),
        Reader("manifest.yaml", ("check", "manifest.yaml", *_ON), MANIFEST),
        Reader("plan.json", ("check", "plan.json", *_ON), PLAN),
        Reader("change-set.json", ("check", "change-set.json", *_ON), CHANGE_SET),
        Reader("cdk.out/manifest.json", ("check", "cdk.out", *_ON), ASSEMBLY),
        Reader("baseline.json", (*_CHANGE, "--baseline", "baseline.json"), BASELINE),
        Reader("parameters.json", (*_TEMPLATE, "--parameter-file", "parameters.json"), PARAMETERS),
        Reader("samconfig.toml", (*_TEMPLATE, "--parameter-file", "samconfig.toml"), SAM),
        Reader("new.json", ("check", "new.json", *_AFRESH), NEW_ENDPOINT),
        Reader("new.yaml", ("check", "new.yaml", *_AFRESH), NEW_ENDPOINT),
        Reader("sdk.json", ("check", "sdk.json", *_ON), SDK_REQUEST),
        Reader("modules/main.tf", ("check", "plan.json", "--source", "modules", *_ON), TERRAFORM),
        Reader("components.json", _PLAN, PLANNED_COMPONENTS),
        Reader("prices.json", _PLAN, PRICES),
        Reader("quotas.json", (*_PLAN, "--quota", "quotas.json"), QUOTAS),
        Reader("index.csv", ("prices", "--from-file", "index.csv", *_OFFERED), as_csv(*ROWS)),
        Reader("index.json", ("prices", "--from-file", "index.json", *_OFFERED), json.loads(as_json(*ROWS))),
    ]
    return {one.file: one for one in found}


@attrs.frozen
class Wrong:
    """An input that ended as none may, and how."""

    reader: str
    number: int
    text: str
    what: str


@contextmanager
def corpus_folder() -> Iterator[dict[str, Reader]]:
    """A folder in which each file is good, and its readers; the current directory while in it."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        Path(".git").mkdir()
        Path("cdk.out").mkdir()
        Path("modules").mkdir()
        Path("observing.toml").write_text('observations = ["seen.json"]\n')
        good = {
            "change.json": update("chat", 1),
            "snapshot.json": TAKEN,
            "seen.json": SEEN,
            "template.json": TEMPLATE,
            "cdk.out/template.json": TEMPLATE,
            "plan.json": PLAN,
            "components.json": PLANNED_COMPONENTS,
            "prices.json": PRICES,
        }
        for name, document in good.items():
            Path(name).write_text(json.dumps(document))
        long = ("--time-limit", str(10 * HANGS))
        written = {name: CliRunner().invoke(main, [*made, *long]).stdout for name, made in WRITTEN.items()}
        yield readers({name: json.loads(text) for name, text in written.items()})


def run_reader(reader: Reader, seed: int, inputs: int) -> tuple[Counter[str], list[Wrong]]:
    """So many inputs at one reader of the corpus's folder: how they ended, and those that are wrong."""
    chance = random.Random(f"icplan {reader.file} {seed}")  # noqa: S311  (the same corpus each time)
    before = Path(reader.file).read_text() if Path(reader.file).exists() else None
    ends: Counter[str] = Counter()
    wrong: list[Wrong] = []
    for number in range(inputs):
        text = spoilt(reader, chance)
        Path(reader.file).write_text(text, errors="surrogatepass")
        result, hung = watched(list(reader.command))
        ends[f"exit {result.exit_code}"] += 1
        if what := "hangs" if hung else fault(reader, result):
            wrong.append(Wrong(reader.file, number, text, f"{what}\n{result.output[:2000]}"))
    if before is None:
        os.unlink(reader.file)  # noqa: PTH108
    else:
        Path(reader.file).write_text(before)
    return ends, wrong


class _Hang(BaseException):
    """A run took more processor time than any does."""


def watched(arguments: list[str]) -> tuple[Result, bool]:
    """The result of a run in this process, and whether it had to be broken off."""

    def bark(*_: object) -> None:
        raise _Hang

    before = signal.signal(signal.SIGPROF, bark)
    signal.setitimer(signal.ITIMER_PROF, HANGS)
    try:
        result = CliRunner().invoke(main, arguments)
    except _Hang:
        return CliRunner().invoke(main, ["--version"]), True
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    return result, False


def fault(reader: Reader, result: Result) -> str | None:
    """What no answer may have, in words; None for a good one."""
    output = result.output
    if result.exit_code not in (0, 1, 2, 3):
        return f"exit code {result.exit_code}"
    if "Traceback" in output or not isinstance(result.exception, SystemExit | None):
        return "a traceback"
    if "internal error" in output:
        return "an internal error"
    if what := unsafe(output):
        return what
    return wrong_exit(result) if reader.command[0] == "check" else None


def unsafe(output: str, *, commands: bool = False) -> str | None:
    """What may stand in nothing that is written: a secret, a control character, a command to a runner."""
    if SECRET in output:
        return "a secret"
    if not all(c.isprintable() for line in output.split("\n") for c in line):
        return "a control character"
    if not commands and re.search(r"(?m)^\s*::|##\[", output):
        return "a command"
    return None


def wrong_exit(result: Result) -> str | None:
    """Where the exit code is not that of the verdict that was written."""
    if result.exit_code == 2:
        told = result.stdout.strip()
        several = told.startswith('{\n  "IcplanVerdicts"') and json.loads(told)["Errors"]
        return (
            "a verdict beside exit 2" if told and not several else None
        )  # one broken file silences no other
    written = json.loads(result.stdout)
    if result.exit_code != (expected := exit_of(written)):
        return f"exit {result.exit_code}, though its verdict has {expected}"
    return None


def exit_of(written: dict[str, Any]) -> int:
    """The exit code that a written verdict, or several, come to."""
    if "IcplanVerdicts" in written:
        codes = [exit_of(one) for one in written["Verdicts"]] + [2] * bool(written["Errors"])
        return next((code for code in (2, 1, 3) if code in codes), 0)
    outcome = written["Outcome"]
    if outcome == "nothing-to-judge" or written["PassedBy"] is not None:
        return 0
    if outcome in ("invalid", "blocked", "does-not-fit") or written["FailedOn"]:
        return 1
    in_force = {one["Setting"]: str(one["Value"]) for one in written["Config"]["InForce"]}
    passes = "does-not-fit" in in_force.get("fail-on", "")
    return 0 if passes or outcome in ("fits", "fits-after-scale-out") else 3


def spoilt(reader: Reader, chance: random.Random) -> str:
    """The text of a reader's good document with something wrong in it."""
    if isinstance(reader.good, str):
        limit = f"limit = {chance.choice([LIMIT, LIMIT, *NUMBERS])}"
        return garbled(reader.good.replace(f"limit = {LIMIT}", limit), chance)
    changes: list[Any] = [update("chat", 1), scale("chat", 4), [scale("chat", 2), scale("chat", 4)]]
    good = chance.choice(changes) if reader.good is None else reader.good
    return garbled(json.dumps(mutated(good, chance)), chance)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every member and item, as its holder and its key."""
    found: list[tuple[Any, Any]] = []
    for key, part in value.items() if isinstance(value, dict) else enumerate(value):
        found.append((value, key))
        if isinstance(part, dict | list):
            found += places(part)
    return found


def mutated(document: Any, chance: random.Random) -> Any:
    """The document with a few things wrong in its values, names and numbers of items."""
    document = json.loads(json.dumps(document))
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if not (found := places(document)):
            break
        holder, key = chance.choice(found)
        what = chance.randrange(7)
        if what == 0:
            del holder[key]
        elif what == 5:
            other, at = chance.choice(found)
            holder[key] = copy.deepcopy(other[at])
        elif what == 6:
            holder[key] = wrapped(holder[key], chance)
        elif what == 1 and isinstance(holder, dict):
            holder[chance.choice(WORDS)] = holder.pop(key)
        elif what == 2 and isinstance(holder, list):
            holder += [copy.deepcopy(holder[key]) for _ in range(chance.choice([1, 50]))]
        else:
            holder[key] = copy.deepcopy(chance.choice([*WORDS, *NUMBERS, *ODD]))
    return document


def wrapped(value: Any, chance: random.Random) -> Any:
    """The same value, or one of two, by an intrinsic function of a template."""
    plain = str(value)
    return chance.choice(
        [
            {"Fn::If": [chance.choice(["Live", "Many", "x"]), value, {"Ref": "AWS::NoValue"}]},
            {"Fn::If": [chance.choice(["Live", "Many"]), value, value]},
            {"Fn::Select": [chance.choice([0, "1", -1]), [value, value]]},
            {"Fn::Split": [",", plain]},
            {"Fn::Join": ["", [plain, ""]]},
            {"Fn::Sub": plain},
            {"Fn::Sub": ["${A}", {"A": value}]},
            {"Ref": chance.choice(["Copies", "Fleet", "C", "E", "AWS::Region", "AWS::StackName"])},
            {"Fn::GetAtt": chance.choice(["E.EndpointName", "C.InferenceComponentArn", "N.Outputs.X"])},
            {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": plain}}},
            [value],
            plain,
        ]
    )


def garbled(text: str, chance: random.Random) -> str:
    """Now and then the text itself is broken."""
    if chance.random() < 0.7:
        return text
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice([*WORDS, *PIECES]) + text[at + chance.choice([0, 1, 20]) :]
