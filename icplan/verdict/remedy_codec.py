"""A remedy to JSON and back: what it patches, the calls that carry it out, and the lines that it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.packing.json_shapes import (
    COUNT,
    FLAG,
    INTEGER,
    OBJECT,
    TEXT,
    Shape,
    choice,
    described,
    many,
    maybe,
    member,
    named,
    object_schema,
    record,
    with_default,
)
from icplan.verdict.outcome import Outcome
from icplan.verdict.remedy import Remedy
from icplan.verdict.remedy_steps import Command, Edit, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.packing.reader import Node

OUTCOME = named("Outcome", described(choice(Outcome), "From worst to best"))
TEXT_OR_NULL = maybe(TEXT)


def _object_with(*names: str, texts: tuple[str, ...], closed: bool) -> Shape[Mapping[str, Any]]:
    """An object, as it is, that has these members, of which some are texts."""

    def read(data: Node) -> dict[str, Any]:
        for name in names:
            data[name].text() if name in texts else data[name].data()
        return data.data()

    members = [member(name, TEXT if name in texts else OBJECT) for name in names]
    return attrs.evolve(OBJECT, read=read, schema=object_schema(members, closed=closed))


_CALL = named("Call", _object_with("Operation", "Request", texts=("Operation",), closed=True))
_OPERATION = _object_with("op", "path", texts=("op", "path"), closed=False)
_NUMBER = attrs.evolve(COUNT, schema={"type": "integer", "minimum": 1})
_COMMAND = named(
    "Command",
    record(
        Command,
        member("Service", TEXT),
        member("Operation", TEXT),
        member("Cli", TEXT, says="As a shell takes it"),
        member("Boto3", TEXT, says="As Python takes it"),
        member("Then", TEXT_OR_NULL, says="What has to have come before the next one"),
    ),
)
#: Whatever JSON holds.
_VALUE: Shape[Any] = Shape(lambda value: value, lambda data: data.value, {})
_EDIT = named(
    "Edit",
    record(
        Edit,
        member("Path", TEXT, says="A JSON pointer into the request that the file comes to"),
        member("Before", _VALUE, says="null: it is not there"),
        member("After", _VALUE, says="null: it is taken out"),
        member("File", TEXT),
        member("Line", maybe(INTEGER)),
        member("Note", TEXT_OR_NULL, says="What the line is, or where else the value comes from"),
    ),
)
REMEDY = named(
    "Remedy",
    record(
        Remedy,
        member(
            "Number",
            maybe(_NUMBER),
            says="Its place in the whole report, as icplan check --apply-remedy takes it",
            there=False,
        ),
        member("Kind", TEXT),
        member("Description", TEXT),
        member("How", TEXT_OR_NULL, says="Where the setting is made, if not in the request", always=False),
        with_default(
            member(
                "Target",
                choice(Target),
                says="The document that Patch changes; nothing is patched where a quota is to be raised, or "
                "something waited for",
                there=False,
            ),
            Target.REQUEST,
        ),
        member(
            "Patch",
            many(_OPERATION),
            says="RFC 6902 operations on the target: the change's request, or the described configuration",
        ),
        with_default(
            member(
                "RequestPatch",
                many(_OPERATION),
                says="RFC 6902 operations on the request, where the target is another document",
                there=False,
            ),
            (),
        ),
        member("Before", many(_CALL), says="Calls to make before the change", always=False),
        member("After", many(_CALL), says="Calls to make after the change", always=False),
        with_default(
            member(
                "Commands",
                many(_COMMAND),
                says="What carries it out, in order; nothing secret is in it",
                there=False,
            ),
            (),
        ),
        with_default(
            member("Risks", many(TEXT), says="What it costs, and what may come of it", there=False), ()
        ),
        with_default(
            member(
                "Edits",
                many(_EDIT),
                says="Of a deployment: the lines of its files that make what Patch and RequestPatch describe",
                spare=True,
            ),
            (),
        ),
        member("Outcome", OUTCOME),
        member("RollbackOutcome", maybe(OUTCOME), always=False),
        with_default(
            member(
                "Relaunches",
                FLAG,
                says="True: no more instances run at any time than now; if one that it empties is given "
                "back, one is launched again",
                spare=True,
            ),
            False,
        ),
        with_default(
            member(
                "OnceAtRest",
                FLAG,
                says="True: it is made, and was judged, once all that is under way has ended",
                spare=True,
            ),
            False,
        ),
    ),
)
