"""What a deployment comes to: per endpoint the fleet that is declared, and the calls that will be made."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from icplan.documents.paths import split_path
from icplan.inputs.place import Place
from icplan.requests.call import Call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.documents.paths import JsonPath
    from icplan.inputs.ignore_comments import PlaceIgnore


@attrs.frozen
class DeclaredCall:
    """A call that a deployment makes, in AWS's members, and where each member is written.

    ``unsent`` has the members that are not sent, or make no difference, under the other value of an
    assumption, by its name. ``moved`` has members that are to change, and that no update has, with what they
    are now. ``label`` is what the file calls the resource, ``deployment`` how a component that is made will
    be updated later. ``rolls``: what carries it out can send a rolling policy. Calls of one ``run`` are made
    at the same time, but after those of the resources that they wait for; ``resource`` is its own. ``named``:
    the file tells the name of what it makes or changes; else it is made up here. ``unchanged``: it asks for
    what runs, so that nothing is sent.
    """

    operation: str
    request: dict[str, Any] = attrs.field(repr=False)
    places: Mapping[JsonPath, Place] = attrs.field(repr=False)
    unsent: Mapping[str, tuple[JsonPath, ...]] = attrs.field(factory=dict, repr=False)
    label: str | None = None
    moved: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    deployment: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    rolls: bool = True
    resource: str | None = None
    run: int = 0
    waits_for: frozenset[str] = frozenset()
    named: bool = True
    unchanged: bool = False

    def beside(self, other: DeclaredCall) -> bool:
        """Whether both may be under way at the same time."""
        if self.resource is None or other.resource is None or self.resource == other.resource:
            return False
        if self.unchanged or other.unchanged:
            return False
        waits = self.resource in other.waits_for or other.resource in self.waits_for
        return self.run == other.run and not waits

    def place(self, json_path: str) -> Place:
        """The place of a JSON path of the request, else of the nearest thing around it that is written."""
        steps = split_path(json_path)
        while steps not in self.places and steps:
            steps = steps[:-1]
        return self.places.get(steps, Place())

    @cached_property
    def call(self) -> Call:
        """The call itself; it is read once however often it is judged."""

        def locate(path: str) -> tuple[int, int] | None:
            place = self.place(path)
            return None if place.line is None else (place.line, place.column or 1)

        return Call(self.operation, self.request, "$", self.place("$").file, locate)


@attrs.frozen
class DeclaredEndpoint:
    """One endpoint of a deployment.

    ``declared`` is its part of a snapshot (EndpointConfig, Endpoint, InferenceComponents, ScalableTargets)
    as if it had just been created, None where no file declares it. ``configuration`` is the call that makes
    its fleet, ``call`` the one that makes the endpoint of it, or updates it to it. ``exists`` says that a
    snapshot has the endpoint. ``targets`` are the scalable targets declared of its components. ``started``
    has the instances that other endpoints of the deployment start beside it, by type, and ``untold`` names
    those of which no file tells how many. ``of_account`` tells that it lies where the snapshot's endpoint
    does, whose quotas hold for it, too.
    """

    name: str
    label: str
    declared: dict[str, Any] | None
    calls: tuple[DeclaredCall, ...]
    configuration: DeclaredCall | None = None
    call: DeclaredCall | None = None
    exists: bool = False
    notes: tuple[str, ...] = ()
    targets: tuple[Mapping[str, Any], ...] = ()
    started: Mapping[str, int] = attrs.field(factory=dict)
    untold: tuple[str, ...] = ()
    of_account: bool = False


@attrs.frozen
class Parameter:
    """A parameter's value, and where from: ``default``, ``given``, or ``tried`` since it may have it."""

    value: str
    origin: str


@attrs.frozen
class Other:
    """Any value but these."""

    than: tuple[str, ...]

    def __str__(self) -> str:
        """As in ``Stage=other than live``."""
        return f"other than {', '.join(self.than)}"


class Deployed(str):
    """A parameter's value in a file that AWS's tools deploy with.

    Where the parameter's type looks something up, it is the name of that, and no value.
    """

    __slots__ = ()


Tried: TypeAlias = "str | Other"
"""A value that a parameter may have."""


class Aside(str):
    """A note on what takes no room on any endpoint. Other notes tell what was not judged, and may matter."""

    __slots__ = ()


@attrs.frozen
class Deployment:
    """Everything that the files given together declare.

    ``ignores`` are comments that leave findings out, in files that were read beside those given.
    """

    kind: str
    endpoints: tuple[DeclaredEndpoint, ...]
    notes: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = attrs.field(factory=dict)
    ignores: tuple[PlaceIgnore, ...] = ()

    @property
    def all_judged(self) -> bool:
        """Whether there is something to judge, and nothing that may take room was left out."""
        judged = any(one.calls for one in self.endpoints)
        return judged and all(isinstance(note, Aside) for note in self.notes)


@attrs.frozen
class InputOptions:
    """What a reader may be told beside the files.

    ``snapshot`` is what runs, as plain data; ``source`` the folder of the ``.tf`` files of a plan. ``tried``
    are values that parameters without one may have. ``complete``: what runs and is not declared is deleted.
    """

    parameters: Mapping[str, str] = attrs.field(factory=dict)
    stack_name: str | None = None
    region: str | None = None
    source: str | None = None
    snapshot: Mapping[str, Any] | None = None
    tried: Mapping[str, Tried] = attrs.field(factory=dict)
    complete: bool = False
