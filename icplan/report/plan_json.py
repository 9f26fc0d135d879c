"""A plan as JSON (docs/plan.schema.json), without what its requests keep secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.documents.redact import redact
from icplan.documents.safe_text import safe_json
from icplan.verdict.fleet_plan_codec import plan_to_dict

if TYPE_CHECKING:
    from icplan.documents.safe_text import SafeText
    from icplan.verdict.fleet_plan import Plan


def plan_json(plan: Plan) -> SafeText:
    """The plan, which `icplan verify` takes."""
    components = tuple(attrs.evolve(one, request=redact(one.request)) for one in plan.components)
    return safe_json(plan_to_dict(attrs.evolve(plan, components=components)))
