"""``icplan.toml``, or ``[tool.icplan]`` in ``pyproject.toml``: what a team sets once."""

from __future__ import annotations

import hashlib
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.assumptions import Assumptions
from icplan.catalog.catalog import Catalog
from icplan.catalog.types import InstanceType
from icplan.documents.nearest import nearest
from icplan.documents.read_bytes import decode, read_bytes
from icplan.documents.working_tree import lies_in_tree, working_tree
from icplan.errors import InputError, InputProblem
from icplan.judge.settings import EFFORT_HELP, TIME_LIMIT_HELP, Settings, is_effort, is_time_limit
from icplan.judge.settings_in_force import in_force, overruled
from icplan.rules.registry import RULES
from icplan.snapshot.expected_account import ACCOUNT_HELP, is_account
from icplan.values import frozen
from icplan.verdict.gate import FailOn
from icplan.verdict.origin import ConfigFile, ConfigInForce

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.catalog.observations import Seen
    from icplan.judge.file_groups import Group
    from icplan.verdict.origin import SettingInForce

#: The largest fact of an instance type.
MAX_FACT = 10**9
_TYPE_FIELDS = {"vcpu": int, "memory_mib": int, "accelerators": int, "accelerator_name": str, "mig_gpu": str}


@frozen
class GivenSettings:
    """What the command line, or a caller's arguments, set for one run.

    ``catalog`` has the facts that stand instead of the packaged ones.
    """

    assume: Mapping[str, str] = attrs.field(factory=dict)
    allocatable: Sequence[str] = ()
    ignore: Mapping[str, str] = attrs.field(factory=dict)
    fail_on: Sequence[str] = ()
    time_limit: float | None = None
    effort: float | None = None
    catalog: Catalog | None = None

    def in_force(self) -> Iterator[SettingInForce]:
        """Each as a verdict tells it; no limit at all is none that is set."""
        return in_force(
            None,
            assume=self.assume,
            allocatable=self.allocatable,
            ignore=self.ignore,
            fail_on=self.fail_on,
            time_limit=None if self.time_limit == math.inf else self.time_limit,
            effort=None if self.effort is None or self.effort == math.inf else int(self.effort),
        )


@frozen
class Config:
    """The settings of a file. Nothing is set when there is none."""

    file: str | None = None
    sha256: str = ""
    assume: Mapping[str, str] = attrs.field(factory=dict)
    allocatable: tuple[str, ...] = ()
    observations: tuple[str, ...] = ()
    types: Mapping[str, InstanceType] = attrs.field(factory=dict)
    ignore: Mapping[str, str] = attrs.field(factory=dict)
    fail_on: frozenset[FailOn] = frozenset()
    time_limit: float | None = None
    expect_account: str | None = None
    effort: int | None = None
    groups: tuple[Group, ...] = ()

    @classmethod
    def find(cls, path: str | None) -> Config:
        """The file that is named, else the one of this folder, or of one above it in the working tree.

        :class:`InputError` for whatever is wrong, and where there are several: none is dropped in silence.
        """
        if path is not None:
            return cls.load(path)
        found = [config for name in _candidates() if (config := cls._read(name, optional=True)) is not None]
        if len(found) > 1:
            first, *others = (str(config.file) for config in found)
            hint = "Keep one, or name the one that counts with --config"
            raise InputError(InputProblem(f"{', '.join(others)} holds settings, too", file=first, hint=hint))
        return found[0] if found else cls()

    @classmethod
    def load(cls, path: str) -> Config:
        """Read one file; of a ``pyproject.toml`` the table ``tool.icplan``."""
        config = cls._read(path, optional=False)
        return cls() if config is None else config

    @classmethod
    def _read(cls, path: str, *, optional: bool) -> Config | None:
        data, file = read_bytes(path)
        from icplan.documents.toml_text import load_toml  # noqa: PLC0415  (mostly there is no file)

        table = load_toml(decode(data, file), file)
        for name in ("tool", "icplan") if Path(path).name == "pyproject.toml" else ():
            if optional and name not in table:
                return None
            table = table.get(name, {})
            if not isinstance(table, dict):
                raise InputError(InputProblem(f"{name} must be a table", file=file))
        reader = _Reader(file, hashlib.sha256(data).hexdigest())
        config = reader.config(table)
        if reader.problems:
            raise InputError(reader.problems)
        return config

    def catalog(self) -> Catalog:
        """The packaged facts with the file's own over them."""
        return self._with(self._observed())

    def _observed(self) -> list[Seen]:
        if not self.observations:
            return []
        from icplan.catalog.observations import load  # noqa: PLC0415  (few have any)

        return [load(path) for path in self.observations]

    def _with(self, observed: Sequence[Seen], packaged: Catalog | None = None) -> Catalog:
        catalog = (packaged or Catalog()).with_types(self.types)
        for seen in observed:
            seen.refuse_beyond(catalog)
        seen_in_all = [observation for seen in observed for observation in seen.observations]
        return catalog.with_observations(seen_in_all).with_settings(self.allocatable)

    def settings(self, given: GivenSettings, seconds: float) -> Settings:
        """The settings of a run: what is given wins over the file; ``seconds`` where neither sets a limit."""
        observed = self._observed()
        limit = self.time_limit if given.time_limit is None else given.time_limit
        files = [] if self.file is None else [ConfigFile(self.file, self.sha256)]
        files += [ConfigFile(seen.file, seen.sha256) for seen in observed]
        settings = Settings(
            assume={**self.assume, **given.assume},
            catalog=self._with(observed, given.catalog).with_settings(given.allocatable),
            time_limit=seconds if limit is None else limit,
            effort=self.effort if given.effort is None else given.effort,
            ignore={**self.ignore, **given.ignore},
        )
        in_force = tuple(overruled(self._in_force(), given.in_force()))
        return attrs.evolve(settings, config=ConfigInForce(tuple(files), in_force))

    def _in_force(self) -> Iterator[SettingInForce]:
        return in_force(
            self.file,
            assume=self.assume,
            allocatable=self.allocatable,
            observations=self.observations,
            types=self.types,
            ignore=self.ignore,
            fail_on=self.fail_on,
            time_limit=self.time_limit,
            effort=self.effort,
        )

    def refuse_of_the_tree(self) -> None:
        """Refuse a configuration that lies in the working tree, and one there that it takes settings from."""
        for file in () if self.file is None else (self.file, *self.observations):
            if lies_in_tree(file):
                loosens = [one.setting for one in self._in_force() if one.loosens]
                named = f", and loosens {', '.join(loosens)}" if loosens else ""
                message = f"--strict takes no settings from the working tree{named}"
                hint = "Give --no-config, or --config with a file from elsewhere"
                raise InputError(InputProblem(message, file=file, hint=hint))


