"""Whether two versions of icplan answer alike: the same inputs to each, a line per answer, the difference.

    python tests/support/compare_versions.py draw 10000 inputs.jsonl
    PYTHONPATH=BEFORE python tests/support/compare_versions.py judge inputs.jsonl before.jsonl
    PYTHONPATH=AFTER python tests/support/compare_versions.py judge inputs.jsonl after.jsonl
    PYTHONPATH=AFTER python tests/support/compare_versions.py packing packing.jsonl
    python tests/support/compare_versions.py diff before.jsonl after.jsonl --inputs inputs.jsonl

Inputs are drawn once (see drawn_inputs.py for what, and how large they may be) and kept in the file. Judging
has no time limit, since an answer must not depend on the machine; it uses two processes, and only public
names of the icplan that comes first on PYTHONPATH. ``packing`` answers the questions that benchmarks/packing
generates. Lines are canonical JSON: members sorted, no spaces. ``diff`` exits with 1 if an answer differs;
``--allow-added`` leaves out of account what the second version says in addition.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# What is loaded depends on the command: judging must not load what only drawing needs.
# ruff: noqa: PLC0415

ROOT = Path(__file__).parents[2]
PROCESSES = 2
#: A difference: where, before and after.
Difference = tuple[str, Any, Any]
MISSING = "(nothing)"


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def draw(number: int, output: Path) -> None:
    """So many random inputs, after those of the tests and examples."""
    # Behind PYTHONPATH, so that icplan is the one that was asked for.
    sys.path += [str(ROOT / "tests"), str(ROOT / "tests" / "cases")]
    from support.drawn_inputs import known_inputs, random_inputs

    with output.open("w", encoding="utf-8") as lines:
        for case in (*known_inputs(), *random_inputs(number)):
            lines.write(canonical(case) + "\n")


def judged(line: str) -> str:
    """The verdict on an input, as the command writes it, or the text of the error."""
    import icplan
    from icplan.report.formats import render

    case = json.loads(line)
    try:
        snapshot = icplan.Snapshot.from_dict(case["Snapshot"])
        verdict = icplan.check(case["Change"], snapshot, time_limit=math.inf, **case["Options"])
        answer = {"Verdict": json.loads(render(verdict, "json"))}
    except icplan.IcplanError as error:
        answer = {"Error": str(error)}
    except Exception as error:  # noqa: BLE001 - a fault in one version is a difference too
        answer = {"Fault": f"{type(error).__name__}: {error}"}
    return canonical({"Id": case["Id"]} | answer)


def packed(question: tuple[dict[str, Any], Any]) -> str:
    """The answer to a generated packing question, with its placement or proof."""
    from icplan.packing import pack

    about, problem = question
    packing = pack(problem)
    placement = [[p.bin, p.times, p.copies, p.leaving] for p in packing.placement or ()]
    name = f"{about['Family']}-{about['Size']}-{about['Seed']}"
    proof: Any = packing.proof
    if proof is not None and not isinstance(proof, dict):
        from icplan.packing.certificate import certificate_to_json

        proof = certificate_to_json(proof)
    return canonical({"Id": name, "Status": packing.status, "Placement": placement, "Proof": proof})


def packing_questions() -> list[tuple[dict[str, Any], Any]]:
    sys.path += [str(ROOT / "benchmarks" / "packing")]
    from generate import AMOUNTS, generated

    return generated(AMOUNTS, 1)


def answer_all(answer: Callable[[Any], str], asked: list[Any], output: Path) -> None:
    """Every answer to its line, in the order of the questions."""
    import icplan

    print(f"icplan of {Path(str(icplan.__file__)).parent}, {len(asked)} questions", file=sys.stderr)
    began = time.monotonic()
    with multiprocessing.Pool(PROCESSES) as pool, output.open("w", encoding="utf-8") as lines:
        for number, line in enumerate(pool.imap(answer, asked, chunksize=4), start=1):
            lines.write(line + "\n")
            if number % 500 == 0:
                lines.flush()
                print(f"{number} after {time.monotonic() - began:.0f} s", file=sys.stderr)


def differences(before: Any, after: Any, added: bool, path: str = "$") -> Iterator[Difference]:
    """Where two values differ; with ``added``, what an object has more afterwards does not count."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before and not added)]:
            found = before.get(key, MISSING), after.get(key, MISSING)
            yield from differences(*found, added, f"{path}.{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, found in enumerate(zip(before, after, strict=True)):
            yield from differences(*found, added, f"{path}[{number}]")
    elif before != after or type(before) is not type(after):
        yield path, before, after


def diff(before: Path, after: Path, inputs: Path | None, added: bool, shown: int) -> int:
    """Print how many answers are alike, where the others differ, and the first of these with their inputs."""
    old, new = by_id(before), by_id(after)
    asked = by_id(inputs) if inputs else {}
    alike, places, unlike = 0, Counter[str](), 0
    for name in [*old, *(name for name in new if name not in old)]:
        if old.get(name) == new.get(name):
            alike += 1
            continue
        values = [json.loads(side[name]) if name in side else MISSING for side in (old, new)]
        found = list(differences(values[0], values[1], added))
        if not found:
            continue
        unlike += 1
        places.update({re.sub(r"\[\d+\]", "[]", path) for path, _, _ in found})
        if unlike <= shown:
            print(f"\n{name}: {len(found)} differences")
            for path, was, now in found[:10]:
                print(f"  {path}\n    - {canonical(was)[:600]}\n    + {canonical(now)[:600]}")
            if name in asked:
                print(f"  input: {asked[name]}")
    total = len(old.keys() | new.keys())
    print(f"\n{total} answers: {alike} alike, {total - alike - unlike} with additions only, {unlike} differ")
    for path, number in places.most_common(30):
        print(f"{number:>7}  {path}")
    return 1 if unlike else 0


def by_id(file: Path) -> dict[str, str]:
    lines: Iterable[str] = file.read_text(encoding="utf-8").splitlines()
    return {json.loads(line)["Id"]: line for line in lines}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw")
    drawing.add_argument("number", type=int)
    judging = commands.add_parser("judge")
    judging.add_argument("inputs", type=Path)
    packing = commands.add_parser("packing")
    for command in (drawing, judging, packing):
        command.add_argument("output", type=Path)
    comparing = commands.add_parser("diff")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    comparing.add_argument("--inputs", type=Path, help="the inputs, to show with what differs")
    comparing.add_argument("--allow-added", action="store_true", help="further members do not count")
    comparing.add_argument("--show", type=int, default=5, metavar="N", help="the first N that differ")
    options = parser.parse_args()
    match options.command:
        case "draw":
            draw(options.number, options.output)
        case "judge":
            answer_all(judged, options.inputs.read_text(encoding="utf-8").splitlines(), options.output)
        case "packing":
            answer_all(packed, packing_questions(), options.output)
        case _:
            return diff(options.before, options.after, options.inputs, options.allow_added, options.show)
    return 0


if __name__ == "__main__":
    sys.exit(main())
