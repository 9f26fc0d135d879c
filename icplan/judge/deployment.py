"""A deployment judged: each of its endpoints is a question of its own."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan import rules
from icplan.errors import InputError, InputProblem
from icplan.judge.change_set import judge
from icplan.requests.call import Call
from icplan.snapshot.snapshot import Snapshot
from icplan.verdict.verdict import ChangeVerdict, Finding, Outcome, Severity, SnapshotIdentity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.inputs.deployment import DeclaredCall, DeclaredEndpoint, Deployment, Place
    from icplan.judge.settings import Settings

_CONFIGURE: Final = "CreateEndpointConfig"
_FLEET_MEMBERS: Final = {
    "ICP501": ".ManagedInstanceScaling.MaxInstanceCount",
    "ICP503": ".ManagedInstanceScaling",
    "ICP504": "",
}
"""Findings that speak of the fleet and not of the request: the member of the variant they are about."""

_CAPACITY: Final = (
    "InstanceType",
    "InstancePools",
    "ManagedInstanceScaling",
    "AcceleratorPartitionLayouts",
    "CapacityReservationConfig",
)


@attrs.frozen
class JudgedEndpoint:
    """The verdict on one endpoint, and the call behind each of its changes."""

    endpoint: DeclaredEndpoint
    verdict: Verdict
    calls: tuple[DeclaredCall, ...]

    @property
    def new(self) -> bool:
        """Whether it was judged as an endpoint that is only now made."""
        return not self.endpoint.exists


def judge_deployment(
    deployment: Deployment, snapshot: Snapshot | None, settings: Settings
) -> list[JudgedEndpoint]:
    """The verdict on each endpoint of a deployment that anything is done on."""
    return [_judged(one, snapshot, settings) for one in deployment.endpoints if one.calls]


def _judged(endpoint: DeclaredEndpoint, snapshot: Snapshot | None, settings: Settings) -> JudgedEndpoint:
    configuration = endpoint.configuration
    findings: tuple[Finding, ...] = ()
    if configuration is not None:
        if endpoint.exists and snapshot is not None:
            _refuse_other_fleet(configuration, snapshot)
        else:
            found = rules.check_request(_CONFIGURE, configuration.request, "$")
            findings = tuple(_placed(finding, configuration) for finding in found)
    if any(finding.severity is Severity.ERROR for finding in findings):
        return JudgedEndpoint(
            endpoint, _refused(endpoint, findings), (configuration,) if configuration else ()
        )
    if endpoint.exists and snapshot is not None:
        runs = snapshot
    else:
        runs = Snapshot.from_dict(endpoint.declared or {})
    verdict = judge([_asked(call) for call in endpoint.calls], runs, settings)
    changes = [
        _relocated(change, call, configuration)
        for change, call in zip(verdict.changes, endpoint.calls, strict=True)
    ]
    kept = tuple(finding for finding in findings if finding.rule not in settings.ignore)
    hidden = tuple(finding for finding in findings if finding.rule in settings.ignore)
    changes[0] = attrs.evolve(
        changes[0], findings=(*changes[0].findings, *kept), hidden=(*changes[0].hidden, *hidden)
    )
    return JudgedEndpoint(endpoint, attrs.evolve(verdict, changes=tuple(changes)), endpoint.calls)


def _asked(call: DeclaredCall) -> Call:
    def locate(path: str) -> tuple[int, int] | None:
        place = call.place(path)
        return None if place.line is None else (place.line, place.column or 1)

    return Call(call.operation, call.request, "$", call.place("$").file, locate)


def _refused(endpoint: DeclaredEndpoint, findings: Sequence[Finding]) -> Verdict:
    """The verdict where the endpoint's configuration is refused, so that nothing can be created on it."""
    content = json.dumps(endpoint.declared, sort_keys=True, separators=(",", ":"))
    identity = SnapshotIdentity(hashlib.sha256(content.encode()).hexdigest(), None, endpoint.name)
    request: dict[str, Any] = endpoint.configuration.request if endpoint.configuration else {}
    change = ChangeVerdict(
        operation=_CONFIGURE,
        inference_component_name=str(request.get("EndpointConfigName", endpoint.name)),
        outcome=Outcome.INVALID,
        findings=tuple(findings),
        file=endpoint.configuration.place("$").file if endpoint.configuration else None,
        path="$",
    )
    return Verdict(identity, (change,))


def _placed(finding: Finding, call: DeclaredCall) -> Finding:
    """The finding with the place that its path has among the files."""
    place = call.place(finding.path or "$")
    return attrs.evolve(finding, file=place.file, line=place.line, column=place.column)


def _relocated(
    change: ChangeVerdict, call: DeclaredCall, configuration: DeclaredCall | None
) -> ChangeVerdict:
    """The change with each finding at the line that someone would alter."""
    findings = []
    for finding in change.findings:
        member = _FLEET_MEMBERS.get(finding.rule)
        if finding.path is not None or member is None or configuration is None:
            findings.append(_placed(finding, call))
            continue
        at = f"$.ProductionVariants[{_variant(call, configuration)}]{member}"
        findings.append(_placed(attrs.evolve(finding, path=at), configuration))
    return attrs.evolve(change, findings=tuple(findings), file=call.place("$").file)


def _variant(call: DeclaredCall, configuration: DeclaredCall) -> int:
    """The number of the variant that a call is about."""
    variants = configuration.request.get("ProductionVariants") or [{}]
    names = [one.get("VariantName") for one in variants]
    wanted = call.request.get("VariantName")
    return names.index(wanted) if wanted in names else 0


def _refuse_other_fleet(configuration: DeclaredCall, snapshot: Snapshot) -> None:
    """Refuse to judge on the old fleet what would meet a new one."""
    running = {one["VariantName"]: one for one in snapshot.data["EndpointConfig"]["ProductionVariants"]}
    for path, name, declared, there in _differences(configuration, running):
        place = configuration.place(path)
        message = f"{name} is {declared} here and {there} in the snapshot: the endpoint would be updated, too"
        hint = (
            "icplan judges components on the fleet that runs; update the endpoint first, and take a snapshot"
        )
        raise InputError(
            InputProblem(message, file=place.file, path=path, line=place.line, column=place.column, hint=hint)
        )


def _differences(
    configuration: DeclaredCall, running: dict[str, dict[str, Any]]
) -> Iterator[tuple[str, str, str, str]]:
    variants = configuration.request.get("ProductionVariants")
    for number, variant in enumerate(variants if isinstance(variants, list) else ()):
        path = f"$.ProductionVariants[{number}]"
        there = running.get(str(variant.get("VariantName"))) if isinstance(variant, dict) else None
        if there is None:
            yield path, "the variant", "declared", "not there"
            continue
        for member in _CAPACITY:
            if variant.get(member) is not None and variant[member] != there.get(member):
                yield f"{path}.{member}", member, _short(variant[member]), _short(there.get(member))


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else "otherwise"  # noqa: PLR2004  (a line)


def place_of(judged: JudgedEndpoint, number: int) -> Place:
    """Where the change of that number is declared."""
    return judged.calls[number].place("$")
