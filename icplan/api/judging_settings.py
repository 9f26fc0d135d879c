"""What a guard is told of judging: a judge of its own, or settings of icplan's, and how long it may take."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final, Self

import attrs

from icplan.documents.nearest import nearest
from icplan.documents.safe_errors import safe_errors
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.api.given_settings import ConfigSource
    from icplan.judge.settings import Settings
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.verdict import Verdict

# A client that nobody writes with does not load what judges.
# ruff: noqa: PLC0415

SECONDS: Final = 20.0
"""How long a guarded write is held up at most, by default."""
CHECK_OPTIONS: Final = ("assume", "allocatable", "catalog", "time_limit", "effort", "ignore", "config")
"""What `icplan.check` takes beside the change and the snapshot."""


@attrs.define
class JudgingSettings:
    """How writes are judged, and the seconds that reading and judging may take together."""

    seconds: float
    expect_account: str | None
    _judge: Callable[..., Verdict] | None
    _options: Mapping[str, Any]
    _settings: Settings | None

    @classmethod
    def of(
        cls, config: ConfigSource, judge: Callable[..., Verdict] | None, options: Mapping[str, Any]
    ) -> Self:
        """Those of a configuration, a judge and options; what is none is refused now, not at the first write.

        What can be gone through once only is so kept for every write, and a file is read once.
        """
        if judge is not None:
            return cls._of_judge(config, judge, options)
        unknown = sorted(options.keys() - set(CHECK_OPTIONS))
        if unknown:
            near = nearest(unknown[0], CHECK_OPTIONS)
            meant = f"; did you mean {near}?" if near else f": icplan.check takes {', '.join(CHECK_OPTIONS)}"
            raise TypeError(f"guard takes no option {unknown[0]}{meant}")
        if not options and not config:
            return cls(SECONDS, None, None, options, None)
        from icplan.api.given_settings import checked_settings

        settings = checked_settings(**options, config=config, seconds=SECONDS)
        return cls(float(settings.time_limit), settings.expect_account, None, options, settings)

    @classmethod
    def _of_judge(
        cls, config: ConfigSource, judge: Callable[..., Verdict], options: Mapping[str, Any]
    ) -> Self:
        limit, effort, account = options.get("time_limit"), options.get("effort"), None
        if config:
            from icplan.api.given_settings import config_of

            found = config_of(config)
            options, account = {**options, "config": found}, found.expect_account
            limit = found.time_limit if limit is None else limit
        if limit is not None or effort is not None:
            from icplan.judge.settings import Settings

            Settings(time_limit=SECONDS if limit is None else limit, effort=effort)
        return cls(SECONDS if limit is None else float(limit), account, judge, options, None)

    def verdict(self, question: Any, snapshot: Snapshot | None, left: float) -> Verdict:
        """What is said of a change, in the seconds that are left."""
        if self._judge is not None:
            return self._judge(question, snapshot, **self._options)
        from icplan.api.check import checked

        return checked(question, snapshot, attrs.evolve(self._checked, time_limit=left))

    @safe_errors()
    def surely_fits(self, change: Mapping[str, Any], snapshot: Snapshot, left: float) -> Verdict | None:
        """The verdict on a change that fits on the instances that run, without what would be told of it.

        ``None`` for every other: it is to be judged as a whole.
        """
        from icplan.api.check import running
        from icplan.inputs.calls import calls_of
        from icplan.judge.change_set import decided

        settings = attrs.evolve(self._checked, time_limit=left)
        (call,) = calls_of(change)
        verdict = decided(call, running(snapshot, settings), settings)
        return verdict if verdict.outcome is Outcome.FITS else None

    @property
    def _checked(self) -> Settings:
        from icplan.api.given_settings import checked_settings

        if self._settings is None:
            self._settings = checked_settings()
        return self._settings

    @property
    def is_own(self) -> bool:
        """Whether another than icplan judges."""
        return self._judge is not None

    def refuse_other_account(self, snapshot: Snapshot) -> None:
        """Refuse an endpoint of another account than the one that is expected. Raises OtherAccountError."""
        from icplan.snapshot.expected_account import refuse_other_account

        if told := refuse_other_account(snapshot, self.expect_account):
            warnings.warn(told, stacklevel=2)
