"""What a plan may be told: which types there are, by what they are compared, and what the fleet must hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import attrs

from icplan.errors import InputError, InputProblem
from icplan.judge.settings import Settings
from icplan.packing.problem import MAX_COUNT
from icplan.verdict.fleet_plan import ConditionKind, Level, Measure, Promise, Within

if TYPE_CHECKING:
    from collections.abc import Iterable

    from icplan.planning.prices import Prices

MAX_TYPES: Final = 5
"""Instance pools that a variant may have."""
MAX_ZONES: Final = 100
MAX_GAP: Final = 100
"""Percent above the bound."""
DEFAULT_HOLD: Final = ("rest", "update", "rollback")
_HOLD: Final = re.compile(r"(?P<name>[a-z+-]+)(?::(?P<zones>[0-9]{1,4}))?(?:=(?P<level>[a-z]+))?")
_QUOTA: Final = re.compile(r"(?P<type>ml\.[a-z0-9.-]+)=(?P<most>[0-9]{1,7})")
_PERCENT: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,4})?")


@attrs.frozen
class PlanSettings:
    """What a plan is made with.

    ``types`` are patterns such as ``ml.g5.*`` (none: all that have a price, or that there are), ``quotas``
    the most instances per type (``quota_types``: those told by name, which must be known), ``gap`` the
    percent above the bound with which a fleet is good enough.
    """

    promises: tuple[Promise, ...]
    prices: Prices | None = None
    by: Measure = Measure.COST
    types: tuple[str, ...] = ()
    max_types: int = 1
    within: Within = Within.PEAK
    quotas: Mapping[str, int] = attrs.field(factory=dict)
    quota_types: tuple[str, ...] = ()
    gap: Fraction = Fraction(0)
    judging: Settings = attrs.field(factory=Settings)

    @property
    def needs_several_types(self) -> bool:
        """Whether one type may be gone as a whole."""
        return self.promise(ConditionKind.LOST_TYPE) is not None

    def refuse_contradictions(self) -> None:
        """InputError for settings that cannot hold together."""
        if self.needs_several_types and self.max_types < 2:  # noqa: PLR2004  (one is lost, one is left)
            raise InputError(InputProblem("lost-type needs --max-types 2 or more"))

    @property
    def steady_is_sure(self) -> bool:
        """Whether the steady fleet must hold something however copies lie."""
        sure = [one for one in self.promises if one.level is Level.SURELY]
        lost = (ConditionKind.LOST_INSTANCE, ConditionKind.LOST_ZONE)
        return any(self.within is Within.STEADY or one.condition in lost for one in sure)

    def promise(self, condition: ConditionKind) -> Promise | None:
        """What is to be held of a condition."""
        return next((one for one in self.promises if one.condition is condition), None)


def promises_of(texts: Iterable[str]) -> tuple[Promise, ...]:
    """The promises that ``CONDITION[=LEVEL]`` name, in the order of the conditions; rest is always there.

    InputError for what is none, and for one condition with different levels or zones.
    """
    found: dict[ConditionKind, Promise] = {}
    for text in texts:
        one = _promise(text)
        other = found.setdefault(one.condition, one)
        if other != one:
            what = "levels" if other.zones == one.zones else "zones"
            raise InputError(InputProblem(f"{one.condition} is given twice with different {what}"))
    found.setdefault(ConditionKind.REST, Promise(ConditionKind.REST))
    return tuple(found[kind] for kind in ConditionKind if kind in found)


def _promise(text: str) -> Promise:
    match = _HOLD.fullmatch(text)
    known = ", ".join(
        "lost-zone:ZONES" if one is ConditionKind.LOST_ZONE else str(one) for one in ConditionKind
    )
    if match is None or match["name"] not in set(map(str, ConditionKind)):
        hint = f"There are {known}; each may have =surely or =movable behind it"
        raise InputError(InputProblem(f"there is no condition {text!r}", hint=hint))
    kind, level = ConditionKind(match["name"]), match["level"] or str(Level.SURELY)
    if level not in set(map(str, Level)):
        raise InputError(InputProblem(f"{text!r} has no level", hint="It is surely or movable"))
    zones = None if match["zones"] is None else int(match["zones"])
    if (kind is ConditionKind.LOST_ZONE) is (zones is None):
        hint = "Write lost-zone:3 where the instances are spread over 3 zones"
        message = "needs the number of zones" if zones is None else "has no number of zones"
        raise InputError(InputProblem(f"{text!r} {message}", hint=hint if zones is None else None))
    if zones is not None and not 1 <= zones <= MAX_ZONES:
        raise InputError(InputProblem(f"{text!r}: zones are from 1 to {MAX_ZONES}"))
    return Promise(kind, Level(level), zones)


def gap_of(percent: object) -> Fraction:
    """A percentage as it was given: a number, or its text. InputError for what is none."""
    text = str(percent).removesuffix("%")
    if isinstance(percent, bool) or _PERCENT.fullmatch(text) is None:
        hint = "Write a number of percent such as 2.5"
        raise InputError(InputProblem(f"the gap cannot be {percent!r}", hint=hint))
    if Fraction(text) > MAX_GAP:
        raise InputError(InputProblem(f"the gap cannot be {percent!r}: it is up to {MAX_GAP} %"))
    return Fraction(text)


def quotas_of(texts: Iterable[str]) -> dict[str, int]:
    """The quotas that ``TYPE=N`` and files name: a mapping, or Service Quotas' own answer in a file."""
    found: dict[str, int] = {}
    for text in texts:
        match = _QUOTA.fullmatch(text)
        if match is not None:
            found[match["type"]] = _count(match["type"], int(match["most"]))
        elif text.startswith("ml."):
            raise InputError(InputProblem(f"cannot read the quota {text!r}", hint="Write TYPE=N, or a file"))
        else:
            found |= _quotas_in(text)
    return found


def quota_types_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The types whose quotas are told one by one; a file may tell of types that nobody knows yet."""
    return tuple(match["type"] for match in map(_QUOTA.fullmatch, texts) if match is not None)


def _quotas_in(path: str) -> dict[str, int]:
    from icplan.documents.document import read_document  # noqa: PLC0415  (most quotas are given one by one)

    document = read_document(path)
    value = document.value
    rows = value.get("Quotas") if isinstance(value, dict) else None
    hint = 'It holds {"ml.g5.xlarge": 8}, or what aws service-quotas list-service-quotas answers'
    if isinstance(rows, list):
        return dict(_answered(rows))
    if not isinstance(value, dict) or not all(
        name.startswith("ml.") and type(most) is int and most >= 0 for name, most in value.items()
    ):
        raise InputError(document.problem("is no file of quotas", "$", hint))
    return {name: _count(name, most) for name, most in value.items()}


def _answered(rows: Iterable[object]) -> Iterable[tuple[str, int]]:
    """Of Service Quotas' answer those for the instances of a type on endpoints."""
    for row in rows:
        name = row.get("QuotaName") if isinstance(row, Mapping) else None
        most = row.get("Value") if isinstance(row, Mapping) else None
        if isinstance(name, str) and name.endswith(" for endpoint usage") and isinstance(most, int | float):
            yield name.removesuffix(" for endpoint usage"), min(MAX_COUNT, int(most))


def _count(name: str, most: int) -> int:
    if most > MAX_COUNT:
        raise InputError(InputProblem(f"the quota of {name} is above {MAX_COUNT}"))
    return most
