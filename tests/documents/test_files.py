"""Files in and out."""

from __future__ import annotations

import io
import json
import os
import select
import stat
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from icplan.documents import document as files
from icplan.documents import limits
from icplan.documents import read_bytes as raw
from icplan.documents.document import parse_document, read_document
from icplan.documents.safe_text import SafeText
from icplan.documents.write import write_files, write_json
from icplan.errors import InputError

SECRET = "s3kr1t-value"  # noqa: S105


def refusal(source: Any) -> str:
    with pytest.raises(InputError) as caught:
        read_document(source)
    return str(caught.value)


class _Input:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


@pytest.mark.parametrize(
    ("name", "text", "syntax"),
    [
        ("a.json", '{"a": 1}', "json"),
        ("a.YAML", '{"a": 1}', "yaml"),
        ("a.yml", "a: 1", "yaml"),
        ("a", "a: 1", "yaml"),
        ("a.txt", ' \n{"a": 1}', "json"),
        ("a.txt", '\ufeff{"a": 1}', "json"),
    ],
)
def test_the_name_decides_and_else_the_first_character(
    tmp_path: Path, name: str, text: str, syntax: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    document = read_document(tmp_path / name)
    assert (document.value, document.syntax) == ({"a": 1}, syntax)
    assert document.file == str(tmp_path / name)


def test_a_json_file_that_holds_yaml_is_refused_as_json(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("a: 1")
    assert refusal(tmp_path / "a.json") == f"{tmp_path}/a.json:1:1: not valid JSON: Expecting value"


def test_standard_input_is_read_for_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Input(b"[1, 2]"))
    document = read_document("-")
    assert (document.value, document.file) == ([1, 2], "<stdin>")


def test_standard_input_without_content_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Input(b" \n"))
    assert refusal("-") == "<stdin>: is empty"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.json") == f"{tmp_path}/none.json: there is no such file"


def test_a_directory(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}: is a directory"


def test_a_link_that_leads_nowhere_and_one_that_turns_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a.json").symlink_to("b.json")
    assert "no such file" in refusal(tmp_path / "a.json")
    (tmp_path / "b.json").symlink_to("a.json")
    assert "cannot be read: Too many levels of symbolic links" in refusal(tmp_path / "a.json")


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("[]")
    (tmp_path / "link.json").symlink_to("real.json")
    assert read_document(tmp_path / "link.json").value == []


def test_a_file_one_may_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    assert refusal(tmp_path / "a.json") == f"{tmp_path}/a.json: cannot be read: Permission denied"


def test_a_name_that_no_file_can_have_is_shown_on_one_line() -> None:
    assert refusal("a\0\n.json") == "a\\x00\\n.json: no file can have this name"
    with pytest.raises(InputError, match="no file can have this name"):
        write_json("a\0.json", {})


def test_too_large_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "MAX_BYTES", 1 << 20)
    (tmp_path / "a.json").write_bytes(b" " * (1 << 20) + b"1")
    assert refusal(tmp_path / "a.json") == f"{tmp_path}/a.json: is larger than 1 MiB"


def test_the_limit_is_the_one_that_is_documented() -> None:
    """64 MiB, to the byte: messages divide it, so a limit that is no whole number of MiB misleads."""
    assert limits.MAX_BYTES == 64 * 2**20


def test_a_device_without_end_is_refused_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "MAX_BYTES", 1 << 20)
    assert refusal("/dev/zero") == "/dev/zero: is larger than 1 MiB"


def test_an_empty_device() -> None:
    assert refusal("/dev/null") == "/dev/null: is empty"


def test_a_pipe_nobody_writes_to_does_not_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "PIPE_WAIT", 0.01)
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe") == f"{tmp_path}/pipe: is a pipe that nothing is written to"


def test_a_pipe_is_read_to_its_end_however_slow_the_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw, "PIPE_WAIT", 0.01)
    os.mkfifo(tmp_path / "pipe")
    holder = os.open(tmp_path / "pipe", os.O_RDWR)  # a writer that has written nothing yet
    read: list[Any] = []
    reader = threading.Thread(target=lambda: read.append(read_document(tmp_path / "pipe").value))
    reader.start()
    os.write(holder, b'{"a":')
    os.write(holder, b" 1}")
    reader.join(0.05)  # it goes on waiting for the end
    assert reader.is_alive()
    os.close(holder)
    reader.join()
    assert read == [{"a": 1}]


def test_a_writer_that_has_written_nothing_yet_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "PIPE_WAIT", 0.01)
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    assert raw._await_writer(reading, "pipe") == b""
    os.close(writing)
    os.close(reading)


