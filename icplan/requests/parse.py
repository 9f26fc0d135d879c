"""From the dict boto3 takes to a typed request, with every problem at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from icplan.requests.fields import Shape
from icplan.requests.operations import Request, request_type
from icplan.requests.validate import Validator

if TYPE_CHECKING:
    from icplan.requests.problems import FieldProblem

_S = TypeVar("_S", bound=Shape)


def parse(
    operation: str, request: object, path: str = "$"
) -> tuple[Request | None, tuple[FieldProblem, ...]]:
    """Read the keyword arguments of a boto3 call, or say everything that is wrong with them.

    The request is None when SageMaker or botocore would refuse it for one of its members: when any problem
    is ``fatal``. The rest are notes (members icplan does not know, which are kept). ``path`` is the JSON path
    of ``request`` in its document. Raises KeyError for an operation not in ``OPERATIONS``.
    """
    read, problems = parse_partially(operation, request, path)
    return (None if any(problem.fatal for problem in problems) else read), problems


def parse_partially(
    operation: str, request: object, path: str = "$"
) -> tuple[Request | None, tuple[FieldProblem, ...]]:
    """Read what can be read, for rules that want to speak of the rest of a faulty request as well.

    A value of the right type that breaks a rule is there; one of a wrong type is missing and its name stands
    in ``refused``. None when a required member of the request itself is missing or of a wrong type.
    """
    read, problems = parse_shape(request_type(operation), request, path)
    return read, problems


def parse_shape(
    shape: type[_S], value: object, path: str = "$"
) -> tuple[_S | None, tuple[FieldProblem, ...]]:
    """Read any one structure of the API, partially as ``parse_partially`` does."""
    walk = Validator()
    read = walk.shape(shape, value, path)
    return cast("_S | None", read), walk.found.collected()
