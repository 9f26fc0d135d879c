"""The settings file of the command line is taken by `icplan.check`, the guard and Python's other doors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support.endpoints import GPU4, component, create, scale, snapshot

import icplan
from icplan.cli.main import main
from icplan.testing import FakeSageMaker
from icplan.verdict.codec import to_dict

Json = dict[str, Any]
ACCOUNT, OTHER = "123456789012", "111122223333"
RUNS = snapshot(GPU4, 2, component("chat", 2, 3))
NEW_TYPE = "ml.new.xlarge"
TYPES = f'[types."{NEW_TYPE}"]\nvcpu = 8\nmemory_mib = 65536\naccelerators = 4\n'
CHANGES: list[Json] = [scale("chat", 3), create("new", 1, 1, 100_000)]
TABLES = [
    "",
    "time-limit = 45\neffort = 30_000_000\n",
    f'allocatable = ["{GPU4}.memory=90000"]\n',
    f'allocatable = ["{GPU4}.memory=90000..180000"]\nfail-on = ["does-not-fit"]\n',
    '[ignore]\nICP305 = "known"\n',
    '[assume]\nbatch-rounding = "down"\n',
    TYPES,
    f'[types."{GPU4}"]\nvcpu = 48\nmemory_mib = 196608\naccelerators = 8\n',
]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("runs.json").write_text(json.dumps(RUNS))


def configured(text: str, name: str = "icplan.toml") -> str:
    Path(name).write_text(text)
    return name


@pytest.mark.parametrize("asked", CHANGES)
@pytest.mark.parametrize("text", TABLES)
def test_a_file_says_in_python_what_it_says_on_the_command_line(text: str, asked: Json) -> None:
    """Outcome, findings, settings in force, hashes and exit code."""
    config = configured(text, "elsewhere.toml")
    Path("change.json").write_text(json.dumps(asked))
    ran = CliRunner().invoke(
        main, ["check", "change.json", "--snapshot", "runs.json", "--config", config, "--format", "json"]
    )
    verdict = icplan.check("change.json", "runs.json", config=config)
    told, printed = json.loads(json.dumps(to_dict(verdict))), json.loads(ran.stdout)
    for member in ("Outcome", "Changes", "Assumptions", "Config", "Judged", "Ignored"):
        assert told.get(member) == printed.get(member), member
    assert verdict.exit_code == ran.exit_code


def test_what_is_given_wins_over_the_file() -> None:
    config = configured(f'allocatable = ["{GPU4}.memory=1000..180000"]\neffort = 30_000_000\n')
    needs = create("new", 1, 1, 100_000)
    assert icplan.check(needs, RUNS, config=config).outcome is icplan.Outcome.MAY_NOT_FIT
    given = icplan.check(needs, RUNS, config=config, allocatable=[f"{GPU4}.memory=180000"], effort=10_000_000)
    assert given.outcome is icplan.Outcome.FITS
    said = {one.setting: (one.value, one.file) for one in given.config.settings}
    assert said == {f"allocatable.{GPU4}.memory": ("180000", None), "effort": ("10000000", None)}


def test_a_file_is_only_looked_for_where_that_is_asked() -> None:
    """Then here, and in the folders above, as the command looks for it."""
    configured('fail-on = ["scale-out"]\n')
    grown = snapshot(GPU4, 1, component("chat", 1, 3), scaling=(1, 3))
    asked = scale("chat", 2)
    assert icplan.check(asked, grown).exit_code == 0
    assert icplan.check(asked, grown, config=True).exit_code == 1
    assert icplan.check(asked, grown, config=False).exit_code == 0
    Path("icplan.toml").unlink()
    assert icplan.check(asked, grown, config=True).exit_code == 0


@pytest.mark.parametrize("door", [icplan.headroom, icplan.drill, icplan.diagnose])
def test_the_other_doors_take_it_too(door: Any) -> None:
    strange = snapshot(NEW_TYPE, 1, component("chat", 1, 3))
    assert door(strange, config=configured(TYPES))
    with pytest.raises(icplan.InputError, match=f"account {ACCOUNT}, and {OTHER} is expected"):
        door(strange | {"AccountId": ACCOUNT}, config=configured(f'expect-account = "{OTHER}"\n' + TYPES))


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (5, "config: must be the path of a file, or True, not 5"),
        ("missing.toml", "missing.toml"),
        ("wrong.toml", "effort: must be a whole number of units"),
        ("gone.toml", "observations.json"),
    ],
)
def test_what_is_wrong_is_refused_when_guarding(config: Any, said: str) -> None:
    configured("effort = -1\n", "wrong.toml")
    configured('observations = ["observations.json"]\n', "gone.toml")
    with FakeSageMaker(RUNS) as fake:
        client = fake.session().client("sagemaker")
        for call in (
            lambda: icplan.check(scale("chat", 1), RUNS, config=config),
            lambda: guarded(client, config),
        ):
            with pytest.raises(icplan.InputError, match=said):
                call()


def guarded(client: Any, config: Any, **more: Any) -> Any:
    return icplan.guard(client, config=config, **more)


def scaled(client: Any, copies: int) -> None:
    client.update_inference_component_runtime_config(
        InferenceComponentName="chat", DesiredRuntimeConfig={"CopyCount": copies}
    )


def test_a_guard_knows_the_types_of_its_file_which_is_read_once() -> None:
    """Of types that neither the catalog nor EC2 knows, only what starts no copy is let through."""
    with FakeSageMaker(snapshot(NEW_TYPE, 2, component("chat", 2, 3)), judges=False) as fake:
        client, session = fake.session().client("sagemaker"), fake.session()
        icplan.guard(client, session=session)
        with pytest.raises(icplan.InputError, match=NEW_TYPE):
            scaled(client, 3)
        with pytest.raises(icplan.InputError, match=NEW_TYPE):
            client.update_inference_component(
                InferenceComponentName="chat", Specification={"ModelName": "another"}
            )
        scaled(client, 1)
        config = configured(TYPES)
        guarded(client, config, session=session)
        Path(config).unlink()
        scaled(client, 2)
        with pytest.raises(icplan.DoesNotFit):
            scaled(client, 3)


def test_a_guard_writes_to_no_endpoint_of_another_account() -> None:
    """Nor does it delete one, whatever its mode: that is no question of room."""
    with FakeSageMaker(RUNS) as fake:
        plain = fake.session().client("sagemaker")
        for mode in ("enforce", "warn", "report"):
            client = guarded(
                fake.session().client("sagemaker"), configured(f'expect-account = "{OTHER}"\n'), mode=mode
            )
            for write in (
                lambda client=client: scaled(client, 1),
                lambda client=client: client.delete_endpoint(EndpointName="prod"),
                lambda client=client: client.delete_inference_component(InferenceComponentName="chat"),
            ):
                with pytest.raises(icplan.InputError, match=f"and {OTHER} is expected"):
                    write()
        arn = plain.describe_endpoint(EndpointName="prod")["EndpointArn"]
        assert f":{ACCOUNT}:" in arn
        assert not fake.requests["DeleteEndpoint"] + fake.requests["DeleteInferenceComponent"]
        scaled(guarded(plain, configured(f'expect-account = "{ACCOUNT}"\n')), 1)


def test_limits_of_the_file_hold_for_a_guard_and_its_own_judge_is_given_it() -> None:
    found: list[Json] = []

    def judge(change: Any, taken: icplan.Snapshot, **options: Any) -> icplan.Verdict:
        found.append(options)
        return icplan.check(change, taken, **options)

    with FakeSageMaker(RUNS) as fake:
        client = fake.session().client("sagemaker")
        config = configured('time-limit = 30\n[ignore]\nICP505 = "ours"\n')
        scaled(guarded(client, config, judge=judge), 1)
        reports: list[Any] = []
        scaled(guarded(client, config, report=reports.append), 2)
    assert found[0]["config"].time_limit == 30
    said = {one.setting: one.value for one in reports[0].verdict.config.settings}
    assert said == {"ignore.ICP505": "ours", "time-limit": "30"}
