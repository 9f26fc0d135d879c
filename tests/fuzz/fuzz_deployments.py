"""Templates, plans, change sets, manifests of arbitrary bytes: a deployment or InputError, and nothing else.

Coverage-guided, as fuzz_files.py has it:

    python tests/fuzz/fuzz_deployments.py template -max_total_time=600 -max_len=16384 -timeout=20

The first word names a format of ``SEEDS``: whose files it begins with. Every file is read as whatever it is.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import re
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

GUIDED = __name__ == "__main__"

# Only what is imported in here tells the fuzzer which lines an input reaches.
with importlib.import_module("atheris").instrument_imports(include=["icplan"]) if GUIDED else nullcontext():
    from icplan.documents.document import parse_document
    from icplan.errors import InputError
    from icplan.inputs import formats, python_request
    from icplan.inputs.deployment import InputOptions
    from icplan.inputs.ignore_comments import ignores_in
    from icplan.inputs.per_parameter_value import read_all
    from icplan.inputs.source import parse_source

if TYPE_CHECKING:
    from collections.abc import Mapping

CASES = Path(__file__).parents[1] / "cases" / "iac"
RUNS: dict[str, Any] = {
    "Endpoint": {"EndpointName": "plover"},
    "InferenceComponents": [{"InferenceComponentName": "plover-chat", "Specification": {}}],
}
SEEDS: Mapping[str, tuple[str, ...]] = {
    "template": ("*/*.yaml", "*/cdk.out/*.template.json", "*/serving/*.yaml"),
    "plan": ("*/plan.json",),
    "change-set": ("*/changes.json",),
    "manifest": ("*ack*/*.yaml",),
    "python": ("*/request.json",),
}


def seeds(name: str) -> list[bytes]:
    """The cases of one format."""
    return [path.read_bytes() for pattern in SEEDS[name] for path in sorted(CASES.glob(pattern))]


def deployment(data: bytes) -> None:
    """Read bytes in either syntax, as whatever they are. Raises what a reader lets through."""
    for file in ("f.json", "f.yaml"):
        with contextlib.suppress(InputError):
            _python(data, file)
        with contextlib.suppress(InputError):
            source = parse_source(data, file)
            if formats.format_of(source) is None:
                continue
            with contextlib.suppress(InputError):
                list(ignores_in(source))
            for runs in (None, RUNS):
                with contextlib.suppress(InputError):
                    _read(source, runs)


def _python(data: bytes, file: str) -> None:
    value = parse_document(data, file).value
    request, _ = python_request.to_boto3(value)
    json.dumps(request, allow_nan=False)


def _read(source: Any, runs: Any) -> None:
    for reading in read_all([source], InputOptions(snapshot=runs)).all:
        for endpoint in reading.deployment.endpoints:
            for call in endpoint.calls:
                json.dumps(call.request)
                call.place("$.RuntimeConfig.CopyCount")


def _words(found: list[bytes]) -> str:
    """The names in the seeds, as a dictionary of the fuzzer."""
    names = {name for data in found for name in re.findall(rb"[A-Za-z_:]{3,60}", data)}
    return "".join(f'"{name.decode()}"\n' for name in sorted(names))


def main() -> None:
    """Fuzz under atheris, starting from the cases of one format."""
    name, *options = sys.argv[1:]
    atheris = importlib.import_module("atheris")
    with tempfile.TemporaryDirectory() as folder:
        words, corpus, found = Path(folder, "words"), Path(folder, "corpus"), seeds(name)
        words.write_text(_words(found), encoding="ascii")
        corpus.mkdir()
        for number, data in enumerate(found):
            Path(corpus, str(number)).write_bytes(data)
        atheris.Setup([sys.argv[0], *options, f"-dict={words}", str(corpus)], deployment)
        atheris.Fuzz()


if GUIDED:
    main()
