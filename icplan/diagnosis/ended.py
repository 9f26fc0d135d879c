"""What became of a write that has settled: from what was described before it, and what was to come of it.

A status does not tell: after a rollback a component is InService as well, and a FailureReason may stay there
after a later success. Where nothing shows how it ended, that is said, and nothing is guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from icplan.diagnosis.described import moment
from icplan.diagnosis.diagnosis import Basis, Ended, Statement

if TYPE_CHECKING:
    from icplan.diagnosis.described import DescribedComponent
    from icplan.diagnosis.known_change import KnownChange
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.component_state import ComponentState

_ROLLBACK_FAILED: Final = "UpdateRollbackFailed"
_GIVE: Final = "give the verdict on it (--verdict), or a snapshot of before it (--before)"

CREATE_ANEW: Final = Statement(
    "delete it and create it anew; it keeps what it has reserved until it is deleted", Basis.DOCUMENTED
)
"""What can be done about a component that has failed."""


@attrs.frozen
class End:
    """How a write ended and how that is known; ``how`` is ``None`` where nothing tells of a write."""

    how: Ended | None
    because: Statement
    as_asked: bool = False


def _end(how: Ended | None, text: str, basis: Basis = Basis.SNAPSHOT, *, as_asked: bool = False) -> End:
    return End(how, Statement(text, basis), as_asked)


def without_evidence(component: DescribedComponent, snapshot: Snapshot) -> End:
    """How it ended by what the snapshot alone shows."""
    if component.status == "Failed":
        return _failed()
    if (mixed := _mixed(snapshot)) is not None:
        return mixed if _is_likely_of(component, snapshot) else _mixed_by_some()
    if component.failure_reason is not None:
        return _end(
            Ended.NOT_KNOWN,
            "a write has failed at some time; whether the last one did is not known, since AWS leaves a "
            f"FailureReason there after a later success: {_GIVE}",
            Basis.MEASURED,
        )
    return _end(None, f"what became of an earlier write is not known: {_GIVE}")


def _failed() -> End:
    """The reason, where AWS gives one, is told as the cause of it."""
    return _end(Ended.FAILED, "its status is Failed")


def _mixed(snapshot: Snapshot) -> End | None:
    if (snapshot.data.get("Endpoint") or {}).get("EndpointStatus") != _ROLLBACK_FAILED:
        return None
    return _end(
        Ended.ROLLBACK_FAILED,
        f"the endpoint is {_ROLLBACK_FAILED}: the update and its rollback have both failed, and it serves "
        "with a mix of old and new",
        Basis.DOCUMENTED,
    )


def _is_likely_of(component: DescribedComponent, snapshot: Snapshot) -> bool:
    """Whether the update that could not be taken back is one of this component, as far as that shows.

    Nothing else is there to be updated, or a write to it has failed.
    """
    return len(snapshot.data.get("InferenceComponents") or ()) == 1 or component.failure_reason is not None


def _mixed_by_some() -> End:
    """An update of some component could not be taken back, and nothing shows that it was of this one."""
    return _end(
        Ended.NOT_KNOWN,
        f"the endpoint is {_ROLLBACK_FAILED}: an update and its rollback have both failed; whether it was "
        f"one of this component is not known: {_GIVE}",
    )


def by_verdict(component: DescribedComponent | None, known: KnownChange, snapshot: Snapshot) -> End:
    """How the changes of a verdict ended, by what the component was and was to be."""
    if component is None:
        return _absent(known)
    now, before, expected = component.state, known.before, known.expected
    mixed = None if before is None or _as_expected(component, expected) else _mixed(snapshot)
    if mixed is not None:
        return mixed
    if component.status == "Failed":
        return _failed()
    if known.deletes:
        return _end(Ended.NOT_KNOWN, "it is still there, at rest: its deletion was not made, or was refused")
    if now is None or expected is None:
        return _end(Ended.NOT_KNOWN, "the verdict, or the snapshot, does not tell what it runs")
    if before is not None and _same(before, expected):
        return _end(
            Ended.NOT_KNOWN,
            "what was asked leaves no trace in the description: the specification, of the environment the "
            "names alone, and the number of copies are to be what they were",
        )
    if _same(now, expected):
        return _end(Ended.DONE, "its specification and its copies are those that were asked for")
    if _updated(now, before, expected):
        text = f"its specification is the one asked for; its copies have been set to {now.copy_count} since"
        return _end(Ended.DONE, text)
    if before is None or now.specification_sha256 != before.specification_sha256:
        return _superseded("it is neither as it was nor as was asked for")
    return _copies_of_neither(now, before, expected, component) or _as_before(
        component, known, before, snapshot
    )


def _copies_of_neither(
    now: ComponentState, before: ComponentState, expected: ComponentState, component: DescribedComponent
) -> End | None:
    """The end of a write of copies alone, where there are as many as it neither had nor was to have."""
    same = before.specification_sha256 == expected.specification_sha256
    if component.failure_reason is not None or not same:
        return None
    if now.copy_count in (before.copy_count, expected.copy_count):
        return None
    told = f"it has {now.copy_count} copies, neither {before.copy_count} as it had nor {expected.copy_count}"
    return _superseded(f"{told} as was asked")


def _superseded(text: str) -> End:
    return _end(Ended.SUPERSEDED, f"{text}: something else has been written to it since")


def _absent(known: KnownChange) -> End:
    if known.deletes:
        return _end(Ended.DELETED, "it is not there any more, as was asked", as_asked=True)
    if known.before is None:
        text = "it is not there: it was not created, or has been deleted since"
        return _end(Ended.NOT_KNOWN, text)
    return _end(Ended.DELETED, "it is not there any more, and its deletion was not asked for")


def _as_expected(component: DescribedComponent, expected: ComponentState | None) -> bool:
    """Whether all of it is as it was to be; then a rollback of the endpoint that failed was another's."""
    if component.status != "InService" or component.state is None or expected is None:
        return False
    return _same(component.state, expected) and component.current == component.desired


