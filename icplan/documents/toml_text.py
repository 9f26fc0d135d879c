"""TOML text into plain values, within limits: the standard library's reader has none."""

from __future__ import annotations

import re
from typing import Any

from icplan.documents.json_text import line_and_column
from icplan.documents.limits import MAX_TOML_BYTES, MAX_TOML_KEY_PARTS
from icplan.errors import InputError, InputProblem

#: A key of more parts than are taken; or text that looks like one, which no setting of icplan's does.
_LONG_KEY = rf"""(?:(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{MAX_TOML_KEY_PARTS}}}"""


def load_toml(text: str, file: str) -> dict[str, Any]:
    """The value of ``text``. Raises InputError for what is no TOML, and for what is beyond the limits."""
    if len(text) > MAX_TOML_BYTES:
        raise InputError(InputProblem(f"is larger than {MAX_TOML_BYTES >> 10} KiB of TOML", file=file))
    if match := re.search(_LONG_KEY, text):
        line, column = line_and_column(text, match.start())
        message = f"a key of more than {MAX_TOML_KEY_PARTS} parts"
        raise InputError(InputProblem(message, file=file, line=line, column=column))
    import tomllib  # noqa: PLC0415  (where there is no configuration there is none to read)

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(InputProblem(f"is not valid TOML: {error}", file=file)) from None
    except (RecursionError, ValueError):
        message = "is nested too deeply, or has a number of too many digits"
        raise InputError(InputProblem(message, file=file)) from None
