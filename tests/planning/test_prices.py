"""A price file: what it may be, what an hour costs by it, exactly, and how old it is."""

from __future__ import annotations

import datetime as dt
import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from support.offer_files import HOSTING, ROWS, as_csv, as_json

import icplan
from icplan.cli.main import main
from icplan.planning.prices import Prices, decimal
from icplan.verdict.fleet_plan import MONEY_UNITS

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = jsonschema.Draft202012Validator(json.loads((DOCS / "prices.schema.json").read_text()))
FILE: dict[str, Any] = {
    "IcplanPrices": 1,
    "Region": "us-east-1",
    "Currency": "USD",
    "Source": "aws-price-list",
    "Version": "20261005212151",
    "TakenAt": "2026-10-05T21:21:51Z",
    "PerHour": {"ml.g5.xlarge": "1.408", "ml.g5.2xlarge": "1.515", "ml.g6.12xlarge": "5.752"},
}


def test_a_price_file_is_read_and_written_again(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(FILE))
    prices = icplan.Prices.load(path)
    assert prices.amount("ml.g5.xlarge") == Fraction("1.408")
    assert prices.cost("ml.g5.xlarge") == 1_408_000
    assert prices.cost("ml.p5.48xlarge") is None
    assert prices.label == "us-east-1 prices of 2026-10-05, aws-price-list 20261005212151"
    prices.save(tmp_path / "again.json")
    assert json.loads((tmp_path / "again.json").read_text()) == FILE | {
        "PerHour": dict(sorted(FILE["PerHour"].items()))
    }
    assert Prices.load(tmp_path / "again.json") == prices


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        ({"IcplanPrices": 2}, None, "is not a price file"),
        ({"IcplanPrices": True}, None, "is not a price file"),
        ({"Region": "Virginia"}, "$.Region", "is no code such as us-east-1"),
        ({"Currency": "dollars"}, "$.Currency", "is no code such as USD"),
        ({"Source": ""}, "$.Source", "a string that is not empty"),
        ({"Version": None}, "$.Version", "a string that is not empty"),
        ({"TakenAt": "2026-10-05"}, "$.TakenAt", "a time with its zone"),
        ({"TakenAt": "2999-01-01T00:00:00Z"}, "$.TakenAt", "is in the future"),
        ({"PerHour": {}}, "$.PerHour", "must not be empty"),
        ({"PerHour": []}, "$.PerHour", "must be an object"),
        ({"PerHour": {"g5.xlarge": "1"}}, "$.PerHour['g5.xlarge']", "is no instance type"),
        *(
            ({"PerHour": {"ml.g5.xlarge": amount}}, "$.PerHour['ml.g5.xlarge']", "amount of money")
            for amount in ("0", "0.00", "-1", "1e999", "1e3", "NaN", "inf", "1,4", " 1", "1.", ".5", "٣")
        ),
        ({"PerHour": {"ml.g5.xlarge": "1" * 7}}, "$.PerHour['ml.g5.xlarge']", "amount of money"),
        ({"PerHour": {"ml.g5.xlarge": "1." + "1" * 11}}, "$.PerHour['ml.g5.xlarge']", "amount of money"),
        ({"PerHour": {"ml.g5.xlarge": 1.408}}, "$.PerHour['ml.g5.xlarge']", "must be a string"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, change: dict[str, Any], path: str | None, said: str
) -> None:
    """And the published schema refuses it, but for what no schema can say."""
    file = tmp_path / "prices.json"
    file.write_text(json.dumps(FILE | change, indent=1))
    with pytest.raises(icplan.InputError, match=re.escape(said)) as told:
        Prices.load(file)
    assert path in {problem.path for problem in told.value.problems}
    assert all(problem.file == str(file) for problem in told.value.problems)
    assert path is None or all(problem.line for problem in told.value.problems)
    if "2999" not in str(change) and "TakenAt" not in change:
        assert not SCHEMA.is_valid(FILE | change)


def test_the_digits_that_an_amount_may_have_are_told() -> None:
    with pytest.raises(icplan.InputError, match="up to 6 digits before and 10 after the point"):
        Prices.from_dict(FILE | {"PerHour": {"ml.g5.xlarge": "99999999999"}})


@given(st.integers(1, 10**16 - 1), st.integers(0, 999_999))
def test_a_discount_is_written_so_that_no_cost_changes(amount: int, off: int) -> None:
    prices = Prices.from_dict(FILE | {"PerHour": {"ml.g5.xlarge": decimal(Fraction(amount, 10**10))}})
    less = prices.with_discounts([f"*={decimal(Fraction(off, 10**4))}"])
    assert Prices.from_dict(less.to_dict()).cost("ml.g5.xlarge") == less.cost("ml.g5.xlarge")


def test_what_is_missing_is_told_at_once() -> None:
    with pytest.raises(icplan.InputError) as told:
        Prices.from_dict({"IcplanPrices": 1})
    assert len(told.value.problems) == 6


