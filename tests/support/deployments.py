"""Deployments drawn at random: endpoints that are made or run, and what a template does with them."""

from __future__ import annotations

import copy
import itertools
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
from hypothesis import strategies as st

from support.endpoints import component, pooled, snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.verdict.remedy import Remedy
    from icplan.verdict.remedy_steps import Edit

Json: TypeAlias = dict[str, Any]

ROLE = "arn:aws:iam::111122223333:role/serve"
RUNS = "prod"
VARIANT = "AllTraffic"
SIZES = ("ml.g5.xlarge", "ml.g5.2xlarge", "ml.g5.12xlarge")
MEMORY = (1024, 1024, 4096, 8192, 20000, 60000)


@attrs.frozen
class Files:
    """A template, the snapshot that it is judged on (of an endpoint that runs, or of the account alone)."""

    template: Json
    snapshot: Json | None = None

    def with_fix(self, endpoint: str, component_name: str, remedy: Remedy) -> Files:
        """The files with a remedy's lines changed, and what is asked for beside them granted."""
        template = copy.deepcopy(self.template)
        resources = template["Resources"]
        for edit in remedy.edits:
            if edit.path.startswith("/ProductionVariants"):
                holder = resources[f"{endpoint}Config"]["Properties"]
                if self._runs_by_name(endpoint):
                    holder["EndpointConfigName"] = "another-name"
            else:
                holder = next(
                    one["Properties"]
                    for one in resources.values()
                    if one["Properties"].get("InferenceComponentName") == component_name
                )
            _edit(template, holder, edit)
        taken = copy.deepcopy(self.snapshot)
        if remedy.quota is not None and taken is not None:
            for quota in taken["Quotas"]:
                if quota["QuotaName"].startswith(f"{remedy.quota.type} for endpoint"):
                    quota["Value"] += remedy.quota.by
        return Files(template, taken)

    def _runs_by_name(self, endpoint: str) -> bool:
        running = ((self.snapshot or {}).get("EndpointConfig") or {}).get("EndpointConfigName")
        declared = self.template["Resources"][f"{endpoint}Config"]["Properties"]
        return running is not None and declared.get("EndpointConfigName") == running


def _edit(template: Json, holder: Any, edit: Edit) -> None:
    """Change the member, or the default of the parameter that it refers to."""
    *steps, last = edit.path.split("/")[1:]
    for step in steps:
        holder = holder[int(step)] if isinstance(holder, list) else holder.setdefault(step, {})
    if edit.after is None:
        del holder[last]
    elif isinstance(holder.get(last), dict):
        parameter = template["Parameters"][holder[last]["Ref"]]
        parameter["Default"] = edit.after
        parameter.pop("AllowedValues", None)
    else:
        holder[last] = edit.after


def resource(name: str, endpoint: Any, compute: Json, copies: Any, **more: Any) -> Json:
    """A component as a template declares it."""
    return {
        "Type": "AWS::SageMaker::InferenceComponent",
        "Properties": {
            "InferenceComponentName": name,
            "EndpointName": endpoint,
            "VariantName": VARIANT,
            "Specification": {"ModelName": f"{name}-model", "ComputeResourceRequirements": compute},
            "RuntimeConfig": {"CopyCount": copies},
        },
        **more,
    }


@st.composite
def computes(draw: st.DrawFn) -> Json:
    """What a copy reserves."""
    asked: Json = {"MinMemoryRequiredInMb": draw(st.sampled_from(MEMORY))}
    if draw(st.booleans()):
        asked["NumberOfAcceleratorDevicesRequired"] = draw(st.integers(1, 3))
    return asked


