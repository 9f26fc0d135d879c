"""One call that is asked for: its request, as written and as read, and where it stands."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputProblem
from icplan.requests.parse import parse_partially
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from icplan.requests.operations import Request
    from icplan.requests.problems import FieldProblem
    from icplan.verdict.finding import Finding


@frozen
class Call:
    """One call that is asked for, and where it stands: a file, a JSON path, and how to find its lines.

    The request is read once, when its ``typed`` form is first asked for. ``either``: what looks like
    CreateEndpoint is UpdateEndpoint where the endpoint is there already.
    """

    operation: str
    request: dict[str, Any]
    path: str = "$"
    file: str | None = None
    locate: Callable[[str], tuple[int, int] | None] | None = None
    either: bool = False

    @cached_property
    def _parsed(self) -> tuple[Request | None, tuple[FieldProblem, ...]]:
        return parse_partially(self.operation, self.request, self.path)

    @cached_property
    def readable(self) -> Request | None:
        """The request as far as it can be read (see `parse_partially`)."""
        return self._parsed[0]

    @cached_property
    def problems(self) -> tuple[FieldProblem, ...]:
        """What is wrong with its members."""
        return self._parsed[1]

    @property
    def typed(self) -> Request | None:
        """The request; ``None`` where SageMaker or botocore would refuse one of its members."""
        return None if any(problem.fatal for problem in self.problems) else self.readable

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


def copies_asked(request: Mapping[str, Any]) -> Any:
    """The CopyCount of a request that may be of any shape; None where there is none."""
    runtime = request.get("RuntimeConfig")
    return runtime.get("CopyCount") if isinstance(runtime, dict) else None
