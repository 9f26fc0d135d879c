"""One shape per part of a verdict: what it writes it reads, and the published schema is made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from support.small_fleets import Case, judged, one_phase_cases, rolling_cases

from icplan.packing.json_shapes import COUNT, NUMBERED, Shape, by_name, many, maybe, member, record
from icplan.packing.reader import Node, Unreadable
from icplan.verdict.codec import NotAVerdict, from_dict, to_dict, verdict_schema, verdicts_schema

DOCS = Path(__file__).parents[2] / "docs"


def test_the_published_schema_is_the_codecs() -> None:
    """Write them anew with: python -m icplan.verdict.schema docs"""
    for name, schema in (("verdict", verdict_schema()), ("verdicts", verdicts_schema())):
        assert json.loads((DOCS / f"{name}.schema.json").read_text()) == schema
        jsonschema.Draft202012Validator.check_schema(schema)


@given(one_phase_cases() | rolling_cases())
def test_a_verdict_comes_back_as_it_was_written(case: Case) -> None:
    """With every phase, premise and proof, and by the schema."""
    written = json.loads(json.dumps(to_dict(judged(case))))
    jsonschema.Draft202012Validator(verdict_schema()).validate(written)
    read = from_dict(written)
    assert json.loads(json.dumps(to_dict(read.verdict, read.failed_on))) == written


def test_what_is_missing_is_told_by_its_place() -> None:
    """The first place at which something is amiss."""
    with pytest.raises(NotAVerdict) as error:
        from_dict({"IcplanVerdict": 1, "Outcome": "fits", "Snapshot": None, "Changes": [{}]})
    assert error.value.path == "$.Changes[0].Operation"


@pytest.mark.parametrize("wrong", [None, {}, *({"Ends": one} for one in ([1, -1], [1.0], [True], "1"))])
def test_a_shape_refuses_what_is_of_another_kind(wrong: object) -> None:
    """With the path of what is wrong."""
    shape: Shape[Any] = record(dict, member("Ends", many(COUNT)))
    with pytest.raises(Unreadable, match=r"^\$"):
        shape.read(Node(wrong))


def test_shapes_write_what_they_read() -> None:
    """Null where nothing is, numbers as names, and the schema of each."""
    shape: Shape[Any] = by_name(maybe(many(NUMBERED)))
    value = {"a": ({3: 1, 10: 2},), "b": None}
    assert shape.write(value) == {"a": [{"3": 1, "10": 2}], "b": None}
    assert shape.read(Node(shape.write(value))) == value
    jsonschema.Draft202012Validator(shape.schema).validate(shape.write(value))
    for name in ("03", "-1", "x"):
        with pytest.raises(Unreadable):
            NUMBERED.read(Node({name: 1}))
