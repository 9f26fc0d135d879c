"""The catalog's facts in words."""

from __future__ import annotations

from icplan.catalog.catalog import Catalog
from icplan.catalog.types import InstanceType
from icplan.report.catalog_page import table, type_page

CATALOG = Catalog().with_types(
    {
        name: InstanceType(name, 4, 16384, accelerators, device, source="icplan.toml")
        for name, accelerators, device in (
            ("ml.named.xlarge", 4, "Novelty"),
            ("ml.nameless.xlarge", 4, None),
            ("ml.none.xlarge", 0, None),
        )
    }
)


def test_devices_without_a_name_are_counted_alone() -> None:
    """A type of a user's own need not name its accelerators."""
    told = {
        name: next(line.split(maxsplit=1)[1] for line in type_page(kind, CATALOG) if "accelerators" in line)
        for name, kind in CATALOG.types.items()
    }
    assert told == {"ml.named.xlarge": "4 x Novelty", "ml.nameless.xlarge": "4", "ml.none.xlarge": "none"}
    ends = {line.split()[0]: line.split(maxsplit=3)[3:] for line in table(CATALOG)}
    assert [ends[name] for name in CATALOG.types] == [["4 x Novelty"], ["4"], []]
