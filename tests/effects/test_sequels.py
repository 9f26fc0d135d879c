"""Changes after other changes against the truth: every way in which those may have gone."""

from __future__ import annotations

import pytest
from hypothesis import event, given
from support.sequels import Play, Sequel, sequels

from icplan.verdict.outcome import Outcome

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


@given(sequels())
def test_what_is_said_of_a_later_change_holds_however_the_earlier_ones_end(sequel: Sequel) -> None:
    """A promise holds in every world, with no more instances than said; a refusal holds in every world."""
    for number, (truth, change) in enumerate(
        zip(Play(sequel).truths(), sequel.judged().changes, strict=False)
    ):
        event(f"change {number + 1}: {change.outcome}")
        if change.outcome.fits:
            assert not truth.refused
            assert change.peak_instances is not None
            assert truth.most <= change.peak_instances
        if change.outcome is Outcome.FITS:
            assert not truth.launches
        if change.outcome.fails:
            assert change.outcome is Outcome.DOES_NOT_FIT
            assert not truth.done
            return
