"""`icplan headroom` and `icplan.headroom`: what is told, and how sure it is where the snapshot is not."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import GPU4, component, create, pooled, snapshot, update
from support.histories import rolling
from support.small_fleets import Case, catalog, fleets, settings
from support.small_fleets import snapshot as shown

import icplan
from icplan.cli.main import main
from icplan.report.headroom_csv import headroom_csv
from icplan.report.headroom_text import row_cells
from icplan.verdict.headroom import ComponentHeadroom, LargestBatch, Range, Stranded
from icplan.verdict.headroom_codec import NotHeadroom, from_dict, headroom_schema, to_dict

if TYPE_CHECKING:
    from click.testing import Result

    from icplan.verdict.headroom import Room

DOCS = Path(__file__).parents[2] / "docs"
CHAT = component("chat", 3, 3, 49152, cpu=12)
EMBED = component("embed", 4, 0, 14336, cpu=4)
ENDPOINT = snapshot(GPU4, 3, CHAT, EMBED, scaling=(1, 5))


def row(endpoint: dict[str, Any], name: str, **more: Any) -> ComponentHeadroom:
    return icplan.headroom(endpoint, **more).components[name]


def now(endpoint: dict[str, Any], name: str, **more: Any) -> Room:
    found = row(endpoint, name, **more).now
    assert found is not None
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with an endpoint and a request in it."""
    monkeypatch.chdir(tmp_path)
    Path("endpoint.json").write_text(json.dumps(ENDPOINT))
    Path("new.json").write_text(json.dumps(create("new", 1, 2, 1024)))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["headroom", "--snapshot", "endpoint.json", *arguments])


batches = st.none() | st.builds(LargestBatch, st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))


@given(batches, batches, st.sampled_from([("now", "max"), ("max",), ("now",)]))
def test_text_csv_and_json_tell_the_same_batches(
    batch: LargestBatch | None, at_max: LargestBatch | None, at: tuple[str, ...]
) -> None:
    """Where more go at the maximum, the text tells both; a single number holds at every moment told."""
    found = icplan.headroom(ENDPOINT, ["embed"], at=at)
    later = at_max if "max" in at else None
    own = attrs.evolve(found.components["embed"], largest_batch=batch, largest_batch_at_max=later)
    found = attrs.evolve(found, components={"embed": own})
    written = to_dict(found)["Components"][0]
    cells = row_cells(own, [])[-2:]
    for cell, name in zip(cells, ("Update", "WithRollback"), strict=True):
        told = {
            moment: written[member][name]
            for moment, member in (("now", "LargestBatch"), ("at max", "LargestBatchAtMax"))
            if written[member] is not None
        }
        if len(set(told.values())) > 1:
            assert cell == ", ".join(f"{size or 'none'} {moment}" for moment, size in told.items())
        else:
            assert cell == ("-" if not told else str(next(iter(told.values())) or "none"))
    for line in csv.DictReader(io.StringIO(headroom_csv(found))):
        of = written[{"now": "LargestBatch", "max": "LargestBatchAtMax"}[line["at"]]]
        sizes = ("", "") if of is None else (str(of["Update"]), str(of["WithRollback"]))
        assert (line["largest_batch"], line["largest_batch_with_rollback"]) == sizes


def test_a_larger_batch_at_the_maximum_is_told_and_surely_goes() -> None:
    """Six copies of one accelerator on two instances that may become three: one at a time now, three then."""
    endpoint = snapshot(GPU4, 2, component("chat", 6, 1), component("rank", 1, 1), scaling=(1, 3))
    text = str(icplan.headroom(endpoint, ["chat"]))
    assert " ".join(row_cells(row(endpoint, "chat"), [])[-2:]).startswith("1 now, 3 at max")
    assert "chat at max: with RollbackMaximumBatchSize 3" in text
    change = update("chat", 3) | {"DeploymentConfig": rolling(3, 3)}
    verdict = icplan.check(change, endpoint)
    assert verdict.fits
    assert verdict.changes[0].rollback_outcome is not None
    assert verdict.changes[0].rollback_outcome.fits


