"""A component in motion: at which step it is, why it does not go on, what comes next, what to do."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Final

from icplan.diagnosis.described import written
from icplan.diagnosis.diagnosis import Basis, Situation, State, Statement, Step
from icplan.diagnosis.failure_reason import read_failure
from icplan.diagnosis.room import rollback_outcome
from icplan.diagnosis.waiting import room_causes, room_of_waiting, waiting_of
from icplan.diagnosis.words import duration_words
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.diagnosis.described import DescribedComponent, Policy
    from icplan.diagnosis.known_change import KnownChange
    from icplan.diagnosis.room import Room
    from icplan.diagnosis.waiting import Waiting
    from icplan.judge.settings import Settings
    from icplan.snapshot.snapshot import Snapshot

_MAX_START: Final = 2 * 3600
"""Seconds: what the time-outs of download and start may be at most, both together, by the API."""
_NO_TIME: Final = (
    "the snapshot does not tell since when (LastModifiedTime): its time limit may be over, and it may be "
    "rolling back already"
)
_VERBS: Final = {"Creating": "creation", "Deleting": "deletion", "Updating": "update"}


def under_way(
    component: DescribedComponent, known: KnownChange | None, snapshot: Snapshot, settings: Settings
) -> Situation:
    """The situation of a component that is not settled."""
    if component.status == "Deleting":
        return _deletion(component)
    waiting = waiting_of(component, known)
    room = None if waiting is None else room_of_waiting(component, waiting, snapshot, settings)
    state, why = _state(component, known, waiting, room)
    none_new = _none_new(component, waiting, room)
    step = _step(component, waiting, none_new=none_new)
    return Situation(
        name=component.name,
        status=component.status,
        state=state,
        what=_what(component, known),
        copies=_copies(component),
        since=component.since,
        elapsed_seconds=component.elapsed_seconds,
        step=step,
        causes=(*why, *_causes(component, waiting, room, snapshot), *_taken_for(component, known, waiting)),
        next=tuple(_next(component, waiting, room, _rollback(component, known, snapshot, settings))),
        can=tuple(_can(component, state, room, snapshot)),
        must_not=tuple(_must_not(component)),
        failure_reason=component.failure_reason,
    )


def _deletion(component: DescribedComponent) -> Situation:
    wait = "its room is not free before it is gone; what is to take that room is judged without it"
    return Situation(
        name=component.name,
        status=component.status,
        state=State.GOING,
        what=f"deletion of {component.name}",
        copies=_copies(component),
        since=component.since,
        elapsed_seconds=component.elapsed_seconds,
        next=(Statement("it is gone once AWS answers that it could not be found", Basis.MEASURED),),
        can=(Statement(f"wait: {wait}", Basis.INFERRED),),
        must_not=(Statement("write to it: every write is refused while it is Deleting", Basis.MEASURED),),
        failure_reason=component.failure_reason,
    )


def _taken_for(
    component: DescribedComponent, known: KnownChange | None, waiting: Waiting | None
) -> Iterator[Statement]:
    """What kind of update it is taken for, where nothing but its policy tells."""
    rolls = waiting is not None and waiting.replaces and waiting.policy is not None
    if component.status == "Updating" and known is None and rolls:
        text = "by its LastDeploymentConfig it is taken for a rolling update to copies as large as these"
        yield Statement(text, Basis.INFERRED)


def _copies(component: DescribedComponent) -> tuple[int, int] | None:
    """The copies that run and that are wanted."""
    if component.current is None or component.desired is None:
        return None
    return component.current, component.desired


def _what(component: DescribedComponent, known: KnownChange | None) -> str:
    verb = _VERBS.get(component.status, "write")
    if component.status == "Updating" and known is not None:
        verb = "update" if known.replaces else "scaling"
    return f"{verb} of {component.name}"


def _state(
    component: DescribedComponent, known: KnownChange | None, waiting: Waiting | None, room: Room | None
) -> tuple[State, tuple[Statement, ...]]:
    """The state, and what of time speaks for it."""
    policy = waiting.policy if waiting else None
    limit = policy.limit_seconds if policy else None
    spent = component.elapsed_seconds
    if limit is not None and spent is not None and _is_over(component, policy):
        text = (
            f"its time limit of {duration_words(limit)} (MaximumExecutionTimeoutInSeconds) has been over "
            f"for {duration_words(spent - limit)}: the update has timed out, and is likely being rolled back"
        )
        sure = known is not None
        return State.FAILING if sure else State.STUCK, (Statement(text, Basis.INFERRED),)
    if (waits := _waits_too_long(component, known, policy)) is not None:
        sure = known is not None
        return State.FAILING if sure else State.STUCK, (waits,)
    open_ = (Statement(_NO_TIME, Basis.SNAPSHOT),) if _may_be_over(component, policy) else ()
    if room is not None and room.outcome is Outcome.DOES_NOT_FIT and waiting is not None and waiting.exact:
        return State.STUCK, open_
    allowed = _allowed(component, policy)
    if spent is not None and spent > allowed:
        text = (
            f"it has been {component.status} for {duration_words(spent)}, longer than its waits and start-up "
            f"time-outs come to ({duration_words(allowed)})"
        )
        return State.STUCK, (Statement(text, Basis.INFERRED),)
    return State.GOING if _may_go_on(waiting, room) else State.NOT_KNOWN, open_


def _waits_too_long(
    component: DescribedComponent, known: KnownChange | None, policy: Policy | None
) -> Statement | None:
    """That the waits alone outlast the time limit, as the verdict has both, or else the policy."""
    if known is not None:
        duration = known.last.duration
        if duration is None or not duration.surely_too_long or component.status != "Updating":
            return None
        waits, limit, basis = duration.update.wait_seconds, duration.limit_seconds, Basis.DOCUMENTED
    elif policy is not None and component.desired:
        batches = math.ceil(component.desired / policy.batch(component.desired))
        waits, limit, basis = batches * policy.wait_seconds, policy.limit_seconds, Basis.INFERRED
    else:
        return None
    if limit is None or waits <= limit:
        return None
    text = (
        f"its batches wait {duration_words(waits)} in all, and the update may take "
        f"{duration_words(limit)}: it cannot end in time"
    )
    return Statement(text, basis)


def _may_go_on(waiting: Waiting | None, room: Room | None) -> bool:
    """Whether there is room, or none is needed, for what it is known, or taken, to wait for."""
    return waiting is not None and (room is None or room.outcome.fits)


def _is_over(component: DescribedComponent, policy: Policy | None) -> bool:
    """Whether the time limit has passed."""
    limit, spent = policy.limit_seconds if policy else None, component.elapsed_seconds
    return limit is not None and spent is not None and spent > limit


def _may_be_over(component: DescribedComponent, policy: Policy | None) -> bool:
    """Whether there is a time limit, and nothing tells since when it runs."""
    return policy is not None and policy.limit_seconds is not None and component.elapsed_seconds is None


def _allowed(component: DescribedComponent, policy: Policy | None) -> int:
    """The longest that the steps may take, once each copy has found room."""
    start = component.start_seconds or _MAX_START
    if policy is None or not component.desired:
        return start
    batches = math.ceil(component.desired / policy.batch(component.desired))
    return batches * (start + policy.wait_seconds)


def _none_new(component: DescribedComponent, waiting: Waiting | None, room: Room | None) -> bool:
    """Whether no new copy can be there: the first batch found as little room, as nothing else has changed."""
    if waiting is None or room is None or not waiting.replaces or not waiting.exact:
        return False
    if _may_be_over(component, waiting.policy):
        return False  # old copies may be put back
    return room.outcome is Outcome.DOES_NOT_FIT and component.current == component.desired


def _step(component: DescribedComponent, waiting: Waiting | None, *, none_new: bool) -> Step | None:
    """At which batch a rolling update is, as far as counts, time and room tell."""
    if waiting is None or waiting.policy is None or not component.desired or component.current is None:
        return None
    policy, desired = waiting.policy, component.desired
    batch = policy.batch(desired)
    of = math.ceil(desired / batch)
    if none_new:
        return Step(1, 1, of, (desired, desired), (0, 0), Basis.INFERRED)
    spent, wait = component.elapsed_seconds, policy.wait_seconds
    done = min(of - 1, spent // wait) if spent is not None and wait else of - 1
    # Whether copies that are still starting are counted is not documented.
    most = min(desired, (done + 1) * batch)
    new = (min(max(0, component.current - desired), most), most)
    return Step(1, done + 1, of, (desired - done * batch, desired), new, Basis.INFERRED)


def _causes(
    component: DescribedComponent, waiting: Waiting | None, room: Room | None, snapshot: Snapshot
) -> Iterator[Statement]:
    if component.failure_reason is not None:
        yield Statement(
            f'FailureReason: "{component.failure_reason}" (it may be of an earlier write)', Basis.SNAPSHOT
        )
        yield from read_failure(component.failure_reason)
    if waiting is None or waiting.guessed:
        text = (
            "what it waits for cannot be told: AWS tells neither what was asked nor a policy; a "
            "verdict on it (--verdict) does"
        )
        yield Statement(text, Basis.NOT_DOCUMENTED)
    if room is not None and waiting is not None:
        yield from room_causes(waiting, room)
    if waiting is not None and (room is None or room.outcome is Outcome.FITS):
        yield _starting(component, waiting)
    yield from _activities(component, snapshot)


def _starting(component: DescribedComponent, waiting: Waiting) -> Statement:
    """That what is placed has to start, and how much of the time for that is left."""
    start, spent = component.start_seconds, component.elapsed_seconds
    if not start:
        text = "its copies may be starting; no start-up time-out is set in its specification"
        return Statement(text, Basis.INFERRED)
    text = f"its copies may be starting: they have {duration_words(start)} to download and to start"
    if spent is not None and waiting.policy is None:
        text += f", of which {duration_words(max(0, start - spent))} are left at most"
    text += "; a container that crashes in a loop stays so until then"
    return Statement(text, Basis.MEASURED)


def _activities(component: DescribedComponent, snapshot: Snapshot) -> Iterator[Statement]:
    """Scaling activities of the component that failed."""
    for one in snapshot.data.get("ScalingActivities") or ():
        mine = isinstance(one, dict) and one.get("ResourceId") == f"inference-component/{component.name}"
        if mine and one.get("StatusCode") == "Failed":
            text = one.get("StatusMessage") or one.get("Description") or "no reason is told"
            yield Statement(f"a scaling activity failed: {text}", Basis.SNAPSHOT)


def _rollback(
    component: DescribedComponent, known: KnownChange | None, snapshot: Snapshot, settings: Settings
) -> Outcome | None:
    """What comes of going back: as the verdict has it where new copies take something else."""
    if known is not None and not known.same_need:
        return known.last.rollback_outcome
    return rollback_outcome(component, snapshot, settings)


def _next(
    component: DescribedComponent,
    waiting: Waiting | None,
    room: Room | None,
    back: Outcome | None,
) -> Iterator[Statement]:
    """What SageMaker will do; ``back`` is what comes of going back."""
    policy = waiting.policy if waiting else None
    if policy is None or waiting is None:
        yield Statement(
            "when SageMaker gives up is not documented: one that found no room was seen to fail with AWS's "
            "text on hardware resources, another never left Creating",
            Basis.MEASURED,
        )
        return
    nothing = _none_new(component, waiting, room)
    if policy.limit_seconds is None:
        text = "no time limit is set (MaximumExecutionTimeoutInSeconds); when it gives up is not documented"
        yield Statement(text, Basis.NOT_DOCUMENTED)
    else:
        at = _after(component, policy.limit_seconds)
        when = f"at {at}" if at else f"{duration_words(policy.limit_seconds)} after it began"
        over = _is_over(component, policy)
        times_out = "was to time out" if over else "times out"
        yield Statement(f"it {times_out} {when} (MaximumExecutionTimeoutInSeconds)", Basis.DOCUMENTED, at=at)
        rolls = "from then on it rolls back, which is not over yet" if over else "it then rolls back"
        yield Statement(rolls, Basis.INFERRED)
    told = policy.alarms or (component.policy.alarms if component.policy else ())
    if told:
        yield Statement(f"it rolls back if an alarm goes off: {', '.join(told)}", Basis.DOCUMENTED)
    if nothing:
        text = "a rollback has nothing to place: no old copy has left, as far as nothing else has changed"
        yield Statement(text, Basis.INFERRED, outcome=Outcome.FITS)
    elif back is not None:
        yield Statement(_rollback_words(back), Basis.JUDGED, outcome=back)


def _rollback_words(back: Outcome) -> str:
    match back:
        case Outcome.FITS:
            return "a rollback finds room for the old copies"
        case Outcome.FITS_AFTER_SCALE_OUT:
            return "a rollback needs more instances, which it may have"
        case Outcome.DOES_NOT_FIT:
            return (
                "a rollback may find no room for the old copies: then both fail, the endpoint is "
                "UpdateRollbackFailed and serves with a mix of both (documented for endpoints)"
            )
        case _:
            return "whether a rollback finds room for the old copies is not sure"


def _after(component: DescribedComponent, seconds: int) -> str | None:
    if component.modified is None:
        return None
    try:
        return written(component.modified + dt.timedelta(seconds=seconds))
    except OverflowError:
        return None


def _can(
    component: DescribedComponent, state: State, room: Room | None, snapshot: Snapshot
) -> Iterator[Statement]:
    then = f"; then make the change with one of the fixes that icplan check CHANGE {_given(snapshot)} gives"
    if state is State.GOING:  # nothing is to be mended
        follows = f"icplan wait {component.name} {_given(snapshot)} --verdict FILE follows it to its end"
        then = f"; {follows}" if snapshot.names_endpoint else ""
    yield Statement(f"wait until it has ended{then}", Basis.MEASURED)
    yield from room.can if room is not None else ()
    resource = f"inference-component/{component.name}"
    if any(one.get("ResourceId") == resource for one in snapshot.data.get("ScalableTargets") or ()):
        yield Statement(
            f"suspend the scaling of {component.name} by Application Auto Scaling: it writes copies too, and "
            "may win the race once this has ended",
            Basis.MEASURED,
        )


def _given(snapshot: Snapshot) -> str:
    """The options of `icplan check` that read the endpoint as it is by then."""
    if not snapshot.names_endpoint:
        return "--snapshot FILE"
    region = f" --region {snapshot.region}" if snapshot.region else ""
    return f"--endpoint {snapshot.endpoint_name}{region}"


def _must_not(component: DescribedComponent) -> Iterator[Statement]:
    name, status = component.name, component.status
    code = "CREATE_IN_PROGRESS" if status == "Creating" else "UPDATE_RC_IN_PROGRESS"
    yield Statement(
        f'update or scale {name}: AWS refuses it until it is InService ("... while it is in state {code}")',
        Basis.MEASURED,
    )
    yield Statement(f"delete {name}: that is refused as well while it is {status}", Basis.MEASURED)
    if status == "Creating":
        yield Statement(
            "delete the endpoint to be rid of it: components were seen to survive that and block its name",
            Basis.MEASURED,
        )
