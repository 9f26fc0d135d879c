"""Every call that icplan makes, and everything that can go wrong with it, over HTTP.

Whatever AWS answers there is an exit code, or a part that is said to lack; never a traceback, and no secret.
"""

from __future__ import annotations

import itertools
import json
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from support.faulty_aws import (
    CALLS,
    FAULTS,
    GROW,
    MUST,
    SECRET,
    KeptClients,
    instead,
    operation_of,
    places,
    seed,
)
from support.skipped_time import SkippedTime

import icplan
from icplan.cli.main import main
from icplan.testing import FakeSageMaker

if TYPE_CHECKING:
    from collections.abc import Iterator
SKIPPED = SkippedTime()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeSageMaker]:
    """A local SageMaker that the environment names."""
    with pytest.MonkeyPatch.context() as patch, FakeSageMaker(seed()) as running:
        folder = tmp_path_factory.mktemp("asked")
        patch.chdir(folder)
        patch.setattr(boto3, "Session", KeptClients)
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        # EC2 is asked for what the catalog lacks; the local SageMaker knows the types of the catalog alone.
        patch.setattr("icplan.aws.read.builtin_types", dict)
        SKIPPED.install(patch, running)
        for name, value in {**running.environment(), "AWS_MAX_ATTEMPTS": "1"}.items():
            patch.setenv(name, value)
        (folder / "grow.json").write_text(json.dumps(GROW))
        (folder / "before.json").write_text(json.dumps(running.snapshot("prod")))
        yield running


@pytest.fixture
def fake(shared: FakeSageMaker) -> Iterator[FakeSageMaker]:
    """The same, of which nothing is wrong yet; nothing that a test does is to change it."""
    shared.faults.clear()
    shared.requests.clear()
    SKIPPED.forget()
    shared.faults.add(operation="Update*", error=("ValidationException", "as arranged"))
    yield shared
    shared.faults.clear()


def run(*arguments: str) -> tuple[int, str, list[str]]:
    """Exit code, what was printed, and the lines that were said beside it."""
    done = CliRunner().invoke(main, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit)
    for text in (done.stdout, done.stderr):
        assert SECRET not in text
        assert "Traceback" not in text
        assert "internal error" not in text
    return done.exit_code, done.stdout, done.stderr.splitlines()


ONCE = ("--max-attempts", "1")
"""Each call is tried once, to save time."""
SILENT = [("sagemaker:DescribeInferenceComponent", "silent"), ("servicequotas:ListServiceQuotas", "silent")]
"""Every call is tried so by the reader; the other doors go through it."""


def test_every_call_is_made(fake: FakeSageMaker) -> None:
    """So that none of the tests below is of a call that nobody makes."""
    wanted = {operation_of(action) for action in CALLS}
    for command in (("snapshot", "prod", "--usage"), ("check", "grow.json", "--endpoint", "prod")):
        fake.requests.clear()
        code, _, said = run(*command)
        assert (code, said) == (0, said)
        assert fake.requests.keys() == wanted


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("action", CALLS)
def test_a_snapshot_is_whole_or_says_what_it_lacks(fake: FakeSageMaker, action: str, fault: str) -> None:
    operation = operation_of(action)
    fake.faults.add(operation=operation, **FAULTS[fault])
    code, text, said = run("snapshot", "prod", "--usage", *ONCE)
    if action in MUST:
        assert (code, text) == (2, "")
        assert len(said) == 1
        assert said[0].startswith(f"icplan: {operation}: ")
        return
    assert code == 0
    taken = json.loads(text)
    states = {name: one["Status"] for name, one in taken["Parts"].items()}
    lacking = {status for status in states.values() if status != "read"}
    assert lacking == {"denied" if fault == "denied" else "failed"}
    assert [f"icplan: {note}" for note in taken["Notes"]] == said
    assert any(f"{operation}: " in note for note in taken["Notes"])


@pytest.mark.slow
@pytest.mark.parametrize(("action", "fault"), [*itertools.product(CALLS, ["throttled", "a page"]), *SILENT])
def test_a_check_answers_or_says_which_call_kept_it(fake: FakeSageMaker, action: str, fault: str) -> None:
    operation = operation_of(action)
    fake.faults.add(operation=operation, **FAULTS[fault])
    code, text, said = run("check", "grow.json", "--endpoint", "prod", "--format", "json", *ONCE)
    if action in MUST:
        assert code == 2
        assert said[-1].startswith(f"icplan: {operation}: ")
        return
    assert code in (0, 3)
    assert json.loads(text)["Outcome"] in ("fits-after-scale-out", "may-not-fit")
    assert any(f"{operation}: " in line for line in said)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("action", "fault"), [*itertools.product(CALLS, ["throttled", "denied", "truncated"]), *SILENT]
)
def test_a_guard_sends_nothing_that_it_cannot_judge(fake: FakeSageMaker, action: str, fault: str) -> None:
    operation = operation_of(action)
    told: list[Any] = []
    client = KeptClients().client("sagemaker", config=Config(retries={"total_max_attempts": 1}))
    icplan.guard(client, time_limit=300, report=told.append, session=KeptClients())
    fake.faults.add(operation=operation, **FAULTS[fault])
    with pytest.raises((icplan.AwsError, ClientError)) as caught:
        client.update_inference_component_runtime_config(**GROW)
    said = str(caught.value)
    assert SECRET not in said
    sent = action not in MUST
    assert [one.sent for one in told] == [sent]
    assert fake.writes == sent
    if sent:
        assert "as arranged" in said
        assert told[0].verdict.outcome.value in ("fits-after-scale-out", "may-not-fit")
    else:
        assert said.startswith(f"{operation}: ")
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("action", sorted(MUST))
def test_following_a_write_ends_where_aws_does_not_answer(
    fake: FakeSageMaker, action: str, fault: str
) -> None:
    operation = operation_of(action)
    fake.faults.add(operation=operation, **FAULTS[fault])
    code, text, said = run("wait", "chat", "--endpoint", "prod", "--before", "before.json", *ONCE)
    assert (code, text) == (2, "")
    assert said[-1].startswith(f"icplan: {operation}: ")


