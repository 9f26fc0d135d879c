"""Pages of lists, as SageMaker gives them."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from typing import TYPE_CHECKING, Any

from icplan.testing.emulator.sagemaker_texts import BAD_TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_PAGE = 10  # SageMaker's default


def select(
    items: Iterable[dict[str, Any]], params: Mapping[str, Any], filters: Mapping[str, str], name: str
) -> list[dict[str, Any]]:
    """The items that the filters of a List request let pass, in the order of their names."""
    part = params.get("NameContains", "")
    return [
        item
        for item in sorted(items, key=lambda item: str(item[name]))
        if part.lower() in str(item[name]).lower()
        and all(item.get(member) == params[key] for key, member in filters.items() if key in params)
        and all(within(item, params) for within in (_created, _modified))
    ]


def _created(item: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    return _between(item.get("CreationTime"), params, "CreationTime")


def _modified(item: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    return _between(item.get("LastModifiedTime"), params, "LastModifiedTime")


def _between(value: Any, params: Mapping[str, Any], name: str) -> bool:
    if value is None:
        return True
    after, before = _seconds(params.get(f"{name}After")), _seconds(params.get(f"{name}Before"))
    return (after is None or value >= after) and (before is None or value <= before)


def _seconds(moment: Any) -> float | None:
    """A moment of a request, as the emulator's clock counts."""
    return moment.timestamp() if isinstance(moment, dt.datetime) else moment


def page(
    key: str,
    items: list[dict[str, Any]],
    name: str,
    members: tuple[str, ...],
    params: Mapping[str, Any],
    size: int = _PAGE,
) -> dict[str, Any]:
    """One page, in the order of names; the token says after which name the next page starts."""
    size = params.get("MaxResults", size)
    after = read_token(params["NextToken"]) if params.get("NextToken") else ""
    rest = [item for item in items if item[name] > after]
    shown = [{member: item[member] for member in members if member in item} for item in rest[:size]]
    answer: dict[str, Any] = {key: shown}
    if len(rest) > size:
        answer["NextToken"] = make_token(str(shown[-1][name]))
    return answer


def numbered(
    key: str, items: list[Any], params: Mapping[str, Any], size: int, most: str = "MaxResults"
) -> dict[str, Any]:
    """One page of items that have no name; the token says how many have been given."""
    size = params.get(most, size)
    start = 0
    if params.get("NextToken"):
        text = read_token(params["NextToken"])
        if not text.isascii() or not text.isdigit():
            raise BAD_TOKEN.error()
        start = int(text)
    answer: dict[str, Any] = {key: items[start : start + size]}
    if len(items) > start + size:
        answer["NextToken"] = make_token(str(start + size))
    return answer


def make_token(text: str) -> str:
    """A token that remembers a text."""
    return base64.urlsafe_b64encode(f"after {text}".encode()).decode()


def read_token(token: str) -> str:
    """What a token remembers; a made-up one is refused."""
    try:
        text = base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeError):
        text = ""
    if not text.startswith("after "):
        raise BAD_TOKEN.error()
    return text.removeprefix("after ")


def sorted_as_asked(
    items: list[dict[str, Any]],
    params: Mapping[str, Any],
    keys: Mapping[str, Callable[[dict[str, Any]], Any]],
) -> list[dict[str, Any]]:
    """Items in the order of SortBy and SortOrder."""
    if params.get("SortBy") in keys:
        items = sorted(items, key=keys[params["SortBy"]])
    return items[::-1] if params.get("SortOrder") == "Descending" else items
