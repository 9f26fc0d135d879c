"""CloudFormation and SAM templates, in YAML or JSON: several are the stacks of one deployment."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.documents.nearest import nearest
from icplan.documents.yaml_text import Tagged
from icplan.errors import InputError
from icplan.inputs.declared import Declared
from icplan.inputs.parameter_problem import parameter_problem
from icplan.inputs.parameters import Parameters, refuse_unknown, text_of
from icplan.inputs.place import Place
from icplan.inputs.program_calls import ProgramCalls
from icplan.inputs.programs import Programs, unseen_programs
from icplan.inputs.resolver import Export, Resolver, Work
from icplan.inputs.resource import Kind, Resource
from icplan.inputs.resource_types import (
    EXPERIMENT,
    TEMPLATES,
    TYPES,
    is_foreign,
    may_make_ours,
    meant_type,
    types_in,
)
from icplan.inputs.says_component import says_component
from icplan.inputs.template import CUSTOM, Template, template_steps
from icplan.inputs.template_dependencies import Dependencies
from icplan.inputs.values import Located, Origin, Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from icplan.documents.paths import Step
    from icplan.inputs.deployment import InputOptions, Parameter
    from icplan.inputs.source import Source

_HARMLESS = {
    "AWS::Serverless-2016-10-31",
    "AWS::LanguageExtensions",
    "AWS::CodeDeployBlueGreen",
    "AWS::SecretsManager-2020-07-23",
    "AWS::SecretsManager-2024-09-16",
}
_PROCESSED = "Give the processed template: aws cloudformation get-template --template-stage Processed"
_TRANSFORM: Final = "Fn::Transform"


def recognises(source: Source) -> bool:
    """Whether a file is a template: a mapping whose ``Resources`` have a ``Type``."""
    value = source.one
    resources = value.get("Resources") if isinstance(value, dict) else None
    if not isinstance(resources, dict):
        return False
    typed = any(isinstance(one, dict) and "Type" in one for one in resources.values())
    return typed or "AWSTemplateFormatVersion" in value or any("::" in name for name in resources)


def declare(sources: Sequence[Source], options: InputOptions) -> Declared:
    """What templates given together declare. Their order is that of the stacks."""
    region = options.tried.get("AWS::Region") or options.region
    region = region if isinstance(region, str) else None
    templates = [Template(source, options.stack_name, region) for source in sources]
    refuse_unknown(options.parameters, templates)
    work = Work(sources=sources)
    resolvers = [
        Resolver(one, Parameters(one, options.parameters, options.tried), {}, work) for one in templates
    ]
    by_number = {one.template.number: one for one in resolvers}
    for resolver in resolvers:
        if (parent := resolver.template.source.parent) is not None:
            above, logical_id = by_number[parent[0]], parent[1]
            above.nested[logical_id] = resolver
            resolver.parameters.passed = partial(above.passed, logical_id)
    notes: list[str] = []
    dependencies = Dependencies(by_number, TYPES)
    stacks = [_Stack(resolver, notes, by_number, dependencies) for resolver in resolvers]
    there = [one for one in stacks if one.is_there()]
    exports = _exports(one.resolver for one in there)
    for resolver in resolvers:
        resolver.exports = exports
    resources = [resource for one in there for resource in one.resources()]
    for stack in there:
        stack.refuse_another_value(options.parameters)
        made = stack.template.source.stack
        if made is not None and made.doubt is not None:
            notes.append(f"{stack.template.source.file} is judged, and {made.doubt}")
        if stack.unseen and resources:
            notes.append(unseen_programs(stack.template.source.file, stack.unseen))
    used: dict[str, Parameter] = {}
    for resolver in resolvers:
        used |= resolver.parameters.used
    regions = {one.region for one in templates if one.region}
    return Declared(resources, notes, used, regions)


def _exports(resolvers: Iterable[Resolver]) -> dict[str, Export]:
    """What templates export, by name; a name that two export tells neither."""
    exports: dict[str, Export] = {}
    twice: set[str] = set()
    for resolver in resolvers:
        told = resolver.exported()
        twice |= told.keys() & exports.keys()
        exports |= told
    return {name: export for name, export in exports.items() if name not in twice}


@attrs.define
class _Stack:
    """The resources of one template."""

    resolver: Resolver
    notes: list[str]
    by_number: Mapping[int, Resolver]
    dependencies: Dependencies
    unseen: list[str] = attrs.field(factory=list)
    """Resources whose programs are in no file, and may be of any kind."""

    @cached_property
    def programs(self) -> Programs:
        """What the programs of the template may do."""
        return Programs(self.template)

    @cached_property
    def calls(self) -> ProgramCalls:
        """Which resources of AWS's own types run what calls SageMaker."""
        return ProgramCalls(self.template)

    @property
    def template(self) -> Template:
        return self.resolver.template

    def resources(self) -> Iterator[Resource]:
        """Those that have to do with capacity, under the conditions that hold."""
        self._refuse_macros()
        for name, entry in self.template.section("Resources").items():
            if name.startswith("Fn::"):
                self._refuse_generated(name, entry)
            elif isinstance(entry, dict) and isinstance(entry.get("Type"), str):
                self._refuse_misspelt(name, entry["Type"])
                kind = TYPES.get(entry["Type"])
                if kind is not None and _is_there(self.resolver, name, entry):
                    yield self._resource(kind, name, entry)
                self._note(name, entry)

    def is_there(self) -> bool:
        """Whether the stacks that nest this one make it. InputError where they do not, and it is given."""
        source = self.template.source
        while source.parent is not None:
            number, logical_id = source.parent
            above = self.by_number[number]
            if not _is_there(above, logical_id, above.template.entry("Resources", logical_id)):
                if self.template.source.given:
                    raise self._given_twice(above, logical_id, "under a condition that does not hold")
                return False
            source = above.template.source
        return True

    def refuse_another_value(self, given: Mapping[str, str]) -> None:
        """Refuse a file that is given and nested, where it would be another stack by itself.

        That is so where it is passed a parameter that has a default, or a value that is given, too. Where it
        has none by itself, it is told that another stack made of it is not judged.
        """
        source = self.template.source
        if not source.given or source.parent is None:
            return
        above, logical_id = self.by_number[source.parent[0]], source.parent[1]
        for name, entry in self.template.section("Parameters").items():
            passed = above.passed(logical_id, name, 0)
            if passed is None:
                continue
            default = isinstance(entry, dict) and "Default" in entry and name not in given
            alone = entry["Default"] if default else given.get(name)
            if alone is None:
                self.notes.append(
                    f"{source.file} is given, and judged only as {above.template.source.file} nests it, with "
                    f"what that passes for {name}; by itself it has no value for it"
                )
            if alone is not None and (isinstance(passed.value, Unresolved) or not _alike(alone, passed)):
                raise self._given_twice(above, logical_id, f"with another value of {name}")

    def _given_twice(self, above: Resolver, logical_id: str, how: str) -> InputError:
        mine, other = self.template.source.file, above.template.source
        message = f"{mine} is given, and {other.file} nests it {how}"
        hint = f"Give only {other.file}, or judge {mine} by itself"
        return InputError(other.problem(message, template_steps("Resources", logical_id), hint))

    def _refuse_macros(self) -> None:
        """Refuse what makes resources that are not in the file."""
        declared = self.template.source.one.get("Transform")
        for transform in declared if isinstance(declared, list) else [declared]:
            if transform is not None and not (isinstance(transform, str) and transform in _HARMLESS):
                name = transform if isinstance(transform, str) else "AWS::Include"
                self._refuse(("Transform",), f"the macro {name} may make components that are not in the file")
        waiting: list[tuple[tuple[Step, ...], Any]] = [((), self.template.source.one)]
        while waiting:
            steps, part = waiting.pop()
            if isinstance(part, Tagged):
                if part.name == "!Transform":
                    self._refuse(steps, "a macro may change what stands beside it")
                part = part.value
            if isinstance(part, dict):
                if _TRANSFORM in part:
                    self._refuse((*steps, _TRANSFORM), "a macro may change what stands beside it")
                waiting += [((*steps, name), child) for name, child in part.items()]
            elif isinstance(part, list):
                waiting += [((*steps, number), child) for number, child in enumerate(part)]

    def _refuse_generated(self, name: str, entry: Any) -> None:
        """Refuse a loop or an inclusion that a component or a fleet may come from."""
        types = list(types_in(entry))
        if name.startswith("Fn::ForEach") and types and not any(may_make_ours(one) for one in types):
            return
        self._refuse(("Resources", name), f"{name} makes resources that are not in the file")

    def _refuse_needs(self, name: str, entry: dict[str, Any]) -> None:
        """Refuse a DependsOn of what the template does not have: CloudFormation refuses it, too."""
        needs = entry.get("DependsOn")
        for one in needs if isinstance(needs, list) else [needs]:
            if (
                isinstance(one, str)
                and self.template.is_whole
                and one not in self.template.section("Resources")
            ):
                near = nearest(one, self.template.section("Resources"))
                steps = template_steps("Resources", name, "DependsOn")
                message = f"DependsOn names {one}, which is no resource of the template"
                hint = f"Did you mean {near}?" if near else None
                raise InputError(self.template.source.problem(message, steps, hint))

    def _refuse_misspelt(self, name: str, kind: str) -> None:
        """Refuse a type that is none and may be meant for one that is judged: it would go unjudged."""
        if (meant := meant_type(kind)) is not None:
            steps = template_steps("Resources", name, "Type")
            message = f"{kind} is no type of resource"
            raise InputError(self.template.source.problem(message, steps, f"Did you mean {meant}?"))

    def _refuse(self, steps: tuple[Step, ...], message: str) -> None:
        raise InputError(self.template.source.problem(message, template_steps(*steps), _PROCESSED))

    def _resource(self, kind: Kind, name: str, entry: dict[str, Any]) -> Resource:
        here = Origin(self.template.number, template_steps("Resources", name))
        self._refuse_needs(name, entry)
        properties = self.resolver.resolve(
            entry.get("Properties", {}), template_steps("Resources", name, "Properties")
        )
        value = properties.value if isinstance(properties.value, dict) else {}
        members = Located(dict(value), here)
        return Resource(
            kind=kind,
            id=f"{self.template.number}|{name}",
            label=name,
            members=members,
            place=_Places(self.by_number, name),
            after=self.dependencies.of(self.template.number, name),
            run=self._root,
            where=self.template.where,
        )

    @property
    def _root(self) -> int:
        """The number of the template whose stack holds this one, nested however deep."""
        source = self.template.source
        while source.parent is not None:
            source = self.by_number[source.parent[0]].template.source
        return source.number

    def _note(self, name: str, entry: dict[str, Any]) -> None:
        kind, properties = entry["Type"], entry.get("Properties")
        where = f"{self.template.source.file}: {name}"
        if kind.startswith(CUSTOM) and isinstance(properties, dict):
            if says_component(properties):
                self.notes.append(f"{where}: a component is made by a custom resource; not judged")
            elif self.programs.may_change(name) or self.calls.serves(properties.get("ServiceToken")):
                self.notes.append(f"{where}: its program may change what an endpoint runs; not judged")
            elif not self.programs.is_seen(name):
                self.unseen.append(name)
        elif is_foreign(kind) and says_component([kind, properties]):
            self.notes.append(f"{where}: a component may be made by {kind}; not judged")
        elif kind in TEMPLATES and name not in self.resolver.nested:
            self.notes.append(f"{where} is {TEMPLATES[kind]}, which is not read; give its template, too")
        elif kind.endswith("::MODULE"):
            self.notes.append(f"{where} is a module, which is not read")
        elif kind == EXPERIMENT:
            self.notes.append(f"{where} is an experiment, which launches instances; not judged")
        elif kind not in TYPES and self.calls.made_by(name):
            self.notes.append(f"{where}: what {kind} runs may change what an endpoint runs; not judged")


