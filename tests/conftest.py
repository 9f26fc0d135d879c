"""Hypothesis profiles: ``quick`` for a developer's run, ``thorough`` for CI, ``long`` for a long run by hand.

A developer's run draws new examples each time; CI's draws the same for the same tests, so that whether a
commit passes is not a matter of luck.
``HYPOTHESIS_PROFILE`` chooses one by name; CI=true chooses ``thorough``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from support.strict_answers import answered as answered  # noqa: PLC0414  (a fixture of all tests)

if TYPE_CHECKING:
    import pytest

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile("quick", max_examples=10, deadline=None, suppress_health_check=_SLOW)
settings.register_profile(
    "thorough", max_examples=5, deadline=None, suppress_health_check=_SLOW, derandomize=True
)
settings.register_profile("long", max_examples=400, deadline=None, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "thorough" if os.environ.get("CI") else "quick"))


#: Folders of brute force, long histories and laws over whole verdicts. Files elsewhere mark themselves.
THOROUGH = {"laws", "oracle"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is thorough as slow. What is slow or draws its inputs is not traced.

    Tracing makes most of a test's time, other tests cover the same lines, and what is covered should not
    depend on what is drawn.
    """
    for item in items:
        if item.path.parent.name in THOROUGH:
            item.add_marker("slow")
        drawn = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if drawn or item.get_closest_marker("slow"):
            item.add_marker("no_cover")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have counted (`record_property("counts", ...)`), whichever process ran them."""
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "counts":
                terminalreporter.write_line(str(text))
