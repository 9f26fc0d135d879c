"""Every text that an answer may carry, as the page of the emulator shows them."""

from __future__ import annotations

from icplan.testing.emulator import other_service_texts as other_services
from icplan.testing.emulator import sagemaker_texts as sagemaker
from icplan.testing.emulator.error_text import Text


def all_texts() -> dict[str, Text]:
    """Every text by its name."""
    found = {**vars(sagemaker), **vars(other_services)}
    return {name: value for name, value in found.items() if isinstance(value, Text)}


def table() -> str:
    """All texts as a Markdown table, as docs/emulator.md shows it."""
    rows = [
        f"| `{text.code}` | {_cell(text.template)} | {text.mark} | {_cell(text.source)} |"
        for text in all_texts().values()
    ]
    return "\n".join(("| code | text | how it is known | where |", "|---|---|---|---|", *rows))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
