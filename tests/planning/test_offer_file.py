"""A saved price list of AWS's: only what is surely an hour of hosting counts, and no file can fool it."""

from __future__ import annotations

import json
import os
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.offer_files import HOSTING, ROWS, Row, as_csv, as_json

import icplan
from icplan.aws import offer_file
from icplan.planning.prices import Prices

if TYPE_CHECKING:
    from pathlib import Path

FORMS = {".csv": as_csv, ".json": as_json}
SECRET = "ghp_" + "a1B2c3D4" * 5


def read(folder: Path, text: str, form: str, region: str = "us-east-1") -> tuple[dict[str, Any], list[str]]:
    """What a file says, and what is said of it."""
    path, notes = folder / f"index{form}", list[str]()
    path.write_text(text)
    return Prices.from_offer_file(path, region, warn=notes.append).to_dict(), notes


@pytest.mark.parametrize("form", FORMS)
def test_only_hosting_in_the_region_counts(tmp_path: Path, form: str) -> None:
    """Whatever else has the instance's name; nothing of it is worth a note."""
    found, notes = read(tmp_path, FORMS[form](*ROWS), form)
    assert found["PerHour"] == HOSTING
    assert (found["Version"], found["TakenAt"]) == ("20261005212151", "2026-10-05T21:21:51Z")
    assert not notes
    other, _ = read(tmp_path, FORMS[form](*ROWS), form, "eu-west-1")
    assert other["PerHour"] == {"ml.g5.xlarge": "1.76"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Row("ZZZZ", "ml.g5.xlarge", "1.5"), "an hour of it has several prices: 1.408 (AAAA) and 1.5 (ZZZZ)"),
        (Row("ZZZZ", "ml.g5.xlarge", "0.0000000000"), "ZZZZ costs nothing"),
        (Row("ZZZZ", "ml.g5.xlarge", "1.408", first="0", last="100"), "depends on how many hours"),
        (Row("ZZZZ", "ml.g5.xlarge", "1.408", first="100"), "depends on how many hours"),
        (Row("ZZZZ", "ml.g5.xlarge", "1.408", currency="EUR"), "has no price in USD"),
        (Row("ZZZZ", "ml.g5.xlarge", "1.408", unit="Secs"), "has no price of an hour"),
        (Row("ZZZZ", "ml.g5.xlarge", "1e999"), "is no amount"),
        (Row("ZZZZ", "ml.g5.xlarge", "-1.408"), "is no amount"),
        (Row("ZZZZ", "ml.g5.xlarge", "9" * 40), "is no amount"),
        (Row("ZZZZ", "ml.g5.xlarge", "1.408", of_usage="ml.g5.2xlarge"), "is of the usage of ml.g5.2xlarge"),
    ],
)
def test_what_is_doubtful_has_no_price(tmp_path: Path, form: str, row: Row, said: str) -> None:
    """Whichever row comes first; the others keep theirs."""
    for rows in ((*ROWS, row), (row, *ROWS)):
        found, notes = read(tmp_path, FORMS[form](*rows), form)
        assert found["PerHour"] == {name: HOSTING[name] for name in ("ml.g6.12xlarge", "ml.m5.xlarge")}
        (note,) = notes
        assert note.startswith("ml.g5.xlarge is left out: ")
        assert said in note or "several" in said


@pytest.mark.parametrize("form", FORMS)
def test_equal_prices_are_one(tmp_path: Path, form: str) -> None:
    found, notes = read(tmp_path, FORMS[form](*ROWS, Row("ZZZZ", "ml.g5.xlarge", "01.40800")), form)
    assert found["PerHour"] == HOSTING
    assert not notes


@pytest.mark.parametrize("form", FORMS)
def test_china_pays_in_its_own_currency(tmp_path: Path, form: str) -> None:
    rows = (
        Row("AAAA", "ml.g5.xlarge", "9.9", region="cn-north-1", currency="CNY"),
        Row("BBBB", "ml.m5.xlarge", "1.9", region="cn-north-1"),
    )
    found, notes = read(tmp_path, FORMS[form](*rows), form, "cn-north-1")
    assert (found["Currency"], found["PerHour"]) == ("CNY", {"ml.g5.xlarge": "9.9"})
    assert "has no price in CNY" in notes[0]


def refused(tmp_path: Path, text: str | bytes, form: str, said: str) -> None:
    path = tmp_path / f"index{form}"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(icplan.InputError) as told:
        Prices.from_offer_file(path, "us-east-1")
    assert said in str(told.value), told.value
    assert told.value.problems[0].file == str(path)
    assert SECRET not in str(told.value)


