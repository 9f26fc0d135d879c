"""What a reader of one format finds, before files of all formats are put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.inputs.deployment import Parameter
    from icplan.inputs.ignore_comments import PlaceIgnore
    from icplan.inputs.resource import Resource


@attrs.frozen
class Declared:
    """Resources, what is to be said of what was left out, the parameters used, and the Regions told.

    ``ignores`` are comments in files that were read beside those given.
    """

    resources: Sequence[Resource]
    notes: Sequence[str] = ()
    parameters: Mapping[str, Parameter] = attrs.field(factory=dict)
    regions: frozenset[str] | set[str] = frozenset()
    ignores: Sequence[PlaceIgnore] = ()

    def plus(self, other: Declared) -> Declared:
        """Both together."""
        return Declared(
            [*self.resources, *other.resources],
            [*self.notes, *other.notes],
            {**self.parameters, **other.parameters},
            self.regions | other.regions,
            [*self.ignores, *other.ignores],
        )
