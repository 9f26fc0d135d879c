"""Application Auto Scaling of components: targets, policies, scheduled actions, and the copies they write.

Target tracking follows a load that the test sets (`FakeSageMaker.load`); nothing invokes a real model. It
writes copies the way anyone does, so a component in motion refuses it, and the activity is Failed.
"""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, Any, Final

from icplan.testing.emulator.errors import ServiceError
from icplan.testing.emulator.other_service_texts import (
    CAPACITY_ORDER,
    CAPACITY_REQUIRED,
    NO_ACTION,
    NO_COMPONENT_TO_SCALE,
    NO_POLICY,
    NO_TARGET,
)
from icplan.testing.emulator.pages import numbered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from icplan.testing.emulator.region import Region

_COMPONENT: Final = "inference-component/"
_DIMENSION: Final = "sagemaker:inference-component:DesiredCopyCount"
_PAGE: Final = 50
_PERIOD: Final = 60
_SCALE_OUT: Final = 300
_SUSPENDED: Final = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")


class AutoScaling:
    """Scalable targets and what is to be done with them; ``write`` gives a component its copies."""

    def __init__(self, region: Region, write: Callable[[str, int], object]) -> None:
        self._region, self._write = region, write
        self._targets: dict[str, dict[str, Any]] = {}
        self._policies: dict[str, dict[str, Any]] = {}
        self._actions: dict[str, dict[str, Any]] = {}
        self._activities: list[dict[str, Any]] = []
        self._last_scaled: dict[str, float] = {}
        self._ticking = False
        self.load: dict[str, float] = {}

    # -- targets --------------------------------------------------------------------------------------------

    def register_scalable_target(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Register a target, or change what is given of it."""
        name, region = params["ResourceId"], self._region
        target = self._targets.get(name)
        if target is None:
            if "MinCapacity" not in params or "MaxCapacity" not in params:
                raise CAPACITY_REQUIRED.error()
            if name.startswith(_COMPONENT) and name.removeprefix(_COMPONENT) not in region.components:
                raise NO_COMPONENT_TO_SCALE.error(name=name.removeprefix(_COMPONENT))
            owner = f"{region.name}:{region.account}"
            arn = f"arn:aws:application-autoscaling:{owner}:scalable-target/{len(self._targets):04}"
            free = dict.fromkeys(_SUSPENDED, False)
            target = {
                "RoleARN": _role(region),
                "CreationTime": region.clock.now,
                "ScalableTargetARN": arn,
                "SuspendedState": free,
            }
        target |= {key: value for key, value in params.items() if key not in ("Tags", "SuspendedState")}
        target["SuspendedState"] = target["SuspendedState"] | params.get("SuspendedState", {})
        if target["MinCapacity"] > target["MaxCapacity"]:
            raise CAPACITY_ORDER.error()
        self._targets[name] = target
        self._tick_from_now_on()
        return {"ScalableTargetARN": target["ScalableTargetARN"]}

    def seed(self, target: Mapping[str, Any]) -> None:
        """A target that is there from the beginning."""
        name = str(target.get("ResourceId", ""))
        free = dict.fromkeys(_SUSPENDED, False)
        known = {
            "ServiceNamespace": "sagemaker",
            "ScalableDimension": _DIMENSION,
            "RoleARN": _role(self._region),
        }
        least = {"MinCapacity": 0, "MaxCapacity": 0, "CreationTime": self._region.clock.now}
        self._targets[name] = {**known, **least, "SuspendedState": free, **copy.deepcopy(dict(target))}

    def describe_scalable_targets(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """One page of targets."""
        return self._page("ScalableTargets", self._targets.values(), params, params.get("ResourceIds"))

    def deregister_scalable_target(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Forget a target, with its policies and actions."""
        self._require(params)
        name = params["ResourceId"]
        del self._targets[name]
        for kept in (self._policies, self._actions):
            for key in [key for key, one in kept.items() if one["ResourceId"] == name]:
                del kept[key]
        return {}

    def _require(self, params: Mapping[str, Any]) -> None:
        if params["ResourceId"] not in self._targets:
            raise NO_TARGET.error(**_identity(params))

    def _page(
        self, key: str, items: Iterable[dict[str, Any]], params: Mapping[str, Any], names: Any = None
    ) -> dict[str, Any]:
        found = [
            one
            for one in items
            if params["ServiceNamespace"] == one["ServiceNamespace"]
            and params.get("ResourceId") in (None, one["ResourceId"])
            and params.get("ScalableDimension") in (None, one["ScalableDimension"])
            and (names is None or one["ResourceId"] in names)
        ]
        return numbered(key, found, params, _PAGE)

    # -- policies and actions -------------------------------------------------------------------------------

    def put_scaling_policy(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a policy; target tracking is followed once a minute."""
        self._require(params)
        region, name = self._region, params["PolicyName"]
        owner = f"{region.name}:{region.account}"
        arn = f"arn:aws:autoscaling:{owner}:scalingPolicy:{params['ResourceId']}:policyName/{name}"
        kept = copy.deepcopy(dict(params)) | {
            "PolicyARN": arn,
            "CreationTime": region.clock.now,
            "Alarms": [],
        }
        kept.setdefault("PolicyType", "StepScaling")
        self._policies[f"{params['ResourceId']} {name}"] = kept
        self._tick_from_now_on()
        return {"PolicyARN": arn, "Alarms": []}

    def describe_scaling_policies(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """One page of policies."""
        names = params.get("PolicyNames")
        found = [one for one in self._policies.values() if names is None or one["PolicyName"] in names]
        return self._page("ScalingPolicies", found, params)

    def delete_scaling_policy(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Forget a policy."""
        if self._policies.pop(f"{params['ResourceId']} {params['PolicyName']}", None) is None:
            raise NO_POLICY.error(**_identity(params), name=params["PolicyName"])
        return {}

    def put_scheduled_action(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Keep an action. One ``at(yyyy-mm-ddThh:mm:ss)`` is carried out; recurring ones are only kept."""
        from datetime import UTC, datetime  # noqa: PLC0415  (nothing else here reads a date)

        self._require(params)
        region, name = self._region, params["ScheduledActionName"]
        key = f"{params['ResourceId']} {name}"
        arn = f"arn:aws:autoscaling:{region.name}:{region.account}:scheduledAction:{name}"
        self._actions[key] = copy.deepcopy(dict(params)) | {
            "ScheduledActionARN": arn,
            "CreationTime": region.clock.now,
        }
        schedule = str(params.get("Schedule", ""))
        if schedule.startswith("at("):
            at = datetime.fromisoformat(schedule[3:-1]).replace(tzinfo=UTC).timestamp()
            region.after(max(0, at - region.clock.now), lambda: self._act(key))
        return {}

    def _act(self, key: str) -> None:
        action = self._actions.get(key)
        if (
            action is None
            or self._targets[action["ResourceId"]]["SuspendedState"]["ScheduledScalingSuspended"]
        ):
            return
        self._targets[action["ResourceId"]] |= action.get("ScalableTargetAction", {})
        self._keep_within(
            action["ResourceId"], f"scheduled action {action['ScheduledActionName']} was triggered"
        )

    def describe_scheduled_actions(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """One page of actions."""
        names = params.get("ScheduledActionNames")
        found = [
            one for one in self._actions.values() if names is None or one["ScheduledActionName"] in names
        ]
        return self._page("ScheduledActions", found, params)

    def delete_scheduled_action(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Forget an action."""
        if self._actions.pop(f"{params['ResourceId']} {params['ScheduledActionName']}", None) is None:
            raise NO_ACTION.error(**_identity(params), name=params["ScheduledActionName"])
        return {}

    def describe_scaling_activities(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """One page of what was done, the latest first."""
        return self._page("ScalingActivities", reversed(self._activities), params)

    # -- what it does ---------------------------------------------------------------------------------------

    def _tick_from_now_on(self) -> None:
        if not self._ticking:
            self._ticking = True
            self._region.after(_PERIOD, self._tick)

    def _tick(self) -> None:
        self._ticking = False
        for policy in list(self._policies.values()):
            if policy["PolicyType"] == "TargetTrackingScaling":
                self._track(policy)
        if self._policies:
            self._tick_from_now_on()

    def _track(self, policy: Mapping[str, Any]) -> None:
        """Ask for as many copies as bring the load per copy to the target."""
        resource = policy["ResourceId"]
        name = resource.removeprefix(_COMPONENT)
        component = self._region.components.get(name)
        if component is None or name not in self.load:
            return
        settings = policy["TargetTrackingScalingPolicyConfiguration"]
        wanted = math.ceil(self.load[name] / settings["TargetValue"])
        target = self._targets[resource]
        wanted = max(target["MinCapacity"], min(target["MaxCapacity"], wanted))
        down, suspended = wanted < component.desired, target["SuspendedState"]
        if wanted == component.desired or (down and settings.get("DisableScaleIn")):
            return
        if suspended["DynamicScalingInSuspended" if down else "DynamicScalingOutSuspended"]:
            return
        cooldown = settings.get("ScaleInCooldown" if down else "ScaleOutCooldown", _SCALE_OUT)
        if self._region.clock.now - self._last_scaled.get(name, -math.inf) < cooldown:
            return
        cause = (
            f"monitor alarm TargetTracking-{resource} in state ALARM triggered policy {policy['PolicyName']}"
        )
        self._scale(resource, wanted, cause)

    def _keep_within(self, resource: str, cause: str) -> None:
        component = self._region.components.get(resource.removeprefix(_COMPONENT))
        if component is not None:
            target = self._targets[resource]
            wanted = max(target["MinCapacity"], min(target["MaxCapacity"], component.desired))
            if wanted != component.desired:
                self._scale(resource, wanted, cause)

    def _scale(self, resource: str, wanted: int, cause: str) -> None:
        """Write the copies, and note how it went."""
        region, name = self._region, resource.removeprefix(_COMPONENT)
        activity = {
            "ActivityId": f"{len(self._activities):08x}-0000-4000-8000-000000000000",
            "ServiceNamespace": "sagemaker",
            "ResourceId": resource,
            "ScalableDimension": _DIMENSION,
            "Description": f"Setting desired copy count to {wanted}.",
            "Cause": cause,
            "StartTime": region.clock.now,
            "StatusCode": "Successful",
            "StatusMessage": f"Successfully set desired copy count to {wanted}. "
            "Change successfully fulfilled by sagemaker.",
        }
        self._activities.append(activity)
        try:
            self._write(name, wanted)
        except ServiceError as error:
            message = f"Failed to set desired copy count to {wanted}. Reason: {error.message}"
            activity |= {"StatusCode": "Failed", "StatusMessage": message}
        else:
            self._last_scaled[name] = region.clock.now
        activity["EndTime"] = region.clock.now


def _identity(params: Mapping[str, Any]) -> dict[str, str]:
    """Which target a request speaks of, as texts name it."""
    return {
        "namespace": params["ServiceNamespace"],
        "resource": params["ResourceId"],
        "dimension": params["ScalableDimension"],
    }


def _role(region: Region) -> str:
    """The role that Application Auto Scaling acts as."""
    name = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    path = "aws-service-role/sagemaker.application-autoscaling.amazonaws.com"
    return f"arn:aws:iam::{region.account}:role/{path}/{name}"
