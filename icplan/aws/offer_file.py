"""AWS's price list as a saved file, ``index.csv`` or ``index.json``: read row by row, however large it is."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from icplan.aws.price_rows import (
    SERVICE,
    Rate,
    Rates,
    is_version,
    moment,
    on_demand_rates,
    plain_name,
    product_attributes,
)
from icplan.documents.json_stream import JsonWalk
from icplan.documents.json_values import iso
from icplan.documents.text_stream import open_text
from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    import os

    from icplan.documents.text_stream import TextStream

SOURCE: Final = "aws-price-list"
MAX_BYTES: Final = 2 << 30
"""Bytes of a saved file: that of all Regions has some hundreds of MiB."""
MAX_COLUMNS: Final = 1_000
"""Columns of a row of the CSV file."""
_SKEW = dt.timedelta(minutes=5)
_MAX_HEAD = 20
"""Lines before the names of the columns; AWS's files have five."""
_COLUMNS = ("sku", "termtype", "unit", "priceperunit", "currency", "regioncode")
_HINT = "AWS's are index.csv and index.json of the offer AmazonSageMaker"


def read_rates(source: str | os.PathLike[str], region: str) -> Rates:
    """The hourly rates of hosting in a Region. Raises InputError for what is no such file."""
    rates = Rates(region, SOURCE)
    with open_text(source, MAX_BYTES) as stream:
        kind = Path(stream.name).suffix.lower()
        try:
            if kind == ".csv" or (kind != ".json" and not stream.begins_with("{")):
                _read_csv(stream, rates)
            else:
                _read_json(JsonWalk(stream), rates)
            rates.amounts()
        except csv.Error as error:
            raise InputError(InputProblem(f"not valid CSV: {error}", file=stream.name)) from None
        except InputError as error:
            raise InputError([_named(one, stream.name) for one in error.problems]) from None
    return rates


def _named(problem: InputProblem, name: str) -> InputProblem:
    return problem if problem.file else InputProblem(problem.message, file=name, hint=problem.hint)


def _read_csv(stream: TextStream, rates: Rates) -> None:
    lines = csv.reader(stream.lines(), strict=True)
    columns = _columns(lines, rates)
    term, region = columns.index("termtype"), columns.index("regioncode")
    for row in lines:
        if len(row) != len(columns):
            if not row:
                continue
            message = f"a row of {len(row)} instead of {len(columns)} columns"
            raise InputError(InputProblem(message, file=stream.name, line=lines.line_num))
        if row[term] != "OnDemand" or row[region] != rates.region:
            continue
        said = dict(zip(columns, row, strict=True))
        if (kind := rates.hosting_type(said)) is not None:
            ends = (said.get("startingrange", ""), said.get("endingrange", ""))
            rate = Rate(said["unit"], said["priceperunit"], said["currency"], *ends)
            rates.add(kind, said["sku"], [rate])


def _columns(lines: Any, rates: Rates) -> list[str]:
    """The names of the columns, after the lines about the file itself."""
    for row in lines:
        if lines.line_num > _MAX_HEAD or len(row) > MAX_COLUMNS:
            break
        names = [plain_name(name) for name in row]
        if names[:1] == ["sku"]:
            if missing := [name for name in _COLUMNS if name not in names]:
                raise InputError(InputProblem(f"it has no column {', '.join(missing)}", hint=_HINT))
            if len(set(names)) != len(names):
                raise InputError(InputProblem("a column has the name of another", line=lines.line_num))
            _finish_head(rates)
            return names
        if len(row) > 1:
            _head(rates, names[0], row[1])
    raise InputError(InputProblem("is no price list of AWS's", hint=_HINT))


def _read_json(walk: JsonWalk, rates: Rates) -> None:
    if not walk.is_object():
        raise walk.fault("is no price list of AWS's")
    hosting: dict[str, str] = {}
    seen = set[str]()
    for name in walk.members():
        seen.add(name)
        if name == "products" and walk.is_object():
            hosting |= _hosting(walk, rates)
        elif name == "terms" and walk.is_object():
            if "products" not in seen:
                raise walk.fault("stands before products, which in no price list of AWS's it does")
            _terms(walk, hosting, rates)
        elif name in ("offerCode", "version", "publicationDate"):
            _head(rates, plain_name(name), walk.value())
        else:
            walk.skip()
    walk.end()
    if missing := {"products", "terms"} - seen:
        raise InputError(InputProblem(f"it has no {' and no '.join(sorted(missing))}", hint=_HINT))
    _finish_head(rates)


def _hosting(walk: JsonWalk, rates: Rates) -> dict[str, str]:
    """The instance type of each product of hosting, by SKU; no other product is held."""
    found: dict[str, str] = {}

    def counts(product: Any) -> bool:
        attributes = product_attributes(product)
        return attributes is None or rates.hosting_type(attributes) is not None

    for sku in walk.members():
        attributes = product_attributes(walk.value(counts))
        if attributes is None:
            raise walk.fault("is no product with attributes")
        if (kind := rates.hosting_type(attributes)) is not None:
            found[sku] = kind
    return found


def _terms(walk: JsonWalk, hosting: dict[str, str], rates: Rates) -> None:
    for name in walk.members():
        if name != "OnDemand" or not walk.is_object():
            walk.skip()
            continue
        for sku in walk.members():
            if sku not in hosting:
                walk.skip()
                continue
            found = on_demand_rates(walk.value(), rates.currency)
            if found is None:
                raise walk.fault("is no offer with priceDimensions and pricePerUnit")
            rates.add(hosting[sku], sku, found)


def _head(rates: Rates, name: str, value: Any) -> None:
    """What the file says of itself."""
    if name == "offercode" and value != SERVICE:
        raise InputError(InputProblem(f"is the price list of another service than {SERVICE}", hint=_HINT))
    if name == "version" and is_version(value):
        rates.version = value
    if name == "publicationdate":
        published = moment(value)
        rates.taken_at = "" if published is None else iso(published)


def _finish_head(rates: Rates) -> None:
    if not rates.version or not rates.taken_at:
        raise InputError(InputProblem("does not say its version and publication date", hint=_HINT))
    if dt.datetime.fromisoformat(rates.taken_at) > dt.datetime.now(dt.UTC) + _SKEW:
        raise InputError(InputProblem("is of a time to come, by its publication date"))
