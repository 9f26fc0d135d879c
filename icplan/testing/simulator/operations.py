"""The calls a simulated endpoint takes, and how it carries them out."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import attrs

from icplan.testing.simulator.describe import snapshot
from icplan.testing.simulator.instances import DeployedComponent
from icplan.testing.simulator.requests import batch, merged, specification
from icplan.testing.simulator.simulated_fleet import Refused, SimulatedFleet

if TYPE_CHECKING:
    from icplan.testing.simulator.instances import Json, Revision
    from icplan.testing.simulator.policies import Policy


@attrs.frozen
class ApplyResult:
    """How an operation went: the most instances that ran, and whether an alarm had it rolled back."""

    peak_instances: int
    rolled_back: bool = False


class Simulator(SimulatedFleet):
    """One endpoint with one variant."""

    def fork(self, policy: Policy | None = None, seed: int | None = None) -> Simulator:
        """A copy that goes its own way, perhaps by another policy."""
        other = copy.deepcopy(self)
        other.policy = self.policy if policy is None else policy
        if seed is not None:
            other.reseed(seed)
        return other

    def reseed(self, seed: int) -> None:
        """Begin another sequence of random choices."""
        self.random.seed(seed)

    def snapshot(self, *, located: bool = False, by_type: bool = True) -> Json:
        """What AWS tells, as a snapshot file holds it; with ``located``, also which copy is where."""
        return snapshot(self, located=located, by_type=by_type)

    def apply(self, change: Json, *, alarm_after: int | None = None, release: bool = False) -> ApplyResult:
        """Carry a change out: ``{"Operation": ..., "Request": {...}}`` with the arguments of the boto3 call.

        Raises Refused when a copy finds no room. ``alarm_after`` has an alarm roll a rolling update back
        once so many batches are done; ``release`` gives instances back as soon as old copies have emptied
        them (they are else kept until `release_idle`). Requests are taken to be valid.
        """
        self.peak = len(self.instances)
        request = change["Request"]
        name = request["InferenceComponentName"]
        match change["Operation"]:
            case "CreateInferenceComponent":
                self._create(name, request)
            case "DeleteInferenceComponent":
                self.remove((name, self.components[name].version), self.copies(name))
                del self.components[name]
            case "UpdateInferenceComponentRuntimeConfig":
                self._scale(name, request["DesiredRuntimeConfig"]["CopyCount"])
            case "UpdateInferenceComponent":
                return self._update(name, request, alarm_after, release)
            case other:
                raise ValueError(f"no simulation of {other}")
        return ApplyResult(self.peak)

    def _create(self, name: str, request: Json) -> None:
        self.components[name] = DeployedComponent({0: specification(request)})
        try:
            self.place((name, 0), request["RuntimeConfig"]["CopyCount"])
        except Refused:
            del self.components[name]
            raise

    def _scale(self, name: str, wanted: int) -> None:
        version = name, self.components[name].version
        more = wanted - self.copies(name)
        if more > 0:
            self.place(version, more)
        else:
            self.remove(version, -more)

    def _update(self, name: str, request: Json, alarm_after: int | None, release: bool) -> ApplyResult:
        deployed = self.components[name]
        copies = self.copies(name)
        wanted = request.get("RuntimeConfig", {}).get("CopyCount", copies)
        wholly = merged(deployed.now, specification(request))
        if wholly == deployed.now:
            self._scale(name, wanted)
            return ApplyResult(self.peak)
        old, new = (name, deployed.version), (name, deployed.version + 1)
        deployed.specifications[new[1]] = wholly
        policy = request.get("DeploymentConfig", {}).get("RollingUpdatePolicy")
        if policy is None or not copies:
            self.place(new, wanted)  # all new ones beside all old ones
            self.remove(old, copies, release=release)
            deployed.version += 1
            return ApplyResult(self.peak)
        size = batch(policy["MaximumBatchSize"], copies)
        again = batch(policy.get("RollbackMaximumBatchSize", {"Type": "COPY_COUNT", "Value": copies}), copies)
        for number, done in enumerate(range(0, copies, size)):
            if number == alarm_after:
                self._go_back(old, new, again, done)
                return ApplyResult(self.peak, rolled_back=True)
            try:
                self.place(new, min(size, copies - done))
            except Refused:
                self._go_back(old, new, again, done)
                raise
            self.remove(old, min(size, copies - done), release=release, then=new)
        return self._finish(deployed, old, new, (copies, wanted, again), alarm=alarm_after is not None)

    def _finish(
        self,
        deployed: DeployedComponent,
        old: Revision,
        new: Revision,
        sizes: tuple[int, int, int],
        *,
        alarm: bool,
    ) -> ApplyResult:
        """Bring a replaced component to the copies it shall have."""
        copies, wanted, again = sizes
        try:
            self.place(new, wanted - copies)
        except Refused:
            self._go_back(old, new, again, copies)
            raise
        if alarm:
            self._go_back(old, new, again, copies)
            return ApplyResult(self.peak, rolled_back=True)
        self.remove(new, copies - wanted)
        deployed.version += 1
        return ApplyResult(self.peak)

    def _go_back(self, old: Revision, new: Revision, again: int, missing: int) -> None:
        """Put the missing old copies back, batch by batch, each before as many new ones leave."""
        while missing:
            batch = min(again, missing)
            try:
                self.place(old, batch)
            except Refused:
                raise Refused(rolled_back=False) from None
            self.remove(new, min(batch, self.count(new)), then=old)
            missing -= batch
        self.remove(new, self.count(new))
