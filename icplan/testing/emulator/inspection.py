"""What a test may look at: an endpoint as a snapshot, and where its copies really are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from icplan.documents.json_values import iso
from icplan.testing.emulator.service_models import operation_model
from icplan.testing.emulator.wire import as_date, json_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.testing.emulator.emulator import Emulator
    from icplan.testing.emulator.endpoint import Endpoint
    from icplan.testing.emulator.services import Services


def snapshot_of(emulator: Emulator, name: str | None, *, located: bool) -> dict[str, Any]:
    """An endpoint as a snapshot file holds it; without a name, the only one there is."""
    services, endpoint = _find(emulator, name)
    region = services.region

    def ask(service: str, operation: str, **params: Any) -> dict[str, Any]:
        answer = services.answer(service, operation, params)
        return _as_file(operation, service, answer)

    answers: dict[str, Any] = {
        "IcplanSnapshot": 1,
        "TakenAt": iso(emulator.clock.date),
        "Region": region.name,
        "Endpoint": ask("sagemaker", "DescribeEndpoint", EndpointName=endpoint.name),
        "EndpointConfig": ask("sagemaker", "DescribeEndpointConfig", EndpointConfigName=endpoint.config_name),
        "InferenceComponents": [
            ask("sagemaker", "DescribeInferenceComponent", InferenceComponentName=one.name)
            for one in region.components_of(endpoint)
        ],
        "Quotas": ask("service-quotas", "ListServiceQuotas", ServiceCode="sagemaker")["Quotas"],
        "InstancesInUse": dict(sorted(region.quotas.usage().items())),
    }
    targets = ask("application-autoscaling", "DescribeScalableTargets", ServiceNamespace="sagemaker")
    if targets["ScalableTargets"]:
        answers["ScalableTargets"] = targets["ScalableTargets"]
    return answers | ({"CopyLocations": _locations(services, endpoint)} if located else {})


def _find(emulator: Emulator, name: str | None) -> tuple[Services, Endpoint]:
    there = [
        (services, endpoint)
        for services in emulator.all_services()
        for endpoint in services.region.endpoints.values()
        if name in (None, endpoint.name)
    ]
    if len(there) != 1:
        raise KeyError(f"there are {len(there)} endpoints{'' if name is None else f' named {name}'}")
    return there[0]


def _as_file(operation: str, service: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer as a file holds it: exactly AWS's members, dates as text."""
    model: Any = operation_model(service, operation)
    shown: dict[str, Any] = _iso(json_value(answer, model.output_shape), model.output_shape)
    return shown


def _iso(value: Any, shape: Any) -> Any:
    match shape.type_name:
        case "structure":
            return {name: _iso(one, shape.members[name]) for name, one in value.items()}
        case "list":
            return [_iso(one, shape.member) for one in value]
        case "timestamp":
            return iso(as_date(value))
    return value


def _locations(services: Services, endpoint: Endpoint) -> list[dict[str, Any]]:
    """Which instance holds how many copies of which component."""
    rows: list[dict[str, Any]] = []
    for component in services.region.components_of(endpoint):
        counts = Counter(one.instance for one in component.copies if one.shown and one.instance.id)
        rows += [
            {
                "InferenceComponentName": component.name,
                "InstanceId": instance.id,
                "InstanceType": instance.machine.name,
                "AvailabilityZone": instance.zone,
                "Copies": copies,
            }
            for instance, copies in counts.items()
        ]
    return rows


def placement(emulator: Emulator, name: str) -> dict[str, dict[str, dict[str, int]]]:
    """Copies per component on each instance, by variant."""
    services, endpoint = _find(emulator, name)
    found: dict[str, dict[str, dict[str, int]]] = {}
    for variant in endpoint.variants.values():
        here = found.setdefault(variant.name, {})
        for instance in variant.fleet.instances if variant.fleet else ():
            here[instance.id] = {}
            for one in services.region.copies_on(instance):
                here[instance.id][one.component.name] = here[instance.id].get(one.component.name, 0) + 1
    return found
