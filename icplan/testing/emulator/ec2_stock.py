"""Which instances EC2 has: per type, and per zone where that is said. Without a limit there is always one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ZONES = ("a", "b", "c")


class Capacity:
    """How many instances of each type may run at a time, over all endpoints of the Region."""

    def __init__(self, region: str, limits: Mapping[str, int | Mapping[str, int]] | None = None) -> None:
        self.zones: Sequence[str] = [f"{region}{letter}" for letter in ZONES]
        self._limits: dict[str, int | dict[str, int]] = {}
        self._used: Counter[tuple[str, str]] = Counter()
        self._exhausted: set[tuple[str, str]] = set()
        for name, limit in (limits or {}).items():
            self.limit(name, limit)

    def limit(self, name: str, most: int | Mapping[str, int]) -> None:
        """So many instances of a type, in all or per zone (others then have none)."""
        self._limits[name] = most if isinstance(most, int) else dict(most)

    def exhaust(self, name: str, zone: str | None = None) -> None:
        """No instance of a type can be launched any more, in one zone or in all, though others end."""
        self._exhausted |= {(name, each) for each in self.zones if zone in (None, each)}

    def restore(self, name: str) -> None:
        """As many instances of a type as anyone wants."""
        self._limits.pop(name, None)
        self._exhausted = {one for one in self._exhausted if one[0] != name}

    def zone_for(self, name: str, present: Mapping[str, int]) -> str | None:
        """The zone with the fewest of the variant where one more can be had; ``None`` where none can."""
        limit = self._limits.get(name)
        if isinstance(limit, int):
            used = sum(count for (kind, _), count in self._used.items() if kind == name)
            zones = self.zones if used < limit else ()
        elif limit is None:
            zones = self.zones
        else:
            zones = [zone for zone, most in limit.items() if self._used[name, zone] < most]
        zones = [zone for zone in zones if (name, zone) not in self._exhausted]
        return min(zones, key=lambda zone: (present.get(zone, 0), zone), default=None)

    def take(self, name: str, zone: str) -> None:
        """One more runs."""
        self._used[name, zone] += 1

    def give(self, name: str, zone: str) -> None:
        """One less runs."""
        self._used[name, zone] -= 1
