"""AWS's price list through its API: what is asked, all pages are read, every answer is checked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import NoCredentialsError
from botocore.stub import Stubber
from click.testing import CliRunner
from support.offer_files import HOSTING, ROWS, Row, as_answer

import icplan
from icplan.aws import client as aws_calls
from icplan.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

ASKED = {
    "ServiceCode": "AmazonSageMaker",
    "Filters": [
        {"Type": "TERM_MATCH", "Field": "productFamily", "Value": "ML Instance"},
        {"Type": "TERM_MATCH", "Field": "regionCode", "Value": "us-east-1"},
        {"Type": "TERM_MATCH", "Field": "locationType", "Value": "AWS Region"},
        {"Type": "TERM_MATCH", "Field": "component", "Value": "Hosting"},
    ],
    "MaxResults": 100,
}


class Session:
    """A boto3 session with one stubbed client."""

    region_name = "eu-west-3"

    def __init__(self) -> None:
        self.stubbed = boto3.client(
            "pricing",
            region_name="us-east-1",
            aws_access_key_id="made-up",
            aws_secret_access_key="made-up",  # noqa: S106
        )
        self.stub = Stubber(self.stubbed)
        self.stub.activate()
        self.regions: list[str] = []

    def client(self, service: str, region_name: str, config: Any) -> Any:
        assert service == "pricing"
        assert config is aws_calls.PATIENT
        self.regions.append(region_name)
        return self.stubbed

    def answers(self, *texts: Any, following: str = "", **asked: Any) -> None:
        answer: dict[str, Any] = {"FormatVersion": "aws_v1", "PriceList": list(texts)}
        if following:
            answer["NextToken"] = following
        self.stub.add_response("get_products", answer, ASKED | asked)


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session()
    yield made
    made.stub.assert_no_pending_responses()


def test_every_page_is_read(session: Session) -> None:
    """From the Region that has the price list; other components do not count."""
    session.answers(*map(as_answer, ROWS[:2]), following="next")
    session.answers(*map(as_answer, ROWS[2:]), NextToken="next")
    notes: list[str] = []
    prices = icplan.Prices.fetch("us-east-1", session, warn=notes.append)
    assert prices.to_dict()["PerHour"] == HOSTING
    assert (prices.source, prices.version, prices.currency) == ("aws-price-list", "20261005212151", "USD")
    assert prices.warning() is None
    assert session.regions == ["us-east-1"]
    assert not notes


@pytest.mark.parametrize(
    ("region", "host"),
    [("eu-west-1", "us-east-1"), ("ap-south-1", "ap-south-1"), ("cn-north-1", "cn-northwest-1")],
)
def test_who_is_asked(session: Session, region: str, host: str) -> None:
    currency = "CNY" if region.startswith("cn-") else "USD"
    filters = [one | ({"Value": region} if one["Field"] == "regionCode" else {}) for one in ASKED["Filters"]]  # type: ignore[attr-defined]
    session.answers(as_answer(Row("A", "ml.a.b", "2", region=region, currency=currency)), Filters=filters)
    assert icplan.Prices.fetch(region, session).cost("ml.a.b") == 2_000_000
    assert session.regions == [host]


def test_what_is_doubtful_has_no_price(session: Session) -> None:
    session.answers(*map(as_answer, (*ROWS, Row("Z", "ml.g5.xlarge", "2"))))
    notes: list[str] = []
    prices = icplan.Prices.fetch("us-east-1", session, warn=notes.append)
    assert "ml.g5.xlarge" not in prices.types
    assert "1.408 (AAAA) and 2 (Z)" in notes[0]


PRODUCT = json.loads(as_answer(ROWS[0]))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not valid JSON"),
        ("<html>", "not valid JSON"),
        ("[]", "no product with attributes"),
        (json.dumps(PRODUCT | {"version": 1}), "and a version"),
        (json.dumps(PRODUCT | {"product": []}), "no product with attributes"),
        (json.dumps(PRODUCT | {"product": {"attributes": 1}}), "no product with attributes"),
        (json.dumps(PRODUCT | {"terms": []}), "has terms of another form"),
        (json.dumps(PRODUCT | {"terms": {"OnDemand": {"x": 1}}}), "has terms of another form"),
        (json.dumps(PRODUCT | {"terms": {}}), "no On-Demand price of hosting"),
        (as_answer(ROWS[0]).replace("1.4080000000", "1e999"), "AAAA has a price that is no amount"),
        (as_answer(ROWS[0]).replace('"1.4080000000"', "1.408"), "AAAA has a price that is no amount"),
        (as_answer(ROWS[0]).replace('"sku"', '"sku": 1, "sku"', 1), "is given twice"),
    ],
)
def test_no_answer_is_used_unchecked(session: Session, text: str, said: str) -> None:
    session.answers(text)
    with pytest.raises(icplan.IcplanError, match=said):
        icplan.Prices.fetch("us-east-1", session)


def test_an_empty_price_list(session: Session) -> None:
    session.answers()
    with pytest.raises(icplan.AwsError, match="no price of hosting in us-east-1"):
        icplan.Prices.fetch("us-east-1", session)


def test_a_missing_permission_is_named(session: Session) -> None:
    session.stub.add_client_error("get_products", "AccessDeniedException", "not authorized")
    with pytest.raises(icplan.AwsError, match="the permission pricing:GetProducts is missing"):
        icplan.Prices.fetch("us-east-1", session)


def test_the_command_asks_with_the_profile(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def made(operation: str, region: str | None = None, profile: str | None = None) -> Session:
        asked.append((operation, region, profile))
        return session

    monkeypatch.setattr(aws_calls, "make_session", made)
    session.answers(*map(as_answer, ROWS))
    done = CliRunner().invoke(main, ["prices", "--region", "us-east-1", "--profile", "dev"])
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["PerHour"] == HOSTING
    assert asked == [("GetProducts", None, "dev")]


def test_without_credentials_it_says_what_to_do(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsigned(**_: Any) -> None:
        raise NoCredentialsError

    monkeypatch.setattr(session.stubbed, "get_products", unsigned)
    with pytest.raises(icplan.AwsError, match="aws sso login"):
        icplan.Prices.fetch("us-east-1", session)
