"""`icplan.check`: a change as a dict or a file, a snapshot, and the verdict."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from icplan.assumptions import Assumptions
from icplan.catalog.catalog import Catalog
from icplan.errors import InputError, InputProblem
from icplan.in_force import in_force
from icplan.inputs import python_request
from icplan.judge import Call, Settings, judge
from icplan.origin import ConfigInForce
from icplan.rules import RULES
from icplan.snapshot import Snapshot
from icplan.sources.files import Document, parse_document, read_document, syntax_of
from icplan.sources.paths import join_path, split_path
from icplan.spec.change import read_calls

if TYPE_CHECKING:
    from icplan.verdict import Verdict

ChangeSource = Mapping[str, Any] | Sequence[Any] | str | os.PathLike[str]
SnapshotSource = Snapshot | Mapping[str, Any] | str | os.PathLike[str]


def check(
    change: ChangeSource,
    snapshot: SnapshotSource,
    *,
    assume: Mapping[str, str] | None = None,
    allocatable: Iterable[str] = (),
    catalog: Catalog | None = None,
    time_limit: float = math.inf,
    ignore: Mapping[str, str] | Iterable[str] = (),
) -> Verdict:
    """Tell whether a change, or several in order, can be placed, at every step and on rollback.

    Args:
        change: The keyword arguments of a boto3 call, an envelope ``{"Operation", "Request"}``, a list of
            these, or the path of a JSON or YAML file that holds one.
        snapshot: What the endpoint runs: a `Snapshot`, a dict as in a snapshot file, or the file's path.
        assume: Assumptions by name (see the documentation of assumptions).
        allocatable: ``TYPE.memory=MIB`` or ``TYPE.cpu=CORES``, one figure or ``LOW..HIGH``.
        catalog: Instance facts, when the packaged ones are not to be used.
        time_limit: Seconds for the whole question, more than 0; past them an answer is ``undecided``.
        ignore: Rules whose findings are left out; a mapping gives the reasons.

    Raises :class:`~icplan.errors.InputError` for what cannot be judged at all.

    """
    assume, allocatable, ignore = dict(assume or {}), list(_texts(allocatable)), _ignored(ignore)
    Assumptions(assume)
    settings = Settings(
        assume=assume,
        catalog=(catalog or Catalog()).with_settings(allocatable),
        time_limit=time_limit,
        ignore=ignore,
    )
    limit = None if time_limit == math.inf else time_limit
    given = in_force(None, assume=assume, allocatable=allocatable, ignore=ignore, time_limit=limit)
    settings = attrs.evolve(settings, config=ConfigInForce(settings=tuple(given)))
    return judge(calls_of(change), _snapshot_of(snapshot), settings)


def _texts(texts: Iterable[str]) -> Iterable[str]:
    """Refuse one text where several belong: it would be taken letter by letter."""
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        raise InputError(InputProblem(f"must be a list of texts, not {texts!r}"))
    return texts


def _ignored(rules: Mapping[str, str] | Iterable[str]) -> dict[str, str]:
    """Reasons by rule. A rule that there is not is refused: it would hide nothing, and not say so."""
    ignored = dict(rules) if isinstance(rules, Mapping) else dict.fromkeys(_texts(rules), "")
    unknown = sorted(str(rule) for rule in ignored if rule not in RULES)
    if unknown:
        raise InputError(
            InputProblem(f"there is no rule {unknown[0]!r}", hint="Rules are called ICP505 and the like")
        )
    return ignored


def _snapshot_of(snapshot: SnapshotSource) -> Snapshot:
    if isinstance(snapshot, Snapshot):
        return snapshot
    if isinstance(snapshot, str | os.PathLike):
        return Snapshot.load(snapshot)
    return Snapshot.from_dict(snapshot)


def calls_of(change: ChangeSource) -> list[Call]:
    """The calls that a change asks for, in order, each with its place."""
    if isinstance(change, str | os.PathLike):
        return calls_in(read_document(change))
    return [Call(call.operation, call.request, call.path) for call in read_calls(change)]


def asked_in(data: bytes, file: str) -> list[Call]:
    """The calls that the bytes of a file ask for; problems name the file as ``file``."""
    return calls_in(parse_document(data, file, syntax=syntax_of(file)))


def calls_in(document: Document) -> list[Call]:
    """The calls that a document asks for; problems name the document's file, line and column."""
    if python_request.recognises(document.value):
        return _from_python(document)
    try:
        calls = read_calls(document.value)
    except InputError as error:
        raise InputError([document.problem(p.message, p.path, p.hint) for p in error.problems]) from None
    return [Call(call.operation, call.request, call.path, document.file, document.locate) for call in calls]


def _from_python(document: Document) -> list[Call]:
    """The calls of a document that is spelled as Python code spells requests."""
    try:
        value, origins = python_request.to_boto3(document.value)
        calls = read_calls(value)
    except InputError as error:
        raise InputError([document.problem(p.message, p.path, p.hint) for p in error.problems]) from None

    def locate(path: str) -> tuple[int, int] | None:
        steps = split_path(path)
        while steps not in origins and steps:
            steps = steps[:-1]
        return document.locate(join_path(origins.get(steps, ())))

    return [Call(call.operation, call.request, call.path, document.file, locate) for call in calls]
