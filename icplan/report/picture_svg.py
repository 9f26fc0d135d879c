"""A picture of instances as HTML: each group an SVG with devices and bars, and the same in words below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.fleet.dimensions import counted, device_noun
from icplan.report.markup import Markup, tag
from icplan.report.picture import ACCELERATORS, Role
from icplan.report.picture_text import caption, exact, measure, measured

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.report.picture import Copies, Instances, Picture, Resource

#: Pixels: a drawing's width, a device, the space between two, a bar; devices on a line.
_WIDTH, _CELL, _GAP, _BAR_HEIGHT, _A_LINE = 344, 36, 7, 12, 8
#: Devices past which only numbers are given, and characters of a name on a device.
_MAX_DEVICES, _LABEL = 32, 5
#: Colours by component.
_COLOURS = 6


def figure(picture: Picture, when: str, names: Sequence[str], colours: dict[str, int]) -> Markup:
    """The picture with what it is of. ``colours`` gets the colour of each component, the same in all."""
    rows = [_group(row, names, colours) for row in picture.rows]
    parts: list[Markup] = [tag("figcaption", caption(picture, when))]
    parts.append(tag("div", *rows, class_="instances"))
    if picture.waiting:
        parts.append(tag("p", _waiting(picture), class_="waiting"))
    parts += [
        tag("p", f"perhaps {counted(number, 'more copy')} of {name}")
        for name, number in picture.perhaps.items()
    ]
    return tag("figure", *parts)


def _waiting(picture: Picture) -> str:
    what = "copy" if picture.waits is Role.OLD else "new copy"
    devices = picture.takes[ACCELERATORS] if picture.takes else 0
    noun = device_noun([row.type for row in picture.rows if row.usable])
    each = f"; each needs {counted(devices, noun)} on one instance" if devices else ""
    return f"No room for {counted(picture.waiting, what)}{each}."


def _group(row: Instances, names: Sequence[str], colours: dict[str, int]) -> Markup:
    """So many alike instances: the drawing of one, and what it shows in words."""
    head = f"{row.count} x {row.type}{' (launched)' if row.launched else ''}"
    held, measures = list(_held(row)), [" ".join(measure(one, names)) for one in measured(row)]
    return tag(
        "section",
        tag("h4", head),
        _drawing(row, names, colours, f"{head}: {'; '.join((*held, *measures))}"),
        # The bars of the drawing have their figures beside them.
        tag("ul", *(tag("li", one) for one in held)),
        tag("p", f"Lacks room: {', '.join(exact(row))}.", class_="lacks") if row.lacks else None,
        class_="instance",
    )


def _held(row: Instances) -> Iterator[str]:
    noun, devices = device_noun([row.type]), row.resources[ACCELERATORS]
    for one in row.holds:
        takes = one.takes[ACCELERATORS]
        each = f", {counted(takes, noun)} each" if takes else ""
        yield f"{counted(one.number, 'copy')} of {_name(one)}{each}"
    if devices.high:
        yield f"{devices.free} of {counted(devices.high, noun)} free"


def _name(one: Copies) -> str:
    return f"{one.component} (new)" if one.role is Role.NEW else one.component


def _drawing(row: Instances, names: Sequence[str], colours: dict[str, int], words: str) -> Markup:
    devices = row.resources[ACCELERATORS].high
    shown = devices if devices <= _MAX_DEVICES else 0
    lines = -(-shown // _A_LINE)
    top = lines * (_CELL + _GAP)
    parts = list(_devices(row, shown, colours))
    for number, resource in enumerate(measured(row)):
        y = top + number * (_BAR_HEIGHT + 20)
        parts += _bar(resource, y, names)
    height = top + len(measured(row)) * (_BAR_HEIGHT + 20)
    return tag(
        "svg",
        tag("title", words),
        *parts,
        viewBox=f"0 0 {_WIDTH} {height}",
        role="img",
        aria_label=words,
        class_="drawing",
    )


def _devices(row: Instances, shown: int, colours: dict[str, int]) -> Iterator[Markup]:
    """A square for each device, those of one copy joined by a line."""
    place = 0
    for one in row.holds:
        takes = one.takes[ACCELERATORS]
        kind = f"{'new' if one.role is Role.NEW else 'held'} c{_colour(one, colours)}"
        for _ in range(one.number if takes else 0):
            for part in range(takes):
                if place >= shown:
                    return
                if part and place % _A_LINE:
                    x, y = _corner(place)
                    middle = y + _CELL // 2
                    yield tag("line", x1=x - _GAP, y1=middle, x2=x, y2=middle, class_=f"join {kind}")
                yield from _cell(place, kind, _short(one), _name(one))
                place += 1
    for free in range(place, shown):
        yield from _cell(free, "free", "", "free")


def _colour(one: Copies, colours: dict[str, int]) -> int:
    return colours.setdefault(one.component, len(colours) % _COLOURS)


def _short(one: Copies) -> str:
    name = "new" if one.role is Role.NEW else one.component
    return name if len(name) <= _LABEL else f"{name[: _LABEL - 1]}\N{HORIZONTAL ELLIPSIS}"


def _corner(place: int) -> tuple[int, int]:
    line, column = divmod(place, _A_LINE)
    return column * (_CELL + _GAP), line * (_CELL + _GAP)


def _cell(place: int, kind: str, label: str, name: str) -> Iterator[Markup]:
    x, y = _corner(place)
    parts = [tag("title", name), tag("rect", x=x + 1, y=y + 1, width=_CELL - 2, height=_CELL - 2, rx=4)]
    if label:
        # The longest names are drawn narrower, so that they stay within the device.
        wide = len(label) == _LABEL
        parts.append(
            tag(
                "text",
                label,
                x=x + _CELL // 2,
                y=y + _CELL // 2 + 4,
                textLength=_CELL - 6 if wide else None,
                lengthAdjust="spacingAndGlyphs" if wide else None,
            )
        )
    yield tag("g", *parts, class_=f"device {kind}")


def _bar(resource: Resource, y: int, names: Sequence[str]) -> list[Markup]:
    """What is taken, what is surely free, and what is perhaps: hatched by its class."""
    most = max(1, resource.high, resource.taken)
    taken = _WIDTH * resource.taken // most
    sure = max(taken, _WIDTH * resource.low // most)
    name, figures = measure(resource, names)
    spans = ((0, _WIDTH, "perhaps"), (0, sure, "sure"), (0, taken, "taken"))
    bars = [
        tag("rect", x=x, y=y + 16, width=width, height=_BAR_HEIGHT, class_=kind)
        for x, width, kind in spans
        if width
    ]
    return [tag("text", f"{name} {figures}", x=0, y=y + 12, class_="measure"), *bars]


def legend() -> Markup:
    """What the signs of the pictures mean."""
    items = (
        ("swatch held c0", "a device that a running copy holds"),
        ("swatch new c0", "a device that a new copy takes (dashed)"),
        ("swatch free", "a free device"),
        ("swatch taken", "taken"),
        ("swatch sure", "surely free"),
        ("swatch perhaps", "perhaps free: how much SageMaker keeps for itself is not published"),
    )
    entries = [tag("li", tag("span", class_=kind, aria_hidden="true"), f" {text}") for kind, text in items]
    return tag("ul", *entries, class_="legend", aria_label="Legend")
