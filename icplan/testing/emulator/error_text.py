"""A text of AWS's with its source, and how well it is known.

``measured``: somebody got it from the real service. ``documented``: it stands in AWS's documentation.
``inferred``: that the service refuses is known or likely, its words are not.
"""

from __future__ import annotations

from typing import Any, Final

import attrs

from icplan.testing.emulator.errors import ServiceError

MEASURED: Final = "measured"
DOCUMENTED: Final = "documented"
INFERRED: Final = "inferred"


@attrs.frozen
class Text:
    """One text with its placeholders, the error code it comes with, and its source."""

    template: str
    mark: str
    source: str
    code: str = "ValidationException"
    status: int | None = None

    def error(self, **values: Any) -> ServiceError:
        """The error that carries the text."""
        return ServiceError(self.code, self.fill(**values), self.status)

    def fill(self, **values: Any) -> str:
        """The text with its placeholders filled."""
        return self.template.format(**values)
