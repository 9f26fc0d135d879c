"""Programs that a template runs while it is deployed: custom resources, whose doings nothing tells."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.inputs.deployment import Aside
from icplan.inputs.parts import structures_of
from icplan.inputs.says_component import says_service
from icplan.inputs.template import SAGEMAKER, intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from icplan.inputs.template import Template

_CODE: Final = "ServiceToken"
"""The member of a custom resource that says which program makes it; the others are what that is given."""
_POLICIES: Final = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
"""Types that allow what the roles they name may do."""
_ANYTHING: Final = re.compile(
    r"\*(?::\*)?|s[a-z]{0,8}\*:.*|.*/(?:Administrator|PowerUser)Access", re.IGNORECASE
)
"""An action, or a policy of AWS's, that allows to change what SageMaker runs, and does not say so."""
_SHOWN: Final = 10
_NAMED: Final = re.compile(r"\$\{(?P<name>[A-Za-z0-9]{1,255})(?:\.[^}]{0,255})?\}")


@attrs.frozen
class Programs:
    """What the programs of a template may do to what SageMaker runs, as far as the template tells."""

    template: Template

    def may_change(self, name: str) -> bool:
        """Whether the program of a resource is given something of SageMaker's, or may act there."""
        entry = self.template.entry("Resources", name)
        properties = _members(entry, "Properties")
        given = {member: value for member, value in properties.items() if member != _CODE}
        needs = entry.get("DependsOn")
        near = [*references(given), *(needs if isinstance(needs, list) else [needs])]
        code = set(references(properties.get(_CODE)))
        return says_service(given) or any(map(self._is_of_service, near)) or not code.isdisjoint(self._acting)

    def is_seen(self, name: str) -> bool:
        """Whether the template has the program of a resource."""
        code = _members(self.template.entry("Resources", name), "Properties").get(_CODE)
        return any(one in self._resources for one in references(code))

    @property
    def _resources(self) -> Mapping[str, Any]:
        return self.template.section("Resources")

    def _is_of_service(self, name: Any) -> bool:
        entry = self.template.entry("Resources", name) if isinstance(name, str) else {}
        return str(entry.get("Type")).startswith(SAGEMAKER)

    @cached_property
    def _acting(self) -> frozenset[str]:
        """The resources that speak of SageMaker or may do anything, and all that refer to them."""
        used_by: dict[str, list[str]] = {}
        acting, waiting = set[str](), list[str]()
        for name, entry in self._resources.items():
            properties = _members(entry, "Properties")
            for one in references(properties):
                used_by.setdefault(one, []).append(name)
            if isinstance(entry, dict) and str(entry.get("Type")) in _POLICIES:
                for one in references([properties.get("Roles"), properties.get("RoleName")]):
                    used_by.setdefault(name, []).append(one)
            if says_service(_but_objects(entry)) or _allows_anything(entry):
                waiting.append(name)
        while waiting:
            name = waiting.pop()
            if name not in acting:
                acting.add(name)
                waiting += used_by.get(name, ())
        return frozenset(acting)


def unseen_programs(file: str, names: Sequence[str]) -> Aside:
    """A note on programs that are in no file: what they do is not known."""
    more = f" and {n} more" if (n := len(names) - _SHOWN) > 0 else ""
    verb = "runs a program that is" if len(names) == 1 else "run programs that are"
    shown = ", ".join(names[:_SHOWN]) + more
    return Aside(f"{file}: {shown} {verb} not read; judged as if no endpoint were changed by it")


def references(value: Any, branches: Callable[[Any], Any] = lambda part: part) -> Iterator[str]:
    """What is named anywhere in a value of a template by Ref, GetAtt or Sub.

    ``branches`` gives what is left of the argument of an ``Fn::If``.
    """
    waiting = [value]
    while waiting:
        part = waiting.pop()
        function = intrinsic(part)
        if function is not None:
            name, argument, _ = function
            argument = branches(argument) if name == "Fn::If" else argument
            first = argument[0] if isinstance(argument, list) and argument else argument
            if isinstance(first, str) and name in ("Ref", "Fn::GetAtt"):
                yield first.partition(".")[0]
            elif isinstance(first, str) and name == "Fn::Sub":
                yield from (match["name"] for match in _NAMED.finditer(first))
            waiting.append(argument)
        elif isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            waiting += part.values()


def _members(value: Any, name: str) -> dict[str, Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _but_objects(entry: Any) -> list[Any]:
    """The parts of a resource but for what statements of policies are about, which allows nothing."""
    kept: list[Any] = []
    waiting = [entry]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            left = [name for name in part if name != "Resource" or "Effect" not in part]
            kept += left
            waiting += [part[name] for name in left]
        elif isinstance(part, list):
            waiting += part
        else:
            kept.append(part)
    return kept


def _allows_anything(value: Any) -> bool:
    """Whether a policy in a value allows whatever there is."""
    for one in structures_of(value):
        if one.get("Effect") == "Allow" and "NotAction" in one:
            return True
        for told in (one.get("Action"), one.get("ManagedPolicyArns")):
            texts = told if isinstance(told, list) else [told]
            if any(isinstance(text, str) and _ANYTHING.fullmatch(text) for text in texts):
                return True
    return False
