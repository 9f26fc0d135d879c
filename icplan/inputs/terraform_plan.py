"""Terraform's and OpenTofu's plans as JSON (``terraform show -json``): aws and awscc resources."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.errors import InputError, InputProblem
from icplan.inputs.declared import Declared
from icplan.inputs.place import Place
from icplan.inputs.resource import Action, Kind, Resource, rules_of
from icplan.inputs.spelling import Spelling
from icplan.inputs.terraform_address import (
    Address,
    Configuration,
    by_resource,
    instances,
    matching,
    parse_address,
)
from icplan.inputs.terraform_makers import unread_makers
from icplan.inputs.terraform_provider import Providers
from icplan.inputs.terraform_source import SourceTree
from icplan.inputs.values import Link, Located, Origin, Unresolved, located, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.inputs.deployment import InputOptions
    from icplan.inputs.source import Source
    from icplan.inputs.terraform_address import Known

_NAME = "name"
TYPES: Final[Mapping[str, tuple[Kind, Mapping[str, str]]]] = {
    "aws_sagemaker_endpoint_configuration": (
        Kind.CONFIGURATION,
        {_NAME: "EndpointConfigName", "kms_key_arn": "KmsKeyId"},
    ),
    "awscc_sagemaker_endpoint_config": (Kind.CONFIGURATION, {}),
    "aws_sagemaker_endpoint": (Kind.ENDPOINT, {_NAME: "EndpointName"}),
    "awscc_sagemaker_endpoint": (Kind.ENDPOINT, {}),
    "aws_sagemaker_inference_component": (Kind.COMPONENT, {_NAME: "InferenceComponentName"}),
    "awscc_sagemaker_inference_component": (Kind.COMPONENT, {}),
    "aws_appautoscaling_target": (Kind.TARGET, {}),
    "aws_appautoscaling_scheduled_action": (Kind.TARGET, {}),
    "awscc_applicationautoscaling_scalable_target": (Kind.TARGET, {}),
}
"""What each type is, and those of its members' names that no respelling explains."""

_ACTIONS: Final[Mapping[tuple[str, ...], Action]] = {
    ("no-op",): Action.KEPT,
    ("create",): Action.CREATED,
    ("update",): Action.UPDATED,
    ("delete",): Action.DELETED,
    ("delete", "create"): Action.RECREATED,
    ("create", "delete"): Action.REPLACED,
}
_BESIDE: Final = frozenset(
    {
        *("arn", "id", "tags", "tags_all", "timeouts", "region", "name_prefix", "triggers"),
        *("inference_component_arn", "inference_component_status", "endpoint_arn", "endpoint_config_arn"),
        *("creation_time", "last_modified_time", "failure_reason", "deployment_config"),
    }
)
"""Members of the providers that no request has; an endpoint's deployment_config says nothing of capacity."""
_LINKS: Final = {
    Kind.COMPONENT: (("endpoint_name",), ("specification", "base_inference_component_name")),
    Kind.ENDPOINT: (("endpoint_config_name",),),
}
_AFTER_APPLY = "is known only after apply, as in `(known after apply)`"
_HINT = "Apply what it comes from first (-target)"
_SENSITIVE = "is marked as sensitive, so that no report may tell it"
_SENSITIVE_HINT = "Unmark it, if it is none: nonsensitive(...)"
_SHOW = "terraform plan -out p && terraform show -json p"


def recognises(source: Source) -> bool:
    """Whether a file is a plan."""
    value = source.one
    return isinstance(value, dict) and "resource_changes" in value and "format_version" in value


def mistaken(value: Any) -> str | None:
    """What a file of Terraform's that is no plan is, and what to give instead."""
    if not isinstance(value, dict):
        return None
    if "format_version" in value and "values" in value and "resource_changes" not in value:
        return f"is a state, which has no changes; give the plan: {_SHOW}"
    if "@level" in value and "@message" in value:
        return f"is the log of plan -json; give the plan: {_SHOW}"
    return None


def declare(sources: Sequence[Source], options: InputOptions) -> Declared:
    """What plans declare, by the changes they make."""
    found = Declared([])
    for source in sources:
        found = found.plus(_Plan(source, options).declared())
    return found


