"""The table of formats: which kind each file is, and files of all kinds into one deployment."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

import attrs

from icplan.documents.document import parse_document
from icplan.documents.read_bytes import decode, read_bytes
from icplan.errors import InputError, InputProblem
from icplan.inputs import ack, cdk, change_set, cloudformation, terraform_plan
from icplan.inputs.assemble import assemble
from icplan.inputs.declared import Declared
from icplan.inputs.limits import MAX_SOURCES
from icplan.inputs.nested_stacks import with_nested_stacks
from icplan.inputs.source import Source, parse_source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from icplan.inputs.deployment import Deployment, InputOptions


@attrs.frozen
class Format:
    """A format of deployments: how a file of it is recognised, and what several of them declare.

    ``tells_deletions``: a file of it lists what is deleted, so that what it does not list stays.
    """

    name: str
    recognises: Callable[[Source], bool]
    declare: Callable[[Sequence[Source], InputOptions], Declared]
    tells_deletions: bool = False


FORMATS: Final = (
    Format("Terraform plan", terraform_plan.recognises, terraform_plan.declare, tells_deletions=True),
    Format("CloudFormation change set", change_set.recognises, change_set.declare, tells_deletions=True),
    Format("CloudFormation template", cloudformation.recognises, cloudformation.declare),
    Format("ACK manifest", ack.recognises, ack.declare),
)
"""In the order in which they are tried."""

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
    return Given(tuple(with_nested_stacks(sources)), tuple(requests))


def _read_one(path: str) -> tuple[list[Source], list[tuple[bytes, str]]]:
    """The files of a deployment, or the request, that a path stands for."""
    if path != "-" and cdk.recognises(path):
        return list(cdk.expand(path)), []
    data, file = read_bytes(path)
    source = _deployment_source(data, file)
    if source is None:
        return [], [(data, file)]
    stack = cdk.stack_of(path) if path != "-" and cloudformation.recognises(source) else None
    return [attrs.evolve(source, stack=stack)], []


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


def read(sources: Sequence[Source], options: InputOptions) -> Deployment:
    """The deployment that files of any formats declare together."""
    declared = Declared([])
    names = []
    for one in FORMATS:
        own = [source for source in sources if format_of(source) is one]
        if own:
            names.append(one.name)
            declared = declared.plus(one.declare(own, options))
            if options.complete and one.tells_deletions:
                message = f"is a {one.name}, which tells itself what is deleted"
                raise InputError(InputProblem(message, file=own[0].file, hint="Leave --complete out"))
    return assemble(names, declared, options)


def format_of(source: Source) -> Format | None:
    """The format of a file, None for a request."""
    return next((one for one in FORMATS if one.recognises(source)), None)


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
    try:
        source = parse_source(data, file)
    except InputError:
        _refuse_log(text, file)
        raise
    if (found := format_of(source)) is not None:
        _refuse_request(source, found)
        return source
    for document in source.documents:
        if (mistake := terraform_plan.mistaken(document)) is not None:
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
