"""Resources of any format into a deployment: linked, ordered, named, and made into calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.errors import InputError, InputProblem
from icplan.inputs.deployment import DeclaredCall, DeclaredEndpoint, Deployment
from icplan.inputs.limits import MAX_RESOURCES
from icplan.inputs.linking import Named, endpoint_of, key_of, problem_at, running_name
from icplan.inputs.ordering import ordered
from icplan.inputs.resource import Action, Kind, Resource, rules_of
from icplan.inputs.settle import Settled, typed
from icplan.inputs.values import Located, Unresolved, plain, walk
from icplan.requests.call import copies_asked
from icplan.requests.fields import Boolean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.documents.paths import JsonPath
    from icplan.inputs.declared import Declared
    from icplan.inputs.deployment import InputOptions, Place

COPIES_DIMENSION: Final = "sagemaker:inference-component:DesiredCopyCount"
_TARGET_PREFIX = "inference-component/"
_READ_ONLY = frozenset(
    {
        "InferenceComponentArn",
        "InferenceComponentStatus",
        "EndpointArn",
        "EndpointConfigArn",
        "CreationTime",
        "LastModifiedTime",
        "FailureReason",
        "Tags",
    }
)
_LONGEST_NAME = 63
_IN_PLACE = frozenset({"EndpointName", "VariantName"})
"""Members of a component that no update has."""
_RUNS_IN_IT = frozenset({"ModelName", "Container"})
"""Members of a specification that say what runs in a container."""
_UPDATED = ("Specification", "Specifications", "RuntimeConfig")
_LEAVING = {Action.DELETED, Action.RECREATED, Action.REPLACED}


def assemble(kinds: Sequence[str], declared: Declared, options: InputOptions) -> Deployment:
    """The deployment that the resources come to. InputError for what cannot be told and matters."""
    if len(declared.resources) > MAX_RESOURCES:
        raise InputError(
            InputProblem(f"declares more than {MAX_RESOURCES:,} endpoints, components and the like")
        )
    if options.region is None and len(declared.regions) == 1:
        options = attrs.evolve(options, region=next(iter(declared.regions)))
    assembly = _Assembly(declared.resources, options)
    endpoints = tuple(assembly.endpoints())
    return Deployment(" and ".join(kinds), endpoints, tuple(declared.notes), declared.parameters)


@attrs.define
class _Assembly:
    resources: Sequence[Resource]
    options: InputOptions
    names: dict[str, str] = attrs.field(factory=dict)

    def endpoints(self) -> Iterator[DeclaredEndpoint]:
        """Each endpoint that anything is done on."""
        self._name_all()
        endpoints = Named.of(Kind.ENDPOINT, self.resources)
        grouped: dict[str, tuple[Resource | None, str, list[Resource]]] = {}
        for one in endpoints.by_id.values():
            grouped[one.id] = (one, self.names[one.id], [])
        for component in ordered([one for one in self.resources if one.kind is Kind.COMPONENT]):
            if component.action is Action.KEPT:
                continue
            where = endpoint_of(component, endpoints, self.options.snapshot)
            key = where if isinstance(where, str) else where.id
            resource = None if isinstance(where, str) else where
            grouped.setdefault(key, (resource, str(where), []))[2].append(component)
        return (self._endpoint(*group) for group in grouped.values() if group[2] or self._runs(group[1]))

    def _runs(self, name: str) -> bool:
        """Whether the snapshot is of the endpoint of that name."""
        return running_name(self.options.snapshot) == name

    def _name_all(self) -> None:
        """A name for each resource: its own, or one made up of what people call it."""
        taken = {
            one.value
            for res in self.resources
            if (one := res.member(res.kind)) is not None and isinstance(one.value, str)
        }
        by_key: dict[tuple[Kind, str], str] = {}
        for resource in self.resources:
            node = resource.member(resource.kind)
            if node is not None and isinstance(node.value, str):
                self.names[resource.id] = node.value
                continue
            key = (resource.kind, key_of(node) or resource.id)
            if key not in by_key:
                by_key[key] = _free(_made_up(resource.label), taken)
                taken.add(by_key[key])
            self.names[resource.id] = by_key[key]
        self._name_running()

    def _name_running(self) -> None:
        """Give the endpoint that runs its name; what may be it or not is refused, not judged as new."""
        running = running_name(self.options.snapshot)
        if running is None:
            return
        endpoints = [one for one in self.resources if one.kind is Kind.ENDPOINT]
        for one in endpoints:
            name = self.names[one.id]
            if name != running and name.casefold() == running.casefold():
                message = f"endpoint {name} differs from {running}, which the snapshot is of, in case alone"
                raise InputError(problem_at(one, None, message, "Give each endpoint a name of its own"))
        nameless = [one for one in endpoints if not isinstance(_value(one.member(one.kind)), str)]
        there = [one for one in nameless if one.action is not Action.CREATED]
        if running in self.names.values() or not nameless:
            return
        if len(there) > 1:
            labels = ", ".join(one.label for one in there)
            message = f"which of {labels} is {running} of the snapshot is not told"
            raise InputError(problem_at(there[0], None, message, "Give each its EndpointName"))
        if len(nameless) == 1 or there:
            self.names[(there or nameless)[0].id] = running

    def _endpoint(
        self, resource: Resource | None, running: str, components: Sequence[Resource]
    ) -> DeclaredEndpoint:
        name = self.names[resource.id] if resource else running
        snapshot = self.options.snapshot
        exists = snapshot is not None and running_name(snapshot) == name
        there = {
            one["InferenceComponentName"]: one for one in (snapshot or {}).get("InferenceComponents") or ()
        }
        there = there if exists else {}
        configuration = self._configuration(resource) if resource else None
        if resource is not None and not exists and resource.action not in (Action.DECLARED, Action.CREATED):
            message = f"endpoint {name} is there already, and what it runs is not told"
            hint = "Give what runs: --snapshot FILE or --endpoint NAME"
            raise InputError(problem_at(resource, None, message, hint))
        calls: list[DeclaredCall] = []
        last: list[DeclaredCall] = []
        for component in components:
            made, later = self._calls(component, name, there)
            calls += made
            last += later
        declared = self._declared(name, configuration, components) if configuration else None
        label = resource.label if resource else name
        of_it = self._endpoint_call(resource, name, configuration, exists=exists)
        return DeclaredEndpoint(name, label, declared, (*calls, *last), configuration, of_it, exists)

    def _endpoint_call(
        self, resource: Resource | None, name: str, configuration: DeclaredCall | None, *, exists: bool
    ) -> DeclaredCall | None:
        """The call that makes the endpoint of its configuration, or updates it to that."""
        if resource is None or configuration is None:
            return None
        request: dict[str, Any] = {
            "EndpointName": name,
            "EndpointConfigName": configuration.request["EndpointConfigName"],
        }
        retains = resource.member("RetainAllVariantProperties")
        if exists and (resource.whole or typed(_value(retains), Boolean()) is True):
            request["RetainAllVariantProperties"] = True
        places = {steps: _place(resource, node) for steps, node in walk(resource.members)}
        return DeclaredCall("UpdateEndpoint" if exists else "CreateEndpoint", request, places)

    def _configuration(self, endpoint: Resource) -> DeclaredCall | None:
        configurations = Named.of(Kind.CONFIGURATION, self.resources)
        node = endpoint.member("EndpointConfigName")
        found = configurations.find(node, endpoint)
        if found is None:
            if self.options.snapshot is not None:
                return None
            message = f"the configuration of {endpoint.label} is made outside the files given"
            hint = "Give the file that declares it, or --snapshot FILE, or --endpoint NAME"
            raise InputError(problem_at(endpoint, node, message, hint))
        return self._settled(found, "CreateEndpointConfig", {"EndpointConfigName": self.names[found.id]})

    def _calls(
        self, component: Resource, endpoint: str, there: Mapping[str, Any]
    ) -> tuple[list[DeclaredCall], list[DeclaredCall]]:
        """The calls that are made of a component: in its turn, and after everything else."""
        name = self.names[component.id]
        if there or self.options.snapshot is not None:
            _refuse_unsure(component)
        delete = [
            DeclaredCall(
                "DeleteInferenceComponent",
                {"InferenceComponentName": name},
                {(): component.here},
                label=component.label,
            )
        ]
        if component.action is Action.DELETED:
            return [], delete
        if component.action is Action.UPDATED or (component.action is Action.DECLARED and name in there):
            return self._update(component, name, there.get(name) or {}), []
        create = [self._create(component, name, endpoint)]
        if component.action is Action.RECREATED:
            return [*delete, *create], []
        return create, delete if component.action is Action.REPLACED else []

    def _create(self, component: Resource, name: str, endpoint: str) -> DeclaredCall:
        given = {"InferenceComponentName": name, "EndpointName": endpoint}
        call = self._settled(component, "CreateInferenceComponent", given)
        later = call.request.pop("DeploymentConfig", None)
        return attrs.evolve(call, deployment=later if isinstance(later, dict) else None)

    def _update(self, component: Resource, name: str, running: Mapping[str, Any]) -> list[DeclaredCall]:
        given = {"InferenceComponentName": name}
        moved = _moved(component, running)
        call = self._settled(component, "UpdateInferenceComponent", given, without=_IN_PLACE - moved.keys())
        before = plain(component.before) if component.before else None
        request = dict(call.request)
        if before is not None:
            after = plain(component.members)
            for member in _UPDATED:
                if member in request and after.get(member) == before.get(member):
                    del request[member]
        if not moved and not any(member in request for member in _UPDATED):
            return []
        return [attrs.evolve(call, request=request, moved=moved, unsent=_unsent(component, request, running))]

    def _settled(
        self,
        resource: Resource,
        operation: str,
        given: Mapping[str, str],
        without: frozenset[str] = frozenset(),
    ) -> DeclaredCall:
        """The request of a resource with every value known, and the place of each."""
        members = resource.members
        if isinstance(members.value, dict):
            kept = {name: one for name, one in members.value.items() if name not in _READ_ONLY | without}
            for name, value in given.items():
                kept[name] = Located(value, kept[name].origin if name in kept else members.origin)
            members = attrs.evolve(members, value=self._variants(resource, self._bases(resource, kept)))
        settled = Settled(lambda node: resource.place(node.origin))
        members = settled.structure(members, rules_of(resource.kind))
        settled.close()
        places = {steps: _place(resource, node) for steps, node in walk(members)}
        return DeclaredCall(operation, plain(members), places, label=resource.label)

    def _variants(self, resource: Resource, members: dict[str, Located]) -> dict[str, Located]:
        """The members with names of variants that are not known yet: each expression has one of its own."""
        name = members.get("VariantName")
        if name is not None and isinstance(name.value, Unresolved):
            known = self._variant_names(resource)
            told = known.get(key_of(name)) or (next(iter(known.values())) if len(known) == 1 else None)
            if told is not None:
                return {**members, "VariantName": attrs.evolve(name, value=told)}
        for list_name in ("ProductionVariants", "ShadowProductionVariants"):
            variants = members.get(list_name)
            if variants is not None and isinstance(variants.value, list):
                named = [_named_variant(one, number) for number, one in enumerate(variants.value, start=1)]
                members = {**members, list_name: attrs.evolve(variants, value=named)}
        return members

    def _variant_names(self, component: Resource) -> dict[str, str]:
        """The variants of the component's endpoint, by the key of the name."""
        endpoint = Named.of(Kind.ENDPOINT, self.resources).find(component.member("EndpointName"), component)
        if endpoint is None:
            return {}
        found = Named.of(Kind.CONFIGURATION, self.resources).find(
            endpoint.member("EndpointConfigName"), endpoint
        )
        variants = found.member("ProductionVariants") if found else None
        told: dict[str, str] = {}
        for number, one in enumerate(
            variants.value if variants and isinstance(variants.value, list) else (), 1
        ):
            name = _named_variant(one, number).get("VariantName")
            if name is not None and isinstance(name.value, str):
                told[key_of(one.get("VariantName"))] = name.value
        return told

    def _bases(self, resource: Resource, members: dict[str, Located]) -> dict[str, Located]:
        """The members with the base of an adapter named as that component is named here."""
        specification = members.get("Specification")
        base = specification.get("BaseInferenceComponentName") if specification else None
        if specification is None or base is None or not isinstance(base.value, Unresolved):
            return members
        found = Named.of(Kind.COMPONENT, self.resources).find(base, resource)
        if found is None or not isinstance(specification.value, dict):
            return members
        named = attrs.evolve(base, value=self.names[found.id])
        inner = {**specification.value, "BaseInferenceComponentName": named}
        return {**members, "Specification": attrs.evolve(specification, value=inner)}

    def _declared(
        self, name: str, configuration: DeclaredCall, components: Sequence[Resource]
    ) -> dict[str, Any]:
        """What the endpoint runs once it is there, before any component is."""
        fleet = configuration.request
        variants = fleet.get("ProductionVariants")
        counts = [_running(one) for one in variants] if isinstance(variants, list) else []
        return {
            "IcplanSnapshot": 1,
            **({"Region": self.options.region} if self.options.region else {}),
            "Endpoint": {
                "EndpointName": name,
                "EndpointStatus": "InService",
                "EndpointConfigName": fleet["EndpointConfigName"],
                "ProductionVariants": [one for one in counts if one],
            },
            "EndpointConfig": fleet,
            "InferenceComponents": [],
            "ScalableTargets": self._targets(components),
        }

    def _targets(self, components: Sequence[Resource]) -> list[dict[str, Any]]:
        names = {key_of(one.member(one.kind)): self.names[one.id] for one in components}
        told = []
        for target in self.resources:
            members = plain(target.members) if target.kind is Kind.TARGET else {}
            if members.get("ScalableDimension") != COPIES_DIMENSION:
                continue
            name = names.get(_of_component(target.member("ResourceId")))
            counts = [members.get("MinCapacity"), members.get("MaxCapacity")]
            if name and all(isinstance(count, int) and count >= 0 for count in counts):
                told.append({**members, "ResourceId": _TARGET_PREFIX + name})
        kept = ("ResourceId", "ScalableDimension", "ServiceNamespace", "MinCapacity", "MaxCapacity")
        return [{key: one[key] for key in kept if isinstance(one.get(key), str | int)} for one in told]


