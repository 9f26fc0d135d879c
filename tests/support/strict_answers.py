"""Every answer of every emulator in the tests of `icplan.testing` is held against its shape as it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.testing.emulator.wire import Call, Response

FOLDER = "testing"


@pytest.fixture(autouse=True)
def answered(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[set[tuple[str, str]]]:
    """The operations that were answered; what was wrong with an answer fails the test at its end."""
    seen: set[tuple[str, str]] = set()
    wrong: list[tuple[str, str]] = []
    if request.path.parent.name == FOLDER:
        _hold(seen, wrong, monkeypatch)
    yield seen
    assert not wrong


def _hold(seen: set[tuple[str, str]], wrong: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    # Other tests do not load what follows.
    from icplan.testing.emulator import emulator, wire  # noqa: PLC0415
    from support.strict_shapes import faults_of_answer  # noqa: PLC0415

    write = wire.write_answer

    def strict(call: Call, answer: Mapping[str, Any], request_id: str) -> Response:
        response = write(call, answer, request_id)
        seen.add((call.service, call.operation))
        wrong.extend((call.operation, fault) for fault in faults_of_answer(call, answer, response))
        return response

    monkeypatch.setattr(emulator, "write_answer", strict)