def _candidates() -> Iterator[str]:
    """The configurations there may be, from this folder up to that of the working tree, or to the root."""
    here, tree = Path.cwd(), working_tree()
    tops = tree.parents if os.path.lexists(tree / ".git") else ()
    for folder in (here, *here.parents):
        if folder in tops:
            return
        for name in ("icplan.toml", "pyproject.toml"):
            # What is there but cannot be read is refused: settings that are not in force must not look as if.
            if os.path.lexists(folder / name):
                yield name if folder == here else os.path.relpath(folder / name)


def like_rule(rule: str) -> str:
    """What may be meant by a rule that there is not."""
    near = nearest(rule.upper(), RULES)
    return f"Did you mean {near}?" if near else "Rules are called ICP101, ICP505 and the like"


_SETTINGS: Final = frozenset(
    {
        "assume",
        "allocatable",
        "observations",
        "types",
        "ignore",
        "fail-on",
        "time-limit",
        "effort",
        "expect-account",
        "group",
    }
)


@attrs.define
class _Reader:
    file: str
    sha256: str
    problems: list[InputProblem] = attrs.field(factory=list)

    def config(self, table: Mapping[str, Any]) -> Config:
        for name in sorted(table.keys() - _SETTINGS):
            self.wrong(name, "is no setting", f"There are {', '.join(sorted(_SETTINGS))}")
        return Config(
            file=self.file,
            sha256=self.sha256,
            assume=self.assume(table),
            allocatable=self.strings(table, "allocatable", '["ml.g5.2xlarge.memory=24000..30000"]'),
            observations=self.observations(table),
            types=self.types(table),
            ignore=self.ignore(table),
            fail_on=self.fail_on(table),
            time_limit=self.time_limit(table),
            expect_account=self.expect_account(table),
            effort=self.effort(table),
            groups=self._groups(table.get("group", [])),
        )

    def _groups(self, told: Any) -> tuple[Group, ...]:
        if not told and isinstance(told, list):
            return ()
        from icplan.judge.file_groups import GroupReader  # noqa: PLC0415  (most configurations have none)

        return GroupReader(self.file, self.wrong).groups(told)

    def wrong(self, path: str, message: str, hint: str | None = None) -> None:
        self.problems.append(InputProblem(message, file=self.file, path=path, hint=hint))

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
        for rule in sorted(reasons.keys() - RULES.keys()):
            self.wrong(f"ignore.{rule}", "is no rule", like_rule(rule))
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
            self.wrong("time-limit", TIME_LIMIT_HELP)
            return None
        return value

    def expect_account(self, table: Mapping[str, Any]) -> str | None:
        value = table.get("expect-account")
        if value is not None and not is_account(value):
            self.wrong("expect-account", ACCOUNT_HELP)
            return None
        return value

    def effort(self, table: Mapping[str, Any]) -> int | None:
        value = table.get("effort")
        if value is not None and not is_effort(value):
            self.wrong("effort", EFFORT_HELP)
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
        for field in sorted(facts.keys() - _TYPE_FIELDS.keys()):
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
        elif type(facts[field]) is not kind or (kind is int and not required <= facts[field] <= MAX_FACT):
            self.wrong(f"{path}.{field}", "must be a whole number" if kind is int else "must be a text")
