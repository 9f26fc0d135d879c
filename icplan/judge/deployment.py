"""A deployment judged: each of its endpoints is a question of its own."""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError, InputProblem
from icplan.judge.autoscaling_minimum import raises
from icplan.judge.beside_new_endpoints import launched, of_account
from icplan.judge.change_set import judge
from icplan.judge.declared_endpoint import Judging, judge_endpoint
from icplan.judge.fixes_made import with_fixes_made

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from icplan.inputs.deployment import Deployment
    from icplan.judge.declared_endpoint import JudgedEndpoint
    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.snapshot.snapshot import Snapshot


def judge_deployment(
    deployment: Deployment,
    snapshot: Snapshot | None,
    settings: Settings,
    budget: Budget | None = None,
    *,
    makes_fixes: bool = True,
) -> list[JudgedEndpoint]:
    """The verdict on each endpoint of a deployment that anything is done on; all have one budget.

    Unless it ``makes_fixes``, each promises what was found in the turn of its change.
    """
    whole = budget or settings.budget()
    judging = Judging(settings, whole)
    judged = [judge_endpoint(one, snapshot, judging) for one in deployment.endpoints]
    if of_account(snapshot) and len(judged) > 1:
        taken = [_taken(one, settings, whole) for one in judged]
        for number, endpoint in enumerate(deployment.endpoints):
            others = sum((one for n, one in enumerate(taken) if n != number), Counter[str]())
            if others and endpoint.of_account:
                beside = attrs.evolve(endpoint, started=Counter[str](endpoint.started) + others)
                judged[number] = judge_endpoint(beside, snapshot, judging)
    found = [one for one in judged if one is not None]
    return [with_fixes_made(one, snapshot, judging) for one in found] if makes_fixes else found


def _taken(judged: JudgedEndpoint | None, settings: Settings, budget: Budget) -> Counter[str]:
    """The instances that an endpoint comes to take beyond its first, autoscaling's among them."""
    if judged is None or not judged.endpoint.of_account or judged.answer is None:
        return Counter()
    calls = raises(judged.verdict.changes, judged.endpoint.targets, judged.snapshot)
    answer = judged.answer
    if calls:
        with contextlib.suppress(InputError):  # it is told of where they are judged
            answer = judge([*judged.asked, *calls], judged.snapshot, settings, budget)
    return Counter(launched(answer, judged.snapshot))


def only_components(judged: Sequence[JudgedEndpoint], names: Collection[str]) -> list[JudgedEndpoint]:
    """What is said of these components, by name or by what the file calls them; changes of endpoints stay.

    All were judged together. InputError for a name that nothing has.
    """
    if not names:
        return list(judged)
    found, left = set[str](), []
    for one in judged:
        pairs = []
        for change, call in zip(one.verdict.changes, one.calls, strict=True):
            place = call.place("$")
            called = {change.inference_component_name, call.label, place.address, place.construct} & {*names}
            found |= {one for one in called if one is not None}
            if called or not change.inference_component_name:
                pairs.append((change, call))
        if any(change.inference_component_name for change, _ in pairs):
            left.append(one.with_changes([change for change, _ in pairs], [call for _, call in pairs]))
    if missing := sorted(set(names) - found):
        known = sorted({c.inference_component_name for one in judged for c in one.verdict.changes} - {""})
        hint = f"There are {', '.join(known)}" if known else None
        raise InputError(InputProblem(f"no component {missing[0]!r} is changed", hint=hint))
    return left
