"""How a remedy is carried out: which document it changes, and the calls to make, as data."""

from __future__ import annotations

import enum

import attrs


class Target(enum.StrEnum):
    """The document that a remedy changes, or what it waits for."""

    REQUEST = "request"
    ENDPOINT_CONFIG = "endpoint-config"
    QUOTA = "quota"
    WAIT = "wait"


@attrs.frozen
class Command:
    """One call to AWS, as the AWS CLI takes it and as boto3 does.

    ``then`` says what has to have come before the next one is made.
    """

    service: str
    operation: str
    cli: str
    boto3: str
    then: str | None = None


@attrs.frozen
class QuotaRaise:
    """A quota on instances that is to be raised: of one type, or (``None``) of all together."""

    type: str | None
    by: int
