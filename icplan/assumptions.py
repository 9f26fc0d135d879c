"""The rules of the service that no one documents: each has a name, a default, its alternatives and a source.

This is the one place where an inferred fact may enter a verdict; a report says which of them it relied on.
Sources are the tags of docs/assumptions.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@attrs.frozen
class Assumption:
    """A named rule: ``choices[0]`` is the default; ``basis`` is documented, measured or inferred."""

    name: str
    choices: tuple[str, ...]
    basis: str
    why: str


ASSUMPTIONS = (
    Assumption(
        "update-without-deployment-config",
        ("all-at-once", "one-by-one"),
        "inferred",
        "AWS calls blue/green the traditional way and says it needs the full second set; for inference "
        "components the default is not stated.",
    ),
    Assumption(
        "rollback-without-batch",
        ("all-at-once", "one-by-one"),
        "documented",
        "The API reference says that an absent RollbackMaximumBatchSize provisions the entire capacity of "
        "the old fleet at once.",
    ),
    Assumption(
        "batch-rounding",
        ("up", "down"),
        "inferred",
        "How CAPACITY_PERCENT turns into copies is not stated; rounding up needs the more room.",
    ),
    Assumption(
        "spec-change-replaces-copies",
        ("always", "compute-only"),
        "inferred",
        "Whether a change of, say, SchedulingConfig alone replaces copies is not stated.",
    ),
    Assumption(
        "nested-members",
        ("keep", "replace"),
        "inferred",
        "Members left out of Specification keep their value (measured); whether those left out of "
        "ComputeResourceRequirements do is not stated.",
    ),
    Assumption(
        "failed-component-holds",
        ("yes", "no"),
        "documented",
        "Hugging Face's documentation says that a failed component keeps its reservation until deleted.",
    ),
    Assumption(
        "neuron-device",
        ("chip", "core"),
        "inferred",
        "botocore says that accelerators include Inferentia; no public test tells chips from NeuronCores.",
    ),
)
BY_NAME = {assumption.name: assumption for assumption in ASSUMPTIONS}


@attrs.define
class Assumptions:
    """The values in force for one run, and a note of which were relied on."""

    overrides: Mapping[str, str] = attrs.field(factory=dict)
    used: set[str] = attrs.field(factory=set)

    def __attrs_post_init__(self) -> None:
        for name, value in self.overrides.items():
            if name not in BY_NAME:
                known = ", ".join(sorted(BY_NAME))
                raise InputError(Problem(f"there is no assumption {name!r}", hint=f"There are: {known}"))
            if value not in BY_NAME[name].choices:
                choices = " or ".join(BY_NAME[name].choices)
                raise InputError(Problem(f"assumption {name} cannot be {value!r}", hint=f"It is {choices}"))

    def peek(self, name: str) -> str:
        """Return the value in force, without relying on it."""
        return self.overrides.get(name, BY_NAME[name].choices[0])

    def __getitem__(self, name: str) -> str:
        """Return the value in force, and note that the verdict relies on it."""
        self.used.add(name)
        return self.peek(name)

    def __iter__(self) -> Iterator[Assumption]:
        """Every assumption there is, in order."""
        return iter(ASSUMPTIONS)
