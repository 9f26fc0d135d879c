"""Files read as often as what is not known may be otherwise: once for each value that parameters may have."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import attrs

from icplan.errors import InputError, InputProblem
from icplan.inputs import cloudformation
from icplan.inputs.formats import read
from icplan.inputs.parameter_problem import OpenValue
from icplan.inputs.parameters import HIDDEN
from icplan.inputs.possible_values import allowed, possible_values
from icplan.inputs.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from icplan.inputs.deployment import Deployment, InputOptions, Tried
    from icplan.inputs.possible_values import Possible
    from icplan.inputs.source import Source

MAX_READINGS: Final = 32
"""Combinations of values that are judged, each by itself."""


@attrs.frozen
class Reading:
    """What the files declare if parameters have the values that are ``tried``."""

    deployment: Deployment
    tried: Mapping[str, Tried] = attrs.field(factory=dict)


@attrs.frozen
class Readings:
    """Every reading there is. ``wide`` names parameters that may have any value between those tried.

    ``places`` are where what decides stands: file, line and column.
    """

    sources: Sequence[Source]
    options: InputOptions
    all: tuple[Reading, ...]
    wide: frozenset[str] = frozenset()
    places: frozenset[tuple[str | None, int | None, int | None]] = frozenset()

    def at(self, tried: Mapping[str, Tried]) -> Reading:
        """One more reading."""
        options = attrs.evolve(self.options, tried={**self.options.tried, **tried})
        return Reading(read(self.sources, options), tried)


def read_all(sources: Sequence[Source], options: InputOptions, *, every_value: bool = False) -> Readings:
    """What files declare, for each value of the parameters that have none, and that it turns on.

    ``every_value`` takes those with a default, too, if they have ``AllowedValues``. InputError where what a
    parameter may be is not told, or is too much.
    """
    reader = _Reader(sources, options, _templates(sources))
    if not every_value:
        found = reader.readings({})
        return Readings(sources, options, tuple(found), reader.wide, reader.places)
    names: list[str] = []
    while True:
        found = [one for tried in reader.combinations(names) for one in reader.readings(tried)]
        further = [name for name in reader.defaults(found) if name not in names]
        if not further:
            return Readings(sources, options, tuple(found), reader.wide, reader.places)
        names += further


def _templates(sources: Sequence[Source]) -> list[Template]:
    return [Template(one) for one in sources if cloudformation.recognises(one)]


@attrs.define
class _Reader:
    sources: Sequence[Source]
    options: InputOptions
    templates: Sequence[Template]
    wide: frozenset[str] = frozenset()
    places: frozenset[tuple[str | None, int | None, int | None]] = frozenset()
    done: int = 0

    def readings(self, tried: Mapping[str, Tried]) -> list[Reading]:
        """Those in which these values hold."""
        options = attrs.evolve(self.options, tried=tried)
        self.done += 1
        if self.done > 2 * MAX_READINGS:
            self._refuse(tried)
        try:
            return [Reading(read(self.sources, options), tried)]
        except InputError as error:
            further = self._possible(error, tried)
            if further is None:
                raise _under(error, tried) from None
        return [one for each in self._products(further) for one in self.readings({**tried, **each})]

    def _possible(self, error: InputError, tried: Mapping[str, Tried]) -> dict[str, Possible] | None:
        """What the parameters may be that the problems rest on; None where that is not told of each."""
        open_ = [one for one in error.problems if isinstance(one, OpenValue)]
        names = sorted({name for one in open_ for name in one.rests_on} - tried.keys())
        if len(open_) < len(error.problems) or not names:
            return None
        told = {name: possible_values(name, self.templates) for name in names}
        known = {name: one for name, one in told.items() if one is not None}
        self.places |= {(one.file, one.line, one.column) for one in open_}
        self.wide |= {name for name, one in known.items() if one.wide}
        return known if len(known) == len(names) else None

    def combinations(self, names: Sequence[str]) -> list[dict[str, Tried]]:
        """Every combination of the AllowedValues of parameters."""
        told = {name: allowed(name, self.templates) for name in names}
        return self._products({name: one for name, one in told.items() if one is not None})

    def defaults(self, readings: Iterable[Reading]) -> Iterator[str]:
        """The parameters that are used with a default, and have AllowedValues."""
        for reading in readings:
            for name, one in reading.deployment.parameters.items():
                if (
                    one.origin == "default"
                    and one.value != HIDDEN
                    and allowed(name, self.templates) is not None
                ):
                    yield name

    def _products(self, possible: Mapping[str, Possible]) -> list[dict[str, Tried]]:
        count = 1
        for one in possible.values():
            count *= len(one.values)
        if count > MAX_READINGS:
            self._refuse(possible)
        values = itertools.product(*(one.values for one in possible.values()))
        return [dict(zip(possible, each, strict=True)) for each in values]

    def _refuse(self, names: Iterable[str]) -> None:
        told = ", ".join(names)
        message = f"the values that {told} may have come to more than {MAX_READINGS} combinations"
        raise InputError(
            InputProblem(message, file=self.sources[0].file, hint="Give some of them: --parameter NAME=VALUE")
        )


def _under(error: InputError, tried: Mapping[str, Tried]) -> InputError:
    """The error, with the values under which it comes up."""

    def told(problem: InputProblem) -> InputProblem:
        others = {name: value for name, value in tried.items() if f"parameter {name}," not in problem.message}
        if not others:
            return problem
        values = ", ".join(f"{name}={value}" for name, value in others.items())
        return attrs.evolve(problem, message=f"{problem.message} (with {values})")

    return InputError([told(one) for one in error.problems])
