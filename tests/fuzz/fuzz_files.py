"""Files and answers of arbitrary bytes, one reader at a time: a value or InputError, and nothing else.

Coverage-guided, with atheris in the environment (it is not among the development extras):

    pip install atheris
    python tests/fuzz/fuzz_files.py change -max_total_time=600 -max_len=4096 -timeout=10 -rss_limit_mb=1024

The first word names one of ``READERS``. The ordinary tests replay the corpus of this file and some mutations
of it without atheris, through all of them.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

GUIDED = __name__ == "__main__"

# Only what is imported in here tells the fuzzer which lines an input reaches.
with (
    importlib.import_module("atheris").instrument_imports(include=["icplan", "tomllib"])
    if GUIDED
    else nullcontext()
):
    from icplan.cli.config import Config
    from icplan.documents.document import parse_document
    from icplan.errors import InputError
    from icplan.inputs.boto3_request import read_calls
    from icplan.requests.fields import members
    from icplan.requests.from_describe import EndpointComponent, requirements_of
    from icplan.requests.merge import merge
    from icplan.requests.operations import OPERATIONS, request_type
    from icplan.requests.parse import parse
    from icplan.rules import check_against, check_request
    from icplan.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
    known |= {"Operation", "Request", "IcplanSnapshot", "EndpointConfig", "InferenceComponents", *OPERATIONS}
    return "".join(f'"{name}"\n' for name in sorted(known))


def main() -> None:
    """Fuzz one reader under atheris, starting from the corpus."""
    name, *options = sys.argv[1:]
    atheris = importlib.import_module("atheris")
    with tempfile.TemporaryDirectory() as folder:
        words, corpus = Path(folder, "words"), Path(folder, "corpus")
        words.write_text(_words(), encoding="ascii")
        corpus.mkdir()
        for number, data in enumerate(CORPUS):
            Path(corpus, str(number)).write_bytes(data)
        atheris.Setup([sys.argv[0], *options, f"-dict={words}", str(corpus)], READERS[name])
        atheris.Fuzz()


if GUIDED:
    main()
