"""A long differential run: icplan's field rules against botocore's model, on as many requests as time allows.

    PYTHONPATH=tests python tests/support/differential.py [SECONDS [SEED]]

Valid requests are generated from the model itself (by the interpreter's side, not by icplan's declarations)
and then spoiled in up to three places. Each is read by icplan, by the independent interpreter of
`spec_model`, and by botocore's own ParamValidator; the three must agree on accept or refuse, icplan and the
interpreter on every path as well. What icplan says botocore would answer, botocore must answer. Without
hypothesis: no shrinking, but some thousand requests a second.
"""

from __future__ import annotations

import copy
import random
import re
import sys
import time
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs
import botocore.loaders
import botocore.model
import botocore.validate

from icplan.requests.operations import OPERATIONS
from icplan.requests.parse import parse_partially
from icplan.requests.problems import MAX_PER_KIND, FieldRule
from support.spec_model import Path_, faults, input_shape, shape, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from icplan.requests.problems import FieldProblem

SECONDS = 180.0
SERVICE = "failed to satisfy constraint"
"""Stands in every answer that is SageMaker's own."""
_CHECKED_IN_A_ROW = 200
_SHOWN = 10
_WORDS = (
    *("", "a", "llama-7b", "-a", "a-", "a_b", "A B", "É", "a\n", "\ud800", "x" * 63, "x" * 64, "x" * 300),
    *("ml.g5.xlarge", "ml.zz.xlarge", "SPREAD", "spread", "ENABLED", "COPY_COUNT", "mig-1g.5gb", "/m"),
    *("s3://models/a.tar.gz", "https://host/a", "arn:aws:iam::123456789012:role/sagemaker", "$LATEST"),
    *("123456789012.dkr.ecr.us-east-1.amazonaws.com/llm:1", "arn:aws:sagemaker:us-east-1:1:x/y"),
)
_ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    1.0,
    1.5,
    "1",
    "",
    [],
    {},
    [1],
    {"a": 1},
    (),
    2**31,
    -(2**31) - 1,
    10**30,
)
_ODD_NUMBERS = (float("nan"), float("inf"), 1e39, 3.4028234663852886e38, b"bytes")


@attrs.define
class Tally:
    """What a run has seen."""

    accepted: int = 0
    refused: int = 0
    disagreements: list[str] = attrs.field(factory=list)

    def __str__(self) -> str:
        return (
            f"{self.accepted + self.refused} requests: {self.accepted} accepted, {self.refused} refused, "
            f"{len(self.disagreements)} disagreements"
        )


def run(seconds: float, seed: int = 0) -> Tally:
    """Compare for a while. The sequence of requests depends on the seed alone, its length on the time."""
    chance, tally = random.Random(seed), Tally()  # noqa: S311  (no secret is made)
    end = time.monotonic() + seconds
    while time.monotonic() < end and len(tally.disagreements) < _SHOWN:
        for _ in range(_CHECKED_IN_A_ROW):
            operation = chance.choice(OPERATIONS)
            request = spoiled(chance, valid(chance, input_shape(operation)))
            said, refused = disagreement(operation, request)
            tally.accepted += not refused
            tally.refused += refused
            if said:
                tally.disagreements.append(f"{operation} {request!r}: {said}")
    return tally


_VARIABLE = "[a-zA-Z_][a-zA-Z0-9_]*"


def disagreement(operation: str, request: Any) -> tuple[str | None, bool]:
    """In what the readings differ, if they do, and whether the request is refused."""
    name = input_shape(operation)
    _, problems = parse_partially(operation, request)
    model = faults(name, request)
    theirs = {cut(at) for at in model if not soft(request, at)}
    ours = {steps(one.path or "") for one in problems if one.fatal and one.kind is not FieldRule.MISSPELT}
    if ours != theirs and not (_cut_short(problems) and ours <= theirs and bool(ours) == bool(theirs)):
        return f"icplan refuses at {ours}, the model at {theirs}", bool(theirs)
    noted = {steps(one.path or "") for one in problems if one.kind in (FieldRule.UNKNOWN, FieldRule.MISSPELT)}
    extra = {cut(at) for at in unknown(name, request)}
    if noted != extra and not (_cut_short(problems) and noted <= extra):
        return f"icplan notes {noted}, the model lacks {extra}", bool(theirs)
    report = botocore_report(operation, request)
    if any(kind != "unknown field" for kind, _, _ in report._errors) and not theirs:
        return "ParamValidator refuses what icplan accepts", False
    answers = {one.aws_error for one in problems if one.aws_error and SERVICE not in one.aws_error}
    if not answers <= set(report.generate_report().split("\n")):
        return f"icplan expects {answers}, ParamValidator says {report.generate_report()!r}", bool(theirs)
    return None, bool(theirs)


def _cut_short(problems: Iterable[FieldProblem]) -> bool:
    """Whether there are more problems of a kind than icplan lists: then it names some of them only."""
    return max(Counter(one.kind for one in problems).values(), default=0) >= MAX_PER_KIND


def botocore_report(operation: str, request: Any) -> Any:
    """What botocore's ParamValidator finds: it knows types, required members and least values only."""
    return botocore.validate.ParamValidator().validate(request, _inputs()[operation])


