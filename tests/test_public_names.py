"""What `icplan` offers: every public name, and nothing else; what is heavy is loaded when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import icplan

pytestmark = pytest.mark.smoke

OFFERED = {
    *("AwsError", "Diagnosis", "diagnose", "DoesNotFit", "IcplanError", "InputError"),
    *("Outcome", "Prices", "Snapshot", "Verdict", "check", "guard", "unguard", "wait", "waiter"),
    *("Headroom", "headroom", "Drill", "drill"),
    *("Plan", "plan"),
}


def test_dir_shows_what_there_is() -> None:
    """Before and after the lazy names are loaded."""
    public = {name for name in dir(icplan) if not name.startswith("_")}
    assert public == set(icplan.__all__) == OFFERED
    assert "__version__" in dir(icplan)
    assert all(getattr(icplan, name).__module__.startswith("icplan.") for name in OFFERED)
    assert {name for name in dir(icplan) if not name.startswith("_")} == OFFERED


def test_a_name_that_is_none_is_an_attribute_error() -> None:
    """So that hasattr and typing tools work."""
    with pytest.raises(AttributeError, match="'icplan' has no attribute 'chek'"):
        _ = icplan.chek


def test_looking_loads_nothing() -> None:
    """Neither the import nor dir."""
    code = "import sys, icplan; dir(icplan); print('icplan.api.check' in sys.modules)"
    assert subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout == ("False\n")
