"""Observation files: reservations that SageMaker was seen to place or to refuse, to be kept and shared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from icplan.catalog.allocatable import RETRACT_HINT, Observation, contradiction
from icplan.documents.document import read_document
from icplan.documents.write import write_json
from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.catalog.catalog import Catalog
    from icplan.catalog.types import InstanceType
    from icplan.documents.document import Document

VERSION = 1
MAX_CORES = 10_000
_MEMBERS = {"InstanceType", "Outcome", "MemoryMib", "CpuCores", "Source"}
_HINT = 'Each has InstanceType, Outcome ("placed" or "refused"), MemoryMib, and may have CpuCores and Source.'


@attrs.frozen
class Seen:
    """The observations of one file, in order, and the SHA-256 of its bytes."""

    file: str
    sha256: str
    observations: tuple[Observation, ...]
    document: Document = attrs.field(repr=False)

    def refuse_beyond(self, catalog: Catalog) -> None:
        """Refuse what was seen placed on an instance that does not have so much."""
        problems = [
            self.document.problem(f"{kind.name} has {what}, so it cannot have been placed", path)
            for n, seen in enumerate(self.observations)
            if (kind := catalog.get(seen.instance_type)) is not None
            for what, path in _beyond(seen, kind, f"$.Observations[{n}]")
        ]
        if problems:
            raise InputError(problems)


def _beyond(seen: Observation, kind: InstanceType, path: str) -> Iterator[tuple[str, str]]:
    if (seen.placed_mib or 0) > kind.memory_mib:
        yield f"{kind.memory_mib} MiB", f"{path}.MemoryMib"
    if (seen.placed_cpu or 0) > kind.vcpu:
        yield f"{kind.vcpu} cores", f"{path}.CpuCores"


def read(path: str) -> tuple[Observation, ...]:
    """The observations of a file. :class:`InputError` names every one that cannot be read."""
    return load(path).observations


def load(path: str) -> Seen:
    """A file of observations. :class:`InputError` names every one that cannot be read."""
    document = read_document(path)
    value = document.value
    if not isinstance(value, dict) or value.get("IcplanObservations") != VERSION:
        hint = "Make one with: icplan observe TYPE --placed --memory MIB -o FILE"
        raise InputError(document.problem(f"not an observation file of version {VERSION}", "$", hint))
    rows = value.get("Observations")
    if not isinstance(rows, list):
        raise InputError(document.problem("must be a list", "$.Observations"))
    problems = [
        document.problem(what, f"$.Observations[{n}]", _HINT)
        for n, row in enumerate(rows)
        if (what := _wrong(row))
    ]
    if problems:
        raise InputError(problems)
    found = tuple(_observation(row, document.file) for row in rows)
    _refuse_contradiction(found, document.file)
    return Seen(document.file, document.sha256, found, document)


def append(path: str, row: dict[str, Any]) -> bool:
    """Add one observation to a file, which is made if it is not there, and written whole or not at all.

    One that stands there already is not added: false. One that contradicts what the file holds raises
    :class:`InputError`.
    """
    rows: list[dict[str, Any]] = []
    seen: tuple[Observation, ...] = ()
    if Path(path).exists():
        seen = read(path)
        rows = read_document(path).value["Observations"]
    if what := _wrong(row):
        raise InputError(InputProblem(what, hint=_HINT))
    _refuse_contradiction((*seen, _observation(row, path)), path)
    if row in rows:
        return False
    write_json(path, {"IcplanObservations": VERSION, "Observations": [*rows, row]})
    return True


def _wrong(row: Any) -> str | None:
    if not isinstance(row, dict):
        return "must be an object"
    if unknown := sorted(row.keys() - _MEMBERS):
        return f"has an unknown member {unknown[0]}"
    if not isinstance(row.get("InstanceType"), str):
        return "lacks an InstanceType"
    if row.get("Outcome") not in ("placed", "refused"):
        return "needs the Outcome placed or refused"
    if not isinstance(row.get("Source", ""), str):
        return "has a Source that is no text"
    if type(row.get("MemoryMib")) is not int or row["MemoryMib"] <= 0:
        return "needs MemoryMib, a whole number of MiB"
    cores = row.get("CpuCores", 0)
    if isinstance(cores, bool) or not isinstance(cores, int | float) or not 0 <= cores <= MAX_CORES:
        return "has CpuCores that are no number of cores"
    return None


def _refuse_contradiction(found: Sequence[Observation], file: str) -> None:
    by_type: dict[str, list[Observation]] = {}
    for one in found:
        by_type.setdefault(one.instance_type, []).append(one)
    problems = [
        InputProblem(f"{kind}: {message}", file=file, hint=RETRACT_HINT)
        for kind, seen in sorted(by_type.items())
        if (message := contradiction(seen))
    ]
    if problems:
        raise InputError(problems)


def _observation(row: dict[str, Any], file: str) -> Observation:
    source = f"{row['Source']} (noted in {file})" if row.get("Source") else file
    cores = row.get("CpuCores")
    if row["Outcome"] == "placed":
        return Observation(row["InstanceType"], source, placed_mib=row["MemoryMib"], placed_cpu=cores)
    # What was refused together with cores tells nothing of memory alone.
    return Observation(row["InstanceType"], source, refused_mib=None if cores else row["MemoryMib"])
