"""`icplan.plan`: turn its arguments into components and settings, and plan."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from icplan.api.arguments import by_name, texts
from icplan.api.check import running
from icplan.api.given_settings import checked_settings
from icplan.documents.safe_errors import safe_errors
from icplan.errors import InputError, InputProblem
from icplan.inputs.deployment import InputOptions
from icplan.inputs.folders import files_in, is_folder
from icplan.planning.components import components_in, read_components
from icplan.planning.consolidation import MinSavings
from icplan.planning.existing_fleet import plan_endpoint
from icplan.planning.plan import make_plan
from icplan.planning.prices import Prices
from icplan.planning.settings import MAX_TYPES, PlanSettings, gap_of, promises_of, quota_types_of, quotas_of
from icplan.snapshot.snapshot import Snapshot
from icplan.verdict.fleet_plan import Measure, Within

if TYPE_CHECKING:
    from icplan.api.given_settings import ConfigSource
    from icplan.catalog.catalog import Catalog
    from icplan.planning.components import WantedComponents
    from icplan.verdict.fleet_plan import Plan

ComponentSource = (
    str | os.PathLike[str] | Mapping[str, Any] | Sequence[str | os.PathLike[str] | Mapping[str, Any]]
)
PriceSource = Prices | Mapping[str, Any] | str | os.PathLike[str]


@safe_errors()
def plan(  # noqa: PLR0913  (one for each kind of setting)
    components: ComponentSource | Snapshot,
    *,
    types: Iterable[str] | None = None,
    prices: PriceSource | None = None,
    by: str = "cost",
    hold: Iterable[str] = ("rest", "update", "rollback"),
    within: str = "peak",
    gap: float | str = 0,
    max_types: int = 1,
    quotas: Mapping[str, int] | None = None,
    assume: Mapping[str, str] | None = None,
    allocatable: Iterable[str] = (),
    catalog: Catalog | None = None,
    time_limit: float | None = None,
    effort: float | None = None,
    config: ConfigSource = None,
    min_savings: str | None = None,
) -> Plan:
    """Find the cheapest fleet on which components run, updates and rollbacks included.

    Args:
        components: CreateInferenceComponent requests, each by itself or as ``{"Request", "Copies": {"Min",
            "Max"}, "DeploymentConfig"}``; or the paths of files that hold such, or declare an endpoint, and
            of folders with such files. Of a `Snapshot` they are what its endpoint runs, and the plan has a
            ``consolidation``.
        types: Patterns of the instance types to compare, such as ``ml.g5.*``; all that have a price.
        prices: A `Prices`, a dict as in a price file, or the file's path.
        by: What is to be least: ``cost``, ``accelerators``, ``memory`` or ``instances``.
        hold: Conditions to hold, such as ``update`` or ``lost-instance=movable``.
        within: What holds what passes: the ``steady`` fleet, or the fleet at its ``peak``.
        gap: Percent above the bound with which a fleet is good enough.
        max_types: Types that one fleet may have, up to 5.
        quotas: The most instances by type.
        min_savings: What is worth moving the copies of a Snapshot for: ``500`` a month, or ``10%``.
        assume, allocatable, catalog, time_limit, effort, config: As `icplan.check` has them.

    Raises :class:`~icplan.errors.InputError` for what cannot be planned at all.

    """
    measure, within_ = _choice(Measure, by, "by"), _choice(Within, within, "within")
    if type(max_types) is not int or not 1 <= max_types <= MAX_TYPES:
        raise InputError(InputProblem(f"max_types is from 1 to {MAX_TYPES}"))
    if measure is Measure.COST and prices is None:
        hint = "icplan prices writes a price file; by='accelerators' needs none"
        raise InputError(InputProblem("prices are missing", hint=hint))
    patterns, conditions = texts("types", types), texts("hold", hold)
    most_of = by_name("quotas", quotas, "{'ml.g5.xlarge': 4}")
    each_quota = [f"{name}={most}" for name, most in most_of.items()]
    settings = PlanSettings(
        promises=promises_of(conditions),
        prices=None if prices is None or measure is not Measure.COST else _prices(prices),
        by=measure,
        types=patterns,
        max_types=max_types,
        within=within_,
        quotas=quotas_of(each_quota),
        quota_types=quota_types_of(each_quota),
        gap=gap_of(gap),
        judging=checked_settings(assume, allocatable, catalog, time_limit, (), effort, config=config),
    )
    least = None if min_savings is None else MinSavings.of(min_savings)
    if isinstance(components, Snapshot):
        return plan_endpoint(running(components, settings.judging), settings, least=least)
    if least is not None:
        raise InputError(InputProblem("min_savings goes with a Snapshot"))
    return make_plan(_components(components), settings)


def _choice(words: Any, text: str, name: str) -> Any:
    known = list(map(str, words))
    if text not in known:
        raise InputError(InputProblem(f"{name} cannot be {text!r}", hint=f"It is {', '.join(known)}"))
    return words(text)


def _prices(prices: PriceSource) -> Prices:
    if isinstance(prices, Prices):
        return prices
    if isinstance(prices, Mapping):
        return Prices.from_dict(prices)
    if isinstance(prices, str | os.PathLike):
        return Prices.load(prices)
    message = f"prices must be Prices, a dict or the path of a file, not {type(prices).__name__}"
    raise InputError(InputProblem(message))


def _components(source: ComponentSource) -> WantedComponents:
    several = [source] if isinstance(source, str | os.PathLike | Mapping) else list(source)
    paths = [one for one in several if isinstance(one, str | os.PathLike)]
    if paths and len(paths) < len(several):
        raise InputError(InputProblem("components are given as files or as values, not as both"))
    if paths:
        names = [name for one in paths for name in _files(os.fspath(one))]
        return read_components(names, InputOptions())
    return components_in(several)


def _files(path: str) -> list[str]:
    return files_in(path).all if is_folder(path) else [path]
