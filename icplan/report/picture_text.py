"""A picture of instances as text: accelerators as cells that hold copies, memory and cores as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from icplan.fleet.dimensions import counted, device_noun, digits
from icplan.fleet.fleet import CPU as CPU_NAME
from icplan.report.picture import ACCELERATORS, CPU, MEMORY, Role, Shows
from icplan.report.style import glyphs, look, paragraph, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.report.picture import Copies, Instances, Picture, Resource

#: Groups of instances that are drawn unless all is told.
MAX_ROWS = 5
#: Columns of a bar, and characters of a name in a cell.
_BAR, _NAME = 10, 12
#: Components on one instance that are named.
_NAMED = 3
_MARGIN, _BELOW = "    ", "        "
_TO_PLACE = "to place"
_LIKE = "copies lie like this"
#: Columns that the words beside the copies to place take.
_BESIDE = 10
#: MiB below which memory beside a bar is told in MiB.
_GIB_FROM = 10240


def drawn(picture: Picture, names: Sequence[str], *, most: int = MAX_ROWS) -> Iterator[str]:
    """The picture, line by line. ``names`` are those of the resources."""
    rows = picture.rows if look().verbose else picture.rows[:most]
    heads = [_head(row) for row in rows]
    left = max(map(len, [*heads, _TO_PLACE if picture.waiting else ""]), default=0)
    for head, row in zip(heads, rows, strict=True):
        yield from _row(f"{_MARGIN}{head:<{left}}  ", row, names, whole=_matters(picture))
    if more := len(picture.rows) - len(rows):
        yield f"{_MARGIN}and {counted(more, 'more group')} of instances (--verbose)"
    if picture.waiting:
        yield _waiting(f"{_MARGIN}{_TO_PLACE:<{left}}  ", picture)
    for name, copies in picture.perhaps.items():
        yield from paragraph(f"perhaps {counted(copies, 'more copy')} of {name}", _MARGIN, _MARGIN)


def _matters(picture: Picture) -> bool:
    """Whether every bar is looked at: where copies find no room, only what they lack is."""
    told = picture.shows in (Shows.KNOWN, Shows.EXAMPLE) and not picture.waiting
    return look().verbose or picture.turns_on_amounts or told


def legend(pictures: Sequence[Picture]) -> Iterator[str]:
    """What the signs of the bars mean, if any is drawn."""
    signs, rows = glyphs(), [(one, row) for one in pictures for row in one.rows]
    if any(_matters(one) or any(lack.place != ACCELERATORS for lack in row.lacks) for one, row in rows):
        yield f"{_MARGIN}({signs.taken} taken, {signs.free} free, {signs.perhaps} perhaps there)"


def _waiting(head: str, picture: Picture) -> str:
    """The copies that find no room, each with the devices that it needs together."""
    devices = picture.takes[ACCELERATORS] if picture.takes else 0
    number, old = picture.waiting, picture.waits is Role.OLD
    label = "old" if old else "new"
    cells = f"[{' '.join([label] * devices)}]" if devices else f"[{label}]"
    noun = f"{device_noun([row.type for row in picture.rows if row.usable])} " if devices else ""
    each = " ".join([cells] * number)
    text = each if len(head) + len(noun) + len(each) + _BESIDE <= look().width else f"{number} x {cells}"
    if len(head) + len(noun) + len(text) + _BESIDE > look().width:
        text = f"{number} x {label}"
    return f"{head}{noun}{click.style(text, fg='red')}  no room"


def caption(picture: Picture, when: str) -> str:
    """What a picture is of: a moment, and how sure it is."""
    amounts = picture.turns_on_amounts
    return {
        Shows.KNOWN: f"{when}:",
        Shows.EXAMPLE: f"{when}, for example:",
        Shows.WORKS: f"{when}: works if {'so much can be allocated' if amounts else _LIKE}:",
        Shows.FAILS: f"{when}: fails if {'no more than this can be allocated' if amounts else _LIKE}:",
    }[picture.shows]


def _head(row: Instances) -> str:
    new = " (launched)" if row.launched else ""
    return printable(f"{row.count} x {row.type}{new}")


def _row(head: str, row: Instances, names: Sequence[str], *, whole: bool) -> Iterator[str]:
    """The devices on the line of the instances, bars beside them or on a line of their own.

    Unless ``whole``, only the bars of what is lacking are drawn.
    """
    width = look().width
    cells, plain = _cells(row, width - len(head))
    if row.resources[ACCELERATORS].high == 0 and not row.holds:
        cells = plain = "empty"
    line, length = f"{head}{cells}", len(head) + len(plain)
    lacks = exact(row)
    joined = ", ".join(lacks)
    each = [joined] if len(joined) <= width - len(_BELOW) else lacks
    parts = [(text, "red") for text in each if text]
    lacking = {lack.place for lack in row.lacks}
    drawn = [_bar(one, names) for one in measured(row) if whole or one.place in lacking]
    for text, colour in [*parts, *((bar, None) for bar in drawn)]:
        if length + 2 + len(text) > width:
            yield line.rstrip()
            line, length = _BELOW, len(_BELOW)
        gap = "  " if length > len(_BELOW) else ""
        line += gap + (click.style(text, fg=colour) if colour else text)
        length += len(gap) + len(text)
    yield line.rstrip()


def _cells(row: Instances, room: int) -> tuple[str, str]:
    """The devices with what they hold, coloured and plain; in words where there are too many for a line."""
    devices = row.resources[ACCELERATORS]
    on, beside = (
        [one for one in row.holds if bool(one.takes[ACCELERATORS]) is wanted] for wanted in (True, False)
    )
    rest = _listed(beside)
    if not devices.high:
        return rest, rest
    noun = device_noun([row.type])
    rest = f"and {rest}" if rest else ""
    parts = [(one, _cell(one)) for one in on for _ in range(one.number)] if _few(on) else []
    free = [glyphs().empty] * (devices.high - devices.taken)
    shown = [noun, *(click.style(text, fg=_COLOUR[one.role]) for one, text in parts), *free, rest]
    plain = [noun, *(text for _, text in parts), *free, rest]
    line = " ".join(part for part in plain if part)
    apart = len({_label(one) for one in on}) == len({(one.component, one.role) for one in on})
    if len(line) <= room and apart and (parts or not on):
        return " ".join(part for part in shown if part), line
    for most in range(_NAMED, -1, -1):
        held = _listed([*on, *beside], most) or "free"
        text = printable(f"{noun} {held}; {devices.free} of {devices.high} free")
        if len(text) <= room:
            break
    return text, text


def _listed(holds: Sequence[Copies], most: int = _NAMED) -> str:
    """What lies there, in words: the first few by name, the others counted."""
    names = [f"{_label(one)} x {one.number}" for one in holds]
    if len(names) <= most:
        return ", ".join(names)
    others = sum(one.number for one in holds[most:])
    return " and ".join(
        [*([", ".join(names[:most])] if most else []), f"{counted(others, 'copy')} of others"]
    )


def _few(holds: Sequence[Copies]) -> bool:
    """Whether there are no more copies than one looks at."""
    return sum(one.number * one.takes[ACCELERATORS] for one in holds) <= 64  # noqa: PLR2004


_COLOUR = {Role.OTHER: None, Role.OLD: "yellow", Role.NEW: "cyan"}


def _cell(one: Copies) -> str:
    return f"[{' '.join([_label(one)] * one.takes[ACCELERATORS])}]"


def _label(one: Copies) -> str:
    name = printable("new" if one.role is Role.NEW else one.component)
    return name if len(name) <= _NAME else f"{name[: _NAME - 2]}.."


def measured(row: Instances) -> list[Resource]:
    """The resources that are drawn as bars: memory, and what anything takes or lacks."""
    lacking = {lack.place for lack in row.lacks}
    return [
        one
        for one in row.resources
        if one.place != ACCELERATORS and (one.place == MEMORY or one.taken or one.place in lacking)
    ]


def _bar(resource: Resource, names: Sequence[str]) -> str:
    """``memory ███░░░···· 48 of 96 to 182 GiB``."""
    signs, most = glyphs(), max(1, resource.high, resource.taken)
    taken = -(-resource.taken * _BAR // most)
    sure = max(taken, resource.low * _BAR // most)
    bar = signs.taken * taken + signs.free * (sure - taken) + signs.perhaps * (_BAR - sure)
    name, figures = measure(resource, names)
    return f"{name} {bar} {figures}"


def measure(resource: Resource, names: Sequence[str]) -> tuple[str, str]:
    """The name of a resource, and ``48 of 96 to 182 GiB``."""
    low, high = resource.low, resource.high
    if resource.place == MEMORY:
        in_gib = high >= _GIB_FROM and not _seems_over(resource)
        ends = dict.fromkeys(_gib(end) if in_gib else str(end) for end in (low, high))
        taken_text = _gib(resource.taken, up=True) if in_gib else str(resource.taken)
        return "memory", f"{taken_text} of {' to '.join(ends)} {'GiB' if in_gib else 'MiB'}"
    if resource.place == CPU:
        ends = dict.fromkeys(digits(CPU_NAME, end) for end in (low, high))
        return "cores", f"{digits(CPU_NAME, resource.taken)} of {' to '.join(ends)}"
    name = names[resource.place] if resource.place < len(names) else "partitions"
    return name, f"{resource.taken} of {high}"


def _seems_over(resource: Resource) -> bool:
    """Whether in GiB more would seem to be taken than there is, what is taken being rounded up."""
    ends = [end for end in (resource.low, resource.high) if end >= resource.taken]
    return any(float(_gib(resource.taken, up=True)) > float(_gib(end)) for end in ends)


def _gib(mib: int, *, up: bool = False) -> str:
    """GiB to a tenth: of what is taken rounded up, of what there is rounded down."""
    tenths = -(-mib * 10 // 1024) if up else mib * 10 // 1024
    whole, tenth = divmod(tenths, 10)
    return f"{whole}.{tenth}" if tenth and whole < 10 else str(whole + (1 if up and tenth else 0))  # noqa: PLR2004


def exact(row: Instances) -> list[str]:
    """What an instance lacks for one copy more, in exact figures: devices first, as they are drawn first."""
    noun = device_noun([row.type])
    said = []
    for lack in sorted(row.lacks, key=lambda one: one.place != ACCELERATORS):
        free, need = max(0, lack.free), lack.need
        if lack.place == ACCELERATORS:
            said.append(f"{counted(free, noun)} free, {need} needed")
        elif lack.place == MEMORY:
            said.append(_both(free, need))
        elif lack.place == CPU:
            said.append(f"{digits(CPU_NAME, free)} cores free, {digits(CPU_NAME, need)} needed")
        else:
            said.append(f"{counted(free, 'partition')} free, {need} needed")
    return said


def _both(free: int, need: int) -> str:
    """What is free of memory and what is needed, in one unit, exact."""
    if free % 1024 == need % 1024 == 0:
        return f"{free // 1024} GiB of memory free, {need // 1024} needed"
    return f"{free} MiB of memory free, {need} needed"
