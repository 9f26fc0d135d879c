"""`icplan drill` and `icplan.drill`: what each event does, and how sure that is."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given
from support.endpoints import GPU4, GPU8, component, pooled, snapshot
from support.small_fleets import Case, catalog, fleets, settings
from support.small_fleets import snapshot as shown

import icplan
from icplan.cli.main import main
from icplan.errors import InputError
from icplan.verdict.drill import EventKind, Loss
from icplan.verdict.drill_codec import NotADrill, drill_schema, from_dict, to_dict
from icplan.verdict.headroom import Range

if TYPE_CHECKING:
    from click.testing import Result

DOCS = Path(__file__).parents[2] / "docs"
CHAT = component("chat", 3, 3, 49152, cpu=12)
EMBED = component("embed", 4, 0, 14336, cpu=4)
ENDPOINT = snapshot(GPU4, 3, CHAT, EMBED, scaling=(1, 3))


def losses(endpoint: dict[str, Any], event: str, **more: Any) -> dict[str, Loss]:
    (found,) = icplan.drill(endpoint, [event], **more).events
    return {loss.component: loss for loss in found.losses}


def figures(loss: Loss) -> tuple[str, ...]:
    return tuple(map(str, (loss.lost, loss.left, loss.placed_again, loss.after_replacement)))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["drill", "--snapshot", "endpoint.json", *arguments])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with an endpoint in it."""
    monkeypatch.chdir(tmp_path)
    Path("endpoint.json").write_text(json.dumps(ENDPOINT))
    return tmp_path


def test_any_instance_goes() -> None:
    """One copy of `chat` lies on each; those of `embed` may lie anywhere."""
    found = losses(ENDPOINT, "instance")
    assert figures(found["chat"])[:3] == ("1", "2", "2")
    assert figures(found["embed"])[:3] == ("0 to 4", "0 to 4", "4")
    assert found["chat"].kept is True
    assert found["embed"].kept is None


def test_a_new_instance_may_be_filled_by_others_first() -> None:
    """Then a copy of `chat` finds no room, though it had some."""
    found = losses(ENDPOINT, "instance")["chat"]
    assert found.after_replacement == Range(2, 3)


def test_several_instances_of_a_type_go() -> None:
    found = losses(ENDPOINT, f"{GPU4}=2", keep=2)
    assert figures(found["chat"])[:2] == ("2", "1")
    assert found["chat"].kept is False


def test_a_type_goes() -> None:
    """What AWS tells to lie on it is lost, and finds room elsewhere or not."""
    placed = [{"InstanceType": GPU4, "CurrentCopyCount": 1}, {"InstanceType": GPU8, "CurrentCopyCount": 2}]
    runtime = {"DesiredCopyCount": 3, "CurrentCopyCount": 3, "PlacementStatus": placed}
    endpoint = pooled({GPU4: 1, GPU8: 1}, component("chat", 3, 3, RuntimeConfig=runtime))
    small, large = icplan.drill(endpoint, ["type"]).events
    assert [figures(one.losses[0])[:3] for one in (small, large)] == [("1", "2", "2"), ("2", "1", "1")]
    events = icplan.drill(endpoint).events
    assert {one.kind for one in events} >= {EventKind.TYPE}
    assert [one.name for one in events[:4]] == [
        *(f"the one {kind}" for kind in (GPU4, GPU8)),
        *(f"type {kind} (1 instance)" for kind in (GPU4, GPU8)),
    ]


def located(*rows: tuple[str, str, str, int]) -> list[dict[str, Any]]:
    return [
        {"InferenceComponentName": name, "InstanceId": one, "InstanceType": GPU4, "Copies": copies}
        | ({"AvailabilityZone": zone} if zone else {})
        for name, one, zone, copies in rows
    ]


def test_more_copies_than_there_are_cannot_be_kept() -> None:
    with pytest.raises(InputError, match="more copies are to be kept than there are: chat has 3"):
        icplan.drill(ENDPOINT, keep={"chat": 4})


