"""The baseline file: what is known is read from it, and written into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.documents.document import read_document
from icplan.documents.paths import shown_path
from icplan.documents.schema import ListOf, Members, Scalar, check
from icplan.documents.working_tree import lies_in_tree
from icplan.errors import InputError, InputProblem
from icplan.rules.registry import RULES
from icplan.verdict.baseline import Baseline, KnownFinding, known_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from icplan.documents.paths import JsonPath
    from icplan.verdict.verdict import Verdict

VERSION: Final = 1
_MEMBERS: Final = ("Endpoint", "Component", "Rule", "Need", "Have", "Unit")
_ENTRY: Final = Members(
    dict.fromkeys(("Endpoint", "Component", "Rule"), Scalar.TEXT), ("Endpoint", "Component", "Rule")
)
_SHAPE: Final = Members({"Known": ListOf(_ENTRY)}, ("Known",))


def load_baseline(file: str, *, strict: bool) -> Baseline:
    """The baseline of a file; with ``strict`` none of the working tree. InputError for what is none."""
    if strict and file != "-" and lies_in_tree(file):
        hint = "Give one from elsewhere, such as from the branch that is merged into"
        raise InputError(
            InputProblem("--strict takes no baseline from the working tree", file=file, hint=hint)
        )
    document = read_document(file)
    value = document.value
    if not isinstance(value, dict) or value.get("IcplanBaseline") != VERSION:
        hint = "Make one with: icplan check --write-baseline FILE"
        raise InputError(document.problem(f"is no baseline of version {VERSION}", "$", hint))
    problems: list[InputProblem] = []

    def wrong(steps: JsonPath, message: str) -> None:
        problems.append(document.problem(message, shown_path(steps)))

    check(value, _SHAPE, wrong)
    for number, entry in enumerate(value["Known"] if not problems else ()):
        for path, message in _faults(entry):
            problems.append(document.problem(message, f"$.Known[{number}].{path}"))
    if problems:
        raise InputError(problems)
    return Baseline(tuple(KnownFinding(*(one.get(name) for name in _MEMBERS)) for one in value["Known"]))


def _faults(entry: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if entry["Rule"] not in RULES:
        yield "Rule", "is no rule of icplan's"
    for name in ("Need", "Have"):
        amount = entry.get(name)
        if amount is not None and (isinstance(amount, bool) or not isinstance(amount, int | float)):
            yield name, "must be a number or null"
    if not isinstance(entry.get("Unit"), str | None):
        yield "Unit", "must be a string or null"
    for name in sorted(entry.keys() - set(_MEMBERS)):
        yield name, "is no member of what is known"


def baseline_of(verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """The baseline that knows all that speaks against these verdicts, as plain data."""
    known = sorted(known_of(verdicts), key=lambda one: (*one.concerns, str(attrs.astuple(one))))
    return {
        "IcplanBaseline": VERSION,
        "Known": [dict(zip(_MEMBERS, attrs.astuple(one), strict=True)) for one in known],
    }
