"""A judged change as the files of a deployment declare it: what it means there, and where findings stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.judge.file_edits import DeclaredFleet, in_files
from icplan.requests.call import copies_asked
from icplan.verdict.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.inputs.deployment import DeclaredCall, DeclaredEndpoint
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.change_verdict import ChangeVerdict

_FLEET_MEMBERS: Final = {
    "ICP501": ".ManagedInstanceScaling.MaxInstanceCount",
    "ICP503": ".ManagedInstanceScaling",
    "ICP504": "",
}
"""Findings that speak of the fleet and not of the request: the member of the variant they are about."""

_HOSTS_A_MODEL: Final = "ICP151"
_OF_A_MODEL: Final = ("ModelName", "ServerlessConfig")
"""The finding that a variant hosts a model of its own, and the members of one that does."""

_DRIFT: Final = "the next deployment takes it back, unless the files say the same"
_ROLLED_ELSEWHERE: Final = (
    "ACK cannot send a rolling policy; make this update with the API, or leave room for a second set"
)
_UNKNOWN_MEMBER: Final = "ICP110"


def as_declared(
    change: ChangeVerdict,
    call: DeclaredCall,
    endpoint: DeclaredEndpoint,
    snapshot: Snapshot | None,
    fleet: DeclaredFleet | None,
) -> ChangeVerdict:
    """The change with what is to be said of it as a declared one, everything at the line to alter."""
    change = _moved(change, call)
    if not call.rolls:
        change = _without_policy(change)
    reset = _set_back(call, endpoint, snapshot)
    if reset is not None:
        change = attrs.evolve(change, findings=(*change.findings, reset))
    change = _with_edits(change if endpoint.exists else _without_calls_before(change), call, fleet)
    if not endpoint.exists and change.runs is not None:
        # Nothing counts what is only now made, but what it is made of.
        told = change.runs.replace("by CurrentInstanceCount", "by InitialInstanceCount")
        change = attrs.evolve(change, runs=told)
    return _relocated(_drifting(change), call, endpoint.configuration)


def declared_fleet(
    endpoint: DeclaredEndpoint, calls: Sequence[DeclaredCall], snapshot: Snapshot | None
) -> DeclaredFleet | None:
    """What declares the endpoint's fleet, and the configuration that is judged."""
    call = endpoint.configuration
    if call is None:
        return None
    in_set = any(one.operation == "CreateEndpointConfig" for one in calls)
    there = call.request if in_set or snapshot is None else snapshot.data.get("EndpointConfig", {})
    update = None if endpoint.call is None else endpoint.call.request
    retained = update is not None and bool(update.get("RetainAllVariantProperties"))
    return DeclaredFleet(call, there, made=not endpoint.exists, in_set=in_set, retained=retained)


def _with_edits(change: ChangeVerdict, call: DeclaredCall, fleet: DeclaredFleet | None) -> ChangeVerdict:
    """The change, its remedies as lines of the files where these make them."""
    return attrs.evolve(change, remedies=tuple(in_files(one, call, fleet) for one in change.remedies))


def _without_calls_before(change: ChangeVerdict) -> ChangeVerdict:
    """The change without what would be done first to components that are only now made."""
    kept = tuple(one for one in change.remedies if not (one.before or one.after))
    return attrs.evolve(change, remedies=kept)


def _drifting(change: ChangeVerdict) -> ChangeVerdict:
    """The change, its remedies with what becomes of one that is made beside the files."""
    return attrs.evolve(
        change,
        remedies=tuple(
            attrs.evolve(one, risks=(*one.risks, _DRIFT))
            if (one.patch or one.request_patch) and not one.edits
            else one
            for one in change.remedies
        ),
    )


def _without_policy(change: ChangeVerdict) -> ChangeVerdict:
    """The change without proposals to roll it, where what carries it out sends no policy.

    An update that finds no room for a second set of copies is told of that, whatever else helps.
    """
    kept = tuple(
        one
        for one in change.remedies
        if not any(str(operation.get("path", "")).startswith("/DeploymentConfig") for operation in one.patch)
    )
    replaces = change.way is not None and not change.outcome.fits
    if len(kept) == len(change.remedies) and not replaces:
        return change
    note = Finding("ICP607", Severity.NOTE, _ROLLED_ELSEWHERE, path="$")
    return attrs.evolve(change, remedies=kept, findings=(*change.findings, note))


