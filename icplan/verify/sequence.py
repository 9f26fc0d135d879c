"""Whether each change of a set begins with what the ones before it leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.verdict import Outcome
from icplan.verify.result import require

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

#: That the change before it fails.
_AFTER_FAILURE = "ICP407"


def check_sequence(changes: Sequence[Mapping[str, Any]], ignored: Collection[str]) -> None:
    """Raise `Rejected` unless a component has as many copies as the last change of it leaves.

    A change after one that fails must say so. ``ignored`` are the rules whose findings are left out.
    """
    fails = [False, *(Outcome(change["Outcome"]).fails for change in changes)]
    for failed, change in zip(fails, changes, strict=False):
        said = any(finding["Rule"] == _AFTER_FAILURE for finding in change["Findings"])
        silent = change["Outcome"] == Outcome.INVALID or _AFTER_FAILURE in ignored
        require(said is failed or (failed and silent), "a change follows another than it says")
    there: dict[str, int] = {}
    for change in changes:
        name, copies = change["InferenceComponentName"], change["Copies"]
        if copies is None:
            continue
        before = copies["Before"]
        require(there.get(name, before) == before, f"{name} has other copies than are left of it")
        there[name] = before if Outcome(change["Outcome"]).fails else copies["After"]