def test_an_instance_that_is_said_to_hold_too_much_is_named() -> None:
    """The locations are told to be wrong, not the number of instances."""
    rows = located(("chat", "i-1", "a", 3), ("rank", "i-2", "b", 1))
    endpoint = snapshot(
        GPU4, 2, component("chat", 3, 3, 1024), component("rank", 1, 1, 1024), CopyLocations=rows
    )
    said = "CopyLocations put 3 of chat on one ml.g5.12xlarge: 9 accelerators reserved, at most 4 there"
    assert said in " ".join(icplan.drill(endpoint, ["instance"]).notes)
    assert said in " ".join(icplan.headroom(endpoint).fleets[0].notes)
    request = {"InferenceComponentName": "rank", "DesiredRuntimeConfig": {"CopyCount": 2}}
    (change,) = icplan.check(request, endpoint).changes
    assert said in " ".join(one.message for one in change.findings)


def test_locations_of_what_is_not_there_or_of_some_copies_alone_are_told() -> None:
    rows = located(("chat", "i-1", "a", 1), ("gone", "i-2", "b", 1))
    endpoint = snapshot(GPU4, 2, component("chat", 2, 1, 1024), CopyLocations=rows)
    for notes in (icplan.drill(endpoint, ["instance"]).notes, icplan.headroom(endpoint).fleets[0].notes):
        said = " ".join(notes)
        assert "CopyLocations name gone, which no answer describes" in said
        assert "CopyLocations tell of 1 of 2 of chat" in said


def test_where_copies_are_located_what_is_lost_is_theirs() -> None:
    """Of each instance, and of a zone."""
    rows = located(("chat", "i-1", "a", 2), ("chat", "i-2", "b", 1), ("rank", "i-2", "b", 1))
    endpoint = snapshot(GPU4, 2, component("chat", 3, 1), component("rank", 1, 1), CopyLocations=rows)
    found = losses(endpoint, "instance")
    assert (found["chat"].lost, found["rank"].lost) == (Range(1, 2), Range(0, 1))
    first, second = icplan.drill(endpoint, ["zone"]).events
    assert (first.name, second.name) == ("zone a (1 instance)", "zone b (1 instance)")
    assert [one.lost.low for one in (*first.losses, *second.losses)] == [2, 0, 1, 1]
    assert EventKind.ZONE in {one.kind for one in icplan.drill(endpoint).events}


def test_a_zone_that_is_not_told_may_hold_any_share() -> None:
    assert losses(ENDPOINT, "zone")["chat"].lost == Range(0, 3)
    assert any("zone" in text for text in icplan.drill(ENDPOINT).left_out)


def test_a_quota_goes() -> None:
    """Nothing is lost, but an update finds no instance."""
    found = losses(ENDPOINT, "quota")
    assert found["chat"].note is not None
    assert "finds no instance: ICP502" in found["chat"].note
    assert found["embed"].note is None
    assert found["chat"].note.startswith("a rolling update")


def test_which_update_is_meant_where_a_quota_goes_is_told() -> None:
    """And what one without a policy does is an assumption, as it is set."""
    name = "update-without-deployment-config"
    told = " ".join(icplan.drill(ENDPOINT, ["quota"]).notes)
    assert f"{name}=all-at-once (inferred)" in told
    told = " ".join(icplan.drill(ENDPOINT, ["quota"], assume={name: "one-by-one"}).notes)
    assert f"{name}=one-by-one" in told
    assert name not in " ".join(icplan.drill(ENDPOINT, ["instance"]).notes)


@pytest.mark.parametrize("instances", [0, 2])
@pytest.mark.parametrize("lose", [(), ("quota",), ("zone",)])
def test_of_what_cannot_have_been_placed_nothing_is_kept_for_sure(
    instances: int, lose: tuple[str, ...]
) -> None:
    """Nine GPUs, on none or on two instances with four."""
    found = icplan.drill(snapshot(GPU4, instances, component("chat", 3, 3)), lose)
    kept = [loss for event in found.events for loss in event.losses]
    assert kept
    assert all((loss.left, loss.kept) == (Range(0, 3), None) for loss in kept)
    assert found.exit_code == 3
    assert not any("finds no instance" in (loss.note or "") for loss in kept)


@pytest.mark.parametrize("lose", ["instance", "type", f"{GPU4}=1"])
def test_where_no_instance_runs_none_can_go(lose: str) -> None:
    with pytest.raises(icplan.InputError, match=r"can(not)? go"):
        icplan.drill(snapshot(GPU4, 0, component("chat", 0, 3)), [lose])


