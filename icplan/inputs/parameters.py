"""The parameters of a template: what is given, else the default, as the type it declares."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.errors import InputError, InputProblem
from icplan.inputs.deployment import Deployed, Other, Parameter
from icplan.inputs.template import template_steps
from icplan.inputs.values import FromParameter, Located, Origin, Unresolved, dynamic_reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from icplan.inputs.deployment import Tried
    from icplan.inputs.source import Source
    from icplan.inputs.template import Template
    from icplan.inputs.values import Scalar, Value

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,29}")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,30}(?:\.[0-9]{1,30})?")
HIDDEN: Final = "***"
"""What stands for the value of a parameter that has ``NoEcho``."""
_LOOKED_UP = "AWS::SSM::Parameter::Value"
"""How types begin whose value is the name of what is looked up."""
_LIST_TYPES = ("CommaDelimitedList", "List<", f"{_LOOKED_UP}<CommaDelimitedList", f"{_LOOKED_UP}<List<")


@attrs.define
class Parameters:
    """The values of one template's parameters. ``used`` notes those that were asked for.

    ``passed`` gives what the stack that nests this one passes.
    """

    template: Template
    given: Mapping[str, str]
    tried: Mapping[str, Tried] = attrs.field(factory=dict)
    used: dict[str, Parameter] = attrs.field(factory=dict)
    passed: Callable[[str, int], Located | None] = attrs.field(default=lambda _name, _depth: None)

    def has(self, name: str) -> bool:
        """Whether the template declares the parameter."""
        return name in self.template.section("Parameters")

    def value(self, name: str, use: Origin, depth: int = 0) -> Located:
        """The value of a parameter, where it is used; it comes from where it is declared, too."""
        declared = self.template.entry("Parameters", name)
        at = Origin(self.template.number, template_steps("Parameters", name))
        kind = str(declared.get("Type", "String"))
        passed = self.passed(name, depth)
        if is_secret(declared):
            return Located(self._secret(name, declared), use, (at,))
        if passed is not None:
            return self._passed(name, passed, kind, use, at)
        raw: Any
        default = None
        if name in self.given and not _is_name(self.given[name], declared):
            raw = self.given[name]
            self._check(name, raw, declared)
            self.used[name] = Parameter(raw, "given")
        elif (tried := self.tried.get(name)) is not None:
            self.used[name] = Parameter(str(tried), "tried")
            if isinstance(tried, Other):
                return Located(self._other(name, tried), use, (at,))
            raw = tried
        else:
            raw, origin = self._written(name, declared)
            if not isinstance(raw, str | int | float | bool) or kind.startswith(_LOOKED_UP):
                return Located(self._unknown(name, kind), use, (at,))
            self.used[name] = Parameter(text_of(raw), origin)
            if origin == "default":
                default = Origin(self.template.number, (*at.steps, "Default"))
        value = _as_declared(raw, kind, use, (at,))
        return Located(value, use, (at,), None if isinstance(value, list) else FromParameter(name, default))

    def _passed(self, name: str, passed: Located, kind: str, use: Origin, at: Origin) -> Located:
        """What the stack that nests this one passes; of a type that looks something up, the name of that."""
        also = (at, passed.origin, *passed.also)
        if kind.startswith(_LOOKED_UP):
            return Located(self._unknown(name, kind), use, also)
        scalar = isinstance(passed.value, str | int | float | bool)
        value = _as_declared(passed.value, kind, use, also) if scalar else passed.value
        return Located(value, use, also, passed.parameter or FromParameter(name, passed=passed.origin))

    def _written(self, name: str, declared: Mapping[str, Any]) -> tuple[Any, str]:
        """What an assembly of CDK deploys the stack with, else the Default; and which of them it is."""
        stack = self.template.source.stack
        if stack is not None and name in stack.parameters:
            return stack.parameters[name], "given"
        return declared.get("Default"), "default"

    def _unknown(self, name: str, kind: str) -> Unresolved:
        looked_up = kind.startswith(_LOOKED_UP)
        why = f"is what SSM has for parameter {name}" if looked_up else f"is parameter {name}"
        return Unresolved(
            f"{self.template.number}|{name}",
            f"{why}, which {'is not known' if looked_up else 'has no value'}",
            f"--parameter {name}=VALUE{', with what SSM has' if looked_up else ''}",
            rests_on=frozenset({name}),
        )

    def _secret(self, name: str, declared: Mapping[str, Any]) -> Unresolved:
        if name in self.given:
            self._check(name, self.given[name], declared)
        if name in self.given or "Default" in declared:
            self.used[name] = Parameter(HIDDEN, "given" if name in self.given else "default")
        why = f"is parameter {name}, which has NoEcho, so that no report may tell it"
        return Unresolved(f"{self.template.number}|{name}", why, "Leave NoEcho out, if it is no secret")

    def _other(self, name: str, tried: Other) -> Unresolved:
        return Unresolved(
            f"{self.template.number}|{name}",
            f"is parameter {name}, which has no value",
            f"--parameter {name}=VALUE",
            none_of=frozenset(tried.than),
        )

    def _check(self, name: str, value: str, declared: Mapping[str, Any]) -> None:
        allowed = None if is_looked_up(declared) else declared.get("AllowedValues")
        if isinstance(allowed, list) and value not in [text_of(one) for one in allowed]:
            shown = ", ".join(text_of(one) for one in allowed[:20])
            steps = template_steps("Parameters", name)
            message = f"the value given for parameter {name} is none of its AllowedValues"
            hint = None if is_secret(declared) else f"There are {shown}"
            raise InputError(self.template.source.problem(message, steps, hint))
        if (wrong := _outside(value, declared)) is not None:
            steps = template_steps("Parameters", name)
            message = f"the value given for parameter {name} {wrong}"
            raise InputError(self.template.source.problem(message, steps))


def is_secret(declared: Mapping[str, Any]) -> bool:
    """Whether a template's parameter has ``NoEcho``: its value is told nowhere."""
    return text_of(declared.get("NoEcho", False)).lower() == "true"


