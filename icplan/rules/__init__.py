"""The rules, as data with a documented page each, and the checks of a request that need no solver."""

from icplan.rules.base import Rule
from icplan.rules.context import Facts, InstanceFacts
from icplan.rules.pages import page
from icplan.rules.registry import BY_CONFIGURATION, RULES, check_against, check_request

__all__ = [
    "BY_CONFIGURATION",
    "RULES",
    "Facts",
    "InstanceFacts",
    "Rule",
    "check_against",
    "check_request",
    "page",
]
