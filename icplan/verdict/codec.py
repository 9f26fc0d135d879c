"""A verdict to JSON and back: one shape per part, from which its schema is made, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.packing.json_shapes import (
    COUNT,
    FLAG,
    INTEGER,
    NUMBER,
    OBJECT,
    TEXT,
    Member,
    Shape,
    by_name,
    definitions_of,
    many,
    maybe,
    member,
    object_schema,
    record,
    told_alone,
    with_default,
)
from icplan.packing.reader import Node, Unreadable
from icplan.verdict.change_codec import CHANGE, SHA256
from icplan.verdict.origin import ConfigFile, ConfigInForce, Judged, SettingInForce
from icplan.verdict.outcome import Outcome
from icplan.verdict.remedy_codec import OUTCOME, TEXT_OR_NULL
from icplan.verdict.verdict import AssumptionUse, SnapshotIdentity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VERSION = 1


class NotAVerdict(Exception):  # noqa: N818 - an answer, not an error
    """The data is no complete verdict: ``path`` is the first place at which something is amiss."""

    def __init__(self, path: str) -> None:
        super().__init__(f"not a complete verdict: {path}")
        self.path = path


@attrs.frozen
class WrittenVerdict:
    """A verdict as it was written: with its outcome as it says it, and what it fails by."""

    verdict: Verdict
    outcome: Outcome
    failed_on: tuple[str, ...]


# -- the verdict --------------------------------------------------------------------------------------------

_IDENTITY = record(
    SnapshotIdentity,
    member(
        "Fingerprint",
        attrs.evolve(SHA256, read=Node.text, schema=SHA256.definitions["Sha256"]),
        says="SHA-256 of the snapshot's content in canonical JSON, without TakenAt and Notes",
    ),
    member("TakenAt", TEXT_OR_NULL),
    member("EndpointName", TEXT),
    member("AccountId", TEXT_OR_NULL, always=False, spare=True),
    member("Region", TEXT_OR_NULL, always=False, spare=True),
    member(
        "Index",
        TEXT_OR_NULL,
        says="SHA-256 of what bears on capacity: another one tells that the endpoint has changed",
        always=False,
        spare=True,
    ),
)
SNAPSHOT: Shape[SnapshotIdentity] = Shape(
    lambda one: None if one.fingerprint is None else _IDENTITY.write(one),
    lambda data: SnapshotIdentity(None, None, "") if data.value is None else _IDENTITY.read(data),
    maybe(_IDENTITY).schema,
    _IDENTITY.definitions,
)
_JUDGED = record(
    Judged,
    member("Icplan", TEXT, says="The version of icplan"),
    member("Changes", SHA256),
    member("Snapshot", maybe(SHA256)),
    member("Catalog", SHA256),
    member("Config", maybe(SHA256)),
)
_CONFIG = record(
    ConfigInForce,
    member("Files", many(record(ConfigFile, member("File", TEXT), member("Sha256", SHA256)))),
    member(
        "InForce",
        many(
            record(
                SettingInForce,
                member("Setting", TEXT),
                member("Value", TEXT),
                member("File", TEXT_OR_NULL, says="null: the command line, or an argument in Python"),
                member(
                    "Loosens",
                    FLAG,
                    says="It may turn an outcome that stops a pipeline into one that does not",
                ),
            )
        ),
        "settings",
    ),
)
_BASIS = attrs.evolve(TEXT, schema={"enum": ["documented", "measured", "inferred", "given"]})
ASSUMPTION = record(
    AssumptionUse,
    member("Name", TEXT),
    member("Value", TEXT),
    member("Basis", _BASIS),
    member("ReliedOn", FLAG),
    member(
        "Otherwise",
        by_name(OUTCOME),
        says="The outcome under each other value with which it would be another",
    ),
    member(
        "Threshold",
        TEXT_OR_NULL,
        says="Of an amount that was relied on: how far it may be off before the outcome is not sure any more",
        always=False,
    ),
)
_IGNORED: Shape[Mapping[str, str]] = Shape(
    lambda ignored: [{"Rule": rule, "Reason": reason} for rule, reason in ignored.items()],
    lambda data: {one["Rule"].text(): one["Reason"].text() for one in data.items()},
    {"type": "array", "items": object_schema((member("Rule", TEXT), member("Reason", TEXT)))},
)
_KNOWN = (
    *(member(name, TEXT) for name in ("Endpoint", "Component", "Rule")),
    *(member(name, maybe(NUMBER)) for name in ("Need", "Have")),
    member("Unit", TEXT_OR_NULL),
)
_FAILED_BY = attrs.evolve(TEXT, schema={"enum": ["scale-out", "rollback", "update", "max-age", "strict"]})
#: What stands beside the outcome of there being nothing to judge.
NOTHING_TO_JUDGE = "nothing-to-judge"
_VERSION: Shape[int] = Shape(lambda _: VERSION, Node.integer, {"const": VERSION})
_ANY_OUTCOME = attrs.evolve(OUTCOME, schema={"enum": [*map(str, Outcome), NOTHING_TO_JUDGE]})
_FROM = {
    "enum": ["default", "given", "tried"],
    "description": "tried: it has no value, and each of these was judged",
}
_PARAMETER = object_schema((member("Value", TEXT), member("From", attrs.evolve(TEXT, schema=_FROM))))

MEMBERS: tuple[Member, ...] = (
    told_alone("IcplanVerdict", _VERSION),
    member("Outcome", _ANY_OUTCOME),
    told_alone(
        "Input",
        attrs.evolve(OBJECT, schema=object_schema((member("Kind", TEXT, always=False),))),
        "Of a deployment (templates, plans, manifests): the formats of its files",
    ),
    told_alone(
        "Parameters",
        attrs.evolve(OBJECT, schema={"type": "object", "additionalProperties": _PARAMETER}),
        "The values of the templates' parameters that were used",
    ),
    told_alone("Notes", many(TEXT), "What in the files is not judged"),
    with_default(
        member(
            "FailedOn",
            many(_FAILED_BY),
            says="By which --fail-on, --strict or --max-age a pipeline fails although the outcome does not",
            there=False,
        ),
        (),
    ),
    told_alone(
        "PassedBy",
        attrs.evolve(TEXT, schema={"enum": ["baseline", None]}),
        "What lets a pipeline pass although the outcome does not",
    ),
    told_alone(
        "Fixed",
        many(attrs.evolve(OBJECT, schema=object_schema(_KNOWN))),
        "With a baseline: what it knows of the components judged, and is no more",
    ),
    member("Snapshot", SNAPSHOT, "verdict.snapshot"),
    member(
        "Judged",
        maybe(_JUDGED),
        "verdict.judged",
        "What was judged: SHA-256 of canonical JSON (members sorted, UTF-8, no blanks). Config is null where "
        "nothing was set",
        there=False,
    ),
    member(
        "Units",
        maybe(COUNT),
        "verdict.units",
        "The work that it took, in units (--effort): the same on every machine. null: it was not counted",
        there=False,
    ),
    member("Config", _CONFIG, "verdict.config", "The settings in force", there=False),
    member("Changes", many(CHANGE), "verdict.changes", "Empty where there is nothing to judge"),
    member("Assumptions", many(ASSUMPTION), "verdict.assumptions"),
    member(
        "Ignored",
        _IGNORED,
        "verdict.ignored",
        "The rules whose findings were left out because the settings say so",
        always=False,
    ),
)


def _written(**told: Any) -> WrittenVerdict:
    parts = {name.removeprefix("verdict."): value for name, value in told.items() if "." in name}
    parts["config"] = parts["config"] or ConfigInForce()
    return WrittenVerdict(Verdict(**parts), told["outcome"], told["failed_on"])


_VERDICT = record(_written, *MEMBERS)


def to_dict(verdict: Verdict, failed_on: Iterable[str] = ()) -> dict[str, Any]:
    """The verdict as plain data, with what it fails by where its outcome does not."""
    by = tuple(str(choice) for choice in failed_on)
    return {"IcplanVerdict": VERSION, **_VERDICT.write(WrittenVerdict(verdict, verdict.outcome, by))}


def from_dict(data: Any) -> WrittenVerdict:
    """The verdict; raises :class:`NotAVerdict`. Evidence that is none is told as such."""
    try:
        return _VERDICT.read(Node(data))
    except Unreadable as error:
        raise NotAVerdict(error.path) from None


def verdicts_schema() -> dict[str, Any]:
    """The JSON schema of the verdicts of several questions, as docs/verdicts.schema.json has it."""
    schema = object_schema(MEMBERS)
    place = [member("File", TEXT_OR_NULL), *(member(one, maybe(INTEGER)) for one in ("Line", "Column"))]
    error = object_schema((*place, member("Path", TEXT_OR_NULL), member("Message", TEXT)))
    verdict = {**schema, "required": ["IcplanVerdict", *schema["required"]]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"icplan verdicts of several questions, version {VERSION}",
        "type": "object",
        "additionalProperties": False,
        "required": ["IcplanVerdicts", "Verdicts", "Errors"],
        "properties": {
            "IcplanVerdicts": {"const": VERSION},
            "Verdicts": {"type": "array", "items": {"$ref": "#/$defs/Verdict"}},
            "Errors": {"type": "array", "items": error, "description": "What could not be judged"},
        },
        "$defs": {**definitions_of(MEMBERS), "Verdict": verdict},
    }


def verdict_schema() -> dict[str, Any]:
    """The JSON schema of a verdict, as docs/verdict.schema.json has it."""
    schema = object_schema(MEMBERS)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"icplan verdict, version {VERSION}",
        **schema,
        "required": ["IcplanVerdict", *schema["required"]],
        "$defs": definitions_of(MEMBERS),
    }
