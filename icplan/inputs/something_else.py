"""Whether a file of a folder is of something else: read by itself, it has nothing to be told of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.errors import InputError
from icplan.inputs import ack, resource_types, terraform_makers
from icplan.inputs.deployment import Aside, InputOptions
from icplan.inputs.kustomization import is_kustomization
from icplan.inputs.resource import Kind
from icplan.inputs.source import is_json
from icplan.inputs.template import CUSTOM

if TYPE_CHECKING:
    from icplan.inputs.formats import Format
    from icplan.inputs.resource import Resource
    from icplan.inputs.source import Source

_MAKERS: Final = tuple(
    one.casefold()
    for one in (
        *("SageMaker", "InferenceComponent", "inference-component", "inference_component"),
        *("Transform", "Fn::ForEach", "::MODULE"),
        *CUSTOM,
        *resource_types.TEMPLATES,
        *resource_types.CALLERS,
        *(f"kind: {one}" for one in ack.MAKERS),
        *terraform_makers.MAKERS,
    )
)
"""Words one of which stands, however spelt, in what its reader tells of; they may be put together there."""


def may_be_told_of(text: str, file: str) -> bool:
    """Whether a large file is worth reading: YAML, read slowly, only where a word speaks of makers."""
    if is_json(text, file) or is_kustomization(file):
        return True
    folded = text.casefold()
    return any(word in folded for word in _MAKERS)


def is_something_else(source: Source, found: Format) -> bool:
    """Whether a file declares nothing that is judged, and nothing that is told of as not judged."""
    try:
        declared = found.declare([source], InputOptions())
    except InputError:
        return False
    silent = all(isinstance(note, Aside) for note in declared.notes)
    return silent and not any(map(_is_judged, declared.resources))


def _is_judged(resource: Resource) -> bool:
    """Whether it is one of SageMaker's; a scalable target may be of another service."""
    service = resource.member("ServiceNamespace") if resource.kind is Kind.TARGET else None
    return service is None or not isinstance(service.value, str) or service.value == "sagemaker"