def test_a_batch_that_goes_in_every_course_is_told_where_types_may_change() -> None:
    """Of several types bounds promise little: an emptied instance may come back as another."""
    endpoint = pooled({GPU4: 0, "ml.g5.2xlarge": 2}, component("chat", 2, 1, 8000), scaling=(1, 5))
    cells = " ".join(row_cells(row(endpoint, "chat"), [])[-2:])
    assert cells == "none now, 1 at max none now, 1 at max"
    (change,) = icplan.check(update("chat", 1), endpoint).changes
    assert change.outcome.fits
    assert change.rollback_outcome is not None
    assert change.rollback_outcome.fits


def test_what_hangs_on_an_amount_that_is_not_documented_is_told() -> None:
    """Were that much allocatable, so many would be sure; nothing is said where a user gave the amount."""
    endpoint = snapshot(GPU4, 3, component("embed", 4, 0, 14336, cpu=4))
    (told,) = [one for one in icplan.headroom(endpoint).components["embed"].notes if "counts on" in one]
    assert "98304 MiB of memory, the least that may be allocatable" in told
    settled = icplan.headroom(endpoint, allocatable=[f"{GPU4}.memory=186778"]).components["embed"]
    assert settled.now is not None
    assert f"{settled.now.sure.low} would be sure" in told
    assert not any("memory" in one for one in settled.notes)


def test_what_is_told_of_an_endpoint() -> None:
    """Sure and at best, now and at the maximum; what binds; the largest batch; what is stranded."""
    found = icplan.headroom(ENDPOINT)
    chat, embed = found.components["chat"], found.components["embed"]
    assert chat.now is not None
    assert chat.max is not None
    assert (chat.now.sure, chat.now.best, chat.max.sure) == (Range(0, 0), Range(0, 0), Range(2, 2))
    assert (chat.binds, chat.scattered) == (("accelerators",), ("accelerators",))
    assert embed.now is not None
    assert (embed.now.sure, embed.binds) == (Range(5, 5), ("memory",))
    assert embed.largest_batch is not None
    assert embed.largest_batch.update == 2
    (stranded,) = found.stranded
    assert (stranded.resource, stranded.amount, stranded.sure) == ("accelerators", Range(3, 3), True)
    assert stranded.example == ((3, 1),)


def test_autoscaling_counts_the_maxima_of_the_others() -> None:
    """And not the component's own."""
    targets = [
        {"ResourceId": "inference-component/chat", "MaxCapacity": 4},
        {"ResourceId": "inference-component/embed", "MaxCapacity": 99},
    ]
    endpoint = ENDPOINT | {"ScalableTargets": targets}
    embed = row(endpoint, "embed", at=["max", "autoscaling"])
    assert embed.max is not None
    assert embed.autoscaling is not None
    assert embed.autoscaling.sure.low < embed.max.sure.low
    assert row(ENDPOINT, "embed", at=["autoscaling"]).autoscaling is None


def test_where_others_cannot_all_reach_their_maxima_nothing_is_left() -> None:
    """They take all the room there is."""
    target = {"ResourceId": "inference-component/chat", "MaxCapacity": 6}
    found = row(ENDPOINT | {"ScalableTargets": [target]}, "embed", at=["autoscaling"]).autoscaling
    assert found is not None
    assert found.best == Range(0, 0)


def test_copies_that_wait_come_first() -> None:
    """Two of three run, one has to be placed yet: of the two that have room one is more."""
    chat = component("chat", 3, 1, RuntimeConfig={"DesiredCopyCount": 3, "CurrentCopyCount": 2})
    found = now(snapshot(GPU4, 1, chat), "chat")
    assert (found.waiting, found.sure, found.best) == (1, Range(1, 1), Range(1, 1))


def test_a_component_in_motion_counts_with_all_that_it_may_hold() -> None:
    """Beside it less is sure; it is said that it takes no write."""
    moving = component("moving", 2, 1, InferenceComponentStatus="Updating")
    rest = component("rest", 1, 1)
    found = now(snapshot(GPU4, 2, moving, rest), "rest")
    assert found.sure.low < found.best.low
    assert "takes no write" in " ".join(row(snapshot(GPU4, 2, moving, rest), "moving").notes)


