"""YAML text: what is taken, what is refused and where."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.rendering import Paper, values, write_yaml_text

from icplan.documents import yaml_text
from icplan.documents.document import parse_document
from icplan.documents.limits import MAX_DEPTH
from icplan.documents.paths import join_path
from icplan.errors import InputError

_PIECES = st.sampled_from(
    [
        *[
            "a",
            "b: ",
            "- ",
            "? ",
            ": ",
            "  ",
            "&a ",
            "*a",
            "<<: ",
            "!x ",
            "!!int ",
            "!!set ",
            "[",
            "]",
            "{",
            "}",
        ],
        *[
            ", ",
            '"',
            "'",
            "# ",
            "1",
            "2020-01-01",
            ".nan",
            "~",
            "\\ud800",
            "\\U0010FFFF",
            "=",
            "1_0",
            "@",
            "`",
        ],
        *["|\n", ">\n", "\n", "---\n", "...\n", "%YAML 1.1\n", "\t", "\x85", "\u2028", "\0", "\x07"],
    ]
)


def load(text: str) -> Any:
    return parse_document(text.encode(), "f", syntax="yaml").value


@given(values)
def test_reads_block_style_as_it_was_written(value: Any) -> None:
    paper = Paper()
    write_yaml_text(paper, value)
    assert json.dumps(load(paper.text)) == json.dumps(value)


@given(values)
def test_every_value_is_located_where_it_was_written(value: Any) -> None:
    paper = Paper()
    write_yaml_text(paper, value)
    document = parse_document(paper.text.encode(), "f", syntax="yaml")
    assert {steps: document.locate(join_path(steps)) for steps in paper.places} == paper.places


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(type(name) is str for name in value) and all(map(_is_plain, value.values()))
    return (
        all(map(_is_plain, value))
        if type(value) is list
        else type(value) in (str, int, float, bool, type(None))
    )


@given(
    st.binary(max_size=60).map(lambda data: data.decode("latin-1"))
    | st.lists(_PIECES, max_size=20).map("".join)
)
@example("a: &a [*a]")
@example('"\\UFFFFFFFF"')
@example("- !<tag:yaml.org,2002:str> 3")
@example("%YAML 1.9\n---\na")
def test_arbitrary_text_gives_plain_data_or_an_input_error(text: str) -> None:
    with suppress(InputError):
        value = load(text)
        assert _is_plain(value)
        json.dumps(value, allow_nan=False).encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3", "f:3:1: $.a: is given twice"),
        ("a: .nan", "f:1:4: $.a: not a finite number"),
        ("a: -.inf", "f:1:4: $.a: not a finite number"),
        ("a: 1e999", "f:1:4: $.a: not a finite number"),
        ("a: " + "1" * 31, "f:1:4: $.a: an integer of 31 characters is too long"),
        ("a:\n  b: &x\n    c: *x", "f:2:6: $.a.b.c: an alias stands inside what it refers to"),
        ("a: *x", "f:1:4: not valid YAML: found undefined alias 'x'"),
        ("1: a", "f:1:1: a key is not a string. Put it in quotes"),
        ("a: {true: 1}", "f:1:5: $.a: a key is not a string. Put it in quotes"),
        ("? [a]\n: 1", "f:1:3: a key is not a string. Put it in quotes"),
        ("--- 1\n--- 2", "f:2:1: holds more than one YAML document. Put several changes into one list"),
        ("%YAML 1.1\n---\na: yes", "f:1:1: not YAML 1.2. Leave the %YAML line out"),
        ("a: !!python/object:x.y {}", "f:1:4: $.a: the tag python/object:x.y is not taken"),
        ("a: !!binary aGk=", "f:1:4: $.a: the tag binary is not taken"),
        ("a: !!set {b}", "f:1:4: $.a: the tag set is not taken"),
        ("a: !!int b", "f:1:4: $.a: is not a YAML int"),
        ("<<: 1", "f:1:5: only a mapping can be merged in by <<"),
        ("a: &a\n  <<: *a", "f:1:4: $.a: merged in through more than 64 levels"),
        ("a:\n\t- 1", "f:2:1: not valid YAML: found character '\\t' that cannot start any token"),
        ("# nothing\n", "f: is empty"),
        ("a: \x07", "f: not valid YAML: special characters are not allowed"),
        ('a: "\\udc00"', "f:1:4: $.a: holds half of a surrogate pair (\\ud800 to \\udfff)"),
        ('a: "\\UFFFFFFFF"', "f: not valid YAML: the text trips its parser"),
    ],
)
def test_refusals_name_place_and_fault(text: str, expected: str) -> None:
    with pytest.raises(InputError) as refusal:
        load(text)
    assert str(refusal.value) == expected


def test_a_template_is_told_apart_by_its_tags() -> None:
    with pytest.raises(InputError, match=r"f:1:4: \$.a: the tag !Ref is not taken. .*templates"):
        load("a: !Ref B")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-01", "2026-01-01"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("yes", "yes"),
        ("on", "on"),
        ("1_000", "1_000"),
        ("0b1", "0b1"),
        ("0o17", 15),
        ("0x1F", 31),
        ("-12", -12),
        ("+.5", 0.5),
        ("1e3", 1000.0),
        ("True", True),
        ("~", None),
        ("=", "="),
        ("!!str 1", "1"),
        ("!!float 1", 1.0),
        ("12:30:45", "12:30:45"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, expected: object) -> None:
    value = load(f"a: {text}")["a"]
    assert (value, type(value)) == (expected, type(expected))


def test_aliases_and_merges_are_written_out_as_copies() -> None:
    value = load("base: &b {x: 1, y: [2]}\nother: &o {y: 3, z: 4}\nall:\n  <<: [*b, *o]\n  x: 0\nagain: *b")
    assert value["all"] == {"x": 0, "y": [2], "z": 4}
    assert value["again"] == value["base"]
    assert value["again"]["y"] is not value["base"]["y"]


def test_what_is_merged_in_is_located_where_it_is_written() -> None:
    document = parse_document(b"base: &b\n  x: 1\nall:\n  <<: *b\n  y: 2\n", "f", syntax="yaml")
    assert document.locate("$.all.x") == (2, 3)
    assert document.locate("$.all.y") == (5, 3)


@pytest.mark.parametrize(
    ("first", "line"),
    [
        ("l0: &l0 [x, x, x, x, x, x, x, x, x, x]", "l{0}: &l{0} [{1}]"),
        ("l0: &l0 {x: 1}", "l{0}: &l{0} {{<<: [{1}]}}"),
        ("l0: &l0 {}", "l{0}: &l{0} {{<<: [{1}]}}"),
    ],
)
def test_bombs_are_refused(first: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "MAX_YAML_VALUES", 20_000)
    lines = [first] + [line.format(n, ",".join([f"*l{n - 1}"] * 10)) for n in range(1, 30)]
    with pytest.raises(InputError, match="holds more than 20,000 values"):
        load("\n".join(lines))


def test_long_text_cannot_be_multiplied_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "MAX_BYTES", 10_000)
    with pytest.raises(InputError, match="aliases written out"):
        load("a: &a " + "x" * 1_000 + "\nb: [" + "*a, " * 20 + "]")


@pytest.mark.parametrize("opening", ["- ", "[", "{a: "])
def test_nesting_is_taken_up_to_the_limit_and_no_further(opening: str) -> None:
    closing = {"- ": "", "[": "]", "{a: ": "}"}[opening]

    def nested(depth: int) -> str:
        return opening * depth + "1" + closing * depth

    assert load(nested(MAX_DEPTH))
    for depth in (MAX_DEPTH + 1, 20_000):
        with pytest.raises(InputError, match=f"nested deeper than {MAX_DEPTH} levels$"):
            load(nested(depth))


def test_nesting_through_aliases_counts() -> None:
    lines = ["l0: &l0 [1]"] + [f"l{n}: &l{n} [*l{n - 1}]" for n in range(1, 100)]
    with pytest.raises(InputError, match=f"nested deeper than {MAX_DEPTH} levels"):
        load("\n".join(lines))


def test_a_repeated_anchor_is_no_fault() -> None:
    assert load("a: &x 1\nb: &x 2\nc: *x") == {"a": 1, "b": 2, "c": 2}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<<: {a: 1}\n<<: {a: 2}", "f:2:1: << is given twice"),
        ("a: 017", "f:1:4: $.a: a number with a leading zero"),
        ("a: -08", "f:1:4: $.a: a number with a leading zero"),
        ("a: 1 # \x85b", "f:1:8: U+0085 ends a line to some readers"),
    ],
)
def test_what_readers_of_yaml_read_differently_is_refused(text: str, expected: str) -> None:
    """With its place, and what to write instead."""
    with pytest.raises(InputError) as refusal:
        load(text)
    assert str(refusal.value).startswith(f"{expected} ") or str(refusal.value).startswith(f"{expected}:")


def differ(one: Any, other: Any) -> bool:
    """Whether two readers see other members or items, or another number."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() != other.keys() or any(differ(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) != len(other) or any(map(differ, one, other))
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        return True
    return type(one) is type(other) is int and one != other


@example(["a: ", "010"])
@example(["a: ", "{<<: {b: 1}, <<: {b: 2}}"])
@example(["{a: 1 #", "\u2028", ", b: 2\n", "}"])
@given(st.lists(_PIECES, max_size=14))
def test_a_reader_of_yaml_1_1_sees_the_same_members_and_whole_numbers(pieces: list[str]) -> None:
    """PyYAML; other words of YAML 1.1 (yes, 1_000) are text here, which is no number and no truth."""
    yaml: Any = pytest.importorskip("yaml")
    text = "".join(pieces)
    with suppress(InputError, yaml.YAMLError, ValueError):
        ours = yaml_text.load_yaml(text, "f")
        assert not differ(ours, yaml.safe_load(text)), text
