"""Writes the JSON schemas of one verdict and of several: python -m icplan.verdict.schema docs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from icplan.verdict.codec import verdict_schema, verdicts_schema

if __name__ == "__main__":
    for name, schema in (("verdict", verdict_schema()), ("verdicts", verdicts_schema())):
        Path(sys.argv[1], f"{name}.schema.json").write_text(json.dumps(schema, indent=2) + "\n")
