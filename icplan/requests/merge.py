"""Merge a request over what is described: what a component will be, and what one copy of it will reserve.

Members left out of Specification keep their value (measured). Whether members left out of a structure inside
it do is not stated: the assumption ``nested-members`` decides, and what was left out is reported. Nor is it
stated what an entry takes over from a specification of the other form, or for another type: it is merged as
if it took over what a copy reserves, and reported where that makes a difference.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import attrs

from icplan.assumptions import Assumptions
from icplan.documents.secrets import REDACTED
from icplan.requests.from_describe import requirements_in
from icplan.requests.operations import (
    CreateInferenceComponent,
    DeleteInferenceComponent,
    UpdateInferenceComponent,
    UpdateInferenceComponentRuntimeConfig,
)
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.requests.component import DeploymentConfig
    from icplan.requests.from_describe import EndpointComponent, Requirements
    from icplan.requests.operations import ComponentRequest


_COMPUTE = "ComputeResourceRequirements"
#: Members of a specification that say how a container is started or placed, not what runs in it.
_AROUND_THE_CONTAINER = ("SchedulingConfig", "StartupParameters", "DataCacheConfig")


class Change(enum.Enum):
    """What an update sends of a specification, as far as it may replace the running copies."""

    NOTHING = "no specification"
    EQUAL = "what the component has already"
    REDACTED = "values that a snapshot does not hold, else what it has already"
    AROUND = "members that need no new container"
    CONTAINER = "what runs in a container, or what it reserves"


@frozen(kw_only=True)
class EffectiveSpec:
    """What a component will be once the request is done.

    ``requirements`` holds what a copy reserves per instance type; the key None stands for any type. It is
    empty for an adapter, which lives in the copies of ``base``, and where nothing says what a copy needs.
    ``copies`` is the desired number. ``changed`` lists the JSON paths of specification members whose value
    differs from the described one, ``omitted`` those of nested members that are described but left out.
    ``entries`` are the whole specifications per instance type, each as a request would write it;
    ``unsettled`` lists the JSON paths of those that reserve something else if nothing is taken over from
    entries of another form or type.
    """

    name: str
    base: str | None
    requirements: Mapping[str | None, Requirements]
    copies: int
    compute_changed: bool
    changed: tuple[str, ...] = ()
    omitted: tuple[str, ...] = ()
    deployment: DeploymentConfig | None = None
    specifications: Mapping[str | None, Mapping[str, Any]] = attrs.field(factory=dict)
    ambiguous: tuple[str, ...] = ()
    change: Change = Change.NOTHING

    @property
    def specification_changed(self) -> bool:
        """Whether any member of the specification gets another value."""
        return bool(self.changed)

    def on(self, instance_type: str) -> Requirements | None:
        """What a copy reserves on an instance of this type; None where it cannot run or nothing is known."""
        return self.requirements.get(instance_type, self.requirements.get(None))


def merge(
    described: EndpointComponent | None,
    request: ComponentRequest,
    assumptions: Assumptions | None = None,
    path: str = "$",
) -> EffectiveSpec:
    """Merge ``request`` over ``described``, the component that is there (None for a new one).

    ``path`` is the JSON path of the request. Environment values a snapshot has redacted count as changed.
    Raises InputError when the answer is malformed where it matters.
    """
    before = {key: dict(entry) for key, entry in described.specifications.items()} if described else {}
    asked = _asked(request, path)
    merge = _Merge(assumptions or Assumptions())
    # Switching between Specification and Specifications, or naming other types, replaces the entries.
    given = {key: (entry, at, _inherited(before, key, entry)) for key, (entry, at) in asked.items()}
    after = {
        key: merge.entry(before.get(key, others[0] if others else None), entry, at)
        for key, (entry, at, others) in given.items()
    } or before
    old = {key: found for key, entry in before.items() if (found := requirements_in(entry))}
    new = {key: found for key, entry in after.items() if (found := requirements_in(entry))}
    base = next((entry.get("BaseInferenceComponentName") for entry in after.values()), None)
    gone = [f"{path}.Specifications" for key in before if key not in after]
    return EffectiveSpec(
        name=request.inference_component_name,
        base=base,
        requirements=new,
        copies=_copies(described, request, base),
        compute_changed=old != new,
        changed=tuple(merge.changed or gone[:1]),
        omitted=tuple(merge.omitted),
        deployment=request.deployment_config if isinstance(request, UpdateInferenceComponent) else None,
        specifications=after,
        change=_change(merge, asked=bool(asked), compute=old != new or bool(gone)),
        ambiguous=tuple(
            at for entry, at, others in given.values() if _differ(entry, others, merge.assumptions)
        ),
    )


def _change(merge: _Merge, *, asked: bool, compute: bool) -> Change:
    if not asked:
        return Change.NOTHING
    if compute or merge.containers:
        return Change.CONTAINER
    if merge.redacted:
        return Change.REDACTED
    return Change.AROUND if merge.changed else Change.EQUAL


def _inherited(
    before: Mapping[str | None, dict[str, Any]], key: str | None, entry: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """What an entry may take over from described ones that are of another form, or for other types."""
    switches = (None in before) != (key is None)
    if key in before or not (switches or _COMPUTE not in entry):
        return []
    return [
        {_COMPUTE: other[_COMPUTE]}
        for other in before.values()
        if _COMPUTE in other and not other.get("BaseInferenceComponentName")
    ]


def _differ(entry: dict[str, Any], others: list[dict[str, Any]], assumptions: Assumptions) -> bool:
    """Whether a copy reserves something else if the entry takes over what others have."""
    trial = _Merge(Assumptions(assumptions.overrides))
    alone = requirements_in(entry)
    return any(requirements_in(trial.entry(other, entry, "$")) != alone for other in others)


def _asked(request: ComponentRequest, path: str) -> dict[str | None, tuple[dict[str, Any], str]]:
    """The specification entries of a request by instance type, each with its JSON path."""
    if not isinstance(request, UpdateInferenceComponent | CreateInferenceComponent):
        return {}
    if request.specification is not None:
        return {None: (request.specification.to_boto3(), f"{path}.Specification")}
    return {
        entry.instance_type: (entry.to_boto3(), f"{path}.Specifications[{index}]")
        for index, entry in enumerate(request.specifications or ())
    }


def _copies(described: EndpointComponent | None, request: ComponentRequest, base: str | None) -> int:
    match request:
        case DeleteInferenceComponent():
            return 0
        case UpdateInferenceComponentRuntimeConfig():
            return request.desired_runtime_config.copy_count
    if request.runtime_config is not None:
        return request.runtime_config.copy_count
    if described:
        return described.desired_copies
    return 0 if base else 1


@attrs.define
class _Merge:
    """Merges entries, noting what changes and what is left out."""

    assumptions: Assumptions
    changed: list[str] = attrs.field(factory=list)
    omitted: list[str] = attrs.field(factory=list)
    containers: bool = False
    redacted: bool = False

    def entry(self, old: dict[str, Any] | None, new: dict[str, Any], path: str) -> dict[str, Any]:
        merged = dict(old or {})
        for name, value in new.items():
            merged[name] = self._member(merged.get(name), value, f"{path}.{name}")
            if old is None or old.get(name) != merged[name]:
                self.changed.append(f"{path}.{name}")
                self._note(name, (old or {}).get(name), merged[name])
        return merged

    def _note(self, name: str, before: Any, now: Any) -> None:
        """Note what a changed member of a specification may do to the running copies."""
        if name == "Container" and _only_redacted(before, now):
            self.redacted = True
        elif name not in _AROUND_THE_CONTAINER:
            self.containers = True

    def _member(self, old: Any, new: Any, path: str) -> Any:
        if not (isinstance(old, dict) and isinstance(new, dict)) or path.endswith(".Environment"):
            return new
        left_out = [name for name in old if name not in new]
        self.omitted += [f"{path}.{name}" for name in left_out]
        kept = {name: old[name] for name in left_out} if left_out and self._keeps(path) else {}
        return kept | {
            name: self._member(old.get(name), value, f"{path}.{name}") for name, value in new.items()
        }

    def _keeps(self, path: str) -> bool:
        if path.endswith(".ComputeResourceRequirements"):
            return self.assumptions.use("nested-members") == "keep"
        # Nothing else in a specification has a bearing on capacity, so no verdict relies on it.
        return self.assumptions.value("nested-members") == "keep"


def _only_redacted(before: Any, now: Any) -> bool:
    """Whether two containers differ in values of the environment alone that a snapshot does not hold."""
    if not isinstance(before, dict) or not isinstance(now, dict):
        return False
    old, new = before.get("Environment"), now.get("Environment")
    if not isinstance(old, dict) or not isinstance(new, dict) or old.keys() != new.keys():
        return False
    return {**before, "Environment": new} == now and all(
        value in (REDACTED, new[name]) for name, value in old.items()
    )
