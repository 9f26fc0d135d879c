"""`icplan headroom` and `icplan drill` go by the reservation metrics that `icplan check` uses."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from hypothesis import event, given
from hypothesis import strategies as st
from support.endpoints import GPU4, component, scale, snapshot
from support.reserved_metrics import METRICS, with_metrics

import icplan

if TYPE_CHECKING:
    from collections.abc import Sequence

Json = dict[str, Any]


def measured(where: Sequence[dict[str, int]], **more: Any) -> Json:
    """Instances with 4 GPUs; a copy of llm takes 2 of them, one of tiny takes 1."""
    llm, tiny = (sum(held.get(name, 0) for held in where) for name in ("llm", "tiny"))
    parts = [component("llm", llm, 2, 20000), component("tiny", tiny, 1, 4096)]
    kinds = [GPU4] * len(where)
    return with_metrics(snapshot(GPU4, len(where), *parts), where, kinds, **more)


def tampered(taken: Json, **values: float) -> Json:
    """With other values of GPUReservation."""
    changed = copy.deepcopy(taken)
    for one in changed["Reservations"]:
        if one["MetricName"] == "GPUReservation":
            for point in one["Datapoints"]:
                point.update(values)
                point.pop("ExtendedStatistics", None)
    return changed


SPREAD: list[dict[str, int]] = [{"llm": 1, "tiny": 1}, {"llm": 1, "tiny": 1}, {"llm": 1, "tiny": 1}]
TOGETHER: list[dict[str, int]] = [{"llm": 2}, {"llm": 1, "tiny": 2}, {"tiny": 1}]


def test_metrics_that_nothing_explains_make_nothing_sure() -> None:
    """An instance of which 250 % is reserved: it is said, and the answer is that without metrics."""
    taken = tampered(measured(SPREAD, names=["GPUReservation"]), Minimum=50.0, Maximum=250.0)
    told = icplan.headroom(taken)
    (fleet,) = told.fleets
    assert any("GPUReservation of 02:05Z contradicts the snapshot" in note for note in fleet.notes)
    assert not fleet.metrics
    bare = icplan.headroom({**taken, "Reservations": []})
    assert told.components == bare.components
    drilled = icplan.drill(taken)
    assert any("GPUReservation of 02:05Z contradicts the snapshot" in note for note in drilled.notes)
    assert drilled.events == icplan.drill({**taken, "Reservations": []}).events


def test_metrics_that_are_of_another_moment_are_told() -> None:
    """Those that are not used for their age, too."""
    taken = measured(SPREAD) | {"TakenAt": "2026-11-20T05:11:08Z"}
    assert any("is not of the snapshot's time" in note for note in icplan.headroom(taken).fleets[0].notes)
    assert any("is not of the snapshot's time" in note for note in icplan.drill(taken).notes)


def test_which_metrics_are_gone_by_is_told() -> None:
    """Of GPUs alone: the value of each instance is told."""
    taken = measured(TOGETHER, names=["GPUReservation"])
    assert icplan.headroom(taken).fleets[0].metrics == ("GPUReservation of 02:05Z",)
    assert any("GPUReservation of 02:05Z" in note for note in icplan.drill(taken).notes)
    assert not icplan.headroom({**taken, "Reservations": []}).fleets[0].metrics


@given(
    st.sampled_from([SPREAD, TOGETHER]),
    st.lists(st.sampled_from([0.0, 25.0, 50.0, 75.0, 100.0, 250.0]), min_size=2, max_size=2),
    st.sampled_from([METRICS, ("GPUReservation",)]),
)
def test_sure_is_never_more_than_check_promises(
    where: list[dict[str, int]], ends: list[float], names: tuple[str, ...]
) -> None:
    """Whatever a metric says."""
    taken = tampered(measured(where, names=names), Minimum=min(ends), Maximum=max(ends))
    for name, row in icplan.headroom(taken).components.items():
        assert row.now is not None
        event(f"sure {row.now.sure}")
        if row.now.sure.low:
            asked = scale(name, row.copies + row.now.sure.low)
            assert icplan.check(asked, taken).outcome is icplan.Outcome.FITS
