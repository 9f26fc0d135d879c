"""The catalog's data files, read once."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def rows(name: str) -> Any:
    """The content of a packaged JSON file."""
    return json.loads(files(__name__).joinpath(name).read_bytes())
