"""What comes of each remedy where it is made in the files of a deployment, and these are deployed.

A remedy is found in the turn of its change. Made in the files, it meets all that a deployment does: other
changes before it that go through by it, too, what is under way at the same time, and the endpoint's own
update. So the deployment is judged again with the remedy made, and the remedy promises what comes of that.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import attrs

from icplan.errors import InputError
from icplan.inputs.deployment import DeclaredCall
from icplan.inputs.fleet_of import at_rest
from icplan.judge.apply_remedy import before_calls
from icplan.judge.declared_change import declared_fleet
from icplan.judge.declared_endpoint import judge_endpoint
from icplan.judge.file_edits import EditedMember, edited_members
from icplan.remedies.json_patch import with_member
from icplan.remedies.steps_and_risks import (
    deploying,
    new_configuration,
    next_name,
    patched_calls,
    with_outcome,
)
from icplan.requests.operations import ENDPOINT_OPERATIONS
from icplan.verdict.outcome import Outcome
from icplan.verdict.remedy_steps import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.inputs.deployment import DeclaredEndpoint
    from icplan.judge.declared_endpoint import JudgedEndpoint, Judging
    from icplan.judge.file_edits import DeclaredFleet
    from icplan.remedies.trial import Envelope
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.remedy import Remedy

MAX_JUDGED: Final = 16
"""Times that an endpoint is judged again for its fixes: each takes as much as the deployment."""
_IN_ITS_TURN: Final = (
    "judged in the turn of its change alone; what changes at the same time may leave no room"
)


def with_fixes_made(judged: JudgedEndpoint, snapshot: Snapshot | None, judging: Judging) -> JudgedEndpoint:
    """The endpoint, each remedy of its changes with what comes of it where it is made.

    What helps no more is left out. ``snapshot`` is what the deployment was judged on.
    """
    return fixes_made_in_each(judged, [judged], snapshot, judging)


def fixes_made_in_each(
    judged: JudgedEndpoint, each: Sequence[JudgedEndpoint], snapshot: Snapshot | None, judging: Judging
) -> JudgedEndpoint:
    """The same of an endpoint of which the files may come to ``each`` of several: the worst of what comes.

    A remedy that is not made in the files is one of the endpoint that is shown alone.
    """
    before = judging.budget.spent
    tries, most = itertools.count(), max(1, MAX_JUDGED // len(each))
    changes = []
    for number, change in enumerate(judged.verdict.changes):
        fixes = [_Fix(judged, number, remedy) for remedy in change.remedies]
        outcomes = [
            Outcome.worst(fix.outcome(one, snapshot, judging) for one in (each if fix.edits else [judged]))
            if next(tries) < most
            else None
            for fix in fixes
        ]
        changes.append(_with_outcomes(change, outcomes))
    done = judged.with_changes(changes)
    units = (judged.verdict.units or 0) + judging.budget.spent - before
    return attrs.evolve(done, verdict=attrs.evolve(done.verdict, units=units))


def _with_outcomes(change: ChangeVerdict, outcomes: Sequence[Outcome | None]) -> ChangeVerdict:
    """The change with what comes of each of its remedies; no value is said to work that does not.

    One that was not judged again says so.
    """
    pairs = list(zip(change.remedies, outcomes, strict=True))
    helps = [
        _judged_alone(remedy) if outcome is None else with_outcome(remedy, outcome)
        for remedy, outcome in pairs
        if outcome is None or _helps(change, outcome)
    ]
    vain = [remedy for remedy, to in pairs if remedy.outcome.fits and to is not None and not to.fits]
    values = [operation.get("value") for remedy in vain for operation in remedy.patch]
    told = (
        attrs.evolve(one, largest_that_works=None, largest_unit=None)
        if one.largest_that_works is not None and one.largest_that_works in values
        else one
        for one in change.findings
    )
    return attrs.evolve(change, remedies=tuple(helps), findings=tuple(told))


def _judged_alone(remedy: Remedy) -> Remedy:
    return attrs.evolve(remedy, risks=(*remedy.risks, _IN_ITS_TURN))


def _helps(change: ChangeVerdict, outcome: Outcome) -> bool:
    """Whether an outcome is better than that of the change, or as good where only going back fails."""
    if outcome is Outcome.UNDECIDED:
        return False
    return outcome.rank > change.outcome.rank or (outcome.fits and change.outcome.fits)


@attrs.frozen
class _Made:
    """An endpoint of a deployment with a remedy made, and the calls that the change comes to."""

    endpoint: DeclaredEndpoint
    own: Sequence[DeclaredCall]


@attrs.frozen
class _Fix:
    """A remedy of the change of that number of an endpoint."""

    judged: JudgedEndpoint
    number: int
    remedy: Remedy
    edits: Sequence[EditedMember] = attrs.field(init=False)

    @edits.default
    def _edited(self) -> Sequence[EditedMember]:
        if not self.remedy.edits:
            return ()
        fleet = _fleet_of(self.judged)
        found = edited_members(self.remedy, self.judged.calls[self.number], fleet)
        return [one for one in found if one is not None]

    def outcome(self, where: JudgedEndpoint, snapshot: Snapshot | None, judging: Judging) -> Outcome:
        """What comes of the change, and of all that the remedy adds, with the remedy made.

        It ``fits`` where the files come to an endpoint without that change.
        """
        own = self.judged.calls[self.number]
        there = next((one for one in where.calls if _same(one, own)), None)
        if there is None:
            return Outcome.FITS
        made = self._in_the_files(where, there) if self.edits else _beside_them(self.remedy, where, there)
        taken = None if snapshot is None else before_calls(self.remedy, snapshot)
        judging = attrs.evolve(judging, explains=False, only=lambda call: call in made.own)
        try:
            again = judge_endpoint(made.endpoint, taken, judging)
        except InputError:
            return Outcome.UNDECIDED
        if again is None:
            return Outcome.UNDECIDED
        # What makes the fleet, or changes it, is part of it where it would not be made without the remedy.
        added = set(ENDPOINT_OPERATIONS) - {call.operation for call in where.calls}
        pairs = zip(again.verdict.changes, again.calls, strict=True)
        return Outcome.worst(
            change.outcome for change, call in pairs if call in made.own or call.operation in added
        )

    def _in_the_files(self, where: JudgedEndpoint, own: DeclaredCall) -> _Made:
        """The endpoint as the files declare it once the remedy's lines are changed."""
        endpoint, shown = where.endpoint, self.judged.calls[self.number]
        fleet = _fleet_of(where)
        edits = [
            attrs.evolve(one, call=own if one.call is shown else endpoint.configuration or one.call)
            for one in self.edits
        ]
        calls = {id(call): _with_edits(call, edits) for call in endpoint.calls}
        configuration = endpoint.configuration
        if configuration is not None:
            configuration = _with_edits(configuration, edits)
            renamed = fleet is not None and not fleet.made and fleet.runs_under_its_name
            if renamed and configuration is not endpoint.configuration:
                name = next_name(configuration.request["EndpointConfigName"])
                request = {**configuration.request, "EndpointConfigName": name}
                configuration = attrs.evolve(configuration, request=request)
        made = attrs.evolve(endpoint, calls=tuple(calls.values()), configuration=configuration)
        if configuration is not None and configuration is not endpoint.configuration:
            region = (endpoint.declared or {}).get("Region")
            targets = list(map(dict, made.targets))
            made = attrs.evolve(made, declared=at_rest(made.name, configuration, targets, region))
        return _Made(made, [calls[id(own)]])


