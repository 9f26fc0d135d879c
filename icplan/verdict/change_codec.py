"""A change of a verdict to JSON and back: its phases, findings and remedies, one shape for each."""

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
    choice,
    described,
    many,
    maybe,
    member,
    named,
    object_schema,
    record,
    told_alone,
    with_default,
)
from icplan.verdict.change_verdict import Cause, ChangeVerdict, Difference
from icplan.verdict.component_state import AtRest, ComponentState
from icplan.verdict.evidence import Malformed
from icplan.verdict.evidence_codec import COURSES, PREMISES, PROOF, STEP, evidence_to_json, premises_of_proof
from icplan.verdict.finding import Finding, LeftOut, Severity
from icplan.verdict.phase import Duration, Pace, Phase
from icplan.verdict.remedy_codec import OUTCOME, REMEDY, TEXT_OR_NULL

if TYPE_CHECKING:
    from icplan.packing.reader import Node

SHA256: Shape[str] = named(
    "Sha256", attrs.evolve(TEXT, schema={"type": "string", "pattern": "^[0-9a-f]{64}$"})
)
_COUNT_OR_NULL = named("Count", maybe(COUNT))
_COPIES = named("Copies", by_name(attrs.evolve(COUNT, schema={"type": "integer", "minimum": 1})))

_BEFORE_AND_AFTER = named(
    "BeforeAndAfter",
    described(
        maybe(
            Shape(
                lambda copies: {"Before": copies[0], "After": copies[1]},
                lambda data: (data["Before"].count(), data["After"].count()),
                object_schema((member("Before", COUNT), member("After", COUNT))),
            )
        ),
        "The component's copies before and after; null when nothing is placed",
    ),
)

# -- phases -------------------------------------------------------------------------------------------------

_ROW = attrs.evolve(
    OBJECT,
    schema=object_schema(
        (
            member("InstanceType", TEXT),
            member("Launched", FLAG),
            member("Instances", attrs.evolve(COUNT, schema={"type": "integer", "minimum": 1})),
            member("Running", _COPIES),
            member("Placed", _COPIES),
        )
    ),
    definitions=_COPIES.definitions,
)
_KIND = attrs.evolve(TEXT, schema={"enum": ["steady", "place", "rollback"]})
_PHASE_MEMBERS: tuple[Member, ...] = (
    member("Name", TEXT),
    member("Kind", _KIND),
    member("Component", TEXT, says="Of a change of the endpoint: whose copies are placed", spare=True),
    member("Variant", TEXT, says="Of a change of the endpoint: where", spare=True),
    member(
        "Step",
        maybe(STEP),
        says="Which of the steps forward it is; of a rollback, the one after which it begins. null when "
        "nothing is placed",
        there=False,
    ),
    member("Outcome", OUTCOME),
    member("InstancesNow", COUNT),
    member(
        "InstancesNeeded",
        _COUNT_OR_NULL,
        says="The least number that surely suffices; null when no number does",
    ),
    member("OldCopies", _BEFORE_AND_AFTER, "old"),
    member("NewCopies", _BEFORE_AND_AFTER, "new"),
    member("Placement", maybe(many(_ROW)), says="An example of a layout in which the phase works"),
    member("Proof", maybe(PROOF)),
    member(
        "Premises",
        maybe(PREMISES),
        says="What the proof stands on; null where there is none",
        there=False,
    ),
)
_BARE_PHASE = record(Phase, *_PHASE_MEMBERS)


def _phase_to_json(phase: Phase) -> dict[str, Any]:
    """A proof and what it stands on: neither is told without the other."""
    proof, premises = phase.proof, phase.premises
    if proof is None or premises is None or isinstance(proof, Malformed):
        return {**_BARE_PHASE.write(attrs.evolve(phase, proof=None, premises=None))}
    return {**_BARE_PHASE.write(phase), "Proof": evidence_to_json(proof, premises)}