def test_what_is_being_deleted_has_no_headroom() -> None:
    going = component("going", 1, 1, InferenceComponentStatus="Deleting")
    endpoint = snapshot(
        GPU4, 1, CHAT | {"RuntimeConfig": {"DesiredCopyCount": 1, "CurrentCopyCount": 1}}, going
    )
    found = icplan.headroom(endpoint)
    assert list(found.components) == ["chat"]
    assert "going is being deleted" in found.fleets[0].notes[0]
    with pytest.raises(icplan.InputError, match="is being deleted"):
        icplan.headroom(endpoint, ["going"])


def test_a_contradictory_snapshot_makes_nothing_sure() -> None:
    """Nine GPUs cannot lie on two instances of four; what no empty instance takes has no room at all."""
    endpoint = snapshot(GPU4, 2, component("chat", 3, 3), component("huge", 0, 5))
    found = now(endpoint, "chat")
    assert found.sure == Range(0, 2)
    assert now(endpoint, "huge").best == Range(0, 0)
    (fleet,) = icplan.headroom(endpoint).fleets
    assert "cannot have been placed" in fleet.notes[0]


def test_a_torn_snapshot_makes_nothing_known() -> None:
    found = now(ENDPOINT | {"Consistent": False}, "embed")
    assert (found.sure, found.best) == (Range(0, None), Range(0, None))
    assert found.evidence is None


@given(fleets(), st.sampled_from([1, 30, 1000, 100_000]))
def test_a_range_is_never_told_without_a_reason(case: Case, effort: int) -> None:
    """Where the search ended, it is said so."""
    taken = icplan.Snapshot.from_dict(shown(case))
    told = icplan.headroom(taken, allocatable=settings(case), catalog=catalog(case), effort=effort)
    said = {fleet.variant: fleet.notes for fleet in told.fleets}
    for one in told.components.values():
        rooms = [room for room in (one.now, one.max) if room is not None]
        if not all(room.sure.exact and room.best.exact for room in rooms):
            assert one.notes or said[one.variant] or told.assumptions


def test_a_search_that_ended_is_told() -> None:
    """Of components that are alike, too."""
    parts = [component(f"c{n}", 3, n % 3, 3000 + 700 * (n % 6), cpu=1 + n % 6) for n in range(12)]
    told = icplan.headroom(snapshot(GPU4, 12, *parts), effort=1)
    open_ = [one for one in told.components.values() if one.now and not one.now.sure.exact]
    assert open_
    assert all("the search did not settle it" in " ".join(one.notes) for one in open_)


def test_a_mix_that_is_not_told_makes_nothing_sure() -> None:
    """How many of the instances are of which type is not said."""
    endpoint = pooled({GPU4: 1, "ml.g5.48xlarge": 1}, component("chat", 1, 1))
    del endpoint["Endpoint"]["ProductionVariants"][0]["InstancePools"]
    assert now(endpoint, "chat").sure == Range(0, 15)


def test_a_fleet_without_a_told_limit_has_no_maximum() -> None:
    endpoint = snapshot(GPU4, 1, component("chat", 1, 1), scaling=(1, 2))
    del endpoint["EndpointConfig"]["ProductionVariants"][0]["ManagedInstanceScaling"]["MaxInstanceCount"]
    found = icplan.headroom(endpoint, assume={"growth-without-maximum": "unlimited"})
    assert found.components["chat"].max is None
    assert found.fleets[0].max_instances.high is None


