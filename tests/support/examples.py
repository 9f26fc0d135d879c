"""How many examples a test draws, as a part of what the profile allows."""

from __future__ import annotations

from hypothesis import settings

#: Fewer show nothing.
FEWEST = 5


def share(of: int) -> settings:
    """One in so many of the profile's examples: for a test that is slow, or has many cases."""
    profile = settings.get_current_profile_name()
    return settings(max_examples=max(FEWEST, settings.get_profile(profile).max_examples // of))
