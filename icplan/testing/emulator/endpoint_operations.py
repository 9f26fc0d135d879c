"""The calls that make an endpoint, change it, show it and delete it."""

from __future__ import annotations

import copy
from collections import Counter
from typing import TYPE_CHECKING, Any

from icplan.testing.emulator.endpoint import Endpoint, make_variant, types_of
from icplan.testing.emulator.endpoint_update import create, delete, recount, replace
from icplan.testing.emulator.models_and_configs import find_config, keep_tags, require_new
from icplan.testing.emulator.pages import page, select
from icplan.testing.emulator.sagemaker_texts import (
    COMPONENTS_ATTACHED,
    ENDPOINT_IN_PROGRESS,
    ENDPOINT_STATE,
    NO_VARIANT,
    NOT_FOUND,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.testing.emulator.endpoint import Variant
    from icplan.testing.emulator.region import Region

IN_PROGRESS = ("Creating", "Updating", "RollingBack", "SystemUpdating", "Deleting")
_DEAD = ("Failed", "OutOfService")
_TAKES_NO_DELETION = ("Creating", "SystemUpdating", "RollingBack", "Deleting")


def find_endpoint(region: Region, name: str) -> Endpoint:
    """An endpoint. Raises ServiceError for one that is not there."""
    found = region.endpoints.get(name)
    if found is None:
        raise NOT_FOUND.error(kind="endpoint", arn=region.arn("endpoint", name))
    return found


class Endpoints:
    """The endpoints of a Region."""

    def __init__(self, region: Region) -> None:
        self._region = region

    def create_endpoint(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """An endpoint is Creating until its instances are there; its quota is asked for at once."""
        region, name = self._region, params["EndpointName"]
        arn = region.arn("endpoint", name)
        require_new("endpoint", arn, there=name in region.endpoints)
        config = find_config(region, params["EndpointConfigName"])
        self._ask_quota(_initial(config), beside=0)
        now = region.clock.now
        endpoint = Endpoint(name, arn, params["EndpointConfigName"], now, now)
        endpoint.variants, endpoint.shadows = self._variants(name, config)
        endpoint.deployment = copy.deepcopy(params.get("DeploymentConfig"))
        region.endpoints[name] = endpoint
        keep_tags(region, arn, params)
        region.begin(endpoint, create(region, endpoint))
        return {"EndpointArn": arn}

    def _variants(
        self, name: str, config: Mapping[str, Any]
    ) -> tuple[dict[str, Variant], dict[str, Variant]]:
        made = [
            {one["VariantName"]: make_variant(self._region, name, one) for one in config.get(part, ())}
            for part in ("ProductionVariants", "ShadowProductionVariants")
        ]
        return made[0], made[1]

    def _ask_quota(self, more: Mapping[str, int], *, beside: int) -> None:
        refusal = self._region.quotas.refusal(more, beside=beside)
        if refusal is not None:
            raise refusal

    def update_endpoint(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """A new fleet beside the old one, then the components on it, then the old one goes."""
        region = self._region
        endpoint = self._writable(params)
        config = find_config(region, params["EndpointConfigName"])
        coming, _ = self._variants(endpoint.name, config)
        for component in region.components_of(endpoint):
            if component.variant is not None and component.variant not in coming:
                raise NO_VARIANT.error(name=component.variant, arn=endpoint.arn)
        counts = self._counts(endpoint, config, params)
        more: Counter[str] = Counter()
        for name, variant in coming.items():
            more[(types_of(variant.configured) or [""])[0]] += counts.get(name, 0)
        self._ask_quota(+more, beside=0)  # the new fleet, as if the endpoint were that alone
        if "DeploymentConfig" in params:
            endpoint.deployment = copy.deepcopy(params["DeploymentConfig"])
        endpoint.modified = region.clock.now
        endpoint.phase, endpoint.failure = "Updating", None
        region.begin(endpoint, replace(region, endpoint, params["EndpointConfigName"], coming, counts))
        return {"EndpointArn": endpoint.arn}

    def _counts(
        self, endpoint: Endpoint, config: Mapping[str, Any], params: Mapping[str, Any]
    ) -> dict[str, int]:
        """How many instances each variant starts with: as configured, or as many as now if that is kept."""
        left_out = {one["VariantPropertyType"] for one in params.get("ExcludeRetainedVariantProperties", ())}
        retained = params.get("RetainAllVariantProperties") and "DesiredInstanceCount" not in left_out
        found = {}
        for variant in config["ProductionVariants"]:
            found[variant["VariantName"]] = variant.get("InitialInstanceCount", 0)
            before = endpoint.variants.get(variant["VariantName"])
            if retained and before is not None and before.fleet is not None:
                found[variant["VariantName"]] = before.fleet.desired
        return found

    def update_endpoint_weights_and_capacities(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Other weights at once, other numbers of instances as they come and go."""
        region = self._region
        endpoint = self._writable(params)
        wanted: dict[str, int] = {}
        more: Counter[str] = Counter()
        for one in params["DesiredWeightsAndCapacities"]:
            variant = endpoint.variants.get(one["VariantName"])
            if variant is None:
                raise NO_VARIANT.error(name=one["VariantName"], arn=endpoint.arn)
            if "DesiredInstanceCount" in one and variant.fleet is not None:
                wanted[variant.name] = one["DesiredInstanceCount"]
                delta = one["DesiredInstanceCount"] - len(variant.fleet.instances)
                more[next(iter(variant.fleet.machines))] += max(0, delta)
        self._ask_quota(+more, beside=sum(len(fleet.instances) for fleet in endpoint.fleets()))
        for one in params["DesiredWeightsAndCapacities"]:
            if "DesiredWeight" in one:
                endpoint.variants[one["VariantName"]].weight = one["DesiredWeight"]
        endpoint.modified = region.clock.now
        endpoint.phase, endpoint.failure = "Updating", None
        region.begin(endpoint, recount(region, endpoint, wanted))
        return {"EndpointArn": endpoint.arn}

    def describe_endpoint(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The endpoint as it stands."""
        endpoint = find_endpoint(self._region, params["EndpointName"])
        return endpoint.describe(self._region.configs.get(endpoint.config_name))

    def list_endpoints(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """One page of endpoints."""
        members = ("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus")
        items = [one.describe(None) for one in self._region.endpoints.values()]
        found = select(items, params, {"StatusEquals": "EndpointStatus"}, members[0])
        return page("Endpoints", found, members[0], members, params)

    def delete_endpoint(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The endpoint is Deleting until its instances are gone."""
        region = self._region
        endpoint = find_endpoint(region, params["EndpointName"])
        if endpoint.phase in IN_PROGRESS:
            raise ENDPOINT_IN_PROGRESS.error(arn=endpoint.arn)
        refused = region.behaviour.delete_endpoint_with_components == "refused"
        if refused and region.components_of(endpoint):
            raise COMPONENTS_ATTACHED.error(arn=endpoint.arn)
        endpoint.phase = "Deleting"
        endpoint.modified = region.clock.now
        region.begin(endpoint, delete(region, endpoint))
        return {}

    def _writable(self, params: Mapping[str, Any]) -> Endpoint:
        endpoint = find_endpoint(self._region, params["EndpointName"])
        refuse_unless_writable(endpoint, for_component=False)
        moving = any(
            one.process is not None and not one.process.done for one in self._region.components_of(endpoint)
        )
        if moving:
            raise ENDPOINT_IN_PROGRESS.error(arn=endpoint.arn)
        return endpoint


def refuse_unless_writable(endpoint: Endpoint, *, for_component: bool) -> None:
    """Refuse a write that the endpoint's state does not take.

    A component may be written to while managed instance scaling moves instances: whether AWS refuses that is
    not known, and its own notebooks do it.
    """
    state = endpoint.phase if for_component else endpoint.status
    if state in IN_PROGRESS or (for_component and endpoint.status == "RollingBack"):
        raise ENDPOINT_IN_PROGRESS.error(arn=endpoint.arn)
    if state in _DEAD:
        raise ENDPOINT_STATE.error(arn=endpoint.arn, state=state)


def refuse_deletion(endpoint: Endpoint) -> None:
    """Refuse to delete a component of an endpoint that is being made, taken away, maintained or rolled back.

    AWS documents that of SystemUpdating alone ("cannot be updated or deleted or re-scaled").
    """
    if endpoint.status in _TAKES_NO_DELETION:
        raise ENDPOINT_IN_PROGRESS.error(arn=endpoint.arn)


def _initial(config: Mapping[str, Any]) -> Counter[str]:
    """Instances per type that a configuration starts with; of pools the first type's."""
    found: Counter[str] = Counter()
    for part in ("ProductionVariants", "ShadowProductionVariants"):
        for variant in config.get(part, ()):
            for kind in types_of(variant)[:1]:
                found[kind] += variant.get("InitialInstanceCount", 1)
    return found
