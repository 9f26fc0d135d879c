"""From what is declared to a request: texts become numbers, and what is not known is left out or refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

from icplan.documents.limits import MAX_DIGITS
from icplan.errors import InputError, InputProblem
from icplan.inputs.parameter_problem import parameter_problem
from icplan.inputs.resource import shape_rules
from icplan.inputs.values import Located, Unresolved
from icplan.requests.fields import Boolean, Integer, ListOf, MapOf, Number, Struct, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.inputs.place import Place
    from icplan.inputs.values import Value
    from icplan.requests.fields import Rule

_STAND_INS: Final = {
    "Image": "unresolved",
    "ArtifactUrl": "s3://unresolved/unresolved",
    "ExecutionRoleArn": "arn:aws:iam::000000000000:role/unresolved",
    "ModelName": "unresolved",
    "ModelNameOverride": "unresolved",
}
"""Members that must be there, and whose value says nothing of capacity."""

_NO_MATTER: Final = frozenset(
    {
        "Tags",
        "KmsKeyId",
        "VpcConfig",
        "DataCaptureConfig",
        "AsyncInferenceConfig",
        "ExplainerConfig",
        "MetricsConfig",
        "CrossRegionTrafficConfig",
        "EnableNetworkIsolation",
        "RoutingConfig",
        "InitialVariantWeight",
        "CoreDumpConfig",
        "EnableSSMAccess",
        "VolumeSizeInGB",
        "InferenceAmiVersion",
        "AutoRollbackConfiguration",
        "ContainerMetricsConfig",
        "StartupParameters",
        "DataCacheConfig",
        "ModelDataDownloadTimeoutInSeconds",
        "ContainerStartupHealthCheckTimeoutInSeconds",
        "VariantInstanceProvisionTimeoutInSeconds",
        "MaximumExecutionTimeoutInSeconds",
        "ScaleInPolicy",
        "Environment",
    }
)
"""Members that may be left out, and whose value says nothing of capacity."""

_INTEGER = re.compile(rf"\s*[-+]?[0-9]{{1,{MAX_DIGITS}}}\s*")
_DECIMAL = re.compile(
    rf"\s*[-+]?(?:[0-9]{{1,{MAX_DIGITS}}}(?:\.[0-9]{{0,{MAX_DIGITS}}})?|\.[0-9]{{1,{MAX_DIGITS}}})\s*"
)
_OCTAL_TO_SOME = re.compile(r"\s*[-+]?0[0-9]+\s*")
_TRUTH = {"true": True, "false": False}


@attrs.define
class Settled:
    """Settles the members of one resource. ``place`` tells where a value is written."""

    place: Callable[[Located], Place]
    problems: list[InputProblem] = attrs.field(factory=list)

    def structure(self, node: Located, rules: Mapping[str, Rule]) -> Located:
        """A structure whose values are all known, and of the types that AWS takes."""
        if not isinstance(node.value, dict):
            return node
        kept: dict[str, Located] = {}
        for name, child in node.value.items():
            if isinstance(child.value, Unresolved):
                stand_in = self._stand_in(name, child, node.value, known=name in rules)
                if stand_in is not None:
                    kept[name] = stand_in
                continue
            kept[name] = self.value(child, rules.get(name), name)
        return attrs.evolve(node, value=kept)

    def value(self, node: Located, rule: Rule | None, name: str) -> Located:
        """One value by its rule; what no rule fits stays as it is, for the rules of requests to refuse."""
        if isinstance(rule, Struct):
            return self.structure(node, shape_rules(rule.shape))
        if isinstance(node.value, list):
            return attrs.evolve(node, value=self._items(node.value, rule, name))
        if isinstance(node.value, dict):
            return attrs.evolve(node, value=self._map(node.value, rule))
        if isinstance(rule, Integer | Number) and isinstance(node.value, str):
            self._refuse_octal(name, node)
        return attrs.evolve(node, value=typed(node.value, rule))

    def _refuse_octal(self, name: str, node: Located) -> None:
        if _OCTAL_TO_SOME.fullmatch(str(node.value)):
            why = "has a leading zero: it is octal to some readers, and to others not"
            self._refuse(name, node, Unresolved("", why, "Leave the zero out"))

    def _items(self, items: list[Located], rule: Rule | None, name: str) -> list[Located]:
        of = rule.item if isinstance(rule, ListOf) else None
        kept = []
        for item in items:
            if isinstance(item.value, Unresolved):
                self._refuse(name, item, item.value)
            else:
                kept.append(self.value(item, of, name))
        return kept

    def _map(self, members: dict[str, Located], rule: Rule | None) -> dict[str, Located]:
        of = rule.value if isinstance(rule, MapOf) else None
        kept = {}
        for name, child in members.items():
            unknown = isinstance(child.value, Unresolved)
            kept[name] = attrs.evolve(child, value="unresolved") if unknown else self.value(child, of, name)
        return kept

    def _stand_in(
        self, name: str, node: Located, beside: Mapping[str, Located], *, known: bool
    ) -> Located | None:
        """What stands for an unresolved member; None where it can be left out. Refuses what counts."""
        if not known or name in _NO_MATTER:
            return None
        if name in _STAND_INS:
            return attrs.evolve(node, value=_STAND_INS[name])
        if name == "Container":
            image = Located(_STAND_INS["Image"], node.origin)
            named = "ModelName" in beside or "BaseInferenceComponentName" in beside
            return None if named else attrs.evolve(node, value={"Image": image})
        if isinstance(node.value, Unresolved):
            self._refuse(name, node, node.value)
        return None

    def _refuse(self, name: str, node: Located, unresolved: Unresolved) -> None:
        place = self.place(node)
        problem = InputProblem(
            f"{name} {unresolved.why}",
            file=place.file,
            path=place.address,
            line=place.line,
            column=place.column,
            hint=unresolved.hint,
        )
        self.problems.append(parameter_problem(problem, unresolved))

    def close(self) -> None:
        """Raise what was found, if anything was."""
        if self.problems:
            raise InputError(self.problems)


def typed(value: Value, rule: Rule | None) -> Value:
    """A scalar in the type that AWS takes: templates write numbers as texts, and texts as numbers."""
    if isinstance(rule, Integer) and isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    if isinstance(rule, Integer) and isinstance(value, float) and value == int(value):
        return int(value)
    if isinstance(rule, Number) and isinstance(value, str):
        if _INTEGER.fullmatch(value):
            return int(value)
        return float(value) if _DECIMAL.fullmatch(value) else value
    if isinstance(rule, Boolean) and isinstance(value, str):
        return _TRUTH.get(value.lower(), value)
    if isinstance(rule, Text) and isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(rule, Text) and isinstance(value, int | float):
        return str(value)
    return value
