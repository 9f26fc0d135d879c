"""ICP181 to ICP183, ICP326 to ICP328, and ICP204, ICP206 of requests that make an endpoint or change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.rules.base import API, DOCUMENTED, ERROR, INFERRED, MEASURED, NOTE, WARNING, Rule, Violation
from icplan.rules.state import ENDPOINT_TRANSITIONS, REFUSING, endpoint_refusal
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.fleet.endpoint import EndpointState
    from icplan.requests.call import Call
    from icplan.rules.base import Check


_NEW_FLEET = (
    f'{API}, UpdateEndpoint: "Deploys the EndpointConfig specified in the request to a new fleet of '
    'instances."'
)

RULES = (
    Rule(
        id="ICP181",
        title="The endpoint, its configuration or a variant is not there",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f'{API}: "You create the endpoint configuration with the CreateEndpointConfig API."',
        why=(
            "Nothing can be made on an endpoint, or of a configuration, that is not there: the change of the "
            "set that was to make it fails, or the name is another."
        ),
        fix="Correct what is to make it first, or the name.",
    ),
    Rule(
        id="ICP182",
        title="An endpoint of that name exists already",
        severity=ERROR,
        basis=DOCUMENTED,
        source=(
            f'{API}, EndpointName: "The name must be unique within an Amazon Web Services Region in your '
            'Amazon Web Services account. The name is case-insensitive in CreateEndpoint".'
        ),
        why="The snapshot is of an endpoint of that name.",
        fix="Choose another name, or use update_endpoint.",
    ),
    Rule(
        id="ICP183",
        title="A configuration of that name exists already",
        severity=ERROR,
        basis=MEASURED,
        source="AWS's answer to CreateEndpointConfig, as published code that catches it has it.",
        aws_error="Cannot create already existing endpoint configuration",
        why=(
            "A configuration cannot be changed: another one under the name of that which runs is refused. "
            "CloudFormation refuses to replace a resource whose name is written in the template, and an "
            "endpoint whose EndpointConfigName stays the same is not updated."
        ),
        fix="Give the new configuration a name of its own, or in a template none.",
    ),
    Rule(
        id="ICP326",
        title="What runs is placed anew on the endpoint's new instances",
        severity=ERROR,
        basis=DOCUMENTED,
        source=_NEW_FLEET,
        why=(
            "Every copy that runs must find room on the new fleet, in whatever order and wherever they go. "
            "It is an error where there is no room for them all, a note where instances are added for them."
        ),
        fix=(
            "Set `RetainAllVariantProperties`, so that the number of instances stays; or raise "
            "`InitialInstanceCount` or `MaxInstanceCount` of the new configuration."
        ),
    ),
    Rule(
        id="ICP327",
        title="What becomes of the copies is not documented",
        severity=WARNING,
        basis=INFERRED,
        source=f"{_NEW_FLEET} Of inference components it says nothing.",
        why=(
            "Where the instance type changes, a variant goes, instances are taken away, or more are asked "
            "for than MaxInstanceCount, it is not stated whether copies are moved, or the request is "
            "refused. So nothing is promised."
        ),
        fix="Try it on an endpoint that serves nobody, or make a second endpoint and move the traffic.",
    ),
    Rule(
        id="ICP328",
        title="How a configuration is judged",
        severity=NOTE,
        basis=DOCUMENTED,
        source=_NEW_FLEET,
        why="A configuration alone changes nothing; it is judged as what an endpoint is to run next.",
        fix="Nothing. Give the request that uses it as well, and it is judged as that has it.",
    ),
)


@frozen
class EndpointContext:
    """A request against what is there: the endpoint (``None``: there is none yet), and configurations.

    ``absent_because`` tells why a configuration or an endpoint that a change of the set was to make is not
    there, by its name. ``used`` tells that a later change names the configuration that is asked for: else it
    may be only to see what would come of it.
    """

    asked: Call
    state: EndpointState | None
    endpoint_name: str | None
    configurations: Mapping[str, Mapping[str, Any]]
    absent_because: Mapping[str, str]
    used: bool = False

    @property
    def updates(self) -> bool:
        """Whether the endpoint must be there."""
        return self.asked.operation in ("UpdateEndpoint", "UpdateEndpointWeightsAndCapacities")


def not_there(case: EndpointContext) -> Iterator[Violation]:
    """ICP181."""
    wanted = str(case.asked.request.get("EndpointConfigName"))
    if case.asked.operation in ("CreateEndpoint", "UpdateEndpoint") and wanted in case.absent_because:
        yield Violation(
            f"{case.asked.path}.EndpointConfigName",
            f"the configuration {wanted} is not there: {case.absent_because[wanted]}",
            aws_error="Could not find endpoint configuration",
        )
    name = str(case.asked.request.get("EndpointName"))
    if case.updates and case.state is None and name in case.absent_because:
        at = f"{case.asked.path}.EndpointName"
        yield Violation(at, f"the endpoint {name} is not there: {case.absent_because[name]}")
    variants = set(case.state.variant_names if case.state else ())
    for number, one in enumerate(case.asked.request.get("DesiredWeightsAndCapacities") or ()):
        if variants and one.get("VariantName") not in variants:
            yield Violation(
                f"{case.asked.path}.DesiredWeightsAndCapacities[{number}].VariantName",
                f"the endpoint has no variant {one.get('VariantName')}; it has {', '.join(sorted(variants))}",
            )


def there_already(case: EndpointContext) -> Iterator[Violation]:
    """ICP182."""
    name = str(case.asked.request.get("EndpointName"))
    there = case.endpoint_name
    if case.asked.operation == "CreateEndpoint" and there is not None and name.lower() == there.lower():
        yield Violation(f"{case.asked.path}.EndpointName", f"the endpoint {name} is there already")


def configuration_there_already(case: EndpointContext) -> Iterator[Violation]:
    """ICP183."""
    if case.asked.operation != "CreateEndpointConfig":
        return
    name = case.asked.request.get("EndpointConfigName")
    runs = case.state.configuration_name if case.state and case.endpoint_name is not None else None
    at = f"{case.asked.path}.EndpointConfigName"
    if name in case.configurations:
        yield Violation(at, f"an earlier change has made the configuration {name}")
    elif case.used and name == runs:
        message = f"the endpoint runs a configuration of that name, {name}, which cannot be changed"
        yield Violation(at, message)


def endpoint_refuses(case: EndpointContext) -> Iterator[Violation]:
    """ICP204."""
    state = _state(case)
    if case.updates and state in REFUSING:
        yield Violation(case.asked.path, endpoint_refusal(state))


def endpoint_in_motion(case: EndpointContext) -> Iterator[Violation]:
    """ICP206."""
    state = _state(case)
    if case.updates and state in ENDPOINT_TRANSITIONS:
        yield Violation(case.asked.path, f"the endpoint is {state}; its instances may be changing")


def _state(case: EndpointContext) -> str | None:
    return case.state.status if case.state else None


CHECKS: Mapping[str, Check[EndpointContext]] = {
    "ICP181": not_there,
    "ICP182": there_already,
    "ICP183": configuration_there_already,
    "ICP204": endpoint_refuses,
    "ICP206": endpoint_in_motion,
}