def altered(**members: Any) -> str:
    return json.dumps(json.loads(as_json(*ROWS)) | members)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no price list of AWS's"),
        ("[]", "is no price list of AWS's"),
        ("{}", "it has no products and no terms"),
        ("{", "not valid JSON"),
        ('{"version": "1"', "it ends too early"),
        ('{"products": {"A": {"sku"', "not valid JSON"),
        ('{"products": {1: 2}}', "a member has no name"),
        ('{"version": "1" "x": 1}', ", is missing"),
        ('{"products": {}, "products": {}}', "products is given twice"),
        (
            as_json(*ROWS).replace('"component": "Hosting"', '"component": "x", "component": "Hosting"', 1),
            "a member is given twice",
        ),
        ('{"x": NaN}', "a number is none that is taken"),
        ('{"x": 1e999}', "a number is none that is taken"),
        (f'{{"x": {"9" * 31}}}', "a number is none that is taken"),
        (f'{{"x": {"[" * 100_000}', "nested too deep"),
        (f'{{"x": "{"a" * (2 << 20)}"}}', "a value of more than 1,048,576 characters"),
        (f'{{"{SECRET}": {{"{SECRET}"', "not valid JSON"),
        (as_json(*ROWS) + "x", "something follows its end"),
        (altered(offerCode="AmazonEC2"), "another service than AmazonSageMaker"),
        (altered(version=None), "does not say its version"),
        (altered(version="x" * 99), "does not say its version"),
        (altered(publicationDate="soon"), "publication date"),
        (altered(publicationDate="2999-01-01T00:00:00Z"), "of a time to come"),
        (altered(products={"A": {"attributes": []}}), "is no product with attributes"),
        (altered(products=[]), "no On-Demand price of hosting in us-east-1"),
        (altered(terms={"OnDemand": {"AAAA": {"x": {}}}}), "is no offer with priceDimensions"),
        (altered(terms={"OnDemand": {"AAAA": {"x": {"priceDimensions": {"y": 1}}}}}), "is no offer"),
        (json.dumps(dict(reversed(json.loads(as_json(*ROWS)).items()))), "stands before products"),
        (b"\x1f\x8b" + b"\0" * 99, "it looks like gzip"),
        (b'{"x": "\xff"}', "is not UTF-8 text"),
    ],
)
def test_what_is_no_such_json_file(tmp_path: Path, text: str | bytes, said: str) -> None:
    refused(tmp_path, text, ".json", said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no price list of AWS's"),
        ("a,b\n" * 50, "is no price list of AWS's"),
        ("SKU,TermType\n", "it has no column unit, priceperunit, currency, regioncode"),
        ("SKU,TermType,Unit,PricePerUnit,Currency,Region Code\n", "does not say its version"),
        (as_csv(*ROWS).replace("AmazonSageMaker", "AmazonEC2", 1), "another service than AmazonSageMaker"),
        (as_csv(*ROWS).replace('"Component"', '"usagetype"'), "a column has the name of another"),
        (as_csv(*ROWS) + '"a","b"\n', "a row of 2 instead of 23 columns"),
        (as_csv(*ROWS) + '"a', "not valid CSV"),
        (as_csv(*ROWS) + '"a"b\n', "not valid CSV"),
        (as_csv(*ROWS) + "a" * 300_000, "a line of more than 262,144 characters"),
        (as_csv(*ROWS) + '"' + ("a" * 99 + "\n") * 3_000, "not valid CSV: field larger than field limit"),
        (as_csv(*ROWS, published="2999-01-01T00:00:00Z"), "of a time to come"),
        (as_csv(*ROWS[3:]), "no On-Demand price of hosting in us-east-1"),
        (as_csv(Row("A", "ml.a.b", "0")), "ml.a.b is left out: A costs nothing"),
        (as_csv(*ROWS).encode("utf-16"), "it looks like UTF-16"),
        (as_csv(*ROWS).encode() + b"\xff\n", "is not UTF-8 text"),
    ],
)
def test_what_is_no_such_csv_file(tmp_path: Path, text: str | bytes, said: str) -> None:
    refused(tmp_path, text, ".csv", said)


@pytest.mark.no_cover  # each member is looked at, and to trace that takes thrice as long
@pytest.mark.parametrize("form", FORMS)
def test_it_is_never_held_whole(tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file much larger than what is read at once takes little memory; past its limit it is refused."""
    many = [Row(f"S{number}", "ml.g5.xlarge", "1", kind="Training") for number in range(12_000)]
    text = FORMS[form](*ROWS, *many)
    (tmp_path / f"index{form}").write_text(text)
    tracemalloc.start()
    try:
        found = Prices.from_offer_file(tmp_path / f"index{form}", "us-east-1")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.to_dict()["PerHour"] == HOSTING
    assert peak < len(text) / 1.5 or peak < 8 << 20, (peak, len(text))
    monkeypatch.setattr(offer_file, "MAX_BYTES", 2 << 20)
    refused(tmp_path, text, form, "is larger than 2 MiB")


def test_names_that_open_nothing(tmp_path: Path) -> None:
    for path, said in ((tmp_path, "is a directory"), (tmp_path / "x", "no such file"), ("\0", "no file can")):
        with pytest.raises(icplan.InputError, match=said):
            Prices.from_offer_file(path, "us-east-1")
    os.mkfifo(tmp_path / "pipe")


@given(
    st.sampled_from(sorted(FORMS)),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 3), st.text(max_size=3)), max_size=4),
)
def test_damaged_files_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, form: str, damages: list[tuple[int, int, str]]
) -> None:
    """Whatever is changed in it: prices, or one clear refusal."""
    text = FORMS[form](*ROWS)
    for place, removed, put in damages:
        at = place % len(text)
        text = text[:at] + put.encode("utf-8", "replace").decode() + text[at + removed :]
    path = tmp_path_factory.getbasetemp() / f"damaged{form}"
    path.write_text(text)
    files = {str(path)}
    try:
        Prices.from_offer_file(path, "us-east-1")
    except icplan.InputError as error:
        files |= {str(problem.file) for problem in error.problems}
    assert files == {str(path)}
