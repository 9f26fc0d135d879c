"""The snapshot document: loaded, read live, checked, fingerprinted, saved."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from icplan.documents.document import read_document
from icplan.documents.json_values import as_json_values
from icplan.documents.redact import redact
from icplan.documents.safe_errors import safe_errors
from icplan.documents.write import write_json
from icplan.errors import InputError
from icplan.snapshot.checks import document_problems, entries, problems
from icplan.values import frozen
from icplan.verdict.origin import canonical_sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping
    from typing import Any

    from icplan.documents.document import Document, Source
    from icplan.errors import InputProblem


@frozen(eq=False, repr=False)
class Snapshot:
    """AWS's answers about one endpoint, checked. Equal when content and moment are equal.

    Attributes:
        data: The document as AWS's shapes have it. Shared: do not alter it, take `to_dict` for a copy.
        file: The file it came from, as messages show it; None when it came from elsewhere.

    """

    data: Mapping[str, Any]
    file: str | None = None
    _document: Document | None = None
    _is_redacted: bool = False

    @classmethod
    @safe_errors()
    def load(cls, path: Source) -> Snapshot:
        """Read a snapshot file, or standard input when ``path`` is ``-``.

        Raises InputError, which names every fault with line and column, when it is no such file.
        """
        document = read_document(path)
        return cls._checked(document.value, document.file, document)

    @classmethod
    @safe_errors()
    def from_dict(cls, data: Mapping[str, Any], file: str | None = None) -> Snapshot:
        """Take a snapshot from a dict as in the file, or of boto3's answers with their dates.

        ``file`` is what messages should call it. The dict is copied. Raises InputError, naming every fault.
        """
        return cls._checked(data, file, None)

    @classmethod
    @safe_errors()
    def read(  # noqa: PLR0913  (one for each kind of setting)
        cls,
        endpoint_name: str,
        session: Any = None,
        client: Any = None,
        *,
        include_usage: bool = False,
        warn: Callable[[str], object] | None = None,
        time_limit: float | None = None,
        types: Iterable[str] = (),
        parts: Container[str] | None = None,
        workers: int | None = None,
    ) -> Snapshot:
        """Read the live endpoint, with read-only calls (see `icplan.aws.read.read_snapshot`).

        Raises AwsError when AWS refuses, or has not answered within ``time_limit`` seconds.
        """
        from icplan.aws.read import read_snapshot  # noqa: PLC0415  (boto3 is loaded only when AWS is asked)
        from icplan.snapshot.capacity_hash import index_of  # noqa: PLC0415

        answers = read_snapshot(
            endpoint_name,
            session=session,
            client=client,
            include_usage=include_usage,
            warn=warn,
            time_limit=time_limit,
            types=types,
            parts=parts,
            workers=workers,
        )
        return cls.of_redacted(answers | {"Index": index_of(answers)})

    @classmethod
    @safe_errors()
    def of_redacted(cls, data: Mapping[str, Any]) -> Snapshot:
        """The same as `from_dict`, of JSON values without secrets, which are shared and taken as they are."""
        return attrs.evolve(cls._checked(data, None, None, is_plain=True), is_redacted=True)

    @safe_errors()
    def with_parts(
        self,
        parts: Container[str],
        *,
        session: Any,
        client: Any = None,
        warn: Callable[[str], object] | None = None,
        time_limit: float | None = None,
        types: Iterable[str] = (),
        workers: int | None = None,
    ) -> Snapshot:
        """The same with parts that it lacks (see `icplan.aws.read.with_parts`). Raises AwsError."""
        from icplan.aws.read import with_parts  # noqa: PLC0415  (see above)

        data = with_parts(
            self.data,
            parts,
            session=session,
            client=client,
            warn=warn,
            time_limit=time_limit,
            types=types,
            workers=workers,
        )
        if self._is_redacted:
            return self.of_redacted(data)
        return self.from_dict(data, self.file)

    @classmethod
    def _checked(
        cls, raw: Any, file: str | None, document: Document | None, *, is_plain: bool = False
    ) -> Snapshot:
        found = document_problems(raw)
        data: dict[str, Any] = {}
        if not found:
            data = dict(raw) if is_plain else _without_transport(as_json_values(raw))
            found = problems(data)
        if found:
            raise InputError([_placed(problem, file, document) for problem in found])
        return cls(data, file, document)

    @property
    def endpoint_name(self) -> str:
        """The endpoint's name; that of its configuration when nothing in the snapshot names the endpoint."""
        named = [self.data.get("Endpoint", {}), *self.data.get("InferenceComponents", [])]
        names = [part["EndpointName"] for part in named if "EndpointName" in part]
        return str(names[0] if names else self.data["EndpointConfig"].get("EndpointConfigName", "unnamed"))

    @property
    def names_endpoint(self) -> bool:
        """Whether anything in it names the endpoint; a configuration alone does not."""
        named = [self.data.get("Endpoint", {}), *self.data.get("InferenceComponents", [])]
        return any("EndpointName" in part for part in named)

    @property
    def taken_at(self) -> str | None:
        """When AWS was asked, as ISO 8601 text, if the snapshot says so."""
        return self.data.get("TakenAt")

    @property
    def region(self) -> str | None:
        """The AWS Region, if the snapshot says so."""
        return self.data.get("Region")

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be read when the snapshot was taken, one sentence each."""
        return tuple(self.data.get("Notes", ()))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the content as it is saved, without TakenAt and Notes, in canonical JSON."""
        aside = ("TakenAt", "Notes")
        content = {name: value for name, value in self._redacted.items() if name not in aside}
        return canonical_sha256(content)

    @cached_property
    def index(self) -> str:
        """SHA-256 of what bears on capacity: it changes when the endpoint does, not when it is read again."""
        from icplan.snapshot.capacity_hash import index_of  # noqa: PLC0415  (few ask for it)

        return index_of(self.data)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of all of it, as it is saved, in canonical JSON."""
        return canonical_sha256(self._redacted)

    @cached_property
    def _redacted(self) -> dict[str, Any]:
        return dict(self.data) if self._is_redacted else dict(redact(self.data))

    def to_dict(self, *, redacted: bool = False) -> dict[str, Any]:
        """A copy of the document; with ``redacted``, without environment values and credentials."""
        return copy.deepcopy(self._redacted if redacted else dict(self.data))

    @safe_errors()
    def save(self, path: Source | None) -> None:
        """Write the document, redacted, to ``path``; to standard output when it is ``-`` or None.

        Raises InputError when the file cannot be written; it is then as it was before.
        """
        write_json(path, self.to_dict(redacted=True))

    def locate(self, json_path: str) -> tuple[int, int] | None:
        """Line and column (from 1) of a JSON path in the file, or of what is nearest; None without a file."""
        return self._document.locate(json_path) if self._document else None

    @contextmanager
    def located(self) -> Iterator[None]:
        """Give each problem that is raised inside, and has a path in this document, its file and line."""
        try:
            yield
        except InputError as error:
            raise InputError([_placed(one, self.file, self._document) for one in error.problems]) from None

    def __repr__(self) -> str:
        return f"Snapshot({self.endpoint_name!r}, taken_at={self.taken_at!r}, {self.fingerprint[:12]})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Snapshot):
            return NotImplemented
        return (self.fingerprint, self.taken_at) == (other.fingerprint, other.taken_at)

    def __hash__(self) -> int:
        return hash((self.fingerprint, self.taken_at))


def _placed(problem: InputProblem, file: str | None, document: Document | None) -> InputProblem:
    if document and problem.path:
        return document.problem(problem.message, problem.path, problem.hint)
    return attrs.evolve(problem, file=file)


def _without_transport(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out what boto3 adds about the HTTP exchange."""
    for answer in (data.get("Endpoint"), data.get("EndpointConfig"), *entries(data, "InferenceComponents")):
        if isinstance(answer, dict):
            answer.pop("ResponseMetadata", None)
    return data
