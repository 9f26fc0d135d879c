"""What one part of a drawn verdict says, the other parts hold it to."""

from __future__ import annotations

import itertools
import json

from hypothesis import assume, event, given
from hypothesis import strategies as st
from support.small_fleets import Case, judged, one_phase_cases, rolling_cases
from support.tampering import idle, proven, tampered

from icplan.verdict.codec import to_dict

#: Changes that are tried on one verdict, evenly among all there are.
TRIES = 12


@given(one_phase_cases() | rolling_cases(), st.integers(0, 1000))
def test_one_thing_changed_is_noticed(case: Case, start: int) -> None:
    """Any member or entry altered, left out, doubled or swapped, but for what the file cannot tell."""
    verdict = json.loads(json.dumps(to_dict(judged(case))))
    assume(proven(verdict))
    event(verdict["Outcome"])
    total = sum(not idle(path, how) for path, how in tampered(verdict))
    stride = max(1, total // TRIES)
    counted = ((path, how) for path, how in tampered(verdict) if not idle(path, how))
    for path, how in itertools.islice(counted, start % stride, None, stride):
        assert not proven(verdict), f"{path}: {how}"