def _moved(change: ChangeVerdict, call: DeclaredCall) -> ChangeVerdict:
    """The change; where a member is to be altered that no update has, with what that means."""
    if not call.moved:
        return change
    paths = {f"$.{member}" for member in call.moved}
    kept = [one for one in change.findings if not (one.rule == _UNKNOWN_MEMBER and one.path in paths)]
    said = [
        Finding(
            "ICP408",
            Severity.ERROR,
            f"{member} is {call.request[member]} here and {there} where it runs; no update has that member, "
            "so it cannot be changed in place",
            path=f"$.{member}",
        )
        for member, there in call.moved.items()
    ]
    return attrs.evolve(change, findings=(*said, *kept))


def _set_back(call: DeclaredCall, endpoint: DeclaredEndpoint, snapshot: Snapshot | None) -> Finding | None:
    """That an update sets a number of copies back which autoscaling may have changed."""
    if call.operation != "UpdateInferenceComponent" or "RuntimeConfig" not in call.request:
        return None
    name, copies = call.request["InferenceComponentName"], copies_asked(call.request)
    data = snapshot.data if snapshot else {}
    targets = [
        *(data.get("ScalableTargets") or ()),
        *((endpoint.declared or {}).get("ScalableTargets") or ()),
    ]
    scaled = any(one.get("ResourceId") == f"inference-component/{name}" for one in targets)
    there: Mapping[str, Any] = next(
        (one for one in data.get("InferenceComponents") or () if one["InferenceComponentName"] == name), {}
    )
    live = (there.get("RuntimeConfig") or {}).get("DesiredCopyCount")
    if not scaled or live is None or live == copies:
        return None
    message = f"this deployment sets {live} copies of {name} back to {copies}; autoscaling has set them"
    return Finding("ICP409", Severity.WARNING, message, path="$.RuntimeConfig.CopyCount")


def placed(finding: Finding, call: DeclaredCall) -> Finding:
    """The finding with the place that its path has among the files."""
    place = call.place(finding.path or "$")
    return attrs.evolve(finding, file=place.file, line=place.line, column=place.column)


def _relocated(
    change: ChangeVerdict, call: DeclaredCall, configuration: DeclaredCall | None
) -> ChangeVerdict:
    """The change with each finding at the line that someone would alter."""
    findings = []
    for finding in change.findings:
        at = None if configuration is None else _in_the_fleet(finding, call, configuration)
        if at is None or configuration is None:
            findings.append(placed(finding, call))
        else:
            findings.append(placed(attrs.evolve(finding, path=at), configuration))
    return attrs.evolve(change, findings=tuple(findings), file=call.place("$").file)


def _in_the_fleet(finding: Finding, call: DeclaredCall, configuration: DeclaredCall) -> str | None:
    """The path in the configuration that a finding is about, where it is about that."""
    number = _variant(call, configuration)
    at = f"$.ProductionVariants[{number}]"
    if finding.rule == _HOSTS_A_MODEL:
        variant = _variants(configuration)[number]
        return next((f"{at}.{member}" for member in _OF_A_MODEL if member in variant), None)
    member = _FLEET_MEMBERS.get(finding.rule)
    return None if finding.path is not None or member is None else f"{at}{member}"


def _variant(call: DeclaredCall, configuration: DeclaredCall) -> int:
    """The number of the variant that a call is about."""
    names = [one.get("VariantName") for one in _variants(configuration)]
    wanted = call.request.get("VariantName")
    return names.index(wanted) if wanted in names else 0


def _variants(configuration: DeclaredCall) -> Sequence[Mapping[str, Any]]:
    """Its variants, at least one; what is none, as an invalid configuration may have, is empty."""
    listed = configuration.request.get("ProductionVariants")
    variants = listed if isinstance(listed, list) else []
    return [one if isinstance(one, dict) else {} for one in variants] or [{}]