def test_what_is_not_sure_of_the_snapshot_is_told() -> None:
    torn = icplan.drill(ENDPOINT | {"Consistent": False}, ["instance"])
    assert torn.events[0].losses[0].lost == Range(0, 3)
    assert "Consistent is false" in " ".join(torn.notes)
    impossible = icplan.drill(snapshot(GPU4, 2, component("chat", 3, 3)), ["instance"])
    assert impossible.events[0].losses[0].lost == Range(0, 3)


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({}, "IDLE_RELEASE, inferred"),
        ({"ScaleInPolicy": {"Strategy": "IDLE_RELEASE"}}, "IDLE_RELEASE, documented"),
        ({"ScaleInPolicy": {"Strategy": "CONSOLIDATION"}}, "CONSOLIDATION moves copies"),
    ],
)
def test_what_scale_in_does_is_said(policy: dict[str, Any], said: str) -> None:
    endpoint = json.loads(json.dumps(ENDPOINT))
    (variant,) = endpoint["EndpointConfig"]["ProductionVariants"]
    variant["ManagedInstanceScaling"] |= policy
    assert said in " ".join(icplan.drill(endpoint, ["instance"]).notes)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--lose", "instance"), 3),
        (("--lose", "instance", "--strict"), 2),
        (("--lose", "instance", "--keep", "0"), 0),
        (("--lose", "instance", "--keep", "0", "--max-age", "1h"), 3),
        (("--lose", "instance", "--keep", "chat=3"), 1),
        (("--lose", "instance", "--keep", "100%"), 1),
        (("--lose", "quota"), 0),
        (("--lose", "type"), 1),
        (("--lose", f"{GPU4}=4"), 2),
        (("--lose", f"{GPU4}=0"), 2),
        (("--lose", f"{GPU8}=1"), 2),
        (("--lose", "everything"), 2),
        (("--keep", "nobody=1"), 2),
        (("--keep", "9"), 2),
        (("--keep", "chat=9"), 2),
        (("--keep", "101%"), 2),
        (("--keep", "-1"), 2),
        (("--keep", "1", "--keep", "2"), 2),
        (("--keep", "chat=1", "--keep", "chat=2"), 2),
    ],
)
def test_it_exits_as_it_says(arguments: tuple[str, ...], code: int) -> None:
    done = run(*arguments)
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output


@pytest.mark.usefixtures("folder")
def test_json_follows_the_published_schema_and_comes_back() -> None:
    """Write the schema anew with: python -m icplan.verdict.schema docs"""
    published = json.loads((DOCS / "drill.schema.json").read_text())
    assert published == drill_schema()
    jsonschema.Draft202012Validator.check_schema(published)
    written = json.loads(run("--format", "json").stdout)
    jsonschema.Draft202012Validator(published).validate(written)
    assert json.loads(json.dumps(to_dict(from_dict(written)))) == written


def test_what_is_no_drill_is_told_by_its_place() -> None:
    with pytest.raises(NotADrill) as error:
        from_dict({"IcplanDrill": 1, "Snapshot": None, "Events": [{}]})
    assert error.value.path == "$.Events[0].Kind"


@pytest.mark.usefixtures("folder")
def test_csv_has_a_row_for_each_event_and_component() -> None:
    rows = list(csv.DictReader(io.StringIO(run("--lose", "instance", "--format", "csv").stdout)))
    assert [(one["component"], one["lost_low"], one["lost_high"], one["kept"]) for one in rows] == [
        ("chat", "1", "1", "yes"),
        ("embed", "0", "4", ""),
    ]


@given(fleets())
def test_what_is_left_and_lost_are_all_copies(case: Case) -> None:
    """And what runs later is never less, nor more than there was."""
    found = icplan.drill(
        icplan.Snapshot.from_dict(shown(case)), allocatable=settings(case), catalog=catalog(case)
    )
    jsonschema.Draft202012Validator(drill_schema()).validate(json.loads(json.dumps(to_dict(found))))
    for loss in (loss for event in found.events for loss in event.losses):
        assert loss.lost.high is not None
        assert (loss.left.low, loss.left.high) == (loss.copies - loss.lost.high, loss.copies - loss.lost.low)
        lows = [loss.left.low, loss.placed_again.low, loss.after_replacement.low]
        assert lows == sorted(lows)
        highs = [loss.left.high, loss.placed_again.high, loss.after_replacement.high]
        assert all(high is not None and high <= loss.copies for high in highs)
