"""What `icplan plan` writes, and where it starts from: every file is read back, and what it makes fits."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from support.drawn_components import PRICES, SETTINGS, Size, drawn_components
from support.endpoints import GPU4, component, snapshot
from support.examples import share
from support.terraform_plans import terraform_plan

import icplan
from icplan.cli import plan_endpoint
from icplan.cli.main import main
from icplan.report.plan_files import plan_files

if TYPE_CHECKING:
    from click.testing import Result

TAKEN = snapshot(
    GPU4,
    5,
    component("chat", 3, 2),
    component("embed", 2, 1),
    scaling=(1, 9),
    TakenAt="2026-11-20T02:11:08Z",
    Region="us-east-1",
)
BASE = ("plan", "chat.json", "--prices", "prices.json", "--types", "ml.g5.12xlarge")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a component, prices and a snapshot lie."""
    monkeypatch.chdir(tmp_path)
    request = {
        "InferenceComponentName": "chat",
        "EndpointName": "prod",
        "VariantName": "AllTraffic",
        "Specification": {
            "ModelName": "v1",
            "ComputeResourceRequirements": {
                "NumberOfAcceleratorDevicesRequired": 2,
                "MinMemoryRequiredInMb": 4096,
            },
        },
        "RuntimeConfig": {"CopyCount": 3},
    }
    Path("chat.json").write_text(json.dumps(request))
    Path("prices.json").write_text(json.dumps(PRICES))
    Path("endpoint.json").write_text(json.dumps(TAKEN))
    return tmp_path


def run(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code == code, done.output
    return done


@pytest.mark.usefixtures("folder")
def test_the_files_are_written_and_fit() -> None:
    """The report names them; the role has its place; the plot is an image."""
    done = run(*BASE, "--write", "out", "--plot", "out/plot.svg")
    assert done.stdout.endswith(
        "written  out/plot.svg  out/endpoint-config.json  out/endpoint.json\n"
        "         out/components/*.json  out/template.yaml  out/main.tf\n"
    )
    assert "put your execution role there" in done.stderr
    run("check", "out/endpoint-config.json", "out/endpoint.json", "out/components/01-chat.json")
    run("check", "out/template.yaml")
    ET.parse("out/plot.svg")  # noqa: S314  (our own)
    run(*BASE, "--write", "out", "--role", "arn:aws:iam::123456789012:role/serve")
    configuration = json.loads(Path("out/endpoint-config.json").read_text())
    assert configuration["ExecutionRoleArn"] == "arn:aws:iam::123456789012:role/serve"


@pytest.mark.usefixtures("folder")
def test_components_of_another_plan_are_not_mixed_in() -> None:
    """A file that this plan does not write would be taken for one of its own."""
    Path("out/components").mkdir(parents=True)
    Path("out/components/09-old.json").write_text("{}")
    done = run(*BASE, "--write", "out", code=2)
    assert "out/components: holds 09-old.json, which is not of this plan" in done.stderr
    assert not Path("out/template.yaml").exists()


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--plot", "chat.json"), "it is an input"),
        (("--plot", "prices.json"), "it is an input"),
        (("-o", "chat.json"), "it is an input"),
        (("--write", "chat.json"), "chat.json: cannot be made"),
        (("--plot", "absent/plot.svg"), "absent/plot.svg: "),
        (("--write", "out", "--plot", "absent/plot.svg"), "absent/plot.svg: "),
        (("--min-savings", "10%"), "--min-savings goes with --from or --endpoint"),
        (("--from", "endpoint.json", "--endpoint", "prod"), "give either --from SNAPSHOT or --endpoint NAME"),
        (("--from", "endpoint.json", "--min-savings", "much"), "cannot read the least savings 'much'"),
        (("--from", "absent.json"), "there is no such file"),
        (("--from", "-", "--prices", "-"), "standard input can be read only once"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], said: str) -> None:
    before = Path("chat.json").read_text()
    done = run(*BASE, *arguments, code=2)
    assert said in done.stderr
    assert Path("chat.json").read_text() == before
    assert not Path("absent").exists()


@pytest.mark.usefixtures("folder")
def test_without_a_fleet_nothing_is_written() -> None:
    done = run(*BASE, "--quota", "ml.g5.12xlarge=1", "--write", "out", code=1)
    assert "no file is written into out: there is no fleet" in done.stderr
    assert not Path("out").exists()


@pytest.mark.usefixtures("folder")
def test_the_other_formats() -> None:
    rows = list(csv.DictReader(io.StringIO(run(*BASE, "--format", "csv").stdout)))
    assert (rows[0]["table"], rows[0]["fleet"]) == ("plan", "2 x ml.g5.12xlarge")
    page = run(*BASE, "--format", "html").stdout
    assert page.startswith("<!doctype html>")
    assert "At rest, for example" in page
    run(*BASE, "--format", "html", "-o", "plan.html", "--write", "out")
    assert Path("plan.html").read_text() == page


