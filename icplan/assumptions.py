"""The rules of the service that no one documents: each has a name, a default, its alternatives and a source.

This is the one place where an inferred fact may enter a verdict; a report says which of them it relied on.
Sources are the tags of docs/assumptions.md.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError, InputProblem
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SHARE = r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%"


@frozen
class Assumption:
    """A named rule: ``choices[0]`` is the default; ``basis`` is documented, measured or inferred.

    Where ``share`` holds, a value may also be a percentage, as in ``90%``. ``promises`` and ``refuses`` tell
    whether the default may carry a promise or a refusal that another value does not bear out, though nobody
    has set it; ``because`` says why.
    """

    name: str
    choices: tuple[str, ...]
    basis: str
    why: str
    share: bool = False
    promises: bool = attrs.field(default=True, kw_only=True)
    refuses: bool = attrs.field(default=True, kw_only=True)
    because: str = attrs.field(kw_only=True)

    def allows(self, value: str) -> bool:
        """Whether it can have that value."""
        return value in self.choices or (self.share and as_share(value) is not None)


def as_share(value: str) -> Fraction | None:
    """A percentage from 0 to 100 as a fraction of one; ``None`` for anything else."""
    match = re.fullmatch(_SHARE, value)
    share = Fraction(match[1]) / 100 if match else None
    return share if share is not None and share <= 1 else None


ASSUMPTIONS = (
    Assumption(
        "update-without-deployment-config",
        ("all-at-once", "one-by-one"),
        "inferred",
        "What an update without a DeploymentConfig does is not stated for inference components: all new "
        "copies at once, which takes a full second set, or one after another.",
        refuses=False,
        because=(
            "All at once needs the most room at a time, so what fits then fits one by one; what does not may."
        ),
    ),
    Assumption(
        "rollback-without-batch",
        ("all-at-once", "one-by-one"),
        "documented",
        "The API reference says that an absent RollbackMaximumBatchSize provisions the entire "
        "capacity of the old fleet at once.",
        because=("AWS documents it."),
    ),
    Assumption(
        "timeout-covers-rollback",
        ("yes", "no"),
        "inferred",
        "MaximumExecutionTimeoutInSeconds is the time limit for the total deployment; whether a "
        "rollback counts in it is not stated.",
        because=("No outcome hangs on it."),
    ),
    Assumption(
        "batch-rounding",
        ("up", "down"),
        "inferred",
        "How CAPACITY_PERCENT turns into copies is not stated; rounding up needs the more room.",
        refuses=False,
        because=("Rounding up needs the more room; what does not fit then may fit in smaller batches."),
    ),
    Assumption(
        "update-to-fewer-copies",
        ("replace-all", "replace-fewer"),
        "inferred",
        "Whether a rolling update that also lowers CopyCount first replaces every old copy, or only "
        "as many as are to remain, is not stated; replacing all needs the more room.",
        refuses=False,
        because=("Replacing all needs the more room; what does not fit then may fit with fewer."),
    ),
    Assumption(
        "spec-change-replaces-copies",
        ("always", "compute-only"),
        "inferred",
        "Whether a change of SchedulingConfig, StartupParameters or DataCacheConfig alone, which "
        "needs no new container, replaces copies is not stated; what runs in the container or what it"
        " reserves does.",
        refuses=False,
        because=(
            "Replacing copies needs the more room; what does not fit then needs no room at all otherwise."
        ),
    ),
    Assumption(
        "equal-specification-replaces-copies",
        ("no", "yes"),
        "inferred",
        "Whether an update that sends the specification which the component has already replaces its "
        "copies is not stated.",
        promises=False,
        because=(
            "Replacing copies needs room that an update without effect does not, so nothing is "
            "promised where that is missing; what does not fit then does not fit with the more to "
            "place."
        ),
    ),
    Assumption(
        "redacted-values",
        ("changed", "unchanged"),
        "inferred",
        "A snapshot holds no values of environment variables, so whether an update that sends some "
        "changes them cannot be told.",
        refuses=False,
        because=("Replacing copies needs the more room; what does not fit then may need none at all."),
    ),
    Assumption(
        "emptied-instances",
        ("kept", "released"),
        "inferred",
        "AWS's blog tears an instance down once its old copies are gone; with several instance types,"
        " the one launched in its place may be of another. That it stays, or comes back as it was, is"
        " not stated.",
        promises=False,
        refuses=False,
        because=(
            "What comes back may have less room than what was there, or more: neither a promise nor a "
            "refusal may hang on that."
        ),
    ),
    Assumption(
        "growth-without-maximum",
        ("none", "unlimited"),
        "inferred",
        "ManagedInstanceScaling may be enabled without a MaxInstanceCount; how far it scales out then"
        " is not stated.",
        refuses=False,
        because=("No growth needs no further instance; with it, what does not fit may."),
    ),
    Assumption(
        "nested-members",
        ("keep", "replace"),
        "inferred",
        "Members left out of Specification keep their value (measured); whether those left out of "
        "ComputeResourceRequirements do is not stated.",
        refuses=False,
        because=("What is kept is reserved, so it needs the more room; without it a copy may fit."),
    ),
    Assumption(
        "failed-component-holds",
        ("yes", "no"),
        "documented",
        "Hugging Face's documentation says that a failed component keeps its reservation until deleted.",
        because=("It is documented, and a refusal was seen."),
    ),
    Assumption(
        "failed-component-takes-update",
        ("no", "yes"),
        "inferred",
        "Whether a Failed component can be updated or scaled is not documented: public tools update "
        "only what is InService, and a public start script scales what has failed.",
        refuses=False,
        because=("Nothing public shows that such a write is refused."),
    ),
    Assumption(
        "unresolved-model",
        ("changed", "unchanged"),
        "inferred",
        "A template alone does not tell whether a model or an image that is a reference is another than the "
        "one that runs.",
        because="A deployment is made to change something, and replacing copies needs the more room.",
    ),
    Assumption(
        "template-resends-copies",
        ("yes", "no"),
        "inferred",
        "Whether CloudFormation's handler sends a CopyCount that the template has not changed is not "
        "documented, and was not seen.",
        because="What stands in the template is what was asked for; the report tells what else may come.",
    ),
    Assumption(
        "neuron-device",
        ("chip", "core"),
        "inferred",
        "botocore says that accelerators include Inferentia; no public test tells chips from NeuronCores.",
        refuses=False,
        because=("There are fewer chips than cores, so what fits on chips fits on cores; what does not may."),
    ),
    Assumption(
        "allocatable-memory",
        ("catalog",),
        "inferred",
        "SageMaker keeps some of an instance's memory; the amount is not published. The catalog has "
        "an interval per type.",
        share=True,
        because=("An interval is judged at both of its ends."),
    ),
    Assumption(
        "memory-reservation-denominator",
        ("allocatable", "instance"),
        "inferred",
        "MemoryReservation is documented as the share of an instance's memory that is reserved. Where it "
        "divides by less than the whole, that is likely what can be allocated, which is not stated.",
        promises=False,
        refuses=False,
        because=("What it divides by may be something else than what can be allocated."),
    ),
    Assumption(
        "allocatable-cpu",
        ("catalog",),
        "inferred",
        "SageMaker may keep some of an instance's CPU; the amount is not published. The catalog has "
        "an interval per type.",
        share=True,
        because=("An interval is judged at both of its ends."),
    ),
)
BY_NAME = {assumption.name: assumption for assumption in ASSUMPTIONS}


@frozen
class Assumptions:
    """The values in force for one run."""

    overrides: Mapping[str, str] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for name, value in self.overrides.items():
            if name not in BY_NAME:
                known = ", ".join(sorted(BY_NAME))
                raise InputError(InputProblem(f"there is no assumption {name!r}", hint=f"There are: {known}"))
            if not BY_NAME[name].allows(value):
                percentage = ("a percentage as 90%",) if BY_NAME[name].share else ()
                choices = " or ".join((*BY_NAME[name].choices, *percentage))
                raise InputError(
                    InputProblem(f"assumption {name} cannot be {value!r}", hint=f"It is {choices}")
                )

    def recorder(self) -> Recorder:
        """The same values, for something that tells afterwards which of them it relied on."""
        return Recorder(self.overrides)

    def given(self, name: str) -> bool:
        """Whether somebody has set it."""
        return name in self.overrides

    def value(self, name: str) -> str:
        """Return the value in force, without relying on it."""
        return self.overrides.get(name, BY_NAME[name].choices[0])

    def use(self, name: str) -> str:
        """Return the value in force, and rely on it: a `Recorder` notes that."""
        return self.value(name)

    def __iter__(self) -> Iterator[Assumption]:
        """Every assumption there is, in order."""
        return iter(ASSUMPTIONS)


@frozen
class Recorder(Assumptions):
    """Assumptions while one thing is worked out: what is relied on is noted, and told with the result."""

    _noted: set[str] = attrs.field(init=False, factory=set, eq=False)

    def __attrs_post_init__(self) -> None:
        """The values were checked before."""

    @property
    def relied_on(self) -> frozenset[str]:
        """The names of those that were relied on."""
        return frozenset(self._noted)

    def use(self, name: str) -> str:
        """Return the value in force, and note that it is relied on."""
        self._noted.add(name)
        return self.value(name)

    def note(self, names: Iterable[str]) -> None:
        """Note what a result relied on that this one rests on."""
        self._noted.update(names)
