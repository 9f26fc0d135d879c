"""Strategies, a local control plane and a simulated endpoint, for icplan's tests and for yours.

:mod:`icplan.testing.strategies` needs hypothesis, which icplan itself does not.
"""

from icplan.testing.fake.client import FakeSageMaker
from icplan.testing.simulator.instances import Machine
from icplan.testing.simulator.operations import Simulator
from icplan.testing.simulator.policies import Policy
from icplan.testing.simulator.simulated_fleet import Refused

__all__ = ["FakeSageMaker", "Machine", "Policy", "Refused", "Simulator"]
