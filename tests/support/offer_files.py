"""AWS's price list as the tests make it: rows as its CSV file, its JSON file and its API have them.

The form (names of columns and members, the other components beside Hosting, tiers) is that of AWS's offer
AmazonSageMaker; SKUs are made up.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import attrs

VERSION, PUBLISHED = "20261005212151", "2026-10-05T21:21:51Z"
_COLUMNS = (
    "SKU",
    "OfferTermCode",
    "RateCode",
    "TermType",
    "PriceDescription",
    "EffectiveDate",
    "StartingRange",
    "EndingRange",
    "Unit",
    "PricePerUnit",
    "Currency",
    "Product Family",
    "serviceCode",
    "Location",
    "Location Type",
    "Instance Type",
    "Component",
    "Instance Name",
    "operation",
    "Plato Instance Type",
    "Region Code",
    "serviceName",
    "usageType",
)


@attrs.frozen
class Row:
    """One row: a product with one On-Demand price, or what is wrong with it."""

    sku: str
    name: str
    amount: str
    kind: str = "Hosting"
    usage: str = "Host"
    region: str = "us-east-1"
    unit: str = "Hrs"
    currency: str = "USD"
    term: str = "OnDemand"
    family: str = "ML Instance"
    location_type: str = "AWS Region"
    first: str = "0"
    last: str = "Inf"
    of_usage: str | None = None

    @property
    def attributes(self) -> dict[str, str]:
        return {
            "servicecode": "AmazonSageMaker",
            "location": "US East (N. Virginia)",
            "locationType": self.location_type,
            "instanceType": f"{self.name}-{self.kind}",
            "component": self.kind,
            "instanceName": self.name,
            "operation": "RunInstance",
            "platoinstancetype": self.kind,
            "regionCode": self.region,
            "servicename": "Amazon SageMaker",
            "usagetype": f"USE1-{self.usage}:{self.of_usage or self.name}",
        }

    @property
    def product(self) -> dict[str, Any]:
        return {"sku": self.sku, "productFamily": self.family, "attributes": self.attributes}

    @property
    def offer(self) -> dict[str, Any]:
        code = f"{self.sku}.JRTCKXETXF"
        dimension = {
            "rateCode": f"{code}.6YS6EN2CT7",
            "description": f"${self.amount} per {self.kind} {self.name} hour",
            "beginRange": self.first,
            "endRange": self.last,
            "unit": self.unit,
            "pricePerUnit": {self.currency: self.amount},
            "appliesTo": [],
        }
        dimensions = {dimension["rateCode"]: dimension}
        return {code: {"sku": self.sku, "priceDimensions": dimensions, "termAttributes": {}}}


ROWS = (
    Row("AAAA", "ml.g5.xlarge", "1.4080000000"),
    Row("BBBB", "ml.g6.12xlarge", "5.7520000000"),
    Row("CCCC", "ml.m5.xlarge", "0.2300000000"),
    Row("DDDD", "ml.g5.xlarge", "1.4084", kind="Training", usage="Train"),
    Row("EEEE", "ml.g5.xlarge", "0.0000000000", kind="Notebook", usage="Notebk"),
    Row("FFFF", "ml.g5.xlarge", "1.9", kind="AsyncInf", usage="AsyncInf"),
    Row("GGGG", "ml.g5.xlarge", "1.7600000000", region="eu-west-1"),
    Row("HHHH", "ml.g5.xlarge", "0.9", term="Reserved"),
    Row("IIII", "ml.g5.xlarge", "1.1", location_type="AWS Outposts"),
    Row("JJJJ", "ml.g5.xlarge", "1.2", usage="Host-Reserved"),
    Row("KKKK", "ml.g5.xlarge", "0.14", family="ML Serverless"),
)
HOSTING = {"ml.g5.xlarge": "1.408", "ml.g6.12xlarge": "5.752", "ml.m5.xlarge": "0.23"}


def as_json(*rows: Row, version: str = VERSION, published: str = PUBLISHED) -> str:
    """``index.json``."""
    terms: dict[str, dict[str, Any]] = {"OnDemand": {}, "Reserved": {}}
    for row in rows:
        terms[row.term].setdefault(row.sku, {}).update(row.offer)
    return json.dumps(
        {
            "formatVersion": "v1.0",
            "disclaimer": "This pricing list is for informational purposes only.",
            "offerCode": "AmazonSageMaker",
            "version": version,
            "publicationDate": published,
            "products": {row.sku: row.product for row in rows},
            "terms": terms,
            "attributesList": {},
        },
        indent=2,
    )


def as_csv(*rows: Row, version: str = VERSION, published: str = PUBLISHED) -> str:
    """``index.csv``."""
    text = io.StringIO()
    lines = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    lines.writerow(["FormatVersion", "v1.0"])
    lines.writerow(["Disclaimer", "This pricing list is for informational purposes only."])
    lines.writerow(["Publication Date", published])
    lines.writerow(["Version", version])
    lines.writerow(["OfferCode", "AmazonSageMaker"])
    lines.writerow(_COLUMNS)
    for row in rows:
        code = f"{row.sku}.JRTCKXETXF"
        said = row.attributes
        told = [row.sku, "JRTCKXETXF", f"{code}.6YS6EN2CT7", row.term, f"${row.amount} per hour"]
        told += ["2026-10-01", row.first, row.last, row.unit, row.amount, row.currency, row.family]
        told += [said["servicecode"], said["location"], row.location_type, said["instanceType"], row.kind]
        told += [row.name, "RunInstance", row.kind, row.region, said["servicename"], said["usagetype"]]
        lines.writerow(told)
    return text.getvalue()


def as_answer(row: Row, version: str = VERSION) -> str:
    """One text of the API's ``PriceList``."""
    return json.dumps(
        {
            "product": row.product,
            "serviceCode": "AmazonSageMaker",
            "terms": {row.term: row.offer},
            "version": version,
            "publicationDate": PUBLISHED,
        }
    )
