"""What a guard is told, checked: one value for clients, sessions and asynchronous ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

import attrs

from icplan.api.agreed_plan import AgreedPlan
from icplan.api.endpoint_locks import PROCESS, Lock
from icplan.api.judging_settings import JudgingSettings
from icplan.api.write_check import ANSWERS, Policy, Unfulfilled, WriteCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.api.agreed_plan import PlanSource
    from icplan.api.endpoint_locks import LockSource
    from icplan.api.given_settings import ConfigSource
    from icplan.api.write_check import GuardReport
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.verdict import Verdict

_MODES: Final = ("enforce", "warn", "report")


@attrs.frozen(kw_only=True)
class GuardSettings:
    """The settings of a guard; `icplan.guard` tells of each."""

    policy: Policy
    unfulfilled: Unfulfilled
    report: Callable[[GuardReport], object] | None
    lock: Lock
    wait: bool
    session: Any
    snapshot_reader: Callable[[str], Snapshot] | None
    judging: JudgingSettings

    @classmethod
    def of(
        cls,
        *,
        mode: str = "enforce",
        plan: PlanSource | None = None,
        config: ConfigSource = None,
        lock: LockSource = PROCESS,
        judge: Callable[..., Verdict] | None,
        options: Mapping[str, Any],
        **others: Any,
    ) -> Self:
        """Those that arguments come to. ValueError or InputError for one that is none."""
        answers = {name: others.pop(name) for name in list(others) if name.startswith("on_")}
        for name, value in (("mode", mode), *answers.items()):
            allowed = _MODES if name == "mode" else ANSWERS
            if value not in allowed:
                raise ValueError(f"{name} is one of {', '.join(allowed)}, not {value!r}")
        return cls(
            policy=Policy(mode, **answers),
            unfulfilled=Unfulfilled(None if plan is None else AgreedPlan.of(plan)),
            lock=Lock.of(lock),
            judging=JudgingSettings.of(config, judge, options),
            **others,
        )

    def check_of(self, client: Any) -> WriteCheck:
        """What checks the writes of a client."""
        from icplan.aws.sibling_session import SiblingSession  # noqa: PLC0415  (who guards nothing pays nothing)

        others = SiblingSession(client) if self.session is None else self.session
        is_sagemaker = client.meta.service_model.service_name == "sagemaker"
        return WriteCheck(
            client,
            client if is_sagemaker else others.client("sagemaker", region_name=client.meta.region_name),
            others,
            self.snapshot_reader,
            self.judging,
            self.policy,
            self.report,
            self.lock,
            self.unfulfilled,
            self.wait,
        )