def _alike(alone: Any, passed: Located) -> bool:
    """Whether a value that a parameter has by itself is the one that is passed."""
    scalars = all(isinstance(one, str | int | float | bool) for one in (alone, passed.value))
    return scalars and text_of(alone) == text_of(passed.value)


def _is_there(resolver: Resolver, name: str, entry: dict[str, Any]) -> bool:
    """Whether a resource is made. InputError where its condition is not known."""
    condition = entry.get("Condition")
    if not isinstance(condition, str):
        return True
    truth = resolver.condition(condition)
    if truth.holds is None:
        why = truth.unresolved.why if truth.unresolved else "is not known"
        hint = truth.unresolved.hint if truth.unresolved else None
        steps = template_steps("Resources", name, "Condition")
        message = f"whether {name} is there depends on condition {condition}, which {why}"
        problem = resolver.template.source.problem(message, steps, hint)
        raise InputError(parameter_problem(problem, truth.unresolved))
    return truth.holds


@attrs.frozen(eq=False)
class _Places:
    """Tells the places of one resource of a template, and of what it takes from others.

    CDK's constructs are known by logical id.
    """

    by_number: Mapping[int, Resolver]
    name: str

    def __call__(self, origin: Origin) -> Place:
        source = self.by_number[origin.source].template.source
        made = source.stack.constructs.get(self.name) if source.stack else None
        line, column = source.place(origin.steps) or (None, None)
        return Place(
            file=source.file,
            line=line,
            column=column,
            address=self.name,
            construct=made.path if made else None,
            source=made.source if made else None,
        )
