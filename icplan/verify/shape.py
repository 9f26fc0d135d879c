"""What members a verdict must have, and of what type. Others are nobody's business here."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any, TypeAlias

from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Types; members of an object; or, in a list of one, what each entry is.
Shape: TypeAlias = "tuple[type, ...] | dict[str, Shape] | list[Shape]"

_TEXT, _FLAG, _COUNT, _DATA = (str,), (bool,), (int,), (dict,)
_MAY_TEXT, _MAY_COUNT, _MAY_DATA = (str, NoneType), (int, NoneType), (dict, NoneType)
_MAY_NUMBER, _MAY_LIST = (int, float, NoneType), (list, tuple, NoneType)

_PHASE: Shape = {
    "Name": _TEXT,
    "Kind": _TEXT,
    "Outcome": _TEXT,
    "InstancesNow": _COUNT,
    "InstancesNeeded": _MAY_COUNT,
    "OldCopies": _MAY_DATA,
    "NewCopies": _MAY_DATA,
    "Placement": _MAY_LIST,
    "Proof": _MAY_DATA,
}
_FINDING: Shape = {
    "Rule": _TEXT,
    "Severity": _TEXT,
    "Message": _TEXT,
    "Path": _MAY_TEXT,
    "File": _MAY_TEXT,
    "Line": _MAY_COUNT,
    "Column": _MAY_COUNT,
    "Need": _MAY_NUMBER,
    "Have": _MAY_NUMBER,
    "Unit": _MAY_TEXT,
    "LargestThatWorks": _MAY_NUMBER,
    "LargestThatWorksUnit": _MAY_TEXT,
    "AwsError": _MAY_TEXT,
}
_CALL: Shape = {"Operation": _TEXT, "Request": _DATA}
_REMEDY: Shape = {
    "Kind": _TEXT,
    "Description": _TEXT,
    "How": _MAY_TEXT,
    "Patch": [{"op": _TEXT, "path": _TEXT}],
    "Before": [_CALL],
    "After": [_CALL],
    "Outcome": _TEXT,
    "RollbackOutcome": _MAY_TEXT,
}
_CHANGE: Shape = {
    "Operation": _TEXT,
    "InferenceComponentName": _MAY_TEXT,
    "File": _MAY_TEXT,
    "Path": _MAY_TEXT,
    "Outcome": _TEXT,
    "Phases": [_PHASE],
    "Copies": _MAY_DATA,
    "InstancesNow": _MAY_COUNT,
    "PeakInstances": _MAY_COUNT,
    "FinalInstances": _MAY_COUNT,
    "RollbackOutcome": _MAY_TEXT,
    "Duration": _MAY_DATA,
    "Findings": [_FINDING],
    "Remedies": [_REMEDY],
    "Tried": [_TEXT],
    "TurnsOn": [_TEXT],
}
_ASSUMPTION: Shape = {
    "Name": _TEXT,
    "Value": _TEXT,
    "Basis": _TEXT,
    "ReliedOn": _FLAG,
    "Otherwise": _DATA,
    "Threshold": _MAY_TEXT,
}
_VERDICT: dict[str, Shape] = {
    "Outcome": _TEXT,
    "Snapshot": {"Fingerprint": _TEXT, "TakenAt": _MAY_TEXT, "EndpointName": _TEXT},
    "Changes": [_CHANGE],
    "Assumptions": [_ASSUMPTION],
    "Ignored": [{"Rule": _TEXT, "Reason": _TEXT}],
}


def require_shape(verdict: Any, file: str | None) -> None:
    """Raise :class:`InputError` with the first place at which something is missing, or of another type."""
    # Changes that make their endpoint are judged without a snapshot.
    shape = _VERDICT if verdict.get("Snapshot", ()) is not None else {**_VERDICT, "Snapshot": (NoneType,)}
    path = next(_wrong(verdict, shape, "$"), None)
    if path is not None:
        raise InputError(InputProblem("not a complete verdict", file=file, path=path))


def _wrong(value: Any, shape: Shape, path: str) -> Iterator[str]:
    match shape:
        case dict():
            if not isinstance(value, dict):
                yield path
                return
            for name, inner in shape.items():
                if name in value:
                    yield from _wrong(value[name], inner, f"{path}.{name}")
                else:
                    yield f"{path}.{name}"
        case list():
            if not isinstance(value, list):
                yield path
                return
            for number, entry in enumerate(value):
                yield from _wrong(entry, shape[0], f"{path}[{number}]")
        case _:
            # True and False are integers to Python alone.
            if not isinstance(value, shape) or (isinstance(value, bool) and bool not in shape):
                yield path