@attrs.define
class _Plan:
    source: Source
    options: InputOptions
    notes: list[str] = attrs.field(factory=list)

    def declared(self) -> Declared:
        """The resources of the plan, with links where names are not known yet."""
        plan = self.source.one
        version = str(plan["format_version"])
        if version.partition(".")[0] not in ("0", "1"):
            message = f"is a plan of format {version}; icplan reads 0.x and 1.x"
            raise InputError(self.source.problem(message, (0, "format_version")))
        if plan.get("errored") is True or plan.get("complete") is False:
            why = "has errored, and " if plan.get("errored") is True else ""
            self.notes.append(
                f"{self.source.file}: the plan {why}is not complete; what it leaves out is not judged"
            )
        changes = plan["resource_changes"]
        entries = list(self._entries(changes if isinstance(changes, list) else []))
        configuration = Configuration(_mapping(_mapping(plan.get("configuration")).get("root_module")))
        self.notes += unread_makers(self.source, TYPES)
        tree = _tree(self.options.source, configuration)
        addresses = by_resource([address for _, _, address in entries])
        resources = []
        providers = Providers.of(plan, configuration)
        for number, entry, address in entries:
            change = _mapping(entry.get("change"))
            action = self._action(change, number)
            if action is not None:
                one = _Change(self, number, entry, address, action, tree)
                resources.append(one.resource(configuration, addresses, providers))
        regions = {one.where.region for one in resources if one.where.region}
        ignores = tree.ignores([address for _, _, address in entries]) if tree else ()
        return Declared(resources, self.notes, {}, regions, list(ignores))

    def _entries(self, changes: Sequence[Any]) -> Iterator[tuple[int, dict[str, Any], Address]]:
        for number, entry in enumerate(changes):
            if not isinstance(entry, dict) or str(entry.get("type")) not in TYPES:
                continue
            if entry.get("mode") == "data":
                continue
            address = parse_address(str(entry.get("address")))
            if address is None:
                message = "is no address of a resource"
                raise InputError(self.source.problem(message, (0, "resource_changes", number, "address")))
            yield number, entry, address

    def _action(self, change: dict[str, Any], number: int) -> Action | None:
        actions = change.get("actions")
        told = tuple(one for one in actions if isinstance(one, str)) if isinstance(actions, list) else ()
        if told in (("read",), ("forget",)):
            return None
        if told not in _ACTIONS:
            steps = (0, "resource_changes", number, "change", "actions")
            raise InputError(self.source.problem("has actions that icplan does not know", steps))
        return _ACTIONS[told]


@attrs.frozen
class _Change:
    """One entry of ``resource_changes``."""

    plan: _Plan
    number: int
    entry: dict[str, Any]
    address: Address
    action: Action
    tree: SourceTree | None

    @property
    def text(self) -> str:
        return str(self.entry["address"])

    def resource(self, configuration: Configuration, addresses: Known, providers: Providers) -> Resource:
        """The resource, and what its unknown names refer to."""
        change = _mapping(self.entry.get("change"))
        kind, aliases = TYPES[self.entry["type"]]
        here = (0, "resource_changes", self.number)
        origin = Origin(self.plan.source.number, (*here, "change", "after"))
        after = located(change.get("after"), origin)
        after = self._with_unknown(after, change.get("after_unknown"), ())
        after = _with_sensitive(after, change.get("after_sensitive"))
        links = dict(self._links(kind, configuration, addresses))
        after = _linked(after, links)
        was = located(change.get("before"), Origin(origin.source, (*here, "change", "before")))
        was = _with_sensitive(was, change.get("before_sensitive"))
        spelling = Spelling(lambda _, name: self._unknown(kind, name), blocks=True)
        members = spelling.structure(after, rules_of(kind), aliases)
        silent = attrs.evolve(spelling, unknown=lambda *_: None)
        before = silent.structure(was, rules_of(kind), aliases)
        if self.action is Action.DELETED:
            members = before
        if not isinstance(members.value, dict):
            members = Located({}, origin)
        members = attrs.evolve(members, origin=Origin(origin.source, (*here, "address")))
        return Resource(
            kind=kind,
            id=self._id(self.address),
            label=self.text,
            members=members,
            place=_Places(self.plan.source, self.text, self.address, self.tree),
            action=self.action,
            before=before if isinstance(before.value, dict) else None,
            after=frozenset(self._waits_for(configuration, addresses)),
            guesses=True,
            run=self.plan.source.number,
            deletes_beside=True,
            where=providers.where(self.address, change.get("after") or change.get("before")),
        )

    def _waits_for(self, configuration: Configuration, addresses: Known) -> Iterator[str]:
        """What is judged and must be there first, also where others stand between, as a pause does."""
        waiting, seen = [self.address], set[tuple[str, str, tuple[str, ...]]]()
        while waiting:
            for target in configuration.waits_for(waiting.pop()):
                key = target.type, target.name.name, target.path
                if key not in seen:
                    seen.add(key)
                    found = instances(target, addresses)
                    yield from (self._id(one) for one in found)
                    waiting += [] if found else [target]

    def _id(self, address: Address) -> str:
        return f"{self.plan.source.number}|{address}"

    def _with_unknown(self, node: Located, unknown: Any, path: tuple[str | int, ...]) -> Located:
        """The value with `Unresolved` where the plan says that it is not known."""
        if unknown is True:
            key = f"{self.plan.source.number}|{self.text}|{path}"
            return attrs.evolve(node, value=Unresolved(key, _AFTER_APPLY, _HINT))
        if isinstance(unknown, dict):
            members = dict(node.value) if isinstance(node.value, dict) else {}
            for name, inner in unknown.items():
                absent = Located(None, Origin(node.origin.source, (*node.origin.steps, name)))
                child = self._with_unknown(members.get(name, absent), inner, (*path, name))
                if name in members or child.value is not None:
                    members[name] = child
            return attrs.evolve(node, value=members) if members else node
        if isinstance(unknown, list) and isinstance(node.value, list):
            pairs = zip(node.value, unknown, strict=False)
            items = [self._with_unknown(item, inner, (*path, n)) for n, (item, inner) in enumerate(pairs)]
            return attrs.evolve(node, value=[*items, *node.value[len(items) :]])
        return node

    def _links(
        self, kind: Kind, configuration: Configuration, addresses: Known
    ) -> Iterator[tuple[tuple[str, ...], Link]]:
        for member in _LINKS.get(kind, ()):
            for target, attribute in configuration.targets(self.address, member):
                found = matching(target, self.address, addresses)
                if found is not None and attribute:
                    yield member, Link(self._id(found), attribute)
                    break

    def _unknown(self, kind: Kind, name: str) -> None:
        if kind in (Kind.COMPONENT, Kind.CONFIGURATION) and name not in _BESIDE:
            self.plan.notes.append(f"{self.text}: {name} is not a member icplan knows; it is not judged")


