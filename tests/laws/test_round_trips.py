"""What is written and read again says the same: snapshots, requests, verdicts."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from support.small_fleets import Case, asked, judged, one_phase_cases, request, rolling_cases, snapshot

import icplan
from icplan.report.formats import render
from icplan.requests.parse import parse
from icplan.verdict.codec import to_dict
from icplan.verify import verify

cases = one_phase_cases() | rolling_cases()


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


@given(cases)
def test_a_snapshot_survives_a_file(case: Case) -> None:
    """Saved and loaded, it has the same content and fingerprint, and gives the same verdict."""
    before = icplan.Snapshot.from_dict(snapshot(case))
    with TemporaryDirectory() as folder:
        file = Path(folder, "snapshot.json")
        before.save(file)
        after = icplan.Snapshot.load(file)
        change = Path(folder, "change.json")
        change.write_text(json.dumps(request(case)))
        from_files = asked(case, change, after)
    assert after == before
    assert after.fingerprint == before.fingerprint
    assert after.to_dict() == before.to_dict()
    assert [c.phases for c in from_files.changes] == [c.phases for c in judged(case).changes]


@given(cases)
def test_a_verdict_survives_json(case: Case) -> None:
    """Its plain data is JSON as it stands, and read again it proves what it proved."""
    plain = to_dict(judged(case))
    written = json.loads(render(judged(case), "json"))
    assert through_json(plain).items() <= written.items()
    assert written.keys() - plain.keys() == {"PassedBy"}
    assert [checked.result for checked in verify(through_json(plain))] == [
        checked.result for checked in verify(plain)
    ]


@given(cases)
def test_a_request_survives_icplans_types(case: Case) -> None:
    """Read into its type and written as boto3 takes it, it is what it was."""
    change = request(case)
    read, problems = parse(change["Operation"], change["Request"], "$")
    assert not [problem for problem in problems if problem.fatal]
    assert read is not None
    assert read.to_boto3() == change["Request"]
