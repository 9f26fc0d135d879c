"""botocore's models of the services that the emulator speaks, loaded when first needed and then kept."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from botocore.loaders import Loader
    from botocore.model import OperationModel, ServiceModel

SERVICES: Final = (
    "sagemaker",
    "application-autoscaling",
    "service-quotas",
    "cloudwatch",
    "ec2",
    "sts",
    "sagemaker-runtime",
)
"""The services by botocore's names."""
TARGETS: Final = {
    "SageMaker": "sagemaker",
    "AnyScaleFrontendService": "application-autoscaling",
    "ServiceQuotasV20190624": "service-quotas",
    "GraniteServiceVersion20100801": "cloudwatch",
}
"""The services by the prefix of ``X-Amz-Target``."""
SIGNING_NAMES: Final = {
    "sagemaker": "sagemaker",
    "application-autoscaling": "application-autoscaling",
    "servicequotas": "service-quotas",
    "monitoring": "cloudwatch",
    "ec2": "ec2",
    "sts": "sts",
}
"""The services by the name that a request is signed for."""


@cache
def loader() -> Loader:
    """What reads the models, and keeps them: clients made here share it."""
    from botocore.loaders import Loader  # noqa: PLC0415  (as below)

    return Loader(include_default_search_paths=True)


@cache
def service_model(service: str) -> ServiceModel:
    """The model of a service. botocore's own loader, so that an update of botocore is an update here."""
    from botocore.model import ServiceModel  # noqa: PLC0415  (an emulator starts before anything is asked of it)

    return ServiceModel(loader().load_service_model(service, "service-2"), service_name=service)


@cache
def operation_model(service: str, operation: str) -> OperationModel | None:
    """The model of an operation; ``None`` where the service has none of that name."""
    model = service_model(service)
    return model.operation_model(operation) if operation in model.operation_names else None