@cache
def _inputs() -> dict[str, Any]:
    loaded = botocore.loaders.Loader().load_service_model("sagemaker", "service-2")
    service = botocore.model.ServiceModel(loaded, "sagemaker")
    return {operation: service.operation_model(operation).input_shape for operation in OPERATIONS}


def cut(at: Path_) -> Path_:
    """Steps as a problem's path shows them: very long names are cut, and variables' that are none."""
    parts = list(at)
    for number, one in enumerate(at):
        if number and at[number - 1] == "Environment" and not re.fullmatch(_VARIABLE, str(one)):
            parts[number] = (re.match(_VARIABLE, str(one)) or [""])[0] + "..."
    return tuple(f"{one[:80]}..." if isinstance(one, str) and len(one) > 80 else one for one in parts)


def steps(path: str) -> Path_:
    """A JSON path as steps."""
    found = re.findall(r"\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['((?:[^\\']|\\.)*)'\]", path)
    return tuple(
        int(index) if index else name or re.sub(r"\\(.)", r"\1", quoted) for name, index, quoted in found
    )


def soft(request: Any, at: Path_) -> bool:
    """Whether the fault is an instance type the model does not list, which icplan only notes."""
    for step in at:
        request = request[step] if not isinstance(request, dict) else request.get(step)
    return bool(at) and at[-1] == "InstanceType" and isinstance(request, str) and "\ud800" not in request


def valid(chance: random.Random, name: str) -> Any:
    """A value of a shape, most often one that breaks no rule of it."""
    kind = shape(name)
    match kind["type"]:
        case "structure":
            required = kind.get("required", ())
            share = chance.choice((0.1, 0.5))
            given = [key for key in kind["members"] if key in required or chance.random() < share]
            return {key: valid(chance, kind["members"][key]["shape"]) for key in given}
        case "list":
            least = kind.get("min", 0)
            size = min(chance.randint(least, least + 2), kind.get("max", 2))
            return [valid(chance, kind["member"]["shape"]) for _ in range(size)]
        case "map":
            names = chance.sample(("A", "b_1", "PATH", "_x"), chance.randint(kind.get("min", 0), 2))
            return {one: valid(chance, kind["value"]["shape"]) for one in names}
        case "string":
            return chance.choice(_texts(name))
        case "boolean":
            return chance.random() < 0.5
        case other:
            least = kind.get("min", 0)
            amount = min(least + chance.choice((0, 1, 5, 59)), kind.get("max", 2**31 - 1))
            return amount + chance.choice((0, 0.5)) if other == "float" and amount == least else amount


@cache
def _texts(name: str) -> tuple[str, ...]:
    """Texts that break no rule of a shape."""
    choices = shape(name).get("enum")
    found = tuple(choices) if choices else tuple(text for text in _WORDS if not faults(name, text))
    return found or ("a",)


def spoiled(chance: random.Random, request: Any) -> Any:
    """The request with up to three changes, and now and then no request at all."""
    if chance.random() < 0.001:
        return chance.choice(_ODD)
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        places = [
            (at, key)
            for at in _containers(request)
            for key in (at if isinstance(at, dict) else range(len(at)))
        ]
        if not places:
            break
        _spoil(chance, *chance.choice(places))
    return request


def _containers(value: Any) -> list[Any]:
    found = [value] if isinstance(value, dict | list) else []
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return found + [one for item in inside for one in _containers(item)]


def _spoil(chance: random.Random, at: Any, key: Any) -> None:
    """Change one value, its name, or what stands beside it."""
    value = at[key]
    match chance.randrange(8):
        case 0:
            at[key] = copy.copy(chance.choice(_ODD))
        case 1:
            at[key] = chance.choice(_ODD_NUMBERS)
        case 2:
            at[key] = chance.choice(_WORDS)
        case 3:
            del at[key]
        case 4 if isinstance(at, dict):
            at[chance.choice((7, "New", "a b", "it's\\", "x" * 90, str(key).lower(), f"{key}_"))] = value
        case 4:
            at.extend([copy.deepcopy(value)] * chance.choice((1, 5, 11)))
        case 5 if isinstance(value, int | float):
            at[key] = chance.choice((-value, value - 1, value + 1, value * 2, value * 1000, value + 0.5))
        case 5 | 6 if isinstance(value, str):
            at[key] = chance.choice(
                (value * 2, value[1:], value[:-1], f"{value}\n", f"-{value}", value.swapcase(), value * 40)
            )
        case 6 if isinstance(value, dict):
            at[key] = {**value, **{f"A{n}": "1" for n in range(chance.choice((17, 101)))}}
        case _:
            at[key] = copy.deepcopy(chance.choice((value, [value], {"A": value}, (value,))))


if __name__ == "__main__":
    given = [float(one) for one in sys.argv[1:]]
    result = run(given[0] if given else SECONDS, int(given[1]) if len(given) > 1 else 0)
    sys.stdout.write("\n".join([*result.disagreements, str(result)]) + "\n")
    sys.exit(bool(result.disagreements))
