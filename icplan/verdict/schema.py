"""Writes the JSON schema of a verdict: python -m icplan.verdict.schema > docs/verdict.schema.json."""

from __future__ import annotations

import json
import sys

from icplan.verdict.codec import verdict_schema

if __name__ == "__main__":
    sys.stdout.write(json.dumps(verdict_schema(), indent=2) + "\n")
