"""The quota on the instances of one endpoint: what the emulator refuses by it, and what icplan foretells."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.emulated import World, needs

import icplan
from icplan.verdict.outcome import Outcome

TYPE, CODE = "ml.g5.2xlarge", "L-ED8DEE9B"
SCALE = {
    "Operation": "UpdateInferenceComponentRuntimeConfig",
    "Request": {"InferenceComponentName": "chat", "DesiredRuntimeConfig": {"CopyCount": 3}},
}


def two_instances(limit: int, **settings: Any) -> World:
    """An endpoint that may have four instances, has two full ones, and a quota of the account."""
    world = World.of(TYPE, 2, most=4, quotas={CODE: limit}, **settings)
    world.create("chat", 2, needs(1))
    return world


def read(world: World) -> icplan.Snapshot:
    """What icplan reads of it."""
    return icplan.Snapshot.read("prod", session=world.fake.session(), include_usage=True)


@pytest.mark.parametrize(
    ("limit", "outcome", "copies"),
    [(2, Outcome.DOES_NOT_FIT, 2), (3, Outcome.FITS_AFTER_SCALE_OUT, 3)],
)
def test_what_is_foretold_of_it_comes_to_be(limit: int, outcome: Outcome, copies: int) -> None:
    """A third instance is launched where the quota allows it; else the copy is refused in AWS's words."""
    world = two_instances(limit)
    (verdict,) = icplan.check(SCALE, read(world)).changes
    assert verdict.outcome is outcome
    world.scale("chat", 3)
    world.settle()
    assert world.copies("chat") == (copies, copies)
    if copies == 2:
        told = "limit 'Number of instances per endpoint' is 2 Instances, with current utilization of 2"
        assert told in world.component("chat")["FailureReason"]
        assert any(told in (found.aws_error or "") for found in verdict.findings)


def test_the_remedy_asks_for_that_quota() -> None:
    """Its code and its value stand in the command."""
    (verdict,) = icplan.check(SCALE, read(two_instances(2))).changes
    (raised,) = [one for one in verdict.remedies if one.kind == "raise-quota"]
    assert f"--quota-code {CODE} --desired-value 3" in raised.commands[0].cli


def test_other_endpoints_do_not_count_against_it() -> None:
    """Each endpoint has its own; more than it by itself is refused at once."""
    world = two_instances(2)
    world.configure("more", TYPE, 3)
    with pytest.raises(ClientError, match=r"Number of instances per endpoint. is 2 Instances") as refused:
        world.client.create_endpoint(EndpointName="other", EndpointConfigName="more")
    assert refused.value.response["Error"]["Code"] == "ResourceLimitExceeded"
    world.configure("same", TYPE, 2)
    world.client.create_endpoint(EndpointName="other", EndpointConfigName="same")
    world.settle()
    wanted = [{"VariantName": "v", "DesiredInstanceCount": 3}]
    with pytest.raises(ClientError, match="with current utilization of 2 Instances and a request delta of 1"):
        world.client.update_endpoint_weights_and_capacities(
            EndpointName="prod", DesiredWeightsAndCapacities=wanted
        )


def test_the_new_fleet_of_an_update_counts_by_itself() -> None:
    """Whether AWS counts the old one, too, is not known."""
    world = two_instances(2)
    world.configure("again", TYPE, 2, most=4)
    update = {"EndpointName": "prod", "EndpointConfigName": "again"}
    world.client.update_endpoint(**update)
    world.settle()
    assert world.endpoint()["EndpointConfigName"] == "again"
    assert world.copies("chat") == (2, 2)


def test_aws_default_counts_where_none_is_applied() -> None:
    """Four, as far as is known; it is listed with the defaults."""
    world = two_instances(9)
    world.fake.emulator.region().quotas.applied.clear()
    world.fake.set_quota(CODE, 2, default=True)
    snapshot = read(world)
    assert [(one["QuotaCode"], one["Value"]) for one in snapshot.data["Quotas"]] == [(CODE, 2.0)]
    assert icplan.check(SCALE, snapshot).outcome is Outcome.DOES_NOT_FIT
