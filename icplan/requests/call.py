"""Call: operation, request, file, path, line; its verb."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputProblem

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from icplan.verdict.verdict import Finding


@attrs.frozen
class Call:
    """One call that is asked for, and where it stands: a file, a JSON path, and how to find its lines.

    ``either``: what looks like CreateEndpoint is UpdateEndpoint where the endpoint is there already.
    """

    operation: str
    request: dict[str, Any]
    path: str = "$"
    file: str | None = None
    locate: Callable[[str], tuple[int, int] | None] | None = None
    either: bool = False

    def problem(self, message: str, path: str, hint: str | None = None) -> InputProblem:
        """A problem of this request, at a JSON path of its document."""
        line, column = self._place(path)
        return InputProblem(message, file=self.file, path=path, line=line, column=column, hint=hint)

    def located(self, finding: Finding) -> Finding:
        """The finding with the place its path has in the file."""
        if finding.path is None:
            return attrs.evolve(finding, file=self.file)
        line, column = self._place(finding.path)
        return attrs.evolve(finding, file=self.file, line=line, column=column)

    def _place(self, path: str) -> tuple[int | None, int | None]:
        return (self.locate(path) if self.locate else None) or (None, None)


#: What a call does to its component, or endpoint.
VERB = {
    "UpdateInferenceComponent": "update",
    "CreateInferenceComponent": "create",
    "UpdateInferenceComponentRuntimeConfig": "scale",
    "DeleteInferenceComponent": "delete",
    "CreateEndpointConfig": "create configuration",
    "CreateEndpoint": "create",
    "UpdateEndpoint": "update",
    "UpdateEndpointWeightsAndCapacities": "resize",
}
