"""The values that a parameter without one may have, as far as the templates tell.

``AllowedValues``; whole numbers between ``MinValue`` and ``MaxValue``; the keys of ``Mappings`` that it looks
up; or the texts that conditions compare it with, and any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.documents.yaml_text import Tagged
from icplan.inputs.deployment import Other
from icplan.inputs.parameters import is_looked_up, text_of
from icplan.inputs.template import intrinsic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.documents.paths import Step
    from icplan.inputs.deployment import Tried
    from icplan.inputs.template import Template

MAX_IN_A_RANGE: Final = 16
"""Whole numbers of a range that are all tried; of a wider one its ends are."""


@attrs.frozen
class Possible:
    """The values, in the order in which they are declared. ``wide``: there are more, all between these."""

    values: tuple[Tried, ...]
    wide: bool = False


def possible_values(name: str, templates: Sequence[Template]) -> Possible | None:
    """What a parameter of that name may be in all templates; None where they do not tell."""
    declared = [told for one in templates if (told := _declared(name, one)) is not None]
    looked_up = [] if declared else [keys for one in templates for keys in _looked_up(name, one)]
    for first, *others in (one for one in (declared, looked_up) if one):
        kept = tuple(value for value in first if all(value in other for other in others))
        return Possible(kept) if kept else None
    if (ends := _ends(name, templates)) is not None:
        return ends
    compared = tuple(dict.fromkeys(text for one in templates for text in _compared(name, one)))
    return Possible((*compared, Other(compared))) if compared else None


def allowed(name: str, templates: Sequence[Template]) -> Possible | None:
    """The ``AllowedValues`` of a parameter, None where it has none."""
    found = [told for one in templates if (told := _allowed(name, one)) is not None]
    return Possible(tuple(dict.fromkeys(value for values in found for value in values))) if found else None


def _declared(name: str, template: Template) -> list[str] | None:
    told = _allowed(name, template)
    bounds = _bounds(name, template)
    if told is None and bounds is not None and bounds[1] - bounds[0] < MAX_IN_A_RANGE:
        return [str(value) for value in range(bounds[0], bounds[1] + 1)]
    return told


def _allowed(name: str, template: Template) -> list[str] | None:
    entry = template.entry("Parameters", name)
    values = None if is_looked_up(entry) else entry.get("AllowedValues")
    scalars = isinstance(values, list) and all(isinstance(one, str | int | float | bool) for one in values)
    return [text_of(one) for one in values] if scalars and values else None


def _bounds(name: str, template: Template) -> tuple[int, int] | None:
    entry = template.entry("Parameters", name)
    ends = [entry.get("MinValue"), entry.get("MaxValue")]
    whole = [int(one) for one in map(str, ends) if one.lstrip("-").isascii() and one.lstrip("-").isdigit()]
    if entry.get("Type") != "Number" or len(whole) != len(ends) or max(len(str(one)) for one in whole) > 9:  # noqa: PLR2004  (more is no count)
        return None
    return (whole[0], whole[1]) if whole[0] <= whole[1] else None


def _ends(name: str, templates: Sequence[Template]) -> Possible | None:
    """The ends of a wide range, where all that lies between is told by them: it counts copies alone.

    Fewer copies never come to a worse outcome. None may be made, so that one is tried, too.
    """
    bounds = [found for one in templates if (found := _bounds(name, one)) is not None]
    if not bounds or not all(_counts_copies(name, one) for one in templates):
        return None
    low, high = max(one[0] for one in bounds), min(one[1] for one in bounds)
    if low >= high:
        return None
    return Possible(tuple(map(str, dict.fromkeys((low, low + 1, high)))), wide=True)


def _counts_copies(name: str, template: Template) -> bool:
    """Whether a parameter is used as a CopyCount and nowhere else."""
    if f"${{{name}}}" in template.source.text:
        return False
    return all(
        step == "CopyCount"
        for step, function, argument in _intrinsics(template.source.one)
        if function == "Ref" and argument == name
    )


def _looked_up(name: str, template: Template) -> Iterator[list[str]]:
    """The keys that there are, for each FindInMap that the parameter is a key of."""
    mappings = template.section("Mappings")
    for _, function, argument in _intrinsics(template.source.one):
        if function != "Fn::FindInMap" or not isinstance(argument, list) or len(argument) < 3:  # noqa: PLR2004
            continue
        table = mappings.get(argument[0]) if isinstance(argument[0], str) else None
        rows = table if isinstance(table, dict) else {}
        if _is_ref(argument[1], name):
            yield list(rows)
        if _is_ref(argument[2], name):
            yield list(dict.fromkeys(key for row in rows.values() if isinstance(row, dict) for key in row))


def _compared(name: str, template: Template) -> Iterator[str]:
    """The texts that conditions compare the parameter with."""
    for _, function, argument in _intrinsics(template.section("Conditions")):
        if function == "Fn::Equals" and isinstance(argument, list) and len(argument) == 2:  # noqa: PLR2004
            for one, other in (argument, argument[::-1]):
                if _is_ref(one, name) and isinstance(other, str | int | float | bool):
                    yield text_of(other)


def _is_ref(node: Any, name: str) -> bool:
    found = intrinsic(node)
    return found is not None and found[:2] == ("Ref", name)


def _intrinsics(node: Any) -> Iterator[tuple[Step | None, str, Any]]:
    """Every intrinsic in a value, with the member that it is the value of."""
    waiting: list[tuple[Step | None, Any]] = [(None, node)]
    while waiting:
        step, part = waiting.pop()
        if (found := intrinsic(part)) is not None:
            yield step, found[0], found[1]
        if isinstance(part, Tagged):
            waiting.append((step, part.value))
        elif isinstance(part, list):
            waiting += [(step, item) for item in part]
        elif isinstance(part, dict):
            waiting += part.items()
