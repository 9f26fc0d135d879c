"""How much of a document is taken before it is refused, so that no input can exhaust memory or time."""

from __future__ import annotations

from typing import Final

MAX_BYTES: Final = 64 * 1024 * 1024
"""Bytes of any document, and characters of a YAML document once its aliases are written out."""

MAX_YAML_BYTES: Final = 1024 * 1024
"""Bytes of a YAML document: reading YAML takes some hundred times as long as reading JSON."""

MAX_DEPTH: Final = 64
"""Objects and lists within one another. No answer of AWS's comes near it."""

MAX_VALUES: Final = 750_000
"""Values of a JSON document, counted roughly: by the commas and brackets in it."""

MAX_YAML_VALUES: Final = 500_000
"""Values of a YAML document once its aliases are written out."""

MAX_DIGITS: Final = 30
"""Characters of an integer."""

MAX_TOML_BYTES: Final = 256 * 1024
"""Characters of a configuration."""

MAX_TOML_KEY_PARTS: Final = 16
"""Parts of a dotted key: reading one takes time and memory that grow with the square of them."""
