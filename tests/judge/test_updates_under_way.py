"""Beside a component that is being updated, all its old copies and all its new ones count."""

from __future__ import annotations

import pytest
from support.endpoints import GPU4, component, create, snapshot
from support.verdicts import check


@pytest.mark.parametrize(("current", "desired", "free"), [(2, 1, 3), (1, 1, 6), (2, 2, 3)])
def test_old_copies_and_new_ones_run_beside_each_other(current: int, desired: int, free: int) -> None:
    """Each takes three accelerators of the four of an instance, of which there are three.

    The local SageMaker refused what had been promised where two old copies made way for a single new one.
    """
    updating = component("mistral", desired, 3)
    updating["InferenceComponentStatus"] = "Updating"
    updating["RuntimeConfig"] = {"DesiredCopyCount": desired, "CurrentCopyCount": current}
    taken = snapshot(GPU4, 3, updating)
    assert check(taken, create("llama", free, 1)).outcome == "fits"
    assert check(taken, create("llama", free + 1, 1)).outcome == "may-not-fit"
