"""What cannot be judged is refused in one message: what is wrong, in which file, and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support.endpoints import component, create, scale, snapshot, update

import icplan
from icplan.cli.main import main
from icplan.verdict.outcome import Outcome

ENDPOINT = snapshot("ml.g5.12xlarge", 2, component("ic", 2, 1), component("other", 1, 1), scaling=(1, 3))
MANY = 1_000_000_000


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def message(change: object, taken: object = ENDPOINT, config: str = "") -> str:
    """What the command line says of it, which is what Python raises."""
    Path("change.json").write_text(json.dumps(change, indent=1))
    Path("taken.json").write_text(json.dumps(taken, indent=1))
    Path("icplan.toml").write_text(config)
    result = CliRunner().invoke(main, ["check", "change.json", "--snapshot", "taken.json"])
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    if not config:
        with pytest.raises(icplan.InputError) as caught:
            icplan.check("change.json", "taken.json")
        told = str(caught.value).splitlines()
        assert result.stderr.splitlines() == [f"icplan: {line}" for line in told]
    return result.stderr.strip()


def with_runtime(**members: int) -> dict[str, Any]:
    return snapshot("ml.g5.12xlarge", 2, component("x", 1, 1), component("ic", 2, 1, RuntimeConfig=members))


@pytest.mark.parametrize("change", [update("ic", 1), scale("ic", 3), scale("x", 2)])
def test_a_component_whose_copies_are_not_told_is_named_with_file_and_line(change: dict[str, Any]) -> None:
    said = message(change, with_runtime())
    assert said.startswith("icplan: taken.json:")
    assert "$.InferenceComponents[1]" in said


@pytest.mark.parametrize("change", [update("ic", 1), scale("ic", 3), scale("x", 2)])
def test_an_absurd_reservation_in_the_snapshot_is_named_with_file_and_line(change: dict[str, Any]) -> None:
    taken = snapshot("ml.g5.12xlarge", 2, component("x", 1, 1), component("ic", 2, 1, cpu=3e9))
    said = message(change, taken)
    assert said.startswith("icplan: taken.json:")
    assert "$.InferenceComponents[1].Specification.ComputeResourceRequirements.NumberOfCpuCores" in said


def test_an_absurd_reservation_in_a_request_is_named_with_file_and_line() -> None:
    said = message(create("new", 1, 1, cpu=3_000_000_000))
    assert said.startswith("icplan: change.json:")
    assert said.endswith(
        "$.Specification.ComputeResourceRequirements: 3000000000 is no amount a copy can reserve"
    )


@pytest.mark.parametrize(
    ("setting", "parts"),
    [
        ('nonsense = "1"', ("assume.nonsense: there is no assumption 'nonsense'", "nested-members")),
        ('batch-rounding = "sideways"', ("assume.batch-rounding: ", "cannot be 'sideways'", "up or down")),
    ],
)
def test_a_bad_assumption_of_the_configuration_is_named_with_the_file(
    setting: str, parts: tuple[str, ...]
) -> None:
    said = message(scale("ic", 1), config=f"[assume]\n{setting}\n")
    assert all(part in said for part in ("icplan: icplan.toml: ", *parts))


@pytest.mark.parametrize(
    "change",
    [scale("ic", MANY), create("new", MANY, 1), update("ic") | {"RuntimeConfig": {"CopyCount": MANY}}],
)
def test_more_copies_than_can_be_counted_are_refused_at_their_place(change: dict[str, Any]) -> None:
    said = message(change)
    assert said.startswith("icplan: change.json:")
    assert said.endswith(f"RuntimeConfig.CopyCount: icplan counts up to 1000000 copies, not {MANY}")


@pytest.mark.parametrize("name", ["ic", "x"])
def test_a_snapshot_with_more_copies_than_can_be_counted_is_refused(name: str) -> None:
    said = message(scale(name, 3), with_runtime(DesiredCopyCount=MANY, CurrentCopyCount=MANY))
    assert said == f"icplan: taken.json: icplan counts up to 1000000, not {MANY} copies of ic"


def test_a_snapshot_with_more_instances_than_can_be_counted_is_refused() -> None:
    said = message(scale("ic", 3), snapshot("ml.g5.12xlarge", MANY, component("ic", 2, 1)))
    assert [line.rsplit(": ", 2)[1:] for line in said.splitlines()] == [
        [f"$.{place}InstanceCount", "icplan counts up to 1,000,000"]
        for place in (
            "EndpointConfig.ProductionVariants[0].Initial",
            "Endpoint.ProductionVariants[0].Current",
            "Endpoint.ProductionVariants[0].Desired",
        )
    ]


def test_a_million_copies_are_counted() -> None:
    assert icplan.check(scale("ic", 1_000_000), ENDPOINT).outcome is Outcome.DOES_NOT_FIT


def test_an_unknown_operation_is_told_those_that_are_judged() -> None:
    said = message({"Operation": "CreateModel", "Request": {}})
    assert "UpdateInferenceComponentRuntimeConfig" in said
    assert "UpdateEndpointWeightsAndCapacities" in said


def test_a_snapshot_may_be_a_dict_or_a_path() -> None:
    Path("taken.json").write_text(json.dumps(ENDPOINT))
    verdicts = [
        icplan.check(scale("ic", 3), taken)
        for taken in (ENDPOINT, "taken.json", Path("taken.json"), icplan.Snapshot.load("taken.json"))
    ]
    assert {verdict.outcome for verdict in verdicts} == {Outcome.FITS}


@pytest.mark.parametrize("change", [scale("ic", 1), update("ic", 1), create("new", 1, 1)])
def test_a_snapshot_that_does_not_say_what_runs_is_told_so(change: dict[str, Any]) -> None:
    taken = {name: part for name, part in ENDPOINT.items() if name != "InferenceComponents"}
    said = message(change, taken)
    assert said.startswith("icplan: taken.json:")
    assert "$: InferenceComponents is missing. Put the answers of DescribeInferenceComponent there" in said


@pytest.mark.parametrize("lacks", ["EndpointConfig", "Endpoint", "InferenceComponents"])
def test_a_snapshot_put_together_by_hand_is_told_the_member_that_makes_it_one(lacks: str) -> None:
    taken = {name: part for name, part in ENDPOINT.items() if name not in ("IcplanSnapshot", lacks)}
    said = message(scale("ic", 1), taken)
    assert said.startswith("icplan: taken.json:")
    assert said.endswith('$: IcplanSnapshot is missing. Add "IcplanSnapshot": 1')