def _read_phase(data: Node) -> Phase:
    """A proof that says other premises than its phase is none."""
    phase = _BARE_PHASE.read(data)
    if phase.proof is None or phase.premises is None or isinstance(phase.proof, Malformed):
        return phase
    told = data["Proof"]
    for name, value in premises_of_proof(phase.premises).items():
        if told.data().get(name) != value:
            return attrs.evolve(phase, proof=Malformed(f"{told.path}.{name}"))
    return phase


PHASE = named("Phase", attrs.evolve(_BARE_PHASE, write=_phase_to_json, read=_read_phase))

# -- changes ------------------------------------------------------------------------------------------------

_PACE = named(
    "Pace",
    record(
        Pace,
        member("Batches", COUNT),
        member("WaitSeconds", COUNT, says="What the batches wait, one after another"),
        member(
            "StartLimitSeconds",
            COUNT,
            "start_seconds",
            "What their copies are allowed to download and start; 0 where StartupParameters do not tell",
        ),
    ),
)
_DURATION = named(
    "Duration",
    record(
        Duration,
        member("Update", _PACE),
        member("Rollback", _PACE, says="Of a rollback when all old copies are gone"),
        member("LimitSeconds", maybe(COUNT), says="MaximumExecutionTimeoutInSeconds"),
    ),
)
_RULE = attrs.evolve(TEXT, schema={"type": "string", "pattern": "^ICP[1-6][0-9]{2}$"})
_FINDING = named(
    "Finding",
    record(
        Finding,
        member("Rule", _RULE),
        member("Severity", choice(Severity)),
        member("Message", TEXT),
        member("Path", TEXT_OR_NULL),
        member("File", TEXT_OR_NULL),
        member("Line", maybe(INTEGER)),
        member("Column", maybe(INTEGER)),
        member("Need", maybe(NUMBER)),
        member("Have", maybe(NUMBER)),
        member(
            "Unit",
            TEXT_OR_NULL,
            says="Of Need and Have; null: that of the member at Path",
            always=False,
        ),
        member("LargestThatWorks", maybe(NUMBER)),
        member(
            "LargestThatWorksUnit",
            TEXT_OR_NULL,
            "largest_unit",
            "null: that of the member at Path",
            always=False,
        ),
        member("AwsError", TEXT_OR_NULL),
    ),
)


