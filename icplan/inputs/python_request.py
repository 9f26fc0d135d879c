"""Requests as Python code makes them: snake_case of sagemaker-core, ResourceRequirements of the SDK.

They are requests, only spelled otherwise: each is made into the arguments of the boto3 call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.documents.paths import join_path
from icplan.errors import InputError, InputProblem
from icplan.inputs.resource import shape_rules
from icplan.inputs.spelling import Spelling, squashed
from icplan.inputs.values import Located, Origin, located, plain, walk
from icplan.requests.component import ComputeResourceRequirements
from icplan.requests.operations import (
    CreateInferenceComponent,
    UpdateInferenceComponent,
    UpdateInferenceComponentRuntimeConfig,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.documents.paths import JsonPath
    from icplan.requests.fields import Rule

_RESOURCES: Final = ("resources", "resource_requirements")
_REQUESTS: Final = {
    "num_accelerators": "NumberOfAcceleratorDevicesRequired",
    "num_cpus": "NumberOfCpuCoresRequired",
    "memory": "MinMemoryRequiredInMb",
}
_COPIES = "copies"


def to_boto3(document: Any) -> tuple[Any, dict[JsonPath, JsonPath]]:
    """The same as boto3 takes it, and for each part of that the steps to where it is written.

    InputError, with the JSON path, for a member that no request has.
    """
    if isinstance(document, list):
        requests: list[dict[str, Any]] = []
        origins: dict[JsonPath, JsonPath] = {}
        for number, entry in enumerate(document):
            request, places = _request(entry, (number,))
            requests.append(request)
            origins |= {(number, *steps): origin for steps, origin in places.items()}
        return requests, origins
    return _request(document, ())


def _request(entry: dict[str, Any], at: JsonPath) -> tuple[dict[str, Any], dict[JsonPath, JsonPath]]:
    node = located(entry, Origin(0, at))
    members = dict(node.value) if isinstance(node.value, dict) else {}
    told = [members.pop(name) for name in _RESOURCES if name in members]
    for extra in told[1:]:
        _twice(extra, _RESOURCES[1])
    node = Spelling(_unknown, twice=_twice).structure(attrs.evolve(node, value=members), _rules())
    if told and isinstance(node.value, dict):
        node = attrs.evolve(node, value=_with_resources(node.value, told[0]))
    return plain(node), {steps: part.origin.steps for steps, part in walk(node)}


def _rules() -> Mapping[str, Rule]:
    shapes = (CreateInferenceComponent, UpdateInferenceComponent, UpdateInferenceComponentRuntimeConfig)
    return {name: rule for shape in shapes for name, rule in shape_rules(shape).items()}


def _with_resources(members: Mapping[str, Located], resources: Located) -> dict[str, Located]:
    """The members with what a ResourceRequirements says."""
    requests, limits = resources.get("requests"), resources.get("limits")
    known = shape_rules(ComputeResourceRequirements)
    compute: dict[str, Located] = {}
    for group, spelled in ((requests, _REQUESTS), (limits, {"memory": "MaxMemoryRequiredInMb"})):
        for name, child in group.value.items() if group and isinstance(group.value, dict) else ():
            named = spelled.get(name) or next((k for k in known if squashed(k) == squashed(name)), None)
            if named is not None:
                compute[named] = child
            elif name != _COPIES:
                _unknown(child, name)
    merged = dict(members)
    specification = merged.get("Specification")
    inner = dict(specification.value) if specification and isinstance(specification.value, dict) else {}
    inner.setdefault("ComputeResourceRequirements", attrs.evolve(resources, value=compute))
    merged["Specification"] = attrs.evolve(specification or resources, value=inner)
    copies = requests.get(_COPIES) if requests else None
    if copies is not None:
        merged.setdefault("RuntimeConfig", attrs.evolve(copies, value={"CopyCount": copies}))
    return merged


def _twice(node: Located, name: str) -> None:
    message = f"{name[:60]} is there already, in another spelling"
    raise InputError(InputProblem(message, path=join_path(node.origin.steps)))


def _unknown(node: Located, name: str) -> None:
    message = f"no request has a member {name[:60]}"
    raise InputError(InputProblem(message, path=join_path(node.origin.steps)))