def _fleet_of(judged: JudgedEndpoint) -> DeclaredFleet | None:
    return declared_fleet(judged.endpoint, judged.calls, judged.snapshot)


def _same(one: DeclaredCall, other: DeclaredCall) -> bool:
    """Whether two calls are the same one of the files, whatever values these have."""
    names = [call.request.get("InferenceComponentName") for call in (one, other) if call.resource is None]
    alike = (one.operation, one.resource) == (other.operation, other.resource)
    return alike and len(set(names)) <= 1


def _with_edits(call: DeclaredCall, edits: Sequence[EditedMember]) -> DeclaredCall:
    """The call with its members edited, and all that stands for the value of the same parameter."""
    request = call.request
    for edit in edits:
        same = [edit.steps] if edit.call is call else []
        if edit.parameter is not None:
            same += [steps for steps, place in call.places.items() if place.parameter == edit.parameter]
        for steps in dict.fromkeys(same):
            request = with_member(request, steps, edit.after)
    return call if request is call.request else attrs.evolve(call, request=request)


def _beside_them(remedy: Remedy, judged: JudgedEndpoint, own: DeclaredCall) -> _Made:
    """The endpoint where calls are made beside the files: in their order, and nothing beside these."""
    endpoint = judged.endpoint
    patched = patched_calls(remedy, own.operation, own.request)
    place = len(remedy.before)
    before, after = _calls(patched[:place]), _calls(patched[place + 1 :])
    change = attrs.evolve(own, request=patched[place]["Request"])
    calls = [change if call is own else call for call in endpoint.calls]
    if remedy.target is Target.ENDPOINT_CONFIG and judged.snapshot is not None:
        configuration = new_configuration(remedy, judged.snapshot.data["EndpointConfig"])
        before = [*_calls(deploying(configuration, endpoint.name)), *before]
        endpoint = attrs.evolve(endpoint, configuration=None, call=None)
    made = attrs.evolve(endpoint, calls=(*before, *calls, *after))
    return _Made(made, [*before, change, *after])


def _calls(envelopes: Sequence[Envelope]) -> list[DeclaredCall]:
    return [DeclaredCall(one["Operation"], dict(one["Request"]), {}) for one in envelopes]
