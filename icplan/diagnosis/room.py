"""Whether the copies that a write waits for find room on what runs now, judged as `icplan check` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.assumptions import Assumptions
from icplan.diagnosis.diagnosis import Basis, Raise, Statement
from icplan.errors import InputError
from icplan.judge.change_set import judge
from icplan.requests.call import Call
from icplan.requests.from_describe import specifications_of
from icplan.snapshot.snapshot import Snapshot
from icplan.verdict.finding import Severity
from icplan.verdict.outcome import Outcome
from icplan.verdict.remedy_steps import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.diagnosis.described import DescribedComponent
    from icplan.judge.settings import Settings
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.remedy import Remedy

_EQUAL_REPLACES: Final = "equal-specification-replaces-copies"
_WITHOUT_POLICY: Final = "update-without-deployment-config"
_FOLLOWS: Final = ("ICP401", "ICP402")
"""Rules that count what others are the cause of."""


@attrs.frozen
class Room:
    """What placing comes to: ``instances`` are the further ones it takes, if any number is enough.

    ``for_one``: where there is no room for all, whether there may be some for one alone.
    """

    outcome: Outcome
    causes: tuple[Statement, ...] = ()
    can: tuple[Statement, ...] = ()
    instances: int = 0
    for_one: bool = True


def room_for(component: DescribedComponent, copies: int, snapshot: Snapshot, settings: Settings) -> Room:
    """Whether so many further copies of a component find room beside all that runs."""
    running = component.current or 0
    request = {
        "InferenceComponentName": component.name,
        "DesiredRuntimeConfig": {"CopyCount": running + copies},
    }
    document = settled(snapshot, component.name, running)
    change = _judged(Call("UpdateInferenceComponentRuntimeConfig", request), document, settings)
    return _unjudged(change) if isinstance(change, InputError) else room_of(change)


def room_for_update(
    component: DescribedComponent, copies: int, snapshot: Snapshot, settings: Settings
) -> Room:
    """Whether an update without a policy to so many copies as large as these goes, as a check would say."""
    change = _equal_update(component, {"RuntimeConfig": {"CopyCount": copies}}, snapshot, settings)
    if isinstance(change, InputError):
        return _unjudged(change)
    # Such an update is refused only where it is refused one by one too, of which the first step is the worst.
    one_by_one = _WITHOUT_POLICY not in settings.assume and copies <= (component.desired or 0)
    return attrs.evolve(room_of(change), for_one=not one_by_one)


def room_of(change: ChangeVerdict) -> Room:
    """What a verdict on a change comes to: at rest, where it was blocked."""
    outcome = change.at_rest.outcome if change.at_rest is not None else change.outcome
    more = (change.peak_instances or 0) - (change.instances_now or 0)
    instances = max(0, more) if outcome is Outcome.FITS_AFTER_SCALE_OUT else 0
    return Room(outcome, tuple(_causes(change, outcome)), tuple(_can(change)), instances)


def _unjudged(error: InputError) -> Room:
    text = f"whether there is room for it cannot be judged: {error.problems[0].message}"
    return Room(Outcome.UNDECIDED, (Statement(text, Basis.JUDGED),))


def rollback_outcome(component: DescribedComponent, snapshot: Snapshot, settings: Settings) -> Outcome | None:
    """What comes of going back to old copies like those described; ``None`` where that cannot be judged."""
    deployment = component.data.get("LastDeploymentConfig")
    if deployment is None or component.desired is None:
        return None
    change = _equal_update(component, {"DeploymentConfig": deployment}, snapshot, settings)
    return None if isinstance(change, InputError) else change.rollback_outcome


def _equal_update(
    component: DescribedComponent, members: Mapping[str, Any], snapshot: Snapshot, settings: Settings
) -> ChangeVerdict | InputError:
    """An update that replaces the copies that are wanted by ones as large, as if it were yet to be sent."""
    try:
        specifications = specifications_of(component.data)
    except InputError as error:
        return error
    request = {"InferenceComponentName": component.name, **members, **_as_it_is(specifications)}
    document = settled(snapshot, component.name, component.desired or 0)
    settings = attrs.evolve(settings, assume={**settings.assume, _EQUAL_REPLACES: "yes"})
    return _judged(Call("UpdateInferenceComponent", request), document, settings)


def settled(snapshot: Snapshot, name: str, copies: int) -> Snapshot:
    """The endpoint as if the component were at rest with so many copies, and the rest as it is."""
    data: dict[str, Any] = dict(snapshot.data)
    data["InferenceComponents"] = [
        _at_rest(one, copies) if one["InferenceComponentName"] == name else one
        for one in data.get("InferenceComponents") or ()
    ]
    endpoint = data.get("Endpoint")
    if endpoint is not None and endpoint.get("EndpointStatus") == "Updating":
        data["Endpoint"] = endpoint | {"EndpointStatus": "InService"}
    return Snapshot.from_dict(data, snapshot.file)


def _at_rest(described: Mapping[str, Any], copies: int) -> dict[str, Any]:
    placed = (described.get("RuntimeConfig") or {}).get("PlacementStatus")
    runtime: dict[str, Any] = {"DesiredCopyCount": copies, "CurrentCopyCount": copies}
    if placed and sum(one["CurrentCopyCount"] for one in placed) == copies:
        runtime["PlacementStatus"] = placed
    return {**described, "InferenceComponentStatus": "InService", "RuntimeConfig": runtime}


def _as_it_is(specifications: Mapping[str | None, Mapping[str, Any]]) -> dict[str, Any]:
    """The members of a request that ask for what the component has already."""
    if None in specifications:
        return {"Specification": dict(specifications[None])}
    return {"Specifications": [dict(one) for one in specifications.values()]}


def _judged(call: Call, snapshot: Snapshot, settings: Settings) -> ChangeVerdict | InputError:
    Assumptions(settings.assume)
    try:
        (change,) = judge([call], snapshot, settings).changes
    except InputError as error:
        return error
    return change


def _causes(change: ChangeVerdict, outcome: Outcome) -> Iterator[Statement]:
    """Why there is no room, or may be none: the findings that say so, but for those that follow."""
    if outcome.fits:
        return
    wanted = Severity.ERROR if outcome.fails else Severity.WARNING
    capacity = [
        finding
        for finding in change.findings
        if finding.rule.startswith(("ICP2", "ICP3", "ICP5")) and finding.rule not in _FOLLOWS
    ]
    cause = change.cause.text if change.cause is not None and outcome.fails else ""
    if cause:
        short = next((one.rule for one in capacity if one.rule.startswith("ICP3")), None)
        yield Statement(cause.removesuffix("."), Basis.JUDGED, rule=short)
    for finding in capacity:
        told = cause and finding.rule.startswith("ICP3")
        if finding.severity is wanted and not told:
            yield Statement(finding.message, Basis.JUDGED, rule=finding.rule)


def _can(change: ChangeVerdict) -> Iterator[Statement]:
    """What would make room while the component is locked: whatever writes to something else."""
    for remedy in change.remedies:
        commands = tuple(command.cli for command in remedy.commands[:-1])
        if remedy.target in (Target.ENDPOINT_CONFIG, Target.QUOTA):
            yield Statement(
                _lifted(remedy),
                _basis(remedy),
                commands=commands,
                outcome=remedy.outcome,
                raises=_raised(remedy),
            )
        elif remedy.kind in ("delete-failed-first", "scale-other-first") and remedy.before:
            text = f"{_without_first(remedy.description)}; that another component takes a write meanwhile is "
            text += "inferred, since the lock is on a component"
            yield Statement(text, Basis.INFERRED, commands=commands, outcome=remedy.outcome)


def _raised(remedy: Remedy) -> Raise | None:
    """The limit that a remedy raises: the most instances of a variant, or a quota."""
    for operation in remedy.patch:
        value = operation.get("value")
        if isinstance(value, dict) and "MaxInstanceCount" in value:
            return Raise(str(operation["path"]), value["MaxInstanceCount"], remedy.description)
    quota = remedy.quota
    if quota is None:
        return None
    on = "each endpoint" if quota.of_endpoint else quota.type or "all instances"
    return Raise(f"quota on {on}", quota.by, remedy.description)


def _lifted(remedy: Remedy) -> str:
    if remedy.target is Target.QUOTA:
        return f"{remedy.description}: AWS decides on it, whatever is under way"
    return (
        f"{remedy.description}: it would make that room; whether an endpoint takes UpdateEndpoint while a "
        "component is in motion is not documented"
    )


def _basis(remedy: Remedy) -> Basis:
    return Basis.INFERRED if remedy.target is Target.QUOTA else Basis.NOT_DOCUMENTED


def _without_first(text: str) -> str:
    return text.replace(" first (", " (").removesuffix(" first").removesuffix(",")
