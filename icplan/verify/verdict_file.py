"""A file of one verdict, or of those of several questions, as `icplan check --format json` writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.errors import InputError, InputProblem
from icplan.verdict.codec import NOTHING_TO_JUDGE, VERSION
from icplan.verdict.drill_codec import TITLE as DRILL
from icplan.verdict.headroom_codec import TITLE as HEADROOM
from icplan.verify.binding import Claims, bound
from icplan.verify.drill import verify_drill
from icplan.verify.headroom import verify_headroom
from icplan.verify.one_verdict import verify
from icplan.verify.result import Checked, Result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SEVERAL = "IcplanVerdicts"


@attrs.frozen
class CheckedVerdict:
    """The results for one verdict of a file, and the time that it tells of its snapshot."""

    results: tuple[Checked, ...]
    taken_at: str | None


def verify_file(
    value: Any, file: str | None = None, claims: Claims | None = None, time_limit: float | None = None
) -> list[CheckedVerdict]:
    """Check every verdict of a file. InputError where it holds none, or one that is not complete.

    What could not be judged is without evidence, and refused where an outcome is required.
    """
    claims = claims or Claims()
    if isinstance(value, dict) and HEADROOM in value:
        return [_of_snapshot("headroom", verify_headroom, value, file, claims, time_limit)]
    if isinstance(value, dict) and DRILL in value:
        return [_of_snapshot("a drill", verify_drill, value, file, claims, time_limit)]
    if not isinstance(value, dict) or SEVERAL not in value:
        return [_checked(value, file, claims, time_limit)]
    verdicts, errors = value.get("Verdicts"), value.get("Errors")
    if value[SEVERAL] != VERSION or not isinstance(verdicts, list) or not isinstance(errors, list):
        raise InputError(InputProblem(f"no verdicts of version {VERSION}", file=file))
    if claims.changes is not None or claims.snapshot is not None:
        message = "holds the verdicts of several questions, so that none can be held against one change"
        raise InputError(InputProblem(message, file=file, hint="Leave --change and --snapshot out"))
    share = None if time_limit is None else time_limit / max(1, len(verdicts))
    found = [_checked(one, file, claims, share) for one in verdicts]
    unjudged = tuple(_unjudged(error, claims) for error in errors)
    return [*found, CheckedVerdict(unjudged, None)] if unjudged else found


def _checked(verdict: Any, file: str | None, claims: Claims, time_limit: float | None) -> CheckedVerdict:
    if (
        isinstance(verdict, dict)
        and verdict.get("Outcome") == NOTHING_TO_JUDGE
        and not verdict.get("Changes")
    ):
        return CheckedVerdict(tuple(_nothing(claims)), None)
    checked = verify(verdict, file, time_limit)
    snapshot: Mapping[str, Any] = verdict["Snapshot"] or {}
    return CheckedVerdict((*checked, *bound(verdict, claims)), snapshot.get("TakenAt"))


def _of_snapshot(
    what: str,
    check: Callable[[Any, str | None, float | None], tuple[Checked, ...]],
    value: Mapping[str, Any],
    file: str | None,
    claims: Claims,
    time_limit: float | None,
) -> CheckedVerdict:
    """The results for a file of headroom or of a drill, which judges no change and has no outcome."""
    if claims.changes is not None or claims.required is not None:
        message = f"holds {what}, which judges no change and has no outcome"
        raise InputError(InputProblem(message, file=file, hint="Leave --change and --require out"))
    results = list(check(value, file, time_limit))
    snapshot: Mapping[str, Any] = value["Snapshot"] or {}
    if claims.snapshot is not None:
        same = snapshot.get("Fingerprint") == claims.snapshot[1]
        result, reason = (Result.VERIFIED, "") if same else (Result.REJECTED, "it is of another snapshot")
        results.append(Checked("-", "snapshot", what.removeprefix("a "), result, reason))
    return CheckedVerdict(tuple(results), snapshot.get("TakenAt"))


def _nothing(claims: Claims) -> Iterator[Checked]:
    """Of nothing to judge nothing is promised."""
    yield Checked("-", "no changes", NOTHING_TO_JUDGE, Result.UNPROVEN, "there is nothing to verify")
    if claims.required is not None:
        reason = f"{claims.required} is required"
        yield Checked("-", "the required outcome", NOTHING_TO_JUDGE, Result.REJECTED, reason)


def _unjudged(error: Any, claims: Claims) -> Checked:
    told = [str(error.get(name)) for name in ("File", "Message")] if isinstance(error, dict) else ["-", "?"]
    result = Result.UNPROVEN if claims.required is None else Result.REJECTED
    return Checked(told[0], "not judged", "no outcome", result, told[1])
