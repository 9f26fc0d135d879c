"""Write the page of every rule, and an index: ``python -m icplan.rules docs/rules``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from icplan.rules.pages import files

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Write all pages into the directory that is the one argument, and remove those of no rule."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m icplan.rules DIRECTORY\n")
        return 2
    directory = Path(arguments[0])
    directory.mkdir(parents=True, exist_ok=True)
    pages = files()
    for stale in {path.name for path in directory.glob("ICP*.md")} - pages.keys():
        (directory / stale).unlink()
    for name, text in pages.items():
        (directory / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
