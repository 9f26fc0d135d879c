"""AWS's price list, asked through its API: what an hour of an endpoint's instances costs in a Region."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from icplan.aws.call_error import AwsCallError
from icplan.aws.client import make_client, make_session, paginate
from icplan.aws.price_rows import (
    FAMILY,
    HOSTING,
    LOCATION,
    SERVICE,
    Rates,
    is_version,
    on_demand_rates,
    product_attributes,
)
from icplan.documents.json_text import load_json
from icplan.documents.json_values import iso
from icplan.errors import InputError

SOURCE: Final = "aws-price-list"
_OPERATION: Final = "GetProducts"
_PAGE: Final = 100  # the most it gives at once
_HOSTS: Final = ("us-east-1", "ap-south-1", "eu-central-1")
"""The Regions that have the price list of all others; China's has its own."""
_HOST_OF_CHINA: Final = "cn-northwest-1"


def fetch_rates(region: str, session: Any = None) -> Rates:
    """The hourly rates of hosting in a Region. Raises AwsError; nothing is used before it was checked."""
    session = session or make_session(_OPERATION)
    host = _HOST_OF_CHINA if region.startswith("cn-") else region if region in _HOSTS else _HOSTS[0]
    client = make_client(session, "pricing", _OPERATION, host)
    filters = [
        {"Type": "TERM_MATCH", "Field": field, "Value": value}
        for field, value in (
            ("productFamily", FAMILY),
            ("regionCode", region),
            ("locationType", LOCATION),
            ("component", HOSTING),
        )
    ]
    rates = Rates(region, SOURCE, taken_at=iso(dt.datetime.now(dt.UTC).replace(microsecond=0)))
    listed = paginate(client, _OPERATION, "PriceList", ServiceCode=SERVICE, Filters=filters, MaxResults=_PAGE)
    for number, text in enumerate(listed):
        _add(rates, text, f"PriceList[{number}]")
    if not rates.version:
        raise AwsCallError(_OPERATION, f"AWS's price list has no price of hosting in {region}")
    return rates


def _add(rates: Rates, text: str, name: str) -> None:
    try:
        entry = load_json(text, name)
    except InputError as error:
        raise _not_of_its_form(str(error)) from None
    product = entry.get("product") if isinstance(entry, dict) else None
    attributes = product_attributes(product)
    if product is None or attributes is None or not is_version(entry.get("version")):
        raise _not_of_its_form(f"{name} is no product with attributes and a version")
    rates.version = max(rates.version, entry["version"])
    if (kind := rates.hosting_type(attributes)) is None:
        return
    terms = entry.get("terms")
    offers = on_demand_rates(terms.get("OnDemand", {}) if isinstance(terms, dict) else None, rates.currency)
    if offers is None:
        raise _not_of_its_form(f"{name} has terms of another form")
    rates.add(kind, str(product["sku"]) if "sku" in product else name, offers)


def _not_of_its_form(said: str) -> AwsCallError:
    return AwsCallError(_OPERATION, f"AWS's price list is not what its API defines ({said})")
