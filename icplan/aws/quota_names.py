"""What Service Quotas calls the limits on the instances of endpoints."""

from __future__ import annotations

from typing import Final

ALL_INSTANCES_CODE: Final = "L-7A3DF611"
"""The account-wide quota's code; its name is ``ALL_INSTANCES``."""
ALL_INSTANCES: Final = "Number of instances across active endpoints"
PER_TYPE: Final = "{} for endpoint usage"
