"""``icplan.toml``, or ``[tool.icplan]`` in ``pyproject.toml``: what a team sets once."""

from __future__ import annotations

import difflib
import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from icplan.asked import TIME_LIMIT, is_time_limit
from icplan.assumptions import Assumptions
from icplan.catalog.catalog import Catalog
from icplan.catalog.types import InstanceType
from icplan.errors import InputError, Problem
from icplan.gate import FailOn
from icplan.judge import Settings
from icplan.rules import RULES
from icplan.sources import observations
from icplan.sources.raw import decode, read_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPE_FIELDS = {"vcpu": int, "memory_mib": int, "accelerators": int, "accelerator_name": str, "mig_gpu": str}


@attrs.frozen
class Config:
    """The settings of a file. Nothing is set when there is none."""

    file: str | None = None
    assume: Mapping[str, str] = attrs.field(factory=dict)
    allocatable: tuple[str, ...] = ()
    observations: tuple[str, ...] = ()
    types: Mapping[str, InstanceType] = attrs.field(factory=dict)
    ignore: Mapping[str, str] = attrs.field(factory=dict)
    fail_on: frozenset[FailOn] = frozenset()
    time_limit: float | None = None

    @classmethod
    def find(cls, path: str | None) -> Config:
        """The file that is named, else the one in this folder. :class:`InputError` for whatever is wrong."""
        if path is not None:
            return cls.load(path)
        # What is there but cannot be read is refused: settings that are not in force must not look as if.
        there = (name for name in ("icplan.toml", "pyproject.toml") if os.path.lexists(name))
        name = next(there, None)
        return cls() if name is None else cls.load(name)

    @classmethod
    def load(cls, path: str) -> Config:
        """Read one file; of a ``pyproject.toml`` the table ``tool.icplan``."""
        data, file = read_bytes(path)
        try:
            table = tomllib.loads(decode(data, file))
        except tomllib.TOMLDecodeError as error:
            raise InputError(Problem(f"is not valid TOML: {error}", file=file)) from None
        except (RecursionError, ValueError):
            message = "is nested too deeply, or has a number of too many digits"
            raise InputError(Problem(message, file=file)) from None
        for name in ("tool", "icplan") if Path(path).name == "pyproject.toml" else ():
            table = table.get(name, {})
            if not isinstance(table, dict):
                raise InputError(Problem(f"{name} must be a table", file=file))
        reader = _Reader(file)
        config = reader.config(table)
        if reader.problems:
            raise InputError(reader.problems)
        return config

    def catalog(self) -> Catalog:
        """The packaged facts with the file's own over them."""
        seen = [observation for path in self.observations for observation in observations.read(path)]
        return Catalog().with_types(self.types).with_observations(seen).with_settings(self.allocatable)

    def settings(self, options: Mapping[str, Any], seconds: float) -> Settings:
        """The settings of a run: the command line's options win over the file's."""
        catalog = self.catalog().with_settings(options["allocatable"])
        limit = options["time_limit"] if options["time_limit"] is not None else self.time_limit
        return Settings(
            assume={**self.assume, **dict(map(_pair, options["assume"]))},
            catalog=catalog,
            time_limit=seconds if limit is None else limit,
            ignore=self.ignore,
        )


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(Problem(f"cannot read the assumption {text!r}", hint="Write NAME=VALUE"))
    return name.strip(), value.strip()


