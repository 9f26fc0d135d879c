"""How values stand in JSON: each shape writes a value, reads it back, and is described by a schema."""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from icplan.packing.reader import Node, Unreadable
from icplan.values import frozen

if TYPE_CHECKING:
    import enum
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Schema = Mapping[str, Any]

T = TypeVar("T")
E = TypeVar("E", bound="enum.StrEnum")


@frozen
class Shape(Generic[T]):
    """Values of one kind: to JSON, back, and their schema.

    ``definitions`` are the schemas that this one refers to, by name.
    """

    write: Callable[[T], Any]
    read: Callable[[Node], T]
    schema: Schema
    definitions: Mapping[str, Schema] = attrs.field(factory=dict)


def _same(value: Any) -> Any:
    return value


COUNT: Shape[int] = Shape(_same, Node.count, {"type": "integer", "minimum": 0})
INTEGER: Shape[int] = Shape(_same, Node.integer, {"type": "integer"})
NUMBER: Shape[float] = Shape(_same, Node.number, {"type": "number"})
TEXT: Shape[str] = Shape(_same, Node.text, {"type": "string"})
FLAG: Shape[bool] = Shape(_same, Node.flag, {"type": "boolean"})
OBJECT: Shape[Mapping[str, Any]] = Shape(dict, Node.data, {"type": "object"})


def maybe(inner: Shape[T]) -> Shape[T | None]:
    """The same, or null."""
    return Shape(
        lambda value: None if value is None else inner.write(value),
        lambda data: None if data.value is None else inner.read(data),
        _or_null(inner.schema),
        inner.definitions,
    )


def _or_null(schema: Schema) -> Schema:
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"oneOf": [{"type": "null"}, schema]}


def many(inner: Shape[T], *, at_least: int = 0) -> Shape[tuple[T, ...]]:
    """Any number of them."""
    schema: dict[str, Any] = {"type": "array", "items": inner.schema}
    if at_least:
        schema["minItems"] = at_least
    return Shape(
        lambda values: [inner.write(value) for value in values],
        lambda data: tuple(inner.read(one) for one in data.items()),
        schema,
        inner.definitions,
    )


def by_name(inner: Shape[T]) -> Shape[Mapping[str, T]]:
    """One for each of some names."""
    return Shape(
        lambda values: {name: inner.write(value) for name, value in values.items()},
        lambda data: {name: inner.read(one) for name, one in data.members()},
        {"type": "object", "additionalProperties": inner.schema},
        inner.definitions,
    )


def _read_numbered(data: Node) -> dict[int, int]:
    found: dict[int, int] = {}
    for name, count in data.members():
        if not (name.isascii() and name.isdecimal()) or str(int(name)) != name:
            raise Unreadable(count.path)
        found[int(name)] = count.count()
    return found


#: Counts by number.
NUMBERED: Shape[Mapping[int, int]] = Shape(
    lambda counts: {str(number): count for number, count in sorted(counts.items())},
    _read_numbered,
    {"type": "object", "additionalProperties": COUNT.schema},
)


def _read_interval(data: Node) -> tuple[int, int]:
    ends = data.counts()
    if len(ends) != 2 or ends[0] > ends[1]:  # noqa: PLR2004  (a low and a high end)
        raise Unreadable(data.path)
    return ends[0], ends[1]


#: The low and the high end of an amount.
INTERVAL: Shape[tuple[int, int]] = Shape(
    list, _read_interval, {"type": "array", "minItems": 2, "maxItems": 2, "items": COUNT.schema}
)


def _read_fraction(data: Node) -> Fraction:
    try:
        found = Fraction(data.text())
    except (ValueError, ZeroDivisionError):
        raise Unreadable(data.path) from None
    if found <= 0 or str(found) != data.text():
        raise Unreadable(data.path)
    return found


FRACTION: Shape[Fraction] = Shape(str, _read_fraction, {"type": "string", "pattern": "^[0-9]+(/[0-9]+)?$"})


def choice(words: type[E]) -> Shape[E]:
    """One of some words."""

    def read(data: Node) -> E:
        if data.text() not in set(map(str, words)):
            raise Unreadable(data.path)
        return words(data.text())

    return Shape(str, read, {"enum": list(map(str, words))})


def described(inner: Shape[T], says: str) -> Shape[T]:
    """The same, with what people are told of it."""
    return attrs.evolve(inner, schema={**inner.schema, "description": says})