def _with_sensitive(node: Located, sensitive: Any) -> Located:
    """The value without what the plan marks as sensitive, which no report may tell. Equal ones stay equal."""
    if sensitive is True and not isinstance(node.value, Unresolved) and node.value is not None:
        digest = hashlib.sha256(json.dumps(plain(node), sort_keys=True, default=str).encode()).hexdigest()
        return attrs.evolve(node, value=Unresolved(f"sensitive|{digest}", _SENSITIVE, _SENSITIVE_HINT))
    if isinstance(sensitive, dict) and isinstance(node.value, dict):
        inner = {name: _with_sensitive(one, sensitive.get(name)) for name, one in node.value.items()}
        return attrs.evolve(node, value=inner)
    if isinstance(sensitive, list) and isinstance(node.value, list):
        marks = [*sensitive, *[None] * (len(node.value) - len(sensitive))]
        pairs = zip(node.value, marks, strict=False)
        return attrs.evolve(node, value=[_with_sensitive(one, mark) for one, mark in pairs])
    return node


def _linked(node: Located, links: Mapping[tuple[str, ...], Link], path: tuple[str, ...] = ()) -> Located:
    """The value with the links of what is unresolved in it."""
    if isinstance(node.value, Unresolved) and path in links:
        return attrs.evolve(node, value=attrs.evolve(node.value, link=links[path]))
    if isinstance(node.value, dict):
        inner = {name: _linked(child, links, (*path, name)) for name, child in node.value.items()}
        return attrs.evolve(node, value=inner)
    if isinstance(node.value, list):
        return attrs.evolve(node, value=[_linked(child, links, path) for child in node.value])
    return node


@attrs.frozen(eq=False)
class _Places:
    """Places of one resource: its line in the ``.tf`` files, else in a plan that has lines."""

    source: Source
    text: str
    address: Address
    tree: SourceTree | None

    def __call__(self, origin: Origin) -> Place:
        steps = origin.steps
        inside = steps[5:] if steps[3:4] == ("change",) else ()
        member = [step for step in inside if isinstance(step, str)]
        place = self.tree.place(self.address, member) if self.tree else None
        if place is not None:
            return attrs.evolve(place, address=self.text)
        line, column = self.source.place(steps) or (None, None)
        return Place(self.source.file, line, column, self.text)


def _tree(source: str | None, configuration: Configuration) -> SourceTree | None:
    """The ``.tf`` files of the folder that is named, else of the current one if it has any."""
    folder = Path(source) if source is not None else Path()
    if any(folder.glob("*.tf")):
        return SourceTree(folder, configuration)
    if source is not None:
        raise InputError(InputProblem("has no .tf files", file=source))
    return None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
