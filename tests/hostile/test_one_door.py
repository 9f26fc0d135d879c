"""Whatever stands wherever in the input: no output holds a secret, or a command to what reads it."""

from __future__ import annotations

import base64
import copy
import itertools
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hostile import CASES, CHANGE, ENDPOINT, GPU4, commands, run, write
from support.endpoints import create, scale

from icplan.documents.safe_text import safe_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Made up, and put together here, so that no scanner of this repository takes them for real ones.
_A, _W = "a1B2c3D4e5F6g7H8i9J0", "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZg"
_KEY = "wJalr" + "XUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
_PEM = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"
SECRETS: dict[str, tuple[str, str]] = {
    "AWS key id": ("AKIA" + "IOSFODNN7EXAMPLE", ""),
    "AWS temporary key id": ("ASIA" + "IOSFODNN7EXAMPLE", ""),
    "AWS secret key": (_KEY, ""),
    "AWS session token": ("IQoJ" + "b3JpZ2luX2VjEAYaCXVzLWVhc3QtMSJHMEUCIQ" + _W, _W),
    **{name: (f"{name}_" + _A + _A[:16], _A) for name in ("ghp", "gho", "ghu", "ghs", "ghr", "hf", "npm")},
    "github_pat": ("github_" + "pat_" + _A + "_" + _A, _A),
    "GitLab": ("glpat" + "-" + _A, _A),
    "Slack": ("xoxb" + "-123456789012-" + _A, _A),
    "Slack hook": ("https://hooks.slack" + ".com/services/T0000/B0000/" + _A, _A),
    "Stripe": ("sk_" + "live_" + _A, _A),
    "Google": ("AIza" + "SyA" + _A + _A[:12], _A),
    "PyPI": ("pypi-" + "AgEIcHlwaS5vcmc" + _A, _A),
    "SendGrid": ("SG" + f".{_A}.{_A}", _A),
    "NVIDIA": ("nvapi" + "-" + _A, _A),
    "Docker": ("dckr_" + "pat_" + _A, _A),
    "OpenAI": ("sk-" + "proj-" + _A, _A),
    "Anthropic": ("sk-" + "ant-api03-" + _A, _A),
    "JWT": ("eyJ" + f"hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.{_A}", "eyJzdWIi"),
    "PEM": (f"-----BEGIN RSA PRIVATE KEY-----\n{_PEM}\n{_PEM}\n-----END RSA PRIVATE KEY-----", _PEM),
    "Basic": (
        "Authorization: Basic " + base64.b64encode(b"user:hunter22xx").decode(),
        "dXNlcjpodW50ZXIyMnh4",
    ),
    "Bearer": (f"Bearer {_A}", _A),
    "Azure": (f"DefaultEndpointsProtocol=https;AccountKey={_W}==;EndpointSuffix=x", _W),
    "URL": (f"https://user:{_A}@host.example/path", _A),
    "URL, odd password": (f"https://user:{_A}/@x@host.example/path", _A),
    "signed S3": (f"https://b.s3.amazonaws.com/k?X-Amz-Signature={_A}&X-Amz-Credential=x", _A),
    "signed Azure": (f"https://a.blob.core.windows.net/c?sv=2024&sig={_A}%3D", _A),
    "signed Google": (f"https://storage.googleapis.com/b/o?X-Goog-Signature={_A}", _A),
    "password=": (f"password={_A}", _A),
    "password =": (f'password = "{_A}"', _A),
    '"password":': (f'{{"password": "{_A}"}}', _A),
}
COMMANDS = {
    "GitHub": "::error file=x.py,line=1::pwned",
    "GitHub, after blanks": "x\n  ::set-output name=a::b",
    "GitHub, after much": "a" * 74 + " ::error::pwned",
    "GitHub, after more": "a" * 70 + " ::add-mask::x",
    "GitHub's older": "x ##[error]pwned",
    "Azure": "x ##vso[task.setvariable variable=a]b",
    "Azure, capitals": "x ##VSO[task.complete result=Succeeded]",
    "TeamCity": "##teamcity[buildStatus status='SUCCESS']",
    "carriage return": "x\r::error::pwned",
    "line separator": "x\u2028::error::pwned",
    "colour": "\x1b[31m::error::pwned",
    "bidirectional": "\u202e::error::pwned",
}


