"""Python source where a change belongs: it is not run, so what to do with it is said."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import attrs

from icplan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What stands in source that makes such a call, and in no JSON or YAML.
_CALL: Final = rb"(?m)\b(?:create|update|delete)_(?:inference_component|endpoint)\w*\s*\(|^import \w"
_HINT: Final = (
    "This looks like Python source, which icplan does not run. Write the arguments of the call to a file: "
    'json.dump(request, open("change.json", "w")), and check that; or check in the program itself: '
    "icplan.check(request, snapshot), or icplan.guard(client) around the client"
)


@contextmanager
def python_source_told(file: str, data: bytes = b"") -> Iterator[None]:
    """Add to what is wrong with a change what to do with it, where it is Python source."""
    try:
        yield
    except InputError as error:
        if not (file.endswith(".py") or re.search(_CALL, data)):
            raise
        first, *others = error.problems
        raise InputError([attrs.evolve(first, hint=_HINT), *others]) from None
