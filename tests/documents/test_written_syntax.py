"""What is written as YAML and HCL is read as it was, by readers that share no code with the writers."""

from __future__ import annotations

import io
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from support.hcl_reader import read_hcl

from icplan.documents.document import parse_document
from icplan.documents.hcl_write import Block, Reference, hcl_text
from icplan.documents.yaml_write import yaml_text

_ODD = (
    *(
        "yes",
        "No",
        "on",
        "y",
        "null",
        "~",
        "1e3",
        "0x1f",
        "012",
        "2010-09-09",
        "a: b",
        "a #b",
        "- a",
        "!Ref x",
    ),
    *("${x}", "$${x}", "%{ if }", "%%{", "$", "{", 'a"b', "a\\b", "::", "a:", "a::b", "é", "\u2028", "\x7f"),
)
_texts = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(_ODD)
_scalars = _texts | st.integers(-(10**9), 10**9) | st.booleans() | st.none()


def _data(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        _scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
        max_leaves=12,
    )


@given(_data(_texts))
@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_yaml_means_the_same_in_both_versions(version: str, value: Any) -> None:
    reader = YAML(typ="safe", pure=True)
    reader.version = version
    assert reader.load(io.StringIO(yaml_text(value))) == value


@given(st.dictionaries(_texts.filter(bool), _data(_texts), min_size=1, max_size=3))
def test_yaml_is_read_by_icplan(value: dict[str, Any]) -> None:
    """As the JSON that it would be."""
    assert parse_document(yaml_text(value).encode(), "x.yaml").value == value


_words = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True)


@given(st.dictionaries(_words, _data(_texts), max_size=4), st.lists(_texts, max_size=2))
def test_hcl_is_what_it_was(members: dict[str, Any], labels: list[str]) -> None:
    """Whatever a text holds, it is no expression."""
    inner = Block("inner", (), {"a": 1, "of": Reference("x.y.name")})
    text = hcl_text(Block("resource", tuple(labels), members | {"inner": inner, "inners": [inner, inner]}))
    ((kind, read_labels, read),) = read_hcl(text)
    assert (kind, read_labels) == ("resource", tuple(labels))
    assert read.pop("inner") == [{"a": 1, "of": "x.y.name"}] * 3
    assert read == {name: value for name, value in members.items() if name not in ("inner", "inners")}


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
@pytest.mark.slow
def test_terraform_finds_nothing_to_lay_out_anew(tmp_path: Any) -> None:
    inner = Block("inner", (), {"a": 1, "long_name": [1, 2], "o": {"x": 1, "yy": {"z": [{"k": "v"}]}}})
    block = Block("resource", ("a", "b"), {"n": "x", "inner": inner, "empty": {}, "m": {"a": "b"}, "t": True})
    (tmp_path / "main.tf").write_text(hcl_text(block, block))
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", "main.tf"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
