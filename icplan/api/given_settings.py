"""The settings that a caller's arguments, and the file they name, come to: those of the command line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import attrs

from icplan.api.arguments import by_name, texts
from icplan.assumptions import Assumptions
from icplan.errors import InputError, InputProblem
from icplan.judge.config import Config, GivenSettings
from icplan.judge.settings_in_force import SECONDS
from icplan.rules.registry import RULES

if TYPE_CHECKING:
    from icplan.catalog.catalog import Catalog
    from icplan.judge.settings import Settings

ConfigSource = str | os.PathLike[str] | bool | Config | None
"""The path of an ``icplan.toml`` or ``pyproject.toml``; ``True``: the one that the command would find."""


def config_of(source: ConfigSource) -> Config:
    """The settings of a file; none are set without one. InputError for whatever is wrong."""
    if source is None or source is False:
        return Config()
    if source is True:
        return Config.find(None)
    if isinstance(source, Config):
        return source
    if isinstance(source, str | os.PathLike):
        return Config.load(os.fspath(source))
    raise InputError(InputProblem(f"config: must be the path of a file, or True, not {source!r}"))


def checked_settings(  # noqa: PLR0913  (one for each kind of setting)
    assume: Mapping[str, str] | None = None,
    allocatable: Iterable[str] = (),
    catalog: Catalog | None = None,
    time_limit: float | None = None,
    ignore: Mapping[str, str] | Iterable[str] = (),
    effort: float | None = None,
    *,
    config: ConfigSource = None,
    seconds: float = SECONDS,
) -> Settings:
    """The settings that arguments come to, over those of a file; ``seconds`` where neither limits the time.

    InputError for what is none.
    """
    assume = by_name("assume", assume, "{'batch-rounding': 'down'}")
    Assumptions(assume)
    given = GivenSettings(
        assume=assume,
        allocatable=texts("allocatable", allocatable),
        ignore=_ignored(ignore),
        time_limit=time_limit,
        effort=effort,
        catalog=catalog,
    )
    found = config_of(config)
    settings = found.settings(given, seconds)
    return attrs.evolve(settings, fail_on=found.fail_on, expect_account=found.expect_account)


def _ignored(rules: Mapping[str, str] | Iterable[str]) -> dict[str, str]:
    """Reasons by rule. A rule that there is not is refused: it would hide nothing, and not say so."""
    ignored = dict(rules) if isinstance(rules, Mapping) else dict.fromkeys(texts("ignore", rules), "")
    unknown = sorted(str(rule) for rule in ignored if rule not in RULES)
    if unknown:
        raise InputError(
            InputProblem(f"there is no rule {unknown[0]!r}", hint="Rules are called ICP505 and the like")
        )
    for rule, reason in ignored.items():
        if not isinstance(reason, str):
            raise InputError(InputProblem(f"the reason to ignore {rule} must be a text, not {reason!r}"))
    return ignored
