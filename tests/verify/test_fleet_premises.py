"""Evidence of a planned fleet is of that fleet, with the copies of its condition: each guard by itself."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from test_verify_plan import sure

from icplan.verdict.fleet_plan_codec import plan_from_dict
from icplan.verdict.premises import Where
from icplan.verify.fleet_premises import FleetPremises
from icplan.verify.result import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable

    from icplan.verdict.fleet_plan import Plan
    from icplan.verdict.premises import ExistingPremise, Premises

PLAN_OF = {
    "rest": "updates",
    "update": "updates",
    "rollback": "updates",
    "autoscaling": "scaling",
    "autoscaling+update": "scaling",
    "lost-instance": "an instance",
    "lost-zone:3": "a zone",
}


@attrs.frozen
class Stands:
    """What `FleetPremises.require` is given."""

    premises: FleetPremises
    there: int
    growth: int | None
    before: dict[str, int] | None

    def require(self) -> None:
        self.premises.require(self.there, self.growth, self.before)

    def on(self, alter: Callable[[Premises], Premises]) -> Stands:
        """The same with other premises."""
        return attrs.evolve(
            self, premises=attrs.evolve(self.premises, premises=alter(self.premises.premises))
        )


@cache
def plan_of(named: str) -> Plan:
    return plan_from_dict(sure(named))


def stands(condition: str, component: int = -1) -> Stands:
    """One condition of a plan, as it stands in its file."""
    plan = plan_of(PLAN_OF[condition])
    assert plan.steady is not None
    (steady,) = plan.steady
    held = [one for one in plan.held if one.condition == condition][component]
    premises = held.phases[0].premises
    assert premises is not None
    (kind,) = [one for one in plan.types if one.name == steady.type]
    created: dict[str, int] = {}
    for one in plan.components:
        if one.name == held.component:
            break
        created[one.name] = one.copies
    name = held.component or ""
    return Stands(
        FleetPremises(plan, list(plan.components), kind, steady.instances, condition, name, premises),
        premises.pools[0].count,
        0 if condition.startswith("lost") else premises.together[0],
        created if condition == "rest" else None,
    )


@pytest.mark.parametrize("condition", PLAN_OF)
def test_what_a_plan_has_is_accepted(condition: str) -> None:
    stands(condition).require()


def pool(**more: Any) -> Callable[[Stands], Stands]:
    """Other instances."""

    def alter(premises: Premises) -> Premises:
        (own,) = premises.pools
        return attrs.evolve(premises, pools=(attrs.evolve(own, **more),))

    return lambda given: given.on(alter)


def capacity(given: Stands, end: int) -> Stands:
    """Instances that offer a little more at one end."""
    (own,) = given.premises.premises.pools
    sides = [list(side) for side in own.capacity]
    sides[0][end] += 1
    return pool(capacity=tuple((low, high) for low, high in sides))(given)


def premised(**more: Any) -> Callable[[Stands], Stands]:
    return lambda given: given.on(lambda premises: attrs.evolve(premises, **more))


def target(**more: Any) -> Callable[[Stands], Stands]:
    return lambda given: given.on(
        lambda premises: attrs.evolve(premises, target=attrs.evolve(premises.target, **more))
    )


def more_placed(given: Stands) -> Stands:
    return target(copies=given.premises.premises.target.copies + 1)(given)


def existing(
    which: Where, alter: Callable[[ExistingPremise], ExistingPremise | None], *, own: bool | None = None
) -> Callable[[Stands], Stands]:
    """The first copies that lie so (``own``: of the component, or of another) altered, or left out."""

    def altered(given: Stands) -> Stands:
        rows, name = list(given.premises.premises.existing), given.premises.component
        number = next(
            number
            for number, one in enumerate(rows)
            if one.where is which and (own is None or (one.component == name) is own)
        )
        found = alter(rows[number])
        rows[number : number + 1] = [] if found is None else [found]
        return given.on(lambda premises: attrs.evolve(premises, existing=tuple(rows)))

    return altered


def added(where: Where) -> Callable[[Stands], Stands]:
    """A copy more of another component that lies so."""

    def altered(given: Stands) -> Stands:
        rows = given.premises.premises.existing
        other = next(one for one in rows if one.component != given.premises.component)
        one_more = attrs.evolve(other, copies=1, leave=0, where=where)
        return given.on(lambda premises: attrs.evolve(premises, existing=(*rows, one_more)))

    return altered


def one_more(row: ExistingPremise) -> ExistingPremise:
    return attrs.evolve(row, copies=row.copies + 1)


def one_leaves(row: ExistingPremise) -> ExistingPremise:
    return attrs.evolve(row, leave=row.leave + 1)


def two_pools(given: Stands) -> Stands:
    return given.on(lambda premises: attrs.evolve(premises, pools=premises.pools * 2))


OTHERS = "the copies are not those of the condition"
RUNNING, ANYWHERE, PERHAPS = Where.RUNNING, Where.ANYWHERE, Where.PERHAPS


@pytest.mark.parametrize(
    ("condition", "alter", "said"),
    [
        ("update", two_pools, "of another fleet"),
        ("update", pool(type="ml.x"), "of another fleet"),
        ("update", pool(holds=()), "of another fleet"),
        ("update", pool(reserved=(1,)), "of another fleet"),
        ("update", premised(measured=(0,)), "of another fleet"),
        ("update", premised(arriving=1), "of another fleet"),
        ("update", lambda given: capacity(given, 0), "instances offer something else"),
        ("update", lambda given: capacity(given, 1), "instances may offer something else"),
        ("update", lambda given: attrs.evolve(given, there=given.there + 1), "another number of instances"),
        ("update", premised(together=(7, 7)), "others may be launched"),
        ("update", pool(launchable=(7, 7)), "others may be launched"),
        ("update", premised(cpu_unit=Fraction(1, 2)), "CPU is counted otherwise"),
        ("update", target(demands=((1, 1, 1),)), "a copy takes something else"),
        (
            "update",
            existing(RUNNING, lambda row: attrs.evolve(row, demands=((1, 1, 1),))),
            "a copy takes something else",
        ),
        ("update", existing(RUNNING, one_leaves), OTHERS),
        ("rest", more_placed, OTHERS),
        ("rest", existing(RUNNING, one_more), OTHERS),
        ("rest", existing(RUNNING, lambda _: None), OTHERS),
        ("rest", added(ANYWHERE), OTHERS),
        ("rest", added(PERHAPS), OTHERS),
        ("update", more_placed, OTHERS),
        ("update", existing(RUNNING, one_more, own=True), OTHERS),
        ("update", existing(RUNNING, one_more, own=False), OTHERS),
        ("update", added(ANYWHERE), OTHERS),
        ("update", added(PERHAPS), OTHERS),
        ("rollback", more_placed, OTHERS),
        ("rollback", existing(RUNNING, one_more, own=False), OTHERS),
        ("rollback", existing(ANYWHERE, one_more, own=True), OTHERS),
        ("rollback", existing(RUNNING, one_more, own=True), OTHERS),
        ("rollback", existing(RUNNING, lambda row: attrs.evolve(row, leave=0), own=True), OTHERS),
        ("rollback", added(PERHAPS), OTHERS),
        ("autoscaling", more_placed, OTHERS),
        ("autoscaling", existing(RUNNING, one_more), OTHERS),
        ("autoscaling", added(PERHAPS), OTHERS),
        ("autoscaling", added(ANYWHERE), OTHERS),
        ("autoscaling+update", more_placed, OTHERS),
        ("lost-instance", more_placed, OTHERS),
        ("lost-zone:3", added(RUNNING), OTHERS),
        ("lost-instance", existing(PERHAPS, one_more), OTHERS),
        ("lost-instance", added(ANYWHERE), OTHERS),
    ],
)
def test_what_is_of_another_fleet_or_condition_is_refused(
    condition: str, alter: Callable[[Stands], Stands], said: str
) -> None:
    with pytest.raises(Rejected, match=said):
        alter(stands(condition)).require()


def test_a_rollback_without_batches_is_refused() -> None:
    """There is none to go back by."""
    given = stands("rollback")
    plan = given.premises.plan
    without = tuple(attrs.evolve(one, batch=0) for one in plan.components)
    altered = attrs.evolve(given.premises, taking=list(without))
    with pytest.raises(Rejected, match=OTHERS):
        attrs.evolve(given, premises=altered).require()


def test_of_a_component_that_is_not_planned() -> None:
    given = stands("update")
    other = attrs.evolve(given.premises, component="other")
    with pytest.raises(Rejected, match="of a component that is not planned"):
        attrs.evolve(given, premises=other).require()


def test_what_is_lost_is_promised() -> None:
    """Of so many zones."""
    given = stands("lost-zone:3")
    other = attrs.evolve(given.premises, condition="lost-zone:4")
    with pytest.raises(Rejected, match="it is not promised"):
        attrs.evolve(given, premises=other).require()