@st.composite
def variants(draw: st.DrawFn, kinds: Sequence[str]) -> Json:
    """A variant of one type, or of pools."""
    first = draw(st.integers(1, 2))
    variant: Json = {"VariantName": VARIANT, "InitialInstanceCount": first}
    if len(kinds) == 1:
        variant["InstanceType"] = kinds[0]
    else:
        variant["InstancePools"] = [{"InstanceType": kind, "Priority": n} for n, kind in enumerate(kinds, 1)]
    most = draw(st.none() | st.integers(first, 3))
    if most is not None:
        scaling = {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": most}
        variant["ManagedInstanceScaling"] = scaling
    return variant


@st.composite
def deployments(draw: st.DrawFn) -> Files:
    """One or two endpoints, each made anew or one of them running, with 1 to 3 changes on each."""
    names = ["prod", "shore"][: draw(st.integers(1, 2))]
    kinds = {name: draw(_kinds()) for name in names}
    taken = draw(_running(kinds[RUNS])) if draw(st.booleans()) else None
    resources: Json = {}
    for name in names:
        running = taken if name == RUNS else None
        reference: Any = name
        if running is None or draw(st.booleans()):
            resources |= draw(_fleets(name, kinds[name], running))
            if draw(st.booleans()):
                reference = {"Fn::GetAtt": [f"{name}Endpoint", "EndpointName"]}
        held = [one["InferenceComponentName"] for one in running["InferenceComponents"]] if running else []
        resources |= draw(_components(name, reference, held))
    quotas = draw(_quotas([kind for each in kinds.values() for kind in each]))
    if taken is not None and quotas:
        taken = taken | {"Quotas": quotas, "InstancesInUse": {}}
    return Files({"Parameters": draw(_parameters()), "Resources": resources}, taken)


@st.composite
def _parameters(draw: st.DrawFn) -> Json:
    """Copies with a value or with several that it may have, and an instance type of several."""
    told = st.fixed_dictionaries({"Default": st.integers(1, 3)}) | st.just({"AllowedValues": ["1", "2", "4"]})
    kind = {"Type": "String", "AllowedValues": [*SIZES[1:]]}
    return {"Copies": {"Type": "Number", **draw(told)}, "Kind": kind}


@st.composite
def _kinds(draw: st.DrawFn) -> list[str]:
    return draw(st.lists(st.sampled_from(SIZES), min_size=1, max_size=2, unique=True))


@st.composite
def _running(draw: st.DrawFn, kinds: Sequence[str]) -> Json:
    """What runs, as a snapshot has it."""
    names = draw(st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True))
    held = []
    for name in names:
        copies, devices = draw(st.integers(1, 2)), draw(st.integers(0, 2))
        held.append(component(name, copies, devices, draw(st.sampled_from(MEMORY[:3]))))
    counts = {kind: draw(st.integers(1, 2)) for kind in kinds}
    scaling = draw(st.none() | st.sampled_from([(1, 2), (1, 3)]))
    if len(kinds) > 1:
        return pooled(counts, *held, scaling=scaling)
    return snapshot(kinds[0], counts[kinds[0]], *held, scaling=scaling)


@st.composite
def _fleets(draw: st.DrawFn, name: str, kinds: Sequence[str], running: Json | None) -> Json:
    """The configuration and the endpoint, the fleet as it runs or another."""
    variant = draw(variants(kinds))
    if running is not None and draw(st.booleans()):
        variant = copy.deepcopy(running["EndpointConfig"]["ProductionVariants"][0])
    elif running is None and "InstanceType" in variant and draw(st.sampled_from([0, 0, 1])):
        variant["InstanceType"] = {"Ref": "Kind"}
    properties: Json = {"ExecutionRoleArn": ROLE, "ProductionVariants": [variant]}
    if draw(st.booleans()):
        properties["EndpointConfigName"] = f"{name}-config"
    given = {"Fn::GetAtt": [f"{name}Config", "EndpointConfigName"]}
    endpoint = {"EndpointName": name, "EndpointConfigName": given}
    return {
        f"{name}Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": properties},
        f"{name}Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": endpoint},
    }


@st.composite
def _components(draw: st.DrawFn, name: str, reference: Any, held: Sequence[str]) -> Json:
    """New components, and others of those that run; some wait for the one before."""
    parts = draw(st.lists(st.sampled_from([*held, "c", "d", "e"]), min_size=1, max_size=3, unique=True))
    found: Json = {}
    for before, part in itertools.pairwise(["", *parts]):
        waits = {"DependsOn": f"{name}{before}"} if before and draw(st.sampled_from([0, 0, 1])) else {}
        label = part if part in held else f"{name}-{part}"
        copies = draw(st.integers(1, 3) | st.just({"Ref": "Copies"}))
        found[f"{name}{part}"] = resource(label, reference, draw(computes()), copies, **waits)
    return found


@st.composite
def _quotas(draw: st.DrawFn, kinds: Sequence[str]) -> list[Json]:
    """Quotas of some of the types, or of none."""
    told = draw(st.booleans())
    return [
        {
            "ServiceCode": "sagemaker",
            "QuotaName": f"{kind} for endpoint usage",
            "QuotaCode": f"L-{number}",
            "Value": draw(st.integers(1, 6)),
        }
        for number, kind in enumerate(dict.fromkeys(kinds))
        if told and draw(st.booleans())
    ]