@pytest.mark.usefixtures("folder")
def test_an_endpoint_is_planned_anew() -> None:
    """Its components are the set; what it runs stands beside the plan, in each format."""
    base = ("plan", "--from", "endpoint.json", "--prices", "prices.json", "--types", "ml.g5.12xlarge")
    text = run(*base).stdout
    assert "CONSOLIDATION of prod, as of 2026-11-20T02:11:08Z\n" in text
    assert "now        5 x ml.g5.12xlarge, 35.45 $/h" in text
    assert "needed     2 x ml.g5.12xlarge" in text
    refused = " ".join(run(*base, "--min-savings", "90%").stdout.split())
    assert "not worth it (--min-savings 90%)" in refused
    told = json.loads(run(*base, "--format", "json").stdout)
    assert told["Consolidation"]["Worth"] == "worth-it"
    assert "CONSOLIDATION of prod" in run(*base, "--format", "html").stdout
    done = run(*base, "--write", "out")
    assert "template.yaml and main.tf are not written: the endpoint is there" in done.stderr
    assert not Path("out/components").exists()
    assert json.loads(Path("out/endpoint.json").read_text())["Operation"] == "UpdateEndpoint"
    role = TAKEN["EndpointConfig"]["ExecutionRoleArn"]
    assert json.loads(Path("out/endpoint-config.json").read_text())["ExecutionRoleArn"] == role


@pytest.mark.usefixtures("folder")
def test_how_old_a_snapshot_is_and_what_it_lacks_is_told() -> None:
    Path("endpoint.json").write_text(json.dumps(TAKEN | {"Notes": ["the quotas could not be read"]}))
    base = ("plan", "--from", "endpoint.json", "--prices", "prices.json", "--types", "ml.g5.12xlarge")
    said = run(*base).stderr
    assert "the quotas could not be read" in said
    assert "endpoint.json is" in said
    assert "days old; what the endpoint runs may have changed since" in said


