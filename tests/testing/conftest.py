"""Every answer of every emulator in these tests is held against its shape as it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.strict_shapes import faults_of_answer

from icplan.testing.emulator import emulator as emulator_module
from icplan.testing.emulator import wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.testing.emulator.wire import Call, Response


@pytest.fixture(autouse=True)
def answered(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[tuple[str, str]]]:
    """The operations that were answered; what was wrong with an answer fails the test at its end."""
    seen: set[tuple[str, str]] = set()
    wrong: list[tuple[str, str]] = []
    write = wire.write_answer

    def strict(call: Call, answer: Mapping[str, Any], request_id: str) -> Response:
        response = write(call, answer, request_id)
        seen.add((call.service, call.operation))
        wrong.extend((call.operation, fault) for fault in faults_of_answer(call, answer, response))
        return response

    monkeypatch.setattr(emulator_module, "write_answer", strict)
    yield seen
    assert not wrong
