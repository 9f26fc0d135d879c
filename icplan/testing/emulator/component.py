"""An inference component: its specifications, its copies, its state, and how Describe shows it."""

from __future__ import annotations

import copy
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.testing.emulator.copies import Copy, CopyState
from icplan.testing.simulator.instances import DeployedComponent
from icplan.testing.simulator.policies import Policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from icplan.testing.emulator.endpoint import Endpoint
    from icplan.testing.emulator.timed_steps import Process
    from icplan.testing.simulator.instances import Json

_COMPUTE: Final = "ComputeResourceRequirements"
_TOLD_ELSEWHERE: Final = ("Specification", "Specifications", "RuntimeConfig")
_STRATEGIES: Final = {"SPREAD": Policy.SPREAD, "BINPACK": Policy.BINPACK}

Entries = dict[str | None, dict[str, Any]]
"""Specifications, as Describe shows them, by instance type; the key None stands for any type."""


@attrs.define(eq=False)
class Component:
    """An inference component.

    Attributes:
        entries: Its specifications by number.
        revision: Which of them is in force.
        internal_state: What AWS's refusals call its state while it is in motion: UPDATE_RC_IN_PROGRESS.
        process: What is being done to it.
        told: What a seed said of it that nothing here tells.

    """

    name: str
    arn: str
    endpoint: Endpoint
    variant: str | None
    created: float
    modified: float
    entries: dict[int, Entries]
    desired: int
    status: str = "Creating"
    revision: int = 0
    failure: str | None = None
    copies: list[Copy] = attrs.field(factory=list)
    deployment: dict[str, Any] | None = None
    internal_state: str | None = None
    process: Process | None = None
    told: dict[str, Any] = attrs.field(factory=dict)

    @property
    def now(self) -> Entries:
        """The specification in force."""
        return self.entries[self.revision]

    @property
    def base(self) -> str | None:
        """The component whose copies an adapter lives in."""
        return next((entry.get("BaseInferenceComponentName") for entry in self.now.values()), None)

    def specification(self, revision: int, machine: str) -> dict[str, Any]:
        """One specification, as it is for an instance type."""
        entries = self.entries[revision]
        return entries.get(machine) or entries.get(None) or {}

    def strategy(self, revision: int) -> Policy | None:
        """The placement strategy of its SchedulingConfig, where it has one."""
        for entry in self.entries[revision].values():
            asked = entry.get("SchedulingConfig", {}).get("PlacementStrategy")
            if asked in _STRATEGIES:
                return _STRATEGIES[asked]
        return None

    def add_revision(self, entries: Entries) -> int:
        """Another specification; its number."""
        number = max(self.entries) + 1
        self.entries[number] = entries
        return number

    def of(self, revision: int) -> list[Copy]:
        """The copies of a revision that are there and are to stay."""
        return [one for one in self.staying if one.revision == revision]

    @property
    def staying(self) -> list[Copy]:
        """The copies that are there and are to stay. A rollback that failed leaves those of two revisions."""
        return [one for one in self.copies if one.state is not CopyState.STOPPING]

    @property
    def revisions(self) -> list[int]:
        """The revisions of the copies that are to stay, the one in force last."""
        there = {one.revision for one in self.staying}
        return sorted(there, key=lambda revision: (revision == self.revision, revision))

    @property
    def current(self) -> int:
        """CurrentCopyCount."""
        return sum(one.shown for one in self.copies)

    def summary(self) -> dict[str, Any]:
        """What ListInferenceComponents says of it."""
        return {
            "InferenceComponentName": self.name,
            "InferenceComponentArn": self.arn,
            "EndpointName": self.endpoint.name,
            "EndpointArn": self.endpoint.arn,
            "VariantName": self.variant,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            "InferenceComponentStatus": self.status,
        }

    def describe(self, region_told: Mapping[str, Any]) -> dict[str, Any]:
        """What DescribeInferenceComponent answers; ``region_told`` is what an adapter echoes of its base."""
        answer: dict[str, Any] = {
            **{name: value for name, value in self.told.items() if name not in _TOLD_ELSEWHERE},
            **self.summary(),
            "FailureReason": self.failure,
            "LastDeploymentConfig": self.deployment,
        }
        if None in self.now:
            answer["Specification"] = {**region_told, **copy.deepcopy(self.now[None])}
        else:
            answer["Specifications"] = [
                {"InstanceType": kind, **copy.deepcopy(entry)} for kind, entry in self.now.items()
            ]
        if self.base is None:
            answer["RuntimeConfig"] = self._runtime()
        return answer

    def _runtime(self) -> dict[str, Any]:
        counts = Counter(one.instance.machine.name for one in self.copies if one.shown and one.instance.id)
        runtime: dict[str, Any] = {"DesiredCopyCount": self.desired, "CurrentCopyCount": self.current}
        if counts:
            runtime["PlacementStatus"] = [
                {"InstanceType": kind, "CurrentCopyCount": count} for kind, count in sorted(counts.items())
            ]
        return runtime


