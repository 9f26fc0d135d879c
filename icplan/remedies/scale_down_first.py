"""Remedies that make room first: scale down or delete something, make the change, and scale up again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.fleet.dimensions import counted
from icplan.remedies.smaller_request import batch_patch
from icplan.remedies.trial import RemedyCandidate, largest_that
from icplan.verdict.remedy import Remedy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.fleet.fleet import Component
    from icplan.remedies.trial import Envelope, RemedySearch

#: Other components that are tried, and remedies of them that are named.
MAX_TRIED, MAX_NAMED = 6, 2


def failed_first(search: RemedySearch) -> Iterator[RemedyCandidate]:
    """Delete a component that has failed, and may hold room all the same; several where one is not enough."""
    there, alone = failed_ones(search), False
    for failed in there:
        first = delete(failed.name)
        up_to = "up to " if failed.in_flight else ""
        text = (
            f"delete {failed.name}, which has failed and holds {up_to}{counted(failed.copies, 'copy')}, first"
        )
        remedy = Remedy("delete-failed-first", text, (), search.goal, before=(first,))
        for found in search.found(remedy, [first, search.patched()], 0):
            alone = True
            yield found
    for number in range(2, 1 if alone else len(there) + 1):
        gone = tuple(delete(failed.name) for failed in there[:number])
        names = ", ".join(failed.name for failed in there[: number - 1])
        text = f"delete {names} and {there[number - 1].name}, which have failed, first"
        remedy = Remedy("delete-failed-first", text, (), search.goal, before=gone)
        if found_all := list(search.found(remedy, [*gone, search.patched()], 0)):
            yield from found_all
            return


def failed_ones(search: RemedySearch) -> list[Component]:
    """The other components that have failed and may hold room, those with most first."""
    return search.fleet.failed(besides=search.change.component)[:MAX_TRIED]


def scale_other_down(search: RemedySearch) -> Iterator[RemedyCandidate]:
    """Take copies of another component away first: as few as will do."""
    found: list[RemedyCandidate] = []
    for other in others(search):
        found += _without(search, other)
        if sum(one.value == 1 and not one.idles for one in found) == MAX_NAMED:
            break  # none gives up fewer
    yield from sorted(found, key=lambda one: (one.idles, one.value))[:MAX_NAMED]


def others(search: RemedySearch) -> list[Component]:
    """The components that serve, those with most to give first."""
    serving = [c for c in search.fleet.components if c.placed and c.status != "Failed"]
    others = [c for c in serving if c.name != search.change.component]
    return sorted(others, key=lambda c: (-c.placed, c.name))[:MAX_TRIED]


def _without(search: RemedySearch, other: Component) -> Iterator[RemedyCandidate]:
    """The value is the number of copies that are given up."""
    change = search.patched()

    def works(copies: int) -> bool:
        return search.works([scale(other.name, copies), change])

    copies = largest_that(0, other.placed - 1, works)
    if copies is not None:
        first = scale(other.name, copies)
        down = f"from {counted(other.placed, 'copy')} to {copies}"
        text = f"scale {other.name} down {down} first{_downtime_note(copies)}"
        remedy = Remedy("scale-other-first", text, (), search.goal, before=(first,))
        for one in search.found(remedy, [first, change], other.placed - copies):
            yield attrs.evolve(one, idles=not copies)


def scale_this_down(search: RemedySearch) -> Iterator[RemedyCandidate]:
    """Update fewer copies of the component: scale it down, update it, and scale it up again."""
    before = search.change.before
    if before is None:
        return
    name, patches = before.name, list(_patches(search))

    def calls(copies: int, patch: Sequence[Mapping[str, Any]]) -> list[Envelope]:
        first = [scale(name, copies), search.patched(*patch)]
        return first if copies == search.change.copies else [*first, scale(name, search.change.copies)]

    def works(copies: int, patch: Sequence[Mapping[str, Any]]) -> bool:
        return search.works(calls(copies, patch))

    # What is kept tells where the rest may lie, so that it may work with one kept and not with none.
    if not works(before.placed - 1, patches[-1]) and not works(0, patches[-1]):
        return
    best = [
        # Often all but one may be kept.
        largest_that(0, before.placed - 1, lambda n, patch=patch: works(n, patch), likely_all=True)  # type: ignore[misc]
        for patch in patches
    ]
    copies = max((n for n in best if n is not None), default=None)
    if copies is None:
        return
    patch = patches[best.index(copies)]
    first, change, *last = calls(copies, patch)
    one = " one copy at a time" if patch is not patches[0] else ""
    up = f", scale it to {search.change.copies}" if last else ""
    down = f"from {counted(before.placed, 'copy')} to {copies}"
    text = f"scale {name} down {down}, update it{one}{up}{_downtime_note(copies)}"
    remedy = Remedy("scale-down-first", text, tuple(patch), search.goal, before=(first,), after=tuple(last))
    for found in search.found(remedy, [first, change, *last], copies):
        yield attrs.evolve(found, idles=not copies)


def _patches(search: RemedySearch) -> Iterator[tuple[Mapping[str, Any], ...]]:
    """The patches with which the update is tried: as it was asked, and one copy at a time."""
    # The update itself must not ask for more copies than the component was scaled down to.
    keep = ({"op": "remove", "path": "/RuntimeConfig"},) if "RuntimeConfig" in search.request else ()
    yield keep
    batch = search.change.batch
    if batch is None or (batch.type, batch.value) != ("COPY_COUNT", 1):
        yield (*keep, batch_patch(search.change, 1))


def _downtime_note(copies: int) -> str:
    return "" if copies else " (nothing serves it meanwhile)"


def scale(name: str, copies: int) -> Envelope:
    """The call that gives a component so many copies."""
    request = {"InferenceComponentName": name, "DesiredRuntimeConfig": {"CopyCount": copies}}
    return {"Operation": "UpdateInferenceComponentRuntimeConfig", "Request": request}


def delete(name: str) -> Envelope:
    """The call that deletes a component."""
    return {"Operation": "DeleteInferenceComponent", "Request": {"InferenceComponentName": name}}
