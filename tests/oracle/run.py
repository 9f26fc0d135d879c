"""The command: python tests/oracle/run.py --cases N --seed S --family F (see `tallies`)."""

import sys

from tallies import main

if __name__ == "__main__":
    sys.exit(main())
