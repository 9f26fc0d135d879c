"""``python -m icplan``, and the command ``icplan``: what goes wrong before it runs is exit code 2, too."""

import gc
import sys

GARBAGE_AFTER = 50_000
"""Objects made between two looks for garbage: most of what a command makes stays until it ends."""


def run() -> None:
    """Run the command line."""
    gc.set_threshold(GARBAGE_AFTER)
    try:
        from icplan.cli.main import main  # noqa: PLC0415  (what fails here, fails inside)
    except Exception as error:  # noqa: BLE001  (a traceback's exit code, 1, would read as "does not fit")
        try:
            sys.stderr.write(f"icplan: cannot start: {type(error).__name__}\n")
            sys.stderr.flush()
        finally:
            sys.exit(2)
    main(prog_name="icplan")


if __name__ == "__main__":
    run()
