"""Every reader behind the command line, guided by coverage: one clear end for each input, the same each time.

    pip install atheris
    PYTHONPATH=tests python tests/fuzz/fuzz_commands.py --minutes 10 --corpus FOLDER

gives each reader of hostile_corpus.py (or those named by ``--reader``) so many minutes of processor time, in
rounds of at most ``--round`` minutes, and prints for each: inputs, arcs reached, inputs kept, and how inputs
ended. It ends with 1 at whatever `hostile_corpus.fault` names, or where the same input ends in two ways;
the first input of each kind is written into FOLDER/wrong. What was kept is used again in the next run.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import random
import re
import sys
import time
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

import icplan

GUIDED = __name__ == "__main__"
NO_READERS = [
    *("icplan.aio", "icplan.api", "icplan.cfnlint", "icplan.effects", "icplan.explain", "icplan.feasibility"),
    *("icplan.packing", "icplan.planning.every", "icplan.remedies", "icplan.rollout", "icplan.testing"),
]
"""Rooms that read no file: which arcs of them an input reaches guides nothing."""

# Only what is imported in here tells the fuzzer which arcs an input reaches.
with (
    importlib.import_module("atheris").instrument_imports(include=["icplan"], exclude=NO_READERS)
    if GUIDED
    else nullcontext()
):
    from hostile_corpus import (
        NUMBERS,
        ODD,
        PIECES,
        WORDS,
        Reader,
        corpus_folder,
        fault,
        mutated,
        readers,
        unsafe,
        watched,
    )
    from support.endpoints import scale, update

    if GUIDED:  # a command imports what it runs, which would be too late
        for module in pkgutil.walk_packages(icplan.__path__, "icplan."):
            if not module.name.startswith((*NO_READERS, "icplan.__main__")):
                importlib.import_module(module.name)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from click.testing import Result

CASES = Path(__file__).parents[1] / "cases"
SEEDS: Mapping[str, tuple[str, ...]] = {
    "template.json": ("iac/*/cdk.out/*.template.json",),
    "template.yaml": ("iac/*/*.yaml", "iac/*/serving/*.yaml"),
    "new.yaml": ("iac/*/*.yaml", "iac/*/serving/*.yaml"),
    "manifest.yaml": ("iac/*ack*/*.yaml",),
    "plan.json": ("iac/*/plan.json",),
    "change-set.json": ("iac/*/changes.json",),
    "cdk.out/manifest.json": ("iac/*/cdk.out/manifest.json",),
    "sdk.json": ("iac/*/request.json",),
    "modules/main.tf": ("iac/*/*.tf",),
    "snapshot.json": ("iac/*/plover.json", "public/*.json"),
}
"""Cases that a reader begins with, beside its good document; those up to ``LONGEST`` bytes."""
LONGEST = 24_576
BESIDE: Mapping[int, tuple[str, ...]] = {
    0: ("text",),
    1: ("github",),
    2: ("sarif", "junit"),
    3: ("markdown", "gitlab"),
    4: ("html",),
}
"""Formats written beside JSON, for some of 16 inputs: by the input alone, so that its end stays."""
EFFORT = "3000"
"""Units of work for a judgement: what is fuzzed are the readers and what is said."""
KEPT = 20
"""Kinds of wrong ends of a reader that are told."""


@attrs.define
class Told:
    """What a round of one reader came to."""

    inputs: int = 0
    seconds: float = 0
    ends: Counter[str] = attrs.field(factory=Counter)
    wrong: dict[str, str] = attrs.field(factory=dict)

    def add(self, other: Told) -> None:
        self.inputs += other.inputs
        self.seconds += other.seconds
        self.ends += other.ends
        self.wrong = other.wrong | self.wrong


def put(reader: Reader, data: bytes) -> tuple[Result, str | None]:
    """One input at a reader: the result, and what is wrong with it."""
    Path(reader.file).write_bytes(data)
    command = [*reader.command]
    if command[0] in ("check", "diagnose", "plan"):
        command += ["--effort", EFFORT]
    beside = BESIDE.get(sum(data) % 16, ()) if command[0] == "check" else ()
    for name in beside:
        command += ["--format", name]
        Path(f"out.{name}").unlink(missing_ok=True)
    if beside:
        command += [word for to in ("-", *(f"out.{name}" for name in beside)) for word in ("-o", to)]
    result, hung = watched(command)
    what = "hangs" if hung else fault(reader, result)
    for name in beside:
        if what is None and (path := Path(f"out.{name}")).exists():
            what = unsafe(path.read_text(), commands=name == "github")
    return result, what


def seeds(reader: Reader) -> list[bytes]:
    """The good document of a reader, and cases."""
    good = (
        [reader.good] if reader.good is not None else [update("chat", 1), [scale("chat", 2), scale("x", 4)]]
    )
    found = [one.encode() if isinstance(one, str) else json.dumps(one).encode() for one in good]
    paths = [path for pattern in SEEDS.get(reader.file, ()) for path in sorted(CASES.glob(pattern))]
    return found + [path.read_bytes() for path in paths if path.stat().st_size <= LONGEST]


def words(found: Sequence[bytes]) -> str:
    """The names in the seeds, as a dictionary of the fuzzer."""
    names = {name for data in found for name in re.findall(rb"[A-Za-z_:]{3,60}", data)}
    return "".join(f'"{name.decode()}"\n' for name in sorted(names))


def mutator(atheris: Any) -> Callable[[bytes, int, int], bytes]:
    """Half of the inputs are altered as bytes, half as the document that they are."""

    def alter(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)  # noqa: S311  (no secret is made)
        if chance.random() < 0.4:
            return bytes(atheris.Mutate(data, most))
        try:
            value = json.loads(data)
            text = json.dumps(mutated(value, chance)) if isinstance(value, dict | list) else ""
        except (ValueError, RecursionError):
            text = _respelt(data.decode(errors="surrogateescape"), chance)
        return text.encode(errors="surrogateescape")[:most] or bytes(atheris.Mutate(data, most))

    return alter


def _respelt(text: str, chance: random.Random) -> str:
    """A word of a text that is no JSON replaced, or a line doubled, left out or indented otherwise."""
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    what = chance.randrange(5)
    if what == 0:
        lines.insert(chance.randrange(len(lines) + 1), lines[at])
    elif what == 1:
        del lines[at]
    elif what == 2:
        lines[at] = " " * chance.randrange(9) + lines[at].lstrip()
    elif found := list(re.finditer(r"[^\s:,{}\[\]]+", lines[at])):
        one = chance.choice(found)
        new = [*WORDS, *PIECES, *map(str, NUMBERS), *map(json.dumps, ODD), *re.findall(r"[!\w.-]+", text)]
        lines[at] = lines[at][: one.start()] + chance.choice(new) + lines[at][one.end() :]
    return "\n".join(lines)


def fuzz(name: str, seconds: float, corpus: Path, out: Path, seed: int) -> None:
    """In a process of its own: one reader under atheris, until so much processor time is used."""
    atheris = importlib.import_module("atheris")
    told = Told()
    began = time.process_time()
    with corpus_folder() as there:
        reader = there[name]
        begun = seeds(reader)
        for number, data in enumerate(begun):
            Path(corpus, f"seed-{number}").write_bytes(data)
        Path("words.dict").write_text(words(begun), encoding="ascii")

        def one(data: bytes) -> None:
            result, what = put(reader, data)
            told.inputs += 1
            told.ends[f"exit {result.exit_code}"] += 1
            if what is None and told.inputs % 8 == 0:
                again, _ = put(reader, data)
                late = any("out of time" in one.output for one in (result, again))  # the clock ends it
                if not late and (again.exit_code, again.output) != (result.exit_code, result.output):
                    what = "ends in two ways"
            if what is not None and len(told.wrong) < KEPT:
                _keep(told.wrong, what, result, data, out.parent / "wrong", name)
            told.seconds = time.process_time() - began
            if told.seconds > seconds:
                out.write_text(json.dumps(attrs.asdict(told)))
                os._exit(0)

        options = [
            f"-seed={seed}",
            f"-max_len={LONGEST}",
            "-timeout=120",
            "-dict=words.dict",
            "-len_control=0",
        ]
        options += ["-reduce_inputs=1", "-rss_limit_mb=2000", str(corpus)]
        atheris.Setup([sys.argv[0], *options], one, custom_mutator=mutator(atheris))
        atheris.Fuzz()


def _keep(wrong: dict[str, str], what: str, result: Result, data: bytes, folder: Path, name: str) -> None:
    """The first input of each kind, by what went wrong and where."""
    frames, place = result.exc_info[2] if result.exc_info else None, ""
    while frames is not None:
        code = frames.tb_frame.f_code
        place, frames = f"{Path(code.co_filename).name}:{frames.tb_lineno}", frames.tb_next
    kind = f"{what} {type(result.exception).__name__ if result.exception else ''} {place}".strip()
    if kind in wrong:
        return
    folder.mkdir(exist_ok=True)
    file = folder / f"{name.replace('/', '-')}.{re.sub('[^A-Za-z0-9.]+', '-', kind)[:80]}"
    file.write_bytes(data)
    file.with_name(file.name + ".output").write_text(result.output, errors="replace")
    wrong[kind] = str(file)


def one_round(name: str, seconds: float, folder: Path, seed: int) -> tuple[Told, str]:
    """`fuzz` of a reader in a process of its own: what it told, and the arcs reached as libFuzzer tells."""
    corpus = folder / name.replace("/", "-")
    corpus.mkdir(parents=True, exist_ok=True)
    out, log = folder / f"{corpus.name}.told", folder / f"{corpus.name}.log"
    out.unlink(missing_ok=True)
    child = os.fork()  # what is imported is instrumented already
    if child == 0:
        with log.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        try:
            fuzz(name, seconds, corpus, out, seed)
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    arcs = re.findall(r"cov: (\d+)", log.read_text(errors="replace"))
    if not out.exists():
        return Told(wrong={"the fuzzer itself ended": str(log)}), arcs[-1] if arcs else "?"
    told = json.loads(out.read_text())
    out.unlink()
    log.unlink()
    return Told(**told | {"ends": Counter(told["ends"])}), arcs[-1] if arcs else "?"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=10, help="of processor time, for each reader")
    parser.add_argument(
        "--round", type=float, default=2, help="minutes of a reader before the next one's turn"
    )
    parser.add_argument("--corpus", type=Path, required=True, help="where inputs are kept")
    parser.add_argument("--reader", action="append", choices=list(readers({})))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = options.corpus.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    total = {name: Told() for name in options.reader or readers({})}
    number = 0
    while any(one.seconds < options.minutes * 60 for one in total.values()):
        for name, so_far in total.items():
            if (left := options.minutes * 60 - so_far.seconds) > 0:
                told, arcs = one_round(name, min(left, options.round * 60), folder, options.seed + number)
                so_far.add(told)
                so_far.seconds = so_far.seconds or left  # one that does not start is not tried for ever
                print(_line(name, so_far, arcs, folder), flush=True)
        number += 1
    return 1 if any(one.wrong for one in total.values()) else 0


def _line(name: str, told: Told, arcs: str, folder: Path) -> str:
    kept = len(list((folder / name.replace("/", "-")).iterdir()))
    ends = ", ".join(f"{end}: {count}" for end, count in sorted(told.ends.items()))
    line = f"{name:22} {told.seconds / 60:5.1f} min, {told.inputs:7} inputs, {arcs} arcs, {kept} kept; {ends}"
    return line + "".join(f"\n    {kind}: {file}" for kind, file in told.wrong.items())


if __name__ == "__main__":
    sys.exit(main())
