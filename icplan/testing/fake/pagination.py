"""Pages of lists, and AWS's errors, as the local control plane answers with them."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


class ServiceError(Exception):
    """What the service answers instead of a result: AWS's error code, its text, and the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        self.code = code
        self.message = message
        self.status = status
        super().__init__(f"{code}: {message}")


_PAGE = 10  # SageMaker's default


_MAX_PAGE = 100


def select(
    items: Iterable[dict[str, Any]], params: Mapping[str, Any], filters: Mapping[str, str], name: str
) -> list[dict[str, Any]]:
    """The items that the filters of a List request let pass, in the order of their names."""
    part = params.get("NameContains", "")
    return [
        item
        for item in sorted(items, key=lambda item: str(item[name]))
        if part in item[name]
        and all(
            item.get(member) == params[filter_] for filter_, member in filters.items() if filter_ in params
        )
    ]


def page(
    key: str, items: list[dict[str, Any]], name: str, members: tuple[str, ...], params: Mapping[str, Any]
) -> dict[str, Any]:
    """One page, in the order of names; the token says after which name the next page starts."""
    size = params.get("MaxResults", _PAGE)
    if not 1 <= size <= _MAX_PAGE:
        raise ServiceError("ValidationException", f"MaxResults must be from 1 to {_MAX_PAGE}.")
    after = _after(params["NextToken"]) if "NextToken" in params else ""
    rest = [item for item in items if item[name] > after]
    shown = [{member: item[member] for member in members if member in item} for item in rest[:size]]
    answer: dict[str, Any] = {key: shown}
    if len(rest) > size:
        answer["NextToken"] = base64.urlsafe_b64encode(f"after {shown[-1][name]}".encode()).decode()
    return answer


def _after(token: str) -> str:
    try:
        text = base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeError):
        text = ""
    if not text.startswith("after "):
        raise ServiceError("ValidationException", "The NextToken is not valid.")
    return text.removeprefix("after ")
