"""Do all copies fit?"""

from __future__ import annotations

import pytest
from hypothesis import given
from support import packing_brute as brute
from support.packing_strategies import problems

from icplan.packing import Problem, Status, pack
from icplan.packing.checker.placement import check_placement
from icplan.packing.checker.proof import check_proof
from icplan.packing.solver import greedy
from icplan.packing.solver import solve as ladder

pytestmark = pytest.mark.smoke


@given(problems())
def test_agrees_with_trying_everything(problem: Problem) -> None:
    """The verdict is brute force's, and carries a placement or a proof that the checker accepts."""
    packing = pack(problem)
    assert packing.status == (Status.FITS if brute.fits(problem) else Status.DOES_NOT_FIT)
    if packing.status == Status.FITS:
        assert packing.placement is not None
        assert check_placement(problem, packing.placement)
    else:
        assert packing.proof is not None, packing.method
        assert check_proof(problem, packing.proof)


@given(problems())
def test_every_rung_is_right_on_its_own(problem: Problem) -> None:
    """Without the rungs that decide most small problems, the ones above them agree with brute force."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ladder, "MAX_PATTERNS_AT_ONCE", 0)
        patch.setattr(greedy.Greedy, "place", lambda _: None)
        patch.setattr(ladder, "volume_bound", lambda _: None)
        packing = pack(problem)
    assert packing.status == (Status.FITS if brute.fits(problem) else Status.DOES_NOT_FIT)
    if packing.placement is not None:
        assert check_placement(problem, packing.placement)
    elif packing.proof is not None:
        assert check_proof(problem, packing.proof)
    else:
        assert packing.method == "cp-sat"
