"""What a guarded call raises: icplan's refusal, in the form that code around boto3 is made for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from icplan.errors import DoesNotFit
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from icplan.verdict.verdict import Verdict

DOES_NOT_FIT = "IcplanDoesNotFit"
"""The error code of a refusal that AWS would not have made at once; a write that is blocked has AWS's own."""


class RefusedWrite(DoesNotFit, ClientError):  # noqa: N818  (as its base)
    """A write that was not sent. A ClientError too, so that handlers and retries of boto3 code go on working.

    ``response`` has AWS's form; its HTTPStatusCode is 0, since nothing was sent.
    """

    def __init__(self, message: str, verdict: Verdict, operation: str) -> None:
        Exception.__init__(self, message)
        self.message, self.verdict, self.operation_name = message, verdict, operation
        code, text = _as_aws_has_it(verdict) or (DOES_NOT_FIT, message)
        self.response: Any = {
            "Error": {"Code": code, "Message": text},
            "ResponseMetadata": {"HTTPStatusCode": 0, "RetryAttempts": 0},
        }

    def __reduce__(self) -> Any:
        """Made again from its parts: a process may hand it to another."""
        return type(self), (self.message, self.verdict, self.operation_name)


class EndpointChanged(RefusedWrite):
    """The endpoint went on changing between judging and sending, so that the verdict is of another state.

    Or it is not the one that was planned on. ``judged`` and ``found`` are the indexes of the endpoint that
    was judged, or planned on, and of the one that is there; ``changed`` tells what is another, in words.
    """

    def __init__(
        self,
        message: str,
        verdict: Verdict,
        operation: str,
        judged: str = "",
        found: str = "",
        changed: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, verdict, operation)
        self.judged, self.found, self.changed = judged, found, changed

    def __reduce__(self) -> Any:
        """Made again from its parts, as above."""
        parts = (self.message, self.verdict, self.operation_name, self.judged, self.found, self.changed)
        return type(self), parts


def _as_aws_has_it(verdict: Verdict) -> tuple[str, str] | None:
    """What AWS would say, where it would refuse the write itself and its text is known."""
    if verdict.outcome is not Outcome.BLOCKED:
        return None
    texts = [one.aws_error for change in verdict.changes for one in change.findings if one.aws_error]
    return ("ValidationException", texts[0]) if texts else None
