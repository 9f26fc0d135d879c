"""Every verdict on a drawn case proves itself: types that mix, motion, arrivals, quotas, sets, rollbacks."""

from __future__ import annotations

import json

import pytest
from compare import ASSUMED, FAMILIES
from families import arguments, case

import icplan
from icplan.errors import InputError
from icplan.verdict.codec import to_dict
from icplan.verify import Result, verify

#: Cases of each family.
CASES, SEED = 6, 23


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_is_rejected_and_only_doubts_are_without_evidence(family: str) -> None:
    """By the rules that nobody documents as they are set, and with none of them set."""
    for number in range(CASES):
        drawn = case(family, SEED, number)
        snapshot = icplan.Snapshot.from_dict(drawn["snapshot"])
        figures = arguments(drawn["machines"])
        for assume in (ASSUMED, {}):
            try:
                verdict = icplan.check(drawn["change"], snapshot, allocatable=figures, assume=assume)
            except InputError:
                continue
            found = verify(json.loads(json.dumps(to_dict(verdict))))
            assert [one for one in found if one.result is Result.REJECTED] == [], number
            unproven = {one.outcome for one in found if one.result is Result.UNPROVEN}
            assert unproven <= {"may-not-fit", "undecided"}, number
