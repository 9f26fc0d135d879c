"""What an hour of each instance type costs: a dated file with its source. None is shipped.

A cost is a whole number of millionths of the currency, so that sums and comparisons are exact.
"""

from __future__ import annotations

import datetime as dt
import re
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.documents.document import read_document
from icplan.documents.paths import join_path
from icplan.documents.safe_errors import safe_errors
from icplan.documents.schema import MapOf, Members, Scalar, check, describe_type
from icplan.documents.write import write_json
from icplan.errors import InputError, InputProblem
from icplan.verdict.fleet_plan import MONEY_UNITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from icplan.aws.price_rows import Rates
    from icplan.documents.document import Document, Source

STALE: Final = dt.timedelta(days=90)
"""Older prices are warned of."""
MAX_TYPES: Final = 5_000
"""Instance types of a price file."""
MAX_AMOUNT_DIGITS, MAX_AMOUNT_DECIMALS = 6, 10
"""Digits before and after the point: AWS has up to ten after it. A million instances cost less than 2**63."""

_MAX_TOLD: Final = 3
"""Different discounts that a file's Source tells of."""

_SKEW = dt.timedelta(minutes=5)
_AMOUNT = re.compile(rf"[0-9]{{1,{MAX_AMOUNT_DIGITS}}}(?:\.[0-9]{{1,{MAX_AMOUNT_DECIMALS}}})?")
_TYPE = re.compile(r"ml\.[a-z0-9-]{1,40}\.[a-z0-9-]{1,40}")
_REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-[0-9]{1,2}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_PERCENT = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,4})?")
_SHAPE = Members(
    {
        "Region": Scalar.TEXT,
        "Currency": Scalar.TEXT,
        "Source": Scalar.TEXT,
        "Version": Scalar.TEXT,
        "TakenAt": Scalar.TIME,
        "PerHour": MapOf(Scalar.TEXT),
    },
    required=("Region", "Currency", "Source", "Version", "TakenAt", "PerHour"),
)
_AMOUNT_HINT = (
    f"Write it as a string of up to {MAX_AMOUNT_DIGITS} digits before and {MAX_AMOUNT_DECIMALS} after the "
    'point, without sign or exponent, such as "1.408"'
)


