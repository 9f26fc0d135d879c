"""How a remedy is carried out: which document it changes, and the calls to make, as data."""

from __future__ import annotations

import enum
from typing import Any

from icplan.values import frozen


class Target(enum.StrEnum):
    """The document that a remedy changes, or what it waits for."""

    REQUEST = "request"
    ENDPOINT_CONFIG = "endpoint-config"
    QUOTA = "quota"
    WAIT = "wait"


@frozen
class Command:
    """One call to AWS, as the AWS CLI takes it and as boto3 does.

    ``then`` says what has to have come before the next one is made.
    """

    service: str
    operation: str
    cli: str
    boto3: str
    then: str | None = None


@frozen
class QuotaRaise:
    """A quota on instances that is to be raised: of one type, (``None``) of all together, of an endpoint."""

    type: str | None
    by: int
    of_endpoint: bool = False

    @property
    def on(self) -> tuple[str | None, bool]:
        """What the quota is on, whatever its value."""
        return self.type, self.of_endpoint


@frozen
class Edit:
    """A member that a remedy changes where it is written: at a line of a template, plan or manifest.

    ``path`` is a JSON pointer into the request that the file comes to. ``before`` and ``after`` are its
    values (``None``: it is not there). ``note`` tells what the line is, or where else the value comes from.
    """

    path: str
    before: Any
    after: Any
    file: str
    line: int | None = None
    note: str | None = None
