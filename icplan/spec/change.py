"""Tell which calls a change document asks for: an envelope, a bare request, or a list of either."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from icplan.errors import InputError, Problem
from icplan.spec.fields import members
from icplan.spec.found import MOST
from icplan.spec.operations import JUDGED, OPERATIONS, UpdateInferenceComponent
from icplan.spec.problems import child, shown, type_name

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

MAX_CHANGES: Final = 1000
"""Changes of one list."""


class Change(NamedTuple):
    """One call that is asked for. ``path`` is the JSON path of ``request`` in the document it came from."""

    operation: str
    request: dict[str, Any]
    path: str


def change_of(document: object) -> list[Change]:
    """Return the calls a document asks for, in order.

    Without an envelope the call is inferred from its members: ``DesiredRuntimeConfig`` belongs to
    UpdateInferenceComponentRuntimeConfig, ``EndpointName`` to CreateInferenceComponent,
    ``ProductionVariants`` and ``EndpointConfigName`` to CreateEndpointConfig, else any member of
    UpdateInferenceComponent to that.
    The requests themselves are not checked. Raises InputError, with every place where it cannot be told.
    """
    if isinstance(document, list | tuple):
        entries = [(entry, f"$[{index}]") for index, entry in enumerate(document)]
    else:
        entries = [(document, "$")]
    if len(entries) > MAX_CHANGES:
        raise InputError(Problem(f"a list of more than {MAX_CHANGES} changes", path="$"))
    if not entries:
        raise InputError(Problem("an empty list asks for nothing", path="$", hint=_SHAPE_HINT))
    told = [_change(entry, path) for entry, path in entries]
    problems = [problem for each in told if not isinstance(each, Change) for problem in each]
    if problems:
        more = Problem(f"{len(problems) - MOST} more like these are not listed", path="$")
        raise InputError([*problems[:MOST], more] if len(problems) > MOST else problems)
    return [each for each in told if isinstance(each, Change)]


def _change(entry: object, path: str) -> Change | list[Problem]:
    if not isinstance(entry, dict):
        return [Problem(f"a change must be an object, is {type_name(entry)}", path=path, hint=_SHAPE_HINT)]
    if _ENVELOPE & entry.keys():
        return _opened(entry, path)
    if "IcplanSnapshot" in entry:
        return [Problem("is an icplan snapshot, not a change", path=path, hint=_SNAPSHOT_HINT)]
    for name, answered in _ANSWERS.items():
        if name in entry:
            return [Problem(f"is what {answered} answered, not a change", path=path, hint=_ANSWER_HINT)]
    operation = _inferred(entry)
    if operation is None:
        return [Problem("cannot tell which call this is", path=path, hint=_SHAPE_HINT)]
    return Change(operation, entry, path)


def _opened(envelope: dict[str, Any], path: str) -> Change | list[Problem]:
    problems = [
        Problem(f"an envelope needs both Operation and Request, lacks {name}", path=path)
        for name in sorted(_ENVELOPE - envelope.keys())
    ]
    problems += [
        Problem("an envelope holds Operation and Request only", path=child(path, name))
        for name in envelope
        if name not in _ENVELOPE
    ]
    operation, request = envelope.get("Operation"), envelope.get("Request")
    if "Operation" in envelope and not (isinstance(operation, str) and operation in OPERATIONS):
        message = f"{shown(operation)} is no operation icplan judges"
        problems.append(
            Problem(message, path=child(path, "Operation"), hint=f"There are {', '.join(JUDGED)}")
        )
    if "Request" in envelope and not isinstance(request, dict):
        problems.append(Problem(f"must be an object, is {type_name(request)}", path=child(path, "Request")))
    if problems or not isinstance(operation, str) or not isinstance(request, dict):
        return problems
    return Change(operation, request, child(path, "Request"))


def _inferred(request: dict[str, Any]) -> str | None:
    if "DesiredRuntimeConfig" in request:
        return "UpdateInferenceComponentRuntimeConfig"
    if "EndpointName" in request:
        return "CreateInferenceComponent"
    if "ProductionVariants" in request or "EndpointConfigName" in request:
        return "CreateEndpointConfig"
    if any(member.name in request for member in members(UpdateInferenceComponent)):
        return "UpdateInferenceComponent"
    return None
