"""What secrets may never survive redaction, and what must."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icplan.documents.paths import join_path
from icplan.documents.redact import redact, redact_text, variable
from icplan.documents.secrets import REDACTED
from icplan.requests.problems import member_path

pytestmark = pytest.mark.slow

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
secrets = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=12, max_size=40).map(
    "s3cr3t".__add__
)


@given(st.dictionaries(st.text(min_size=1, max_size=12), secrets), json_values)
def test_environment_values_never_pass(environment: dict[str, str], other: Any) -> None:
    """No value of Environment survives, at any depth; every name does, as far as it is one."""
    document = {
        "Specification": {"Container": {"Environment": environment}},
        "Nested": [{"Environment": environment}],
        "Other": other,
    }
    redacted = redact(document)
    assert not any(value in str(redacted) for value in environment.values())
    kept: Any = redacted["Specification"]
    assert kept["Container"]["Environment"] == {variable(name): REDACTED for name in environment}


@given(st.from_regex("[A-Z_]{1,9}", fullmatch=True), st.sampled_from("= :-"), secrets)
def test_a_value_in_a_name_does_not_pass(name: str, between: str, secret: str) -> None:
    """Of NAME=VALUE, written where the name belongs, only the name is kept, in answers and in paths."""
    mistaken = f"{name}{between}{secret}"
    assert redact({"Environment": {mistaken: "x"}}) == {"Environment": {f"{name}...": REDACTED}}
    for path in (member_path("$.Environment", mistaken), join_path(["Environment", mistaken])):
        assert path == f"$.Environment['{name}...']"


@given(secrets)
def test_an_environment_of_a_wrong_type_does_not_pass_either(secret: str) -> None:
    """A list or a string where the map belongs is replaced whole."""
    assert secret not in str(redact({"Container": {"Environment": [secret]}, "Environment": secret}))


@given(secrets, st.sampled_from(["https", "s3"]))
def test_credentials_in_urls_never_pass(secret: str, scheme: str) -> None:
    """Signed query strings and user names with passwords go; the host and the path stay."""
    url = f"{scheme}://user:{secret}@host.example/models/a.tar.gz?X-Amz-Credential=x&X-Amz-Signature={secret}"
    redacted = redact_text(f"see {url}#part")
    assert secret not in redacted
    assert "host.example/models/a.tar.gz" in redacted


@pytest.mark.parametrize(
    "text",
    [
        "AKIA" + "A1B2C3D4E5F6G7H8",
        "ASIA" + "A1B2C3D4E5F6G7H8",
        "hf_" + "abcdefghijklmnopqrstuvwx",
        "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc",
        "arn:aws:sagemaker:us-east-1:123456789012:endpoint/e?X-Amz-Security-Token=IQoJb3JpZ2luX2VjEAYaCXV",
        "https://h/p?sig=abcdefghijk",
        "password=hunter22",
    ],
)
def test_tokens_of_known_forms_never_pass(text: str) -> None:
    """Each form of a credential is replaced, wherever it stands in a text."""
    redacted = redact_text(f"({text})")
    assert text not in redacted
    assert REDACTED in redacted
    assert redact_text(redacted) == redacted


JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc"


@pytest.mark.parametrize(
    "before", ["", "token-", "x.", "abcdefghijkl.", "a.abcdefghijkl.", "eyJ-", "\u00e9-", "="]
)
def test_a_web_token_is_found_wherever_it_begins(before: str) -> None:
    """Whatever words and dots stand before it, nothing of it is left."""
    redacted = redact_text(f"{before}{JWT}")
    assert "eyJ" not in redacted
    assert "eyJzdWIi" not in redact_text(f"{before}{JWT} {before}{JWT}")


@pytest.mark.parametrize(
    "text",
    [
        "monkeyJumpsaround.something-long.x",
        "eyJshort.something-long.x",
        "s3://bucket/models/llama.tar.gz",
        "https://bucket.s3.amazonaws.com/m.tar.gz?versionId=3sL4kqtJlcpXroDTDmJ",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/llm@sha256:" + "0f" * 32,
        "arn:aws:sagemaker:us-east-1:123456789012:inference-component/tokenizer-a",
        "mig-3g.40gb",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Images, digests, artefacts and ARNs are needed to compare components."""
    assert redact_text(text) == text


LONG_UNITS = ["a-", "-a", "secret-", "secret", "token-a.", "a=", "https://", "a://b@", "s3://a?", "a+."]
LONG_UNITS += ["eyJ-", "-eyJ", "eyJ-.", "eyJabcdefghij.", "eyJabcdefghij-", "AKIA", "hf_", "hf_a.", "\u00e9."]


@pytest.mark.parametrize("unit", LONG_UNITS)
def test_long_texts_take_no_time(unit: str) -> None:
    """A text of many names is read once, not once from each: sixty thousand are no burden."""
    assert redact_text(unit * 60_000 + " password=hunter22").endswith(f" password={REDACTED}")


@pytest.mark.parametrize("name", ["x-secret", "--secret", "My_Api_Key-2", "foo=secret", "é.password"])
def test_an_assignment_is_found_wherever_its_name_begins(name: str) -> None:
    """Dashes, other assignments and punctuation before a name hide nothing."""
    assert redact_text(f"{name}=hunter22") == f"{name}={REDACTED}"


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=4))
def test_redacting_twice_changes_nothing_more(document: dict[str, Any]) -> None:
    """Redaction is idempotent, and never changes what it is given."""
    before = str(document)
    once = redact(document)
    assert redact(once) == once
    assert str(document) == before


def test_deep_nesting_is_cut_off() -> None:
    """A document nested ten thousand deep neither crashes nor leaks what lies at its bottom."""
    value: Any = {"Environment": {"A": "deep-secret"}}
    for _ in range(10_000):
        value = {"a": value}
    assert "deep-secret" not in str(redact({"top": value}))


@pytest.mark.parametrize(
    "name", ["Password", "HubAccessToken", "api_key", "ClientSecret", "X-Amz-Credential"]
)
def test_members_named_as_secrets_never_pass(name: str) -> None:
    """A member AWS may add, or a template may have, is judged by its name; its numbers and flags stay."""
    assert redact({"A": [{name: "hunter22", "Name": "n"}]}) == {"A": [{name: REDACTED, "Name": "n"}]}
    assert redact({name: 3, "TokenizerImage": "t"}) == {name: 3, "TokenizerImage": "t"}
