"""A plan as data: the cheapest fleet for a set of components, what it promises, and what shows both."""

from __future__ import annotations

import enum
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.values import Answer
from icplan.verdict.gate import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.packing.fleet_problem import FleetAnswer, FleetProblem
    from icplan.verdict.consolidation import Consolidation
    from icplan.verdict.phase import Phase
    from icplan.verdict.smaller_fleets import SmallerFleets
    from icplan.verdict.verdict import AssumptionUse

HOURS_PER_MONTH: Final = 730
"""As AWS's own calculator has it."""
MONEY_UNITS: Final = 1_000_000
"""Money is counted in this part of the currency, so that sums and comparisons are exact."""


class Measure(enum.StrEnum):
    """By what fleets are compared."""

    COST = "cost"
    ACCELERATORS = "accelerators"
    MEMORY = "memory"
    INSTANCES = "instances"


class ConditionKind(enum.StrEnum):
    """What a fleet may have to hold."""

    REST = "rest"
    UPDATE = "update"
    ROLLBACK = "rollback"
    AUTOSCALING = "autoscaling"
    AUTOSCALING_UPDATE = "autoscaling+update"
    LOST_INSTANCE = "lost-instance"
    LOST_ZONE = "lost-zone"
    LOST_TYPE = "lost-type"

    @property
    def lasts(self) -> bool:
        """Whether it lasts, so that the steady fleet must hold it; what passes may use the peak."""
        return self not in (ConditionKind.UPDATE, ConditionKind.ROLLBACK, ConditionKind.AUTOSCALING_UPDATE)


class Level(enum.StrEnum):
    """Whether a condition holds however copies lie, or were all of them laid out anew."""

    SURELY = "surely"
    MOVABLE = "movable"


class Within(enum.StrEnum):
    """Whether what passes is held by the instances that always run, or with those up to MaxInstanceCount."""

    STEADY = "steady"
    PEAK = "peak"


@attrs.frozen
class Promise:
    """A condition that the fleet is to hold. ``zones`` are those over which its instances are spread."""

    condition: ConditionKind
    level: Level = Level.SURELY
    zones: int | None = None

    @property
    def name(self) -> str:
        """As ``--hold`` has it: ``lost-zone:3``."""
        return str(self.condition) if self.zones is None else f"{self.condition}:{self.zones}"


@attrs.frozen
class PlannedComponent:
    """A component of a plan.

    ``copies`` run at rest, and ``most`` where Application Auto Scaling may have more; it scales in to
    ``least``, where that is told. An update places
    ``batch`` new copies beside the old ones (all of them, unless it ``rolls``), a rollback ``again`` old ones
    beside the new, and an update of ``most`` copies ``batch_of_most``. ``base`` is that of an adapter, which
    takes no room of its own. ``request`` is its CreateInferenceComponent request without what is secret, and
    ``sent`` the one that makes it, where that is known. ``deployment`` is the DeploymentConfig of its
    updates, where one is told; ``file`` is where both stand.
    """

    name: str
    copies: int
    most: int
    batch: int
    again: int
    batch_of_most: int
    rolls: bool = False
    base: str | None = None
    request: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    deployment: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    file: str | None = None
    least: int | None = None
    sent: Mapping[str, Any] | None = attrs.field(default=None, repr=False, eq=False)

    @property
    def scales(self) -> bool:
        """Whether it may be given more copies than it has at rest."""
        return self.most > self.copies

    @property
    def scaled_between(self) -> tuple[int, int] | None:
        """The least and the most copies of its scalable target; ``None`` where it needs none."""
        least = self.copies if self.least is None else self.least
        return (least, self.most) if self.base is None and least < self.most else None


@attrs.frozen
class PlannedType:
    """An instance type that was compared: what one costs, what it surely offers, how many there may be.

    ``cost`` is in the plan's measure (money in millionths of the currency an hour); ``capacity`` is per
    dimension of the plan, at the low end of what can be allocated, and ``at_most`` at the high end.
    """

    name: str
    cost: int
    capacity: tuple[int, ...]
    limit: int | None = None
    at_most: tuple[int, ...] | None = None


@attrs.frozen
class TypeLeftOut:
    """An instance type that was not compared, and why."""

    name: str
    because: str


@attrs.frozen
class TypeCount:
    """So many instances of a type."""

    type: str
    instances: int


@attrs.frozen
class HeldCondition:
    """What a condition takes of one component (``None``: of all at once).

    ``instances`` are the most that run then, ``None`` where that was not found. ``phases`` show it for the
    level surely, ``movable`` for what passes with all copies movable: the answer for that condition alone.
    """

    condition: str
    component: str | None
    instances: int | None
    phases: tuple[Phase, ...] = attrs.field(default=(), repr=False)
    movable: FleetAnswer | None = attrs.field(default=None, repr=False)


@attrs.frozen
class TradeoffRow:
    """What the conditions up to one of them take of the plan's own type.

    ``steady`` and ``peak`` are instances and ``cost`` is that of the steady ones; ``None`` where that was not
    found.
    """

    holds: str
    steady: int | None
    peak: int | None
    cost: int | None
    because: str


@attrs.frozen
class PassedOver:
    """A fleet that was not chosen, and why. ``cost`` is ``None`` where none was found, ``low`` its bound."""

    fleet: tuple[TypeCount, ...]
    cost: int | None
    low: int
    because: str


@attrs.frozen
class PriceSource:
    """Where a plan's prices are from; ``discounts`` are percent by type."""

    region: str
    currency: str
    source: str
    version: str
    taken_at: str
    discounts: Mapping[str, Fraction] = attrs.field(factory=dict)

    @property
    def label(self) -> str:
        """``us-east-1 prices of 2026-11-27, aws-price-list 20261005212151``."""
        return f"{self.region} prices of {self.taken_at[:10]}, {self.source} {self.version}"


