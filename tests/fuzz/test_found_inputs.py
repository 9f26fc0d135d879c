"""What the guided fuzzer found once: inputs that ended as none may, each with the end that it has now.

A file of ``found/`` is named after its reader (``/`` as ``-``) and what was wrong with it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz_commands import put
from hostile_corpus import corpus_folder, readers

FOUND = sorted(Path(__file__).with_name("found").iterdir())


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_what_was_found_has_a_clear_end(path: Path) -> None:
    (name,) = [one for one in readers({}) if path.name.startswith(one.replace("/", "-") + ".")]
    with corpus_folder() as there:
        result, what = put(there[name], path.read_bytes())
    assert what is None, result.output