def named(name: str, inner: Shape[T]) -> Shape[T]:
    """The same, with its schema where others can refer to it."""
    definitions = {**inner.definitions, name: inner.schema}
    return attrs.evolve(inner, schema={"$ref": f"#/$defs/{name}"}, definitions=definitions)


@frozen
class Member:
    """One member of an object: the ``attribute`` of a value, in some shape.

    One that need not be ``there`` is read as its ``default`` where it is missing or null; a ``spare`` one is
    not written where it says nothing. ``always`` says whether the schema requires it. A member without an
    attribute is described alone: others write and read it.
    """

    name: str
    shape: Shape[Any]
    attribute: str | None
    there: bool = True
    always: bool = True
    spare: bool = False
    default: Any = None

    def read(self, data: Node) -> Any:
        """Its value in an object."""
        missing = self.name not in data.data() if self.spare else not self.there
        found = data.get(self.name) if missing else data[self.name]
        return self.default if found is None else self.shape.read(found)


def member(
    name: str,
    shape: Shape[Any],
    attribute: str | None = None,
    says: str | None = None,
    *,
    there: bool = True,
    always: bool = True,
    spare: bool = False,
) -> Member:
    """A member of an object; the attribute goes by its name in small letters, unless it is told."""
    small = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
    shape = shape if says is None else described(shape, says)
    there = there and not spare
    return Member(name, shape, attribute or small, there, always and there, spare)


def with_default(one: Member, default: Any) -> Member:
    """The member, with another value than ``None`` where it is missing."""
    return attrs.evolve(one, default=default)


def told_alone(name: str, shape: Shape[Any], says: str | None = None) -> Member:
    """A member that the schema describes, and that is no attribute of the value."""
    return Member(name, shape if says is None else described(shape, says), None, there=False, always=False)


def record(
    make: Callable[..., T], *members: Member, valid: Callable[[T], object] | None = None, closed: bool = True
) -> Shape[T]:
    """An object with a member for each attribute; ``valid`` tells whether they go together.

    A value that ``make`` refuses, with a ValueError, is not read either.
    """
    own = [one for one in members if one.attribute is not None]

    def write(value: T) -> dict[str, Any]:
        values = [(one, operator.attrgetter(str(one.attribute))(value)) for one in own]
        return {one.name: one.shape.write(told) for one, told in values if told or not one.spare}

    def read(data: Node) -> T:
        found = {str(one.attribute): one.read(data) for one in own}
        try:
            value = make(**found)
        except ValueError:
            raise Unreadable(data.path) from None
        if valid is not None and not valid(value):
            raise Unreadable(data.path)
        return value

    return Shape(write, read, object_schema(members, closed=closed), definitions_of(members))


def object_schema(members: Iterable[Member], *, closed: bool = True) -> Schema:
    """The schema of an object with these members, and ``closed`` to others."""
    every = list(members)
    schema: dict[str, Any] = {"type": "object"}
    if closed:
        schema["additionalProperties"] = False
    schema["required"] = [one.name for one in every if one.always]
    schema["properties"] = {one.name: one.shape.schema for one in every}
    return schema


def definitions_of(members: Iterable[Member]) -> dict[str, Schema]:
    """All that the schemas of members refer to."""
    return {name: schema for one in members for name, schema in one.shape.definitions.items()}


def one_of(tag: str, shapes: Mapping[str, tuple[type, Shape[Any]]]) -> Shape[Any]:
    """A value of one of some types, of which a member tells which it is."""

    def write(value: Any) -> dict[str, Any]:
        name, shape = next((name, own) for name, (kind, own) in shapes.items() if isinstance(value, kind))
        return {tag: name, **shape.write(value)}

    def read(data: Node) -> Any:
        name = data[tag].text()
        if name not in shapes:
            raise Unreadable(data[tag].path)
        return shapes[name][1].read(data)

    return Shape(write, read, {"oneOf": list(_tagged(tag, shapes))}, _all_definitions(shapes))


def _tagged(tag: str, shapes: Mapping[str, tuple[type, Shape[Any]]]) -> Iterator[Schema]:
    for name, (_, shape) in shapes.items():
        own = shape.schema
        yield {
            **own,
            "required": [tag, *own["required"]],
            "properties": {tag: {"const": name}, **own["properties"]},
        }


def _all_definitions(shapes: Mapping[str, tuple[type, Shape[Any]]]) -> dict[str, Schema]:
    return {name: schema for _, shape in shapes.values() for name, schema in shape.definitions.items()}