def texts(value: Any) -> Iterator[Callable[[str], None]]:
    """What puts a text in the place of each text of a document, or of the name of a member."""
    for key, part in list(value.items()) if isinstance(value, dict) else list(enumerate(value)):
        if isinstance(part, str):
            yield lambda text, key=key: value.__setitem__(key, text)  # type: ignore[misc]
        elif isinstance(part, dict | list):
            yield from texts(part)
        if isinstance(value, dict):
            yield lambda text, key=key: value.__setitem__(text, value.pop(key))  # type: ignore[misc]


RICH = copy.deepcopy(ENDPOINT)
RICH |= {
    "Notes": ["a note"],
    "Parts": {"Quotas": {"Status": "denied"}},
    "Quotas": [{"QuotaName": f"{GPU4} for endpoint usage", "Value": 3}],
    "Unknown": {"Member": "x"},
}
RICH["InferenceComponents"][0] |= {"FailureReason": "no room", "LastModifiedTime": "2026-11-20T02:11:08Z"}
PLAIN_RICH = {name: part for name, part in RICH.items() if name not in ("Parts", "Unknown")}
CONTAINER = {"Image": "i", "ArtifactUrl": "s3://b/k", "Environment": {"NAME": "value"}}
NEW = create("new", 9, 1)
NEW["Specification"] = {"Container": CONTAINER, **NEW["Specification"]}
NEW["Specification"].pop("ModelName")
NEW["Tags"] = [{"Key": "team", "Value": "llm"}]
TOML: tuple[str, ...] = ('[ignore]\nICP305 = "{}"\n', 'observations = ["{}"]\n')
TOML += ('[types."{}"]\nvcpu = 1\n', '"{}" = 1\n')
TOML += ('allocatable = ["{}"]\n', 'fail-on = ["{}"]\n', '[assume]\n"{}" = "{}"\n', "x = {}\n")
YAML = ("a: !{} b\n", "a: *{}\n", "{}: [\n", "InferenceComponentName: '{}'\n'{}': 1\n", "{}: {}\n")
OPTIONS = (
    "--assume",
    "--allocatable",
    "--config",
    "-o",
    "--fail-on",
    "--format",
    "--time-limit",
    "--effort",
    "--max-age",
)


def files(place: str, text: str, turn: int) -> Iterator[tuple[str, ...]]:
    """The command lines of a place of text, each when its files are written.

    Of the many places of a document each takes its turn: another text stands in the next one.
    """
    write(Path(), change=CHANGE, snapshot=PLAIN_RICH)
    match place:
        case "snapshot":
            yield from in_documents("snapshot", (RICH, PLAIN_RICH), text, turn)
        case "change":
            yield from in_documents("change", (NEW, CHANGE, scale("chat", 9)), text, turn)
        case "toml":
            yield from in_settings(json.dumps(text)[1:-1])
        case "yaml":
            for template in YAML:
                Path("change.yaml").write_text(template.replace("{}", text.replace("\n", "\n ")))
                yield ("check", "change.yaml", "--snapshot", "snapshot.json")
        case _:
            yield from on_the_command_line(text)


BASE = ("check", "change.json", "--snapshot", "snapshot.json")


