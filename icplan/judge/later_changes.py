"""What a remedy of one change of a set makes of the changes that come after it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError
from icplan.judge.apply_remedy import calls_with
from icplan.verdict.remedy_steps import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from icplan.judge.state import ChangeResult
    from icplan.requests.call import Call
    from icplan.verdict.outcome import Outcome
    from icplan.verdict.remedy import Remedy

#: Remedies of a set that are looked at.
MAX_TRIED = 8


def with_what_comes_after(
    results: Sequence[ChangeResult],
    calls: Sequence[Call],
    outcomes: Callable[[Sequence[Call]], Iterator[Outcome]],
    label: Callable[[int], str],
) -> tuple[ChangeResult, ...]:
    """The results; a remedy that leaves a later change no room says so.

    ``outcomes`` judges a set of changes, ``label`` names a change by its place in this one.
    """
    tries, found = itertools.repeat(None, MAX_TRIED), []
    for at, result in enumerate(results):
        later = [n for n in range(at + 1, len(results)) if not results[n].verdict.outcome.fails]
        told = []
        for remedy in result.verdict.remedies:
            failing: Sequence[int] = ()
            if later and _alters_calls_alone(remedy) and next(tries, True) is None:
                failing = _failing(remedy, calls, at, later, outcomes)
            doubts = tuple(f"{label(n)} does not go through then" for n in failing)
            told.append(attrs.evolve(remedy, doubts=(*remedy.doubts, *doubts)))
        verdict = attrs.evolve(result.verdict, remedies=tuple(told))
        found.append(attrs.evolve(result, verdict=verdict))
    return tuple(found)


def _alters_calls_alone(remedy: Remedy) -> bool:
    return remedy.target is Target.REQUEST and remedy.quota is None and not remedy.once_at_rest


def _failing(
    remedy: Remedy,
    calls: Sequence[Call],
    at: int,
    later: Sequence[int],
    outcomes: Callable[[Sequence[Call]], Iterator[Outcome]],
) -> Sequence[int]:
    """Those of the later changes that fail once the remedy is made."""
    done = calls_with(remedy, calls, at)
    places = [sum(map(len, done[:number])) for number in later]
    try:
        judged = list(outcomes([call for each in done for call in each]))
    except InputError:
        return ()
    return [number for number, place in zip(later, places, strict=True) if judged[place].fails]
