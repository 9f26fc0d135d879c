"""How many copies of a component a drill is to leave, and what of that cannot be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.fleet import Component

_PERCENT: Final = re.compile(r"([0-9]{1,3})%")


@attrs.frozen
class Keep:
    """How many copies of each component are to be left: so many, or such a part of them, or by its name."""

    copies: int = 1
    percent: int | None = None
    by_name: Mapping[str, int] = attrs.field(factory=dict)

    @classmethod
    def of(cls, texts: Sequence[str]) -> Keep:
        """As ``2``, ``50%`` and ``chat=2`` say it; InputError for anything else, or two of one kind."""
        found, general = cls(), 0
        for text in texts:
            name, equals, number = text.rpartition("=")
            percent = _PERCENT.fullmatch(text)
            if percent and int(percent[1]) <= 100:  # noqa: PLR2004  (all copies)
                found, general = attrs.evolve(found, percent=int(percent[1])), general + 1
            elif not (number.isascii() and number.isdigit() and len(number) <= 6):  # noqa: PLR2004
                hint = "Give N, N% (up to 100%) or NAME=N"
                raise InputError(InputProblem(f"keeping {text!r} is not understood", hint=hint))
            elif equals:
                if name in found.by_name:
                    raise InputError(InputProblem(f"two numbers of copies to keep are given for {name}"))
                found = attrs.evolve(found, by_name={**found.by_name, name: int(number)})
            else:
                found, general = attrs.evolve(found, copies=int(number)), general + 1
        if general > 1:
            raise InputError(InputProblem("two numbers of copies to keep are given for all components"))
        return found

    def of_component(self, component: Component) -> int:
        """How many copies of one are to be left."""
        if component.name in self.by_name:
            return self.by_name[component.name]
        if self.percent is not None:
            return -(-component.placed * self.percent // 100)
        return self.copies


def refuse_kept(keep: Keep, components: Sequence[Component], state: EndpointState) -> None:
    """Refuse a component that is not there, and more copies than there are: no event leaves so many."""
    names = {one.name for one in components}
    for name in keep.by_name:
        if name not in names:
            message = f"the snapshot has no inference component {name!r} to keep copies of"
            raise InputError(InputProblem(message, file=state.origin.file))
    fewer = [
        f"{one.name} has {one.copies}"
        for one in components
        if keep.of_component(one) > one.copies and (one.copies or one.name in keep.by_name)
    ]
    if fewer:
        hint = "Give N% for a part of the copies, or NAME=N for one component"
        message = f"more copies are to be kept than there are: {', '.join(fewer)}"
        raise InputError(InputProblem(message, file=state.origin.file, hint=hint))
