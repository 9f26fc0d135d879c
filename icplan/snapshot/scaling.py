"""What a variant says of its growth: managed instance scaling and the capacity reservation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


LAUNCHED = "LaunchedSince"
"""The member of a reservation that has its `LaunchedSince`, once something was launched."""


class LaunchedSince(int):
    """Instances launched, less those released, since AWS told what a reservation has left.

    Only what a change leaves has it: no document can.
    """


def launched_since(reservation: Mapping[str, Any]) -> int:
    """How many fewer a reservation has left than it tells."""
    launched = reservation.get(LAUNCHED)
    return launched if isinstance(launched, LaunchedSince) else 0


def scaling_in_force(variant: Mapping[str, Any], summary: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The managed instance scaling in force, when it is enabled: the endpoint's own wins."""
    settings: Mapping[str, Any] = (
        summary.get("ManagedInstanceScaling") or variant.get("ManagedInstanceScaling") or {}
    )
    return settings if settings.get("Status", "ENABLED" if settings else None) == "ENABLED" else None


def releases_idle(managed: Mapping[str, Any] | None) -> bool:
    """Whether a sweeper moves copies at times, so that where they lay tells nothing for sure."""
    return ((managed or {}).get("ScaleInPolicy") or {}).get("Strategy") == "CONSOLIDATION"


def most_instances(settings: Mapping[str, Any]) -> int | None:
    """MaxInstanceCount, if it is set."""
    most = settings.get("MaxInstanceCount")
    return None if most is None else int(most)


def reservation_of(variant: Mapping[str, Any], summary: Mapping[str, Any]) -> Mapping[str, Any]:
    """The capacity reservation: as it is configured, and what the endpoint tells of it."""
    configured, told = (one.get("CapacityReservationConfig") or {} for one in (variant, summary))
    return {**configured, **told}
