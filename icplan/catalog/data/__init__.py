"""The catalog's data files, read once."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def rows(name: str) -> Any:
    """The content of a packaged JSON file."""
    return json.loads(Path(__file__).with_name(name).read_bytes())
