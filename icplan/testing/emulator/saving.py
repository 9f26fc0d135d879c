"""A world kept and brought back: what it started from, and every write and control with its time.

The emulator does the same again for the same seed, so running it again ends where it was.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.testing.emulator.controls import apply
from icplan.testing.emulator.emulator import Emulator
from icplan.testing.emulator.errors import ServiceError
from icplan.testing.emulator.seeding import Origin, seed
from icplan.testing.emulator.service_models import operation_model
from icplan.testing.emulator.settings import Behaviour, Timing
from icplan.testing.emulator.wire import known
from icplan.testing.simulator.policies import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSION: Final = 1


def saved(emulator: Emulator) -> dict[str, Any]:
    """All that is needed to run it again, as JSON."""
    settings = {
        "Time": emulator.time,
        "Policy": emulator.policy.value,
        "Seed": emulator.seed,
        "Region": emulator.default_region,
        "Account": emulator.default_account,
        "Judges": emulator.judges,
        "Quotas": emulator.quotas,
        "Capacity": emulator.capacity,
        "Allocatable": emulator.allocatable,
        "Timing": attrs.asdict(emulator.timing),
        "Behaviour": attrs.asdict(emulator.behaviour),
    }
    world = {
        "IcplanEmulator": _VERSION,
        "Settings": settings,
        "Seeds": emulator.seeds,
        "Journal": emulator.journal,
        "Now": emulator.clock.now,
    }
    document: dict[str, Any] = json.loads(json.dumps(world, default=str))
    return document


def restored(document: Mapping[str, Any]) -> Emulator:
    """The world of `saved`. ValueError for what is none."""
    if document.get("IcplanEmulator") != _VERSION:
        raise ValueError(f'this is no saved emulator: "IcplanEmulator" must be {_VERSION}')
    try:
        return _run_again(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no whole saved emulator ({type(error).__name__}: {error})") from error


def _run_again(document: Mapping[str, Any]) -> Emulator:
    settings = document["Settings"]
    emulator = Emulator(
        time=settings["Time"],
        policy=Policy(settings["Policy"]),
        quotas=settings["Quotas"],
        capacity=settings["Capacity"],
        seed=settings["Seed"],
        timing=Timing(**settings["Timing"]),
        behaviour=Behaviour(**settings["Behaviour"]),
        allocatable=settings["Allocatable"],
        region=settings["Region"],
        account=settings["Account"],
        start=Origin.of(document["Seeds"]).start,
        judges=settings["Judges"],
    )
    for one in document["Seeds"]:
        plant(emulator, one)
    for entry in document["Journal"]:
        _again(emulator, entry)
    emulator.clock.run_to(document["Now"])
    emulator.clock.rebase()
    return emulator


def plant(emulator: Emulator, snapshot: Mapping[str, Any]) -> None:
    """Start from a snapshot, in the Region it is of."""
    emulator.seeds.append(dict(snapshot))
    origin = Origin.of([snapshot])
    seed(emulator.services(origin.region, origin.account), snapshot)


def _again(emulator: Emulator, entry: Mapping[str, Any]) -> None:
    emulator.clock.run_to(entry["At"])
    if "Control" in entry:
        apply(emulator, entry["Control"], entry["Request"])
        return
    model: Any = operation_model(entry["Service"], entry["Operation"])
    params = known(entry["Request"], model.input_shape)
    try:
        emulator.write_again(entry["Service"], entry["Operation"], params, entry["Region"], entry["Account"])
    except ServiceError as error:
        raise ValueError(f"the journal does not run again: {entry['Operation']}: {error}") from error
