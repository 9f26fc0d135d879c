"""The rules, as data with a documented page each, and the checks of a request that need no solver."""

from icplan.rules.check import BY_CONFIGURATION, check_against, check_request
from icplan.rules.endpoint import Facts, InstanceFacts
from icplan.rules.registry import RULES
from icplan.rules.render import page
from icplan.rules.rule import Rule

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