def test_a_byte_that_comes_just_after_the_wait_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Impatient:
        def register(self, *_: object) -> None: ...

        def poll(self, _timeout: float) -> list[object]:
            return []

    monkeypatch.setattr(select, "poll", Impatient)
    os.mkfifo(tmp_path / "pipe")
    holder = os.open(tmp_path / "pipe", os.O_RDWR)
    writer = os.open(tmp_path / "pipe", os.O_WRONLY)
    os.write(writer, b'{"a": 1}')
    os.close(writer)
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    os.close(holder)
    assert raw._await_writer(reader, "pipe") + os.read(reader, 99) == b'{"a": 1}'
    os.close(reader)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("{}".encode("utf-16"), "f: is not UTF-8 text: it looks like UTF-16"),
        ("{}".encode("utf-32"), "f: is not UTF-8 text: it looks like UTF-32"),
        ("{}".encode("utf-16-le"), "f: is not text. It looks like UTF-16; save it as UTF-8"),
        ('{\n "a": "é"}'.encode("latin-1"), "f:2:8: is not UTF-8 text. Save it as UTF-8"),
        (b"\x1f\x8b\x08\x00", "f: is not UTF-8 text: it looks like gzip"),
        (b"\xed\xa0\x80", "f:1:1: is not UTF-8 text. Save it as UTF-8"),
        (b"", "f: is empty"),
        (b"\xef\xbb\xbf", "f: is empty"),
    ],
)
def test_what_is_not_utf8_text_is_named(data: bytes, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_document(data, "f")
    assert str(caught.value) == expected


def test_yaml_has_a_smaller_limit_than_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_YAML_BYTES", 1 << 20)
    text = b" " * (1 << 20) + b"[1]"
    assert parse_document(text, "f").value == [1]
    with pytest.raises(InputError, match=r"f: is larger than 1 MiB of YAML. Give it as JSON"):
        parse_document(text, "f", syntax="yaml")


@given(st.binary(max_size=80))
def test_arbitrary_bytes_of_unknown_syntax_give_a_value_or_an_input_error(data: bytes) -> None:
    try:
        value = parse_document(data, "f").value
    except InputError as error:
        message = str(error)
    else:
        message = json.dumps(value, allow_nan=False)
    assert "\n" not in message


@pytest.mark.parametrize(
    "text", ['{"T": "%s"', '{"T": "%s", "T": "%s"}', "T: '%s", "T: %s\n  x: 1", "? [%s]\n"]
)
def test_messages_and_reprs_do_not_quote_values(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_document(text.replace("%s", SECRET).encode(), "f")
    assert SECRET not in str(caught.value) + repr(caught.value)
    assert SECRET not in repr(parse_document(b"T: " + SECRET.encode(), "f"))


def test_a_problem_of_a_document_has_its_place() -> None:
    document = parse_document(b'{\n "a": [1,\n 2]}', "f")
    assert str(document.problem("is odd", "$.a[1]", "Make it even")) == "f:3:2: $.a[1]: is odd. Make it even"
    assert str(document.problem("is odd")) == "f: is odd"
    assert document.locate("a") is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example writes its own file
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(), st.lists, max_leaves=5
    )
)
def test_what_is_written_is_read_again(tmp_path: Path, value: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)  # slow, and not what this is about
        write_json(tmp_path / "a.json", {"value": value})
    assert read_document(tmp_path / "a.json").value == {"value": value}


@pytest.mark.parametrize("target", [None, "-"])
def test_without_a_path_it_goes_to_standard_output(
    target: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    write_json(target, {"a": ["é"]})
    assert capsys.readouterr().out == '{\n  "a": [\n    "\\u00e9"\n  ]\n}\n'


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_a_new_file_gets_what_the_umask_leaves(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        write_json(tmp_path / "a.json", {})
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == mode


def test_a_file_that_is_replaced_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "real.json").chmod(0o600)
    (tmp_path / "link.json").symlink_to("real.json")
    write_json(tmp_path / "link.json", [1])
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text()) == [1]
    assert stat.S_IMODE((tmp_path / "real.json").stat().st_mode) == 0o600


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "a.json").write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"a\.json: cannot be written: No space left on device"):
        write_json(tmp_path / "a.json", {})
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.json", "old")]


def test_what_json_cannot_say_is_not_half_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        write_json(tmp_path / "a.json", [1, float("nan")])
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written: No such file or directory"):
        write_json(tmp_path / "none" / "a.json", {})
    with pytest.raises(InputError, match="cannot be written: Is a directory"):
        write_json(tmp_path, {})


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_json("/dev/null", {})
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_of_several_files_all_are_written_or_none(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("old")
    with pytest.raises(InputError, match=r"b\.json: cannot be written: No such file or directory"):
        write_files({tmp_path / "a.json": SafeText("new"), tmp_path / "none" / "b.json": SafeText("new")})
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.json", "old")]
    write_files({tmp_path / "a.json": SafeText("new"), tmp_path / "b.json": SafeText("too")})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.json": "new", "b.json": "too"}


def test_a_device_that_is_full_is_named() -> None:
    with pytest.raises(InputError, match="/dev/full: cannot be written: No space left on device"):
        write_json("/dev/full", {})
