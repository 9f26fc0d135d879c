"""Addresses of Terraform resources, and what an expression of the configuration refers to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PART = re.compile(r'(?P<name>[A-Za-z_][\w-]*)(?:\[(?P<key>"(?:[^"\\]++|\\.)*+"|[^\]"]*)\])?')
MAX_PARTS: Final = 256
"""Parts of an address or a reference."""
MAX_FOLLOWED: Final = 50
"""Variables and outputs that one reference is followed through."""


@attrs.frozen
class Step:
    """A part of an address: a name, and the key of an instance where it has one."""

    name: str
    key: str | None = None


@attrs.frozen
class Address:
    """Where a resource is: the modules it is in, its type and its name."""

    modules: tuple[Step, ...]
    type: str
    name: Step

    @property
    def path(self) -> tuple[str, ...]:
        """The names of its modules."""
        return tuple(step.name for step in self.modules)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its instances, outermost first."""
        return tuple(step.key for step in (*self.modules, self.name) if step.key is not None)


def parse_address(text: str) -> Address | None:
    """An address such as ``module.fleet["a"].aws_sagemaker_endpoint.this[0]``."""
    steps = split_reference(text)
    modules: list[Step] = []
    while len(steps) > 2 and steps[0] == Step("module"):  # noqa: PLR2004  (module, its name, and more)
        modules.append(steps[1])
        steps = steps[2:]
    if len(steps) != 2:  # noqa: PLR2004  (type and name)
        return None
    return Address(tuple(modules), steps[0].name, steps[1])


def split_reference(text: str) -> list[Step]:
    """The parts of a reference, as far as it can be read; none where there are too many."""
    steps: list[Step] = []
    at = 0
    while match := _PART.match(text, at):
        if len(steps) == MAX_PARTS:
            return []
        steps.append(Step(match["name"], match["key"]))
        at = match.end()
        if text[at : at + 1] != ".":
            break
        at += 1
    return steps


