"""A change, as a value, a file or bytes, read into the calls that it asks for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from icplan.documents.document import parse_document, read_document, syntax_of
from icplan.documents.paths import join_path, split_path
from icplan.errors import InputError
from icplan.inputs.boto3_request import read_calls
from icplan.inputs.python_source import python_source_told

if TYPE_CHECKING:
    from icplan.documents.document import Document
    from icplan.requests.call import Call


#: Members by which requests are known that Python code spells.
_PYTHON_NAMES = ("inference_component_name", "desired_runtime_config")

ChangeSource = Mapping[str, Any] | Sequence[Any] | str | os.PathLike[str]


def calls_of(change: ChangeSource) -> list[Call]:
    """The calls that a change asks for, in order, each with its place."""
    if isinstance(change, str | os.PathLike):
        with python_source_told(os.fspath(change)):
            return calls_in(read_document(change))
    return read_calls(change)


def calls_in_bytes(data: bytes, file: str) -> list[Call]:
    """The calls that the bytes of a file ask for; problems name the file as ``file``."""
    with python_source_told(file, data):
        return calls_in(parse_document(data, file, syntax=syntax_of(file)))


def calls_in(document: Document) -> list[Call]:
    """The calls that a document asks for; problems name the document's file, line and column."""
    if is_python(document.value):
        return _from_python(document)
    try:
        calls = read_calls(document.value)
    except InputError as error:
        raise InputError([document.problem(p.message, p.path, p.hint) for p in error.problems]) from None
    return [attrs.evolve(call, file=document.file, locate=document.locate) for call in calls]


def is_python(value: Any) -> bool:
    """Whether a document, or each entry of a list, is spelled as Python code spells a request."""
    entries = value if isinstance(value, list) else [value]
    return bool(entries) and all(
        isinstance(one, dict) and any(name in one for name in _PYTHON_NAMES) for one in entries
    )


def _from_python(document: Document) -> list[Call]:
    """The calls of a document that is spelled as Python code spells requests."""
    from icplan.inputs import python_request  # noqa: PLC0415  (most are spelled as boto3 does)

    try:
        value, origins = python_request.to_boto3(document.value)
        calls = read_calls(value)
    except InputError as error:
        raise InputError([document.problem(p.message, p.path, p.hint) for p in error.problems]) from None

    def locate(path: str) -> tuple[int, int] | None:
        steps = split_path(path)
        while steps not in origins and steps:
            steps = steps[:-1]
        return document.locate(join_path(origins.get(steps, ())))

    return [attrs.evolve(call, file=document.file, locate=locate) for call in calls]