class PlanOutcome(enum.StrEnum):
    """What was found."""

    OPTIMAL = "optimal"
    WITHIN_GAP = "within-gap"
    BEST_FOUND = "best-found"
    MAY_NOT_HOLD = "may-not-hold"
    UNDECIDED = "undecided"
    IMPOSSIBLE = "impossible"

    @property
    def exit_code(self) -> ExitCode:
        """What a command that plans exits with."""
        return _EXIT_CODES[self]


_EXIT_CODES: Final = {
    PlanOutcome.OPTIMAL: ExitCode.OK,
    PlanOutcome.WITHIN_GAP: ExitCode.OK,
    PlanOutcome.BEST_FOUND: ExitCode.UNCERTAIN,
    PlanOutcome.MAY_NOT_HOLD: ExitCode.UNCERTAIN,
    PlanOutcome.UNDECIDED: ExitCode.ERROR,
    PlanOutcome.IMPOSSIBLE: ExitCode.FAILS,
}


@attrs.frozen
class Impossible:
    """Why no allowed fleet holds everything: the conditions that cannot be held, of whom, and the limit."""

    conditions: tuple[str, ...]
    components: tuple[str, ...]
    limit: str


@attrs.frozen
class Search:
    """What it took: cuts and packings, and effort where it is counted."""

    cuts: int = 0
    packings: int = 0
    units: int | None = None


@attrs.frozen
class Plan(Answer):
    """The cheapest fleet for a set of components.

    Attributes:
        components: In an order in which they can be created on the steady fleet.
        steady: Instances per type that always run; None where no fleet was found.
        peak: MaxInstanceCount per type; None where it is not known.
        cost: Of the steady fleet in the plan's measure: money in millionths of the currency an hour, else
            accelerators, MiB of memory, or instances.
        bound: No allowed fleet that holds the promises costs less.
        peak_cost: Of the fleet at its peak.
        update_seconds: The most that an update may wait and its copies start, where all tell it.
        tradeoff: What each of the conditions takes, of the plan's own type.
        passed_over: Other fleets, and why they were not chosen.
        cpu_unit: In how many thousandths of a core CPU is counted.
        problem, answer: The question that decides the steady fleet, and its answer with proof.
        held: What each condition takes of each component, with what shows it.
        smaller: What shows, where it is more than the answer tells, that no cheaper fleet surely holds all.
        layout: The partitions that each accelerator is cut into.
        consolidation: What runs now beside it, where the components are those of an endpoint.

    """

    outcome: PlanOutcome
    components: tuple[PlannedComponent, ...]
    promises: tuple[Promise, ...]
    within: Within = Within.PEAK
    by: Measure = Measure.COST
    prices: PriceSource | None = None
    gap: Fraction | None = None
    max_types: int = 1
    dimensions: tuple[str, ...] = ()
    cpu_unit: Fraction = Fraction(1)
    types: tuple[PlannedType, ...] = ()
    left_out: tuple[TypeLeftOut, ...] = ()
    steady: tuple[TypeCount, ...] | None = None
    peak: tuple[TypeCount, ...] | None = None
    cost: int | None = None
    bound: int = 0
    peak_cost: int | None = None
    update_seconds: int | None = None
    tradeoff: tuple[TradeoffRow, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    impossible: Impossible | None = None
    notes: tuple[str, ...] = ()
    problem: FleetProblem | None = attrs.field(default=None, repr=False)
    answer: FleetAnswer | None = attrs.field(default=None, repr=False)
    held: tuple[HeldCondition, ...] = attrs.field(default=(), repr=False)
    search: Search = attrs.field(factory=Search)
    assumptions: tuple[AssumptionUse, ...] = ()
    judged: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    consolidation: Consolidation | None = None
    layout: tuple[str, ...] = ()
    smaller: tuple[SmallerFleets, ...] = attrs.field(default=(), repr=False)

    def __repr__(self) -> str:
        fleet = None if self.steady is None else {one.type: one.instances for one in self.steady}
        return f"Plan({str(self.outcome)!r}, components={len(self.components)}, steady={fleet})"

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data, as `icplan plan --format json` writes it, with its evidence."""
        from icplan.verdict.fleet_plan_codec import plan_to_dict  # noqa: PLC0415  (few want it as data)

        return plan_to_dict(self)

    @property
    def exit_code(self) -> ExitCode:
        """What a command that plans exits with."""
        return self.outcome.exit_code

    @cached_property
    def monthly_cost(self) -> int | None:
        """Of the steady fleet, in millionths of the currency; None where it is not money."""
        return None if self.cost is None or self.by is not Measure.COST else self.cost * HOURS_PER_MONTH

    def requests(self, role: str | None = None) -> list[dict[str, Any]]:
        """The requests that make it, in order, each as ``{"Operation", "Request"}``, as `icplan.check` takes.

        ``role`` is the ARN of the execution role. InputError where there is no fleet that a request can say.
        """
        from icplan.verdict.plan_requests import plan_requests  # noqa: PLC0415  (few who plan write)

        return plan_requests(self, role)

    def cloudformation(self) -> dict[str, Any]:
        """The CloudFormation template that makes it. InputError for what no template can say."""
        from icplan.verdict.plan_cloudformation import cloudformation  # noqa: PLC0415  (as above)

        return cloudformation(self)

    @property
    def copies(self) -> int:
        """The copies of all components at rest that take room."""
        return sum(one.copies for one in self.components if one.base is None)
