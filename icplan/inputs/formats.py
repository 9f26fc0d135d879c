"""The table of formats: which kind each file is, and files of all kinds into one deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from icplan.errors import InputError, InputProblem
from icplan.inputs import ack, cloudformation, cloudformation_change_set, terraform_plan
from icplan.inputs.assemble import assemble
from icplan.inputs.declared import Declared

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from icplan.inputs.deployment import Deployment, InputOptions
    from icplan.inputs.source import Source


@attrs.frozen
class Format:
    """A format of deployments: how a file of it is recognised, and what several of them declare.

    ``tells_deletions``: a file of it lists what is deleted, so that what it does not list stays.
    """

    name: str
    recognises: Callable[[Source], bool]
    declare: Callable[[Sequence[Source], InputOptions], Declared]
    tells_deletions: bool = False


FORMATS: Final = (
    Format("Terraform plan", terraform_plan.recognises, terraform_plan.declare, tells_deletions=True),
    Format(
        "CloudFormation change set",
        cloudformation_change_set.recognises,
        cloudformation_change_set.declare,
        tells_deletions=True,
    ),
    Format("CloudFormation template", cloudformation.recognises, cloudformation.declare),
    Format("ACK manifest", ack.recognises, ack.declare),
)
"""In the order in which they are tried."""


def read(sources: Sequence[Source], options: InputOptions) -> Deployment:
    """The deployment that files of any formats declare together."""
    declared = Declared([])
    names = []
    for one in FORMATS:
        own = [source for source in sources if format_of(source) is one]
        if own:
            names.append(one.name)
            declared = declared.plus(one.declare(own, options))
            if options.complete and one.tells_deletions:
                message = f"is a {one.name}, which tells itself what is deleted"
                raise InputError(InputProblem(message, file=own[0].file, hint="Leave --complete out"))
    return assemble(names, declared, options)


def format_of(source: Source) -> Format | None:
    """The format of a file, None for a request."""
    return next((one for one in FORMATS if one.recognises(source)), None)
