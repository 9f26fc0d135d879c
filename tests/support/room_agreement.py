"""Hold headroom and drills against brute force and their laws over many drawn fleets, and print counts.

    PYTHONPATH=tests:tests/planning python tests/support/room_agreement.py [cases] [seed]

CI draws few of each; this draws so many (10,000), in rounds, and goes on after a counterexample, which it
prints.
"""

from __future__ import annotations

import sys
import time
import traceback
from typing import TYPE_CHECKING, Any, Final

import hypothesis
import test_drill
import test_drill_oracle
import test_headroom_oracle
from hypothesis import HealthCheck, Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Cases of a round, after which the counts are printed.
ROUND: Final = 100
LAWS: Final = tuple(
    law
    for module in (test_headroom_oracle, test_drill_oracle, test_drill)
    for name, law in sorted(vars(module).items())
    if name.startswith("test_") and hasattr(law, "hypothesis")
)


def rounds(law: Callable[[], None], cases: int, seed: int) -> Iterator[tuple[int, str | None]]:
    """So many cases of a law, in rounds: how many were tried, and what was wrong with one of them."""
    inner, tried = law.hypothesis.inner_test, 0  # type: ignore[attr-defined]

    def counting(*arguments: Any, **named: Any) -> None:
        nonlocal tried
        tried += 1
        inner(*arguments, **named)

    law.hypothesis.inner_test = counting  # type: ignore[attr-defined]
    like = hypothesis.settings(
        max_examples=ROUND,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    like(law)
    for number in range(-(-cases // ROUND)):
        before = tried
        try:
            hypothesis.seed(seed + number)(law)()
        except AssertionError:
            yield tried - before, traceback.format_exc()
        else:
            yield tried - before, None


def main(cases: int, seed: int) -> int:
    """Try every law in turn, a round of each at a time; the number of rounds with a counterexample."""
    began, counts, wrong = time.monotonic(), dict.fromkeys((law.__name__ for law in LAWS), 0), 0
    running = {law.__name__: rounds(law, cases, seed) for law in LAWS}
    while running:
        for name, one in list(running.items()):
            found = next(one, None)
            if found is None:
                del running[name]
                continue
            counts[name] += found[0]
            if found[1] is not None:
                wrong += 1
                say(f"WRONG {name}\n{found[1]}")
        told = ", ".join(f"{name} {count}" for name, count in counts.items())
        say(f"{time.monotonic() - began:.0f} s, {wrong} rounds wrong: {told}")
    return wrong


def say(text: str) -> None:
    """Print at once: who looks on sees how far it is."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    sys.exit(bool(main(*[*given, *(10_000, 1)[len(given) :]])))
