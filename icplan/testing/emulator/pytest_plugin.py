"""The ``fake_sagemaker`` fixture: every boto3 client that a test makes talks to an emulator of its own.

@pytest.mark.fake_sagemaker(time="virtual", quotas={"ml.g5.xlarge": 3})
def test_the_deployment(fake_sagemaker):
deploy(boto3.client("sagemaker"))
fake_sagemaker.clock.advance("30m")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.testing.fake.client import FakeSageMaker

_MARK = "fake_sagemaker"


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line(
        "markers", f"{_MARK}(*snapshots, **settings): what the fake_sagemaker fixture is made with"
    )


@pytest.fixture
def fake_sagemaker(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeSageMaker]:
    """An emulator, and an environment in which every AWS SDK finds it."""
    from icplan.testing.fake.client import FakeSageMaker  # noqa: PLC0415  (a test that asks for none pays nothing)

    mark = request.node.get_closest_marker(_MARK)
    arguments, settings = (mark.args, mark.kwargs) if mark else ((), {})
    with FakeSageMaker(*arguments, **settings) as fake:
        for name, value in fake.environment().items():
            monkeypatch.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        yield fake
