"""Hypothesis strategies made from the field rules: values that obey them, and values that nearly do."""

from __future__ import annotations

import copy
import functools
import math
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from icplan.requests.fields import Boolean, Integer, ListOf, MapOf, Number, Struct, Text, compiled, members
from icplan.requests.operations import OPERATIONS, request_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import DrawFn, SearchStrategy

    from icplan.requests.fields import Rule, Shape

_INT32_MAX = 2**31 - 1
_MAX_ENTRIES = 3
_READABLE = {
    "(https|s3)://([^/]+)/?(.*)": "s3://models/llama.tar.gz",
    "(https|s3)://([^/])/?(.*)": "s3://b",
    r"[\S]+": "123456789012.dkr.ecr.us-east-1.amazonaws.com/llm:1",
    r"mig-[0-9]+g\.[0-9]+gb([+-][a-z0-9.]+)*": "mig-3g.40gb",
    r"/(?!.*\.\.)[a-zA-Z0-9/_.\-]+": "/metrics",
}
"""What examples shrink to, where the simplest string of a pattern reads badly."""


def values(rule: Rule) -> SearchStrategy[Any]:
    """Values a field rule accepts, as a boto3 dict would hold them, bounds included."""
    match rule:
        case Text():
            return _texts(rule)
        case Integer():
            high = _INT32_MAX if rule.maximum is None else rule.maximum
            return st.integers(-(2**31) if rule.minimum is None else rule.minimum, high)
        case Number():
            return _numbers(rule)
        case Boolean():
            return st.booleans()
        case ListOf():
            size = _few(rule)
            return st.lists(values(rule.item), min_size=rule.min_size, max_size=size)
        case MapOf():
            return st.dictionaries(
                values(rule.key), values(rule.value), min_size=rule.min_size, max_size=_few(rule)
            )
        case Struct():
            return structures(rule.shape)


def structures(shape: type[Shape]) -> SearchStrategy[dict[str, Any]]:
    """Dicts of a structure in which every member obeys its own rule; rules across members may be broken."""
    required = {one.name: values(one.rule) for one in members(shape) if one.required}
    rules = {one.name: one.rule for one in members(shape) if not one.required}
    optional = {name: values(rule) for name, rule in rules.items()}
    return st.fixed_dictionaries(required, optional=optional)


@functools.cache  # building the strategies of fifty structures takes longer than drawing from them
def field_valid_requests(operation: str) -> SearchStrategy[dict[str, Any]]:
    """Requests of an operation in which every member obeys its own rule, if not the rules across them."""
    return structures(request_type(operation))


@st.composite
def almost_valid_requests(draw: DrawFn, operation: str | None = None) -> tuple[str, dict[str, Any]]:
    """An operation and a request of it with one to three members gone wrong.

    A member may be missing, null, misspelt, unknown, of a wrong type, out of bounds by one, too long or too
    many. Now and then the request is still good: not every change breaks a rule.
    """
    name = operation or draw(_OPERATION)
    request = copy.deepcopy(draw(field_valid_requests(name)))
    for _ in range(draw(st.integers(1, _MAX_ENTRIES))):
        sites = list(_sites(request, Struct(request_type(name))))
        holder, key, rule = draw(st.sampled_from(sites))
        _spoil(draw, holder, key, rule)
    return name, request


def _few(rule: ListOf | MapOf) -> int:
    few = rule.min_size + _MAX_ENTRIES
    return few if rule.max_size is None else min(few, rule.max_size)


def _texts(rule: Text) -> SearchStrategy[str]:
    if rule.choices:
        return st.sampled_from(rule.choices)
    if rule.pattern is None:
        return st.text(min_size=rule.min_length, max_size=rule.max_length)
    shaped = st.from_regex(compiled(rule.pattern), fullmatch=True)
    matching = shaped.filter(lambda text: _has_length(rule, text))
    examples = [_READABLE.get(rule.pattern, "a"), "a" * (rule.max_length or 1)]
    fitting = [
        text for text in examples if compiled(rule.pattern).fullmatch(text) and _has_length(rule, text)
    ]
    return st.sampled_from(fitting) | matching if fitting else matching


def _has_length(rule: Text, text: str) -> bool:
    return rule.min_length <= len(text) <= (math.inf if rule.max_length is None else rule.max_length)


def _numbers(rule: Number) -> SearchStrategy[float]:
    low = 0 if rule.minimum is None else rule.minimum
    high = 2.0**20 if rule.maximum is None else rule.maximum
    whole = st.integers(math.ceil(low), math.floor(high))
    return whole | st.floats(low, high, allow_nan=False, allow_infinity=False)


def _sites(value: Any, rule: Rule) -> Iterator[tuple[Any, Any, Rule]]:
    """Every place below ``value`` where something stands or could stand: its holder, its key and its rule."""
    match rule:
        case Struct() if isinstance(value, dict):
            for one in members(rule.shape):
                yield value, one.name, one.rule
                yield from _sites(value.get(one.name), one.rule)
        case ListOf() if isinstance(value, list):
            for index, item in enumerate(value):
                yield value, index, rule.item
                yield from _sites(item, rule.item)
        case MapOf() if isinstance(value, dict):
            for name in value:
                yield value, name, rule.value


def _spoil(draw: DrawFn, holder: Any, key: Any, rule: Rule) -> None:
    how = draw(st.sampled_from(["replace", "bound", "drop", "add"]))
    if how == "drop":
        if isinstance(holder, dict):
            holder.pop(key, None)
        else:
            del holder[key]
    elif how == "add" and isinstance(holder, dict):
        name = str(key)
        holder[draw(st.sampled_from(["Novelty", name.lower(), name.upper(), ""]))] = draw(_WRONG)
    else:
        holder[key] = draw(_beyond(rule) if how == "bound" else _WRONG)


def _beyond(rule: Rule) -> SearchStrategy[Any]:
    """Values of the right type that lie just at or beyond a bound of the rule."""
    match rule:
        case Text():
            length = 1 if rule.max_length is None else rule.max_length + 1
            return st.sampled_from(["", "a" * length, "a b", "-a", "\u00e9", "a\n", "ml.new.type"])
        case Integer() | Number():
            bounds = [bound for bound in (rule.minimum, rule.maximum) if bound is not None]
            return st.sampled_from([-1, 0, 2**31, *(bound + step for bound in bounds for step in (-1, 0, 1))])
        case ListOf():
            over = (rule.max_size or 0) + 1
            return st.just([]) | values(rule.item).map(
                lambda item: [copy.deepcopy(item) for _ in range(over)]
            )
        case MapOf():
            over = (rule.max_size or 0) + 1
            return st.just({}) | st.just({f"A{number}": "1" for number in range(over)})
        case Boolean() | Struct():
            return _WRONG


_OPERATION = st.sampled_from([*OPERATIONS[:3] * 4, *OPERATIONS])  # the configuration is large, so rarer
_NUMBERS = (0, 1, -1, 0.5, 4096.0, 2**31, 10**30, math.nan, math.inf)
_WRONG: SearchStrategy[Any] = st.sampled_from(
    [None, True, *_NUMBERS, "", "1", "true", b"", [], [None], {}, {"a": 1}]
).map(copy.deepcopy)