@pytest.mark.parametrize(("quota", "most"), [(4, 2), (5, 3), (9, 6)])
def test_the_maximum_is_that_within_the_quota(quota: int, most: int) -> None:
    """What MaxInstanceCount allows, and the quota does not, is not said to run."""
    named = {"QuotaName": f"{GPU4} for endpoint usage", "Value": quota}
    limits = {"Quotas": [named], "InstancesInUse": {GPU4: 4}}
    endpoint = snapshot(GPU4, 2, component("chat", 2, 4), scaling=(1, 6), **limits)
    found = icplan.headroom(endpoint)
    assert found.fleets[0].max_instances == Range(most, most)
    room = found.components["chat"].max
    assert room is not None
    assert room.sure == Range(most - 2, most - 2)


def test_a_requirement_is_told_of_alone() -> None:
    """A request to create a component; with names, of these too."""
    found = icplan.headroom(ENDPOINT, requirement=create("new", 1, 1, 1024))
    assert list(found.components) == ["new"]
    assert found.components["new"].new
    both = icplan.headroom(ENDPOINT, ["chat"], requirement=create("new", 1, 1, 1024))
    assert list(both.components) == ["chat", "new"]


def test_a_requirement_may_stand_in_a_template(tmp_path: Path) -> None:
    """Of an endpoint that is there; on the command line, too."""
    asked = create("new", 1, 1, 1024)
    resource = {"Type": "AWS::SageMaker::InferenceComponent", "Properties": asked}
    file, taken = tmp_path / "template.json", tmp_path / "endpoint.json"
    file.write_text(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"New": resource}}))
    taken.write_text(json.dumps(ENDPOINT))
    found = icplan.headroom(taken, requirement=file)
    assert found.components == icplan.headroom(ENDPOINT, requirement=asked).components
    arguments = ["headroom", "--snapshot", str(taken), "--no-config", "--requirement", str(file)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert "new (new)" in done.stdout


@pytest.mark.parametrize(
    ("requirement", "said"),
    [
        ({"InferenceComponentName": "chat", "RuntimeConfig": {"CopyCount": 2}}, "one request to create"),
        (create("chat", 1, 1), "is there already"),
        (create("new", 1, 1) | {"EndpointName": "other"}, "is for endpoint 'other'"),
        (create("new", 0, 1), "CopyCount"),
    ],
)
def test_what_is_no_requirement_is_refused(requirement: dict[str, Any], said: str) -> None:
    with pytest.raises(icplan.InputError, match=said):
        icplan.headroom(ENDPOINT, requirement=requirement)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 0),
        (("--at-least", "embed=5"), 0),
        (("--at-least", "chat=1"), 1),
        (("--at", "max", "--at-least", "chat=2"), 0),
        (("--at-least", "embed=6"), 3),
        (("--at-least", "embed=6", "--strict"), 2),
        (("--at-least", "embed=6", "--at-least", "chat=1"), 1),
        (("--at-least", "nobody=1"), 2),
        (("--at-least", "chat"), 2),
        (("--at-least", "chat=-1"), 2),
        (("--at-least", "chat=1", "--at-least", "chat=2"), 2),
        (("chat", "--at-least", "embed=5"), 0),
        (("--requirement", "new.json", "--at-least", "chat=1"), 1),
        (("nobody",), 2),
        (("--requirement", "new.json"), 0),
        (("--requirement", "endpoint.json"), 2),
        (("--max-age", "1h"), 3),
    ],
)
@pytest.mark.usefixtures("folder")
def test_it_exits_as_it_says(arguments: tuple[str, ...], code: int) -> None:
    done = run(*arguments)
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output


@pytest.mark.usefixtures("folder")
def test_json_follows_the_published_schema_and_comes_back() -> None:
    """Write the schema anew with: python -m icplan.verdict.schema docs"""
    published = json.loads((DOCS / "headroom.schema.json").read_text())
    assert published == headroom_schema()
    jsonschema.Draft202012Validator.check_schema(published)
    written = json.loads(run("--format", "json", "--at-least", "chat=1").stdout)
    jsonschema.Draft202012Validator(published).validate(written)
    assert json.loads(json.dumps(to_dict(from_dict(written)))) == written


