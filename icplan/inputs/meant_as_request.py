"""Whether a file that is no request may be meant for one: its members are misspelt, or in another case."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from icplan.documents.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

_MEMBERS: Final = frozenset(
    {
        "InferenceComponentName",
        "EndpointName",
        "EndpointConfigName",
        "VariantName",
        "RuntimeConfig",
        "DesiredRuntimeConfig",
        "ProductionVariants",
        "ShadowProductionVariants",
        "DesiredWeightsAndCapacities",
    }
)
"""Members of requests that hardly any other file has."""
_SQUEEZED: Final = tuple(sorted(one.casefold() for one in _MEMBERS))
_NAME: Final = re.compile(r"""["']?(?P<name>[A-Za-z][A-Za-z_-]{5,39})["']?\s*:""")
_ALIKE: Final = 0.9
_MOST_NAMES: Final = 2_000
"""Names of a file that are compared: a request has few."""


def names_members(text: str) -> bool:
    """Whether a text has a name like a member's anywhere."""
    names = dict.fromkeys(match["name"] for match in _NAME.finditer(text))
    return len(names) <= _MOST_NAMES and _any_like(names)


def has_members(value: Any) -> bool:
    """Whether a document, or an entry of a list, has a member like one of a request."""
    parts = value if isinstance(value, list) else [value]
    return any(_any_like(part) for part in parts if isinstance(part, dict))


def _any_like(names: Iterable[Any]) -> bool:
    squeezed = {re.sub("[_-]", "", one).casefold() for one in names if isinstance(one, str)}
    return any(nearest(one, _SQUEEZED, alike=_ALIKE) for one in squeezed if len(one) <= 40)  # noqa: PLR2004
