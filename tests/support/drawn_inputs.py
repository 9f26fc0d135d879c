"""Changes to judge, each with its snapshot: random ones, and those of the tests and examples.

A case is plain data: ``Id``, ``Snapshot``, ``Change`` (a list of envelopes) and ``Options`` (keyword
arguments of `icplan.check`). Random ones have at most 4 instances, `MAX_COMPONENTS` components beside an
adapter, `MAX_CALLS` calls, and `MAX_COPIES` copies in all, running and asked for; larger ones are left out.
So each is judged within seconds, and needs no time limit, which would make answers depend on the machine.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import test_real_cases as real
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from test_worked_examples import EXAMPLES

from icplan.assumptions import ASSUMPTIONS
from icplan.testing import strategies
from icplan.testing.strategies.requests import MODELS

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
MAX_COMPONENTS, MAX_CALLS, MAX_COPIES = 3, 3, 24
#: Random cases are drawn in rounds: what Hypothesis remembers of one would slow it down in the long run.
ROUND = 250
SEED = 20261127
UPDATES = (
    "UpdateInferenceComponent",
    "UpdateInferenceComponent",
    "UpdateInferenceComponentRuntimeConfig",
    "DeleteInferenceComponent",
)
CREATE = "CreateInferenceComponent"
TURNED = [(each.name, choice) for each in ASSUMPTIONS for choice in each.choices[1:]]
SHARES = [(each.name, f"{share}%") for each in ASSUMPTIONS if each.share for share in (50, 95)]
ALLOCATABLE = ("ml.g5.12xlarge.memory=150000..190000", "ml.g5.xlarge.cpu=3", "ml.c5.xlarge.memory=6000")


#: Made once, since making them takes longer than drawing from them.
REQUESTS = {name: strategies.requests(name) for name in (*UPDATES, CREATE)}
SNAPSHOTS, SPOILT = strategies.snapshots(MAX_COMPONENTS), strategies.almost_valid_requests()
OFTEN = st.sampled_from((True, True, True, True, True, False))
RARELY = st.sampled_from((*[False] * 15, True))


@st.composite
def random_cases(draw: st.DrawFn) -> Json:
    """A snapshot, changes mostly to what it holds, and now and then assumptions or figures of one's own."""
    snapshot = draw(SNAPSHOTS)
    calls = [draw(_calls(snapshot)) for _ in range(draw(st.sampled_from((1, 1, 1, 2, MAX_CALLS))))]
    options: Json = {}
    if not draw(OFTEN):
        options["assume"] = dict([draw(st.sampled_from(TURNED + SHARES))])
    if draw(RARELY):
        options["allocatable"] = [draw(st.sampled_from(ALLOCATABLE))]
    return {"Snapshot": snapshot, "Change": calls, "Options": options}


@st.composite
def _calls(draw: st.DrawFn, snapshot: Json) -> Json:
    held = [one["InferenceComponentName"] for one in snapshot["InferenceComponents"]]
    creates = not held or draw(st.sampled_from((True, False, False)))
    if draw(RARELY):
        operation, request = draw(SPOILT)
    else:
        operation = CREATE if creates else draw(st.sampled_from(UPDATES))
        request = draw(REQUESTS[operation])
    if draw(OFTEN):
        # Names from a few drawn at random would mostly be those of nothing, and the verdict "invalid".
        known = held if operation != CREATE else [name for name in MODELS if name not in held]
        if known and "InferenceComponentName" in request:
            request = request | {"InferenceComponentName": draw(st.sampled_from(known))}
        request = request | _aimed(request, held, snapshot)
    return {"Operation": operation, "Request": request}


def _aimed(request: Json, held: list[str], snapshot: Json) -> Json:
    """Members of a request that are to name what the snapshot has: instance types, and an adapter's base."""
    specification, entries = request.get("Specification"), request.get("Specifications")
    if held and isinstance(specification, dict) and "BaseInferenceComponentName" in specification:
        return {"Specification": specification | {"BaseInferenceComponentName": held[0]}}
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return {}
    (variant,) = snapshot["EndpointConfig"]["ProductionVariants"]
    types = [pool["InstanceType"] for pool in variant.get("InstancePools", [variant])]
    pairs = zip(entries, types, strict=False)
    return {"Specifications": [entry | {"InstanceType": kind} for entry, kind in pairs]}


def copies(case: Json) -> int:
    """The copies of a case, running and asked for, where they are whole numbers."""
    described = [one.get("RuntimeConfig", {}) for one in case["Snapshot"]["InferenceComponents"]]
    asked = [
        call["Request"].get(member)
        for call in case["Change"]
        for member in ("RuntimeConfig", "DesiredRuntimeConfig")
        if isinstance(call["Request"], dict)
    ]
    counts = [runtime["CurrentCopyCount"] for runtime in described if runtime]
    counts += [runtime.get("CopyCount") for runtime in asked if isinstance(runtime, dict)]
    return sum(count for count in counts if isinstance(count, int))


def random_inputs(number: int) -> Iterator[Json]:
    """So many random cases, no two alike: the same for the same number, strategies and Hypothesis."""
    seen: set[str] = set()
    for rounds in range(number):
        for case in _round(SEED + rounds):
            text = json.dumps(case, sort_keys=True)
            if text in seen or copies(case) > MAX_COPIES:
                continue
            seen.add(text)
            yield {"Id": f"random-{len(seen)}"} | case
            if len(seen) == number:
                return


def _round(number: int) -> list[Json]:
    drawn: list[Json] = []

    @seed(number)
    @settings(
        max_examples=ROUND,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(random_cases())
    def draw(case: Json) -> None:
        # JSON there and back: what is written is what was drawn, or it is left out.
        try:
            drawn.append(json.loads(json.dumps(case, allow_nan=False)))
        except (TypeError, ValueError):
            return

    draw()
    return drawn


def known_inputs() -> Iterator[Json]:
    """The worked examples, the real deployments of the tests, and the folder of examples."""
    for example in EXAMPLES:
        yield _case(f"worked {example.id}", example.snapshot, [example.change])
    for case in (case for case in real.CASES if real.placed(case) or real.refused(case)):
        yield _case(f"real {case['id']}", real.endpoint(case), real.creates(case))
    for change in sorted((Path(__file__).parents[2] / "examples").glob("*/update.yaml")):
        snapshot = json.loads((change.parent / "endpoint.json").read_text())
        yield _case(f"example {change.parent.name}", snapshot, YAML(typ="safe").load(change))


def _case(name: str, snapshot: Json, change: Json | list[Json]) -> Json:
    return {"Id": name, "Snapshot": snapshot, "Change": change, "Options": {}}
