"""Files and answers of arbitrary bytes, one reader at a time: a value or InputError, and nothing else.

Coverage-guided, with atheris in the environment (it is not among the development extras):

    pip install atheris
    PYTHONPATH=tests python tests/fuzz/fuzz_files.py change -max_total_time=600 -max_len=4096 -timeout=60

The first word names one of ``READERS``. The ordinary tests replay the corpus of this file and some mutations
of it without atheris, through all of them.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
import tempfile
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from support.endpoints import component
from support.endpoints import snapshot as snapshot_of

GUIDED = __name__ == "__main__"

# Only what is imported in here tells the fuzzer which lines an input reaches.
with (
    importlib.import_module("atheris").instrument_imports(include=["icplan", "tomllib"])
    if GUIDED
    else nullcontext()
):
    from icplan.catalog.observations import load as load_observations
    from icplan.cli.baseline import load_baseline
    from icplan.documents.document import parse_document
    from icplan.documents.read_bytes import decode
    from icplan.errors import InputError
    from icplan.inputs import formats
    from icplan.inputs.boto3_request import read_calls
    from icplan.inputs.command_line_files import read_given
    from icplan.inputs.deployment import InputOptions
    from icplan.inputs.parameter_files import parameter_file
    from icplan.inputs.terraform_source import scan
    from icplan.judge.change_set import judge
    from icplan.judge.config import Config
    from icplan.requests.call import Call
    from icplan.requests.fields import members
    from icplan.requests.from_describe import EndpointComponent, requirements_of
    from icplan.requests.merge import merge
    from icplan.requests.operations import OPERATIONS, request_type
    from icplan.requests.parse import parse
    from icplan.rules import check_against, check_request
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.codec import to_dict
    from icplan.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LONGEST_SAID = 1 << 20
"""Characters that all problems of a small file may take together."""

CORPUS = (
    b'{"InferenceComponentName": "a", "RuntimeConfig": {"CopyCount": 3}}',
    b'[{"Operation": "DeleteInferenceComponent", "Request": {"InferenceComponentName": "a"}}]',
    b"Operation: CreateEndpointConfig\nRequest:\n  EndpointConfigName: c\n  ProductionVariants:\n  - {}\n",
    b"InferenceComponentName: &a x\nSpecification: {ModelName: *a, <<: {ModelName: y}}\n",
    b'{"InferenceComponentName": "' + b"a-" * 1000 + b'"}',
    b"""{"IcplanSnapshot": 1, "EndpointConfig": {"ProductionVariants": [{"VariantName": "v"}]},
     "InferenceComponents": [{"InferenceComponentName": "a", "Specification": {}}]}""",
    b"""{"IcplanSnapshot": 1, "Endpoint": {"EndpointName": "e", "EndpointStatus": "InService"},
     "EndpointConfig": {"ProductionVariants": [{"VariantName": "v", "InstanceType": "ml.g5.xlarge",
     "InitialInstanceCount": 2,
     "AcceleratorPartitionLayouts": [{"AcceleratorPartitionTypes": ["mig-1g.5gb"]}]}]},
     "InferenceComponents": [
     {"InferenceComponentName": "a", "VariantName": "v", "InferenceComponentStatus": "InService",
     "Specification": {"Container": {"DeployedImage": {"SpecifiedImage": "i"}, "Environment": {"A": "b"}},
     "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024, "NumberOfCpuCoresRequired": 0.5}},
     "RuntimeConfig": {"DesiredCopyCount": 1}}]}""",
    b'{"IcplanSnapshot": 1e400, "a": NaN, "a": 1' + b"0" * 400 + b"}",
    b'{"a": 1e400z0}',
    b'[NaNx, "\\q"]',
    b"[" * 100,
    b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n",
    b"? [a]\n: !!python/object:os.system {}\n--- 1\n... \n%TAG ! x\n",
    b"2020-01-01: 0o7\n1_000: .inf\n~: !!binary x\n",
    b"\xff\xfe{\0}\0",
    b"\xef\xbb\xbf{}",
    b'allocatable = ["ml.g5.2xlarge.memory=24000..30000"]\nfail-on = ["error"]\ntime-limit = 1e3\n',
    b'[assume]\na = "b"\n[types."ml.x.large"]\nvcpu = 4\nmemory_mib = 16\n[ignore]\nA = ""\n',
    b'observations = ["\\u0000"]\nfail-on = [[1]]\ntime-limit = nan\n[types]\na = 1\n',
    b"tool = 1\n",
    b"[tool]\nicplan = 3\n",
    b"a = " + b"[" * 2000 + b"]" * 2000 + b"\n",
    b"a = 1" + b"0" * 5000 + b"\n",
    b'[[group]]\nname = "g"\nfiles = ["*.yaml"]\nsnapshot = "s"\nparameters = {Stage = 1}\n',
    b"""AWSTemplateFormatVersion: 2010-09-09
Parameters: {N: {Type: Number, Default: 2}}
Conditions: {Live: !Equals [!Ref N, "2"]}
Mappings: {M: {a: {b: 1}}}
Resources:
  F: {Type: "AWS::SageMaker::EndpointConfig", Properties: {EndpointConfigName: !Sub "${AWS::StackName}-f",
    ProductionVariants: [{VariantName: v, InstanceType: ml.g5.xlarge, InitialInstanceCount: !Ref N}]}}
  E: {Type: "AWS::SageMaker::Endpoint", Properties: {EndpointConfigName: !GetAtt F.EndpointConfigName}}
  C: {Type: "AWS::SageMaker::InferenceComponent", Condition: Live, DependsOn: E, Properties: {VariantName: v,
    EndpointName: !GetAtt E.EndpointName, Specification: {ModelName: !Join [-, [a, !FindInMap [M, a, b]]],
    ComputeResourceRequirements: {MinMemoryRequiredInMb: !If [Live, 1024, !Ref "AWS::NoValue"]}},
    RuntimeConfig: {CopyCount: !Select [0, !Split [",", "1,2"]]}}}
""",
    b"""apiVersion: sagemaker.services.k8s.aws/v1alpha1
kind: InferenceComponent
metadata: {name: a, annotations: {services.k8s.aws/region: us-east-1}}
spec: {inferenceComponentName: a, endpointName: e, variantName: v, runtimeConfig: {copyCount: 1},
  specification: {modelName: m, computeResourceRequirements: {minMemoryRequiredInMb: 1024}}}
---
{apiVersion: v1, kind: List, items: [{apiVersion: sagemaker.services.k8s.aws/v1alpha1, kind: Endpoint,
  spec: {}}]}
""",
    b"""{"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": [
     {"address": "awscc_sagemaker_inference_component.a", "mode": "managed", "name": "a", "index": 0,
     "type": "awscc_sagemaker_inference_component", "change": {"actions": ["delete", "create"], "before": {},
     "after": {"inference_component_name": "a", "endpoint_name": "e", "runtime_config": {"copy_count": 1},
     "specification": {"model_name": "m"}}, "after_unknown": {"variant_name": true}}}],
     "configuration": {"root_module": {"module_calls": {"m": {"source": "./m"}}, "resources": [
     {"address": "awscc_sagemaker_inference_component.a", "type": "awscc_sagemaker_inference_component",
     "name": "a", "expressions": {"variant_name": {"references": ["var.v", "module.m.v"]}}}]}}}""",
    b"""{"ChangeSetName": "c", "StackName": "s", "Changes": [{"Type": "Resource", "ResourceChange": {
     "Action": "Modify", "LogicalResourceId": "C", "ResourceType": "AWS::SageMaker::InferenceComponent",
     "Replacement": "False", "BeforeContext": "{}",
     "AfterContext": "{\\"Properties\\": {\\"EndpointName\\": 1}}"}}]}""",
    b"""{"IcplanObservations": 1, "Observations": [{"InstanceType": "ml.g5.xlarge", "Outcome": "placed",
     "MemoryMib": 1024, "CpuCores": 0.5, "Source": "s"}]}""",
    b"""{"IcplanBaseline": 1, "Known": [{"Endpoint": "e", "Component": "c", "Rule": "ICP301", "Need": 1,
     "Have": 0.5, "Unit": "MiB"}]}""",
    b'[{"ParameterKey": "Stage", "ParameterValue": "live"}, "A=b"]',
    b'[default.deploy.parameters]\nparameter_overrides = ["Stage=\\"live\\"", "A=b"]\n',
    b'resource "aws_x" "a" {\n  b = "}" # c\n  dynamic "d" { content { e = <<-F\n}\nF\n} } /* */ }\n',
    b"""{"version": "38.0.0", "artifacts": {"S": {"type": "aws:cloudformation:stack", "environment":
     "aws://unknown-account/us-east-1", "properties": {"templateFile": "manifest.json", "stackName": "s"},
     "metadata": {"/S/C": [{"type": "aws:cdk:logicalId", "data": "C", "trace": ["f (/a.ts:1:2)"]}]}},
     "A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}}}""",
)
"""Files that reach each part of the readers, and what once made one of them fail."""


def check(data: bytes) -> None:
    """Read the bytes as each kind of file. Raises whatever a reader lets through."""
    for read in READERS.values():
        read(data)


def change(data: bytes) -> None:
    """A change file, of either syntax: which call it is, its members, and its rules."""
    for syntax in _SYNTAXES:
        _said(partial(_change, data, syntax))


def snapshot(data: bytes) -> None:
    """A snapshot file, of either syntax, and the redacted copy of it."""
    for syntax in _SYNTAXES:
        _said(partial(_snapshot, data, syntax))


def config(data: bytes) -> None:
    """An icplan.toml, and a pyproject.toml."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("icplan.toml", "pyproject.toml"):
            path = Path(folder, name)
            path.write_bytes(data)
            _said(partial(Config.load, str(path)))


def deployment(data: bytes) -> None:
    """A template, a plan, a change set or a manifest, of each syntax; and the manifest of an assembly."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("f", "f.yaml", "f.json"):
            _said(partial(_deployment, data, Path(folder, name)))
        Path(folder, "manifest.json").write_bytes(data)
        _said(partial(_declared, folder))


def aside(data: bytes) -> None:
    """What is read beside a change: observations, a baseline, parameters, lines of .tf files."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("f.json", "f.yaml", "f.toml"):
            path = Path(folder, name)
            path.write_bytes(data)
            _said(partial(parameter_file, str(path)))
            _said(partial(load_observations, str(path)))
            _said(partial(load_baseline, str(path), strict=False))
    _said(partial(_scan, data))


def verdict(data: bytes) -> None:
    """A verdict file, that `verify` re-checks."""
    _said(partial(_verified, data))


def answers(data: bytes) -> None:
    """AWS's answers as boto3 would return them, to the rules that compare a request with them."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return
    _said(partial(_answers, found))


READERS: Mapping[str, Callable[[bytes], None]] = {
    "change": change,
    "snapshot": snapshot,
    "config": config,
    "deployment": deployment,
    "aside": aside,
    "verdict": verdict,
    "answers": answers,
}
_SYNTAXES: tuple[Literal["json", "yaml"] | None, ...] = (None, "json", "yaml")
_UPDATE = {
    "InferenceComponentName": "a",
    "Specification": {"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}},
}


def _document(data: bytes, syntax: Literal["json", "yaml"] | None) -> Any:
    value = parse_document(data, "f", syntax=syntax).value
    assert len(json.dumps(value, allow_nan=False)) < LONGEST_SAID
    return value


def _change(data: bytes, syntax: Literal["json", "yaml"] | None) -> None:
    for one in read_calls(_document(data, syntax)):
        found = check_request(one.operation, one.request, one.path)
        assert sum(len(str(finding)) for finding in found) < LONGEST_SAID


def _snapshot(data: bytes, syntax: Literal["json", "yaml"] | None) -> None:
    Snapshot.from_dict(_document(data, syntax), "f").to_dict(redacted=True)


def _deployment(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    _declared(str(path))


def _declared(path: str) -> None:
    given = read_given([path])
    if given.sources:
        found = formats.read(given.sources, InputOptions())
        assert sum(map(len, found.notes)) < LONGEST_SAID


def _scan(data: bytes) -> None:
    assert len(list(scan(decode(data, "f")))) <= len(data)


def _verified(data: bytes) -> None:
    checked = verify(parse_document(data, "f").value, "f", time_limit=1)
    assert sum(len(str(one)) for one in checked) < LONGEST_SAID


def _answers(found: Any) -> None:
    data = Snapshot.from_dict(found).data
    read, _ = parse("UpdateInferenceComponent", _UPDATE)
    for described in data.get("InferenceComponents", ()):
        _said(partial(requirements_of, described))
        _said(partial(_copies, described))
        _said(partial(_against, described, read, data))


def _copies(described: Mapping[str, Any]) -> int:
    return EndpointComponent.of(described).desired_copies


def _against(described: Mapping[str, Any], read: Any, data: Mapping[str, Any]) -> None:
    merged = merge(EndpointComponent.of(described), read)
    check_against("UpdateInferenceComponent", _UPDATE, merged, data, {})


def _said(read: Callable[[], object]) -> None:
    try:
        read()
    except InputError as error:
        assert error.problems and len(str(error)) < LONGEST_SAID  # noqa: PT017, PT018  (either answer is right)


def _words() -> str:
    """The names the formats know, as a dictionary of the fuzzer."""
    known = {one.name for operation in OPERATIONS for one in members(request_type(operation))}
    known |= {
        name for data in CORPUS for name in re.findall(r"[A-Za-z:_-]{4,}", data.decode(errors="replace"))
    }
    known |= {"Operation", "Request", "IcplanSnapshot", "EndpointConfig", "InferenceComponents", *OPERATIONS}
    return "".join(f'"{name}"\n' for name in sorted(known))


def _verdicts() -> Iterator[bytes]:
    """Verdicts with placements, and with proofs."""
    taken = Snapshot.from_dict(snapshot_of("ml.g5.12xlarge", 3, component("a", 3, 3), scaling=(1, 4)))
    for copies in (4, 5, 40):
        scaled = {"InferenceComponentName": "a", "DesiredRuntimeConfig": {"CopyCount": copies}}
        call = Call("UpdateInferenceComponentRuntimeConfig", scaled)
        yield json.dumps(to_dict(judge([call], taken))).encode()


def main() -> None:
    """Fuzz one reader under atheris, starting from the corpus."""
    name, *options = sys.argv[1:]
    atheris = importlib.import_module("atheris")
    with tempfile.TemporaryDirectory() as folder:
        words, corpus = Path(folder, "words"), Path(folder, "corpus")
        words.write_text(_words(), encoding="ascii")
        corpus.mkdir()
        for number, data in enumerate((*CORPUS, *_verdicts())):
            Path(corpus, str(number)).write_bytes(data)
        atheris.Setup([sys.argv[0], *options, f"-dict={words}", str(corpus)], READERS[name])
        atheris.Fuzz()


if GUIDED:
    main()