def test_the_schema_takes_what_is_written() -> None:
    SCHEMA.validate(Prices.from_dict(FILE).to_dict())
    (block,) = re.findall(r"^```json\n(.*?)^```", (DOCS / "prices.md").read_text(), re.MULTILINE | re.DOTALL)
    SCHEMA.validate(json.loads(block))
    Prices.from_dict(json.loads(block))


@given(st.decimals("0.0000000001", "999999.9999999999", places=10, allow_nan=False))
def test_no_digit_is_lost(amount: Any) -> None:
    text = f"{amount:.10f}"
    prices = Prices.from_dict(FILE | {"PerHour": {"ml.g5.xlarge": text}})
    assert prices.amount("ml.g5.xlarge") == Fraction(text)
    assert Fraction(decimal(Fraction(text))) == Fraction(text)
    assert Prices.from_dict(prices.to_dict()) == prices
    cost = prices.cost("ml.g5.xlarge")
    assert cost is not None
    assert 0 <= Fraction(cost, MONEY_UNITS) - Fraction(text) < Fraction(1, MONEY_UNITS)
    assert cost * 10**6 < 2**63


def test_discounts() -> None:
    """By name or pattern, the last that names a type holds; exact, and no part of the file."""
    prices = Prices.from_dict(FILE).with_discounts(["ml.g5.*=27.5", "ml.g5.2xlarge=10"])
    assert prices.amount("ml.g5.xlarge") == Fraction("1.408") * Fraction(725, 1000)
    assert prices.cost("ml.g5.xlarge") == 1_020_800
    assert prices.cost("ml.g5.2xlarge") == 1_363_500
    assert prices.cost("ml.g6.12xlarge") == 5_752_000
    written = prices.to_dict()
    assert written["Source"] == "aws-price-list, less 10 % or 27.5 % of discounts"
    again = Prices.from_dict(written)
    assert [again.cost(name) for name in again.types] == [prices.cost(name) for name in prices.types]


@pytest.mark.parametrize("setting", ["ml.g5.xlarge", "ml.g5.xlarge=", "ml.g5.xlarge=100", "ml.g5.xlarge=-1"])
def test_no_such_discount(setting: str) -> None:
    with pytest.raises(icplan.InputError, match="cannot read the discount"):
        Prices.from_dict(FILE).with_discounts([setting])


def test_a_discount_on_what_has_no_price() -> None:
    with pytest.raises(icplan.InputError, match="no instance type with a price is"):
        Prices.from_dict(FILE).with_discounts(["ml.p5.*=10"])


@pytest.mark.parametrize(("days", "said"), [(90, False), (91, True)])
def test_old_prices_are_warned_of(days: int, said: bool) -> None:
    prices = Prices.from_dict(FILE)
    now = dt.datetime.fromisoformat(FILE["TakenAt"]) + dt.timedelta(days=days, seconds=1)
    assert (prices.warning(now - dt.timedelta(seconds=1)) is not None) is said
    if said:
        assert "91 days old; icplan prices --region us-east-1" in str(prices.warning(now))


@pytest.mark.parametrize(("name", "text"), [("index.csv", as_csv(*ROWS)), ("index.json", as_json(*ROWS))])
def test_the_command_reads_a_saved_price_list(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    target = tmp_path / "prices.json"
    arguments = ["prices", "--region", "us-east-1", "--from-file", str(tmp_path / name)]
    done = CliRunner().invoke(main, [*arguments, "-o", str(target)])
    assert done.exit_code == 0, done.stderr
    assert not done.stdout
    assert "3 instance types, us-east-1 prices of 2026-10-05, aws-price-list 20261005212151" in done.stderr
    written = json.loads(target.read_text())
    assert written["PerHour"] == HOSTING
    SCHEMA.validate(written)
    printed = CliRunner().invoke(main, arguments)
    assert json.loads(printed.stdout) == written
    piped = [*arguments[:-1], "-"]
    assert json.loads(CliRunner().invoke(main, piped, input=text).stdout) == written


def test_the_command_says_what_it_lacks(tmp_path: Path) -> None:
    asked = CliRunner().invoke(main, ["prices"])
    assert asked.exit_code == 2
    (tmp_path / "index.csv").write_text(as_csv(*ROWS))
    both = ["prices", "--region", "us-east-1", "--from-file", str(tmp_path / "index.csv")]
    assert CliRunner().invoke(main, [*both, "--profile", "p"]).exit_code == 2
    over = CliRunner().invoke(main, [*both, "-o", str(tmp_path / "index.csv")])
    assert over.exit_code == 2
    assert "it is an input" in over.stderr
    nowhere = CliRunner().invoke(main, ["prices", "--region", "Virginia", *both[3:]])
    assert nowhere.exit_code == 2
    assert "is no AWS Region" in nowhere.stderr
