"""Hashes of what is judged, so that a verdict can be held against the files it is said to be about."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import attrs

from icplan.catalog.data import rows
from icplan.verdict.origin import Judged, canonical_sha256
from icplan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.catalog.catalog import Catalog
    from icplan.requests.call import Call
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.origin import ConfigInForce


def judged_of(
    changes: Sequence[Call], snapshot: Snapshot | None, catalog: Catalog, config: ConfigInForce
) -> Judged:
    """The hashes of all that a verdict rests on."""
    return Judged(
        __version__,
        changes_sha256(changes),
        None if snapshot is None else snapshot.sha256,
        catalog_sha256(catalog),
        config.sha256,
    )


def changes_sha256(changes: Sequence[Call]) -> str:
    """The hash of the calls that are asked for, in order, however they were written down."""
    return canonical_sha256([{"Operation": one.operation, "Request": one.request} for one in changes])


def catalog_sha256(catalog: Catalog) -> str:
    """The hash of the facts of instance types, the packaged ones and those a user knows better."""
    own = {
        "types": sorted((attrs.asdict(kind) for kind in catalog.types.values()), key=lambda one: one["name"]),
        "settings": sorted(([*key, one.low, one.high] for key, one in catalog.settings.items())),
        "observed": [attrs.asdict(one) for one in catalog.observed],
    }
    return canonical_sha256([_packaged(), own])


def packaged_catalog() -> tuple[str, str]:
    """This version, and the hash of the facts that come with it."""
    from icplan.catalog.catalog import Catalog  # noqa: PLC0415  (whoever judges has one)

    return __version__, catalog_sha256(Catalog())


@cache
def _packaged() -> str:
    data: dict[str, Any] = {name: rows(name) for name in ("instances.json", "observations.json")}
    return canonical_sha256(data)