@pytest.mark.parametrize("fault", ["throttled", "unavailable", "reset", "a page"])
def test_a_write_is_followed_on_when_aws_answers_again(fault: str) -> None:
    fake = FakeSageMaker(seed())
    client = fake.session().client("sagemaker", config=Config(retries={"total_max_attempts": 1}))
    before = icplan.Snapshot.read("prod", client=client)
    client.update_inference_component_runtime_config(**GROW)
    slept: list[float] = []
    fake.faults.add(operation="DescribeInferenceComponent", times=3, **FAULTS[fault])
    ending = icplan.wait("chat", client=client, before=before, request=GROW, sleep=slept.append)
    assert ending.end == "done"
    # Three failures, or one of which AWS is asked three times over; ever longer in between.
    assert len(slept) == (1 if fault == "a page" else 3)
    assert slept == sorted(slept)


def test_what_aws_answered_is_said_rather_than_that_no_time_was_left_at_the_end() -> None:
    fake = FakeSageMaker(seed())
    client = fake.session().client("sagemaker", config=Config(retries={"total_max_attempts": 1}))
    before = icplan.Snapshot.read("prod", client=client)
    fake.faults.add(operation="ListInferenceComponents", times=1, **FAULTS["throttled"])
    clock = iter(float(second) for second in range(10))
    with pytest.raises(icplan.AwsError, match=r"^ListInferenceComponents: "):
        icplan.wait(
            "chat",
            client=client,
            before=before,
            request=GROW,
            timeout=2,
            sleep=lambda _: fake.faults.add(operation="DescribeEndpoint", **FAULTS["silent"]),
            clock=lambda: next(clock),
        )


@pytest.mark.parametrize("door", ["snapshot", "guard", "wait"])
def test_an_answer_without_end_is_not_waited_for(
    fake: FakeSageMaker, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte now and then: no time-out of a connection sees that it comes to nothing."""
    with trickling() as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        if door == "guard":
            client = icplan.guard(KeptClients().client("sagemaker"), time_limit=1)
            with pytest.raises(icplan.AwsError, match="has not answered within"):
                client.update_inference_component_runtime_config(**GROW)
            return
        wait = ("wait", "chat", "--endpoint", "prod", "--before", "before.json", "--timeout", "1s")
        command = wait if door == "wait" else ("snapshot", "prod", "--time-limit", "1")
        code, _, said = run(*command)
        assert (code, len(said)) == (2, 1)
        assert said[0].startswith("icplan: DescribeEndpoint: AWS has not answered within")
    assert fake.writes == 0


class trickling:  # noqa: N801  (used like a function)
    """A server whose answers never end."""

    def __enter__(self) -> str:
        self.over = threading.Event()
        self.server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()
        return f"http://127.0.0.1:{self.server.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.server.close()

    def serve(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.trickle, args=(connection,), daemon=True).start()

    def trickle(self, connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n"
            connection.sendall(head + b"Content-Length: 100000000\r\n\r\n{")
            while not self.over.wait(0.02):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return


NONE = (b"", b"<html>Sign in</html>", b"{}", b"null", b"[]", b'"x"', b"7", b'{"a": ', b"\xff\xfe\x00")
"""Bodies that are no answer."""
LEFT_OUT: Any = object()
OTHERS: tuple[Any, ...] = (LEFT_OUT, None, 7, -1.5, True, "", "x", [], {}, [None], [7], [{}], {"x": 1})
"""What may stand where a member of an answer should."""
SPOILT = st.sampled_from(NONE) | st.none() | st.tuples(st.integers(0, 99), st.sampled_from(OTHERS))
"""Another body, half of the body, or the number of a place in it and what stands there instead."""


def spoil(body: bytes, how: Any) -> bytes:
    """The body of an answer, spoilt."""
    if isinstance(how, bytes):
        return how
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    there = places(answer)
    if how is None or not there:
        return body[: len(body) // 2]
    number, value = how
    held, key = there[number % len(there)]
    held[key] = value
    if value is LEFT_OUT:
        del held[key]
    return json.dumps(answer).encode()


@pytest.mark.parametrize("action", CALLS)
@given(how=SPOILT)
def test_an_answer_that_is_none_costs_no_more_than_it_was_for(
    shared: FakeSageMaker, action: str, how: Any
) -> None:
    """Of an endpoint's own, the read; of what is read beside it, that part alone."""
    shared.faults.clear()
    with instead(shared, operation_of(action), lambda body: spoil(body, how)):
        if action in MUST:
            with suppress(icplan.AwsError, icplan.InputError):
                icplan.check(GROW, icplan.Snapshot.read("prod", KeptClients(), include_usage=True))
        else:
            icplan.check(GROW, icplan.Snapshot.read("prod", KeptClients(), include_usage=True))