def _named_variant(variant: Located, number: int) -> Located:
    """A variant with a name, made up where it is not known."""
    name = variant.get("VariantName")
    if name is None or not isinstance(variant.value, dict) or not isinstance(name.value, Unresolved):
        return variant
    return attrs.evolve(
        variant, value={**variant.value, "VariantName": attrs.evolve(name, value=f"variant-{number}")}
    )


def _refuse_unsure(component: Resource) -> None:
    """Refuse to guess whether a component runs already."""
    node = component.member("InferenceComponentName")
    if component.action is Action.DECLARED and not (node and isinstance(node.value, str)):
        unresolved = node.value if node and isinstance(node.value, Unresolved) else None
        why = unresolved.why if unresolved else "is not given, so that one is made up when it is created"
        message = f"whether {component.label} runs already is not known: InferenceComponentName {why}"
        hint = unresolved.hint if unresolved else "Give a change set or a plan, which tell it"
        raise InputError(problem_at(component, node, message, hint))


def _moved(component: Resource, running: Mapping[str, Any]) -> dict[str, str]:
    """The members of a component that are to change, and that no update has, with what they are now."""
    before = component.before
    found = {}
    for name in (*sorted(_IN_PLACE), component.kind.value):
        node, old = component.member(name), before.get(name) if before else None
        there = running.get(name) if old is None else old.value
        if node is None or not isinstance(node.value, str) or not isinstance(there, str):
            continue
        if node.value == there:
            continue
        if name == component.kind.value:
            message = f"{component.label} is renamed from {there}, and a name cannot be changed in place"
            raise InputError(
                problem_at(component, node, message, "Make a new component, and delete this one")
            )
        found[name] = there
    return found


