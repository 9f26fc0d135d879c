"""Read a live endpoint into one snapshot document, as it was at one moment, or said to be torn.

The endpoint and its list of components are asked for again after everything else. What is another by then is
read anew, a few times over; what does not come to rest is marked as not consistent.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.aws.call_error import AwsCallError
from icplan.aws.client import call, make_client, make_session
from icplan.aws.endpoint_and_list import looked_at
from icplan.aws.identity import asks_aws, identity
from icplan.aws.parallel import WORKERS, all_within, each, within
from icplan.aws.parts.account_usage import Usage, instances_in_use
from icplan.aws.parts.autoscaling import failed_activities, scalable_targets
from icplan.aws.parts.components import changed, described, listed, rests
from icplan.aws.parts.copy_locations import Locations, copy_locations, publishes_locations
from icplan.aws.parts.endpoint import configuration, describe_endpoint
from icplan.aws.parts.instance_types import described_types, unknown_types
from icplan.aws.parts.quotas import endpoint_quotas
from icplan.aws.parts.reservation_metrics import hides_arrangement, reservations
from icplan.catalog.catalog import builtin_types
from icplan.documents.json_values import as_json_values
from icplan.documents.redact import redact
from icplan.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

_SHARE: Final = 0.5
"""Of the time that is left, what the parts may take together: one that hangs costs that part alone."""
_CLOCKS: Final = dt.timedelta(minutes=1)
"""What AWS's own clocks, and the time that a read takes, may come to."""
ROUNDS: Final = 3
"""How often what has changed meanwhile is read again."""
PARTS: Final = (
    *("ScalableTargets", "ScalingActivities", "Quotas", "InstancesInUse", "InstanceTypes"),
    *("Reservations", "CopyLocations"),
)
"""What is read beside the endpoint and its components, each on its own."""


@attrs.frozen
class _Part:
    """One of them: its name, which service is asked, by which operation first, and how."""

    name: str
    service: str
    operation: str
    read: Callable[[Any], Any]
    client: Any = None

    def answer(self) -> Any:
        """What its client is answered."""
        return self.read(self.client)


def read_snapshot(  # noqa: PLR0913  (one for each kind of setting)
    endpoint_name: str,
    *,
    session: Any = None,
    client: Any = None,
    include_usage: bool = False,
    warn: Callable[[str], object] | None = None,
    time_limit: float | None = None,
    workers: int | None = None,
    types: Iterable[str] = (),
    parts: Container[str] | None = None,
) -> dict[str, Any]:
    """What AWS answers about an endpoint, as the dict a snapshot file holds, redacted, dates as ISO text.

    With a boto3 ``client`` of SageMaker alone, only SageMaker is asked. With a boto3 ``session``, or with
    neither (then one is made from the environment), Application Auto Scaling, Service Quotas, for types the
    catalog lacks EC2, and where several instances host copies CloudWatch are asked as well. ``include_usage``
    counts the instances of every endpoint in the account and Region. ``Parts`` tells of each of these whether
    it was read; what could not be is left out, named in ``Notes`` and told to ``warn``; one that hangs is
    given up after half of the time that is left then. ``workers`` calls run at once (8). ``types`` are
    instance types that quotas are wanted for beside those of the endpoint. ``parts``: of `PARTS`, only these
    are read.

    ``Consistent`` is false where the endpoint did not come to rest while it was read.

    Raises AwsError, in one line that says what is needed, when the endpoint itself cannot be read, or not
    within ``time_limit`` seconds.
    """
    until = None if time_limit is None else time.monotonic() + time_limit

    def read() -> dict[str, Any]:
        own = session or (make_session("DescribeEndpoint") if client is None else None)
        asked = client or make_client(own, "sagemaker", "DescribeEndpoint")
        at_once = workers or WORKERS
        reader = _Reader(asked, endpoint_name, own, at_once, include_usage, tuple(types), parts, until)
        return reader.document()

    data = within(time_limit, read)
    for note in data.get("Notes", ()):
        (warn or _silent)(note)
    return data


