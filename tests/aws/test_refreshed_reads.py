"""An endpoint that is read again, with others writing at any moment: what looks still is what is there."""

from __future__ import annotations

import json
import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from icplan.api.write_check import KnownEndpoints
from icplan.aws.read import is_still, read_snapshot
from icplan.aws.refresh import read_refreshed
from icplan.testing import FakeSageMaker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAMES = ("a", "b", "c", "d")
OPERATIONS = ("DescribeEndpoint", "ListInferenceComponents", "DescribeInferenceComponent")
MEMORY = {"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128}}
#: Which component, and its copies from then on; none: it is deleted.
WRITES = st.tuples(st.sampled_from(NAMES), st.none() | st.integers(1, 3))
#: Around which call, before it is sent or once it is answered, the how manieth of its kind.
MOMENTS = st.tuples(
    st.sampled_from(("before-call", "after-call")), st.sampled_from(OPERATIONS), st.integers(0, 2)
)


@attrs.define
class Shared:
    """An endpoint, who reads it, and who writes to it around the calls of the reader."""

    reader: Any
    writer: Any
    writes: Mapping[Any, Any] = attrs.field(factory=dict)
    counts: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    def listen(self, when: str, operation: str) -> None:
        def handler(**_: object) -> None:
            with self.lock:
                wanted = self.writes.get((when, operation, self.counts[when, operation]))
                self.counts[when, operation] += 1
                if wanted is not None:
                    write(self.writer, *wanted)

        self.reader.meta.events.register(f"{when}.sagemaker.{operation}", handler)

    def begin(self, names: set[str]) -> None:
        """These components are there, and no others; nobody interferes."""
        self.writes = {}
        for name in NAMES:
            write(self.writer, name, 1)
            if name not in names:
                write(self.writer, name, None)

    def interfere(self, writes: Mapping[Any, Any]) -> None:
        self.writes = writes
        self.counts.clear()


@pytest.fixture(scope="module")
def shared() -> Iterator[Shared]:
    variant = {"VariantName": "v", "InstanceType": "ml.m5.24xlarge", "InitialInstanceCount": 2}
    seed = {"IcplanSnapshot": 1, "Endpoint": {"EndpointName": "prod"}, "InferenceComponents": []}
    with FakeSageMaker(seed | {"EndpointConfig": {"ProductionVariants": [variant]}}) as fake:
        found = Shared(*(fake.session().client("sagemaker") for _ in range(2)))
        for when in ("before-call", "after-call"):
            for operation in OPERATIONS:
                found.listen(when, operation)
        yield found


def write(client: Any, name: str, copies: int | None) -> None:
    """Delete it, scale it, or make it where it is not there."""
    there = client.list_inference_components(EndpointNameEquals="prod")["InferenceComponents"]
    if name not in {one["InferenceComponentName"] for one in there}:
        client.create_inference_component(
            InferenceComponentName=name,
            EndpointName="prod",
            VariantName="v",
            Specification={"ModelName": "m", **MEMORY},
            RuntimeConfig={"CopyCount": copies or 1},
        )
    elif copies is None:
        client.delete_inference_component(InferenceComponentName=name)
    else:
        client.update_inference_component_runtime_config(
            InferenceComponentName=name, DesiredRuntimeConfig={"CopyCount": copies}
        )


@given(
    st.sets(st.sampled_from(NAMES), min_size=1),
    st.lists(WRITES, max_size=2),
    st.sets(st.sampled_from(NAMES)),
    st.dictionaries(MOMENTS, WRITES, max_size=3),
)
def test_what_looks_still_is_what_is_there(
    shared: Shared,
    names: set[str],
    since: list[tuple[str, int | None]],
    forgotten: set[str],
    meanwhile: dict[tuple[str, str, int], tuple[str, int | None]],
) -> None:
    """Whoever wrote since the last read, or while it is read; one that has gone meanwhile may still be told.

    (SageMaker lists it as Deleting for longer than a look takes; what is gone leaves room, and takes none.)
    """
    shared.begin(names)
    known = KnownEndpoints()
    known.keep("prod", read_snapshot("prod", client=shared.writer))
    for one in since:
        write(shared.writer, *one)
    for name in forgotten:
        known.forget_component(name)
    before = known.of("prod")
    assert before is not None
    shared.interfere(meanwhile)
    found = read_refreshed(shared.reader, before)
    still = is_still(shared.writer, found)
    event(f"still: {still}")
    assert still or meanwhile
    if still:
        there = read_snapshot("prod", client=shared.writer)
        told = {one["InferenceComponentName"]: one for one in found["InferenceComponents"]}
        assert all(told.get(one["InferenceComponentName"]) == one for one in there["InferenceComponents"])
        assert found["Endpoint"] == there["Endpoint"]


@contextmanager
def listening(client: Any, event_name: str, handler: Any) -> Iterator[None]:
    client.meta.events.register(event_name, handler)
    try:
        yield
    finally:
        client.meta.events.unregister(event_name, handler)


LISTED = "after-call.sagemaker.ListInferenceComponents"


def leave_out(parsed: Any, **_: object) -> None:
    """All but one."""
    there = parsed["InferenceComponents"]
    parsed["InferenceComponents"] = [one for one in there if one["InferenceComponentName"] == "c"]


def test_what_a_list_leaves_out_is_gone_only_if_there_is_no_such_component(shared: Shared) -> None:
    """Of one that is not listed, copies would be missing from what is judged."""
    shared.begin({"a", "b", "c"})
    known = read_snapshot("prod", client=shared.writer)
    write(shared.writer, "a", 2)
    write(shared.writer, "b", None)
    described: list[str] = []

    def note(params: Any, **_: object) -> None:
        described.append(json.loads(params["body"])["InferenceComponentName"])

    asked = "before-call.sagemaker.DescribeInferenceComponent"
    with listening(shared.reader, LISTED, leave_out), listening(shared.reader, asked, note):
        found = read_refreshed(shared.reader, known)["InferenceComponents"]
    assert found == read_snapshot("prod", client=shared.writer)["InferenceComponents"]
    assert sorted(described) == ["a", "b"]


def test_what_is_there_and_not_listed_any_more_makes_no_promise(shared: Shared) -> None:
    """It is kept, and the read is said to be torn: whatever keeps it from the list, its copies are there."""
    shared.begin({"a", "c"})
    left = [True]

    def later(parsed: Any, **_: object) -> None:
        if not left:
            leave_out(parsed)
        left.clear()

    with listening(shared.reader, LISTED, later):
        found = read_snapshot("prod", client=shared.reader)
    assert [one["InferenceComponentName"] for one in found["InferenceComponents"]] == ["a", "c"]
    assert not found["Consistent"]
