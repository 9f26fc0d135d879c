"""What a guard is told, checked: one value for clients, sessions and asynchronous ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

import attrs

from icplan.api.endpoint_locks import PROCESS, Lock
from icplan.api.planned_index import Plan
from icplan.api.write_check import ANSWERS, SECONDS, Policy, Unfulfilled, WriteCheck
from icplan.documents.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from icplan.api.endpoint_locks import LockSource
    from icplan.api.planned_index import PlanSource
    from icplan.api.write_check import GuardReport
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.verdict import Verdict

CHECK_OPTIONS: Final = ("assume", "allocatable", "catalog", "time_limit", "effort", "ignore")
"""What `icplan.check` takes beside the change and the snapshot."""
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
    judge: Callable[..., Verdict] | None
    seconds: float
    options: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        *,
        mode: str = "enforce",
        plan: PlanSource | None = None,
        lock: LockSource = PROCESS,
        options: Mapping[str, Any],
        **others: Any,
    ) -> Self:
        """Those that arguments come to. ValueError or InputError for one that is none."""
        answers = {name: others.pop(name) for name in list(others) if name.startswith("on_")}
        for name, value in (("mode", mode), *answers.items()):
            allowed = _MODES if name == "mode" else ANSWERS
            if value not in allowed:
                raise ValueError(f"{name} is one of {', '.join(allowed)}, not {value!r}")
        seconds = options.get("time_limit", SECONDS)
        if others.get("judge") is None:
            options = _checked(options)
        else:
            _check_limits(seconds, options.get("effort"))
        return cls(
            policy=Policy(mode, **answers),
            unfulfilled=Unfulfilled(None if plan is None else Plan.of(plan)),
            lock=Lock.of(lock),
            seconds=float(seconds),
            options=options,
            **others,
        )

    def check_of(self, client: Any) -> WriteCheck:
        """What checks the writes of a client."""
        from icplan.aws.other_services import SiblingSession  # noqa: PLC0415  (who guards nothing pays nothing)

        others = SiblingSession(client) if self.session is None else self.session
        is_sagemaker = client.meta.service_model.service_name == "sagemaker"
        return WriteCheck(
            client,
            client if is_sagemaker else others.client("sagemaker", region_name=client.meta.region_name),
            others,
            self.snapshot_reader,
            self.judge,
            self.policy,
            self.report,
            self.lock,
            self.unfulfilled,
            self.wait,
            self.seconds,
            self.options,
        )


def _checked(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is passed on to `icplan.check`; what it does not take is refused now, not at the first write."""
    unknown = sorted(options.keys() - set(CHECK_OPTIONS))
    if unknown:
        near = nearest(unknown[0], CHECK_OPTIONS)
        meant = f"; did you mean {near}?" if near else f": icplan.check takes {', '.join(CHECK_OPTIONS)}"
        raise TypeError(f"guard takes no option {unknown[0]}{meant}")
    if not options.keys() - {"time_limit"}:
        _check_limits(options.get("time_limit", SECONDS), None)
        return options
    from icplan.api.arguments import texts  # noqa: PLC0415  (only who gives one pays for what judges)
    from icplan.api.check import checked_settings  # noqa: PLC0415  (as above)

    # What can be gone through once only is kept for every write.
    given = dict(options)
    if "allocatable" in given:
        given["allocatable"] = texts("allocatable", given["allocatable"])
    if not isinstance(given.get("ignore", {}), Mapping):
        given["ignore"] = texts("ignore", given["ignore"])
    defaults = {"assume": None, "allocatable": (), "catalog": None, "time_limit": SECONDS, "ignore": ()}
    checked_settings(**{**defaults, **given})
    return given


def _check_limits(limit: Any, effort: Any) -> None:
    if limit == SECONDS and effort is None:
        return
    from icplan.judge.settings import Settings  # noqa: PLC0415  (only who gives one pays for the catalog)

    Settings(time_limit=limit, effort=effort)
