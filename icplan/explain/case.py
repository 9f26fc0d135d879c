"""Everything a finding may speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.explain.workshop import RemedyCandidate, RemedySearch
    from icplan.fleet.model import Fleet
    from icplan.judging.move import RolloutResult


@attrs.frozen
class Case:
    """Everything a finding may speak of. ``path`` is the JSON path of the request in its document."""

    shop: RemedySearch
    path: str
    found: Sequence[RemedyCandidate]

    @property
    def fleet(self) -> Fleet:
        """The fleet the change meets."""
        return self.shop.fleet

    @property
    def judged(self) -> RolloutResult:
        """The judgement that is explained."""
        return self.shop.judged

    def value(self, kind: str) -> int | None:
        """The best value of a knob, where turning it makes it fit as well as the best remedy does."""
        best = max((one.remedy.outcome.rank for one in self.found), default=None)
        alike = (one for one in self.found if one.remedy.outcome.fits and one.remedy.outcome.rank == best)
        return next((one.value for one in alike if one.remedy.kind == kind), None)
