"""The AWS account that an endpoint is expected in: what was read from another one is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from icplan.snapshot.snapshot import Snapshot

ACCOUNT_HELP: Final = "must be the twelve digits of an AWS account, in quotation marks"
_ACCOUNT: Final = "[0-9]{12}"


class OtherAccountError(InputError):
    """The endpoint is in another account than the one that is expected."""


def is_account(value: Any) -> bool:
    """Whether a value is the id of an AWS account."""
    return isinstance(value, str) and re.fullmatch(_ACCOUNT, value) is not None


def refuse_other_account(snapshot: Snapshot, expected: str | None) -> str | None:
    """Refuse a snapshot of another account. What is to be warned of, where it tells none.

    Raises OtherAccountError.
    """
    if expected is None:
        return None
    told = snapshot.data.get("AccountId")
    if told is None:
        return f"the snapshot does not tell its account; that it is {expected} is not known"
    refuse_account(told, expected, snapshot.endpoint_name, snapshot.file)
    return None


def refuse_account(told: str, expected: str, endpoint: str, file: str | None = None) -> None:
    """Refuse an account that is not the one that is expected. Raises OtherAccountError."""
    if told != expected:
        message = f"the endpoint {endpoint} is in account {told}, and {expected} is expected"
        raise OtherAccountError(InputProblem(message, file=file))