@attrs.frozen
class Configuration:
    """The ``configuration`` of a plan: which expression gives a member, and what that refers to."""

    root: Mapping[str, Any]
    _by_address: dict[tuple[str, ...], dict[str, list[Any]]] = attrs.field(
        factory=dict, init=False, repr=False
    )

    def _resources(self, user: Address) -> Sequence[Any]:
        """What the configuration has of a resource."""
        if user.path not in self._by_address:
            known = self._by_address[user.path] = dict[str, list[Any]]()
            resources = self.module(user.path).get("resources")
            for resource in resources if isinstance(resources, list) else ():
                known.setdefault(str(_get(resource, "address")), []).append(resource)
        return self._by_address[user.path].get(f"{user.type}.{user.name.name}", ())

    def module(self, path: Sequence[str]) -> Mapping[str, Any]:
        """The module that is called along a path of names; empty where the plan has none."""
        found: Any = self.root
        for name in path:
            found = _get(_get(_get(found, "module_calls"), name), "module")
        return found if isinstance(found, dict) else {}

    def call(self, path: Sequence[str]) -> Mapping[str, Any]:
        """The call of the module at a path."""
        found = _get(_get(self.module(path[:-1]), "module_calls"), path[-1])
        return found if isinstance(found, dict) else {}

    def targets(self, user: Address, member: Sequence[str]) -> Iterator[tuple[Address, str]]:
        """The resources that a member's expression refers to, each with the attribute of it."""
        for resource in self._resources(user):
            expression = _get(resource, "expressions")
            for name in member:
                expression = expression[0] if isinstance(expression, list) and expression else expression
                inner = _get(expression, name)
                if inner is None:
                    break
                expression = inner
            yield from self._followed(user.modules, _references(expression), MAX_FOLLOWED)

    def waits_for(self, user: Address) -> Iterator[Address]:
        """The resources that are carried out before: those it names, and those its expressions refer to."""
        for resource in self._resources(user):
            told = _every_reference([_get(resource, "expressions"), _get(resource, "provisioners")])
            yield from (target for target, _ in self._followed(user.modules, told, MAX_FOLLOWED))
            yield from self._named(user.modules, _get(resource, "depends_on"))
        for depth in range(len(user.modules)):
            call = self.call([step.name for step in user.modules[: depth + 1]])
            yield from self._named(user.modules[:depth], _get(call, "depends_on"))

    def provider(self, user: Address) -> str:
        """What the configuration of the provider is called that makes a resource; empty if not told."""
        told = (_get(one, "provider_config_key") for one in self._resources(user))
        return next((one for one in told if isinstance(one, str)), "")

    def _named(self, modules: tuple[Step, ...], named: Any) -> Iterator[Address]:
        """The resources that a ``depends_on`` names: each by itself, or all of a module."""
        told = [one for one in named if isinstance(one, str)] if isinstance(named, list) else []
        yield from (target for target, _ in self._followed(modules, told, MAX_FOLLOWED))
        for steps in map(split_reference, told):
            if len(steps) == 2 and steps[0].name == "module":  # noqa: PLR2004  (module and its name)
                yield from self._all_of((*modules, steps[1]))

    def _followed(
        self, modules: tuple[Step, ...], references: Sequence[str], left: int
    ) -> Iterator[tuple[Address, str]]:
        for reference in references if left else ():
            steps = split_reference(reference)
            if len(steps) < 2:  # noqa: PLR2004  (each.key, var.x, T.N all have two)
                continue
            first, second = steps[0].name, steps[1]
            if first == "var" and modules:
                call = self.call([step.name for step in modules])
                expression = _get(_get(call, "expressions"), second.name)
                yield from self._followed(modules[:-1], _references(expression), left - 1)
            elif first == "module" and len(steps) > 2:  # noqa: PLR2004  (module, its name, its output)
                inner = (*modules, second)
                output = _get(self.module([step.name for step in inner]).get("outputs"), steps[2].name)
                yield from self._followed(inner, _references(_get(output, "expression")), left - 1)
            elif first not in ("var", "module", "local", "each", "count", "data", "path", "self"):
                attribute = steps[2].name if len(steps) > 2 else ""  # noqa: PLR2004
                yield Address(modules, first, second), attribute

    def _all_of(self, modules: tuple[Step, ...]) -> Iterator[Address]:
        """The resources of a module, and of those that it calls."""
        waiting = [modules]
        while waiting:
            path = waiting.pop()
            module = self.module([step.name for step in path])
            resources, calls = module.get("resources"), module.get("module_calls")
            for resource in resources if isinstance(resources, list) else ():
                steps = split_reference(str(_get(resource, "address")))
                if len(steps) == 2:  # noqa: PLR2004  (type and name; data are nothing to wait for)
                    yield Address(path, steps[0].name, steps[1])
            waiting += [(*path, Step(name)) for name in calls] if isinstance(calls, dict) else []


Known = dict[tuple[str, str, tuple[str, ...]], list[Address]]


def by_resource(addresses: Sequence[Address]) -> Known:
    """Addresses by what a reference tells of them; the instances of a resource are together."""
    known: Known = {}
    for one in addresses:
        known.setdefault((one.type, one.name.name, one.path), []).append(one)
    return known


def matching(target: Address, user: Address, known: Known) -> Address | None:
    """The instance that a reference means: like keys go to like keys where it does not say."""
    same = known.get((target.type, target.name.name, target.path), [])
    told = [key for key in target.keys if key.startswith('"') or key.isdigit()]
    named = [one for one in same if all(key in one.keys for key in told)]
    for several in (named, [one for one in named if one.keys == user.keys]):
        if len(several) == 1:
            return several[0]
    shared = [one for one in named if one.modules == user.modules]
    return shared[0] if len(shared) == 1 else None


def instances(target: Address, known: Known) -> list[Address]:
    """All instances of what is referred to."""
    return known.get((target.type, target.name.name, target.path), [])


def _every_reference(expressions: Any) -> list[str]:
    """What is referred to anywhere in the expressions of a resource."""
    found, left = list[str](), [expressions]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            found += _references(one)
            left += one.values()
        elif isinstance(one, list):
            left += one
    return found


def _references(expression: Any) -> list[str]:
    found = _get(expression, "references")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
