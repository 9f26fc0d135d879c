"""`icplan verify` of a drill: every figure is proven, and what is altered is refused, by the check meant."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import event, given
from support.endpoints import GPU4, GPU8, component, pooled, snapshot
from support.small_fleets import Case, catalog, fleets, settings
from support.small_fleets import snapshot as shown

import icplan
from icplan.cli.main import main
from icplan.errors import InputError
from icplan.verdict.drill_codec import to_dict
from icplan.verify.drill import verify_drill
from icplan.verify.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHAT = component("chat", 3, 3, 49152, cpu=12)
EMBED = component("embed", 4, 0, 14336, cpu=4)
RERANK = component("rerank", 2, 1, 4096, cpu=2)


def located() -> dict[str, Any]:
    """Two zones, and an instance that holds nothing, of which no zone is told."""
    rows = [("chat", "i-1", "a", 1), ("chat", "i-2", "b", 2), ("rerank", "i-2", "b", 1)]
    told = [
        {
            "InferenceComponentName": name,
            "InstanceId": one,
            "InstanceType": GPU4,
            "Copies": copies,
            "AvailabilityZone": zone,
        }
        for name, one, zone, copies in rows
    ]
    chat, rerank = component("chat", 3, 1), component("rerank", 1, 1)
    return snapshot(GPU4, 3, chat, rerank, CopyLocations=told)


def typed() -> dict[str, Any]:
    """Two types, and how many copies of one component lie on each."""
    placed = [{"InstanceType": GPU4, "CurrentCopyCount": 1}, {"InstanceType": GPU8, "CurrentCopyCount": 2}]
    runtime = {"DesiredCopyCount": 3, "CurrentCopyCount": 3, "PlacementStatus": placed}
    return pooled({GPU4: 2, GPU8: 1}, component("chat", 3, 3, RuntimeConfig=runtime), RERANK)


def moving() -> dict[str, Any]:
    """One component is being updated, and another has a copy that waits."""
    more = {"DesiredCopyCount": 3, "CurrentCopyCount": 2}
    updating = component("embed", 4, 0, 14336, cpu=4, InferenceComponentStatus="Updating")
    return snapshot(GPU4, 3, CHAT, updating, component("rerank", 2, 1, 4096, cpu=2, RuntimeConfig=more))


ENDPOINTS = {
    "plain": (snapshot(GPU4, 3, CHAT, EMBED, RERANK, scaling=(1, 5)), ("instance", f"{GPU4}=2", "type")),
    "quota": (snapshot(GPU4, 3, CHAT, EMBED, RERANK, scaling=(1, 5)), ("quota",)),
    "zone": (snapshot(GPU4, 3, CHAT, EMBED, RERANK, scaling=(1, 5)), ("zone",)),
    "alike": (snapshot(GPU4, 3, CHAT, EMBED, component("other", 3, 1, 49152), RERANK), ("instance",)),
    "typed": (typed(), ("instance", "type", f"{GPU4}=2", "quota")),
    "located": (located(), ("instance", "zone", "quota")),
    "moving": (moving(), ("instance", "quota")),
    "impossible": (snapshot(GPU4, 2, CHAT), ("instance", "zone", "quota")),
}


@cache
def _written(named: str) -> str:
    endpoint, lose = ENDPOINTS[named]
    return json.dumps(to_dict(icplan.drill(endpoint, lose)))


def told(named: str) -> dict[str, Any]:
    """The drill of an endpoint, anew each time."""
    found: dict[str, Any] = json.loads(_written(named))
    return found


def reasons(data: dict[str, Any], result: Result = Result.REJECTED) -> set[str]:
    """Why what is told is refused, or without evidence."""
    return {one.reason for one in verify_drill(data) if one.result is result}


def changed(data: dict[str, Any], *steps: str | int, to: Any) -> dict[str, Any]:
    """The file with one member altered."""
    altered = copy.deepcopy(data)
    at: Any = altered
    for step in steps[:-1]:
        at = at[step]
    at[steps[-1]] = to(at[steps[-1]]) if callable(to) else to
    return altered


@pytest.mark.parametrize("named", ENDPOINTS)
def test_all_that_is_told_is_verified(named: str) -> None:
    found = verify_drill(told(named))
    assert {one.result for one in found} == {Result.VERIFIED}, found


@given(fleets())
def test_a_drill_of_any_fleet_is_proven(case: Case) -> None:
    """Nothing that is written is refused; what a search decided without a proof is without evidence."""
    kinds = sorted(set(case.instances))
    lose = [*(f"{kind}={case.instances.count(kind)}" for kind in kinds), "instance", "zone", "type", "quota"]
    taken = icplan.Snapshot.from_dict(shown(case))
    drill = icplan.drill(taken, lose, allocatable=settings(case), catalog=catalog(case))
    found = {one.result for one in verify_drill(json.loads(json.dumps(to_dict(drill))))}
    event(", ".join(sorted(found)))
    assert Result.REJECTED not in found


def stronger() -> Iterator[tuple[str, dict[str, Any]]]:
    """A drill with one figure better than it is, and with all that would follow from it."""
    for named in ("plain", "typed", "located", "alike"):
        for number, one in enumerate(told(named)["Events"]):
            for place, loss in enumerate(one["Losses"]):
                where = ("Events", number, "Losses", place)
                for what, altered in better(loss):
                    yield (
                        f"{named}: {one['Name']}: {loss['Component']}: {what}",
                        changed(told(named), *where, to=altered),
                    )


def better(loss: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    (low, high), copies = loss["Lost"], loss["Copies"]
    ends = [("more is surely lost", low + 1, high), ("less is surely lost", low, high - 1)]
    for what, least, most in ends:
        if 0 <= least <= most <= copies:
            left = [copies - most, copies - least]
            found = {**loss, "Lost": [least, most], "Left": left, "Kept": kept(left, loss["Keep"])}
            for name in ("PlacedAgain", "AfterReplacement"):
                found[name] = [max(left[0], found[name][0]), found[name][1]]
            yield what, found
    low, high = loss["PlacedAgain"]
    after = loss["AfterReplacement"]
    if low < high:
        yield (
            "more run again",
            {
                **loss,
                "PlacedAgain": [low + 1, high],
                "AfterReplacement": [max(after[0], low + 1), after[1]],
            },
        )
        yield "fewer run again at best", {**loss, "PlacedAgain": [low, high - 1]}
    if after[0] < after[1]:
        yield "more run after replacement", {**loss, "AfterReplacement": [after[0] + 1, after[1]]}


def kept(left: list[int], keep: int) -> bool | None:
    return True if left[0] >= keep else False if left[1] < keep else None


def test_a_stronger_claim_is_refused() -> None:
    """Or, where a proof is missing that it would need, without evidence."""
    seen = 0
    for what, altered in stronger():
        seen += 1
        assert {one.result for one in verify_drill(altered)} != {Result.VERIFIED}, what
    assert seen > 40


LOSS = ("Events", 0, "Losses", 0)
PREMISES = ("Premises", 0)
EVIDENCE = (*LOSS, "Evidence")
ROOM = (*LOSS, "Room")
MOST = (*ROOM, "Evidence", "SurePremises")
MAY = ("Events", 1, "Losses", 0, "Room", "Evidence", "SurePremises", "Existing", 1)


def emptied(holds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The instances, as if the fullest held none."""
    return [{**one, "Copies": {}} if one["Copies"].get("chat") == 2 else one for one in holds]


