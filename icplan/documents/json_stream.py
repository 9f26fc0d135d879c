"""JSON that is too large to hold: walked member by member, each value of a bounded size."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from icplan.documents.json_text import RefusedError, number_decoder, strict_decoder
from icplan.documents.paths import shown_path
from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    import json
    from collections.abc import Callable, Iterator

    from icplan.documents.paths import JsonPath
    from icplan.documents.text_stream import TextStream

MAX_ENTRY: Final = 1 << 20
"""Characters of one value that is read as a whole."""
_BLANK = re.compile(r"[ \t\n\r]*")


class JsonWalk:
    """A walk over one JSON document. Of an object each member is read, walked or skipped, in order.

    Raises InputError, with line and JSON path, where it is no JSON or a value is larger than MAX_ENTRY.
    """

    def __init__(self, stream: TextStream) -> None:
        self._stream, self._strict, self._fast = stream, strict_decoder(), number_decoder()
        self._text, self._at, self._line, self._ended = "", 0, 1, False
        self._steps: JsonPath = ()

    def members(self) -> Iterator[str]:
        """The names of the members of the object that begins here; each member's value is the caller's."""
        self._take("{")
        outer, seen = self._steps, set[str]()
        if self._next() == "}":
            self._take("}")
            return
        while True:
            name = self._value()
            if not isinstance(name, str):
                raise self.fault("not valid JSON: a member has no name")
            if name in seen:
                raise self.fault(f"{name} is given twice")
            seen.add(name)
            self._take(":")
            self._steps = (*outer, name)
            yield name
            self._steps = outer
            if self._next() == "}":
                self._take("}")
                return
            self._take(",")

    def is_object(self) -> bool:
        """Whether the value that begins here is an object."""
        return self._next() == "{"

    def value(self, counts: Callable[[Any], bool] | None = None) -> Any:
        """The value that begins here, as `load_json` gives it.

        Of a value that does not count, by what is told, it is not seen whether a member is given twice.
        """
        if counts is not None:
            value, end = self._whole(self._fast)
            if not counts(value):
                self._at = end
                return value
        return self._value()

    def skip(self) -> None:
        """Pass over the value that begins here, however large an object it is."""
        if not self.is_object():
            _, self._at = self._whole(self._fast)
            return
        for _ in self.members():
            _, self._at = self._whole(self._fast)

    def end(self) -> None:
        """See that nothing follows."""
        if self._next():
            raise self.fault("not valid JSON: something follows its end")

    def fault(self, message: str) -> InputError:
        """What is wrong here."""
        line = self._line + self._text.count("\n", 0, self._at)
        path = shown_path(self._steps)
        return InputError(InputProblem(message, file=self._stream.name, path=path, line=line))

    def _next(self) -> str:
        """The next character that is no blank; nothing at the end."""
        while True:
            blank = _BLANK.match(self._text, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _take(self, sign: str) -> None:
        found = self._next()
        if found != sign:
            said = "it ends too early" if not found else f"{sign} is missing"
            raise self.fault(f"not valid JSON: {said}")
        self._at += 1

    def _value(self) -> Any:
        value, self._at = self._whole(self._strict)
        return value

    def _whole(self, decoder: json.JSONDecoder) -> tuple[Any, int]:
        """The value that begins here, and where it ends."""
        self._next()
        found = self._decoded(decoder)
        # A value that ends where the text does may go on in what is not read yet.
        while found is None or found[1] == len(self._text):
            if len(self._text) - self._at > MAX_ENTRY:
                raise self.fault(f"a value of more than {MAX_ENTRY:,} characters")
            more = self._more()
            found = self._decoded(decoder)
            if not more:
                break
        if found is None:
            raise self.fault("not valid JSON")
        return found

    def _decoded(self, decoder: json.JSONDecoder) -> tuple[Any, int] | None:
        """The value that begins here and where it ends; None where it is not whole."""
        try:
            return decoder.raw_decode(self._text, self._at)
        except RefusedError:
            raise self.fault("a member is given twice, or a number is none that is taken") from None
        except RecursionError:
            raise self.fault("nested too deep") from None
        except ValueError:
            return None

    def _more(self) -> bool:
        """Read on; what was walked over is let go."""
        read = self._stream.read()
        self._line += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :] + read, 0
        return bool(read)