@given(fleets())
def test_any_headroom_follows_the_schema(case: Case) -> None:
    snapshot_of_it = icplan.Snapshot.from_dict(shown(case))
    found = icplan.headroom(snapshot_of_it, allocatable=settings(case), catalog=catalog(case))
    written = json.loads(json.dumps(to_dict(found)))
    jsonschema.Draft202012Validator(headroom_schema()).validate(written)
    assert json.loads(json.dumps(to_dict(from_dict(written)))) == written


def test_what_is_no_headroom_is_told_by_its_place() -> None:
    with pytest.raises(NotHeadroom) as error:
        from_dict({"IcplanHeadroom": 1, "Snapshot": None, "Components": [{}]})
    assert error.value.path == "$.Components[0].Name"


@pytest.mark.usefixtures("folder")
def test_csv_has_a_row_for_each_component_and_moment() -> None:
    rows = list(csv.DictReader(io.StringIO(run("--format", "csv").stdout)))
    assert [(one["component"], one["at"], one["sure_low"]) for one in rows] == [
        ("chat", "now", "0"),
        ("chat", "max", "2"),
        ("embed", "now", "5"),
        ("embed", "max", "17"),
    ]


@pytest.mark.usefixtures("folder")
def test_it_is_written_to_a_file_and_over_no_input() -> None:
    assert run("-o", "endpoint.json").exit_code == 2
    done = run("-o", "told.txt")
    assert (done.exit_code, done.stdout) == (0, "")
    assert Path("told.txt").read_text().startswith("HEADROOM of prod")


@pytest.mark.usefixtures("folder")
def test_an_endpoint_without_components_is_told_so() -> None:
    Path("endpoint.json").write_text(json.dumps(snapshot(GPU4, 1)))
    assert "no component runs" in run().stdout


@pytest.mark.parametrize("command", ["headroom", "drill", "diagnose"])
def test_what_runs_must_be_named(command: str) -> None:
    """Only a check may do without: what it is told may make the endpoint."""
    refused = CliRunner().invoke(main, [command])
    assert refused.exit_code == 2
    assert "give either --snapshot FILE or --endpoint NAME\n" in refused.stderr


@pytest.mark.parametrize(
    ("resource", "low", "high", "said"),
    [
        ("memory", 147456, 412878, "147456 to 412878 MiB of memory"),
        ("memory", 147456, 294912, "144 to 288 GiB of memory"),
        ("memory", 147456, 147456, "144 GiB of memory"),
        ("accelerators", 0, 1, "0 to 1 accelerator"),
        ("cpu", 500, 2000, "0.5 to 2 CPU cores"),
    ],
)
def test_what_is_stranded_has_one_unit(resource: str, low: int, high: int, said: str) -> None:
    runs = icplan.headroom(snapshot(GPU4, 3, component("chat", 3, 3)))
    (fleet,) = runs.fleets
    stranded = (Stranded(resource, Range(low, high), sure=True),)
    text = " ".join(str(attrs.evolve(runs, fleets=(attrs.evolve(fleet, stranded=stranded),))).split())
    assert f"stranded {said}: no component here fits" in text


def test_a_batch_that_goes_without_a_launch_goes_where_one_may_be() -> None:
    """However little work there is left to look for larger ones."""
    held = [component(f"c{n}", 3 + n, n % 2, 19_000 + 3_001 * n, cpu=3 + n) for n in range(3)]
    found = icplan.headroom(snapshot(GPU4, 6, *held, scaling=(1, 9)), effort=60_000).components["c1"]
    assert found.largest_batch == LargestBatch(2, 2, 2)
    assert found.largest_batch_at_max == LargestBatch(2, 2, 2)


def test_what_a_requirement_declares_that_runs_already_is_named(tmp_path: Path) -> None:
    """It is no new component; its room is told by its name."""
    (tmp_path / "e.json").write_text(json.dumps(snapshot(GPU4, 2, component("chat", 2, 1))))
    (tmp_path / "u.json").write_text(json.dumps(update("chat")))
    asked = ["headroom", "--snapshot", str(tmp_path / "e.json"), "--requirement", str(tmp_path / "u.json")]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 2
    assert "none that is not there yet. It changes chat: give that name" in " ".join(done.stderr.split())