@pytest.mark.parametrize(
    ("named", "steps", "to", "said"),
    [
        ("plain", ("Premises",), lambda all_: all_ * 2, "a variant is told of twice"),
        ("plain", ("Events", 0, "Losses"), lambda all_: all_[1:], "the components are others than run"),
        ("plain", (*LOSS, "Component"), "embed", "the components are others than run"),
        ("plain", (*PREMISES, "Components", 0, "Placed"), 2, "the components are others than run"),
        ("plain", (*LOSS, "Lost"), [1, 4], "more is lost than runs"),
        ("plain", (*LOSS, "Left"), [2, 3], "what is left is not what is not lost"),
        ("plain", (*LOSS, "Kept"), False, "what is kept is another number than is left"),
        ("plain", (*LOSS, "Keep"), 3, "what is kept is another number than is left"),
        ("plain", (*LOSS, "PlacedAgain"), [1, 3], "fewer run than were left"),
        ("plain", (*LOSS, "AfterReplacement"), [2, 4], "more run than before"),
        ("plain", (*LOSS, "AfterReplacement"), [2, 2], "all may lie as before"),
        ("plain", ("Events", 0, "Instances", GPU4), 4, "more go than there are"),
        ("plain", ("Events", 0, "Instances"), {GPU8: 1}, "more go than there are"),
        ("plain", ("Events", 0, "Instances"), {}, "another number of types goes"),
        ("plain", ("Events", 0, "Instances", GPU4), 2, "the event is called otherwise"),
        ("plain", ("Events", 0, "Name"), f"any 1 of 30 {GPU4}", "the event is called otherwise"),
        ("plain", ("Events", 1, "Kind"), "instance", "another number goes"),
        ("plain", ("Events", 0, "Perhaps"), {GPU4: 1}, "what else goes is told of a zone alone"),
        ("plain", (*PREMISES, "Pools"), lambda pools: pools * 2, "not a complete drill"),
        ("typed", (*PREMISES, "Pools", 1, "Type"), GPU4, "a type is told of twice"),
        ("typed", (*PREMISES, "Components", 0, "ByType", GPU8), 1, "are not those of all types"),
        ("typed", (*PREMISES, "Components", 0, "ByType"), {GPU4: 1, "ml.x": 2}, "are not those of all types"),
        ("typed", (*LOSS, "Lost"), [1, 2], "more is lost than lies there"),
        (
            "plain",
            (*EVIDENCE, "NoFewer", "Weights"),
            lambda all_: [0 for _ in all_],
            "the proof does not hold",
        ),
        (
            "plain",
            (*EVIDENCE, "NoMore", "Weights"),
            lambda all_: [0 for _ in all_],
            "the proof does not hold",
        ),
        ("plain", (*EVIDENCE, "Fewest"), [], "the layout is not possible"),
        ("plain", (*EVIDENCE, "Most"), [], "the layout is not possible"),
        ("plain", ("Events", 0, "Losses", 1, "Evidence", "Again", "Parts"), [], "the parts are not all"),
        (
            "plain",
            ("Events", 0, "Losses", 1, "Evidence", "Again", "Need"),
            3,
            "fewer copies are shown to run",
        ),
        ("plain", (*PREMISES, "Components", 0, "Copies"), 4, "a problem is not that of the premises"),
        ("zone", ("Events", 0, "Kind"), "quota", "nothing goes with a quota"),
        ("zone", (*LOSS, "Lost"), [0, 2], "what is left is not what is not lost"),
        ("quota", (*LOSS, "Lost"), [0, 1], "what is left is not what is not lost"),
        ("quota", ("Events", 0, "Instances"), {GPU4: 1}, "nothing goes with a quota"),
        ("plain", (*LOSS, "Room"), None, None),
        ("quota", (*LOSS, "Note"), None, "what is told of an update is not what has room"),
        ("quota", (*ROOM, "Waiting"), 1, "more copies wait than there are"),
        ("quota", (*ROOM, "Launched"), 1, "instances are launched where none can be"),
        ("quota", (*MOST, "Pools", 0, "Count"), 4, "the room is that of another fleet"),
        ("quota", (*MOST, "Together"), [1, 1], "the room is that of another fleet"),
        ("quota", (*MOST, "Arriving"), 1, "the room is that of another fleet"),
        ("quota", (*MOST, "CpuUnit"), "2", "the room is that of another fleet"),
        ("quota", (*MOST, "Target", "Demands", 0), [1, 1, 0], "a copy takes something else"),
        ("quota", (*MOST, "Existing", 0, "Leave"), 1, "copies leave, or lie anywhere"),
        ("quota", (*MOST, "Existing", 0, "Where"), "anywhere", "copies leave, or lie anywhere"),
        ("quota", (*MOST, "Existing", 0, "Copies"), 2, "other copies run"),
        ("moving", (*MAY, "Copies"), lambda n: n + 1, "other copies may run"),
        ("located", ("Events", 0, "Losses", 0, "Lost"), [1, 2], "what is left is not what is not lost"),
        ("located", (*PREMISES, "Pools", 0, "Holds", 0, "Instances"), 2, "what lies on some instances"),
        ("located", (*PREMISES, "Pools", 0, "Holds"), emptied, "another number lies on what goes"),
        ("located", ("Events", 1, "Gone", 0, "Copies"), {"chat": 2}, "instances go that are not there"),
        ("located", ("Events", 1, "Gone", 0, "Instances"), 2, "instances go that are not there"),
        ("located", ("Events", 1, "Instances", GPU4), 2, "others go than are told"),
        ("located", ("Events", 1, "Gone"), [], "what goes is told otherwise"),
        ("located", (*PREMISES, "Pools", 0, "Holds"), None, "it is not known what lies there"),
    ],
    ids=lambda part: ".".join(map(str, part)) if isinstance(part, tuple) else "",
)
def test_what_is_altered_is_refused(
    named: str, steps: tuple[str | int, ...], to: Any, said: str | None
) -> None:
    altered = changed(told(named), *steps, to=to)
    try:
        found = reasons(altered)
    except InputError as error:
        found = {str(error)}
    assert (said is None) is (not found)
    assert said is None or any(said in one for one in found), found


