"""Every way to change one thing in a verdict: something altered, left out, doubled, or two swapped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from icplan.errors import InputError
from icplan.verdict.finding import Severity
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Members with few values: each of the others is tried.
_CHOICES: dict[str, tuple[str, ...]] = {
    "Outcome": tuple(map(str, Outcome)),
    "RollbackOutcome": tuple(map(str, Outcome)),
    "Severity": tuple(map(str, Severity)),
    "Kind": ("steady", "place", "rollback", "every-world", "no-world", "some-worlds"),
    "Operation": (
        "CreateInferenceComponent",
        "DeleteInferenceComponent",
        "UpdateInferenceComponent",
        "UpdateInferenceComponentRuntimeConfig",
    ),
}

#: What the rest of the file cannot tell (docs/evidence.md): paths, and how they are changed.
_IDLE = (
    # Where the verdict comes from, and what people read.
    r"FailedOn: left out.*",
    r"(Judged|Config)\b.*",
    # How much work it took.
    r"Units: .*",
    # What the change is beside the snapshot.
    r"Changes\[\]\.Changed.*",
    r"Snapshot\..*",
    r"Changes\[\]\.(File|Path): .*",
    r"Changes\[\]\.Phases\[\]\.Name: .*becomes.*",
    r"Changes\[\]\.Findings\[\]\.(Message|Path|File|Line|Column|Unit|LargestThat\w+|AwsError): .*",
    r"Changes\[\]\.Duration\..*(Start)?LimitSeconds: .*",
    # With no phase of a rollback, and no wait, nothing tells its batches.
    r"Changes\[\]\.Duration\.Rollback\.Batches: .*",
    r"Changes\[\]\.Tried.*",
    # That a cause is told, in which words, and that it was known to be the smallest.
    r"Changes\[\]\.Cause: left out.*",
    r"Changes\[\]\.Cause\.(Text|Minimal): .*",
    # What else was found, by how much, and what would help.
    r"Changes\[\]\.Findings\[\](\.Rule|\.Need|\.Have)?: .*",
    r"Changes\[\]\.Findings: emptied",
    r"Changes\[\]\.Remedies.*",
    r"Changes\[\]\.(AtRest|Diagnosis): (left out|emptied).*",
    # What the component was and is to be, which its reader holds against what it is later.
    r"Changes\[\]\.(Before|Expected).*",
    # What was asked: by which call, of a component that nothing is placed of, and of how many copies less.
    r"Changes\[\]\.Operation: .*",
    r"Changes\[\]\.InferenceComponentName: .*",
    r"Changes\[\]\.Copies\.(Before|After): .*",
    r"Changes\[\]: .*",
    # A prediction, and that no fewer instances do.
    r"Changes\[\]\.FinalInstances: .*",
    r"Changes\[\]\.Phases\[\]\.InstancesNeeded: .*",
    # What the assumptions rest on, and which count.
    r"Assumptions\[\](\.(Name|Value|Basis|ReliedOn|Threshold|Otherwise.*))?: .*",
    # Of the evidence: names, what means the same, proofs as good, and the problem of a proof of no world.
    r".*\.Proof\..*\.(Kinds|Lying)\[\]\.Name: .*",
    r".*\.Proof\..*\.(Used|Leaves|Counted|Leaving(\[\])?): .*(left out|emptied).*",
    r".*\.Proof\.(Example|Works|Fails|Parts|Types)\b.*: .*swapped",
    r".*\.Proof\.((Parts|Others)\[\]\.)?Proof\..*",
    r".*\.Proof\.Others.*",
    # What is not there means the same as nothing.
    r"Changes\[\]\.Phases\[\]\.(Step|Premises): left out: None",
    r".*\.Proof\..*\.(Launched|Elsewhere): left out: \{\}",
)


def idle(path: str, how: str) -> bool:
    """Whether a change is one that the rest of the file cannot tell."""
    return any(re.fullmatch(pattern, f"{path}: {how}", re.DOTALL) for pattern in _IDLE)


def tampered(verdict: Any) -> Iterator[tuple[str, str]]:
    """Change one thing in the verdict, yield where and how, and change it back.

    Where is a path without numbers, as in ``Changes[].Phases[].Proof.Need``.
    """
    yield from _within(verdict, "")


def _within(holder: Any, path: str) -> Iterator[tuple[str, str]]:
    entries = list(holder.items()) if isinstance(holder, dict) else list(enumerate(holder))
    for key, value in entries:
        inner = f"{path}.{key}".lstrip(".") if isinstance(holder, dict) else f"{path}[]"
        for other in _others(str(key), value):
            if other != value:
                holder[key] = other
                yield inner, f"{value!r:.60} becomes {other!r:.60}"
                holder[key] = value
        if isinstance(value, (dict, list)):
            yield from _within(value, inner)
            if isinstance(value, list):
                yield from _rearranged(value, inner)
            if value:
                holder[key] = type(value)()
                yield inner, "emptied"
                holder[key] = value
    if isinstance(holder, dict):
        for key in list(holder):
            items = list(holder.items())
            value = holder.pop(key)
            yield f"{path}.{key}".lstrip("."), f"left out: {value!r:.60}"
            holder.clear()
            holder.update(items)


def _rearranged(entries: list[Any], path: str) -> Iterator[tuple[str, str]]:
    whole = list(entries)
    for number, entry in enumerate(whole):
        entries[:] = whole[:number] + whole[number + 1 :]
        yield f"{path}[]", f"entry {number} left out: {entry!r:.60}"
        entries[:] = [*whole[:number], entry, *whole[number:]]
        yield f"{path}[]", f"entry {number} doubled: {entry!r:.60}"
        if whole[number + 1 :] and not _alike(entry, whole[number + 1]):
            entries[:] = [*whole[:number], whole[number + 1], entry, *whole[number + 2 :]]
            yield f"{path}[]", f"entries {number} and {number + 1} swapped"
    entries[:] = whole


def _alike(one: Any, other: Any) -> bool:
    """Whether the order of two entries means nothing: moments of a rollback that differ in evidence alone."""
    names = [entry.get("Name") for entry in (one, other) if isinstance(entry, dict)]
    return one == other or (len(names) == 2 and names[0] is not None and names[0] == names[1])


def _others(key: str, value: Any) -> Iterator[Any]:
    match value:
        case bool():
            yield not value
        case int() | float():
            yield value + 1
            if value:
                yield value - 1
                yield 0
        case str() if key in _CHOICES:
            yield from (choice for choice in _CHOICES[key] if choice != value)
        case str():
            yield f"{value}x"
            yield re.sub(r"\d+", lambda digits: str(int(digits[0]) + 1), value, count=1)
        case None:
            yield 1
            yield "fits"


def proven(verdict: Any) -> bool:
    """Whether everything is verified."""
    try:
        return all(checked.result is Result.VERIFIED for checked in verify(verdict))
    except InputError:
        return False
