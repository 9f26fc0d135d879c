"""The writes that a guarded client has sent: what each was judged to be, so that its end can be told."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import attrs

if TYPE_CHECKING:
    from icplan.verdict.verdict import Verdict

MOST: Final = 256
"""Components whose last write is remembered; the one written to the longest ago is forgotten first."""


@attrs.define
class SentWrites:
    """The verdict on the last write to each component."""

    _last: OrderedDict[str, Verdict] = attrs.field(factory=OrderedDict)
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    def note(self, component: str, verdict: Verdict) -> None:
        """A write has been taken by AWS."""
        with self._lock:
            self._last.pop(component, None)
            self._last[component] = verdict
            while len(self._last) > MOST:
                self._last.popitem(last=False)

    def last(self, component: str) -> Verdict | None:
        """The verdict on the last write to a component."""
        with self._lock:
            return self._last.get(component)


_OF_CLIENTS: WeakKeyDictionary[Any, SentWrites] = WeakKeyDictionary()


def writes_of(client: Any) -> SentWrites:
    """Those of a client, which is guarded or will be."""
    return _OF_CLIENTS.setdefault(client, SentWrites())
