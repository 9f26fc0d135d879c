"""Exit codes hold whatever happens, and no file is written or run that was not meant."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hostile import CHANGE, ENDPOINT, check, run, write
from support.endpoints import scale

import icplan
from icplan.errors import AwsError, DoesNotFit, InputError, InputProblem

ICPLAN = [sys.executable, "-c", "from icplan.__main__ import run; run()"]
CHECK = ["check", "change.json", "--snapshot", "snapshot.json"]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tree" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "tree")
    write(Path(), change=CHANGE, snapshot=ENDPOINT)


def shell(command: str) -> int:
    """The exit code of icplan under a shell's redirections."""
    quoted = f"{sys.executable} -c 'from icplan.__main__ import run; run()'"
    return subprocess.run(
        ["bash", "-c", command.replace("ICPLAN", quoted)], check=False, timeout=600
    ).returncode


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("ICPLAN check nowhere.json --snapshot snapshot.json 2>/dev/full", 2),
        ("ICPLAN check nowhere.json --snapshot snapshot.json 2>&-", 2),
        ("ICPLAN check change.json --snapshot snapshot.json >/dev/null 2>/dev/full", 1),
        ("ICPLAN check change.json --snapshot snapshot.json >/dev/null 2>&-", 1),
        ("ICPLAN check change.json --snapshot snapshot.json >/dev/full 2>/dev/full", 2),
        ("ICPLAN check change.json --snapshot snapshot.json >&- 2>&-", 2),
        ("ICPLAN check - --snapshot snapshot.json <&- 2>/dev/null", 2),
        ("mkfifo p; ICPLAN check change.json --snapshot snapshot.json -o p 2>/dev/null", 2),
        ("ulimit -n 8; ICPLAN check change.json --snapshot snapshot.json 2>/dev/null >&2", 2),
    ],
)
def test_exit_codes_hold(command: str, code: int) -> None:
    """1 means that a change fails, and nothing else does."""
    found = shell(command)
    assert found == code or ("ulimit" in command and found in (1, 2))


def test_nothing_of_this_folder_is_run() -> None:
    """``python -m`` looks here first."""
    for name in ("click", "attr", "attrs", "json", "difflib"):
        Path(f"{name}.py").write_text("raise SystemExit(77)\n")
    done = subprocess.run([sys.executable, "-m", "icplan", *CHECK], capture_output=True, check=False)
    assert done.returncode == 1, done.stderr


@pytest.mark.parametrize("inside", [True, False])
def test_a_link_of_the_checkout_is_not_followed(*, inside: bool) -> None:
    """A stranger's link names any file of who runs icplan; a link elsewhere is the user's own."""
    victim = Path("../victim")
    victim.write_text("old")
    link = Path("link" if inside else "../link")
    link.symlink_to(victim.resolve())
    result = check("-o", str(link), "--no-config")
    assert (result.exit_code == 2, victim.read_text() == "old") == (inside, inside)


def test_a_folder_that_is_a_link_is_not_followed_either() -> None:
    """The link may be anywhere on the way."""
    Path("../elsewhere").mkdir()
    Path("out").symlink_to(Path("../elsewhere").resolve())
    assert check("-o", "out/report").exit_code == 2
    assert not list(Path("../elsewhere").iterdir())


@pytest.mark.parametrize("name", ["change.json", "snapshot.json", "icplan.toml", "seen.json", "hard"])
def test_no_input_is_written_over(name: str) -> None:
    """Nor by another name of it."""
    write(Path(), seen={"IcplanObservations": 1, "Observations": []})
    Path("icplan.toml").write_text('observations = ["seen.json"]\n')
    os.link("change.json", "hard")
    before = Path(name).read_bytes()
    result = check("-o", name)
    assert (result.exit_code, Path(name).read_bytes()) == (2, before)
    assert "is not written: it is an input" in result.stderr


def test_messages_come_in_one_order() -> None:
    """Under any hash seed."""
    Path("icplan.toml").write_text("".join(f"{name} = 1\n" for name in "zyxwvutsrq"))
    write(Path(), snapshot=ENDPOINT | dict.fromkeys("zyxwvutsrq", 1))
    said = {
        subprocess.run(
            [*ICPLAN, *CHECK, *more],
            capture_output=True,
            check=False,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stderr
        for seed in ("1", "2", "3")
        for more in ((),)
    }
    assert len(said) == 1


def test_public_exceptions_pickle() -> None:
    """A pool of processes hands them on."""
    verdict = icplan.check(scale("chat", 9), ENDPOINT)
    for error in (
        InputError([InputProblem("a", file="f"), InputProblem("b", path="$")]),
        AwsError("DescribeEndpoint", "refused"),
        DoesNotFit("no", verdict),
    ):
        again = pickle.loads(pickle.dumps(error))  # noqa: S301  (our own)
        assert (type(again), str(again)) == (type(error), str(error))
        assert vars(again) == vars(error)


@pytest.mark.parametrize(
    "options",
    [
        {"ignore": "ICP305"},
        {"ignore": ["ICP3055"]},
        {"ignore": {"305": "x"}},
        {"assume": {"no-such": "x"}},
        {"allocatable": "ml.g5.12xlarge.memory=9"},
    ],
)
def test_python_is_checked_as_the_command_line_is(options: dict[str, object]) -> None:
    """One text is no list of texts, and a rule is one that there is."""
    with pytest.raises(InputError):
        icplan.check(scale("chat", 2), ENDPOINT, **options)  # type: ignore[arg-type]


def test_what_python_sets_is_in_the_verdict() -> None:
    """It comes from no file."""
    verdict = icplan.check(scale("chat", 2), ENDPOINT, ignore=["ICP305"])
    assert [(one.setting, one.file) for one in verdict.config.settings] == [("ignore.ICP305", None)]
    assert json.loads(run(*CHECK, "--format", "json").stdout)["Judged"]["Config"] is None
