"""An endpoint on which more runs than it has room for: one figure is wrong, and nothing rests on any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import GPU4, GPU8, component, create, delete, pooled, scale, snapshot, update

import icplan
from icplan.catalog.allocatable import Observation
from icplan.catalog.catalog import Catalog
from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome
from icplan.verify import verify

if TYPE_CHECKING:
    from icplan.verdict.change_verdict import ChangeVerdict

#: Reasons that tell how much is free, or where.
OF_WHAT_IS_FREE = {"ICP301", "ICP302", "ICP303", "ICP304", "ICP305", "ICP307", "ICP308", "ICP401"}
WHOLE = ("ml.g5.12xlarge.memory=196608", "ml.g5.12xlarge.cpu=48")


def check(taken: dict[str, Any], change: dict[str, Any], **options: Any) -> ChangeVerdict:
    verdict = icplan.check(change, icplan.Snapshot.from_dict(taken), **options)
    assert [one for one in verify(to_dict(verdict)) if one.result == "rejected"] == []
    return verdict.changes[0]


def said(verdict: ChangeVerdict, rule: str = "ICP310") -> str:
    return " ".join(finding.message for finding in verdict.findings if finding.rule == rule)


CHANGES = [
    scale("a", 30),
    scale("b", 9),
    create("new", 1, 1),
    create("new", 2, 4),
    update("a"),
    update("a", 1),
    update("b", 1, rollback=1),
]


@st.composite
def overcommitted(draw: st.DrawFn) -> dict[str, Any]:
    """More accelerators are reserved than there are, on one type or two, with or without growth."""
    scaling = draw(st.sampled_from([None, (1, 3), (1, 20)]))
    count = draw(st.integers(1, 2))
    too_many = draw(st.integers(1, 4))
    other = component("b", draw(st.integers(1, 4)), draw(st.integers(0, 2)))
    if draw(st.booleans()):
        return snapshot(GPU4, count, component("a", 4 * count + too_many, 1), other, scaling=scaling)
    running = {GPU4: count, GPU8: 1}
    taken = pooled(running, component("a", 4 * count + 8 + too_many, 1), other, scaling=scaling)
    if draw(st.booleans()):
        (told,) = taken["Endpoint"]["ProductionVariants"]
        told.pop("InstancePools")
        taken["InferenceComponents"][0]["RuntimeConfig"] = dict.fromkeys(
            ("DesiredCopyCount", "CurrentCopyCount"), 8 * (count + 1) + too_many
        )
    return taken


@given(overcommitted(), st.sampled_from(CHANGES))
def test_no_reason_tells_what_is_free_where_more_runs_than_fits(
    taken: dict[str, Any], change: dict[str, Any]
) -> None:
    """Neither promised nor refused by counts of which one is wrong, and that alone is the reason."""
    verdict = check(taken, change)
    rules = {finding.rule for finding in verdict.findings}
    assert verdict.outcome is Outcome.MAY_NOT_FIT
    assert "ICP310" in rules
    assert not rules & OF_WHAT_IS_FREE
    assert "$.InferenceComponents[0]" in said(verdict)
    assert "$.Endpoint.ProductionVariants[0]" in said(verdict)


@given(overcommitted(), st.sampled_from([scale("a", 1), delete("a"), scale("b", 0)]))
def test_what_places_nothing_goes_through(taken: dict[str, Any], change: dict[str, Any]) -> None:
    assert check(taken, change).outcome is Outcome.FITS


@given(overcommitted(), st.sampled_from([create("new", 1, 9), create("new", 3, 1, memory=900_000)]))
def test_what_no_empty_instance_takes_is_refused(taken: dict[str, Any], change: dict[str, Any]) -> None:
    """That is so whichever figure is wrong, unless what runs is as large."""
    verdict = check(taken, change)
    assert verdict.outcome is Outcome.DOES_NOT_FIT
    assert {finding.rule for finding in verdict.findings} >= {"ICP306", "ICP310"}
    larger = component("huge", 1, 9, memory=900_000)
    taken["InferenceComponents"].append(larger)
    assert check(taken, change).outcome is Outcome.MAY_NOT_FIT


def test_the_picture_draws_no_empty_instance_where_something_runs() -> None:
    taken = icplan.Snapshot.from_dict(snapshot(GPU4, 1, component("a", 5, 1)))
    verdict = icplan.check(create("new", 1, 5), taken)
    assert verdict.outcome is Outcome.DOES_NOT_FIT
    assert "free" not in str(verdict).partition("ICP310")[0]


class TestGivenAmounts:
    """A figure that a user gave below what runs is told, and nothing is refused by it."""

    taken = snapshot(GPU4, 1, component("a", 3, 1, memory=30_000))

    @pytest.mark.parametrize(
        ("allocatable", "blamed"),
        [
            (["ml.g5.12xlarge.memory=1000"], ["ml.g5.12xlarge.memory=1000"]),
            (["ml.g5.12xlarge.memory=1000..89999"], ["ml.g5.12xlarge.memory=1000..89999"]),
            (["ml.g5.12xlarge.memory=1000", "ml.g5.12xlarge.cpu=8"], ["ml.g5.12xlarge.memory=1000"]),
        ],
    )
    def test_it_is_named(self, allocatable: list[str], blamed: list[str]) -> None:
        verdict = check(self.taken, create("new", 1, 1, memory=2000), allocatable=allocatable)
        assert verdict.outcome is Outcome.MAY_NOT_FIT
        told = said(verdict).partition("what was given: ")[2]
        assert told.startswith(f"{' and '.join(blamed)} is less than what runs takes")

    def test_a_share_of_the_type_likewise(self) -> None:
        verdict = check(self.taken, create("new", 1, 1), assume={"allocatable-memory": "10%"})
        assert verdict.outcome is Outcome.MAY_NOT_FIT
        assert "10% of what the type has" in said(verdict)

    def test_what_the_instance_itself_lacks_is_no_fault_of_a_figure(self) -> None:
        taken = snapshot(GPU4, 1, component("a", 5, 1))
        assert "what was given" not in said(check(taken, create("new", 1, 1), allocatable=WHOLE))

    def test_one_figure_leaves_the_other_resource_as_it_was(self) -> None:
        """What runs proves more memory than the catalog thinks, whatever is said of the cores."""
        taken = snapshot(GPU4, 1, component("a", 1, 1, memory=196_000))
        for allocatable in ([], ["ml.g5.12xlarge.cpu=48"]):
            verdict = check(taken, create("new", 1, 1, memory=128), allocatable=allocatable)
            assert said(verdict) == ""
            assert verdict.outcome is Outcome.MAY_NOT_FIT

    @given(st.integers(1, 200_000), st.integers(1, 4))
    def test_a_figure_never_refuses_what_runs_shows_to_be_wrong(self, memory: int, copies: int) -> None:
        """What is refused by a figure is refused by one that what runs has room for."""
        taken = snapshot(GPU4, 1, component("a", copies, 1, memory=1000))
        figure = [f"ml.g5.12xlarge.memory={min(memory, 196_608)}"]
        verdict = check(taken, create("new", 1, 0, memory=1000), allocatable=figure)
        right = Outcome.FITS if memory >= (copies + 1) * 1000 else Outcome.DOES_NOT_FIT
        assert verdict.outcome is (Outcome.MAY_NOT_FIT if memory < copies * 1000 else right)


def test_an_observation_that_what_runs_refutes_is_told() -> None:
    """What was observed to be refused is less than what runs: it is not used, and that is said."""
    taken = snapshot(GPU4, 1, component("a", 1, 1, memory=30_000))
    seen, right = (Observation(GPU4, "a test", refused_mib=amount) for amount in (20_000, 90_000))
    verdict = check(taken, create("new", 1, 1), catalog=Catalog(observed=(seen,)))
    assert "20000 MiB was observed to be refused" in said(verdict, "ICP312")
    fine = check(taken, create("new", 1, 1), catalog=Catalog(observed=(right,)))
    assert said(fine, "ICP312") == ""
