"""What an endpoint runs at one moment: AWS's answers, in one document."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from icplan.errors import InputError, InputProblem
from icplan.origin import canonical_sha256
from icplan.sources.files import Document, Source, read_document
from icplan.sources.output import write_json
from icplan.sources.paths import JsonPath, join_path
from icplan.sources.plain import as_json_values
from icplan.sources.quota_names import ALL_INSTANCES_CODE, PER_TYPE
from icplan.sources.shapes import check, describe_type
from icplan.sources.snapshot_shape import SNAPSHOT
from icplan.spec.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VERSION = 1
"""The version of the format: the value of the member ``IcplanSnapshot``."""

#: The most of each that any instance could have, by far; and what the solver counts with.
MOST_VCPUS, MOST_DEVICES, MOST_COUNTED = 100_000, 10_000, 10**6

_HOW = "Take one with: icplan snapshot ENDPOINT -o FILE"


@attrs.frozen(eq=False, repr=False)
class Snapshot:
    """AWS's answers about one endpoint, checked. Equal when content and moment are equal.

    Attributes:
        data: The document as AWS's shapes have it. Shared: do not alter it, take `to_dict` for a copy.
        file: The file it came from, as messages show it; None when it came from elsewhere.

    """

    data: Mapping[str, Any]
    file: str | None = None
    _document: Document | None = None

    @classmethod
    def load(cls, path: Source) -> Snapshot:
        """Read a snapshot file, or standard input when ``path`` is ``-``.

        Raises InputError, which names every fault with line and column, when it is no such file.
        """
        document = read_document(path)
        return cls._checked(document.value, document.file, document)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], file: str | None = None) -> Snapshot:
        """Take a snapshot from a dict as in the file, or of boto3's answers with their dates.

        ``file`` is what messages should call it. The dict is copied. Raises InputError, naming every fault.
        """
        return cls._checked(data, file, None)

    @classmethod
    def read(
        cls,
        endpoint_name: str,
        session: Any = None,
        client: Any = None,
        *,
        include_usage: bool = False,
        warn: Callable[[str], object] | None = None,
    ) -> Snapshot:
        """Read the live endpoint, with read-only calls (see `icplan.sources.aws.read_snapshot`).

        Raises AwsError when AWS refuses.
        """
        from icplan.sources.aws import read_snapshot  # noqa: PLC0415  (boto3 is loaded only when AWS is asked)

        answers = read_snapshot(
            endpoint_name, session=session, client=client, include_usage=include_usage, warn=warn
        )
        return cls.from_dict(answers)

    @classmethod
    def _checked(cls, raw: Any, file: str | None, document: Document | None) -> Snapshot:
        problems = _document_problems(raw)
        data: dict[str, Any] = {}
        if not problems:
            data = _without_transport(as_json_values(raw))
            problems = _problems(data)
        if problems:
            raise InputError([_placed(problem, file, document) for problem in problems])
        return cls(data, file, document)

    @property
    def endpoint_name(self) -> str:
        """The endpoint's name; that of its configuration when nothing in the snapshot names the endpoint."""
        named = [self.data.get("Endpoint", {}), *self.data.get("InferenceComponents", [])]
        names = [part["EndpointName"] for part in named if "EndpointName" in part]
        return str(names[0] if names else self.data["EndpointConfig"].get("EndpointConfigName", "unnamed"))

    @property
    def names_endpoint(self) -> bool:
        """Whether anything in it names the endpoint; a configuration alone does not."""
        named = [self.data.get("Endpoint", {}), *self.data.get("InferenceComponents", [])]
        return any("EndpointName" in part for part in named)

    @property
    def taken_at(self) -> str | None:
        """When AWS was asked, as ISO 8601 text, if the snapshot says so."""
        return self.data.get("TakenAt")

    @property
    def region(self) -> str | None:
        """The AWS Region, if the snapshot says so."""
        return self.data.get("Region")

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be read when the snapshot was taken, one sentence each."""
        return tuple(self.data.get("Notes", ()))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the content as it is saved, without TakenAt and Notes, in canonical JSON."""
        aside = ("TakenAt", "Notes")
        content = {name: value for name, value in self._redacted.items() if name not in aside}
        return canonical_sha256(content)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of all of it, as it is saved, in canonical JSON."""
        return canonical_sha256(self._redacted)

    @cached_property
    def _redacted(self) -> dict[str, Any]:
        return dict(redact(self.data))

    def to_dict(self, *, redacted: bool = False) -> dict[str, Any]:
        """A copy of the document; with ``redacted``, without environment values and credentials."""
        return copy.deepcopy(self._redacted if redacted else dict(self.data))

    def save(self, path: Source | None) -> None:
        """Write the document, redacted, to ``path``; to standard output when it is ``-`` or None.

        Raises InputError when the file cannot be written; it is then as it was before.
        """
        write_json(path, self.to_dict(redacted=True))

    def locate(self, json_path: str) -> tuple[int, int] | None:
        """Line and column (from 1) of a JSON path in the file, or of what is nearest; None without a file."""
        return self._document.locate(json_path) if self._document else None

    @contextmanager
    def located(self) -> Iterator[None]:
        """Give each problem that is raised inside, and has a path in this document, its file and line."""
        try:
            yield
        except InputError as error:
            raise InputError([_placed(one, self.file, self._document) for one in error.problems]) from None

    def __repr__(self) -> str:
        return f"Snapshot({self.endpoint_name!r}, taken_at={self.taken_at!r}, {self.fingerprint[:12]})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Snapshot):
            return NotImplemented
        return (self.fingerprint, self.taken_at) == (other.fingerprint, other.taken_at)

    def __hash__(self) -> int:
        return hash((self.fingerprint, self.taken_at))


def _placed(problem: InputProblem, file: str | None, document: Document | None) -> InputProblem:
    if document and problem.path:
        return document.problem(problem.message, problem.path, problem.hint)
    return attrs.evolve(problem, file=file)


def _without_transport(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out what boto3 adds about the HTTP exchange."""
    for answer in (data.get("Endpoint"), data.get("EndpointConfig"), *_entries(data, "InferenceComponents")):
        if isinstance(answer, dict):
            answer.pop("ResponseMetadata", None)
    return data