def in_documents(name: str, sources: tuple[Any, ...], text: str, turn: int) -> Iterator[tuple[str, ...]]:
    for source in sources:
        for number in range(turn % EVERY, len(list(texts(source))), EVERY):
            document = copy.deepcopy(source)
            next(itertools.islice(texts(document), number, None))(text)
            write(Path(), **{name: document})
            yield (*BASE, "--format", ("json", "text")[number // EVERY % 2])


def in_settings(quoted: str) -> Iterator[tuple[str, ...]]:
    for template in TOML:
        Path("icplan.toml").write_text(template.replace("{}", quoted))
        yield BASE
        yield (*BASE, "--format", "json")
        yield ("catalog", GPU4)
    Path("icplan.toml").unlink()


def on_the_command_line(text: str) -> Iterator[tuple[str, ...]]:
    yield from ((*BASE, option, text) for option in OPTIONS)
    yield ("check", text, "--snapshot", "snapshot.json")
    yield ("check", "change.json", "--snapshot", text)
    yield ("check", "change.json", f"--{text}", "x")
    yield from ((command, text) for command in ("verify", "explain", "catalog"))
    yield (text,)
    yield ("observe", GPU4, "--placed", "--memory", "9", "--source", text, "-o", "seen.json")
    Path("icplan.toml").write_text('observations = ["seen.json"]\n')
    yield ("catalog", GPU4)
    Path("icplan.toml").unlink()


def outputs(place: str, text: str, turn: int) -> Iterator[str]:
    for arguments in files(place, text, turn):
        result = run(*arguments)
        assert result.exit_code in (0, 1, 2, 3), (arguments, result.exception)
        assert "internal error" not in result.output, (arguments, result.output)
        yield result.output
    if Path("seen.json").exists():
        yield Path("seen.json").read_text()
        Path("seen.json").unlink()


EVERY = 1 if os.environ.get("ICPLAN_HOSTILE") == "all" else 24
PLACES = ("snapshot", "change", "toml", "yaml", "command line")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_no_secret_shows(place: str, record_property: Callable[[str, object], None]) -> None:
    """Of every kind, at every place of text, in every output and in what is written."""
    said, shown = 0, []
    for turn, (kind, (secret, part)) in enumerate(SECRETS.items()):
        for output in outputs(place, secret, turn):
            said += 1
            flat = "".join(output.split())
            shown += [(kind, output)] if (part or secret) in flat else []
    record_property(
        "counts", f"secrets, {place}: {said} outputs for {len(SECRETS)} kinds, {len(shown)} show one"
    )
    assert not shown


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_no_command_reaches_a_runner(place: str, record_property: Callable[[str, object], None]) -> None:
    """Of every form, at every place of text."""
    said, obeyed = 0, []
    for turn, (form, text) in enumerate(COMMANDS.items()):
        for output in outputs(place, text, turn):
            said += 1
            obeyed += [(form, line) for line in commands(output)]
            assert all(c.isprintable() for line in output.split("\n") for c in line)
    record_property(
        "counts", f"commands, {place}: {said} outputs for {len(COMMANDS)} forms, {len(obeyed)} obeyed"
    )
    assert not obeyed


def test_the_emulator_obeys() -> None:
    """Each form is one that a runner takes, where nothing stands in its way."""
    for form, text in COMMANDS.items():
        line = text.replace(" ::", "\n::") if "much" in form or "more" in form else text
        assert commands(line.replace("\u202e", "")), form


def test_a_name_at_the_start_of_a_wrapped_line() -> None:
    """The report's own line breaks make line starts."""
    taken = copy.deepcopy(ENDPOINT)
    change = json.loads((CASES / "inject" / "change_v2.json").read_text())
    taken["InferenceComponents"][0]["InferenceComponentName"] = change["InferenceComponentName"]
    write(Path(), change=change, snapshot=taken)
    result = run("check", "change.json", "--snapshot", "snapshot.json")
    assert not commands(result.output)


JOINED = {
    "a key after a slash": (f"InferenceComponent/{_KEY} has no member", _KEY),
    "a key between slashes": (f"a/b/{_KEY}/c/d", _KEY),
    "a key before a slash": (f"{_KEY}/c", _KEY),
    "Basic, in an address": (f"module.{SECRETS['Basic'][0]}.aws_x.y", SECRETS["Basic"][1]),
    "Basic, for URLs": ("Basic " + base64.urlsafe_b64encode(b"user:??>>~~ab").decode(), "Pz4-fn5h"),
}


@pytest.mark.parametrize("what", JOINED)
def test_a_secret_that_is_joined_to_a_name_is_seen(what: str) -> None:
    """By what joins the names of resources and members."""
    text, secret = JOINED[what]
    assert secret not in safe_text(text)


def test_many_keys_in_one_text_take_no_longer_than_it() -> None:
    """And no deeper a stack."""
    assert _KEY not in safe_text("/".join(["x", *[_KEY] * 20_000]))


HARMLESS = ["ModelDataDownloadTimeoutInSeconds", "Ec2CapacityReservations", "the token: must be a string"]
HARMLESS += ["s3://bucket/models/Llama-3.1/8B/weights.tar.gz", "basic authentication", "12:30::45", "a::b"]
HARMLESS += ["s3://bucket/Llama/Models/Version3/Weights/Quantized/Final/Int8/x", "Basic Plan.x"]
HARMLESS += ["ml.g5.12xlarge for endpoint usage", "password: must be set", "0f" * 32, "# [x]"]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_and_no_command_stays(text: str) -> None:
    """Reports are of use only with the names in them."""
    assert safe_text(text) == text
