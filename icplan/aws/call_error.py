"""Why AWS was not asked, or has refused: one clear line that says what is needed, with no secret in it."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final

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

from icplan.aws.identity import MAX_SKEW, answered_at
from icplan.documents.redact import redact_text
from icplan.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_MESSAGE: Final = 400
_MAX_ANSWER: Final = 200
"""Characters that are quoted of what AWS says."""
_IAM_PREFIXES = {
    "SageMaker": "sagemaker",
    "EC2": "ec2",
    "CloudWatch": "cloudwatch",
    "Service Quotas": "servicequotas",
    "Application Auto Scaling": "application-autoscaling",
    "Pricing": "pricing",
}
_NO_CREDENTIALS = "no AWS credentials were found: set AWS_PROFILE, or run `aws configure` or `aws sso login`"
_NO_REGION = (
    "no AWS Region is set: set AWS_REGION or AWS_DEFAULT_REGION, or give the profile one with `aws configure`"
)
_BAD_CREDENTIALS = (
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
)
_BAD_CLOCK: Final = ("RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed")
_UNTIMELY: Final = re.compile("(?i)signature (?:expired|not yet current)")
"""By which AWS says, of a signature, that not the key is wrong but the time of the request."""
_CALLER: Final = re.compile(
    r"\barn:[\w-]+:(?:sts|iam)::\d*:(?P<type>assumed-role|federated-user|user)/[\w+=,.@/-]*[\w+=@/-]"
)
"""Who asked, whose name nobody else is to read."""
_OWN_FAULT = 500
"""The first HTTP status by which AWS says that it has failed itself."""
_THROTTLES = (
    *("Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException"),
    *("RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "SlowDown"),
)


class AwsCallError(AwsError):
    """AWS answered with an error, or could not be asked.

    ``missing``: what was asked for is not there. ``denied``: the permission is missing. ``passing``: AWS may
    well answer the next time (it throttles, is not reached, or fails itself).
    """

    def __init__(
        self,
        operation: str,
        message: str,
        *,
        missing: bool = False,
        denied: bool = False,
        passing: bool = False,
    ) -> None:
        self.missing, self.denied, self.passing = missing, denied, passing
        super().__init__(operation, message)

    def _kinds(self) -> dict[str, bool]:
        return {"missing": self.missing, "denied": self.denied, "passing": self.passing}

    def reworded(self, message: str) -> AwsCallError:
        """The same error, of the same kind, in other words."""
        return type(self)(self.operation, message, **self._kinds())

    def __reduce__(self) -> Any:
        """Made again from its parts: a process may hand it to another."""
        return _made_again, (type(self), self.operation, self.message, self._kinds())


def _made_again(
    kind: type[AwsCallError], operation: str, message: str, kinds: Mapping[str, bool]
) -> AwsCallError:
    return kind(operation, message, **kinds)


def refused(operation: str, service: str, error: BotoCoreError | ClientError) -> AwsCallError:
    """The error of a call that botocore could not make, or that ``service`` has refused."""
    if isinstance(error, ClientError):
        return _answered(operation, service, error)
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return AwsCallError(operation, _NO_CREDENTIALS)
    if isinstance(error, NoRegionError):
        return AwsCallError(operation, _NO_REGION)
    if isinstance(error, CredentialRetrievalError | ProfileNotFound | SSOError):
        return AwsCallError(operation, f"the AWS credentials cannot be used: {one_line(error)}")
    if isinstance(error, HTTPClientError | ConnectionError):
        return AwsCallError(operation, f"AWS cannot be reached: {one_line(error)}", passing=True)
    return AwsCallError(operation, one_line(error))


def _answered(operation: str, service: str, error: ClientError) -> AwsCallError:
    detail = error.response.get("Error", {})
    exchange: Mapping[str, Any] = error.response.get("ResponseMetadata") or {}
    code, whole = str(detail.get("Code", "")), str(detail.get("Message", ""))
    text = _quoted(whole)
    if code.startswith("AccessDenied") or code == "UnauthorizedOperation":
        action = f"{_IAM_PREFIXES[service]}:{operation}"
        return AwsCallError(operation, f"the permission {action} is missing ({code}: {text})", denied=True)
    if code in _BAD_CLOCK or (code in _BAD_CREDENTIALS and _UNTIMELY.search(whole)):
        return AwsCallError(operation, f"{_of_the_clock(exchange)} ({code}: {text})")
    if code in _BAD_CREDENTIALS:
        return AwsCallError(operation, f"AWS refused the credentials; renew them ({code}: {text})")
    if code in _THROTTLES:
        return AwsCallError(
            operation, f"AWS still throttles the call after several attempts ({code}: {text})", passing=True
        )
    missing = code in ("ValidationException", "ResourceNotFound") and "could not find" in whole.lower()
    failed = int(exchange.get("HTTPStatusCode") or 0) >= _OWN_FAULT
    said = f"{text or 'AWS refused the call'} ({code})"
    return AwsCallError(operation, said, missing=missing, passing=failed)


def _of_the_clock(exchange: Mapping[str, Any]) -> str:
    """What to do about a request whose time AWS refuses; how far off it is, where AWS tells its own."""
    told, said = answered_at(exchange.get("HTTPHeaders") or {}), "is not AWS's"
    seconds = round((dt.datetime.now(dt.UTC) - told).total_seconds()) if told else 0
    if abs(seconds) > MAX_SKEW:
        said = f"is {abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} AWS's"
    return f"the clock of this machine {said}, so AWS takes no request from it: set it, by NTP"


def _quoted(text: str) -> str:
    """What AWS says, with no name of who asked, in one line that is not too long."""
    line = " ".join(redact_text(_CALLER.sub(r"\g<type>", text)).split())
    return line if len(line) <= _MAX_ANSWER else f"{line[: _MAX_ANSWER - 3]}..."


def one_line(error: object) -> str:
    """What an error says, without what looks like a secret."""
    return " ".join(redact_text(str(error)).split())[:_MAX_MESSAGE]
