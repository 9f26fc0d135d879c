"""Put a hostile corpus to every reader, and print how its inputs ended.

    PYTHONPATH=tests python tests/fuzz/run_hostile_corpus.py --inputs 20000 --seed 1

The inputs are shared out over the readers, or go to those named by ``--reader``. Ends with 1 at a traceback,
an internal error, a hang, a wrong exit code, a secret, a control character or a command to a CI runner, and
prints the first input of each kind.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from hostile_corpus import corpus_folder, readers, run_reader

if TYPE_CHECKING:
    from hostile_corpus import Wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reader", action="append", choices=list(readers({})))
    options = parser.parse_args()
    names = options.reader or list(readers({}))
    total: Counter[str] = Counter()
    wrong: list[Wrong] = []
    with corpus_folder() as there:
        for name in names:
            began = time.process_time()
            ends, found = run_reader(there[name], options.seed, -(-options.inputs // len(names)))
            total += ends
            wrong += found
            listed = ", ".join(f"{end}: {count}" for end, count in sorted(ends.items()))
            print(
                f"{name:22} {ends.total():6} inputs, {listed}; wrong: {len(found)}"
                f" ({time.process_time() - began:.0f} s)",
                flush=True,
            )
    kinds: dict[str, Wrong] = {}
    for one in wrong:
        kinds.setdefault(f"{one.reader}: {one.what.splitlines()[0]}", one)
    for kind, one in kinds.items():
        print(f"\n{kind} (input {one.number})\n{one.text}\n{one.what}")
    print(f"\n{total.total()} inputs: {dict(sorted(total.items()))}; wrong: {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
