"""The files that make what a plan proposes: requests, a CloudFormation template, Terraform."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from icplan.documents.hcl_write import hcl_text
from icplan.documents.safe_text import request_json, request_text
from icplan.documents.yaml_write import yaml_text
from icplan.errors import InputError
from icplan.report.plan_terraform import terraform
from icplan.verdict.fleet_plan import ConditionKind
from icplan.verdict.plan_cloudformation import cloudformation
from icplan.verdict.plan_requests import (
    NO_ROLE,
    configuration_request,
    plan_requests,
    role_of,
    steady_of,
    there_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from icplan.documents.safe_text import SafeText
    from icplan.verdict.fleet_plan import Plan

_NAMES = {
    "CreateEndpointConfig": "endpoint-config.json",
    "CreateEndpoint": "endpoint.json",
    "UpdateEndpoint": "endpoint.json",
}


_CHOSEN_FOR_A_TYPE = frozenset({"CapacityReservationConfig", "InferenceAmiVersion", "VolumeSizeInGB"})
"""Members of a variant that an instance type may not take, or that name instances of one."""


def plan_files(plan: Plan, role: str | None = None) -> tuple[dict[str, SafeText], list[str]]:
    """Each file's text by its path in the folder, and why one is not there, in words.

    The texts are the user's own requests, values of environment variables and all. Raises InputError where
    there is no fleet that a request can say.
    """
    texts: dict[str, SafeText] = {}
    notes: list[str] = []
    for number, one in enumerate(plan_requests(plan, role)):
        request = one["Request"]
        name = _NAMES.get(one["Operation"]) or f"components/{number - 1:02}-{_safe(request)}.json"
        # An update of an endpoint is not told from its creation by its members.
        texts[name] = request_json(one if one["Operation"] == "UpdateEndpoint" else request)
    if plan.consolidation is not None:
        notes.append("template.yaml and main.tf are not written: the endpoint is there")
    for name, made in () if plan.consolidation else (("template.yaml", _template), ("main.tf", _terraform)):
        try:
            texts[name] = request_text(made(plan))
        except InputError as error:
            notes.append(f"{name} is not written: {error.problems[0].message}")
    if texts.keys() & {"template.yaml", "main.tf"}:
        notes += _not_held(plan)
    if there_of(plan):
        notes += _kept(plan)
    if role is None and role_of(plan) is None:
        notes.append(f"endpoint-config.json has {NO_ROLE}: put your execution role there")
    return texts, notes


def _kept(plan: Plan) -> Iterator[str]:
    """What the new configuration has of the one before, and may not suit it."""
    yield "endpoint-config.json keeps what the configuration says beside the fleet; its tags are not in it"
    now = {one.get("InstanceType") for one in there_of(plan).get("ProductionVariants", ())}
    made = steady_of(plan).type
    if made in now:
        return
    for one in configuration_request(plan)["ProductionVariants"]:
        if chosen := sorted(_CHOSEN_FOR_A_TYPE & one.keys()):
            yield f"endpoint-config.json keeps {' and '.join(chosen)}: look whether {made} takes that"


def _not_held(plan: Plan) -> Iterator[str]:
    """What autoscaling may come to by these files, where the plan does not promise that it fits."""
    kinds = {one.condition for one in plan.promises}
    if kinds & {ConditionKind.AUTOSCALING, ConditionKind.AUTOSCALING_UPDATE}:
        return
    for one in plan.components:
        if one.scaled_between is not None and one.scales:
            yield (
                f"MaxCapacity of {one.name} is {one.most}, and the plan holds {one.copies}: "
                "--hold autoscaling holds all"
            )


def _template(plan: Plan) -> str:
    return yaml_text(cloudformation(plan))


def _terraform(plan: Plan) -> str:
    return hcl_text(*terraform(plan))


def _safe(request: dict[str, Any]) -> str:
    """A component's name as part of a file's name."""
    return re.sub("[^A-Za-z0-9-]", "-", str(request["InferenceComponentName"]))
