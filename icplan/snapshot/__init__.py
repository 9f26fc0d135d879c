"""The snapshot document, and the fleet in it."""

from icplan.snapshot.snapshot import Snapshot

__all__ = ["Snapshot"]
