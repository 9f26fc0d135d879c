"""The hash of what a component runs, the same for a request and for the answer that describes its effect.

Of the environment only the names enter, since snapshots hold no values; so a change of values alone cannot
be told. DataCacheConfig is left out: AWS answers with one where none was asked for (measured).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.verdict.origin import canonical_sha256

if TYPE_CHECKING:
    from collections.abc import Mapping

_ANSWERED_UNASKED = "DataCacheConfig"


def specification_sha256(specifications: Mapping[str | None, Mapping[str, Any]]) -> str:
    """SHA-256 of specifications by instance type, each as a request would write it."""
    entries = [[kind or "", _entry(entry)] for kind, entry in specifications.items()]
    return canonical_sha256(sorted(entries, key=lambda one: str(one[0])))


def _entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in entry.items() if name != _ANSWERED_UNASKED}
    container = kept.get("Container")
    if isinstance(container, dict) and "Environment" in container:
        environment = container["Environment"]
        names = sorted(environment) if isinstance(environment, dict) else None
        kept["Container"] = {**container, "Environment": names}
    whole: dict[str, Any] = _whole_numbers(kept)
    return whole


def _whole_numbers(value: Any) -> Any:
    """The value with numbers such as 4.0 as whole ones: AWS answers with decimals where 4 was asked for."""
    if isinstance(value, dict):
        return {name: _whole_numbers(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
