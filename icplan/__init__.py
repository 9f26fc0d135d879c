"""Tells, before SageMaker is asked, whether an inference component update can be placed."""

from icplan.checking import check
from icplan.errors import AwsError, DoesNotFit, IcplanError, InputError
from icplan.guard import guard, unguard
from icplan.snapshot import Snapshot
from icplan.verdict import Outcome, Verdict

__version__ = "0.1.0"

__all__ = [
    "AwsError",
    "DoesNotFit",
    "IcplanError",
    "InputError",
    "Outcome",
    "Snapshot",
    "Verdict",
    "check",
    "guard",
    "unguard",
]