def with_parts(  # noqa: PLR0913  (one for each kind of setting)
    data: Mapping[str, Any],
    parts: Container[str],
    *,
    session: Any,
    client: Any = None,
    warn: Callable[[str], object] | None = None,
    time_limit: float | None = None,
    workers: int | None = None,
    types: Iterable[str] = (),
) -> dict[str, Any]:
    """A snapshot's document, and beside it those of `PARTS` that it lacks, as `read_snapshot` reads them.

    What could not be read is left out, named in ``Notes`` and told to ``warn``. Raises AwsError.
    """
    until = None if time_limit is None else time.monotonic() + time_limit
    name, before = data["Endpoint"]["EndpointName"], data.get("Parts", {})
    told = {part for part, state in before.items() if state.get("Status") != "not-asked"}
    lacking = [part for part in PARTS if part in parts and part not in told]
    now = dt.datetime.now(dt.UTC)
    taken_at = dt.datetime.fromisoformat(data["TakenAt"]) if "TakenAt" in data else now

    def read() -> tuple[dict[str, Any], list[str]]:
        asked = client or make_client(session, "sagemaker", "ListEndpoints")
        usage = "InstancesInUse" in lacking
        at_once = workers or WORKERS
        reader = _Reader(asked, name, session, at_once, usage, tuple(types), lacking, until)
        return reader.parts(data, now, taken_at), reader.notes

    found, said = within(time_limit, read)
    for note in said:
        (warn or _silent)(note)
    states = {part: found["Parts"][part] for part in lacking}
    notes = [*data.get("Notes", ()), *said]
    new: dict[str, Any] = {**found, "Parts": {**before, **states}}
    return {**data, **redact(as_json_values(new | ({"Notes": notes} if notes else {})))}


def endpoint_of(client: Any, component_name: str) -> str:
    """The name of the endpoint an inference component is on. Raises AwsError."""
    answer = call(client, "DescribeInferenceComponent", InferenceComponentName=component_name)
    return str(answer["EndpointName"])


def is_still(client: Any, data: Mapping[str, Any], *, time_limit: float | None = None) -> bool:
    """Whether an endpoint is as a snapshot's document has it, by a look at it and at its components' list.

    Where all components were at rest, only those are listed that have changed since: one that was deleted
    meanwhile would be, too, until it is gone, and that takes longer than a look. Raises AwsError.
    """
    name, components = data["Endpoint"]["EndpointName"], data["InferenceComponents"]
    there = {one["InferenceComponentName"]: one for one in components}
    since = None
    if "TakenAt" in data and all(map(rests, components)):
        since = dt.datetime.fromisoformat(data["TakenAt"]) - _CLOCKS

    def look() -> bool:
        (endpoint, _), listing = looked_at(client, name, components, since=since)
        if redact(as_json_values(endpoint)) != data["Endpoint"]:
            return False
        summaries = as_json_values(listing)
        same_names = summaries.keys() <= there.keys() if since else summaries.keys() == there.keys()
        return same_names and not any(changed(there[one], summary) for one, summary in summaries.items())

    return within(time_limit, look)


def _silent(_note: str) -> None:
    """Notes are in the snapshot as well."""


