"""Questions of a folder, each of which fits by itself: whether they do one after another, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.judge.settings import Settings
    from icplan.requests.call import Call
    from icplan.snapshot.snapshot import Snapshot

# A command imports what it runs, so that none pays for another's rooms.
# ruff: noqa: PLC0415


def apart_only(
    parts: Sequence[tuple[tuple[str, ...], tuple[Call, ...], Snapshot]], settings: Settings
) -> tuple[str, ...]:
    """The files whose changes are not known to fit in order, one after another; none where they are.

    ``parts`` are the files of each question, its calls, and the endpoint that these were judged on. Only
    changes of the same endpoint come after one another.
    """
    from icplan.errors import InputError
    from icplan.judge.change_set import outcomes_of

    found: list[str] = []
    for endpoint in dict.fromkeys(snapshot.endpoint_name for _, _, snapshot in parts):
        of_it = [part for part in parts if part[2].endpoint_name == endpoint]
        if len(of_it) == 1:
            continue
        calls = [call for _, asked, _ in of_it for call in asked]
        try:
            fits = all(one.fits for one in outcomes_of(calls, of_it[0][2], settings))
        except InputError:
            fits = False
        if not fits:
            found += (file for files, _, _ in of_it for file in files)
    return tuple(found)
