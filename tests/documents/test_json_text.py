"""JSON text: what is taken, what is refused and where."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.rendering import Paper, values, write_json_text

from icplan.documents import json_text
from icplan.documents.document import parse_document
from icplan.documents.limits import MAX_DEPTH
from icplan.documents.paths import join_path
from icplan.errors import InputError

gaps = st.sampled_from(["", " ", "\n", "\n  ", "\t", "\r\n"])


@given(values, gaps)
def test_reads_what_the_standard_library_wrote(value: Any, gap: str) -> None:
    paper = Paper()
    write_json_text(paper, value, gap)
    read = parse_document(paper.text.encode(), "f", syntax="json").value
    assert json.dumps(read) == json.dumps(value)


@given(values, gaps)
def test_every_value_is_located_where_it_was_written(value: Any, gap: str) -> None:
    paper = Paper()
    write_json_text(paper, value, gap)
    document = parse_document(paper.text.encode(), "f", syntax="json")
    assert {steps: document.locate(join_path(steps)) for steps in paper.places} == paper.places


@given(values, gaps, st.sampled_from([".Nowhere", "[99]", ".Nowhere[3].Deeper"]))
def test_what_is_not_there_is_located_where_the_nearest_thing_is(value: Any, gap: str, beyond: str) -> None:
    paper = Paper()
    write_json_text(paper, {"": value}, gap)
    document = parse_document(paper.text.encode(), "f", syntax="json")
    assert {steps: document.locate(join_path(steps) + beyond) for steps in paper.places} == paper.places


@given(st.binary(max_size=60) | st.text('{}[],:"\\u0d8ntrfae+-.19 \n', max_size=60).map(str.encode))
def test_arbitrary_bytes_give_a_value_or_an_input_error(data: bytes) -> None:
    with suppress(InputError):
        value = parse_document(data, "f", syntax="json").value
        assert json.loads(data.decode("utf-8-sig")) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1,\n "b": 2,\n "a": 3}', "f:3:2: $.a: is given twice"),
        ('[{"x": {"a": 1, "a": 1}}]', "f:1:17: $[0].x.a: is given twice"),
        ("[1,\nNaN]", "f:2:1: $[1]: NaN is not a JSON number"),
        ("[-Infinity]", "f:1:2: $[0]: -Infinity is not a JSON number"),
        ('{"a": 1e999}', "f:1:2: $.a: the number is too large"),
        ('{"a": ' + "1" * 31 + "}", "f:1:2: $.a: an integer of 31 characters is too long"),
        ("[" + "1" * 5000 + "]", "f:1:2: $[0]: an integer of 5000 characters is too long"),
        ('["\\ud800"]', "f:1:2: $[0]: holds half of a surrogate pair (\\ud800 to \\udfff)"),
        ('{"\\udc00": []}', "f:1:2: $['\\udc00']: holds half of a surrogate pair (\\ud800 to \\udfff)"),
        ("{'a': 1}", "f:1:2: not valid JSON: Expecting property name enclosed in double quotes"),
        ('{"a": 1', "f:1:8: not valid JSON: Expecting ',' delimiter"),
        ('{"a": "\t"}', "f:1:8: not valid JSON: Invalid control character at"),
    ],
)
def test_refusals_name_place_and_fault(text: str, expected: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_document(text.encode(), "f", syntax="json")
    assert str(refusal.value) == expected


def test_several_documents_are_refused_with_a_way_out() -> None:
    with pytest.raises(InputError, match=r"f:2:1: not valid JSON: Extra data. .*go into a list"):
        parse_document(b"{}\n{}", "f", syntax="json")


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nesting_is_taken_up_to_the_limit_and_no_further(opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    inner = "" if opening == "[" else "1"

    def nested(depth: int) -> bytes:
        return (opening * depth + inner + closing * depth).encode()

    assert parse_document(nested(MAX_DEPTH), "f").value
    for depth in (MAX_DEPTH + 1, 5_000, 200_000):
        with pytest.raises(InputError, match=f"^f:1:[0-9]+: nested deeper than {MAX_DEPTH} levels$"):
            parse_document(nested(depth), "f")


def test_a_scalar_at_the_deepest_level_is_taken() -> None:
    text = b"[" * MAX_DEPTH + b'"x"' + b"]" * MAX_DEPTH
    assert parse_document(text, "f").locate("$" + "[0]" * MAX_DEPTH) == (1, MAX_DEPTH + 1)


def test_more_values_than_memory_should_hold_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "MAX_VALUES", 100)
    assert parse_document(b"[" + b"1," * 98 + b"1]", "f").value
    with pytest.raises(InputError, match="holds more than 100 values"):
        parse_document(b"[" + b"[]," * 99 + b"[]]", "f")


def test_exact_floats_and_long_integers_are_kept() -> None:
    digits = "9" * 30
    assert parse_document(f"[0.25, 1.0, -0.5e3, {digits}]".encode(), "f").value == [
        0.25,
        1.0,
        -500.0,
        int(digits),
    ]
