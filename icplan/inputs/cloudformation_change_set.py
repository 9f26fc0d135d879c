"""CloudFormation's change sets (``describe-change-set --include-property-values``)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.documents.json_text import load_json
from icplan.errors import InputError
from icplan.inputs.declared import Declared
from icplan.inputs.place import Place
from icplan.inputs.program_calls import runs_calls
from icplan.inputs.resource import Action, Kind, Resource, Where
from icplan.inputs.resource_types import TEMPLATES, TYPES, is_foreign
from icplan.inputs.says_component import says_component
from icplan.inputs.template import CUSTOM
from icplan.inputs.values import Located, Origin, Unresolved, dynamic_reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.documents.paths import JsonPath
    from icplan.inputs.deployment import InputOptions
    from icplan.inputs.source import Source

_UNKNOWN = "{{changeSet:"
_ACTIONS: Final[Mapping[str, Action]] = {
    "Add": Action.CREATED,
    "Modify": Action.UPDATED,
    "Remove": Action.DELETED,
    "Import": Action.KEPT,
    "Dynamic": Action.UPDATED,
}
_ARN = re.compile(r"arn:[a-z-]{1,20}:cloudformation:(?P<region>[a-z0-9-]{1,30}):(?P<account>[0-9]{12}):")
_BEING_MADE: Final = ("CREATE_PENDING", "CREATE_IN_PROGRESS")
_VALUES = "Take it with: aws cloudformation describe-change-set --include-property-values"


def recognises(source: Source) -> bool:
    """Whether a file is the description of a change set."""
    value = source.one
    named = isinstance(value, dict) and bool({"ChangeSetName", "ChangeSetId"} & value.keys())
    return named and isinstance(value.get("Changes"), list)


def declare(sources: Sequence[Source], _options: InputOptions) -> Declared:
    """What change sets do."""
    resources: list[Resource] = []
    notes: list[str] = []
    for source in sources:
        if source.one.get("NextToken"):
            notes.append(f"{source.file}: the change set goes on (NextToken); the rest is not judged")
        if source.one.get("Status") in _BEING_MADE:
            notes.append(f"{source.file}: the change set is still being made; the rest is not judged")
        for number, change in enumerate(source.one["Changes"]):
            steps = (0, "Changes", number, "ResourceChange")
            entry = change.get("ResourceChange") if isinstance(change, dict) else None
            if isinstance(entry, dict) and str(entry.get("ResourceType")) in TYPES:
                resources.append(_Entry(source, steps, entry).resource())
            elif isinstance(entry, dict) and (unread := _unread(entry)) is not None:
                notes.append(f"{source.file}: {entry.get('LogicalResourceId')} is {unread}; not judged")
    return Declared(resources, notes)


def _where(description: Mapping[str, Any]) -> Where:
    """The account and Region of a change set, by its identity or its stack's."""
    for name in ("StackId", "ChangeSetId"):
        match = _ARN.match(str(description.get(name)))
        if match:
            return Where(match["region"], match["account"])
    return Where()


def _unread(entry: Mapping[str, Any]) -> str | None:
    """What a change of a resource is that may make components, and does not tell here what it makes."""
    kind = str(entry.get("ResourceType"))
    if entry.get("Action") == "Remove":
        return None
    if kind.endswith("::MODULE"):
        return "a module"
    if kind.startswith(CUSTOM):
        return "a custom resource"
    if is_foreign(kind) and says_component([kind, entry.get("AfterContext")]):
        return f"a {kind}, which may make a component"
    if kind not in TEMPLATES and runs_calls(kind, _context(entry)):
        return f"a {kind}, which may change what an endpoint runs"
    return TEMPLATES.get(kind)


def _context(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a resource will be; nothing where that is not told."""
    try:
        found = load_json(str(entry.get("AfterContext")), "AfterContext")
    except InputError:
        return {}
    return found if isinstance(found, dict) else {}


@attrs.frozen(eq=False)
class _Entry:
    """One change of a resource. What it holds is text, so all of it stands where its logical id does."""

    source: Source
    steps: JsonPath
    entry: dict[str, Any] = attrs.field(repr=False)

    @property
    def origin(self) -> Origin:
        return Origin(self.source.number, (*self.steps, "LogicalResourceId"))

    def resource(self) -> Resource:
        """The resource as it will be, and as it was."""
        kind = TYPES[self.entry["ResourceType"]]
        label = str(self.entry.get("LogicalResourceId", "unnamed"))
        action = self._action()
        before, after = self._context("BeforeContext"), self._context("AfterContext")
        if action in (Action.DELETED, Action.REPLACED):
            before = self._leaving(kind, before)
        if action is Action.DELETED:
            after = before
        if after is None:
            message = f"{label} has no AfterContext, so what it will be is not told"
            raise InputError(self.source.problem(message, self.origin.steps, _VALUES))
        return Resource(
            kind=kind,
            id=f"{self.source.number}|{label}",
            label=label,
            members=after,
            place=self._place,
            action=action,
            before=before,
            run=self.source.number,
            where=_where(self.source.one),
        )

    def _action(self) -> Action:
        told = _ACTIONS.get(str(self.entry.get("Action")))
        if told is None:
            raise InputError(self.source.problem("Action is not known", (*self.steps, "Action")))
        return Action.REPLACED if self.entry.get("Replacement") == "True" else told

    def _leaving(self, kind: Kind, before: Located | None) -> Located:
        """What is known of a resource that goes: at least its name, which its identity ends with."""
        if before is not None:
            return before
        name = str(self.entry.get("PhysicalResourceId", "")).rpartition("/")[2]
        return Located({kind: Located(name, self.origin)} if name else {}, self.origin)

    def _context(self, name: str) -> Located | None:
        text = self.entry.get(name)
        if not isinstance(text, str):
            return None
        try:
            context = load_json(text, self.source.file)
        except InputError:
            message = f"{name} is no JSON; AWS cuts long ones short"
            raise InputError(self.source.problem(message, (*self.steps, name))) from None
        properties = context.get("Properties") if isinstance(context, dict) else None
        if not isinstance(properties, dict):
            return None
        return self._located(properties)

    def _located(self, value: Any) -> Located:
        """As deep as the JSON, which its reader limits."""
        if isinstance(value, dict):
            return Located({name: self._located(child) for name, child in value.items()}, self.origin)
        if isinstance(value, list):
            return Located([self._located(child) for child in value], self.origin)
        if isinstance(value, str) and _UNKNOWN in value:
            key = f"{self.source.number}|{'|'.join(map(str, self.steps))}|{value}"
            return Located(Unresolved(key, "is known only after the change set is executed"), self.origin)
        if isinstance(value, str) and (dynamic := dynamic_reference(value)) is not None:
            return Located(dynamic, self.origin)
        return Located(value, self.origin)

    def _place(self, origin: Origin) -> Place:
        line, column = self.source.place(origin.steps) or (None, None)
        return Place(self.source.file, line, column, str(self.entry.get("LogicalResourceId", "unnamed")))
