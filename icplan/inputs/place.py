"""Where something is written: a file, a line, a resource, a parameter."""

from __future__ import annotations

from icplan.values import frozen


@frozen
class Place:
    """Where something is written, as far as it can be told. Plain data, which pickles.

    ``address`` is its name in the format it comes from (a resource address, a logical id), ``construct`` the
    path of a CDK construct and ``source`` the line of the program that made it. ``related`` are further
    places, and ``note`` says what one of those has to do with it. ``parameter`` is the parameter whose value
    stands there.
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None
    address: str | None = None
    construct: str | None = None
    source: Place | None = None
    related: tuple[Place, ...] = ()
    note: str | None = None
    parameter: ParameterPlace | None = None

    @property
    def shown(self) -> str | None:
        """``file:line``, as far as it is known."""
        return f"{self.file}:{self.line}" if self.file and self.line else self.file


@frozen
class ParameterPlace:
    """A parameter, and where its value is written: as its Default, or where it is ``passed`` to a stack.

    ``written`` is ``None`` where the value is given beside the files.
    """

    name: str
    written: Place | None
    passed: bool = False
