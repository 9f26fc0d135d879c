"""Every call that icplan makes of an endpoint, and a local SageMaker on which each is made and can go wrong.

The calls are those of the table of permissions, which a test holds against what is called: a new one is tried
by itself.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs
import boto3
import botocore.session

from icplan.aws.permissions import PERMISSIONS, Need
from icplan.testing.emulator.service_models import loader
from icplan.testing.emulator.wire import read_call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from icplan.testing import FakeSageMaker
    from icplan.testing.emulator.wire import Request, Response

CALLS: Final = tuple(dict.fromkeys(one.action for one in PERMISSIONS if one.need is not Need.PRICES))
"""IAM actions, as ``sagemaker:DescribeEndpoint``."""
MUST: Final = frozenset(one.action for one in PERMISSIONS if one.need is Need.MUST)
"""Those without which nothing is known."""
SECRET: Final = "ghp_" + "a1B2c3D4" * 5
NEVER: Final = 120.0
"""Seconds after which what never answers would answer, as nothing that is asserted allows."""
FAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "throttled": {"error": ("ThrottlingException", f"Rate exceeded, password={SECRET}")},
    "denied": {"error": ("AccessDeniedException", f"User {SECRET} is not authorized")},
    "failing": {"error": ("InternalFailure", f"at https://u:{SECRET}@host/"), "status": 500},
    "unavailable": {"status": 503},
    "a page": {"html": True},
    "truncated": {"truncate": True},
    "reset": {"reset": True},
    "silent": {"latency": NEVER},
}
"""What can go wrong with a call, as the emulator is told of it."""
GROW: Final = {"InferenceComponentName": "chat", "DesiredRuntimeConfig": {"CopyCount": 3}}
"""A change that takes a new instance, so that quotas and what other endpoints use bear on it."""


def operation_of(action: str) -> str:
    """``DescribeEndpoint`` of ``sagemaker:DescribeEndpoint``."""
    return action.partition(":")[2]


def seed() -> dict[str, Any]:
    """An endpoint that every call is made for: two instances, with enhanced metrics."""
    compute = {"MinMemoryRequiredInMb": 1024, "NumberOfCpuCoresRequired": 3}
    return {
        "IcplanSnapshot": 1,
        "Endpoint": {"EndpointName": "prod"},
        "EndpointConfig": {
            "ProductionVariants": [
                {
                    "VariantName": "v",
                    "InstanceType": "ml.m5.xlarge",
                    "InitialInstanceCount": 2,
                    "ManagedInstanceScaling": {
                        "Status": "ENABLED",
                        "MinInstanceCount": 1,
                        "MaxInstanceCount": 4,
                    },
                }
            ],
            "MetricsConfig": {"EnableEnhancedMetrics": True},
        },
        "InferenceComponents": [
            {
                "InferenceComponentName": "chat",
                "Specification": {"ModelName": "m", "ComputeResourceRequirements": compute},
                "RuntimeConfig": {"DesiredCopyCount": 2, "CurrentCopyCount": 2},
            }
        ],
    }


class KeptClients(boto3.session.Session):
    """Sessions that share their clients: to make one takes longer than most tests."""

    made: ClassVar[dict[tuple[str, str], Any]] = {}

    def __init__(self, **given: Any) -> None:
        self.own = "botocore_session" in given
        if not self.own:
            core: Any = botocore.session.Session(profile=given.pop("profile_name", None))
            core.register_component("data_loader", loader())
            given["botocore_session"] = core
        super().__init__(**given)

    def client(self, service: Any, **given: Any) -> Any:  # type: ignore[override]
        """One made before for the same service and as patient, or a new one."""
        if self.own:
            return super().client(service, **given)
        config = given.get("config")
        patient = f"{config.retries} {config.read_timeout}" if config else ""
        key = (service, f"{patient} {given.get('endpoint_url') or os.environ.get('AWS_ENDPOINT_URL')}")
        if key not in self.made:
            self.made[key] = super().client(service, **given)
        return self.made[key]


@contextmanager
def instead(fake: FakeSageMaker, operation: str, change: Callable[[bytes], bytes]) -> Iterator[None]:
    """Let another body come over the wire than the answer to an operation."""
    answered = fake.emulator.handle

    def handle(request: Request) -> Response:
        response = answered(request)
        if read_call(request).operation != operation:
            return response
        return attrs.evolve(response, body=change(response.body))

    fake.emulator.handle = handle  # type: ignore[method-assign]
    try:
        yield
    finally:
        fake.emulator.handle = answered  # type: ignore[method-assign]


def places(answer: Any) -> list[tuple[Any, Any]]:
    """Every place in an answer: what holds it, and its name or number there; the outer ones first."""
    found: list[tuple[Any, Any]] = []
    todo = [answer]
    for held in todo:
        keys = sorted(held) if isinstance(held, dict) else range(len(held)) if isinstance(held, list) else ()
        found += ((held, key) for key in keys)
        todo += (held[key] for key in keys)
    return found
