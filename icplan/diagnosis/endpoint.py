"""The endpoint itself: its status, and instances on their way or being taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.aws.instance_usage import arriving
from icplan.diagnosis.described import elapsed, moment, written
from icplan.diagnosis.diagnosis import Basis, Ended, Situation, State, Statement
from icplan.diagnosis.failure_reason import read_failure
from icplan.documents.redact import redact_text
from icplan.fleet.dimensions import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.snapshot.snapshot import Snapshot

_WAIT: Final = Statement("wait until it is InService", Basis.DOCUMENTED)
CONTACT_SUPPORT: Final = Statement("contact AWS Support, as AWS's blog says of this state", Basis.DOCUMENTED)
"""What can be done where a rollback has failed as well."""


@attrs.frozen
class _Meaning:
    """What a status means: the state, how it ended if it has, and what is to be said."""

    state: State
    ended: Ended | None = None
    next: tuple[Statement, ...] = ()
    can: tuple[Statement, ...] = ()
    must_not: tuple[Statement, ...] = ()


_STATUSES: Final = {
    "InService": _Meaning(State.AT_REST),
    "Updating": _Meaning(
        State.GOING,
        can=(_WAIT,),
        must_not=(
            Statement(
                "write to a component before it is InService: whether that is taken is not stated, and AWS's "
                "Python SDK waits",
                Basis.INFERRED,
            ),
        ),
    ),
    "Creating": _Meaning(
        State.GOING,
        next=(
            Statement(
                "one endpoint stayed so for more than 35 minutes with no instance and no log group",
                Basis.MEASURED,
            ),
        ),
        can=(_WAIT,),
    ),
    "SystemUpdating": _Meaning(
        State.GOING,
        can=(_WAIT,),
        must_not=(
            Statement(
                "update, delete or re-scale it: that is refused until it has completed", Basis.DOCUMENTED
            ),
        ),
    ),
    "RollingBack": _Meaning(
        State.FAILING,
        next=(
            Statement(
                "it ends with the old configuration, or, where that fails too, as UpdateRollbackFailed",
                Basis.DOCUMENTED,
            ),
        ),
        can=(_WAIT,),
    ),
    "UpdateRollbackFailed": _Meaning(
        State.FAILED,
        Ended.ROLLBACK_FAILED,
        next=(Statement("it serves with a mix of the old and the new configuration", Basis.DOCUMENTED),),
        can=(CONTACT_SUPPORT,),
    ),
    "Failed": _Meaning(
        State.FAILED,
        Ended.FAILED,
        can=(Statement("delete it and create it anew: nothing else is taken", Basis.DOCUMENTED),),
        must_not=(Statement("update it: a Failed endpoint can only be deleted", Basis.DOCUMENTED),),
    ),
    "OutOfService": _Meaning(
        State.NOT_KNOWN,
        next=(
            Statement("it is not available to take requests", Basis.DOCUMENTED),
            Statement("what brings it back is not documented", Basis.NOT_DOCUMENTED),
        ),
        can=(Statement("look for a FailureReason in what DescribeEndpoint answers", Basis.SNAPSHOT),),
    ),
    "Deleting": _Meaning(
        State.GOING,
        can=(Statement("wait until it is gone; then its name can be taken anew", Basis.INFERRED),),
        must_not=(Statement("write to it: it will not be InService again", Basis.INFERRED),),
    ),
}


def endpoint_situation(snapshot: Snapshot) -> Situation:
    """How the endpoint stands."""
    endpoint: Mapping[str, Any] = snapshot.data.get("Endpoint") or {}
    status = str(endpoint.get("EndpointStatus", "InService"))
    summaries = endpoint.get("ProductionVariants") or ()
    coming = sum(arriving(one) for one in summaries)
    going = sum(_leaving(one) for one in summaries)
    meaning = _STATUSES.get(status, _Meaning(State.NOT_KNOWN))
    state = State.GOING if meaning.state is State.AT_REST and (coming or going) else meaning.state
    modified, reason = moment(endpoint.get("LastModifiedTime")), endpoint.get("FailureReason")
    text = redact_text(str(reason)) if reason else None
    return Situation(
        name=None,
        status=status,
        state=state,
        what=f"endpoint {snapshot.endpoint_name}",
        since=None if modified is None else written(modified),
        elapsed_seconds=elapsed(modified, snapshot),
        instances_arriving=coming,
        causes=tuple(_causes(text, coming, going)),
        next=(*meaning.next, *_instances(coming)),
        can=meaning.can,
        must_not=meaning.must_not,
        ended=meaning.ended,
        failure_reason=text,
    )


def _leaving(summary: Mapping[str, Any]) -> int:
    current, desired = summary.get("CurrentInstanceCount"), summary.get("DesiredInstanceCount")
    return 0 if current is None or desired is None else max(0, current - desired)


def _causes(reason: str | None, coming: int, going: int) -> Iterator[Statement]:
    if reason is not None:
        yield Statement(f'FailureReason: "{reason}"', Basis.SNAPSHOT)
        yield from read_failure(reason)
    if coming:
        are = "is" if coming == 1 else "are"
        yield Statement(f"{counted(coming, 'instance')} {are} on the way", Basis.SNAPSHOT)
    if going:
        are = "is" if going == 1 else "are"
        yield Statement(f"{counted(going, 'instance')} {are} being taken away", Basis.SNAPSHOT)


def _instances(coming: int) -> Iterator[Statement]:
    if coming:
        yield Statement(
            "where EC2 has none of the type, it is tried again without end; pools go on to their next type",
            Basis.DOCUMENTED,
        )
