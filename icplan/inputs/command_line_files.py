"""What the command line gives: every file read once, and told to be a request or part of a deployment.

The readers of deployments are loaded only where a file may be of one.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from icplan.documents.document import parse_document
from icplan.documents.read_bytes import decode, read_bytes
from icplan.errors import InputError, InputProblem
from icplan.inputs.limits import MAX_SOURCES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.inputs.formats import Format
    from icplan.inputs.source import Source

# ruff: noqa: PLC0415  (see above)

_TELLING = ("Resources", "apiVersion", "resource_changes", "ChangeSet", "format_version", "@level")
"""Words one of which stands in every file of these formats."""


_TELLING_REQUEST: Final = frozenset(
    {
        "InferenceComponentName",
        "DesiredRuntimeConfig",
        "EndpointName",
        "EndpointConfigName",
        "ProductionVariants",
        "Operation",
        "Request",
        "inference_component_name",
        "desired_runtime_config",
    }
)
"""Members that no file of these formats has at its top, and one of which every request has."""


@attrs.frozen
class Given:
    """What the command line gives: files of deployments, or requests as they were read."""

    sources: tuple[Source, ...] = ()
    requests: tuple[tuple[bytes, str], ...] = ()


def read_given(paths: Sequence[str]) -> Given:
    """Read every file once, and tell what it is. InputError where deployments and requests are mixed.

    What is wrong with one file does not hide what is wrong with another.
    """
    sources: list[Source] = []
    requests: list[tuple[bytes, str]] = []
    problems: list[InputProblem] = []
    for path in paths:
        try:
            of_it, request = _read_one(path)
        except InputError as error:
            problems += error.problems
            continue
        sources += of_it
        requests += request
    if problems:
        raise InputError(problems)
    if sources and requests:
        hint = "Judge them one after the other"
        message = f"{requests[0][1]} is a request, {sources[0].file} declares a deployment"
        raise InputError(InputProblem(message, hint=hint))
    if len(sources) > MAX_SOURCES:
        raise InputError(InputProblem(f"more than {MAX_SOURCES} files are given"))
    return Given(_with_nested(sources) if sources else (), tuple(requests))


def _read_one(path: str) -> tuple[list[Source], list[tuple[bytes, str]]]:
    """The files of a deployment, or the request, that a path stands for."""
    if path != "-" and Path(path).is_dir() and (assembly := _assembly(path)) is not None:
        return assembly, []
    data, file = read_bytes(path)
    source = _deployment_source(data, file)
    if source is None:
        return [], [(data, file)]
    return [source if path == "-" else _of_its_stack(source, path)], []


class Content(Enum):
    """What a file holds, as far as icplan reads it."""

    DEPLOYMENT = "deployment"
    REQUEST = "request"
    OTHER = "other"


_OF_SAGEMAKER = ("SageMaker", "sagemaker", *sorted(_TELLING_REQUEST - {"Operation", "Request"}))


def content_of(path: str) -> Content:
    """What a file in a folder holds. InputError where it speaks of SageMaker and cannot be read."""
    data, file = read_bytes(path)
    try:
        text = decode(data, file)
    except InputError:
        return Content.OTHER
    if not any(word in text for word in _OF_SAGEMAKER):
        return Content.OTHER
    if _deployment_source(data, file) is not None:
        return Content.DEPLOYMENT
    value = parse_document(data, file).value
    parts = value if isinstance(value, list) else [value]
    asked = all(isinstance(one, dict) and _TELLING_REQUEST & one.keys() for one in parts)
    return Content.REQUEST if parts and asked else Content.OTHER


def _assembly(folder: str) -> list[Source] | None:
    """The templates of a folder that CDK synthesized; None for another folder."""
    from icplan.inputs import cdk

    return list(cdk.expand(folder)) if cdk.recognises(folder) else None


def _with_nested(sources: Sequence[Source]) -> tuple[Source, ...]:
    from icplan.inputs.nested_stacks import with_nested_stacks

    return tuple(with_nested_stacks(sources))


def _of_its_stack(source: Source, path: str) -> Source:
    """The file with what an assembly around it tells, if it is a template."""
    from icplan.inputs import cdk, cloudformation

    stack = cdk.stack_of(path) if cloudformation.recognises(source) else None
    return attrs.evolve(source, stack=stack)


def _deployment_source(data: bytes, file: str) -> Source | None:
    """The file where it is one of a deployment; None for a request, which is read more strictly."""
    if data.startswith(b"PK") and b"tfplan" in data[:4096]:
        message = "is a binary plan"
        raise InputError(
            InputProblem(message, file=file, hint=f"Give it as JSON: terraform show -json {file}")
        )
    text = decode(data, file)
    if not any(word in text for word in _TELLING):
        return None
    from icplan.inputs.formats import format_of
    from icplan.inputs.source import parse_source
    from icplan.inputs.terraform_plan import mistaken

    try:
        source = parse_source(data, file)
    except InputError:
        _refuse_log(text, file)
        raise
    if (found := format_of(source)) is not None:
        _refuse_request(source, found)
        return source
    for document in source.documents:
        if (mistake := mistaken(document)) is not None:
            raise InputError(InputProblem(mistake, file=file))
    return None


def _refuse_request(source: Source, found: Format) -> None:
    """Refuse a file that could be read as a request, too: what is sent may be that."""
    for number, document in enumerate(source.documents):
        for name in document if isinstance(document, dict) else ():
            if name in _TELLING_REQUEST:
                message = f"belongs to a request, but the file is a {found.name}, too"
                hint = "Give each in a file of its own"
                raise InputError(source.problem(message, (number, name), hint))


def _refuse_log(text: str, file: str) -> None:
    """Refuse what ``terraform plan -json`` prints: one object a line."""
    if '"@level"' in text[:4096]:
        hint = "Give the plan: terraform plan -out p && terraform show -json p"
        raise InputError(InputProblem("is the log of plan -json", file=file, hint=hint))