def test_figures_that_need_more_than_one_alteration() -> None:
    """A room where something goes, what lies on a zone, copies that need nothing where nothing is left."""
    room = told("quota")["Events"][0]["Losses"][0]["Room"]
    assert "a room is told where something goes" in reasons(changed(told("plain"), *LOSS, "Room", to=room))
    zone = ("Events", 1, "Losses", 0)
    none_lost = changed(changed(told("located"), *zone, "Lost", to=[0, 0]), *zone, "Left", to=[3, 3])
    for name in ("PlacedAgain", "AfterReplacement"):
        none_lost = changed(none_lost, *zone, name, to=[3, 3])
    assert "another number lies on what goes" in reasons(none_lost)
    all_go = ("Events", 2, "Losses", 0)
    free = changed(told("plain"), *PREMISES, "Components", 0, "Demands", to=[[0, 0, 0]])
    for name in ("PlacedAgain", "AfterReplacement"):
        free = changed(free, *all_go, name, to=[3, 3])
    assert "no instance is left" in reasons(free)


def test_without_its_proof_a_figure_is_without_evidence() -> None:
    """Of whatever needs one."""
    for named in ("plain", "typed", "quota"):
        for number, one in enumerate(told(named)["Events"]):
            for place in range(len(one["Losses"])):
                loss = ("Events", number, "Losses", place)
                if one["Kind"] == "quota":
                    altered = changed(told(named), *loss, "Room", "Evidence", to=None)
                else:
                    altered = changed(told(named), *loss, "Evidence", to=None)
                if "may" not in (one["Losses"][place]["Note"] or ""):
                    assert not reasons(altered)
                    assert reasons(altered, Result.UNPROVEN)
    nothing = changed(told("plain"), "Premises", to=[])
    assert reasons(nothing, Result.UNPROVEN) == {"no proof is given"}