_PLACE = named(
    "Place",
    attrs.evolve(
        OBJECT,
        schema=object_schema(
            (
                member("File", TEXT_OR_NULL),
                member("Line", maybe(INTEGER)),
                member("Column", maybe(INTEGER)),
                member("Note", TEXT_OR_NULL, says="What it has to do with the change", always=False),
            )
        ),
    ),
)
_EXPECTED = (member("SpecificationSha256", SHA256), member("CopyCount", COUNT))
_AT_REST = record(AtRest, member("Outcome", OUTCOME), member("RollbackOutcome", maybe(OUTCOME)))
#: A component's name; of a change of the endpoint, or of its configuration, there is none.
_NAME: Shape[str] = Shape(
    lambda name: name or None, lambda data: TEXT_OR_NULL.read(data) or "", TEXT_OR_NULL.schema
)
_DIFFERENCE = named(
    "Difference",
    record(
        Difference,
        member("What", TEXT),
        member("Before", TEXT_OR_NULL, says="null: it had no value"),
        member("After", TEXT_OR_NULL, says="null: it gets none"),
        member("Unit", TEXT_OR_NULL),
        member("Noted", TEXT_OR_NULL, says="How much it is another, where that may be a slip of the unit"),
    ),
)
_CAUSE = named(
    "Cause",
    record(
        Cause,
        member("Phase", TEXT),
        member("Copies", COUNT, says="Those for which there is too little room"),
        member("Resources", many(TEXT), says="Of which there is too little"),
        member("Components", many(TEXT), says="Whose copies hold the rest"),
        member("InstanceTypes", many(TEXT), says="Where they lie"),
        member("Limits", many(TEXT), says="The rules that keep the fleet from growing"),
        member("Minimal", FLAG, says="Whether nothing of it can be left out; else there was no time to tell"),
        member("Text", TEXT, says="The same in words"),
    ),
)
CHANGE = named(
    "Change",
    record(
        ChangeVerdict,
        member("Operation", TEXT),
        member(
            "InferenceComponentName",
            _NAME,
            says="null: a change of the endpoint, or of its configuration",
        ),
        member("EndpointName", TEXT, spare=True),
        member("EndpointConfigName", TEXT, spare=True),
        member("File", TEXT_OR_NULL, says="The file the change was read from", always=False),
        member(
            "Path",
            TEXT_OR_NULL,
            says="Where in its document the change stands, as a JSON path",
            always=False,
        ),
        told_alone("Line", maybe(INTEGER), "Of a deployment: where the change is declared"),
        told_alone("Address", TEXT_OR_NULL, "Its logical id, or its address in a plan"),
        told_alone("Construct", TEXT, "The path of its CDK construct"),
        told_alone("Source", _PLACE),
        told_alone("Related", many(_PLACE)),
        member("Outcome", OUTCOME),
        member(
            "AtRest",
            maybe(_AT_REST),
            says="Of a change that is blocked: what would come of it once nothing is under way; null where "
            "nothing is, or it cannot be told",
            there=False,
        ),
        with_default(
            member(
                "Diagnosis",
                many(TEXT),
                says="Of a change that is blocked: what is under way, and why it does not go on",
                there=False,
            ),
            (),
        ),
        member(
            "Before",
            maybe(record(ComponentState, *_EXPECTED, member("LastModifiedTime", TEXT_OR_NULL))),
            says="The component as the change meets it; null: there is none, or the request is invalid",
            there=False,
        ),
        member(
            "Expected",
            maybe(record(ComponentState, *_EXPECTED)),
            says="The component as it is to be; null: none, or the request is invalid",
            there=False,
        ),
        member("Phases", many(PHASE)),
        member(
            "Copies",
            _BEFORE_AND_AFTER,
            says="The component's copies that run before the change, and those it asks for; null when it was "
            "not placed",
            always=False,
        ),
        member(
            "InstancesNow",
            _COUNT_OR_NULL,
            says="After other changes of a set: the most that may run then",
        ),
        member(
            "PeakInstances",
            _COUNT_OR_NULL,
            says="The most that surely suffice at any step, no fewer than run or arrive, without what other "
            "components in motion launch; null when no number does",
        ),
        member(
            "FinalInstances",
            _COUNT_OR_NULL,
            says="A prediction; null when the change does not surely fit, or when fewer instances are likely "
            "to run now than InstancesNow, the most that may",
        ),
        member("RollbackOutcome", maybe(OUTCOME)),
        member(
            "Duration",
            maybe(_DURATION),
            says="Of a rolling update; null for any other change",
            always=False,
        ),
        with_default(
            member("Changed", many(_DIFFERENCE), says="What it changes of the component", spare=True), ()
        ),
        member("Way", TEXT, says="How copies are replaced", spare=True),
        member(
            "Cause",
            _CAUSE,
            says="Of a change that does not fit: a part of what it meets that is enough to refuse it",
            spare=True,
        ),
        member(
            "Courses",
            COURSES,
            says="On a small fleet: what every course of the change was tried on",
            spare=True,
        ),
        member("Findings", many(_FINDING)),
        member("Remedies", many(REMEDY)),
        member(
            "Tried",
            many(TEXT),
            says="What was tried as a remedy, where none was found",
            always=False,
        ),
        member(
            "TurnsOn",
            many(TEXT),
            says="The assumptions that nobody has set, and of which another value would give another outcome "
            "than the default",
            always=False,
        ),
        with_default(
            member(
                "Ignored",
                many(
                    record(
                        LeftOut,
                        member("Rule", TEXT),
                        member("Reason", TEXT),
                        member("File", TEXT_OR_NULL),
                        member("Line", maybe(INTEGER)),
                    )
                ),
                "left_out",
                "Rules whose findings of this change are left out: by the file, where it says so, or as what "
                "follows from others that are (then File is null)",
                spare=True,
            ),
            (),
        ),
    ),
)
