"""Calls to AWS: made one way, and refused with one clear line that says what is needed."""

from __future__ import annotations

import os
from typing import Any, Final

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004  (botocore's own, not Python's)
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
)

from icplan.documents.redact import redact_text
from icplan.errors import AwsError

PATIENT: Final = Config(
    retries={"mode": "adaptive", "total_max_attempts": 9},
    connect_timeout=10,
    read_timeout=30,
    user_agent_extra="icplan",
)
"""How icplan's own clients behave: an endpoint of many components takes many calls, and AWS throttles."""

_LONGEST = 400
_IAM_PREFIXES = {
    "SageMaker": "sagemaker",
    "Service Quotas": "servicequotas",
    "Application Auto Scaling": "application-autoscaling",
}
_NO_CREDENTIALS = "no AWS credentials were found: set AWS_PROFILE, or run `aws configure` or `aws sso login`"
_NO_REGION = (
    "no AWS Region is set: set AWS_REGION or AWS_DEFAULT_REGION, or give the profile one with `aws configure`"
)
_BAD_CREDENTIALS = (
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
)
_THROTTLES = ("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded")


class AwsCallError(AwsError):
    """AWS answered with an error, or could not be asked. ``missing``: what was asked for is not there."""

    def __init__(self, operation: str, message: str, *, missing: bool = False) -> None:
        self.missing = missing
        super().__init__(operation, message)


def make_client(session: Any, service: str, operation: str) -> Any:
    """A client of a boto3 session, made in order to call ``operation``. Raises AwsError.

    Where the session has no Region (boto3 knows AWS_DEFAULT_REGION and profiles), AWS_REGION names it.
    """
    region = session.region_name or os.environ.get("AWS_REGION") or None
    try:
        return session.client(service, region_name=region, config=PATIENT)
    except BotoCoreError as error:
        raise _refused(operation, "", error) from error


def make_session(operation: str, region: str | None = None, profile: str | None = None) -> Any:
    """A boto3 session, what is not given from the environment, to call ``operation``. Raises AwsError."""
    import boto3  # noqa: PLC0415  (slower to load than botocore, and often the caller brings a session)

    try:
        return boto3.Session(region_name=region, profile_name=profile)
    except BotoCoreError as error:
        raise _refused(operation, "", error) from error


def call(client: Any, operation: str, **arguments: Any) -> dict[str, Any]:
    """What AWS answers to ``operation`` (such as ``DescribeEndpoint``). Raises `RefusedError`."""
    try:
        answer: dict[str, Any] = getattr(client, xform_name(operation))(**arguments)
    except (BotoCoreError, ClientError) as error:
        raise _refused(operation, _service(client), error) from error
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def paginate(client: Any, operation: str, member: str, **arguments: Any) -> list[dict[str, Any]]:
    """The items that all pages of ``operation`` hold in ``member``. Raises `RefusedError`."""
    try:
        pages = client.get_paginator(xform_name(operation)).paginate(**arguments)
        return [item for page in pages for item in page[member]]
    except (BotoCoreError, ClientError) as error:
        raise _refused(operation, _service(client), error) from error


def _service(client: Any) -> str:
    return str(client.meta.service_model.service_id)


def _refused(operation: str, service: str, error: BotoCoreError | ClientError) -> AwsCallError:
    if isinstance(error, ClientError):
        return _answered(operation, service, error)
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return AwsCallError(operation, _NO_CREDENTIALS)
    if isinstance(error, NoRegionError):
        return AwsCallError(operation, _NO_REGION)
    if isinstance(error, CredentialRetrievalError | ProfileNotFound | SSOError):
        return AwsCallError(operation, f"the AWS credentials cannot be used: {_line(error)}")
    if isinstance(error, HTTPClientError | ConnectionError):
        return AwsCallError(operation, f"AWS cannot be reached: {_line(error)}")
    return AwsCallError(operation, _line(error))


def _answered(operation: str, service: str, error: ClientError) -> AwsCallError:
    detail = error.response.get("Error", {})
    code, text = str(detail.get("Code", "")), _line(detail.get("Message", ""))
    if code.startswith("AccessDenied") or code == "UnauthorizedOperation":
        action = f"{_IAM_PREFIXES[service]}:{operation}"
        return AwsCallError(operation, f"the permission {action} is missing ({code}: {text})")
    if code in _BAD_CREDENTIALS:
        return AwsCallError(operation, f"AWS refused the credentials; renew them ({code}: {text})")
    if code in _THROTTLES:
        return AwsCallError(
            operation, f"AWS still throttles the call after several attempts ({code}: {text})"
        )
    missing = code in ("ValidationException", "ResourceNotFound") and "could not find" in text.lower()
    return AwsCallError(operation, f"{text or 'AWS refused the call'} ({code})", missing=missing)


def _line(error: object) -> str:
    return " ".join(redact_text(str(error)).split())[:_LONGEST]