def _entries(data: dict[str, Any], name: str) -> list[Any]:
    value = data.get(name)
    return value if isinstance(value, list) else []


def _document_problems(value: Any) -> list[InputProblem]:
    """Why a document is no snapshot of this version at all, if it is none."""
    if not isinstance(value, Mapping):
        return [InputProblem(f"not a snapshot, but {describe_type(value)}", hint=_HOW)]
    version = value.get("IcplanSnapshot")
    if version is None and ("EndpointConfig" in value or "Endpoint" in value):
        return [InputProblem("IcplanSnapshot is missing", path="$", hint=f'Add "IcplanSnapshot": {VERSION}')]
    if version is None:
        return [InputProblem(f"not a snapshot{_what_instead(value)}: IcplanSnapshot is missing", hint=_HOW)]
    if type(version) is not int:
        return [InputProblem(f"must be {VERSION}, not {describe_type(version)}", path="$.IcplanSnapshot")]
    if version != VERSION:
        hint = "Take it anew, or use the icplan that wrote it"
        message = f"a snapshot of version {version}; this icplan reads version {VERSION}"
        return [InputProblem(message, path="$.IcplanSnapshot", hint=hint)]
    return []


def _what_instead(value: Mapping[str, Any]) -> str:
    for member, what in _LOOKS_LIKE:
        if member in value:
            return f" but, it seems, {what}"
    return ""


_LOOKS_LIKE = (
    ("IcplanVerdict", "a verdict"),
    ("Operation", "a change (a CHANGE of `icplan check`)"),
    ("InferenceComponentArn", "the answer of DescribeInferenceComponent, one part of a snapshot"),
    ("InferenceComponentName", "a change (a CHANGE of `icplan check`)"),
    ("EndpointConfigArn", "the answer of DescribeEndpointConfig, one part of a snapshot"),
    ("EndpointArn", "the answer of DescribeEndpoint, one part of a snapshot"),
    ("InferenceComponents", "the answer of ListInferenceComponents, one part of a snapshot"),
)


def _problems(data: dict[str, Any]) -> list[InputProblem]:
    found: list[InputProblem] = []

    def report(steps: JsonPath, message: str) -> None:
        found.append(InputProblem(message, path=join_path(steps)))

    _check_parts(data, report)
    check(data, SNAPSHOT, report)
    if not found:
        _check_components(data, report)
        _check_variants(data, report)
        _check_quotas(data, report)
        _check_amounts(data, report)
    return found


def _check_parts(data: dict[str, Any], report: Callable[[JsonPath, str], None]) -> None:
    """Refuse a part that icplan does not know: left out in silence, it would look as if it counted."""
    known = ["IcplanSnapshot", *SNAPSHOT.known]
    for name in sorted(data.keys() - set(known)):
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
        report((name,), f"is no part of a snapshot. {hint}")


