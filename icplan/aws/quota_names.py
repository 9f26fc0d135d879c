"""What Service Quotas calls the limits on the instances of endpoints."""

from __future__ import annotations

from typing import Final

ALL_INSTANCES_CODE: Final = "L-7A3DF611"
"""The account-wide quota's code; its name is ``ALL_INSTANCES``."""
ALL_INSTANCES: Final = "Number of instances across active endpoints"
PER_ENDPOINT_CODE: Final = "L-ED8DEE9B"
"""The code of the quota on the instances of one endpoint; it is known by that, since its name is not sure."""
PER_ENDPOINT: Final = "Number of instances per endpoint"
"""What that quota is called where it is not told."""
PER_TYPE: Final = "{} for endpoint usage"
