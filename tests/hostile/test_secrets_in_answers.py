"""AWS's own texts leave without secrets: reasons of failure, refusals, and what it lists beside."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.endpoints import GPU4, create
from support.faulty_aws import instead, seed
from test_one_door import SECRETS

import icplan
from icplan.testing import FakeSageMaker
from icplan.verify import Result
from icplan.verify.fleet_plan import verify_plan

KINDS = [(kind, (secret, part or secret)) for kind, (secret, part) in SECRETS.items()]


def spoken(secret: str) -> str:
    return f"The container said {secret} and stopped."


def test_reasons_of_failure_are_kept_without_them() -> None:
    """Each kind in a FailureReason of its own; what is around it stays."""
    with FakeSageMaker(seed()) as fake:
        client = fake.client()
        for kind, (secret, part) in KINDS:

            def told(body: bytes, secret: str = secret) -> bytes:
                return json.dumps({**json.loads(body), "FailureReason": spoken(secret)}).encode()

            with instead(fake, "DescribeInferenceComponent", told), instead(fake, "DescribeEndpoint", told):
                taken = icplan.Snapshot.read("prod", client=client)
            whole = json.dumps(taken.to_dict())
            assert part not in whole, kind
            assert "The container said" in whole, kind


@pytest.mark.parametrize("operation", ["DescribeEndpoint", "DescribeInferenceComponent"])
def test_refusals_of_aws_are_quoted_without_them(operation: str) -> None:
    """Also in what the exception came from, which a traceback would print."""
    with FakeSageMaker(seed()) as fake:
        client = fake.session().client("sagemaker")
        for kind, (secret, part) in KINDS:
            fake.faults.clear()
            fake.faults.add(operation=operation, error=("ValidationException", spoken(secret)))
            with pytest.raises(icplan.AwsError) as caught:
                icplan.Snapshot.read("prod", client=client)
            assert "The container said" in str(caught.value), kind
            for error in chain(caught.value):
                assert part not in str(error), kind


def chain(error: BaseException) -> list[BaseException]:
    """An exception, and those that a traceback would show with it."""
    found: list[BaseException] = []
    following: Any = error
    while following is not None:
        found.append(following)
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
    return found


def test_what_is_listed_beside_is_kept_without_them() -> None:
    """A part that could not be read is named in Notes, by what AWS said."""
    with FakeSageMaker(seed()) as fake:
        session = fake.session()
        for kind, (secret, part) in KINDS[::4]:
            fake.faults.clear()
            fake.faults.add(operation="ListServiceQuotas", error=("ValidationException", spoken(secret)))
            warned: list[str] = []
            taken = icplan.Snapshot.read("prod", session, warn=warned.append)
            assert part not in json.dumps(taken.to_dict()) + "".join(warned), kind
            assert "The container said" in "".join(taken.notes), kind


def test_a_plan_as_data_has_no_value_of_an_environment() -> None:
    """As the command writes it; the requests that make its components have them, since AWS needs them."""
    secret, wanted = "hunter2", create("chat", 1, 1)
    wanted["Specification"]["Container"] = {"Image": "image", "Environment": {"HF_TOKEN": secret}}
    plan = icplan.plan([wanted], by="instances", types=[GPU4])
    assert secret not in json.dumps(plan.to_dict())
    assert secret not in f"{plan}{plan!r}{plan.components}"
    assert secret in json.dumps(plan.requests())
    assert all(one.result is not Result.REJECTED for one in verify_plan(plan.to_dict()))