def _check_quotas(data: dict[str, Any], report: Callable[[JsonPath, str], None]) -> None:
    for index, quota in enumerate(data.get("Quotas", [])):
        if "QuotaName" not in quota and quota.get("QuotaCode") != ALL_INSTANCES_CODE:
            example = PER_TYPE.format("ml.g5.12xlarge")
            report(("Quotas", index), f"QuotaName is missing, as Service Quotas has it: {example!r}")
    for name in data.get("InstancesInUse", {}):
        if not name.startswith("ml."):
            report(("InstancesInUse", name), "is no instance type of SageMaker; they start with ml.")


def _check_components(data: dict[str, Any], report: Callable[[JsonPath, str], None]) -> None:
    seen: set[str] = set()
    endpoint = data.get("Endpoint", {}).get("EndpointName")
    for index, component in enumerate(data.get("InferenceComponents", [])):
        steps: JsonPath = ("InferenceComponents", index)
        endpoint = endpoint or component.get("EndpointName")
        if component["InferenceComponentName"] in seen:
            report((*steps, "InferenceComponentName"), "this component is already there")
        seen.add(component["InferenceComponentName"])
        if component.get("EndpointName", endpoint) != endpoint:
            report((*steps, "EndpointName"), "this component is on another endpoint")
        if ("Specification" in component) == ("Specifications" in component):
            report(
                steps, "must have either Specification or Specifications, as DescribeInferenceComponent has"
            )


def _check_amounts(data: dict[str, Any], report: Callable[[JsonPath, str], None]) -> None:
    """Refuse what no instance has, and counts past what icplan counts with, where they stand."""
    _check_types(data, report)
    for part in ("EndpointConfig", "Endpoint"):
        for list_ in ("ProductionVariants", "ShadowProductionVariants"):
            for index, variant in enumerate(data.get(part, {}).get(list_, [])):
                _check_counts(variant, (part, list_, index), report)


def _check_types(data: dict[str, Any], report: Callable[[JsonPath, str], None]) -> None:
    for index, kind in enumerate(data.get("InstanceTypes", [])):
        steps: JsonPath = ("InstanceTypes", index)
        if not 1 <= kind["VCpuInfo"]["DefaultVCpus"] <= MOST_VCPUS:
            report((*steps, "VCpuInfo", "DefaultVCpus"), f"must be from 1 to {MOST_VCPUS:,}")
        if kind["MemoryInfo"]["SizeInMiB"] < 1:
            report((*steps, "MemoryInfo", "SizeInMiB"), "must be at least 1")
        for path, count in _devices(kind):
            if count > MOST_DEVICES:
                report((*steps, *path), f"must be up to {MOST_DEVICES:,}")


def _check_counts(variant: dict[str, Any], steps: JsonPath, report: Callable[[JsonPath, str], None]) -> None:
    for path, count in _counts(variant):
        if count > MOST_COUNTED:
            report((*steps, *path), f"icplan counts up to {MOST_COUNTED:,}")
    seen: set[str] = set()
    for index, pool in enumerate(variant.get("InstancePools", [])):
        if pool["InstanceType"] in seen:
            report((*steps, "InstancePools", index, "InstanceType"), "this instance type is already there")
        seen.add(pool["InstanceType"])


def _devices(kind: dict[str, Any]) -> Iterator[tuple[JsonPath, int]]:
    for part, member in (("GpuInfo", "Gpus"), ("NeuronInfo", "NeuronDevices")):
        for index, device in enumerate(kind.get(part, {}).get(member, [])):
            yield (part, member, index, "Count"), device["Count"]
            cores = device.get("CoreInfo", {})
            if isinstance(cores, dict) and type(cores.get("Count")) is int:
                yield (part, member, index, "CoreInfo", "Count"), cores["Count"]


def _counts(variant: dict[str, Any]) -> Iterator[tuple[JsonPath, int]]:
    for member in ("InitialInstanceCount", "CurrentInstanceCount", "DesiredInstanceCount"):
        yield (member,), variant.get(member, 0)
    for member in ("MinInstanceCount", "MaxInstanceCount"):
        yield ("ManagedInstanceScaling", member), variant.get("ManagedInstanceScaling", {}).get(member, 0)
    for index, pool in enumerate(variant.get("InstancePools", [])):
        yield ("InstancePools", index, "CurrentInstanceCount"), pool.get("CurrentInstanceCount", 0)


def _check_variants(data: dict[str, Any], report: Callable[[JsonPath, str], None]) -> None:
    for part in ("EndpointConfig", "Endpoint"):
        seen: set[str] = set()
        for index, variant in enumerate(data.get(part, {}).get("ProductionVariants", [])):
            if variant["VariantName"] in seen:
                report((part, "ProductionVariants", index, "VariantName"), "this variant is already there")
            seen.add(variant["VariantName"])
