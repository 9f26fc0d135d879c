"""Which rows of AWS's price list are an hour of an endpoint's instance, and what is doubtful in them.

The same instance type has prices for training, notebooks, batch transforms and more; a row that is not
surely of real-time hosting, On-Demand, in this Region, is passed over, and told where it looks like one.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SERVICE: Final = "AmazonSageMaker"
FAMILY: Final = "ML Instance"
LOCATION: Final = "AWS Region"
HOSTING: Final = "Hosting"
MAX_RATES: Final = 20_000
"""Rows of hosting in one Region."""

_HOURS = ("hrs", "hours")
_FIRST, _LAST = ("", "0"), ("", "inf")
"""Where the range of a price begins and ends that is the same however many hours are used."""
_USAGE = re.compile(r"(?:[A-Z0-9]+-)?Host:(ml\.[a-z0-9-]+\.[a-z0-9-]+)")
_TYPE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9-]+")
# As a price file has it (see planning.prices): digits, no sign and no exponent.
_AMOUNT = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,10})?")
_VERSION = re.compile(r"[A-Za-z0-9._-]{1,40}")
_MAX_NOTED = 5


def currency_of(region: str) -> str:
    """The currency that AWS's price list has for a Region."""
    return "CNY" if region.startswith("cn-") else "USD"


@attrs.frozen
class Rate:
    """One price of a product, as the price list has it: all texts."""

    unit: str
    amount: str
    currency: str
    first: str = ""
    last: str = ""


@attrs.define
class Rates:
    """The hourly rates found so far, and what was passed over.

    Attributes:
        version: Of the price list.
        taken_at: When the prices were in force for sure (RFC 3339).

    """

    region: str
    source: str
    version: str = ""
    taken_at: str = ""
    found: dict[str, dict[str, str]] = attrs.field(factory=dict)  # type -> amount -> the SKU it is of
    doubtful: dict[str, str] = attrs.field(factory=dict)  # type -> why it has no price

    @property
    def currency(self) -> str:
        """What the amounts are in."""
        return currency_of(self.region)

    def hosting_type(self, attributes: Mapping[str, Any]) -> str | None:
        """The instance type whose hosting a product is, from its attributes (names in `plain_name` form).

        Where they contradict each other, the type is noted as doubtful.
        """
        said = {name: value for name, value in attributes.items() if isinstance(value, str)}
        kinds = {said[name].lower() for name in ("component", "platoinstancetype") if said.get(name)}
        if kinds != {HOSTING.lower()} or said.get("regioncode") != self.region:
            return None
        if said.get("productfamily") != FAMILY or said.get("locationtype", LOCATION) != LOCATION:
            return None
        usage = _USAGE.fullmatch(said.get("usagetype", ""))
        named = said.get("instancename") or said.get("instancetype", "").removesuffix(f"-{HOSTING}")
        if said.get("usagetype") and usage is None:
            return None  # such as a reservation of hosting
        name = named or (usage[1] if usage else "")
        if _TYPE.fullmatch(name) is None:
            return None
        if usage and usage[1] != name:
            self.doubtful[name] = f"a row names {name} and is of the usage of {usage[1]}"
        return name

    def add(self, name: str, sku: str, rates: list[Rate]) -> None:
        """Take the On-Demand rates of one product of hosting of a type; a product may have none."""
        if len(self.found) >= MAX_RATES:
            raise InputError(InputProblem(f"holds more than {MAX_RATES:,} prices of hosting"))
        hourly = [rate for rate in rates if rate.unit.lower() in _HOURS]
        if rates and not hourly:
            self.doubtful[name] = f"{sku} has no price of an hour"
            return
        for rate in hourly:
            if why := self._fault(rate):
                self.doubtful[name] = f"{sku} {why}"
            else:
                self.found.setdefault(name, {}).setdefault(_shortest(rate.amount), sku)

    def _fault(self, rate: Rate) -> str | None:
        if rate.first.lower() not in _FIRST or rate.last.lower() not in _LAST:
            return "has a price that depends on how many hours are used"
        if rate.currency != self.currency:
            return f"has no price in {self.currency}"
        if _AMOUNT.fullmatch(rate.amount) is None:
            return "has a price that is no amount"
        return None if rate.amount.strip("0.") else "costs nothing"

    def amounts(self) -> dict[str, str]:
        """What an hour costs, by type: where all rows of it agree. Raises InputError where there is none."""
        sure = {
            name: next(iter(amounts))
            for name, amounts in self.found.items()
            if len(amounts) == 1 and name not in self.doubtful
        }
        if not sure:
            said = "; ".join(self.passed_over()) or "is the Region in this price list?"
            raise InputError(InputProblem(f"no On-Demand price of hosting in {self.region}", hint=said))
        return dict(sorted(sure.items()))

    def passed_over(self) -> Iterator[str]:
        """What looks like a price and is not taken, in words: of many the first."""
        why = dict(self.doubtful)
        for name, amounts in self.found.items():
            if len(amounts) > 1:
                told = " and ".join(f"{amount} ({sku})" for amount, sku in amounts.items())
                why.setdefault(name, f"an hour of it has several prices: {told}")
        for name in sorted(why)[:_MAX_NOTED]:
            yield f"{name} is left out: {why[name]}"
        if len(why) > _MAX_NOTED:
            yield f"and {len(why) - _MAX_NOTED} more instance types"


def _shortest(amount: str) -> str:
    """An amount without the zeros that say nothing, so that equal ones are the same."""
    whole, _, part = amount.partition(".")
    part = part.rstrip("0")
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{part}" if part else whole


def plain_name(name: str) -> str:
    """The name of an attribute as both files have it: ``Instance Name`` and ``instanceName``."""
    return "".join(filter(str.isalnum, name)).lower()


def on_demand_rates(offers: Any, currency: str) -> list[Rate] | None:
    """The prices of a product's On-Demand offers; None where they are not of AWS's form."""
    rates: list[Rate] = []
    if not isinstance(offers, dict):
        return None
    for offer in offers.values():
        dimensions = offer.get("priceDimensions") if isinstance(offer, dict) else None
        if not isinstance(dimensions, dict):
            return None
        for one in dimensions.values():
            if not isinstance(one, dict) or not isinstance(one.get("pricePerUnit"), dict):
                return None
            amount = one["pricePerUnit"].get(currency)
            rates.append(
                Rate(
                    _text(one, "unit"),
                    amount if isinstance(amount, str) else "",
                    currency if amount is not None else "",
                    _text(one, "beginRange"),
                    _text(one, "endRange"),
                )
            )
    return rates


def product_attributes(product: Any) -> dict[str, Any] | None:
    """A product's attributes with its family, by `plain_name`; None where it is not of AWS's form."""
    attributes = product.get("attributes") if isinstance(product, dict) else None
    if not isinstance(attributes, dict):
        return None
    family = {"productfamily": product.get("productFamily")}
    return family | {plain_name(name): value for name, value in attributes.items()}


def is_version(text: Any) -> bool:
    """Whether it is the version of a price list, such as ``20261005212151``."""
    return isinstance(text, str) and _VERSION.fullmatch(text) is not None


def moment(text: Any) -> dt.datetime | None:
    """A moment such as AWS's ``2026-10-05T21:21:51Z``; None for what is none."""
    try:
        found = dt.datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=dt.UTC)


def _text(value: dict[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""
