"""Intrinsic functions resolved as far as anything given tells; the rest is unresolved, with the reason.

Resolving is total: whatever stands in a template, it gives a value or an unresolved one. Its work, its depth
and the texts it makes are limited, since references can multiply without end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.documents.nearest import nearest
from icplan.errors import WHAT_RUNS, InputError, InputProblem
from icplan.inputs import functions
from icplan.inputs.conditions import Truth, truth
from icplan.inputs.limits import MAX_RESOLVED, MAX_RESOLVED_DEPTH, MAX_TEXTS
from icplan.inputs.template import CUSTOM, Template, intrinsic, template_steps
from icplan.inputs.values import Link, Located, Origin, Unresolved, dynamic_reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.documents.paths import JsonPath
    from icplan.inputs.parameters import Parameters
    from icplan.inputs.source import Source

NO_VALUE = Unresolved("AWS::NoValue", "is AWS::NoValue")
_REGIONAL = {"AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::URLSuffix"}
"""Pseudo parameters that are the same in all stacks of a deployment."""


@attrs.define
class Work:
    """How many values were visited, and characters made, over all templates of a deployment.

    Its files are ``sources``.
    """

    done: int = 0
    made: int = 0
    sources: Sequence[Source] = ()

    def spend(self, values: int = 1) -> None:
        """Count values; InputError when they are too many."""
        self.done += values
        if self.done > MAX_RESOLVED:
            raise InputError(InputProblem(f"its references lead to more than {MAX_RESOLVED:,} values"))


@attrs.define(eq=False)
class Resolver:
    """Resolves the values of one template. ``exports`` finds what the others export.

    ``nested`` are the resolvers of the stacks that it nests, by logical id.
    """

    template: Template
    parameters: Parameters
    exports: Mapping[str, Export] = attrs.field(factory=dict)
    work: Work = attrs.field(factory=Work)
    nested: dict[str, Resolver] = attrs.field(factory=dict)
    _conditions: dict[str, Truth | None] = attrs.field(factory=dict)
    _attributes: dict[tuple[str, str], Located | None] = attrs.field(factory=dict)

    def spend(self, depth: int) -> bool:
        """Count one step; whether there is depth left for it."""
        self.work.spend()
        return depth < MAX_RESOLVED_DEPTH

    def make_text(self, characters: int, steps: JsonPath) -> None:
        """Count the characters of a text that is put together there; InputError when all are too many."""
        self.work.made += characters
        if self.work.made > MAX_TEXTS:
            message = f"makes texts of more than {MAX_TEXTS:,} characters, with those before it"
            raise InputError(self.template.source.problem(message, steps))

    def resolve(self, node: Any, steps: JsonPath, depth: int = 0) -> Located:
        """The value that stands at ``steps``."""
        origin = Origin(self.template.number, steps)
        if not self.spend(depth):
            return Located(self.unresolved("is nested too deeply to be followed", steps), origin)
        function = intrinsic(node)
        if function is not None:
            return self._call(*function, origin, depth)
        if isinstance(node, dict):
            members = {name: self.resolve(child, (*steps, name), depth + 1) for name, child in node.items()}
            kept = {name: child for name, child in members.items() if child.value is not NO_VALUE}
            return Located(kept, origin)
        if isinstance(node, list):
            items = [self.resolve(child, (*steps, number), depth + 1) for number, child in enumerate(node)]
            return Located([item for item in items if item.value is not NO_VALUE], origin)
        if isinstance(node, str) and (dynamic := dynamic_reference(node)):
            return Located(dynamic, origin)
        return Located(node, origin)

    def unresolved(self, why: str, steps: JsonPath, hint: str | None = None) -> Unresolved:
        """A value of this place alone, equal to no other."""
        return Unresolved(f"{self.template.number}|{steps}", why, hint)

    def _call(self, name: str, argument: Any, step: Any, origin: Origin, depth: int) -> Located:
        inner = (*origin.steps, step)
        if name == "Ref" and isinstance(argument, str):
            return self.reference(argument, origin, depth)
        if name == "Fn::GetAtt":
            return self._get_att(argument, inner, origin, depth)
        if name == "Fn::If" and isinstance(argument, list) and len(argument) == 3:  # noqa: PLR2004
            return self._if(argument, inner, origin, depth)
        if name == "Fn::ImportValue":
            return self._import(self.resolve(argument, inner, depth + 1), origin, depth)
        function = functions.FUNCTIONS.get(name)
        if function is None:
            return Located(self.unresolved(f"is made by {name}, which is not resolved", origin.steps), origin)
        found = function(self, argument, inner, depth + 1)
        if not isinstance(found, Located):
            return Located(found, origin)
        within = found.origin.steps[: len(origin.steps)] == origin.steps
        also = found.also if within else (found.origin, *found.also)
        return Located(found.value, origin, also, found.parameter)

    def reference(self, name: str, origin: Origin, depth: int = 0) -> Located:
        """What a Ref gives: a pseudo parameter, a parameter, or what a resource is called."""
        if name.startswith("AWS::"):
            return Located(self._pseudo(name), origin)
        if self.parameters.has(name):
            found = self.parameters.value(name, origin, depth)
            if isinstance(found.value, list):
                self.work.spend(len(found.value))
            return found
        if name in self.template.section("Resources"):
            return Located(self._link(name, "Ref", f"is the Ref of {name}, known once it is there"), origin)
        why = f"refers to {name}, which is neither a parameter nor a resource"
        self._refuse_unknown(name, why, origin)
        return Located(Unresolved(f"{self.template.number}|{name}", why), origin)

    def _refuse_unknown(self, name: str, why: str, origin: Origin) -> None:
        """Refuse a name that nothing has, as CloudFormation does, where nothing else makes resources."""
        if self.template.is_whole:
            known = [*self.template.section("Resources"), *self.template.section("Parameters")]
            near = nearest(name, known)
            hint = f"Did you mean {near}?" if near else None
            raise InputError(self.template.source.problem(why, origin.steps, hint))

    def _pseudo(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        known = {"AWS::Region": self.template.region, "AWS::StackName": self.template.stack_name}
        if known.get(name) is not None:
            return known[name]
        scope = "" if name in _REGIONAL else f"{self.template.number}|"
        hints = {"AWS::Region": "--region REGION", "AWS::StackName": "--stack-name NAME"}
        why = f"rests on {name}, which is not given"
        rests_on = frozenset({name} if name == "AWS::Region" else ())
        return Unresolved(f"{scope}{name}", why, hints.get(name), rests_on=rests_on)

    def _link(self, resource: str, attribute: str, why: str) -> Unresolved:
        number = self.template.number
        return Unresolved(
            f"{number}|attribute|{resource}.{attribute}", why, None, Link(f"{number}|{resource}", attribute)
        )

    def _get_att(self, argument: Any, inner: JsonPath, origin: Origin, depth: int) -> Located:
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if not isinstance(parts, list) or len(parts) < 2 or not isinstance(parts[0], str):  # noqa: PLR2004
            return Located(self.unresolved("is a GetAtt that cannot be read", origin.steps), origin)
        rest = [self.resolve(one, (*inner, n), depth + 1).value for n, one in enumerate(parts[1:], 1)]
        if not all(isinstance(one, str) for one in rest):
            return Located(self.unresolved("is a GetAtt of an unknown attribute", origin.steps), origin)
        return self.attribute(parts[0], ".".join(map(str, rest)), origin, depth)

    def attribute(self, resource: str, name: str, origin: Origin, depth: int) -> Located:
        """What GetAtt gives: the member of that name where the resource declares it, else a link."""
        if resource not in self.template.section("Resources"):
            why = f"refers to {resource}, which is no resource of the template"
            self._refuse_unknown(resource, why, origin)
            return Located(Unresolved(f"{self.template.number}|{resource}.{name}", why), origin)
        declared = self._declared(resource, name, depth)
        if declared is None and resource in self.nested and name.startswith("Outputs."):
            declared = self._output(resource, name, depth)
        link = self._link(resource, name, f"is {name} of {resource}, known once it is there")
        if declared is None:
            return Located(link, origin)
        if isinstance(declared.value, Unresolved):
            value = attrs.evolve(declared.value, link=declared.value.link or link.link)
            return Located(value, origin, (declared.origin,))
        return Located(declared.value, origin, (declared.origin, *declared.also), declared.parameter)

    def _declared(self, resource: str, name: str, depth: int) -> Located | None:
        """A member that a resource declares; None too while it is being resolved, as in a circle."""
        key = resource, name
        if key not in self._attributes:
            self._attributes[key] = None
            entry = self.template.entry("Resources", resource)
            properties, kind = entry.get("Properties"), str(entry.get("Type"))
            told = not kind.startswith((*CUSTOM, "AWS::CloudFormation::")) and not kind.endswith("::MODULE")
            if told and isinstance(properties, dict) and name in properties:
                steps = template_steps("Resources", resource, "Properties", name)
                self._attributes[key] = self.resolve(properties[name], steps, depth + 1)
        return self._attributes[key]

    def _output(self, stack: str, name: str, depth: int) -> Located | None:
        """An output of a nested stack; None too while it is being resolved."""
        key = stack, name
        nested, output = self.nested[stack], name.removeprefix("Outputs.")
        entry = nested.template.entry("Outputs", output)
        value = entry.get("Value") if nested.makes(entry) else None
        if self._attributes.get(key) is None and value is not None and self.spend(depth):
            self._attributes[key] = nested.resolve(
                value, template_steps("Outputs", output, "Value"), depth + 1
            )
        return self._attributes.get(key)

    def passed(self, stack: str, parameter: str, depth: int) -> Located | None:
        """What is passed to a nested stack as a parameter; None too while it is being resolved."""
        key = stack, f"Parameters.{parameter}"
        if key not in self._attributes and self.spend(depth):
            self._attributes[key] = None
            found = self._passed(stack, parameter, depth + 1)
            self._attributes[key] = None if found is None or found.value is NO_VALUE else found
        return self._attributes.get(key)

    def _passed(self, stack: str, parameter: str, depth: int) -> Located | None:
        """The parameter of a stack as it is written, also where all of them are what a function gives."""
        properties = self.template.entry("Resources", stack).get("Properties")
        given = properties.get("Parameters") if isinstance(properties, dict) else None
        steps = template_steps("Resources", stack, "Properties", "Parameters")
        if intrinsic(given) is None:
            if not isinstance(given, dict) or parameter not in given:
                return None
            return self.resolve(given[parameter], (*steps, parameter), depth)
        whole = self.resolve(given, steps, depth)
        if not isinstance(whole.value, Unresolved):
            return whole.get(parameter)
        key = f"{whole.value.key}|{parameter}"
        return attrs.evolve(whole, value=attrs.evolve(whole.value, key=key, link=None))

    def _if(self, argument: list[Any], inner: JsonPath, origin: Origin, depth: int) -> Located:
        name = argument[0]
        holds = self.condition(name, depth + 1) if isinstance(name, str) else Truth(None)
        if holds.holds is not None:
            number = 1 if holds.holds else 2
            return self.resolve(argument[number], (*inner, number), depth + 1)
        yes, no = (self.resolve(argument[n], (*inner, n), depth + 1) for n in (1, 2))
        if functions.same(yes, no):
            return yes
        why = holds.unresolved.why if holds.unresolved else "is not known"
        key = f"{self.template.number}|if|{name}|{functions.digest(yes, no)}"
        hint = holds.unresolved.hint if holds.unresolved else None
        rests_on = holds.unresolved.rests_on if holds.unresolved else frozenset()
        why = f"depends on condition {name}, which {why}"
        return Located(Unresolved(key, why, hint, rests_on=rests_on), origin)

    def branches(self, argument: Any) -> Any:
        """What is left of the argument of an If: the branch that is taken, where that is known."""
        whole = isinstance(argument, list) and len(argument) == 3 and isinstance(argument[0], str)  # noqa: PLR2004
        holds = self.condition(argument[0]).holds if whole else None
        return argument if holds is None else argument[1 if holds else 2]

    def condition(self, name: str, depth: int = 0) -> Truth:
        """Whether a named condition of the template holds."""
        if name not in self._conditions:
            self._conditions[name] = None
            section = self.template.section("Conditions")
            if name in section:
                steps = template_steps("Conditions", name)
                self._conditions[name] = truth(self, section[name], steps, depth + 1)
        return self._conditions[name] or Truth(
            None,
            Unresolved(f"{self.template.number}|condition|{name}", "is not declared, or rests on itself"),
        )

    def _import(self, name: Located, origin: Origin, depth: int) -> Located:
        if not isinstance(name.value, str):
            why = "is an import whose name is not known"
            return Located(self.unresolved(why, origin.steps), origin)
        export = self.exports.get(name.value)
        if export is None or not self.spend(depth):
            why = f"is an import of {name.value}, which no file given exports"
            hint = f"Give that template, too, or {WHAT_RUNS}"
            return Located(Unresolved(f"import|{name.value}", why, hint), origin)
        steps = template_steps("Outputs", export.output, "Value")
        value = export.resolver.template.entry("Outputs", export.output).get("Value")
        found = export.resolver.resolve(value, steps, depth + 1)
        return Located(found.value, origin, (found.origin, *found.also), found.parameter)

    def makes(self, output: Mapping[str, Any]) -> bool:
        """Whether an output is known to be made."""
        condition = output.get("Condition")
        return condition is None or (isinstance(condition, str) and self.condition(condition).holds is True)

    def exported(self) -> dict[str, Export]:
        """What the template exports, by name, as far as the names can be told."""
        told: dict[str, Export] = {}
        for output, entry in self.template.section("Outputs").items():
            export = entry.get("Export") if isinstance(entry, dict) else None
            if isinstance(export, dict) and "Name" in export and self.makes(entry):
                steps = template_steps("Outputs", output, "Export", "Name")
                name = self.resolve(export["Name"], steps).value
                if isinstance(name, str):
                    told[name] = Export(self, output)
        return told


@attrs.frozen(eq=False)
class Export:
    """An output of a template that others may import."""

    resolver: Resolver
    output: str
