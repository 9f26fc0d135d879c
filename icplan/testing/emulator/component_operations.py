"""The six calls on inference components: what they refuse, and what they set in motion."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from icplan.testing.emulator import rollout
from icplan.testing.emulator.component import Component, from_request, merged
from icplan.testing.emulator.component_rules import check_change, check_new
from icplan.testing.emulator.copies import CopyState
from icplan.testing.emulator.endpoint_operations import find_endpoint, refuse_deletion, refuse_unless_writable
from icplan.testing.emulator.models_and_configs import keep_tags, require_new
from icplan.testing.emulator.pages import page, select
from icplan.testing.emulator.sagemaker_texts import (
    BASE_OF_ADAPTERS,
    BOTH_SPECIFICATIONS,
    COMPONENT_IN_STATE,
    NOT_FOUND,
    NOTHING_TO_UPDATE,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.testing.emulator.component import Entries
    from icplan.testing.emulator.fleet import Fleet
    from icplan.testing.emulator.region import Region

_WRITABLE: Final = ("InService", "Failed")
_STATES: Final = {
    "Creating": "CREATE_IN_PROGRESS",
    "Updating": "UPDATE_IN_PROGRESS",
    "Deleting": "DELETE_IN_PROGRESS",
}
_SCALING: Final = "UPDATE_RC_IN_PROGRESS"
_LISTED: Final = (
    *("InferenceComponentName", "InferenceComponentArn", "EndpointName", "EndpointArn", "VariantName"),
    *("InferenceComponentStatus", "CreationTime", "LastModifiedTime"),
)
_FILTERS: Final = {
    "EndpointNameEquals": "EndpointName",
    "VariantNameEquals": "VariantName",
    "StatusEquals": "InferenceComponentStatus",
}


class Components:
    """The inference components of a Region."""

    def __init__(self, region: Region) -> None:
        self._region = region

    def create_inference_component(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """A new component is Creating until all its copies run."""
        region, name = self._region, params["InferenceComponentName"]
        arn = region.arn("inference-component", name)
        require_new("inference component", arn, there=name in region.components)
        endpoint = find_endpoint(region, params["EndpointName"])
        check_new(region, endpoint, params)
        refuse_unless_writable(endpoint, for_component=True)
        now = region.clock.now
        entries = from_request(params)
        base = next((one.get("BaseInferenceComponentName") for one in entries.values()), None)
        variant = params.get("VariantName")
        if base is not None:
            variant = region.components[base].variant
        copies = 0 if base is not None else params.get("RuntimeConfig", {}).get("CopyCount", 1)
        component = Component(name, arn, endpoint, variant, now, now, {0: entries}, copies)
        region.add_component(component)
        keep_tags(region, arn, params)
        fleet = self._fleet(component)
        if base is not None or fleet is None:
            region.begin(component, rollout.start_adapter(region, component))
        else:
            region.begin(component, rollout.start(region, component, fleet))
        return {"InferenceComponentArn": arn}

    def update_inference_component(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Another specification replaces copies; another number of copies alone places or removes some."""
        if not {"Specification", "Specifications", "RuntimeConfig"} & set(params):
            raise NOTHING_TO_UPDATE.error()
        if "Specification" in params and "Specifications" in params:
            raise BOTH_SPECIFICATIONS.error()
        component = self._writable(params, "update")
        wanted = params.get("RuntimeConfig", {}).get("CopyCount", component.desired)
        after = merged(component.now, from_request(params))
        check_change(self._region, component, after)
        return self._write(component, after, wanted, params)

    def update_inference_component_runtime_config(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Another number of copies."""
        component = self._writable(params, "update")
        return self._write(component, component.now, params["DesiredRuntimeConfig"]["CopyCount"], params)

    def _write(
        self,
        component: Component,
        after: Entries,
        wanted: int,
        params: Mapping[str, Any],
    ) -> dict[str, Any]:
        region, fleet = self._region, self._fleet(component)
        component.modified = region.clock.now
        component.status, component.failure = "Updating", None
        if "DeploymentConfig" in params:
            component.deployment = copy.deepcopy(params["DeploymentConfig"])
        before, component.desired = component.desired, wanted
        for one in [one for one in component.copies if one.state is not CopyState.RUNNING]:
            one.remove()  # left over from a write that failed
        if fleet is None or component.base is not None:
            component.entries[component.revision] = after
            component.internal_state = _STATES["Updating"]
            region.begin(component, rollout.start_adapter(region, component))
        elif after == component.now:
            component.internal_state = _SCALING
            region.begin(component, rollout.scale(region, component, fleet, before))
        else:
            component.internal_state = _STATES["Updating"]
            update = self._replacement(component, fleet, after, before, params)
            region.begin(component, update.steps())
        return {"InferenceComponentArn": component.arn}

    def _replacement(
        self,
        component: Component,
        fleet: Fleet,
        after: Entries,
        before: int,
        params: Mapping[str, Any],
    ) -> rollout.Replacement:
        region = self._region
        new = component.add_revision(after)
        region.revise(component)
        copies = len(component.staying)
        config = params.get("DeploymentConfig", {})
        policy = config.get("RollingUpdatePolicy")
        one_by_one = region.behaviour.rolling_without_config == "one-by-one"
        one: dict[str, Any] = {"Type": "COPY_COUNT", "Value": 1}
        rounding = region.behaviour.batch_rounding
        size = rollout.batch_size(policy["MaximumBatchSize"] if policy else one, copies, rounding)
        back = copies
        if policy and "RollbackMaximumBatchSize" in policy:
            back = rollout.batch_size(policy["RollbackMaximumBatchSize"], copies, rounding)
        timeout = policy.get("MaximumExecutionTimeoutInSeconds") if policy else None
        if timeout is not None:
            region.after(timeout, region.changed)
        alarms = config.get("AutoRollbackConfiguration", {}).get("Alarms", ())
        return rollout.Replacement(
            region,
            component,
            fleet,
            component.revision,
            new,
            component.desired,
            size,
            max(1, back),
            wait=policy["WaitIntervalInSeconds"] if policy else 0,
            deadline=None if timeout is None else region.clock.now + timeout,
            timeout=timeout or 0,
            alarms=tuple(alarm["AlarmName"] for alarm in alarms if "AlarmName" in alarm),
            at_once=policy is None and not one_by_one,
            before=before,
        )

    def delete_inference_component(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The component is Deleting until its copies are gone."""
        region = self._region
        component = self._settled(params, "delete")
        if region.endpoints.get(component.endpoint.name) is component.endpoint:
            refuse_deletion(component.endpoint)
        if any(other.base == component.name for other in region.components.values()):
            raise BASE_OF_ADAPTERS.error(arn=component.arn)
        component.status = "Deleting"
        component.modified = region.clock.now
        component.internal_state = _STATES["Deleting"]
        region.begin(component, rollout.delete(region, component, self._fleet(component)))
        return {}

    def describe_inference_component(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The component as it stands; an adapter echoes what its base reserves."""
        component = self._find(params)
        echoed: dict[str, Any] = {}
        base = self._region.components.get(component.base or "")
        if base is not None:
            compute = base.specification(base.revision, "").get("ComputeResourceRequirements")
            echoed = {"ComputeResourceRequirements": compute} if compute else {}
        return component.describe(echoed)

    def list_inference_components(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """One page of components."""
        items = [one.summary() for one in self._region.components.values()]
        found = select(items, params, _FILTERS, _LISTED[0])
        return page("InferenceComponents", found, _LISTED[0], _LISTED, params)

    def _find(self, params: Mapping[str, Any]) -> Component:
        name = params["InferenceComponentName"]
        found = self._region.components.get(name)
        if found is None:
            arn = self._region.arn("inference-component", name)
            raise NOT_FOUND.error(kind="inference component", arn=arn)
        return found

    def _writable(self, params: Mapping[str, Any], verb: str) -> Component:
        component = self._settled(params, verb)
        refuse_unless_writable(component.endpoint, for_component=True)
        return component

    def _settled(self, params: Mapping[str, Any], verb: str) -> Component:
        """The component, if nothing is being done to it."""
        component = self._find(params)
        if component.status not in _WRITABLE:
            state = component.internal_state or _STATES.get(component.status, component.status)
            raise COMPONENT_IN_STATE.error(verb=verb, arn=component.arn, state=state)
        return component

    def _fleet(self, component: Component) -> Fleet | None:
        variant = component.endpoint.variants.get(component.variant or "")
        return None if variant is None else variant.fleet
