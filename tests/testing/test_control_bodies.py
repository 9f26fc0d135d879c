"""What is asked of the controls over HTTP, and how a slip is told."""

from __future__ import annotations

import json

import pytest

from icplan.testing import FakeSageMaker
from icplan.testing.emulator.control_bodies import MEMBERS
from icplan.testing.emulator.controls import CONTROLS, over_http


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("capacity", "{}", "capacity needs type, a text"),
        ("capacity", '{"type": 3}', "capacity: type must be a text"),
        ("containers", "{}", "containers needs one of fails, works"),
        (
            "alarm",
            '{"name": "errors", "state": "RED"}',
            "alarm: state must be one of OK, ALARM, INSUFFICIENT_DATA",
        ),
        (
            "quota",
            '{"name": "ml.g5.xlarge", "value": "three"}',
            "quota: value must be a whole number or a number",
        ),
        (
            "quota",
            '{"name": "ml.g5.xlarge", "value": true}',
            "quota: value must be a whole number or a number",
        ),
        ("faults", '{"error": 5}', "faults: error must be a text or a list or null"),
        ("faults", '{"error": ["Throttling"]}', "an error is a code, or a code and a message"),
        ("faults", '{"pace": 1}', "faults has no pace; it may have service, operation"),
        ("clock", '{"advance": "ten"}', "'ten' is no duration"),
        ("history", "{}", "history needs of, a text"),
        ("requests", '{"of": "chat"}', "requests has no of; it may have nothing"),
        ("weather", "{}", "there is no weather; there is alarm"),
        ("clock", "[]", "the body must be a JSON object"),
    ],
)
def test_a_slip_is_told_and_leaves_nothing_behind(name: str, body: str, told: str) -> None:
    """Status 400 with a message; the world is as before, and can be kept and run again."""
    with FakeSageMaker(time="virtual") as fake:
        before = fake.save()
        status, answer = over_http(fake.emulator, name, body.encode())
        assert status == 400
        assert json.loads(answer)["message"].startswith(told)
        assert (fake.save(), len(fake.faults)) == (before, 0)
        assert fake.session().client("sagemaker").list_endpoints()["Endpoints"] == []


def test_every_control_tells_what_it_takes() -> None:
    """One list of members for each."""
    assert MEMBERS.keys() == CONTROLS.keys()
