"""`icplan verify` of headroom: what is told is proven, and what is altered is refused."""

from __future__ import annotations

import itertools
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner
from hypothesis import event, given
from support.endpoints import GPU4, component, snapshot
from support.small_fleets import Case, catalog, fleets, settings
from support.small_fleets import snapshot as shown

import icplan
from icplan.cli.main import main
from icplan.errors import InputError
from icplan.verdict.headroom_codec import to_dict
from icplan.verify.headroom import verify_headroom
from icplan.verify.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHAT = component("chat", 3, 3, 49152, cpu=12)
EMBED = component("embed", 4, 0, 14336, cpu=4)
RERANK = component("rerank", 2, 1, 4096, cpu=2)
TARGETS = [{"ResourceId": "inference-component/chat", "MaxCapacity": 4}]
ENDPOINT = snapshot(GPU4, 3, CHAT, EMBED, RERANK, scaling=(1, 5), ScalableTargets=TARGETS)
MOMENTS = ("now", "max", "autoscaling")


def written(headroom: icplan.Headroom) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(to_dict(headroom)))
    return found


@cache
def _written() -> str:
    return json.dumps(written(icplan.headroom(ENDPOINT, at=MOMENTS, at_least={"embed": 6})))


def told() -> dict[str, Any]:
    """The headroom of the endpoint, anew each time."""
    found: dict[str, Any] = json.loads(_written())
    return found


def results(data: dict[str, Any]) -> set[Result]:
    try:
        return {one.result for one in verify_headroom(data)}
    except InputError:
        return {Result.REJECTED}


def test_all_that_is_told_is_verified() -> None:
    assert results(told()) == {Result.VERIFIED}


@given(fleets())
def test_headroom_of_any_fleet_is_proven(case: Case) -> None:
    """Nothing that is written is refused; what a search decided without a proof is without evidence."""
    snapshot_of_it = icplan.Snapshot.from_dict(shown(case))
    found = icplan.headroom(snapshot_of_it, allocatable=settings(case), catalog=catalog(case), at=MOMENTS)
    kinds = results(written(found))
    event(", ".join(sorted(kinds)))
    assert Result.REJECTED not in kinds


#: The ends of a room, and how each claims more.
STRONGER = (("Sure", 0, 1), ("Sure", 1, -1), ("Best", 0, 1), ("Best", 1, -1))


def stronger() -> Iterator[tuple[str, dict[str, Any]]]:
    """The file with one claim that it does not prove."""
    places = itertools.product(range(3), ("Now", "Max", "Autoscaling"), STRONGER)
    for number, moment, (end, place, by) in places:
        altered = told()
        ends = altered["Components"][number][moment][end]
        ends[place] += by
        if ends[place] >= 0:
            yield f"{number} {moment} {end}[{place}] {by:+}", altered


def test_a_stronger_claim_is_refused() -> None:
    for what, altered in stronger():
        assert Result.REJECTED in results(altered), what


def alterations() -> Iterator[tuple[str, list[str | int], Any]]:
    room: list[str | int] = ["Components", 1, "Now"]
    premises: list[str | int] = [*room, "Evidence", "SurePremises"]
    best: list[str | int] = [*room, "Evidence", "BestPremises"]
    yield "fewer copies lie there", [*premises, "Existing", 0, "Copies"], 2
    yield "own copies are fewer", [*premises, "Existing", 2, "Copies"], 3
    yield "a copy takes less", [*premises, "Target", "Demands", 0], [4000, 1, 0]
    yield "an instance offers more", [*premises, "Pools", 0, "Capacity", 1], [98304, 999_999]
    yield "it offers more at best", [*best, "Pools", 0, "Capacity", 1], [98304, 999_999]
    yield "more instances run", [*premises, "Pools", 0, "Count"], 4
    yield "instances are launched now", [*premises, "Together"], [1, 1]
    yield "copies wait", [*room, "Waiting"], 1
    yield "more is launched", ["Components", 1, "Max", "Launched"], 3
    yield "less is launched", ["Components", 1, "Max", "Launched"], 1
    yield "other instances run", ["Fleets", 0, "Pools", GPU4], 4
    yield "a batch has no room", ["Components", 1, "LargestBatch", "Update"], 6
    yield "a batch goes back alone", ["Components", 1, "LargestBatch", "WithRollback"], 3
    yield "what is wanted is met", ["AtLeast", 0, "Met"], True
    yield "a part is of another box", [*room, "Evidence", "EveryWorld", "Parts", 0, "Box", 1], [98304, 98304]
    yield "a bound is higher", [*room, "Evidence", "EveryWorld", "Parts", 0, "Proof", "Bound"], 9
    yield "no part is shown", [*room, "Evidence", "EveryWorld", "Parts"], []
    yield "the layout is empty", [*room, "Evidence", "Layout", "Placement"], []
    yield "the failing world has less room", [*room, "Evidence", "FailingWorld", "Room"], 0


def test_an_altered_file_is_refused() -> None:
    for what, path, value in alterations():
        altered = told()
        at: Any = altered
        for step in path[:-1]:
            at = at[step]
        assert at[path[-1]] != value, what
        at[path[-1]] = value
        assert Result.REJECTED in results(altered), what


def test_without_its_proof_a_number_is_without_evidence() -> None:
    altered = told()
    for row in altered["Components"]:
        row["Now"]["Evidence"] = None
    assert results(altered) == {Result.VERIFIED, Result.UNPROVEN}


def test_the_command_line_verifies_it(tmp_path: Path) -> None:
    """And holds it against the snapshot; it judges no change."""
    file, taken = tmp_path / "headroom.json", tmp_path / "endpoint.json"
    taken.write_text(json.dumps(ENDPOINT))
    made = CliRunner().invoke(
        main, ["headroom", "--snapshot", str(taken), "--no-config", "--format", "json", "-o", str(file)]
    )
    assert made.exit_code == 0
    assert CliRunner().invoke(main, ["verify", str(file), "--snapshot", str(taken)]).exit_code == 0
    taken.write_text(json.dumps(snapshot(GPU4, 3, CHAT)))
    assert CliRunner().invoke(main, ["verify", str(file), "--snapshot", str(taken)]).exit_code == 1
    assert CliRunner().invoke(main, ["verify", str(file), "--require", "fits"]).exit_code == 2
