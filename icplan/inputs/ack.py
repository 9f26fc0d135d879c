"""Manifests for ACK, AWS's controllers for Kubernetes: streams and lists of SageMaker's kinds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.errors import InputError
from icplan.inputs.declared import Declared
from icplan.inputs.deployment import Aside
from icplan.inputs.kustomization import is_kustomization
from icplan.inputs.place import Place
from icplan.inputs.resource import Action, Kind, Resource, Where, rules_of
from icplan.inputs.says_component import says_component
from icplan.inputs.spelling import Spelling
from icplan.inputs.values import Located, Origin, located, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.documents.paths import JsonPath
    from icplan.inputs.deployment import InputOptions
    from icplan.inputs.source import Source

GROUP: Final = "sagemaker.services.k8s.aws"
_HYPERPOD = "inference.sagemaker.aws.amazon.com"
_REGION = "services.k8s.aws/region"
_READ_ONLY = "services.k8s.aws/read-only"
_ADOPTION = "services.k8s.aws/adoption-policy"
_KINDS: Final[Mapping[str, Kind]] = {
    "EndpointConfig": Kind.CONFIGURATION,
    "Endpoint": Kind.ENDPOINT,
    "InferenceComponent": Kind.COMPONENT,
}
_LACKS: Final = {"DeploymentConfig", "Specifications", "BaseInferenceComponentName"}
"""What the kind InferenceComponent has no member for, though the request has."""
_ONLY_TELL: Final = frozenset({"apiextensions.k8s.io", "rbac.authorization.k8s.io"})
"""Groups whose objects speak of kinds, and make none of them."""
MAKERS: Final = frozenset(
    {
        *("HelmRelease", "HelmChart", "HelmChartConfig"),
        *("Kustomization", "Component"),
        *("Application", "ApplicationSet"),
        *("ResourceGraphDefinition", "Composition"),
        "Kptfile",
    }
)
"""Kinds of Helm, Kustomize, Flux, Argo CD, kro, Crossplane and kpt that make objects of other files."""
_BUILT: Final = "give the output of kubectl kustomize"
_PLACEHOLDER = re.compile(r"\$\{?[A-Za-z_][A-Za-z0-9_]*\}?|<[A-Za-z][^<>]*>")


def recognises(source: Source) -> bool:
    """Whether a file holds Kubernetes objects, or what kustomize makes of them."""
    return is_kustomization(source.file) or any(
        isinstance(one, dict) and "apiVersion" in one and "kind" in one for one in source.documents
    )


def declare(sources: Sequence[Source], _options: InputOptions) -> Declared:
    """What manifests declare. An object that is there already is updated with all that it holds."""
    resources: list[Resource] = []
    notes: list[str] = []
    regions: set[str] = set()
    for source in sources:
        if is_kustomization(source.file):
            notes.append(f"{source.file}: kustomize makes other objects of manifests; not judged ({_BUILT})")
            continue
        for steps, manifest in _objects(source):
            one = _Manifest(source, steps, manifest)
            if one.group == _HYPERPOD:
                notes.append(Aside(f"{one.shown} runs on HyperPod, has no endpoint fleet: not judged"))
            elif one.group == GROUP and one.kind is not None:
                resources.append(one.resource(one.kind))
                regions |= one.regions
            elif "sagemaker" in one.group and one.group != GROUP:
                message = f"apiVersion {one.group} is none of ACK's"
                hint = f"It is {GROUP}/v1alpha1"
                raise InputError(source.problem(message, (*steps, "apiVersion"), hint))
            elif one.holds_components or one.names_others:
                notes.append(f"{source.file}: {one.shown} may make a component of SageMaker; not judged")
    return Declared(resources, notes, {}, regions)


def _objects(source: Source) -> Iterator[tuple[JsonPath, dict[str, Any]]]:
    """Every object of a file; a list holds several."""
    for number, document in enumerate(source.documents):
        waiting: list[tuple[JsonPath, Any]] = [((number,), document)]
        while waiting:
            steps, one = waiting.pop(0)
            if not isinstance(one, dict):
                continue
            items = one.get("items")
            listed = str(one.get("kind", "")).endswith("List")
            if isinstance(items, list) and (listed or any(map(_of_sagemaker, items))):
                waiting += [
                    ((*steps, "items", index), _item_of(one, item)) for index, item in enumerate(items)
                ]
            else:
                yield steps, one


def _of_sagemaker(value: Any) -> bool:
    """Whether a value is an object of SageMaker's kinds."""
    return isinstance(value, dict) and str(value.get("apiVersion")).partition("/")[0] == GROUP