@attrs.define
class _Reader:
    client: Any
    name: str
    session: Any
    workers: int
    include_usage: bool
    types: tuple[str, ...] = ()
    only: Container[str] | None = None
    until: float | None = None
    """When (monotonic) all has to be read."""
    notes: list[str] = attrs.field(factory=list)

    def document(self) -> dict[str, Any]:
        endpoint, headers = describe_endpoint(self.client, self.name)
        who = identity(self.client, endpoint, headers)
        first: list[Callable[[], Any]] = [
            lambda: configuration(self.client, endpoint),
            lambda: listed(self.client, self.name),
        ]
        config, summaries = each(lambda ask: ask(), first, 2)
        found = described(self.client, summaries, self.workers)
        gone = {name for name, one in found.items() if one is None}
        data: dict[str, Any] = {
            "Endpoint": endpoint,
            "EndpointConfig": config,
            "InferenceComponents": _present(found),
        }
        data |= self.parts(data, dt.datetime.now(dt.UTC), dt.datetime.fromisoformat(who["TakenAt"]))
        consistent = self._settle(data, found)
        for name in sorted(gone - {one["InferenceComponentName"] for one in data["InferenceComponents"]}):
            self.notes.append(f"inference component {name} was deleted while the endpoint was read")
        whole = {"IcplanSnapshot": 1, **who, **data, "Consistent": consistent}
        if self.notes:
            whole["Notes"] = self.notes
        return redact(as_json_values(whole))

    def _settle(self, data: dict[str, Any], found: dict[str, dict[str, Any] | None]) -> bool:
        """Read again what is another by now; whether everything is as it stands in ``data``."""
        for turn in range(ROUNDS):
            endpoint, summaries = self._again()
            # What is listed and twice not there is gone: the list lags behind.
            known = {name: one for name, one in found.items() if one is not None or turn}
            stale = [name for name in summaries if changed(known.get(name, {}), summaries[name])]
            left_out = found.keys() - summaries.keys()
            if endpoint == data["Endpoint"] and not stale and not any(found[name] for name in left_out):
                return True
            if endpoint.get("EndpointConfigName") != data["Endpoint"].get("EndpointConfigName"):
                data["EndpointConfig"] = configuration(self.client, endpoint)
            found |= described(self.client, [*stale, *left_out], self.workers)
            data |= {"Endpoint": endpoint, "InferenceComponents": _present(found)}
        self.notes.append(
            f"the endpoint {self.name} went on changing while it was read; its parts may not belong together"
        )
        return False

    def _again(self) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        try:
            (endpoint, _), summaries = looked_at(self.client, self.name)
        except AwsCallError as error:
            if not error.missing:
                raise
            raise AwsError(
                error.operation, f"the endpoint {self.name} was deleted while it was read"
            ) from None
        return endpoint, summaries

    def parts(self, data: Mapping[str, Any], now: dt.datetime, taken_at: dt.datetime) -> dict[str, Any]:
        """What is read beside the endpoint, and what became of each part."""
        read: dict[str, Any] = {}
        states: dict[str, dict[str, Any]] = {name: {"Status": "not-asked"} for name in PARTS}
        for part, answer in self._read(self._wanted(data, now, taken_at)):
            if isinstance(answer, AwsError):
                denied = isinstance(answer, AwsCallError) and answer.denied
                states[part.name]["Status"] = "denied" if denied else "failed"
                self.notes.append(f"{part.name} could not be read and is left out: {answer}")
            else:
                states[part.name]["Status"] = "read"
                read[part.name] = answer
        used, located = read.get("InstancesInUse"), read.get("CopyLocations")
        if isinstance(used, Usage):
            read["InstancesInUse"] = used.by_type
            self._lacks(states, "InstancesInUse", "lacks the endpoint", used.missing)
        if isinstance(located, Locations):
            read["CopyLocations"] = located.rows
            self._lacks(states, "CopyLocations", "lack", located.unseen)
        return read | {"Parts": states}

    def _read(self, wanted: Iterable[_Part]) -> Iterator[tuple[_Part, Any]]:
        """What each part answers, or the AwsError that kept it from being read; all are read at once."""
        asked: list[_Part] = []
        for part in wanted:
            if self.only is not None and part.name not in self.only:
                continue
            try:
                asked.append(attrs.evolve(part, client=self._client(part)))
            except AwsError as error:
                yield part, error
        seconds = None if self.until is None else _SHARE * max(0.0, self.until - time.monotonic())
        reads = [(part.operation, part.answer) for part in asked]
        yield from zip(asked, all_within(seconds, reads), strict=True)

    def _lacks(
        self, states: dict[str, dict[str, Any]], part: str, how: str, missing: Mapping[str, str]
    ) -> None:
        """Name what a part that was read does not have."""
        if missing:
            states[part]["Missing"] = sorted(missing)
        self.notes += [f"{part} {how} {name}: {why}" for name, why in missing.items()]

    def _wanted(self, data: Mapping[str, Any], now: dt.datetime, taken_at: dt.datetime) -> Iterator[_Part]:
        config = data["EndpointConfig"]
        if self.session is not None:
            yield _Part(
                *("ScalableTargets", "application-autoscaling", "DescribeScalableTargets"),
                lambda client: scalable_targets(client, data),
            )
            yield _Part(
                *("ScalingActivities", "application-autoscaling", "DescribeScalingActivities"),
                lambda client: failed_activities(client, data, now),
            )
            yield _Part(
                *("Quotas", "service-quotas", "ListServiceQuotas"),
                lambda client: endpoint_quotas(client, config, self.types),
            )
            known = builtin_types()
            more = {kind for kind in self.types if kind not in known}
            if unknown := sorted({*unknown_types(config, known), *more}):
                yield _Part(
                    *("InstanceTypes", "ec2", "DescribeInstanceTypes"),
                    lambda client: described_types(client, unknown),
                )
            if hides_arrangement(data):
                yield _Part(
                    *("Reservations", "cloudwatch", "GetMetricData"),
                    lambda client: reservations(client, data, taken_at),
                )
                if publishes_locations(config):
                    yield _Part(
                        *("CopyLocations", "cloudwatch", "ListMetrics"),
                        lambda client: copy_locations(client, data, taken_at),
                    )
        if self.include_usage:
            yield _Part(
                *("InstancesInUse", "sagemaker", "ListEndpoints"),
                lambda client: instances_in_use(client, self.workers),
            )

    def _client(self, part: _Part) -> Any:
        if part.service == "sagemaker":
            return self.client
        client = make_client(self.session, part.service, part.operation)
        if asks_aws(client) and not asks_aws(self.client):
            message = (
                f"SageMaker is asked at {self.client.meta.endpoint_url}, so AWS itself is not asked for what "
                "belongs to it: set AWS_ENDPOINT_URL, for all services"
            )
            raise AwsError(part.operation, message)
        return client


def _present(found: Mapping[str, dict[str, Any] | None]) -> list[dict[str, Any]]:
    return [one for _, one in sorted(found.items()) if one is not None]