@attrs.frozen
class Prices:
    """What an hour of each type costs in a Region, where that was read, and when.

    Attributes:
        per_hour: The amount of each instance type, exactly as the source has it.
        discounts: Percent off, by type (see `with_discounts`).
        file: Where they were read from.

    """

    region: str
    currency: str
    source: str
    version: str
    taken_at: str
    per_hour: Mapping[str, Fraction] = attrs.field(repr=False)
    discounts: Mapping[str, Fraction] = attrs.field(factory=dict)
    file: str | None = attrs.field(default=None, eq=False, repr=False)

    @classmethod
    @safe_errors()
    def load(cls, path: Source) -> Prices:
        """Read a price file, or standard input when ``path`` is ``-``.

        Raises InputError, which names every fault with line and column.
        """
        document = read_document(path)
        return cls._checked(document.value, document.file, document)

    @classmethod
    @safe_errors()
    def from_dict(cls, data: Mapping[str, Any], file: str | None = None) -> Prices:
        """Take prices from a dict as in the file. Raises InputError, naming every fault."""
        return cls._checked(data, file, None)

    @classmethod
    @safe_errors()
    def fetch(
        cls, region: str, session: Any = None, *, warn: Callable[[str], object] | None = None
    ) -> Prices:
        """Ask AWS's price list for a Region, with a boto3 session (or what the environment gives).

        ``warn`` is told of what the price list has and cannot be used. Raises AwsError when AWS refuses.
        """
        from icplan.aws.price_list import fetch_rates  # noqa: PLC0415  (boto3 only when AWS is asked)

        _refuse_region(region)
        return cls._of_rates(fetch_rates(region, session), region, warn)

    @classmethod
    @safe_errors()
    def from_offer_file(
        cls, path: Source, region: str, *, warn: Callable[[str], object] | None = None
    ) -> Prices:
        """Read a saved file of AWS's price list, ``index.csv`` or ``index.json``, of one Region or of all.

        Its prices are of the day it was published. Raises InputError.
        """
        from icplan.aws.offer_file import read_rates  # noqa: PLC0415  (only where there is such a file)

        _refuse_region(region)
        return cls._of_rates(read_rates(path, region), region, warn)

    @classmethod
    def _of_rates(cls, rates: Rates, region: str, warn: Callable[[str], object] | None) -> Prices:
        if warn is not None:
            for note in rates.passed_over():
                warn(note)
        return cls._checked(
            {
                "IcplanPrices": 1,
                "Region": region,
                "Currency": rates.currency,
                "Source": rates.source,
                "Version": rates.version,
                "TakenAt": rates.taken_at,
                "PerHour": rates.amounts(),
            },
            None,
            None,
        )

    @classmethod
    def _checked(cls, data: Any, file: str | None, document: Document | None) -> Prices:
        if found := list(_problems(data)):
            raise InputError([_placed(path, message, hint, file, document) for path, message, hint in found])
        return cls(
            data["Region"],
            data["Currency"],
            data["Source"],
            data["Version"],
            data["TakenAt"],
            {name: Fraction(data["PerHour"][name]) for name in sorted(data["PerHour"])},
            file=file,
        )

    @property
    def types(self) -> tuple[str, ...]:
        """The instance types that have a price, by name."""
        return tuple(self.per_hour)

    def amount(self, name: str) -> Fraction | None:
        """What an hour of a type costs, less its discount; None where it has no price."""
        full = self.per_hour.get(name)
        return None if full is None else full * (1 - self.discounts.get(name, Fraction(0)) / 100)

    def cost(self, name: str) -> int | None:
        """The same in millionths of the currency, what is less than one rounded up."""
        amount = self.amount(name)
        return None if amount is None else -(-amount * MONEY_UNITS // 1)

    def with_discounts(self, settings: Sequence[str]) -> Prices:
        """Take ``TYPE=PERCENT`` off, such as a Savings Plan's; TYPE may be a pattern such as ``ml.g5.*``.

        Of several settings for a type the last holds. Raises InputError, which names the setting.
        """
        found = dict(self.discounts)
        for setting in settings:
            pattern, _, percent = setting.strip().partition("=")
            named = [name for name in self.per_hour if fnmatchcase(name, pattern)]
            if _PERCENT.fullmatch(percent) is None:
                hint = "Write TYPE=PERCENT, from 0 to less than 100, such as ml.g5.*=27.5"
                raise InputError(InputProblem(f"cannot read the discount {setting!r}", hint=hint))
            if not named:
                message = f"no instance type with a price is {pattern!r}"
                raise InputError(InputProblem(message, file=self.file))
            found |= dict.fromkeys(named, Fraction(percent))
        return attrs.evolve(self, discounts=found)

    @property
    def label(self) -> str:
        """Where the prices are from: ``us-east-1 prices of 2026-11-27, aws-price-list 20261005212151``."""
        return f"{self.region} prices of {self.taken_at[:10]}, {self.source} {self.version}"

    def age(self, now: dt.datetime | None = None) -> dt.timedelta:
        """How long ago the prices were taken."""
        return (now or dt.datetime.now(dt.UTC)) - dt.datetime.fromisoformat(self.taken_at)

    def warning(self, now: dt.datetime | None = None) -> str | None:
        """What is to be said of prices of more than 90 days ago; None for fresher ones."""
        age = self.age(now)
        if age <= STALE:
            return None
        return f"the prices are {age.days} days old; icplan prices --region {self.region} reads them anew"

    def to_dict(self) -> dict[str, Any]:
        """The document as in the file: of discounts the amounts that are left, and in Source that they are.

        An amount of more digits than a file has is rounded up at the last, which changes no cost.
        """
        return {
            "IcplanPrices": 1,
            "Region": self.region,
            "Currency": self.currency,
            "Source": self._source_less_discounts(),
            "Version": self.version,
            "TakenAt": self.taken_at,
            "PerHour": {
                name: decimal(_rounded_up(self.amount(name) or full)) for name, full in self.per_hour.items()
            },
        }

    def _source_less_discounts(self) -> str:
        found = sorted({off for off in self.discounts.values() if off})
        if not found:
            return self.source
        if len(found) > _MAX_TOLD:
            return f"{self.source}, less discounts"
        return f"{self.source}, less {' or '.join(f'{decimal(off)} %' for off in found)} of discounts"

    @safe_errors()
    def save(self, path: Source | None) -> None:
        """Write the document to ``path``; to standard output when it is ``-`` or None. Raises InputError."""
        write_json(path, self.to_dict())


def _rounded_up(amount: Fraction) -> Fraction:
    unit = 10**MAX_AMOUNT_DECIMALS
    return Fraction(-(-amount * unit // 1), unit)


def decimal(amount: Fraction) -> str:
    """An amount with a finite decimal form, in full: ``1.408``, ``20``."""
    places = next(places for places in range(MAX_AMOUNT_DECIMALS + 1) if 10**places % amount.denominator == 0)
    digits = f"{amount.numerator * 10**places // amount.denominator:0{places + 1}}"
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


def is_amount(text: str) -> bool:
    """Whether a text is an amount of money that is more than nothing."""
    return _AMOUNT.fullmatch(text) is not None and Fraction(text) > 0


def _refuse_region(region: str) -> None:
    if _REGION.fullmatch(region) is None:
        hint = "Write its code, such as us-east-1"
        raise InputError(InputProblem(f"{region!r} is no AWS Region", hint=hint))


_Problem = tuple[str, str, str | None]


def _problems(data: Any) -> Iterator[_Problem]:
    """What is wrong with a document: the JSON path, the message, and what would be right."""
    if not isinstance(data, dict) or data.get("IcplanPrices") != 1 or data["IcplanPrices"] is True:
        said = describe_type(data) if not isinstance(data, dict) else 'it lacks "IcplanPrices": 1'
        yield "$", f"is not a price file: {said}", "icplan prices writes one"
        return
    found: list[_Problem] = []
    check(data, _SHAPE, lambda steps, message: found.append((join_path(steps), message, None)))
    faulty = {path for path, _, _ in found}
    yield from ((path, message, _hint(path, message)) for path, message, _ in found)
    for name, form, such in (("Region", _REGION, "us-east-1"), ("Currency", _CURRENCY, "USD")):
        if f"$.{name}" not in faulty and name in data and form.fullmatch(data[name]) is None:
            yield f"$.{name}", f"is no code such as {such}", None
    if "TakenAt" in data and "$.TakenAt" not in faulty:
        yield from _future(data["TakenAt"])
    if isinstance(data.get("PerHour"), dict):
        yield from _amount_problems(data["PerHour"], faulty)


def _hint(path: str, message: str) -> str | None:
    return _AMOUNT_HINT if path.startswith("$.PerHour") and message.startswith("must be a string") else None


def _future(taken_at: str) -> Iterator[_Problem]:
    if dt.datetime.fromisoformat(taken_at) > dt.datetime.now(dt.UTC) + _SKEW:
        yield "$.TakenAt", "is in the future, so the age of the prices cannot be told", None


def _amount_problems(per_hour: Mapping[str, Any], faulty: set[str]) -> Iterator[_Problem]:
    if not per_hour:
        yield "$.PerHour", "must not be empty", None
    if len(per_hour) > MAX_TYPES:
        yield "$.PerHour", f"has more than {MAX_TYPES:,} instance types", None
        return
    for name, amount in per_hour.items():
        path = join_path(("PerHour", name))
        if _TYPE.fullmatch(name) is None:
            yield path, "is no instance type such as ml.g5.xlarge", None
        elif path not in faulty and not is_amount(amount):
            yield path, "is no amount of money that is more than nothing", _AMOUNT_HINT


def _placed(
    path: str, message: str, hint: str | None, file: str | None, document: Document | None
) -> InputProblem:
    if document is not None:
        return document.problem(message, path if path != "$" else None, hint)
    return InputProblem(message, file=file, path=path if path != "$" else None, hint=hint)
