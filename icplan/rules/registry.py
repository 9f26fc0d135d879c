"""Every rule, by its id. Ids are never renumbered, nor used again."""

from __future__ import annotations

from icplan.rules.rule import Rule, by_id
from icplan.rules.texts_advice import ADVICE_RULES
from icplan.rules.texts_capacity import CAPACITY_RULES
from icplan.rules.texts_endpoint import ENDPOINT_RULES
from icplan.rules.texts_fields import FIELD_RULES
from icplan.rules.texts_fleet import FLEET_RULES
from icplan.rules.texts_request import REQUEST_RULES
from icplan.rules.texts_scale_out import SCALE_OUT_RULES
from icplan.rules.texts_state import STATE_RULES
from icplan.rules.texts_update import UPDATE_RULES

RULES: dict[str, Rule] = by_id(
    FIELD_RULES,
    REQUEST_RULES,
    ENDPOINT_RULES,
    STATE_RULES,
    CAPACITY_RULES,
    FLEET_RULES,
    UPDATE_RULES,
    SCALE_OUT_RULES,
    ADVICE_RULES,
)
