"""What one request costs: what is entered, called, parsed, read and copied, counted; and processor time.

    python benchmarks/trace_request.py
    python benchmarks/trace_request.py --against OTHER_CHECKOUT

The request is the README's, through the command line. It is run once before it is counted, so that imports
are not in the counts; nor is a generator that goes on. With ``--against``, processor times of this checkout
and another are measured in turn, in one run: a check inside one process, and the whole command.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import importlib
import io
import json
import opcode
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType

#: What is counted, each as calls of a function: module and qualified name. Of several, one has to be there:
#: names change, and this script is to count what came before as well.
COUNTED = {
    "judgements": (
        ("icplan.one_change", "Run._change"),
        ("icplan.judge.change", "ChangeSetState._change"),
        ("icplan.judge.change", "judge_change"),
    ),
    "parses": (("icplan.spec.parse", "parse_partially"), ("icplan.requests.parse", "parse_partially")),
    "fleets read of a document": (
        ("icplan.fleet.read", "read"),
        ("icplan.snapshot.build_fleet", "build_fleet"),
        ("icplan.snapshot.read_endpoint", "read_endpoint"),
    ),
}
#: Not calls of a function: newer Pythons run most of these in place.
INNER = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}
#: A deep copy is one of the document if it has this member.
DOCUMENT = "EndpointConfig"

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "fragmented"
CHANGE, SNAPSHOT = str(EXAMPLE / "update.yaml"), str(EXAMPLE / "endpoint.json")
#: A change that simply fits: the command's time is then that of starting it.
FITTING = {"InferenceComponentName": "chat", "DesiredRuntimeConfig": {"CopyCount": 2}}
ROUNDS, CHECKS, STARTS = 5, 15, 3


class Trace:
    """A profile function that counts calls of a package's own code, resumptions of generators apart."""

    def __init__(self, folder: Path) -> None:
        self.folder = f"{folder}{os.sep}"
        self.calls: Counter[CodeType] = Counter()
        self.copied = self.depth = self.deepest = 0

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code is copy.deepcopy.__code__:
            self._copy(frame)
        if not code.co_filename.startswith(self.folder):
            return
        if event == "return":
            self.depth -= 1
        elif event == "call":
            self.depth += 1
            self.deepest = max(self.depth, self.deepest)
            if not resumed(frame):
                self.calls[code] += 1

    def _copy(self, frame: FrameType) -> None:
        value, caller = frame.f_locals["x"], frame.f_back
        ours = caller is not None and caller.f_code.co_filename.startswith(self.folder)
        self.copied += ours and isinstance(value, dict) and DOCUMENT in value


def resumed(frame: FrameType) -> bool:
    """Whether a frame goes on after a yield or an await: its RESUME then has another argument than 0."""
    code, at = frame.f_code.co_code, frame.f_lasti
    return at >= 0 and opcode.opname[code[at]] == "RESUME" and code[at + 1] & 3 != 0


def command(*arguments: str) -> None:
    from icplan.cli.main import main  # noqa: PLC0415 - the icplan that is first on the path

    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
        main(arguments)


def traced() -> dict[str, int]:
    """The counts of one request."""
    import icplan  # noqa: PLC0415

    asked = ("check", CHANGE, "--snapshot", SNAPSHOT)
    command(*asked)
    trace = Trace(Path(str(icplan.__file__)).parent)
    sys.setprofile(trace)
    try:
        command(*asked)
    finally:
        sys.setprofile(None)
    functions = {code: number for code, number in trace.calls.items() if code.co_name not in INNER}
    counts = {
        "modules entered": len({code.co_filename for code in trace.calls}),
        "functions entered": len(functions),
        "function calls": sum(functions.values()),
        "comprehensions begun": trace.calls.total() - sum(functions.values()),
        "greatest depth": trace.deepest,
    }
    for what, names in COUNTED.items():
        counts[what] = sum(trace.calls[code] for code in codes(what, names))
    return counts | {"deep copies of the document": trace.copied}


def codes(what: str, names: tuple[tuple[str, str], ...]) -> Iterator[CodeType]:
    """The code of each function that is there; at least one has to be."""
    found = 0
    for module, name in names:
        with contextlib.suppress(ModuleNotFoundError, AttributeError):
            value: Any = importlib.import_module(module)
            for part in name.split("."):
                value = getattr(value, part)
            found += 1
            yield value.__code__
    if not found:
        raise SystemExit(f"{what}: none of {names} is there; the table COUNTED has to follow the code")


def check_seconds() -> float:
    """Processor seconds of one check of the example in this process, the least of several."""
    import icplan  # noqa: PLC0415

    icplan.check(CHANGE, SNAPSHOT)
    spent = []
    for _ in range(CHECKS):
        began = time.process_time()
        icplan.check(CHANGE, SNAPSHOT)
        spent.append(time.process_time() - began)
    return min(spent)


def child_seconds(arguments: list[str], checkout: Path) -> float:
    """Processor seconds of a command with the icplan of a checkout."""
    # Run elsewhere: where a Python starts may come before PYTHONPATH.
    where = {"cwd": tempfile.gettempdir(), "env": os.environ | {"PYTHONPATH": str(checkout)}}
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL, **where)  # type: ignore[call-overload]
    _, _, used = os.wait4(process.pid, 0)
    return float(used.ru_utime + used.ru_stime)


def asked_of(checkout: Path) -> float:
    """`check_seconds` in a fresh process with the icplan of a checkout."""
    return float(
        subprocess.run(
            [sys.executable, __file__, "--seconds"],
            env=os.environ | {"PYTHONPATH": str(checkout)},
            cwd=tempfile.gettempdir(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )


def compared(other: Path) -> None:
    """Both checkouts in turn, so that whatever else the machine does meets both."""
    with tempfile.TemporaryDirectory() as folder:
        change = Path(folder) / "change.json"
        change.write_text(json.dumps(FITTING))
        bare = ["-m", "icplan", "check"]
        measured: dict[str, Callable[[Path], float]] = {
            "check of the README's example, in process": asked_of,
            "icplan check, README's example": lambda at: started([*bare, CHANGE, "--snapshot", SNAPSHOT], at),
            "icplan check, of what fits (start-up)": lambda at: started(
                [*bare, str(change), "--snapshot", SNAPSHOT], at
            ),
        }
        print(f"\n{'processor time, ms (least; median)':<44}{'here':>16}{'there':>16}{'here/there':>12}")
        for what, seconds in measured.items():
            here, there = [], []
            for _ in range(ROUNDS):
                here.append(1000 * seconds(ROOT))
                there.append(1000 * seconds(other))
            texts = [f"{min(side):.1f}; {statistics.median(side):.1f}" for side in (here, there)]
            print(f"{what:<44}{texts[0]:>16}{texts[1]:>16}{min(here) / min(there):>12.2f}")


def started(arguments: list[str], checkout: Path) -> float:
    return min(child_seconds(arguments, checkout) for _ in range(STARTS))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="compare processor times with it")
    parser.add_argument("--seconds", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.seconds:
        print(check_seconds())
        return
    for what, number in traced().items():
        print(f"{what:<30}{number:>8}")
    if options.against:
        compared(options.against.resolve())


if __name__ == "__main__":
    main()