@pytest.mark.usefixtures("folder")
def test_the_live_endpoint_is_planned_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read as other commands read it, without what no plan needs."""
    asked: list[tuple[str, Any]] = []

    def read(endpoint: str, options: dict[str, Any], _running: object) -> icplan.Snapshot:
        asked.append((endpoint, options["only_parts"]))
        return icplan.Snapshot.from_dict(TAKEN)

    monkeypatch.setattr(plan_endpoint, "read_live", read)
    base = ("plan", "--endpoint", "prod", "--prices", "prices.json", "--types", "ml.g5.12xlarge")
    assert "CONSOLIDATION of prod" in run(*base).stdout
    assert asked == [("prod", ("scaling", "instance-types"))]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("place", ["type", "amount", "source", "discount", "savings", "role", "folder"])
def test_no_secret_and_no_command_is_told(place: str) -> None:
    """Whatever stands where in prices, and on the command line."""
    evil = "ghp_" + "a1B2c3D4" * 5 + "\n::error::x\x1b[31m"
    prices, more = json.loads(json.dumps(PRICES)), list[str]()
    match place:
        case "type":
            prices["PerHour"][evil] = "1"
        case "amount":
            prices["PerHour"]["ml.g5.12xlarge"] = evil
        case "source":
            prices["Source"] = evil
        case "discount":
            more = ["--discount", evil]
        case "savings":
            more = ["--from", "endpoint.json", "--min-savings", evil]
        case "role":
            more = ["--write", "out", "--role", evil]
        case "folder":
            more = ["--write", f"prices.json/{evil}"]
    Path("prices.json").write_text(json.dumps(prices))
    for form in ("text", "json", "csv", "html"):
        done = CliRunner().invoke(main, [*BASE, *more, "--format", form])
        assert done.exit_code == (0 if place == "source" else 2), done.output
        assert "a1B2c3D4" not in done.output
        assert "\x1b" not in done.output
        assert not re.search(r"(?m)^\s*::", done.output)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("most", "held"), [(9, False), (9, True), (3, False)])
def test_the_least_and_most_copies_are_written_as_given(most: int, held: bool) -> None:
    """And where the plan does not hold the most, that is told."""
    request = json.loads(Path("chat.json").read_text())
    Path("chat.json").write_text(json.dumps({"Request": request, "Copies": {"Min": 1, "Max": most}}))
    more = ("--hold", "autoscaling") if held else ()
    done = run(*BASE, *more, "--write", "out", "--format", "json")
    assert ("MaxCapacity of chat is 9, and the plan holds 3" in done.stderr) is (most == 9 and not held)
    assert f"MinCapacity: 1\n      MaxCapacity: {most}\n" in Path("out/template.yaml").read_text()
    terraform = re.sub(" +", " ", Path("out/main.tf").read_text())
    assert f"min_capacity = 1\n max_capacity = {most}\n" in terraform
    assert json.loads(done.stdout)["Components"][0]["MinCopies"] == 1


@pytest.mark.usefixtures("folder")
def test_a_partition_layout_is_written_where_it_can_be() -> None:
    """The request has it; CloudFormation and the aws provider do not."""
    chat = json.loads(Path("chat.json").read_text())
    required = chat["Specification"]["ComputeResourceRequirements"]
    required |= {"AcceleratorPartitionType": "mig-3g.40gb", "NumberOfAcceleratorDevicesRequired": 1}
    layout = [{"AcceleratorPartitionTypes": ["mig-3g.40gb", "mig-3g.40gb"]}]
    variant = {
        "VariantName": "AllTraffic",
        "InstanceType": "ml.p5.48xlarge",
        "InitialInstanceCount": 1,
        "AcceleratorPartitionLayouts": layout,
    }
    configuration = {"EndpointConfigName": "c", "ProductionVariants": [variant]}
    found = icplan.plan([configuration, chat], by="instances", types=["ml.p5.*"])
    texts, notes = plan_files(found, "arn:aws:iam::123456789012:role/serve")
    assert [note.split(" is ")[0] for note in notes] == ["template.yaml", "main.tf"]
    (made,) = json.loads(texts["endpoint-config.json"])["ProductionVariants"]
    assert made["AcceleratorPartitionLayouts"] == layout
    assert icplan.check(found.requests("arn:aws:iam::123456789012:role/serve")).fits


@pytest.mark.usefixtures("folder")
def test_a_file_takes_the_place_of_what_runs() -> None:
    """Of the same name; others come to it."""
    new = json.loads(Path("chat.json").read_text()) | {"InferenceComponentName": "rank"}
    Path("rank.json").write_text(json.dumps(new))
    base = ("--from", "endpoint.json", "--prices", "prices.json", "--types", "ml.g5.12xlarge")
    told = json.loads(run("plan", "chat.json", "rank.json", *base, "--format", "json").stdout)
    assert sorted(one["Name"] for one in told["Components"]) == ["chat", "embed", "rank"]
    other = new | {"EndpointName": "other"}
    Path("rank.json").write_text(json.dumps(other))
    done = run("plan", "rank.json", *base, code=2)
    assert "rank is for another endpoint than prod" in done.stderr


@pytest.mark.usefixtures("folder")
def test_prices_of_another_region_are_refused() -> None:
    Path("prices.json").write_text(json.dumps(PRICES | {"Region": "eu-west-1"}))
    done = run("plan", "--from", "endpoint.json", "--prices", "prices.json", code=2)
    assert "is of us-east-1, and the prices are of eu-west-1" in done.stderr


def test_neither_files_nor_an_endpoint() -> None:
    done = run("plan", "--by", "instances", code=2)
    assert "give FILEs with components, --from SNAPSHOT or --endpoint NAME" in done.stderr


def test_a_snapshot_is_planned_for_in_python() -> None:
    found = icplan.plan(
        icplan.Snapshot.from_dict(TAKEN), prices=PRICES, types=["ml.g5.12xlarge"], min_savings="10%"
    )
    assert found.consolidation is not None
    assert found.consolidation.worth == "worth-it"
    assert found.consolidation.savings == 3 * 7_090_000
    with pytest.raises(icplan.InputError, match="min_savings goes with a Snapshot"):
        icplan.plan([TAKEN], prices=PRICES, min_savings="10%")


@pytest.mark.slow
@share(6)
@given(st.integers(0, 10**9))
def test_what_is_written_fits(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    """Of any set of components: its requests, its template and its Terraform, by icplan's own readers."""
    components = drawn_components(Random(seed), Size(4, 4))  # noqa: S311
    found = icplan.plan(components, prices=PRICES, hold=("rest", "update"), allocatable=SETTINGS)
    if found.steady is None:
        return
    folder = tmp_path_factory.mktemp("plan")
    texts, _ = plan_files(found)
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    shown: dict[str, Any] = terraform_plan((folder / "main.tf").read_text(), "prod")
    (folder / "plan.json").write_text(json.dumps(shown))
    requests = sorted((folder / "components").iterdir())
    settings = [part for text in SETTINGS for part in ("--allocatable", text)]
    for files in (
        [folder / "endpoint-config.json", folder / "endpoint.json", *requests],
        [folder / "template.yaml"],
        [folder / "plan.json"],
    ):
        done = CliRunner().invoke(main, ["check", *map(str, files), *settings, "--format", "json"])
        assert done.exit_code == 0, done.output
        verdict = json.loads(done.stdout)
        assert verdict["Outcome"] in ("fits", "fits-after-scale-out")
        made = [one for one in verdict["Changes"] if one["Operation"] == "CreateInferenceComponent"]
        assert len(made) == len(components)
