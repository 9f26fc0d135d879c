"""The components that a fleet is planned for: read from requests, templates and the like, with their copies.

A file holds CreateInferenceComponent requests, each by itself or as ``{"Request": {...}, "Copies": {"Min",
"Max"}, "DeploymentConfig": {...}}``, or is one of the formats that declare an endpoint.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.documents.paths import join_path
from icplan.errors import InputError, InputProblem
from icplan.fleet.fleet import Demand
from icplan.inputs.boto3_request import read_calls
from icplan.inputs.calls import calls_in, is_python
from icplan.packing.problem import MAX_COUNT
from icplan.requests.from_describe import requirements_of
from icplan.requests.problems import member_path, type_name
from icplan.rollout.steps import Batch
from icplan.rules.registry import check_call
from icplan.verdict.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from icplan.documents.document import Document
    from icplan.inputs.deployment import Deployment, InputOptions
    from icplan.inputs.source import Source
    from icplan.requests.call import Call
    from icplan.requests.component import CapacitySize

MAX_COMPONENTS: Final = 500
"""Components of one plan."""
MAX_COPIES: Final = MAX_COUNT // 2
"""Copies of one component: an update may need as many beside them."""
CREATE: Final = "CreateInferenceComponent"
_MEMBERS: Final = ("Request", "Copies", "DeploymentConfig")
_HINT: Final = (
    "A plan takes CreateInferenceComponent requests (with EndpointName), or "
    '{"Request": {...}, "Copies": {"Min": 1, "Max": 9}, "DeploymentConfig": {...}}'
)


@attrs.frozen
class WantedComponent:
    """A component that is to run.

    ``copies`` run at rest, ``most`` at times, and scaling goes down to ``least`` where that is told. ``need``
    is what a copy reserves, ``None`` for an adapter, which has a ``base``. ``deployment`` is the
    DeploymentConfig of its updates, with its two batches.
    """

    call: Call
    name: str
    copies: int
    most: int
    need: Demand | None
    base: str | None = None
    deployment: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    batch: Batch | None = None
    rollback_batch: Batch | None = None
    least: int | None = None

    @property
    def file(self) -> str | None:
        """Where it stands."""
        return self.call.file

    def problem(self, message: str, path: str | None = None, hint: str | None = None) -> InputProblem:
        """What is wrong with it, in its place."""
        return self.call.problem(message, path or self.call.path, hint)


@attrs.frozen
class WantedComponents:
    """All of them, and the partition layout of the endpoint's accelerators, where files tell one."""

    components: tuple[WantedComponent, ...]
    layout: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def taking_room(self) -> tuple[WantedComponent, ...]:
        """Those that reserve room: adapters do not."""
        return tuple(one for one in self.components if one.need is not None)


@attrs.frozen
class _Entry:
    """One call, and what stands beside it: ``beside`` is at the JSON path ``path`` of its document."""

    call: Call
    copies: Mapping[str, Any] | None = None
    deployment: Any = None
    path: str = "$"


def read_components(paths: Sequence[str], options: InputOptions) -> WantedComponents:
    """The components of files, in order. InputError names every fault with file and path."""
    from icplan.inputs.command_line_files import read_given  # noqa: PLC0415  (a plan of values reads no file)

    given = read_given(paths)
    if given.sources:
        return _of_deployment(given.sources, options)
    from icplan.documents.document import parse_document, syntax_of  # noqa: PLC0415

    entries: list[_Entry] = []
    problems: list[InputProblem] = []
    for data, file in given.requests:
        try:
            entries += _entries(parse_document(data, file, syntax=syntax_of(file)))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return _wanted(entries)


def components_in(values: Sequence[Any]) -> WantedComponents:
    """The components of plain values, each a request, or one with its copies and updates."""
    return _wanted(_opened(list(values), read_calls))


def _entries(document: Document) -> list[_Entry]:
    if is_python(document.value):
        return [_Entry(call) for call in calls_in(document)]
    try:
        return _opened(document.value, lambda value: _located(document, value))
    except InputError as error:
        raise InputError([document.problem(p.message, p.path, p.hint) for p in error.problems]) from None


def _located(document: Document, value: Any) -> list[Call]:
    calls = read_calls(value)
    return [attrs.evolve(call, file=document.file, locate=document.locate) for call in calls]


def _opened(value: Any, read: Callable[[Any], list[Call]]) -> list[_Entry]:
    """The calls of a document, of which some stand beside their copies and updates."""
    parts = value if isinstance(value, list) else [value]
    paths = [join_path((n,)) if isinstance(value, list) else "$" for n in range(len(parts))]
    problems = [p for one, path in zip(parts, paths, strict=True) for p in _unknown_members(one, path)]
    if problems:
        raise InputError(problems)
    plain = [{"Operation": CREATE, "Request": one["Request"]} if _is_planned(one) else one for one in parts]
    calls = read(plain if isinstance(value, list) else plain[0])
    return [
        _Entry(call, one.get("Copies"), one.get("DeploymentConfig"), path)
        if _is_planned(one)
        else _Entry(call)
        for one, path, call in zip(parts, paths, calls, strict=True)
    ]


