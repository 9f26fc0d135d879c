"""What the command line gives: every file read once, and told to be a request or part of a deployment.

The readers of deployments are loaded only where a file may be of one.
"""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.documents.document import parse_document
from icplan.documents.read_bytes import decode, read_bytes, shown_name
from icplan.errors import InputError, InputProblem
from icplan.inputs.kustomization import is_kustomization
from icplan.inputs.limits import MAX_SOURCES
from icplan.inputs.meant_as_request import has_members, names_members
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.inputs.formats import Format
    from icplan.inputs.source import Source

# ruff: noqa: PLC0415, PTH118  (see above; paths stay as they were written)

_TELLING = ("Resources", "apiVersion", "resource_changes", "ChangeSet", "format_version", "@level")
"""Words one of which stands in every file of these formats."""


CHANGE_SUFFIXES: Final = frozenset({".json", ".yaml", ".yml", ".template"})
"""How the names of changes end."""
_MOST_OF_OTHER: Final = 1 << 20
"""Bytes of a file with another name that is looked into."""
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


@frozen
class Given:
    """What the command line gives: files of deployments, or requests as they were read."""

    sources: tuple[Source, ...] = ()
    requests: tuple[tuple[bytes, str], ...] = ()
    passed_over: tuple[str, ...] = ()
    """Files of assemblies that their manifests do not name, and that may be changes."""


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
    if not sources and not requests:
        names = ", ".join(map(shown_name, paths))
        raise InputError(
            InputProblem(f"nothing is to be judged in {names}: no template, manifest or request")
        )
    if len(sources) > MAX_SOURCES:
        raise InputError(InputProblem(f"more than {MAX_SOURCES} files are given"))
    read = _with_nested(sources) if sources else ()
    return Given(read, tuple(requests), tuple(_unnamed(paths, read)))


def declares_deployment(path: str) -> bool:
    """Whether a path stands for templates, a plan or manifests, or for a folder."""
    return path != "-" and (Path(path).is_dir() or bool(read_given((path,)).sources))


def _unnamed(paths: Sequence[str], sources: Sequence[Source]) -> Iterator[str]:
    """What may be a change in an assembly, and is none of the files that were read."""
    read = {os.path.realpath(one.file) for one in sources}
    for folder in (path for path in paths if path != "-" and Path(path).is_dir()):
        for here, folders, files in os.walk(folder):
            yield from (
                name for one in folders if (name := os.path.join(here, one)) and Path(name).is_symlink()
            )
            for name in sorted(os.path.join(here, one) for one in files):
                if os.path.realpath(name) not in read and may_be_change(name):
                    yield name


def may_be_change(name: str) -> bool:
    """Whether a file that is not judged may be a change; of names of another kind only what surely is one."""
    usual = bool(CHANGE_SUFFIXES & {one.lower() for one in Path(Path(name).name.lstrip(".")).suffixes})
    try:
        if not usual and Path(name).stat().st_size > _MOST_OF_OTHER:
            return False
        if is_terraform_source(name):
            from icplan.inputs.change_inside import of_sagemaker

            data, file = read_bytes(name)
            return of_sagemaker(decode(data, file))
        content = content_of(name)
    except (InputError, OSError):
        return usual
    return content in (Content.DEPLOYMENT, Content.REQUEST) or (usual and content is Content.UNTOLD)


def _read_one(path: str) -> tuple[list[Source], list[tuple[bytes, str]]]:
    """The files of a deployment, or the request, that a path stands for."""
    if path != "-" and Path(path).is_dir() and (assembly := _assembly(path)) is not None:
        return assembly, []
    data, file = read_bytes(path)
    _refuse_terraform_source(file)
    source = _deployment_source(data, file)
    if source is None:
        return [], [(data, file)]
    return [source if path == "-" else _of_its_stack(source, path)], []


_TERRAFORM = (".tf", ".tf.json", ".tofu", ".tofu.json")
"""How files are called that Terraform and OpenTofu are written in."""


class Content(Enum):
    """What a file holds, as far as icplan reads it."""

    DEPLOYMENT = "deployment"
    REQUEST = "request"
    OTHER = "other"
    UNTOLD = "untold"
    """No text that icplan reads: it may be a change."""


_RENDERED = ("{{", "<%")
"""Marks of what is a template of a text, and no YAML before it is rendered."""
_MOST_TRIED: Final = 8_192
"""Bytes of a file that is read whole though it speaks of nothing that matters."""
_OF_SAGEMAKER = ("SageMaker", "sagemaker", *sorted(_TELLING_REQUEST - {"Operation", "Request"}))


def content_of(path: str) -> Content:
    """What a file in a folder holds. InputError where it speaks of SageMaker and cannot be read."""
    data, file = read_bytes(path)
    try:
        text = decode(data, file)
    except InputError:
        return Content.UNTOLD
    from icplan.inputs.change_inside import stands_for_another

    if stands_for_another(text):
        return Content.UNTOLD
    if any(word in text for word in _OF_SAGEMAKER) or names_members(text):
        return _content(data, file)
    if "\\" in text:
        return _escaped_content(data, file, text)
    return _content_without_words(data, file, text)