def test_where_no_premises_are_told_nothing_may_be_claimed() -> None:
    whole = told("impossible")
    assert not whole.get("Premises")
    for number, one in enumerate(whole["Events"]):
        loss = ("Events", number, "Losses", 0)
        claims: list[tuple[str, Any]] = [("PlacedAgain", [1, 3]), ("AfterReplacement", [1, 3])]
        if one["Kind"] == "quota":
            claims = [("Note", None)]
        for name, value in claims:
            altered = changed(whole, *loss, name, to=value)
            if name == "PlacedAgain":
                altered = changed(altered, *loss, "AfterReplacement", to=value)
            assert "no proof is given" in reasons(altered, Result.UNPROVEN), (one["Kind"], name)


def test_the_command_line_verifies_it(tmp_path: Path) -> None:
    """And holds it against the snapshot; it judges no change."""
    file, taken = tmp_path / "drill.json", tmp_path / "endpoint.json"
    taken.write_text(json.dumps(ENDPOINTS["plain"][0]))
    made = CliRunner().invoke(
        main, ["drill", "--snapshot", str(taken), "--no-config", "--format", "json", "-o", str(file)]
    )
    assert made.exit_code == 3
    done = CliRunner().invoke(main, ["verify", str(file), "--snapshot", str(taken)])
    assert done.exit_code == 0
    assert f"verified: chat: any 1 of 3 {GPU4}: lost: 1" in done.stdout
    taken.write_text(json.dumps(snapshot(GPU4, 3, CHAT)))
    other = CliRunner().invoke(main, ["verify", str(file), "--snapshot", str(taken)])
    assert other.exit_code == 1
    assert "it is of another snapshot" in other.stdout
    assert CliRunner().invoke(main, ["verify", str(file), "--require", "fits"]).exit_code == 2
    file.write_text('{"IcplanDrill": 2}')
    assert CliRunner().invoke(main, ["verify", str(file)]).exit_code == 2
    file.write_text('{"IcplanDrill": 1}')
    assert CliRunner().invoke(main, ["verify", str(file)]).exit_code == 2
