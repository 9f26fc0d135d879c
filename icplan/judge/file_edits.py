"""A remedy as the lines of a deployment's files that make it: each with its old value and the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.documents.paths import join_path
from icplan.remedies.json_patch import steps_of
from icplan.remedies.steps_and_risks import OF_A_CONFIGURATION, SECOND_FLEET
from icplan.verdict.remedy_steps import Edit, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.documents.paths import JsonPath
    from icplan.inputs.deployment import DeclaredCall
    from icplan.inputs.place import ParameterPlace, Place
    from icplan.verdict.remedy import Remedy

_MOST: Final = 8
"""Lines past which nobody changes a file by a list of them."""
_RESETS: Final = (
    "that update resets instance counts to InitialInstanceCount: the endpoint is not declared with "
    "RetainAllVariantProperties"
)
_RENAMED: Final = (
    "the configuration must get another EndpointConfigName, too, wherever that is written: one of the name "
    "that runs cannot be made"
)
_QUOTAS: Final = "service-quotas"


@attrs.frozen
class DeclaredFleet:
    """The call that declares an endpoint's fleet, and the configuration that remedies were made for.

    ``made`` tells that the endpoint is only now made, so that nothing runs that is updated, ``in_set`` that a
    call of the deployment makes the configuration anyway, and ``retained`` that an update of the endpoint
    keeps its instance counts.
    """

    call: DeclaredCall
    configuration: Mapping[str, Any]
    made: bool
    in_set: bool = False
    retained: bool = False

    @property
    def runs_under_its_name(self) -> bool:
        """Whether the configuration that runs has the name that the files give theirs."""
        name = self.call.request.get("EndpointConfigName")
        return self.call.named and name == self.configuration.get("EndpointConfigName")


@attrs.frozen
class EditedMember:
    """A member of a declared call, its value (``None``: it has none) and another."""

    call: DeclaredCall
    steps: JsonPath
    before: Any
    after: Any

    @property
    def parameter(self) -> ParameterPlace | None:
        """The parameter whose value stands there, which is changed for all that refers to it."""
        return None if self.before is None else self.call.place(join_path(self.steps)).parameter


def in_files(remedy: Remedy, call: DeclaredCall, fleet: DeclaredFleet | None) -> Remedy:
    """The remedy with the lines that make it; as it is where they do not make all of it."""
    members = list(edited_members(remedy, call, fleet))
    edits = [None if one is None else _edit(one) for one in members]
    if not edits or None in edits or len(edits) > _MOST or remedy.before or remedy.after:
        return remedy
    risks = [risk for risk in remedy.risks if risk not in OF_A_CONFIGURATION]
    if fleet is not None and remedy.target is Target.ENDPOINT_CONFIG and not fleet.made:
        # What was found of the update was found with the instance counts kept.
        kept = risks if fleet.retained else [risk for risk in risks if risk not in remedy.doubts]
        renamed = (_RENAMED,) if fleet.runs_under_its_name else ()
        risks = [*renamed, *SECOND_FLEET, *(() if fleet.retained else (_RESETS,)), *kept]
    return attrs.evolve(
        remedy,
        edits=tuple(one for one in edits if one is not None),
        commands=tuple(one for one in remedy.commands if one.service == _QUOTAS),
        risks=tuple(risks),
        how=None,
    )


def edited_members(
    remedy: Remedy, call: DeclaredCall, fleet: DeclaredFleet | None
) -> Iterator[EditedMember | None]:
    """The members that make the remedy, of its change and of the fleet; ``None`` for what none makes."""
    own = remedy.patch if remedy.target is Target.REQUEST else remedy.request_patch
    for operation in own:
        yield from _of_operation(operation, steps_of(operation["path"]), call)
    if remedy.target is not Target.ENDPOINT_CONFIG:
        return
    for operation in remedy.patch:
        steps = None if fleet is None else _declared(steps_of(operation["path"]), fleet)
        if steps is None or fleet is None:
            yield None
        else:
            yield from _of_operation(operation, steps, fleet.call)


def _declared(steps: JsonPath, fleet: DeclaredFleet) -> JsonPath | None:
    """The path in what is declared of one in the configuration: the variant goes by its name."""
    first, number, *rest = steps
    variants = fleet.call.request.get("ProductionVariants")
    if first != "ProductionVariants" or not isinstance(variants, list):
        return None
    name = fleet.configuration["ProductionVariants"][int(number)].get("VariantName")
    names = [one.get("VariantName") for one in variants if isinstance(one, dict)]
    return (first, names.index(name), *rest) if name in names else None


def _of_operation(
    operation: Mapping[str, Any], steps: JsonPath, call: DeclaredCall
) -> Iterator[EditedMember | None]:
    before, after = _at(call.request, steps), operation.get("value")
    if operation["op"] == "remove" or not isinstance(after, dict):
        yield None if isinstance(after, list) else EditedMember(call, steps, before, after)
        return
    old, new = dict(_leaves(before, ())), dict(_leaves(after, ()))
    # What is written and said no more is not left in the file.
    for inner in dict.fromkeys((*new, *old)):
        if old.get(inner) != new.get(inner):
            yield EditedMember(call, (*steps, *inner), old.get(inner), new.get(inner))


def _leaves(value: Any, steps: JsonPath) -> Iterator[tuple[JsonPath, Any]]:
    if not isinstance(value, dict):
        if value is not None:
            yield steps, value
        return
    for name, inner in value.items():
        yield from _leaves(inner, (*steps, name))


def _at(value: Any, steps: Sequence[str | int]) -> Any:
    for step in steps:
        there = value.get(step) if isinstance(value, dict) else None
        value = value[step] if isinstance(value, list) and isinstance(step, int) else there
    return value


def _edit(member: EditedMember) -> Edit | None:
    """The line of a member; ``None`` where it is in no file."""
    place, parameter, after = member.call.place(join_path(member.steps)), member.parameter, member.after
    written = place.source or place
    if parameter is not None and parameter.written is not None and place.source is None:
        written = parameter.written
    if written.file is None:
        return None
    notes = [*_notes(place), *([] if parameter is None else [_of_parameter(parameter, written, after)])]
    path = "".join(f"/{step}" for step in member.steps)
    return Edit(path, member.before, after, written.file, written.line, "; ".join(notes) or None)


def _notes(place: Place) -> Iterator[str]:
    """What the line is, where that is not plain, and where else the value comes from."""
    own = place.construct or (None if place.line else place.address)
    if own is not None:
        yield own
    yield from (f"{one.note}: {one.shown}" for one in place.related if one.note)


def _of_parameter(parameter: ParameterPlace, written: Place, after: Any) -> str:
    """That it is the value of a parameter, and how else that is set: all that refers to it changes."""
    if parameter.passed and written is parameter.written:
        return f"passed as parameter {parameter.name}"
    option = "" if after is None else f"--parameter {parameter.name}={after}"
    if written is parameter.written:
        told = f"Default of parameter {parameter.name}, for all that refers to it"
        return f"{told}; or {option}" if option else told
    return f"parameter {parameter.name}, for all that refers to it{f': {option}' if option else ''}"