def _same(one: ComponentState, other: ComponentState) -> bool:
    return (one.specification_sha256, one.copy_count) == (other.specification_sha256, other.copy_count)


def _updated(now: ComponentState, before: ComponentState | None, expected: ComponentState) -> bool:
    """Whether the new specification is there, and only copies differ that the change did not ask for."""
    if now.specification_sha256 != expected.specification_sha256:
        return False
    if before is None:
        return True
    return before.specification_sha256 != expected.specification_sha256 and (
        before.copy_count == expected.copy_count
    )


def _as_before(
    component: DescribedComponent, known: KnownChange, before: ComponentState, snapshot: Snapshot
) -> End:
    """The specification is the one of before: it was rolled back, or nothing was ever written."""
    was, now = moment(before.last_modified_time), component.modified
    unwritten = (was is not None and was == now) or known.fingerprint == snapshot.fingerprint
    if unwritten:
        return _end(
            Ended.NOT_KNOWN,
            "nothing has been written to it since it was judged: the change was not sent, or was refused",
        )
    copies = component.state.copy_count if component.state else before.copy_count
    if component.failure_reason is not None and was is None:
        # Whether the reason was there before is not told, nor when it was last written to.
        return _end(Ended.ROLLED_BACK, "it is as it was before, and a FailureReason is there", Basis.INFERRED)
    if component.failure_reason is not None:
        return _end(Ended.ROLLED_BACK, "it has been written to since, has a FailureReason, and is as before")
    if copies == before.copy_count and was is not None and now is not None and not _scaled(known, snapshot):
        return _end(
            Ended.ROLLED_BACK, "it has been written to since, and is as it was before", Basis.INFERRED
        )
    return _end(
        Ended.NOT_KNOWN,
        "its specification is as before, and nothing shows whether the change was made and taken back, or "
        "was never made",
    )


def _scaled(known: KnownChange, snapshot: Snapshot) -> bool:
    """Whether Application Auto Scaling may have written the copies, which leaves the same traces."""
    resource = f"inference-component/{known.last.inference_component_name}"
    return any(one.get("ResourceId") == resource for one in snapshot.data.get("ScalableTargets") or ())


def by_before(
    component: DescribedComponent | None, before: DescribedComponent | None, snapshot: Snapshot
) -> End:
    """What an earlier snapshot tells of what became of the component since."""
    if component is None:
        asked = before is not None and before.status == "Deleting"
        text = "its deletion was under way, and it is gone" if asked else "it was there before, and is gone"
        return _end(Ended.DELETED, text, as_asked=asked)
    mixed = None if before is None else _mixed(snapshot)
    if mixed is not None:
        return mixed
    if component.status == "Failed":
        return _failed()
    found = _created() if before is None else _since(component, before)
    if found.how is Ended.DONE and _failed_since(component, before):
        return _end(
            Ended.NOT_KNOWN,
            f"one write was made and one has failed since, and which came last is not known: "
            f"{found.because.message}, and it has a FailureReason that it had not before; {_GIVE}",
        )
    return found


def _created() -> End:
    return _end(Ended.DONE, "it was not there before, and is InService")


def _failed_since(component: DescribedComponent, before: DescribedComponent | None) -> bool:
    """Whether it has a FailureReason that was not there before: then some write has failed since."""
    return component.failure_reason not in (None, before.failure_reason if before else None)


def _since(component: DescribedComponent, before: DescribedComponent) -> End:
    """What became of a component that was there before, and is InService."""
    now, was = component.state, before.state
    if now is None or was is None:
        return _end(Ended.NOT_KNOWN, "one of the snapshots does not tell what it runs")
    same = now.specification_sha256 == was.specification_sha256
    if _failed_since(component, before) and same and now.copy_count == was.copy_count:
        return _end(Ended.ROLLED_BACK, "it has a new FailureReason, and its specification is as before")
    if before.moves:
        return _since_motion(component, before, same=same)
    if not same:
        return _end(Ended.DONE, "its specification is another than before")
    if now.copy_count != was.copy_count:
        return _end(Ended.DONE, f"its copies went from {was.copy_count} to {now.copy_count}")
    if component.modified != before.modified:
        text = f"it has been written to since, and is as it was; how that ended is not known: {_GIVE}"
        return _end(Ended.NOT_KNOWN, text)
    return _end(None, "it is as it was before")


def _since_motion(component: DescribedComponent, before: DescribedComponent, *, same: bool) -> End:
    """What became of what was under way in the earlier snapshot."""
    if before.status == "Creating":
        return _end(Ended.DONE, "its creation was under way, and it is InService")
    short = before.current is not None and before.desired is not None and before.current < before.desired
    wanted = component.desired == before.desired == component.current
    if before.status == "Updating" and same and short and wanted:
        return _end(Ended.DONE, f"copies were on their way, and all {component.desired} run")
    return _end(
        Ended.NOT_KNOWN,
        "an update was under way then; whether AWS described the old or the new specification meanwhile is "
        f"not documented: {_GIVE}",
        Basis.NOT_DOCUMENTED,
    )
