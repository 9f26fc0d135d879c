"""Writes the published JSON schemas: python -m icplan.verdict.schema docs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from icplan.verdict.codec import verdict_schema, verdicts_schema
from icplan.verdict.drill_codec import drill_schema
from icplan.verdict.fleet_plan_codec import plan_schema
from icplan.verdict.headroom_codec import headroom_schema

if __name__ == "__main__":
    schemas = {
        "verdict": verdict_schema(),
        "verdicts": verdicts_schema(),
        "plan": plan_schema(),
        "headroom": headroom_schema(),
        "drill": drill_schema(),
    }
    for name, schema in schemas.items():
        Path(sys.argv[1], f"{name}.schema.json").write_text(json.dumps(schema, indent=2) + "\n")