def _item_of(listing: dict[str, Any], item: Any) -> Any:
    """An item of a list, which need not repeat the version and kind that the list is of."""
    kind = str(listing.get("kind", ""))
    if not isinstance(item, dict) or kind == "List" or not kind.endswith("List"):
        return item
    return {"apiVersion": listing.get("apiVersion"), "kind": kind.removesuffix("List"), **item}


@attrs.frozen(eq=False)
class _Manifest:
    """One object, and where it stands."""

    source: Source
    steps: JsonPath
    value: dict[str, Any] = attrs.field(repr=False)

    @property
    def group(self) -> str:
        return str(self.value.get("apiVersion")).partition("/")[0]

    @property
    def kind(self) -> Kind | None:
        return _KINDS.get(str(self.value.get("kind")))

    @property
    def metadata(self) -> dict[str, Any]:
        found = self.value.get("metadata")
        return found if isinstance(found, dict) else {}

    @property
    def holds_components(self) -> bool:
        """Whether it is of another kind, and what it is made of is, or speaks of, a component."""
        return self.group not in {GROUP, *_ONLY_TELL} and says_component(self.value)

    @property
    def names_others(self) -> bool:
        """Whether it is of a kind that makes objects which stand elsewhere."""
        kind = str(self.value.get("kind"))
        changes = kind != "Kptfile" or "pipeline" in self.value
        return kind in MAKERS and changes and self.group not in _ONLY_TELL

    @property
    def shown(self) -> str:
        return f"{self.value.get('kind')}/{self.metadata.get('name', 'unnamed')}"

    @property
    def annotations(self) -> dict[str, Any]:
        found = self.metadata.get("annotations")
        return found if isinstance(found, dict) else {}

    @property
    def regions(self) -> set[str]:
        region = self.annotations.get(_REGION)
        return {region} if isinstance(region, str) else set()

    @property
    def action(self) -> Action:
        """What is done with it: a resource that is read only, or adopted, stays as it is."""
        only_read = str(self.annotations.get(_READ_ONLY)).lower() == "true"
        return Action.KEPT if only_read or self.annotations.get(_ADOPTION) == "adopt" else Action.DECLARED

    def resource(self, kind: Kind) -> Resource:
        """The resource that the object declares."""
        number = self.source.number
        spec = located(self.value.get("spec"), Origin(number, (*self.steps, "spec")))
        if not isinstance(spec.value, dict):
            raise InputError(self.source.problem(f"{self.shown} has no spec", self.steps))
        self._refuse_placeholders(spec)
        members = Spelling(self._unknown, twice=self._twice).structure(spec, rules_of(kind))
        if kind is Kind.COMPONENT:
            self._refuse_lacking(members)
        members = attrs.evolve(members, origin=Origin(number, (*self.steps, "kind")))
        name = self.metadata.get("name")
        label = name if isinstance(name, str) and name else self.shown
        return Resource(
            kind=kind,
            id=f"{number}|{self.steps}",
            label=label,
            members=members,
            place=_Places(self.source, self.shown),
            action=self.action,
            whole=True,
            where=Where(next(iter(self.regions), None)),
        )

    def _unknown(self, node: Located, name: str) -> None:
        message = f"{self.shown} has no member {name}; the cluster would drop it"
        raise InputError(self.source.problem(message, node.origin.steps))

    def _twice(self, node: Located, name: str) -> None:
        message = f"{self.shown}: {name} is there already, in another spelling"
        raise InputError(self.source.problem(message, node.origin.steps))

    def _refuse_lacking(self, members: Located) -> None:
        for steps, node in walk(members):
            if steps and steps[-1] in _LACKS and "Environment" not in steps:
                self._unknown(node, str(node.origin.steps[-1]))

    def _refuse_placeholders(self, spec: Located) -> None:
        for steps, node in walk(spec):
            if isinstance(node.value, str) and "environment" not in steps:
                match = _PLACEHOLDER.search(node.value[:4096])
                if match:
                    message = f"holds a placeholder, {match[0][:60]}"
                    hint = "Give the manifest as it is applied, with its values filled in"
                    raise InputError(self.source.problem(message, node.origin.steps, hint))


@attrs.frozen(eq=False)
class _Places:
    source: Source
    address: str

    def __call__(self, origin: Origin) -> Place:
        line, column = self.source.place(origin.steps) or (None, None)
        return Place(self.source.file, line, column, self.address)
