"""What the shell completes: rules, instance types and assumptions by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import click

# Nothing is loaded before somebody presses Tab.
# ruff: noqa: PLC0415


def rules(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Rules that begin so."""
    from icplan.rules.registry import RULES

    return _beginning(RULES, begun.upper())


def types(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Instance types that begin so."""
    from icplan.catalog.catalog import builtin_types

    return _beginning(builtin_types(), begun)


def amounts(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """``TYPE.memory=`` and ``TYPE.cpu=`` that begin so."""
    from icplan.catalog.catalog import builtin_types

    return _beginning((f"{name}.{of}=" for name in builtin_types() for of in ("memory", "cpu")), begun)


def assumptions(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """``NAME=VALUE`` of assumptions that begin so."""
    from icplan.assumptions import ASSUMPTIONS

    return _beginning((f"{one.name}={choice}" for one in ASSUMPTIONS for choice in one.choices), begun)


def _beginning(names: Iterable[str], begun: str) -> list[str]:
    return [name for name in names if name.startswith(begun)]