def _unsent(
    component: Resource, request: Mapping[str, Any], running: Mapping[str, Any]
) -> dict[str, tuple[JsonPath, ...]]:
    """What may change nothing, or not be sent, by the assumption that tells."""
    found: dict[str, tuple[JsonPath, ...]] = {}
    unresolved = tuple(
        steps
        for steps, node in walk(component.members)
        if isinstance(node.value, Unresolved) and steps[0] in request and _RUNS_IN_IT & set(map(str, steps))
    )
    if unresolved:
        found["unresolved-model"] = unresolved
    copies = copies_asked(request)
    live = (running.get("RuntimeConfig") or {}).get("DesiredCopyCount")
    told = component.whole or component.before is not None
    if copies is not None and live is not None and copies != live and not told:
        found["template-resends-copies"] = (("RuntimeConfig",),)
    return found


def _of_component(node: Located | None) -> str:
    """The key of the component that a ResourceId is of."""
    key = key_of(node)
    return key[:1] + key[1:].removeprefix(_TARGET_PREFIX) if key[1:].startswith(_TARGET_PREFIX) else ""


def _running(variant: Any) -> dict[str, Any]:
    """A variant as it is described once its first instances run."""
    if not isinstance(variant, dict) or not isinstance(variant.get("VariantName"), str):
        return {}
    count = variant.get("InitialInstanceCount")
    if isinstance(count, bool) or not isinstance(count, int):
        return {"VariantName": variant["VariantName"]}
    pools = variant.get("InstancePools")
    if pools is not None:
        return {"VariantName": variant["VariantName"]}
    return {
        "VariantName": variant["VariantName"],
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
    }


def _place(resource: Resource, node: Located) -> Place:
    place = resource.place(node.origin)
    further = tuple(resource.place(origin) for origin in node.also)
    return attrs.evolve(place, related=(*place.related, *further)) if further else place


def _value(node: Located | None) -> Any:
    return None if node is None else node.value


def _made_up(label: str) -> str:
    """A name that AWS would take, after what people call the resource."""
    words = re.sub(r"[^a-zA-Z0-9]+", "-", label).strip("-")
    return (words or "unnamed")[-_LONGEST_NAME:].strip("-")


def _free(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free in taken:
        free = f"{name[: _LONGEST_NAME - 6].strip('-')}-{number}"
        number += 1
    return free
