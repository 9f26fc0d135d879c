"""ICP326 to ICP328: a change of the endpoint, and what runs on it."""

from __future__ import annotations

from icplan.rules.rule import DOCUMENTED, INFERRED, NOTE, WARNING, Rule

_API = "API reference, botocore 1.44.5"
_NEW_FLEET = (
    f'{_API}, UpdateEndpoint: "Deploys the EndpointConfig specified in the request to a new fleet of '
    'instances."'
)

FLEET_RULES = (
    Rule(
        id="ICP326",
        title="What runs is placed anew on the endpoint's new instances",
        severity=WARNING,
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
            "Where the instance type changes, a variant goes, or instances are taken away, it is not stated "
            "whether copies are moved, or the request is refused. So nothing is promised."
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
