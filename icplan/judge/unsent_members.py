"""Members of declared calls that are sent under one value of an assumption only, and what another gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.assumptions import BY_NAME
from icplan.errors import InputError
from icplan.judge.change_set import outcomes_of
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.documents.paths import JsonPath
    from icplan.inputs.deployment import DeclaredCall
    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.verdict import AssumptionUse, Verdict


def as_sent(call: DeclaredCall, assume: Mapping[str, str]) -> DeclaredCall:
    """The call as it is sent under the values of assumptions."""
    request = call.request
    for name, paths in call.unsent.items():
        if assume.get(name, BY_NAME[name].choices[0]) != BY_NAME[name].choices[0]:
            for path in paths:
                request = _without(request, path)
    return call if request is call.request else attrs.evolve(call, request=request)


def _without(value: Any, path: JsonPath) -> Any:
    """A copy of the value without what the path leads to."""
    step, *rest = path
    if isinstance(value, dict) and step in value:
        kept = {name: one for name, one in value.items() if name != step}
        return {**value, step: _without(value[step], tuple(rest))} if rest else kept
    if isinstance(value, list) and isinstance(step, int) and rest and step < len(value):
        return [*value[:step], _without(value[step], tuple(rest)), *value[step + 1 :]]
    return value


def assumptions_of(
    verdict: Verdict,
    calls: Sequence[DeclaredCall],
    snapshot: Snapshot | None,
    settings: Settings,
    budget: Budget,
) -> Iterator[AssumptionUse]:
    """The assumptions, those of what is sent with the outcome that another value would give."""
    relied = {name for call in calls for name in call.unsent}
    for one in verdict.assumptions:
        if one.name not in relied:
            yield one
            continue
        (other,) = (value for value in BY_NAME[one.name].choices if value != one.value)
        assume = {**settings.assume, one.name: other}
        asked = [as_sent(call, assume).call for call in calls]
        try:
            other_settings = attrs.evolve(settings, assume=assume)
            outcome = Outcome.worst(outcomes_of(asked, snapshot, other_settings, budget))
        except InputError:
            yield attrs.evolve(one, relied_on=True)
            continue
        otherwise = {} if outcome is verdict.outcome else {other: outcome}
        yield attrs.evolve(one, relied_on=True, otherwise=otherwise)