def needs(entries: Entries) -> dict[str | None, Json]:
    """What of specifications bears on capacity, as the simulator reads it."""
    return {
        kind: {_COMPUTE: {"MinMemoryRequiredInMb": 0, **entry.get(_COMPUTE, {})}}
        for kind, entry in entries.items()
        if not entry.get("BaseInferenceComponentName")
    }


def deployed(component: Component) -> DeployedComponent:
    """What the simulator's placement looks at."""
    entries = component.entries.items()
    return DeployedComponent({number: needs(one) for number, one in entries}, component.revision)


def from_request(request: Mapping[str, Any]) -> Entries:
    """The specifications of a request, as Describe will show them."""
    if "Specification" in request:
        return {None: described(request["Specification"])}
    found: Entries = {}
    for given in request.get("Specifications", []):
        entry = described(given)
        found[entry.pop("InstanceType", None)] = entry
    return found


def from_described(answer: Mapping[str, Any]) -> Entries:
    """The specifications of a described component."""
    if "Specification" in answer:
        return {None: copy.deepcopy(dict(answer["Specification"]))}
    found: Entries = {}
    for given in answer.get("Specifications", []):
        entry = copy.deepcopy(dict(given))
        found[entry.pop("InstanceType", None)] = entry
    return found


def described(specification: Mapping[str, Any]) -> dict[str, Any]:
    """A specification as Describe shows it: an image is answered as the one that was deployed."""
    found = copy.deepcopy(dict(specification))
    container = found.get("Container")
    if container and "Image" in container:
        image = container.pop("Image")
        container["DeployedImage"] = {"SpecifiedImage": image, "ResolvedImage": image}
    return found


def merged(now: Entries, asked: Entries) -> Entries:
    """The specifications after an update: members left out keep their value, types left out are gone.

    An entry of another form, or for another type, takes over what a copy reserves (which is not documented).
    """
    if not asked:
        return now
    reserved = next(({_COMPUTE: one[_COMPUTE]} for one in now.values() if _COMPUTE in one), {})
    return {kind: _over(now.get(kind, reserved), entry) for kind, entry in asked.items()}


def _over(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(old)
    for name, given in new.items():
        value, before = given, old.get(name)
        if name == "DeployedImage" and before and before.get("SpecifiedImage") == value["SpecifiedImage"]:
            value = before  # the same image stays the one it was resolved to
        both = isinstance(value, dict) and isinstance(before, dict) and name != "Environment"
        found[name] = _over(before, value) if both and before is not None else value
    return found


def images(entries: Iterable[Mapping[str, Any]]) -> Sequence[str]:
    """The images and models that specifications name."""
    found = []
    for entry in entries:
        image = entry.get("Container", {}).get("DeployedImage", {}).get("SpecifiedImage")
        found += [name for name in (image, entry.get("ModelName")) if name]
    return found
