"""The answer to a change, or to several in order, as data. Nothing here decides or words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.values import Answer, frozen
from icplan.verdict.origin import ConfigInForce
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.finding import Finding
    from icplan.verdict.gate import ExitCode
    from icplan.verdict.origin import Judged
    from icplan.verdict.remedy import Remedy


@frozen
class AssumptionUse:
    """The value an assumption had, what it rests on, and whether the verdict relied on it.

    ``otherwise`` gives the outcome under each other value with which it would be another. ``threshold`` says
    how far an amount that was relied on may be off.
    """

    name: str
    value: str
    basis: str
    relied_on: bool
    otherwise: Mapping[str, Outcome] = attrs.field(factory=dict)
    threshold: str | None = None


@frozen
class SnapshotIdentity:
    """Which snapshot a verdict speaks of, if any. ``fingerprint`` is a SHA-256 over its content.

    ``account_id``, ``region`` and ``index`` (a SHA-256 over what bears on capacity) as the snapshot tells.
    """

    fingerprint: str | None
    taken_at: str | None
    endpoint_name: str
    account_id: str | None = None
    region: str | None = None
    index: str | None = None


@frozen
class Verdict(Answer):
    """The answer to a change, or to several in order: that of the worst one.

    ``ignored`` has the rules whose findings were left out because the settings say so, with the reasons.
    ``config`` tells which settings were in force, ``judged`` has hashes of all that was judged, and ``units``
    counts the work that it took, the same on every machine; verdicts that differ in nothing else are equal.
    """

    snapshot: SnapshotIdentity
    changes: tuple[ChangeVerdict, ...]
    assumptions: tuple[AssumptionUse, ...] = ()
    ignored: Mapping[str, str] = attrs.field(factory=dict)
    config: ConfigInForce = attrs.field(factory=ConfigInForce, eq=False)
    judged: Judged | None = attrs.field(default=None, eq=False)
    units: int | None = attrs.field(default=None, eq=False)

    def __repr__(self) -> str:
        counts = f"changes={len(self.changes)}, findings={len(self.findings)}, remedies={len(self.remedies)}"
        return f"Verdict({str(self.outcome)!r}, {self.snapshot.endpoint_name!r}, {counts})"

    @property
    def outcome(self) -> Outcome:
        """The outcome of the worst change."""
        return Outcome.worst(change.outcome for change in self.changes)

    @property
    def fits(self) -> bool:
        """Whether every change fits, now or after scale-out."""
        return self.outcome.fits

    @property
    def exit_code(self) -> ExitCode:
        """What `icplan check` exits with, where no option asks for more: 0 fits, 1 fails, 3 is not sure.

        What the settings in force fail on counts.
        """
        from icplan.verdict.gate import exit_code, fail_on_of  # noqa: PLC0415  (it is about verdicts)

        return exit_code(self, fail_on_of(self))

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data, as `icplan check --format json` writes it, with its evidence."""
        from icplan.verdict.codec import to_dict  # noqa: PLC0415  (few want it as data)
        from icplan.verdict.gate import fail_on_of, failed_on  # noqa: PLC0415

        return to_dict(self, failed_on(self, fail_on_of(self)))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of every change, in order."""
        return tuple(finding for change in self.changes for finding in change.findings)

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """The remedies of every change, in order."""
        return tuple(remedy for change in self.changes for remedy in change.remedies)