def _is_planned(value: Any) -> bool:
    return isinstance(value, dict) and "Request" in value and "Operation" not in value


def _unknown_members(value: Any, path: str) -> Iterator[InputProblem]:
    if not _is_planned(value):
        return
    for name in value:
        if name not in _MEMBERS:
            hint = f"A component has {', '.join(_MEMBERS)}"
            yield InputProblem("is no member of a component", path=member_path(path, name), hint=hint)
    copies = value.get("Copies")
    if copies is not None and not (isinstance(copies, dict) and copies and copies.keys() <= {"Min", "Max"}):
        at = member_path(path, "Copies")
        yield InputProblem("must have Min and Max copies", path=at, hint='Such as {"Min": 1, "Max": 9}')
    elif copies is not None:
        for name, number in copies.items():
            if type(number) is not int or not 0 <= number <= MAX_COUNT:
                at = member_path(member_path(path, "Copies"), name)
                message = f"must be a whole number of copies up to {MAX_COUNT}, is {type_name(number)}"
                yield InputProblem(message if type(number) is not int else f"{number} is too many", path=at)


def _of_deployment(sources: Sequence[Source], options: InputOptions) -> WantedComponents:
    """The components of the one endpoint that files declare."""
    from icplan.inputs.per_parameter_value import read_all  # noqa: PLC0415  (see above)

    readings = read_all(sources, options)
    if len(readings.all) > 1:
        names = ", ".join(sorted({name for one in readings.all for name in one.tried}))
        hint = "Give one: --parameter NAME=VALUE"
        raise InputError(InputProblem(f"what runs turns on {names}", file=sources[0].file, hint=hint))
    return _declared(readings.all[0].deployment, sources[0].file)


def _declared(deployment: Deployment, file: str) -> WantedComponents:
    having = [one for one in deployment.endpoints if any(call.operation == CREATE for call in one.calls)]
    if len(having) != 1:
        names = ", ".join(one.name for one in having)
        message = (
            f"declares components of {len(having)} endpoints ({names})" if having else "has no component"
        )
        hint = "A plan is made for one endpoint" if having else None
        raise InputError(InputProblem(message, file=file, hint=hint))
    (endpoint,) = having
    most = {}
    for target in endpoint.targets:
        least = {"Min": target.get("MinCapacity", 0)}
        told = {**least, "Max": target["MaxCapacity"]} if "MaxCapacity" in target else least
        most[target["ResourceId"].partition("/")[2]] = told
    entries = [
        _Entry(call.call, most.get(call.request.get("InferenceComponentName", "")), call.deployment)
        for call in endpoint.calls
    ]
    configuration = None if endpoint.configuration is None else endpoint.configuration.call
    return _wanted([*([_Entry(configuration)] if configuration else []), *entries], deployment.notes)


def _wanted(entries: Sequence[_Entry], notes: Iterable[str] = ()) -> WantedComponents:
    found: list[WantedComponent] = []
    problems: list[InputProblem] = []
    layout: tuple[str, ...] = ()
    for entry in entries:
        if entry.call.operation in ("CreateEndpointConfig", "CreateEndpoint"):
            layout = layout or _layout(entry.call)
            continue
        try:
            found.append(_component(entry))
        except InputError as error:
            problems += error.problems
    problems += [] if problems else [*_contradictions(found)]
    if problems:
        raise InputError(problems)
    if not any(one.need is not None for one in found):
        raise InputError(InputProblem("there is no component to plan a fleet for", hint=_HINT))
    return WantedComponents(tuple(found), layout, tuple(notes))


def _layout(call: Call) -> tuple[str, ...]:
    """The partitions that an endpoint configuration cuts each accelerator into."""
    told = "AcceleratorPartitionLayouts"
    wrong = [one for one in check_call(call) if one.severity is Severity.ERROR and told in (one.path or "")]
    if wrong:
        raise InputError([call.problem(one.message, one.path or call.path) for one in wrong])
    for variant in call.request.get("ProductionVariants") or ():
        for one in variant.get(told) or () if isinstance(variant, dict) else ():
            return tuple(one.get("AcceleratorPartitionTypes") or ())
    return ()


