"""Strategies, a local control plane and a simulated endpoint, for icplan's tests and for yours.

:mod:`icplan.testing.strategies` needs hypothesis, which icplan itself does not.
"""

from icplan.testing.fake import FakeSageMaker
from icplan.testing.simulator import Machine, Policy, Refused, Simulator

__all__ = ["FakeSageMaker", "Machine", "Policy", "Refused", "Simulator"]
