"""Calls to AWS as people type them: one line for the AWS CLI, one for boto3.

Nothing secret is in them: a request that holds environment values, or what looks like a credential, is read
from a file instead.
"""

from __future__ import annotations

import json
import re
import shlex
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from icplan.documents.safe_text import without_secrets
from icplan.verdict.remedy_steps import Command

if TYPE_CHECKING:
    from collections.abc import Mapping

SAGEMAKER: Final = "sagemaker"
SERVICE_QUOTAS: Final = "service-quotas"
REQUEST_FILE: Final = "request.json"
"""What stands in a command for a request that must not be shown."""

_WORD = re.compile("(.)([A-Z][a-z]+)")
_END = re.compile("([a-z0-9])([A-Z])")


def command(
    service: str,
    operation: str,
    request: Mapping[str, Any],
    *,
    region: str | None = None,
    then: str | None = None,
) -> Command:
    """The call of an operation with all its arguments."""
    shown = without_secrets(dict(request)) == request
    cli = cli_line(service, operation, request if shown else None, region)
    boto3 = boto3_line(service, operation, request if shown else None, region)
    return Command(service, operation, cli, boto3, then)


def cli_line(service: str, operation: str, request: Mapping[str, Any] | None, region: str | None) -> str:
    """The command of the AWS CLI; without a request it is read from a file."""
    words = ["aws", service, option_name(operation)]
    if request is None:
        words.append(f"--cli-input-json file://{REQUEST_FILE}")
    for member, value in (request or {}).items():
        words += _option(option_name(member), value)
    return " ".join((*words, *_region(region)))


def _option(name: str, value: Any) -> list[str]:
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return [f"--{name}", shlex.quote(text)]


def _region(region: str | None) -> list[str]:
    return [] if region is None else ["--region", shlex.quote(region)]


def boto3_line(service: str, operation: str, request: Mapping[str, Any] | None, region: str | None) -> str:
    """The call of boto3; without a request it is read from a file."""
    called = f"{boto3_client(service, region)}.{method_name(operation)}"
    if request is None:
        return f"{called}(**json.load(open({REQUEST_FILE!r})))"
    return f"{called}({', '.join(f'{member}={value!r}' for member, value in request.items())})"


def boto3_client(service: str, region: str | None) -> str:
    """A client of the service."""
    where = "" if region is None else f", region_name={region!r}"
    return f"boto3.client({service!r}{where})"


def wait_for_endpoint(endpoint: str, region: str | None) -> Command:
    """Wait until an endpoint is InService: the one waiter of botocore's that there is for this."""
    cli = " ".join(
        ("aws sagemaker wait endpoint-in-service --endpoint-name", shlex.quote(endpoint), *_region(region))
    )
    waiter = f"{boto3_client(SAGEMAKER, region)}.get_waiter('endpoint_in_service')"
    boto3 = f"{waiter}.wait(EndpointName={endpoint!r})"
    return Command(SAGEMAKER, "DescribeEndpoint", cli, boto3)


def look_at_component(component: str, region: str | None, *, until: str) -> Command:
    """Look at a component: botocore has no waiter for one."""
    request = {"InferenceComponentName": component}
    return command(SAGEMAKER, "DescribeInferenceComponent", request, region=region, then=until)


@cache
def method_name(operation: str) -> str:
    """``create_endpoint_config`` of ``CreateEndpointConfig``, as botocore names methods."""
    return _END.sub(r"\1_\2", _WORD.sub(r"\1_\2", operation)).lower()


@cache
def option_name(member: str) -> str:
    """``endpoint-config-name`` of ``EndpointConfigName``, as the AWS CLI names commands and options."""
    return method_name(member).replace("_", "-")
