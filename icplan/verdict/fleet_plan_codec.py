"""A plan to JSON and back, with the published schema: one shape for each of its parts.

Amounts of money are texts, ``"69.024"``; other costs are whole numbers as texts: one member holds any.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from icplan.packing.fleet_codec import FLEET_ANSWER, FLEET_PROBLEM
from icplan.packing.json_shapes import (
    COUNT,
    FLAG,
    FRACTION,
    OBJECT,
    TEXT,
    Shape,
    by_name,
    choice,
    definitions_of,
    described,
    many,
    maybe,
    member,
    named,
    object_schema,
    record,
    with_default,
)
from icplan.packing.reader import Node, Unreadable
from icplan.verdict.change_codec import PHASE
from icplan.verdict.codec import ASSUMPTION, NotAVerdict
from icplan.verdict.consolidation import ByItself, Consolidation, Moves, Worth
from icplan.verdict.fleet_plan import (
    MONEY_UNITS,
    ConditionKind,
    HeldCondition,
    Impossible,
    Level,
    Measure,
    PassedOver,
    Plan,
    PlannedComponent,
    PlannedType,
    PlanOutcome,
    PriceSource,
    Promise,
    Search,
    TradeoffRow,
    TypeCount,
    TypeLeftOut,
    Within,
)
from icplan.verdict.smaller_fleets_codec import SMALLER_FLEETS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.packing.json_shapes import Member

VERSION: Final = 1
_DECIMALS: Final = len(str(MONEY_UNITS)) - 1
_MONEY: Final = re.compile(rf"(0|[1-9][0-9]{{0,15}})(?:\.([0-9]{{0,{_DECIMALS - 1}}}[1-9]))?")
_WHOLE: Final = re.compile(r"0|[1-9][0-9]{0,18}")


def money(amount: int) -> str:
    """Millionths of a currency as a decimal number of it: ``69.024``."""
    whole, part = divmod(amount, MONEY_UNITS)
    return f"{whole}.{part:0{_DECIMALS}}".rstrip("0") if part else str(whole)


def _read_money(data: Node) -> int:
    match = _MONEY.fullmatch(data.text())
    if match is None:
        raise Unreadable(data.path)
    return int(match[1]) * MONEY_UNITS + int((match[2] or "0").ljust(_DECIMALS, "0"))


def _read_whole(data: Node) -> int:
    if _WHOLE.fullmatch(data.text()) is None:
        raise Unreadable(data.path)
    return int(data.text())


_COST: Final = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}
_AMOUNT: Final = {True: Shape(money, _read_money, _COST), False: Shape(str, _read_whole, _COST)}


def _read_percent(data: Node) -> Fraction:
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", data.text()) is None:
        raise Unreadable(data.path)
    return Fraction(data.text())


def _percent(value: Fraction) -> str:
    return f"{float(value):.6f}".rstrip("0").rstrip(".")


_PERCENT: Final = Shape(_percent, _read_percent, {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"})

_PROMISE: Final = record(
    Promise,
    member("Condition", choice(ConditionKind)),
    member("Level", choice(Level), says="surely: however copies lie; movable: were all laid out anew"),
    member("Zones", COUNT, spare=True),
)
_COMPONENT: Final = record(
    PlannedComponent,
    member("Name", TEXT),
    member("Copies", COUNT),
    member("MaxCopies", COUNT, "most", "Where Application Auto Scaling may have more"),
    member("Batch", COUNT, says="New copies that an update places beside the old ones"),
    member("RollbackBatch", COUNT, "again", "Old copies that a rollback puts back at a time"),
    member("BatchOfMax", COUNT, "batch_of_most", "As Batch, of MaxCopies"),
    member("Rolls", FLAG, says="Whether an update replaces copies in batches"),
    member("Base", maybe(TEXT), says="Of an adapter: the component it is loaded into"),
    member("Request", OBJECT, says="Its CreateInferenceComponent request, without values of the environment"),
    member("DeploymentConfig", maybe(OBJECT), "deployment", "Of its updates"),
    member("File", maybe(TEXT)),
    member("MinCopies", COUNT, "least", "What Application Auto Scaling may scale in to", spare=True),
)
_COUNTED: Final = named(
    "Instances", many(record(TypeCount, member("InstanceType", TEXT, "type"), member("Instances", COUNT)))
)
_LEFT_OUT: Final = record(TypeLeftOut, member("InstanceType", TEXT, "name"), member("Because", TEXT))
_HELD: Final = record(
    HeldCondition,
    member("Condition", TEXT),
    member("Component", maybe(TEXT)),
    member("Instances", maybe(COUNT), says="The most that run then; null where that was not found"),
    member("Phases", many(PHASE), says="What shows it"),
    member("Movable", maybe(FLEET_ANSWER), says="What shows it, all copies movable", spare=True),
)
_PRICES: Final = record(
    PriceSource,
    member("Region", TEXT),
    member("Currency", TEXT),
    member("Source", TEXT),
    member("Version", TEXT),
    member("TakenAt", TEXT),
    member("Discounts", by_name(_PERCENT), says="Percent off, by instance type"),
)
_IMPOSSIBLE: Final = record(
    Impossible,
    member("Conditions", many(TEXT), says="That cannot be held together"),
    member("Components", many(TEXT), says="Whose copies find no room"),
    member("Limit", TEXT, says="What does not suffice"),
)
_SEARCH: Final = record(
    Search, member("Cuts", COUNT), member("Packings", COUNT), member("Units", maybe(COUNT))
)


def _planned_type(cost: Shape[int]) -> Shape[PlannedType]:
    return record(
        PlannedType,
        member("InstanceType", TEXT, "name"),
        member("Cost", cost),
        member("Capacity", many(COUNT), says="What one surely offers, per dimension"),
        member("Limit", maybe(COUNT), says="The most there may be"),
        member("CapacityAtMost", many(COUNT), "at_most", "What one may offer", spare=True),
    )


def _tradeoff_row(cost: Shape[int]) -> Shape[TradeoffRow]:
    return record(
        TradeoffRow,
        member("Holds", TEXT),
        member("Steady", maybe(COUNT)),
        member("Peak", maybe(COUNT)),
        member("Cost", maybe(cost)),
        member("Because", TEXT),
    )


def _passed_over(cost: Shape[int]) -> Shape[PassedOver]:
    return record(
        PassedOver,
        member("Fleet", _COUNTED),
        member("Cost", maybe(cost)),
        member("Bound", cost, "low", "No fleet of these types that holds the promises costs less"),
        member("Because", TEXT),
    )


def _members(*, is_money: bool) -> tuple[Member, ...]:
    """The members of a plan, whose costs are money or whole numbers of something."""
    amount: Shape[int] = described(
        _AMOUNT[is_money], "In the currency an hour; else accelerators, MiB of memory or instances"
    )
    cost = named("Cost", amount)
    return (
        member("Outcome", choice(PlanOutcome)),
        member("By", choice(Measure), says="By what fleets are compared"),
        member("Prices", maybe(_PRICES)),
        member("Steady", maybe(_COUNTED), says="Instances that always run; null where no fleet was found"),
        member("Peak", maybe(_COUNTED), says="MaxInstanceCount"),
        member("Cost", maybe(cost), says="Of the steady fleet"),
        member("Bound", cost, says="No allowed fleet that holds the promises costs less"),
        member("PeakCost", maybe(cost)),
        member("UpdateSeconds", maybe(COUNT), says="The most that an update waits, and its copies start"),
        member("Promises", many(_PROMISE)),
        member("Within", choice(Within), says="What holds what passes: the steady fleet, or its peak"),
        member("Gap", maybe(_PERCENT), says="Percent above the bound with which a fleet is good enough"),
        member("MaxTypes", COUNT),
        member("Components", many(_COMPONENT), says="In an order in which they can be created"),
        member("Dimensions", many(TEXT)),
        member("CpuUnit", FRACTION, says="In how many thousandths of a core CPU is counted"),
        member("Types", many(_planned_type(cost)), says="The instance types that were compared"),
        member("LeftOut", many(_LEFT_OUT), says="Types that were not compared, and why"),
        member("Tradeoff", many(_tradeoff_row(cost)), says="What the conditions take, one after another"),
        member("PassedOver", many(_passed_over(cost))),
        member("Impossible", maybe(_IMPOSSIBLE)),
        member("Notes", many(TEXT)),
        member("Held", many(_HELD), says="What each condition takes of each component"),
        with_default(
            member("Smaller", many(SMALLER_FLEETS), says="That no cheaper fleet surely holds it", spare=True),
            (),
        ),
        member("Problem", maybe(FLEET_PROBLEM), says="The question that decides the steady fleet"),
        member("Answer", maybe(FLEET_ANSWER)),
        member("Search", _SEARCH),
        member("Assumptions", many(ASSUMPTION)),
        with_default(member("PartitionLayout", many(TEXT), "layout", "Of each accelerator", spare=True), ()),
        member("Consolidation", maybe(_consolidation(amount)), spare=True),
        member("Judged", by_name(TEXT), says="What was judged: SHA-256 of the components and the catalog"),
    )


_MOVES: Final = record(
    Moves,
    member("Least", COUNT, says="Copies that must go to another instance"),
    member("Most", COUNT),
    member("Copies", COUNT, says="That run"),
    member("Known", FLAG, says="Whether it is known which instance holds which copy"),
)
_BY_ITSELF: Final = record(
    ByItself,
    member("Message", TEXT),
    member("Basis", TEXT, says="documented, inferred, not-documented, or judged by icplan"),
)


def _consolidation(amount: Shape[int]) -> Shape[Consolidation]:
    return record(
        Consolidation,
        member("EndpointName", TEXT, "endpoint"),
        member("TakenAt", maybe(TEXT)),
        member("Snapshot", TEXT, says="Its fingerprint"),
        member("Now", _COUNTED, says="Instances that run"),
        member("Needed", maybe(_COUNTED), says="Those of the plan"),
        member("CostNow", maybe(amount), says="null where a type that runs has no price"),
        member("CostNeeded", maybe(amount)),
        member("Worth", choice(Worth)),
        member("MinSavings", maybe(TEXT), "threshold", "What savings are held against"),
        member("Moves", maybe(_MOVES)),
        member("ByItself", many(_BY_ITSELF), says="What SageMaker does without being asked"),
        member("Notes", many(TEXT)),
        member("EndpointConfig", maybe(OBJECT), "configuration", "The request that makes the same one anew"),
    )


def _build(**told: Any) -> Plan:
    return Plan(**told)


_PLAN: Final = {is_money: record(_build, *_members(is_money=is_money)) for is_money in (True, False)}


def plan_to_dict(plan: Plan) -> dict[str, Any]:
    """The plan as plain data (docs/plan.schema.json)."""
    return {"IcplanPlan": VERSION, **_PLAN[plan.by is Measure.COST].write(plan)}


def plan_from_dict(data: Any) -> Plan:
    """The plan; raises :class:`~icplan.verdict.codec.NotAVerdict` on data that is none."""
    try:
        node = Node(data)
        by = choice(Measure).read(node["By"])
        return _PLAN[by is Measure.COST].read(node)
    except Unreadable as error:
        raise NotAVerdict(error.path) from None


def plan_schema() -> dict[str, Any]:
    """The JSON schema of a plan, as docs/plan.schema.json has it."""
    members = _members(is_money=True)
    schema = object_schema(members)
    definitions: Mapping[str, Any] = definitions_of(members)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"icplan plan, version {VERSION}",
        **schema,
        "required": ["IcplanPlan", *schema["required"]],
        "properties": {"IcplanPlan": {"const": VERSION}, **schema["properties"]},
        "$defs": dict(definitions),
    }