def _component(entry: _Entry) -> WantedComponent:
    call = entry.call
    if call.operation != CREATE:
        message = f"asks for {call.operation}, and creates no component"
        raise InputError(call.problem(message, call.path, _HINT))
    wrong = [one for one in check_call(call) if one.severity is Severity.ERROR]
    if wrong or call.typed is None:
        raise InputError([call.problem(one.message, one.path or call.path) for one in wrong])
    request = call.request
    specifications = [request.get("Specification"), *(request.get("Specifications") or ())]
    bases = [one["BaseInferenceComponentName"] for one in specifications if one and _adapts(one)]
    copies, most = _copies(entry, adapter=bool(bases))
    policy = _policy(entry)
    name = request["InferenceComponentName"]
    if bases:
        return WantedComponent(call, name, copies, most, None, bases[0], entry.deployment)
    try:
        need = requirements_of(request, call.path)
    except InputError as error:
        raise InputError([call.problem(p.message, p.path or call.path) for p in error.problems]) from None
    if not need:
        message = f"{name} does not say what a copy reserves (ComputeResourceRequirements)"
        raise InputError(call.problem(message, call.path))
    return WantedComponent(
        call,
        name,
        copies,
        most,
        Demand(need),
        None,
        entry.deployment,
        _batch(policy.maximum_batch_size if policy else None),
        _batch(policy.rollback_maximum_batch_size if policy else None),
        (entry.copies or {}).get("Min"),
    )


def _adapts(specification: Mapping[str, Any]) -> bool:
    return bool(specification.get("BaseInferenceComponentName"))


def _copies(entry: _Entry, *, adapter: bool) -> tuple[int, int]:
    """The copies at rest, and at most."""
    call, told = entry.call, entry.copies or {}
    runtime = (call.request.get("RuntimeConfig") or {}).get("CopyCount")
    if runtime is None and "Min" not in told:
        if adapter:
            return 0, 0
        message = f"{call.request['InferenceComponentName']} does not say how many copies run"
        raise InputError(call.problem(message, call.path, "RuntimeConfig.CopyCount says it, or Copies.Min"))
    least, most = told.get("Min", runtime or 0), told.get("Max", runtime if runtime is not None else 0)
    rest = max(least, runtime or 0)
    at = member_path(entry.path, "Copies") if entry.path != "$" or entry.copies is not None else call.path
    if "Max" in told and most < rest:
        raise InputError(call.problem(f"at most {most} copies may run, but {rest} do at rest", at))
    if max(rest, most) > MAX_COPIES:
        over = max(runtime or 0, 0) > MAX_COPIES
        count = member_path(member_path(call.path, "RuntimeConfig"), "CopyCount")
        where = count if over else member_path(at, "Max" if most > MAX_COPIES else "Min")
        raise InputError(call.problem(f"icplan plans for up to {MAX_COPIES} copies of a component", where))
    return rest, max(rest, most)


def _policy(entry: _Entry) -> Any:
    """The rolling update policy of its updates; InputError where SageMaker would refuse it."""
    if entry.deployment is None:
        return None
    call = entry.call
    kept = ("InferenceComponentName", "Specification", "Specifications")
    asked = {name: call.request[name] for name in kept if name in call.request}
    update = attrs.evolve(
        call,
        operation="UpdateInferenceComponent",
        request={**asked, "DeploymentConfig": entry.deployment},
        path=entry.path,
    )
    at = member_path(entry.path, "DeploymentConfig")
    wrong = [one for one in check_call(update) if one.severity is Severity.ERROR]
    told = [call.problem(one.message, one.path) for one in wrong if one.path and one.path.startswith(at)]
    if told or update.typed is None:
        raise InputError(told or [call.problem("cannot be read", at)])
    deployment: Any = getattr(update.typed, "deployment_config", None)
    return deployment.rolling_update_policy if deployment else None


def _batch(size: CapacitySize | None) -> Batch | None:
    return None if size is None else Batch(size.type, size.value)


def _contradictions(found: Sequence[WantedComponent]) -> Iterator[InputProblem]:
    """What is wrong with them together."""
    names = Counter(one.name for one in found)
    for one in found:
        if names[one.name] > 1:
            yield one.problem(f"{one.name} is asked for {names[one.name]} times")
            names[one.name] = 1
        if one.base is not None and one.base not in names:
            yield one.problem(f"{one.name} is an adapter of {one.base}, which is not among the components")
    for member, noun in (("EndpointName", "endpoint"), ("VariantName", "variant")):
        asked = {one.call.request[member]: one for one in found[::-1] if one.call.request.get(member)}
        if len(asked) > 1:
            other, first = list(asked)[-2:]
            hint = f"A plan is made for one {noun}"
            yield asked[other].problem(f"is for {noun} {other}, others are for {first}", hint=hint)
    if len(found) > MAX_COMPONENTS:
        yield found[-1].problem(f"icplan plans for up to {MAX_COMPONENTS} components, not {len(found)}")
