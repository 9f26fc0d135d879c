"""The writes to an endpoint, as SageMaker carries them out: instances come, are replaced, go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.testing.emulator.copies import CopyState
from icplan.testing.emulator.placing import bring, stop_all
from icplan.testing.emulator.sagemaker_texts import NO_CAPACITY
from icplan.testing.emulator.timed_steps import Failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.testing.emulator.component import Component
    from icplan.testing.emulator.endpoint import Endpoint, Variant
    from icplan.testing.emulator.fleet import Fleet
    from icplan.testing.emulator.region import Region
    from icplan.testing.emulator.timed_steps import Steps


def create(region: Region, endpoint: Endpoint) -> Steps:
    """Launch the instances of every variant and wait for them."""
    try:
        for variant in (*endpoint.variants.values(), *endpoint.shadows.values()):
            if variant.fleet is not None:
                yield from _launch(region, variant.fleet, variant.configured.get("InitialInstanceCount", 1))
        yield from _all_ready(region, endpoint)
    except Failure as failure:
        for fleet in endpoint.fleets():
            for instance in list(fleet.instances):
                fleet.end(instance)
        endpoint.phase, endpoint.failure = "Failed", str(failure)
    else:
        endpoint.phase = None
    endpoint.modified = region.clock.now
    region.note(endpoint.name, endpoint.status)


def _launch(region: Region, fleet: Fleet, count: int) -> Steps:
    """Launch so many instances, waiting for capacity as long as it may take."""
    deadline = region.clock.now + region.timing.provision_timeout
    for _ in range(count):
        while not fleet.start_some(1):
            if region.clock.now >= deadline:
                fleet.waiting.clear()
                raise Failure(NO_CAPACITY.template)
            fleet.waiting[fleet.owner] = 1
            region.after(deadline - region.clock.now, region.changed)
            yield region.next_change(deadline)
        fleet.waiting.clear()


def _all_ready(region: Region, endpoint: Endpoint) -> Steps:
    while any(not one.ready for fleet in endpoint.fleets() for one in fleet.instances):
        yield region.next_change()


def replace(
    region: Region, endpoint: Endpoint, config: str, coming: dict[str, Variant], counts: Mapping[str, int]
) -> Steps:
    """Build the new fleets, bring every component's copies up on them, then take the old ones away."""
    endpoint.pending, endpoint.pending_config, endpoint.pending_since = coming, config, region.clock.now
    moved: list[Component] = []
    try:
        for name, variant in coming.items():
            if variant.fleet is not None:
                yield from _launch(region, variant.fleet, counts[name])
        yield from _all_ready(region, endpoint)
        for component in region.components_of(endpoint):
            fleet = coming[component.variant].fleet if component.variant in coming else None
            if fleet is not None and component.base is None:
                moved.append(component)
                yield from bring(component, fleet, component.revision, component.desired)
    except Failure as failure:
        yield from _take_back(region, endpoint, coming, str(failure))
        return
    yield from _swap(region, endpoint, config, coming)


def _take_back(region: Region, endpoint: Endpoint, coming: Mapping[str, Variant], why: str) -> Steps:
    """The old fleet goes on; the new one is taken away."""
    endpoint.phase = "RollingBack"
    fleets = [one.fleet for one in coming.values() if one.fleet is not None]
    for fleet in fleets:
        new = [one for each in region.components_of(endpoint) for one in each.copies if one.fleet is fleet]
        yield from stop_all(fleet, new)
        for instance in list(fleet.instances):
            fleet.stop(instance)
    while any(fleet.instances for fleet in fleets):
        yield region.next_change()
    endpoint.pending = None
    endpoint.phase, endpoint.failure = None, why
    endpoint.modified = region.clock.now
    region.note(endpoint.name, "rolled back", reason=why)


def _swap(region: Region, endpoint: Endpoint, config: str, coming: dict[str, Variant]) -> Steps:
    """The new fleet is the endpoint's; the old one's copies and instances go."""
    old = [one.fleet for one in endpoint.variants.values() if one.fleet is not None]
    for fleet in old:
        there = [one for each in region.components_of(endpoint) for one in each.copies if one.fleet is fleet]
        yield from stop_all(fleet, there)
        for instance in list(fleet.instances):
            if not instance.going:
                fleet.stop(instance)
    while any(fleet.instances for fleet in old):
        yield region.next_change()
    endpoint.variants, endpoint.pending = coming, None
    endpoint.config_name = config
    endpoint.phase, endpoint.rollback_failed = None, False
    endpoint.modified = region.clock.now
    region.note(endpoint.name, "updated", config=config)


def recount(region: Region, endpoint: Endpoint, wanted: Mapping[str, int]) -> Steps:
    """Have so many instances of each variant: idle ones go first, then those with the fewest copies.

    Copies that lose their instance are brought up again where there is room.
    """
    try:
        for name, count in wanted.items():
            fleet = endpoint.variants[name].fleet
            if fleet is None:
                continue
            staying = [one for one in fleet.instances if not one.going]
            if count > len(staying):
                yield from _launch(region, fleet, count - len(staying))
            for instance in sorted(staying, key=lambda one: one.total)[: max(0, len(staying) - count)]:
                lost = region.copies_on(instance)
                instance.going = True
                for one in lost:
                    one.remove()
                fleet.stop(instance)
                for one in lost:
                    if one.state is not CopyState.STOPPING:
                        yield from bring(one.component, fleet, one.revision, 1)
        while any(fleet.in_motion for fleet in endpoint.fleets()):
            yield region.next_change()
    except Failure as failure:
        endpoint.failure = str(failure)
    endpoint.phase = None
    endpoint.modified = region.clock.now


def delete(region: Region, endpoint: Endpoint) -> Steps:
    """All instances go; then the endpoint is gone. Components that are left keep its name."""
    due = region.clock.now + region.timing.endpoint_delete
    region.after(region.timing.endpoint_delete, region.changed)
    yield lambda: region.clock.now >= due
    for component in region.components_of(endpoint):
        for one in list(component.copies):
            one.remove()
    for fleet in list(endpoint.fleets()):
        for instance in list(fleet.instances):
            fleet.end(instance)
    region.endpoints.pop(endpoint.name, None)
    region.tags.pop(endpoint.arn, None)
    region.note(endpoint.name, "gone")
