"""Tell which calls a change document asks for: an envelope, a bare request, or a list of either."""

from __future__ import annotations

from typing import Any, Final

from icplan.documents.nearest import nearest
from icplan.errors import InputError, InputProblem
from icplan.requests.call import Call
from icplan.requests.fields import members
from icplan.requests.operations import OPERATIONS, UpdateInferenceComponent
from icplan.requests.problems import MAX_PER_KIND, display, member_path, type_name

_ENVELOPE: Final = frozenset({"Operation", "Request"})
_SHAPE_HINT: Final = (
    'A change holds the arguments of a call, or {"Operation": "UpdateInferenceComponent", "Request": {...}}, '
    "or a list of these"
)
_SNAPSHOT_HINT: Final = "Pass it with --snapshot; what stands here is what is to change"
_ANSWER_HINT: Final = (
    'A snapshot file holds such answers: {"IcplanSnapshot": 1, "Endpoint": {...}, "EndpointConfig": {...}, '
    '"InferenceComponents": [...]}. Pass that with --snapshot; what stands here is what is to change'
)
_ANSWERS: Final = {
    "InferenceComponentArn": "DescribeInferenceComponent",
    "EndpointArn": "DescribeEndpoint",
    "EndpointConfigArn": "DescribeEndpointConfig",
}
"""By a member no request has: whose answer a document is."""

_RETAINED: Final = frozenset(
    {"RetainAllVariantProperties", "ExcludeRetainedVariantProperties", "RetainDeploymentConfig"}
)
"""Members of UpdateEndpoint alone."""

CREATE_OR_UPDATE: Final = "CreateEndpoint"
"""What a request of either create_endpoint or update_endpoint is taken for at first."""

MAX_CHANGES: Final = 1000
"""Changes of one list."""


def read_calls(document: object) -> list[Call]:
    """Return the calls a document asks for, in order.

    Without an envelope the call is inferred from its members: ``DesiredRuntimeConfig`` belongs to
    UpdateInferenceComponentRuntimeConfig, ``ProductionVariants`` to CreateEndpointConfig,
    ``DesiredWeightsAndCapacities`` to UpdateEndpointWeightsAndCapacities, ``EndpointName`` with
    ``EndpointConfigName`` to CreateEndpoint, or to UpdateEndpoint where the endpoint is there (which judging
    tells), ``EndpointName`` to CreateInferenceComponent, ``EndpointConfigName`` to CreateEndpointConfig, else
    any member of UpdateInferenceComponent to that.
    The requests themselves are not checked. Raises InputError, with every place where it cannot be told.
    """
    if isinstance(document, list | tuple):
        entries = [(entry, f"$[{index}]") for index, entry in enumerate(document)]
    else:
        entries = [(document, "$")]
    if len(entries) > MAX_CHANGES:
        raise InputError(InputProblem(f"a list of more than {MAX_CHANGES} changes", path="$"))
    if not entries:
        raise InputError(InputProblem("an empty list asks for nothing", path="$", hint=_SHAPE_HINT))
    told = [_change(entry, path) for entry, path in entries]
    problems = [problem for each in told if not isinstance(each, Call) for problem in each]
    if problems:
        more = InputProblem(f"{len(problems) - MAX_PER_KIND} more like these are not listed", path="$")
        raise InputError([*problems[:MAX_PER_KIND], more] if len(problems) > MAX_PER_KIND else problems)
    return [each for each in told if isinstance(each, Call)]


def _change(entry: object, path: str) -> Call | list[InputProblem]:
    if not isinstance(entry, dict):
        return [
            InputProblem(f"a change must be an object, is {type_name(entry)}", path=path, hint=_SHAPE_HINT)
        ]
    if _ENVELOPE & entry.keys():
        return _opened(entry, path)
    if "IcplanSnapshot" in entry:
        return [InputProblem("is an icplan snapshot, not a change", path=path, hint=_SNAPSHOT_HINT)]
    for name, answered in _ANSWERS.items():
        if name in entry:
            return [InputProblem(f"is what {answered} answered, not a change", path=path, hint=_ANSWER_HINT)]
    operation = _inferred(entry)
    if operation is None:
        return [InputProblem("cannot tell which call this is", path=path, hint=_SHAPE_HINT)]
    inferred = operation == CREATE_OR_UPDATE
    return Call(operation, entry, path, either=inferred)


def _opened(envelope: dict[str, Any], path: str) -> Call | list[InputProblem]:
    problems = [
        InputProblem(f"an envelope needs both Operation and Request, lacks {name}", path=path)
        for name in sorted(_ENVELOPE - envelope.keys())
    ]
    problems += [
        InputProblem("an envelope holds Operation and Request only", path=member_path(path, name))
        for name in envelope
        if name not in _ENVELOPE
    ]
    operation, request = envelope.get("Operation"), envelope.get("Request")
    if "Operation" in envelope and not (isinstance(operation, str) and operation in OPERATIONS):
        message = f"{display(operation)} is no operation icplan judges"
        near = nearest(operation, OPERATIONS) if isinstance(operation, str) else None
        hint = f"{f'Did you mean {near}? ' if near else ''}There are {', '.join(OPERATIONS)}"
        problems.append(InputProblem(message, path=member_path(path, "Operation"), hint=hint))
    if "Request" in envelope and not isinstance(request, dict):
        problems.append(
            InputProblem(f"must be an object, is {type_name(request)}", path=member_path(path, "Request"))
        )
    if problems or not isinstance(operation, str) or not isinstance(request, dict):
        return problems
    return Call(operation, request, member_path(path, "Request"))


def _inferred(request: dict[str, Any]) -> str | None:
    if "DesiredRuntimeConfig" in request:
        return "UpdateInferenceComponentRuntimeConfig"
    if "ProductionVariants" in request:
        return "CreateEndpointConfig"
    if "DesiredWeightsAndCapacities" in request:
        return "UpdateEndpointWeightsAndCapacities"
    if _RETAINED & request.keys():
        return "UpdateEndpoint"
    if "EndpointName" in request:
        return CREATE_OR_UPDATE if "EndpointConfigName" in request else "CreateInferenceComponent"
    if "EndpointConfigName" in request:
        return "CreateEndpointConfig"
    if any(member.name in request for member in members(UpdateInferenceComponent)):
        return "UpdateInferenceComponent"
    return None
