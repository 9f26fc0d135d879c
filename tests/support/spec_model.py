"""botocore's service model of SageMaker, and an interpreter of its shapes that shares no code with icplan's.

It reads the JSON of the installed botocore and says which paths of a request break a rule of the model.
Patterns are read with the third-party-free translation AWS's own documentation implies: the whole string must
match, and ``\\p`` classes are Unicode categories.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import botocore

PINNED = "1.44.5"
MODEL = Path(botocore.__file__).parent / "data" / "sagemaker" / "2017-07-24" / "service-2.json.gz"
Path_ = tuple[str | int, ...]
INT32, FLOAT32 = 2**31, 3.4028234663852886e38


@cache
def model() -> dict[str, Any]:
    """The model as JSON."""
    with gzip.open(MODEL, "rt", encoding="utf-8") as file:
        loaded: dict[str, Any] = json.load(file)
        return loaded


def shape(name: str) -> dict[str, Any]:
    """One shape of the model."""
    found: dict[str, Any] = model()["shapes"][name]
    return found


def input_shape(operation: str) -> str:
    """The name of an operation's input shape."""
    name: str = model()["operations"][operation]["input"]["shape"]
    return name


def faults(name: str, value: Any, at: Path_ = ()) -> set[Path_]:
    """Every path below ``value`` at which it breaks a rule of the shape called ``name``."""
    return _CHECKS[shape(name)["type"]](shape(name), value, at)


def unknown(name: str, value: Any, at: Path_ = ()) -> set[Path_]:
    """Every path at which there is a member the model does not have."""
    kind = shape(name)
    if kind["type"] == "structure" and isinstance(value, dict):
        found = {(*at, key) for key in value if isinstance(key, str) and key not in kind["members"]}
        for key, member in kind["members"].items():
            found |= unknown(member["shape"], value.get(key), (*at, key))
        return found
    if kind["type"] == "list" and isinstance(value, list | tuple):
        return set().union(*(unknown(kind["member"]["shape"], one, (*at, i)) for i, one in enumerate(value)))
    return set()


def _structure(kind: dict[str, Any], value: Any, at: Path_) -> set[Path_]:
    if not isinstance(value, dict):
        return {at}
    found = {at} if set(kind.get("required", ())) - value.keys() else set()
    for key, member in value.items():
        if key in kind["members"]:
            found |= faults(kind["members"][key]["shape"], member, (*at, key))
        elif not isinstance(key, str):
            found.add((*at, str(key)))
    return found


def _list(kind: dict[str, Any], value: Any, at: Path_) -> set[Path_]:
    if not isinstance(value, list | tuple):
        return {at}
    found = set() if _within(kind, len(value)) else {at}
    return found.union(*(faults(kind["member"]["shape"], one, (*at, i)) for i, one in enumerate(value)))


def _map(kind: dict[str, Any], value: Any, at: Path_) -> set[Path_]:
    if not isinstance(value, dict):
        return {at}
    found = set() if _within(kind, len(value)) else {at}
    for key, one in value.items():
        found |= faults(kind["key"]["shape"], key, (*at, str(key)))
        found |= faults(kind["value"]["shape"], one, (*at, str(key)))
    return found


def _string(kind: dict[str, Any], value: Any, at: Path_) -> set[Path_]:
    good = isinstance(value, str) and _within(kind, len(value)) and _encodes(value)
    good = good and ("enum" not in kind or value in kind["enum"])
    return set() if good and ("pattern" not in kind or matches(kind["pattern"], value)) else {at}


def _integer(kind: dict[str, Any], value: Any, at: Path_) -> set[Path_]:
    good = type(value) is int and -INT32 <= value < INT32 and _within(kind, value)
    return set() if good else {at}


def _float(kind: dict[str, Any], value: Any, at: Path_) -> set[Path_]:
    good = type(value) in (int, float) and not (isinstance(value, float) and not math.isfinite(value))
    return set() if good and abs(value) <= FLOAT32 and _within(kind, value) else {at}


def _boolean(_: dict[str, Any], value: Any, at: Path_) -> set[Path_]:
    return set() if type(value) is bool else {at}


def _within(kind: dict[str, Any], amount: float) -> bool:
    return not (amount < kind.get("min", -math.inf) or amount > kind.get("max", math.inf))


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches a pattern of the model."""
    if r"\p" in pattern:  # the one such pattern of these requests: a repeated class
        return all(unicodedata.category(one)[0] in "LZN" or one in "_.:/=+-@" for one in text)
    return re.fullmatch(f"(?:{pattern})", text, re.ASCII) is not None


_CHECKS = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _integer,
    "float": _float,
    "boolean": _boolean,
}
