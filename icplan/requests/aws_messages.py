"""What boto3 or SageMaker would answer to a faulty member, word for word as far as it can be known.

A ``parameter`` is the member's name as botocore writes it, such as ``Specifications[0].ModelName``; the empty
one is the request itself. None where the answer cannot be known, or would repeat what may be a secret.
Source: botocore 1.44.5, ``ValidationErrors``; published answers of SageMaker's for the constraints it checks
itself. Where these differ between APIs (how a value, a pattern or a list of values is written) they are left
out: what is given is then a part of the answer.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from icplan.documents.redact import redact_text

if TYPE_CHECKING:
    from collections.abc import Iterable

TEXT: Final = (str,)
INTEGER: Final = (int,)
NUMBER: Final = (float, Decimal, int)
BOOLEAN: Final = (bool,)
LIST: Final = (list, tuple)
OBJECT: Final = (dict,)
"""The types botocore takes for a kind of member."""

_MAX_SHOWN = 80
_MAX_BITS = 256


def missing(parameter: str, name: str) -> str:
    """Botocore's answer to a structure without a required member."""
    return f'Missing required parameter in {parameter or "input"}: "{name}"'


def unknown(parameter: str, name: str, known: Iterable[str]) -> str | None:
    """Botocore's answer to a member it does not know."""
    if _quoted(name) is None:
        return None
    return f'Unknown parameter in {parameter or "input"}: "{name}", must be one of: {", ".join(known)}'


def wrong_type(parameter: str, value: object, accepted: tuple[type, ...]) -> str | None:
    """Botocore's answer to a value of another type than the accepted ones, among which it counts booleans."""
    text = _quoted(value)
    if text is None or isinstance(value, accepted):
        return None
    types = ", ".join(map(str, accepted))
    return (
        f"Invalid type for parameter {parameter or 'input'}, value: {text}, type: {type(value)}, "
        f"valid types: {types}"
    )


def too_small(parameter: str, value: float, least: float) -> str | None:
    """Botocore's answer to a number below the least allowed."""
    text = _quoted(value)
    return text and f"Invalid value for parameter {parameter}, value: {text}, valid min value: {least}"


def too_short(parameter: str, length: int, least: int) -> str:
    """Botocore's answer to a string or a list that is shorter than allowed."""
    return f"Invalid length for parameter {parameter}, value: {length}, valid min length: {least}"


def constraint_failed(parameter: str, constraint: str, value: str | float | None = None) -> str:
    """SageMaker's answer to a value that breaks a constraint, without the value where it is not given."""
    text = None if value is None else _quoted(value)
    begin = "" if text is None else f"Value '{text}' "
    return f"{begin}at '{_in_java(parameter)}' failed to satisfy constraint: Member must {constraint}"


def _in_java(parameter: str) -> str:
    """``productionVariants.1.member.instanceType``: how SageMaker writes a member's name."""
    numbered = re.sub(r"\[(\d+)\]", lambda found: f".{int(found[1]) + 1}.member", parameter)
    return ".".join(name[:1].lower() + name[1:] for name in numbered.split("."))


def _quoted(value: object) -> str | None:
    """A scalar as an answer repeats it, unless it is long, no plain text, or looks like a credential."""
    if isinstance(value, str):
        plain = len(value) <= _MAX_SHOWN and value.isprintable() and redact_text(value) == value
        return value if plain else None
    if value is None or isinstance(value, bool | float):
        return str(value)
    return str(value) if isinstance(value, int) and value.bit_length() <= _MAX_BITS else None
