"""Which parts are read beside a live endpoint: options that leave some out, or name those wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "scaling": ("ScalableTargets", "ScalingActivities"),
    "quotas": ("Quotas",),
    "usage": ("InstancesInUse",),
    "instance-types": ("InstanceTypes",),
    "reservations": ("Reservations",),
    "locations": ("CopyLocations",),
}
"""The parts by the name that options have for them: members of the snapshot."""
LAZY: Final = frozenset({"InstancesInUse", "Reservations", "CopyLocations"})
"""Members that `icplan check` reads only where a verdict may hang on them."""
_HELP: Final = {
    "scaling": "Do not ask Application Auto Scaling.",
    "quotas": "Do not ask Service Quotas.",
    "usage": "Never count the instances of other endpoints.",
    "instance-types": "Do not ask EC2 for types that the catalog lacks.",
    "reservations": "Do not ask CloudWatch how much of the instances is reserved.",
    "locations": "Do not ask CloudWatch which instance holds which copy.",
}


def parts_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--only PART``, and ``--no-PART`` for each."""
    options = [
        click.option(
            "--only",
            "only_parts",
            multiple=True,
            type=click.Choice(list(PARTS)),
            help="Of what is read beside the endpoint, only this. May be repeated.",
        )
    ]
    options += [
        click.option(f"--no-{name}", f"no_{name.replace('-', '_')}", is_flag=True, help=_HELP[name])
        for name in PARTS
    ]
    for option in reversed(options):
        command = option(command)
    return command


def wanted_parts(options: Mapping[str, Any]) -> frozenset[str]:
    """The members of a snapshot that may be read beside the endpoint, as the options have it."""
    only = options.get("only_parts") or ()
    left_out = {name for name in PARTS if options.get(f"no_{name.replace('-', '_')}")}
    if both := sorted(left_out & set(only)):
        raise click.UsageError(f"--only {both[0]} and --no-{both[0]} contradict each other")
    names = set(only or PARTS) - left_out
    return frozenset(member for name in names for member in PARTS[name])
