"""One guarded write: judged, sent or refused, and told of once AWS has answered."""

from __future__ import annotations

import logging
import time
import warnings
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.api.guard_messages import message_of
from icplan.api.judging import JudgedWrite, Judging, LeftToAwsError, NotAsJudgedError
from icplan.api.sent_writes import writes_of
from icplan.api.write_check import LOG, GuardReport
from icplan.documents.safe_text import safe_text
from icplan.errors import AwsError, InputError
from icplan.snapshot.expected_account import OtherAccountError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.api.endpoint_locks import Writer
    from icplan.api.guarded_operations import GuardedOperation
    from icplan.api.write_check import WriteCheck
    from icplan.verdict.verdict import Verdict

# Who sends nothing pays for nothing.
# ruff: noqa: PLC0415

_DONE: Final = {True: "sent", False: "refused"}
_NAMES: Final = ("InferenceComponentName", "EndpointName", "EndpointConfigName", "ResourceId")


@attrs.define
class OneWrite:
    """One write, from its judging to AWS's answer."""

    guard: WriteCheck
    operation: GuardedOperation
    params: Mapping[str, Any]
    writer: Writer
    judging: Judging = attrs.field(init=False)
    judged: JudgedWrite | None = None
    pending: GuardReport | None = None
    calls: list[str] = attrs.field(factory=list)

    @judging.default
    def _judging(self) -> Judging:
        return Judging(self.guard, self.operation, self.params, self.writer, time.monotonic())

    # -- before it is sent ----------------------------------------------------------------------------------

    def check(self) -> None:
        """Refuse the write, or let it pass."""
        from icplan.aws.client import noted_calls

        try:
            with noted_calls() as self.calls:
                self.judged = self.judging.judged()
        except LeftToAwsError as error:
            self._note(sent=True, error=str(error))
            LOG.info("%s %s is left to AWS: %s", self.operation.name, self._name, error)
        except NotAsJudgedError as error:
            self._changed(error)
        except AwsError as error:
            self._unreadable(error)
        except InputError as error:
            refused = self.judging.starts_copies or isinstance(error, OtherAccountError)
            self._note(sent=not refused, error=str(error))
            if refused:
                raise
        else:
            if self.judged is not None and self.judged.verdict is not None:
                self._decide(self.judged.verdict)
            else:
                self._note(sent=True)

    def _decide(self, verdict: Verdict) -> None:
        mode, answer = self.guard.policy.mode, self.guard.policy.answer(verdict)
        if not self.operation.refusable:
            answer = "warn" if verdict.outcome.fails else "send"
        elif self.operation.by_list and answer == "send":
            answer = "warn"
        sent = answer != "refuse" or mode != "enforce"
        self._note(sent=sent)
        message = message_of(self._name, verdict, sent=sent)
        if not sent:
            from icplan.api.guard_errors import RefusedWrite

            raise RefusedWrite(message, verdict, self.operation.name)
        if answer != "send" and mode != "report":
            warnings.warn(message, stacklevel=2)

    def _unreadable(self, error: AwsError) -> None:
        answer = self.guard.policy.on_unreadable if self.operation.refusable else "warn"
        self._note(sent=answer != "refuse", error=str(error))
        if answer == "refuse":
            raise error
        LOG.warning("%s is sent unchecked: %s", self._name, error)
        if answer == "warn":
            warnings.warn(safe_text(f"{self._name} is sent unchecked: {error}"), stacklevel=2)

    def _changed(self, error: NotAsJudgedError) -> None:
        """The endpoint is another than the one that was judged, or planned on."""
        self.judged = self.judging.latest
        verdict = None if self.judged is None else self.judged.verdict
        mode = self.guard.policy.mode if self.operation.refusable else "warn"
        message = safe_text("; ".join([f"{self._name}: {error}", *error.changed]))
        self._note(sent=mode != "enforce", error=message)
        if mode == "enforce" and verdict is not None:
            from icplan.api.guard_errors import EndpointChanged

            found = error.judged, error.found, error.changed
            raise EndpointChanged(message, verdict, self.operation.name, *found)
        if mode == "warn":
            warnings.warn(message, stacklevel=2)

    @property
    def _name(self) -> str:
        """What the write is about."""
        if self.judged is not None:
            return self.judged.asked.name
        return next((str(self.params[one]) for one in _NAMES if one in self.params), self.operation.name)

    def _note(self, *, sent: bool, error: str | None = None) -> None:
        """Log what is done; it is told of at once if it is not sent, else when it has its answer."""
        spent = round(1000 * (time.monotonic() - self.judging.started))
        judged = self.judged
        verdict = None if judged is None else judged.verdict
        snapshot = None if judged is None else judged.snapshot
        wanted = self.guard.report is not None or LOG.isEnabledFor(logging.INFO)
        index = None if snapshot is None or not wanted else snapshot.index
        told = GuardReport(
            self.operation.name, self._name, verdict, sent, spent, index, error, calls=len(self.calls)
        )
        self.pending = told
        outcome = "not judged" if verdict is None else str(verdict.outcome)
        LOG.info(
            "%s %s: %s, %s, %d calls, %d ms%s",
            *(told.operation, told.component, outcome, _DONE[sent], told.calls, spent),
            "" if index is None else f", index {index[:8]}",
            extra={"icplan": attrs.evolve(told, verdict=None)},
        )
        if not sent and self.guard.report is not None:
            self.guard.report(self.pending)

    # -- once it has its answer -----------------------------------------------------------------------------

    def told(self, *, taken: bool) -> None:
        """Report what became of the write; ``taken``: AWS has accepted it."""
        name = self.params.get("InferenceComponentName")
        verdict = None if self.judged is None else self.judged.verdict
        if taken:
            self.guard.unfulfilled.met()
            if isinstance(name, str):
                self.guard.known.forget_component(name)
                if verdict is not None:
                    writes_of(self.guard.client).note(name, verdict)
        if self.guard.report is not None and self.pending is not None:
            raced = self._raced() if taken else ()
            self.guard.report(attrs.evolve(self.pending, raced=raced))

    def _raced(self) -> tuple[str, ...]:
        """What else is another than it was judged, as far as the list tells."""
        from icplan.aws.parts.components import changed, listed
        from icplan.documents.json_values import as_json_values

        snapshot = None if self.judged is None else self.judged.snapshot
        if snapshot is None or self.guard.snapshot_reader is not None:
            return ()
        mine, endpoint = self.params.get("InferenceComponentName"), snapshot.endpoint_name
        there = {one["InferenceComponentName"]: one for one in snapshot.data["InferenceComponents"]}
        try:
            listing = self.judging.in_time(lambda: listed(self.guard.sagemaker, endpoint))
        except AwsError as error:
            return (f"not known: {error}",)
        now = as_json_values(listing)
        found = [f"{name} is not there any more" for name in sorted(there.keys() - now.keys() - {mine})]
        found += [f"{name} is new" for name in sorted(now.keys() - there.keys() - {mine})]
        same = sorted((there.keys() & now.keys()) - {mine})
        return (*found, *(f"{name} is another" for name in same if changed(there[name], now[name])))

    def followed(self) -> None:
        """Follow a write to a component to its end. WaiterError where it does not end as it was to."""
        from icplan.api.waiter import ComponentWaiter

        name = self.params.get("InferenceComponentName")
        verdict = None if self.judged is None else self.judged.verdict
        if isinstance(name, str) and verdict is not None:
            ComponentWaiter(self.guard.client).wait(InferenceComponentName=name, Verdict=verdict)
