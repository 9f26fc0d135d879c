"""A hostile corpus at every reader: one clear end for each input, and counts of how they ended.

A few inputs for each reader; `run_hostile_corpus.py` is the command for a long run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hostile_corpus import corpus_folder, readers, run_reader

if TYPE_CHECKING:
    from collections.abc import Callable

INPUTS = 12


@pytest.mark.slow
@pytest.mark.parametrize("name", readers({}))
def test_every_input_has_a_clear_end(name: str, record_property: Callable[[str, object], None]) -> None:
    """No traceback, no internal error, no wrong exit code, no secret, no control character, no hang."""
    with corpus_folder() as there:
        ends, wrong = run_reader(there[name], 0, INPUTS)
    record_property("counts", f"hostile corpus, {name}: {INPUTS} inputs, {dict(sorted(ends.items()))}")
    assert not wrong, wrong[0]
