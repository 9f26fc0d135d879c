"""What a FailureReason says, as far as its words are known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from icplan.diagnosis.diagnosis import Basis, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUOTA: Final = re.compile(
    r"account-level service limit '(?P<name>[^']{1,200})' is (?P<limit>\d{1,9}) \w{1,20}, with current "
    r"utilization of (?P<used>\d{1,9}) \w{1,20} and a request delta of (?P<delta>\d{1,9})"
)
_TEXTS: Final = (
    (
        "not enough hardware resources on the instances",
        "AWS found no room for a copy on the instances; the text does not say what was short",
        Basis.MEASURED,
    ),
    (
        "InsufficientInstanceCapacity",
        "EC2 had no instance of the type to give: its capacity, not a quota of the account",
        Basis.DOCUMENTED,
    ),
    ("CapacityError", "AWS's Python SDK takes this for a lack of capacity", Basis.DOCUMENTED),
    (
        "CannotStartContainerError",
        "a copy was placed and its container could not be started: this is no lack of room",
        Basis.MEASURED,
    ),
)


_NO_INSTANCE: Final = ("InsufficientInstanceCapacity", "CapacityError")


def lacks_ec2_capacity(reason: str | None) -> bool:
    """Whether the text says that EC2 had no instance: then no other arrangement would have helped."""
    return reason is not None and any(words in reason for words in _NO_INSTANCE)


def lacks_room(reason: str | None) -> bool:
    """Whether the text speaks of room or of a quota, or there is none: then a check tells what would help."""
    return reason is None or _TEXTS[0][0] in reason or _QUOTA.search(reason) is not None


def read_failure(reason: str) -> Iterator[Statement]:
    """What the text is known to mean; nothing for other texts, which are quoted all the same."""
    if quota := _QUOTA.search(reason):
        yield Statement(
            f"the quota {quota['name']!r} is {quota['limit']}, of which {quota['used']} were in use, and "
            f"{quota['delta']} more were asked for; such a request is refused as a whole",
            Basis.MEASURED,
        )
    for words, meaning, basis in _TEXTS:
        if words in reason:
            yield Statement(meaning, basis)