@attrs.define
class _Reader:
    file: str
    problems: list[Problem] = attrs.field(factory=list)

    def config(self, table: Mapping[str, Any]) -> Config:
        known = {"assume", "allocatable", "observations", "types", "ignore", "fail-on", "time-limit"}
        for name in table.keys() - known:
            self.wrong(name, "is no setting", f"There are {', '.join(sorted(known))}")
        return Config(
            file=self.file,
            assume=self.assume(table),
            allocatable=self.strings(table, "allocatable", '["ml.g5.2xlarge.memory=24000..30000"]'),
            observations=self.observations(table),
            types=self.types(table),
            ignore=self.ignore(table),
            fail_on=self.fail_on(table),
            time_limit=self.time_limit(table),
        )

    def wrong(self, path: str, message: str, hint: str | None = None) -> None:
        self.problems.append(Problem(message, file=self.file, path=path, hint=hint))

    def texts(self, table: Mapping[str, Any], name: str, hint: str | None = None) -> dict[str, str]:
        value = table.get(name, {})
        if not isinstance(value, dict) or not all(isinstance(v, str) and v for v in value.values()):
            self.wrong(name, "must be a table of texts", hint)
            return {}
        return value

    def strings(self, table: Mapping[str, Any], name: str, example: str) -> tuple[str, ...]:
        value = table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            self.wrong(name, "must be a list of texts", f"As in {example}")
            return ()
        return tuple(value)

    def observations(self, table: Mapping[str, Any]) -> tuple[str, ...]:
        """The paths of observation files, which are relative to the configuration's folder."""
        paths = self.strings(table, "observations", '["observations.json"]')
        return tuple(str(Path(self.file).parent / path) for path in paths)

    def assume(self, table: Mapping[str, Any]) -> dict[str, str]:
        """Values by assumption; what is no assumption, or cannot have that value, is refused."""
        values = self.texts(table, "assume")
        for name, value in values.items():
            try:
                Assumptions({name: value})
            except InputError as error:
                (problem,) = error.problems
                self.wrong(f"assume.{name}", problem.message, problem.hint)
        return values

    def ignore(self, table: Mapping[str, Any]) -> Mapping[str, str]:
        """Reasons by rule. A rule that there is not is refused: it would hide nothing, and not say so."""
        reasons = self.texts(
            table, "ignore", 'Give each rule a reason, as in ICP505 = "capacity is reserved"'
        )
        for rule in reasons.keys() - RULES.keys():
            near = difflib.get_close_matches(rule.upper(), RULES, n=1)
            hint = f"Did you mean {near[0]}?" if near else "Rules are called ICP101, ICP505 and the like"
            self.wrong(f"ignore.{rule}", "is no rule", hint)
        return reasons

    def fail_on(self, table: Mapping[str, Any]) -> frozenset[FailOn]:
        value = table.get("fail-on", [])
        choices = [str(choice) for choice in FailOn]
        if not isinstance(value, list) or not all(v in choices for v in value):
            self.wrong("fail-on", f"must be a list of {', '.join(choices)}")
            return frozenset()
        return frozenset(map(FailOn, value))

    def time_limit(self, table: Mapping[str, Any]) -> float | None:
        value = table.get("time-limit")
        if value is not None and not is_time_limit(value):
            self.wrong("time-limit", TIME_LIMIT)
            return None
        return value

    def types(self, table: Mapping[str, Any]) -> dict[str, InstanceType]:
        value = table.get("types", {})
        if not isinstance(value, dict):
            self.wrong("types", "must be a table per instance type")
            return {}
        found = {name: self.instance_type(name, facts) for name, facts in value.items()}
        return {name: kind for name, kind in found.items() if kind is not None}

    def instance_type(self, name: str, facts: Any) -> InstanceType | None:
        path = f'types."{name}"'
        if not isinstance(facts, dict):
            self.wrong(path, "must be a table with vcpu, memory_mib and accelerators")
            return None
        before = len(self.problems)
        for field in facts.keys() - _TYPE_FIELDS.keys():
            self.wrong(f"{path}.{field}", "is no fact", f"There are {', '.join(_TYPE_FIELDS)}")
        for field, kind in _TYPE_FIELDS.items():
            self._fact(facts, field, kind, path)
        if len(self.problems) > before:
            return None
        return InstanceType(name=name, source=self.file, **facts)

    def _fact(self, facts: Mapping[str, Any], field: str, kind: type, path: str) -> None:
        required = field in {"vcpu", "memory_mib"}
        if field not in facts:
            if required:
                self.wrong(f"{path}.{field}", "is missing")
        elif type(facts[field]) is not kind or (kind is int and not required <= facts[field] <= 10**9):
            self.wrong(f"{path}.{field}", "must be a whole number" if kind is int else "must be a text")
