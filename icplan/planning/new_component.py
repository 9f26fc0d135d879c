"""A component that is to be created, as a request asks for it: what a copy takes, and where it may lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError, InputProblem
from icplan.fleet.contradictions import asks_elsewhere
from icplan.fleet.fleet import Demand
from icplan.inputs.calls import calls_in_bytes
from icplan.inputs.command_line_files import read_given
from icplan.inputs.deployment import InputOptions
from icplan.inputs.per_parameter_value import read_all
from icplan.judge.resolve import fleet_for, resolve
from icplan.judge.state import Run, SetState
from icplan.rules.registry import check_call
from icplan.verdict.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.assumptions import Recorder
    from icplan.fleet.endpoint import EndpointState
    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.requests.call import Call
    from icplan.snapshot.snapshot import Snapshot


@attrs.frozen
class Requirement:
    """What a copy of a new component reserves, and on which variant.

    ``vague`` tells that this is not known for sure; ``elsewhere`` says why it is not known where it may lie.
    """

    name: str
    variant: str
    need: Demand
    vague: bool = False
    elsewhere: str | None = None


def read_requirement(
    call: Call, state: EndpointState, settings: Settings, recorder: Recorder, budget: Budget
) -> Requirement:
    """The requirement of a CreateInferenceComponent request; InputError for what is none, or is refused."""
    if call.operation != "CreateInferenceComponent":
        raise InputError(call.problem("is no request to create an inference component", call.path))
    wrong = [one for one in check_call(call) if one.severity is Severity.ERROR]
    if call.typed is None or wrong:
        raise InputError([call.problem(one.message, one.path or call.path) for one in wrong])
    run = Run(settings, recorder, budget, explains=False)
    change = resolve(run, recorder, SetState(state), call)
    spec = change.spec
    if change.described is not None:
        text = f"{spec.name} is there already; leave --requirement out to see its headroom"
        raise InputError(call.problem(text, f"{call.path}.InferenceComponentName"))
    if spec.base is not None:
        text = f"an adapter reserves nothing of its own: it is loaded into the copies of {spec.base}"
        raise InputError(call.problem(text, f"{call.path}.Specification"))
    fleet = fleet_for(call, change.state, None, settings.catalog, recorder)
    return Requirement(
        name=spec.name,
        variant=fleet.variant,
        need=Demand(spec.requirements),
        vague=bool(spec.ambiguous),
        elsewhere=asks_elsewhere(call.request, [pool.type.name for pool in fleet.pools]),
    )


def calls_of_file(path: str, snapshot: Snapshot) -> list[Call]:
    """The calls that a file asks for: requests, or what a template, a plan or a manifest declares."""
    files = read_given([path])
    found = [call for data, file in files.requests for call in calls_in_bytes(data, file)]
    if files.sources:
        options = InputOptions(region=snapshot.region, snapshot=snapshot.data)
        readings = read_all(files.sources, options)
        if len(readings.all) != 1:
            hint = "Give a file without parameters that have no value"
            raise InputError(InputProblem("declares several things", file=path, hint=hint))
        endpoints = readings.all[0].deployment.endpoints
        found += [declared.call for endpoint in endpoints for declared in endpoint.calls]
    return found


def the_requirement(calls: Sequence[Call], file: str | None) -> Call:
    """The one request to create a component among calls; InputError where there is none, or several."""
    creating = [call for call in calls if call.operation == "CreateInferenceComponent"]
    if len(creating) == 1:
        return creating[0]
    found = "none" if not creating else str(len(creating))
    hint = "Give a file with one request of create_inference_component"
    changed = [call.request.get("InferenceComponentName") for call in calls]
    names = [name for name in dict.fromkeys(changed) if isinstance(name, str)]
    if names and not creating:
        found = "none that is not there yet"
        hint = f"It changes {', '.join(names)}: give that name, without --requirement"
    message = f"wants one request to create an inference component, and has {found}"
    raise InputError(InputProblem(message, file=file, hint=hint))
