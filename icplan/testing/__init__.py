"""Strategies and a local control plane, for icplan's tests and for yours.

:mod:`icplan.testing.strategies` needs hypothesis, which icplan itself does not.
"""

from icplan.testing.fake import FakeSageMaker

__all__ = ["FakeSageMaker"]
