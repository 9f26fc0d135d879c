"""``python -m icplan``: the command line."""

from __future__ import annotations

from icplan.cli import main

if __name__ == "__main__":
    main(prog_name="icplan")
