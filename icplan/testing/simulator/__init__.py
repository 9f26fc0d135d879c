"""A simulator of how SageMaker places inference components, as far as AWS documents it.

    from icplan.testing.simulator import Machine, Policy, Refused, Simulator

    simulator = Simulator([Machine("ml.g5.12xlarge", 40_000, 150_000, accelerators=4)], max_instances=3)
    simulator.apply({"Operation": "CreateInferenceComponent", "Request": {...}})
    simulator.snapshot()                                     # what AWS would tell: counts, no arrangement
    simulator.fork(Policy.BINPACK).apply({...})              # the same, had it been placed otherwise

It knows what nobody is told: what the instances really offer, and which of them holds which copy. It shares
no code with the judge, does no I/O, and does the same again for the same seed.

What it does: new copies are placed one after another where there is room, running ones never move, and an
instance is launched when no running one has room and managed instance scaling allows it. A new
specification replaces copies: all at once beside the old ones, or in batches, each of which is placed before
as many old copies leave. A batch that cannot be placed is taken back, and the update is rolled back in
batches of its own.

Where several instance types may be launched, the policy chooses among those that managed instance scaling and
the quotas allow. While `motions` or `arriving` is not empty, or an instance is going, chance decides before
each copy what else happens by then: other components gain and lose copies, instances come and go.
"""

from icplan.testing.simulator.instances import DeployedComponent, Instance, Machine
from icplan.testing.simulator.motion import Motion
from icplan.testing.simulator.operations import ApplyResult, Simulator
from icplan.testing.simulator.policies import Policy
from icplan.testing.simulator.simulated_fleet import Refused

__all__ = [
    "ApplyResult",
    "DeployedComponent",
    "Instance",
    "Machine",
    "Motion",
    "Policy",
    "Refused",
    "Simulator",
]
