"""Change, snapshot and configuration files of arbitrary bytes: a value or InputError, and nothing else.

Coverage-guided, with atheris in the environment (it is not among the development extras):

    pip install atheris && python tests/fuzz/fuzz_files.py -max_total_time=240 -max_len=4096

The ordinary tests replay the corpus of this file and some mutations of it without atheris.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from icplan.config import Config
from icplan.errors import InputError
from icplan.snapshot import Snapshot
from icplan.sources.files import parse_document
from icplan.spec import change_of, parse

if TYPE_CHECKING:
    from collections.abc import Callable

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
    for syntax in (None, "json", "yaml"):
        _said(lambda syntax=syntax: _document(data, syntax))  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as folder:
        for name in ("icplan.toml", "pyproject.toml"):
            path = Path(folder, name)
            path.write_bytes(data)
            _said(lambda path=path: Config.load(str(path)))  # type: ignore[misc]


def _document(data: bytes, syntax: str | None) -> None:
    document = parse_document(data, "f", syntax=syntax)  # type: ignore[arg-type]
    assert len(json.dumps(document.value, allow_nan=False)) < LONGEST_SAID
    _said(lambda: _change(document.value))
    _said(lambda: Snapshot.from_dict(document.value, "f").to_dict(redacted=True))


def _change(value: object) -> None:
    for change in change_of(value):
        _, problems = parse(change.operation, change.request, change.path)
        assert sum(len(str(one)) for one in problems) < LONGEST_SAID


def _said(read: Callable[[], object]) -> None:
    try:
        read()
    except InputError as error:
        assert error.problems and len(str(error)) < LONGEST_SAID  # noqa: PT017, PT018  (either answer is right)


def main() -> None:
    """Fuzz under atheris, starting from the corpus."""
    atheris = importlib.import_module("atheris")
    atheris.instrument_all()
    with tempfile.TemporaryDirectory() as corpus:
        for number, data in enumerate(CORPUS):
            Path(corpus, str(number)).write_bytes(data)
        atheris.Setup([*sys.argv, corpus], check)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
