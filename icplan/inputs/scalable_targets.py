"""Between how many copies autoscaling keeps the components of a deployment, as the files declare it.

A schedule that raises a component later counts like the target itself: what it raises to must have room.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.errors import InputError
from icplan.inputs.linking import key_of, problem_at
from icplan.inputs.parameter_problem import parameter_problem
from icplan.inputs.resource import Action, Kind, Where, rules_of
from icplan.inputs.typed_values import Settled
from icplan.inputs.values import Located, Unresolved, plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from icplan.inputs.naming import Known
    from icplan.inputs.resource import Resource

COPIES_DIMENSION: Final = "sagemaker:inference-component:DesiredCopyCount"
_PREFIX: Final = "inference-component/"
_SERVICE: Final = "sagemaker"
_TEXTS: Final = ("ScalableDimension", "ServiceNamespace")
_LEAST, _MOST = "MinCapacity", "MaxCapacity"


@attrs.frozen
class _Aim:
    """What a target is for: a component of the files, a name that none declares, or what is not known.

    ``untold`` completes a sentence that begins with the target.
    """

    component: str | None = None
    name: str | None = None
    untold: str | None = None


@attrs.frozen
class Targets:
    """The scalable targets of a deployment, each by what it is for. Ids of components lead to their names."""

    names: Mapping[str, str]
    aims: Sequence[tuple[Resource, _Aim]]
    by_component: Mapping[str, Sequence[Resource]]

    @classmethod
    def of(cls, known: Known, runs: Where) -> Targets:
        """Those that stay or come. ``runs`` is where the components are that no file declares."""
        there = [one for one in known.resources if one.kind is Kind.TARGET]
        components = _Components.of(known, runs) if there else None
        aims = [
            (one, components.aim(one)) for one in there if components and one.action is not Action.DELETED
        ]
        by_component: dict[str, list[Resource]] = {}
        for target, aim in aims:
            if aim.component is not None:
                by_component.setdefault(aim.component, []).append(target)
        return cls(known.names, aims, by_component)

    def declared(self, components: Sequence[Resource]) -> list[dict[str, Any]]:
        """Those of these components, as plain data, one of each; a maximum that is not known is left out.

        InputError for a minimum that cannot be told: autoscaling raises the component to it.
        """
        found = []
        for name, targets in self._of(components):
            told = [plain(one.members) for one in targets]
            texts = {key: one for key in _TEXTS for each in told if isinstance(one := each.get(key), str)}
            maxima = [] if any(map(_untold, targets)) else _capacities(targets, _MOST)
            bounds = {_LEAST: _capacities(targets, _LEAST), _MOST: maxima}
            highest = {member: max(counts) for member, counts in bounds.items() if counts}
            found.append({"ResourceId": _PREFIX + name, **texts, **highest})
        return found

    def untold_maxima(self, components: Sequence[Resource]) -> list[str]:
        """What is to be said of maxima that cannot be told."""
        found = ((name, why) for name, targets in self._of(components) for why in map(_untold, targets))
        return [f"{_MOST} of {name} {why.why}: not counted with" for name, why in found if why]

    def _of(self, components: Sequence[Resource]) -> Iterator[tuple[str, Sequence[Resource]]]:
        for one in components:
            if one.id in self.by_component:
                yield self.names[one.id], self.by_component[one.id]

    def named(self) -> Iterator[tuple[Resource, str]]:
        """Each target whose component is known, with the component's name."""
        for target, aim in self.aims:
            name = aim.name if aim.component is None else self.names[aim.component]
            if name is not None:
                yield target, name

    def unjudged(self, asked: Collection[str], running: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
        """What is to be said of those of components that nothing is ``asked`` of: they may be raised, too.

        ``running`` are the components of the snapshot, by name.
        """
        for target, aim in self.aims:
            if target.action is Action.KEPT:
                continue
            where = target.here.shown
            label = f"{where}: {target.label}" if where else target.label
            if aim.untold is not None:
                yield f"{label} {aim.untold}; not judged"
            name = aim.name if aim.component is None else self.names[aim.component]
            if name is None or name in asked:
                continue
            least = _told_least(target)
            copies = (running.get(name, {}).get("RuntimeConfig") or {}).get("DesiredCopyCount")
            if least is None or copies is None or least > copies:
                to = "a number of copies that is not known" if least is None else f"{least} copies"
                now = "" if copies is None else f" (now {copies})"
                yield f"{label} may raise {name}, which nothing here changes, to {to}{now}; not judged"


def highest_minimum(target: Resource) -> tuple[int, Located] | None:
    """The most copies that a target, or a schedule of it, raises a component to, and where that is written.

    None where it has no minimum. InputError where one cannot be told.
    """
    counts = [(_count(target, node, _LEAST), node) for _, node in _written(target, _LEAST)]
    return max(counts, key=lambda one: one[0], default=None)


def _told_least(target: Resource) -> int | None:
    """The same count; None where it is not known."""
    try:
        least = highest_minimum(target)
    except InputError:
        return None
    return 0 if least is None else least[0]


@attrs.frozen
class _Components:
    """The components of the files, by their names, and by the expressions that name them."""

    by_id: Mapping[str, Resource]
    by_name: Mapping[str, str]
    by_key: Mapping[str, str]
    runs: Where

    @classmethod
    def of(cls, known: Known, runs: Where) -> _Components:
        by_id = known.components.by_id
        by_key: dict[str, str] = {}
        for one in by_id.values():
            number, _, label = one.id.partition("|")
            by_key[f"{number}|attribute|{label}.{one.kind}"] = one.id
            by_key.setdefault(key_of(one.member(one.kind)).removeprefix("?"), one.id)
        return cls(by_id, {known.names[one]: one for one in by_id}, by_key, runs)

    def aim(self, target: Resource) -> _Aim:
        """What a target is for, if it is for the copies of a component where that is."""
        found = self._aim(target)
        if found.component is None and found.name is None:
            return found
        where = self.runs if found.component is None else self.by_id[found.component].where
        if target.where.differs(where):
            there = found.component is not None and not target.where.differs(self.runs)
            return _Aim(name=found.name) if there else _Aim()
        untold = target.where.differs(self.runs) and not where.differs(self.runs)
        if untold or target.where.may_differ(where):
            return _Aim(untold="may be of another account or Region than the component that it names")
        return found

    def _aim(self, target: Resource) -> _Aim:
        """What a target is for, wherever it is."""
        node, dimension = target.member("ResourceId"), target.member("ScalableDimension")
        service = target.member("ServiceNamespace")
        if service is not None and isinstance(service.value, str) and service.value != _SERVICE:
            return _Aim()
        if dimension is not None and isinstance(dimension.value, Unresolved):
            other = node is not None and isinstance(node.value, str) and not node.value.startswith(_PREFIX)
            untold = f"may be for copies: its ScalableDimension {dimension.value.why}"
            return _Aim() if other else _Aim(untold=untold)
        if dimension is None or dimension.value != COPIES_DIMENSION:
            return _Aim()
        if node is not None and isinstance(node.value, str):
            name = node.value.removeprefix(_PREFIX)
            return _Aim() if name == node.value else _Aim(self.by_name.get(name), name)
        component = self._linked(node.value) if node and isinstance(node.value, Unresolved) else None
        if component is not None:
            return _Aim(component)
        why = f": its ResourceId {node.value.why}" if node and isinstance(node.value, Unresolved) else ""
        return _Aim(untold=f"is for a component that is not known{why}")

    def _linked(self, unresolved: Unresolved) -> str | None:
        """The component that a ResourceId refers to, though its name is not known yet."""
        if unresolved.link is not None:
            return unresolved.link.resource if unresolved.link.resource in self.by_id else None
        key = _after_prefix(unresolved.key)
        return None if key is None else self.by_key.get(key)


def _after_prefix(key: str) -> str | None:
    """The key of what stands after ``inference-component/`` in a text that is put together."""
    kind, _, pieces = key.partition("|")
    if kind != "text":
        return None
    match json.loads(pieces):
        case [["=", before], ["?", str(name)]] if before == _PREFIX:
            return name
    return None


def _untold(target: Resource) -> Unresolved | None:
    """Why a maximum of a target is not known; None where all are."""
    nodes = (node for _, node in _written(target, _MOST))
    return next((node.value for node in nodes if isinstance(node.value, Unresolved)), None)


def _written(target: Resource, member: str) -> Iterator[tuple[Resource, Located]]:
    """Each place at which a target, or a schedule of it, has a number of copies."""
    actions = target.member("ScheduledActions")
    scheduled = actions.value if actions is not None and isinstance(actions.value, list) else []
    holders = [target.members, target.member("ScalableTargetAction")]
    holders += [one.get("ScalableTargetAction") for one in scheduled]
    for holder in holders:
        node = holder.get(member) if holder is not None else None
        if node is not None and node.value is not None:
            yield target, node
    for node in (actions, *scheduled, *holders[1:]):
        if node is not None and isinstance(node.value, Unresolved):
            yield target, node


def _capacities(targets: Sequence[Resource], member: str) -> list[int]:
    """The numbers of copies that targets have, which may be written as texts."""
    return [_count(target, node, member) for one in targets for target, node in _written(one, member)]


def _count(target: Resource, node: Located, member: str) -> int:
    if isinstance(node.value, Unresolved):
        problem = problem_at(target, node, f"{member} {node.value.why}", node.value.hint)
        raise InputError(parameter_problem(problem, node.value))
    settled = Settled(lambda one: target.place(one.origin))
    count = settled.value(node, rules_of(Kind.TARGET)[member], member).value
    settled.close()
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise InputError(problem_at(target, node, f"{member} is not a whole number of copies"))
    return count