def is_looked_up(declared: Mapping[str, Any]) -> bool:
    """Whether what is given for a template's parameter, and its default, is the name of an SSM parameter."""
    return str(declared.get("Type")).startswith(_LOOKED_UP)


def _is_name(given: str, declared: Mapping[str, Any]) -> bool:
    """Whether what is given for a parameter whose type looks something up is the name of that, no value."""
    named = isinstance(given, Deployed) or given.startswith("/") or given == text_of(declared.get("Default"))
    return is_looked_up(declared) and named


def _outside(value: str, declared: Mapping[str, Any]) -> str | None:
    """Why CloudFormation refuses a value, by the type of a parameter and the bounds that it declares."""
    if declared.get("Type") == "Number":
        number = _number(value)
        if number is None:
            return "is no number"
        for bound, word, wrong in (("MinValue", "below", -1), ("MaxValue", "above", 1)):
            limit = _number(text_of(declared.get(bound, "")))
            if limit is not None and (number - limit) * wrong > 0:
                return f"is {word} its {bound}, {text_of(declared[bound])}"
    for bound, wrong in (("MinLength", -1), ("MaxLength", 1)):
        limit = _number(text_of(declared.get(bound, "")))
        if limit is not None and declared.get("Type") == "String" and (len(value) - limit) * wrong > 0:
            return f"is {'shorter' if wrong < 0 else 'longer'} than its {bound}, {text_of(declared[bound])}"
    return None


def _number(text: str) -> Fraction | None:
    return Fraction(text) if _DECIMAL.fullmatch(text) else None


def secret_names(sources: Iterable[Source]) -> Iterator[str]:
    """The parameters with ``NoEcho`` of the templates among files."""
    for source in sources:
        declared = source.one.get("Parameters") if isinstance(source.one, dict) else None
        for name, one in declared.items() if isinstance(declared, dict) else ():
            if isinstance(one, dict) and is_secret(one):
                yield name


def _as_declared(value: Any, kind: str, use: Origin, also: tuple[Origin, ...]) -> Value:
    """A scalar as its type has it, taken apart where that is a list."""
    if (dynamic := dynamic_reference(text_of(value))) is not None:
        return dynamic
    if not kind.startswith(_LIST_TYPES):
        return _typed(value, kind)
    return [Located(_typed(part.strip(), kind), use, also) for part in text_of(value).split(",")]


def _typed(value: Any, kind: str) -> Scalar:
    """A value as its type has it. Of a number only what it is written as is sure to stay: 1.0 is not 1."""
    if isinstance(value, float):
        return value
    text = text_of(value)
    return int(text) if "Number" in kind and _WHOLE.fullmatch(text) else text


def text_of(value: Any) -> str:
    """A scalar as a template's text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def refuse_unknown(given: Mapping[str, str], templates: Iterable[Template]) -> None:
    """Refuse a parameter that no template has: it would change nothing, and not say so."""
    known = {name for template in templates for name in template.section("Parameters")}
    for name in given:
        if name not in known:
            hint = f"There are {', '.join(sorted(known)[:20])}" if known else "No template given has any"
            raise InputError(InputProblem(f"no template has a parameter {name!r}", hint=hint))