def _content_without_words(data: bytes, file: str, text: str) -> Content:
    """What a file holds that does not speak of SageMaker: it may be told of all the same.

    InputError where it is small, and empty or cut off.
    """
    from icplan.inputs.formats import format_of
    from icplan.inputs.something_else import is_something_else, may_be_told_of

    small = len(data) <= _MOST_TRIED
    if not small and not may_be_told_of(text, file):
        return Content.OTHER
    rendered = any(mark in text for mark in _RENDERED)
    try:
        source = _deployment_source(data, file)
    except InputError:
        if small and not rendered:
            raise
        return Content.UNTOLD
    found = format_of(source) if source is not None else None
    if source is not None and found is not None:
        return Content.OTHER if is_something_else(source, found) else Content.DEPLOYMENT
    if not small:
        return Content.OTHER
    if rendered:
        return Content.UNTOLD
    from icplan.inputs.change_inside import holds_change

    return Content.UNTOLD if holds_change(_not_empty(data, file)) else Content.OTHER


def _not_empty(data: bytes, file: str) -> Sequence[Any]:
    """The documents of a small file that speaks of nothing of ours. InputError where it is empty, or cut."""
    from icplan.inputs.source import parse_source

    documents = parse_source(data, file).documents
    if all(one is None for one in documents):
        raise InputError(InputProblem("is empty", file=file))
    return documents


def _escaped_content(data: bytes, file: str, text: str) -> Content:
    """What a file holds whose words may be written with escapes, so that only its values tell."""
    try:
        found = parse_source_values(data, file)
    except InputError:
        return Content.UNTOLD
    if any(word in found for word in _OF_SAGEMAKER):
        return _content(data, file)
    return _content_without_words(data, file, text)


def parse_source_values(data: bytes, file: str) -> str:
    """All texts of a file together, as its reader reads them."""
    from icplan.inputs.parts import all_text
    from icplan.inputs.source import parse_source

    return all_text(list(parse_source(data, file).documents))


def _content(data: bytes, file: str) -> Content:
    if _deployment_source(data, file) is not None:
        return Content.DEPLOYMENT
    value = parse_document(data, file).value
    parts = value if isinstance(value, list) else [value]
    asked = any(isinstance(one, dict) and _TELLING_REQUEST & one.keys() for one in parts)
    if asked or has_members(value):
        return Content.REQUEST
    from icplan.inputs.change_inside import holds_change

    return Content.UNTOLD if holds_change([value]) else Content.OTHER


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
    if data.startswith(b"PK"):
        # A plan of Terraform's is one; what it holds need not stand at the start.
        message = "is a binary plan" if b"tfplan" in data else "is a zip archive, as a binary plan is"
        raise InputError(
            InputProblem(message, file=file, hint=f"Give it as JSON: terraform show -json {file}")
        )
    text = decode(data, file)
    told = any(word in text for word in _TELLING) or is_kustomization(file)
    if not told and "\\" not in text:
        return None
    from icplan.inputs.formats import format_of
    from icplan.inputs.source import parse_source
    from icplan.inputs.terraform_plan import mistaken

    try:
        source = parse_source(data, file)
    except InputError:
        if not told:  # the reader of requests says it better
            return None
        _refuse_log(text, file)
        raise
    _refuse_mixture(source)
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


def _refuse_mixture(source: Source) -> None:
    """Refuse documents of several formats in one file: whoever applies it reads only those of one."""
    from icplan.inputs.formats import FORMATS

    found: list[str] = []
    for number, document in enumerate(source.documents):
        alone = attrs.evolve(source, documents=(document,))
        found += [one.name for one in FORMATS if one.recognises(alone) and one.name not in found]
        if len(found) > 1:
            message = f"is a {found[1]}, but the file is a {found[0]}, too"
            raise InputError(source.problem(message, (number,), "Give each in a file of its own"))


def is_terraform_source(name: str) -> bool:
    """Whether a file is called as what Terraform and OpenTofu are written in."""
    return name.lower().endswith(_TERRAFORM)


def _refuse_terraform_source(file: str) -> None:
    """Refuse what Terraform is written in: what it comes to, only a plan of it tells."""
    if is_terraform_source(file):
        hint = "Give the plan: terraform plan -out p && terraform show -json p > plan.json"
        raise InputError(InputProblem("is Terraform's source, which is not read", file=file, hint=hint))


def _refuse_log(text: str, file: str) -> None:
    """Refuse what ``terraform plan -json`` prints: one object a line."""
    if '"@level"' in text[:4096]:
        hint = "Give the plan: terraform plan -out p && terraform show -json p"
        raise InputError(InputProblem("is the log of plan -json", file=file, hint=hint))
