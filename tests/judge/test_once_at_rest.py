"""A change that is refused for what is under way is judged as if all of that had ended."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import GPU4, component, create, delete, scale, snapshot, update
from support.verdicts import check

from icplan.verdict.codec import to_dict
from icplan.verdict.finding import Severity
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify

if TYPE_CHECKING:
    from icplan.verdict.change_verdict import ChangeVerdict

NAMES = ("chat", "rank")


def in_motion(name: str, devices: int, counts: tuple[int, int], status: str) -> dict[str, Any]:
    current, desired = counts
    runtime = {"CurrentCopyCount": current, "DesiredCopyCount": desired}
    return component(name, desired, devices, InferenceComponentStatus=status, RuntimeConfig=runtime)


@st.composite
def moving(draw: st.DrawFn) -> dict[str, Any]:
    """An endpoint of which something may be under way: components, instances or the endpoint itself."""
    counts, statuses = st.integers(0, 3), st.sampled_from(("Updating", "InService", "Creating", "Deleting"))
    components = [
        in_motion(name, draw(st.integers(1, 4)), (draw(counts), draw(counts)), draw(statuses))
        for name in NAMES
    ]
    now, then = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    taken = snapshot(GPU4, now, *components, scaling=(1, draw(st.integers(max(now, then), 6))))
    taken["Endpoint"]["ProductionVariants"][0]["DesiredInstanceCount"] = then
    taken["Endpoint"]["EndpointStatus"] = draw(st.sampled_from(("InService", "Updating", "SystemUpdating")))
    return taken


def ended(taken: dict[str, Any]) -> dict[str, Any]:
    """What AWS shows of it once everything has ended as it was asked for."""
    after = copy.deepcopy(taken)
    (variant,) = after["Endpoint"]["ProductionVariants"]
    variant["CurrentInstanceCount"] = variant["DesiredInstanceCount"]
    after["Endpoint"]["EndpointStatus"] = "InService"
    there = [one for one in after["InferenceComponents"] if one["InferenceComponentStatus"] != "Deleting"]
    for one in there:
        if one["InferenceComponentStatus"] in ("Creating", "Updating"):
            one["InferenceComponentStatus"] = "InService"
            one["RuntimeConfig"]["CurrentCopyCount"] = one["RuntimeConfig"]["DesiredCopyCount"]
    after["InferenceComponents"] = there
    return after


CHANGES = st.one_of(
    st.builds(scale, st.sampled_from(NAMES), st.integers(0, 5)),
    st.builds(update, st.sampled_from(NAMES), st.sampled_from((None, 1, 2)), st.sampled_from((None, 1))),
    st.builds(create, st.just("new"), st.integers(1, 3), st.integers(1, 4)),
    st.builds(delete, st.sampled_from(NAMES)),
)


def figures(change: ChangeVerdict) -> dict[str, Any]:
    """All that is judged of a change, but for whether it is refused now."""
    found = (one for one in change.findings if not _refuses(one.rule, one.severity))
    told = [(one.rule, one.message, one.need, one.have) for one in found if one.rule != "ICP407"]
    names = ("copies", "instances_now", "peak_instances", "final_instances", "rollback_outcome")
    phases = [attrs.evolve(one, proof=None, premises=None) for one in change.phases]
    return {"findings": told, "phases": phases} | {name: getattr(change, name) for name in names}


def _refuses(rule: str, severity: Severity) -> bool:
    return rule.startswith("ICP2") and severity is Severity.ERROR


@given(moving(), st.lists(CHANGES, min_size=1, max_size=2))
def test_what_is_refused_now_is_judged_once_all_is_at_rest(
    taken: dict[str, Any], changes: list[dict[str, Any]]
) -> None:
    """Copies that only run beside others meanwhile count for nothing, in any of its figures."""
    names = {one["InferenceComponentName"] for one in ended(taken)["InferenceComponents"]}
    verdict = check(taken, *changes)
    asked = [one.inference_component_name for one in verdict.changes]
    blocked = [one.outcome is Outcome.BLOCKED for one in verdict.changes]
    assert Result.REJECTED not in {one.result for one in verify(to_dict(verdict))}
    if not any(blocked) or not names | {"new"} >= set(asked):
        return
    for one, rest in zip(verdict.changes, check(ended(taken), *changes).changes, strict=True):
        if one.outcome is not Outcome.BLOCKED:
            assert one.at_rest is None
            continue
        assert one.at_rest is not None
        assert (one.at_rest.outcome, one.at_rest.rollback_outcome) == (rest.outcome, rest.rollback_outcome)
        if rest.outcome not in (Outcome.INVALID, Outcome.BLOCKED):
            assert figures(one) == figures(rest)
        if rest.outcome.fits:
            assert [(each.kind, each.outcome) for each in one.remedies] == [("wait", rest.outcome)]
            continue
        # What makes it fit at rest is told, and that all under way has to end first.
        told = [(each.kind, each.outcome, each.patch) for each in one.remedies]
        assert told == [(each.kind, each.outcome, each.patch) for each in rest.remedies]
        assert all(each.once_at_rest and each.description.startswith("once ") for each in one.remedies)


def test_old_and_new_copies_beside_each_other_are_not_there_at_rest() -> None:
    """Three copies of four devices are replaced one at a time: four instances are enough for the next update.

    It was said to take seven, beside that it fits then.
    """
    updating = in_motion("chat", 4, (3, 3), "Updating")
    taken = snapshot(GPU4, 3, updating, scaling=(1, 4))
    taken["Endpoint"]["ProductionVariants"][0]["DesiredInstanceCount"] = 4
    (change,) = check(taken, update("chat", 1, 1)).changes
    assert change.outcome is Outcome.BLOCKED
    assert change.at_rest is not None
    assert change.at_rest.outcome is Outcome.FITS
    assert change.peak_instances == 4
    assert {one.rule for one in change.findings} == {"ICP201"}
    assert change.runs == "chat 3 to 6 (Updating); 3 instances by CurrentInstanceCount"


def test_what_is_asked_of_a_component_that_will_be_gone_has_no_steps() -> None:
    taken = snapshot(GPU4, 2, in_motion("chat", 4, (1, 1), "Deleting"))
    (change,) = check(taken, scale("chat", 2)).changes
    assert (change.outcome, change.at_rest, change.phases) == (Outcome.BLOCKED, None, ())


def test_a_set_is_judged_at_rest_as_a_set() -> None:
    """The room that a deletion leaves, which is refused as well now, is there for what comes after it."""
    taken = snapshot(GPU4, 1, component("chat", 1, 4), component("rank", 0, 4))
    taken["Endpoint"]["EndpointStatus"] = "SystemUpdating"
    verdict = check(taken, delete("chat"), scale("rank", 1))
    assert [one.outcome for one in verdict.changes] == [Outcome.BLOCKED] * 2
    assert [one.at_rest and one.at_rest.outcome for one in verdict.changes] == [Outcome.FITS] * 2
    assert Result.REJECTED not in {one.result for one in verify(to_dict(verdict))}
