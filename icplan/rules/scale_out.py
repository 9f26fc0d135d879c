"""ICP501 to ICP507: scale-out, quotas and reservations. Found where capacity is judged."""

from __future__ import annotations

from icplan.rules.base import (
    API,
    BLOG,
    DOCUMENTED,
    ERROR,
    INFERRED,
    MEASURED,
    NOTE,
    Rule,
)
from icplan.rules.capacity import NOT_ENOUGH_HARDWARE

_LIMIT = "ResourceLimitExceeded: The account-level service limit 'ml.g5.12xlarge for endpoint usage' is"

RULES = (
    Rule(
        id="ICP501",
        title="MaxInstanceCount is reached",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{API}, ManagedInstanceScaling.",
        aws_error=NOT_ENOUGH_HARDWARE,
        why="More instances would help, but managed instance scaling may not add them.",
        fix=(
            "Raise `MaxInstanceCount` to the number the message names, the larger of two: a new "
            "configuration places every copy anew, on a second fleet, and that may take more than where each "
            "copy lies now."
        ),
    ),
    Rule(
        id="ICP502",
        title="The account's quota is reached",
        severity=ERROR,
        basis=MEASURED,
        source=(
            "Error texts published with aws-samples notebooks. API reference, UpdateEndpoint: the "
            "configuration is deployed to a new fleet, and the old instances are deleted afterwards."
        ),
        aws_error=_LIMIT,
        why=(
            "The quota for the type, or for instances over all endpoints, leaves no room for the "
            "instances needed. UpdateEndpoint needs a whole fleet beside the one that runs; by a "
            "RollingUpdatePolicy perhaps less, so that nothing is refused or promised then."
        ),
        fix=(
            "Ask for a higher quota, or free instances elsewhere. The whole request is refused, not a "
            "part of it."
        ),
    ),
    Rule(
        id="ICP503",
        title="The capacity reservation is used up",
        severity=ERROR,
        basis=DOCUMENTED,
        source=(
            f"{API}, CapacityReservationPreference: without capacity in the reservation, instances fail "
            "to launch."
        ),
        why="The variant may use reserved instances only, and none is left.",
        fix="Enlarge the reservation, or free instances of it.",
    ),
    Rule(
        id="ICP504",
        title="Managed instance scaling is off",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{BLOG}: with it, an instance is launched instead of failing the update.",
        aws_error=NOT_ENOUGH_HARDWARE,
        why="More instances would help, but none is ever added.",
        fix="Turn ManagedInstanceScaling on, or add instances with UpdateEndpointWeightsAndCapacities.",
    ),
    Rule(
        id="ICP505",
        title="Whether EC2 has the instances is not checked",
        severity=NOTE,
        basis=DOCUMENTED,
        source="AWS re:Post, failures of endpoint creation.",
        aws_error=(
            "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error"
        ),
        why=(
            "The change needs instances to be launched; whether the Availability Zones have any left, no "
            "API tells."
        ),
        fix="Use a capacity reservation, or instance pools with several types.",
    ),
    Rule(
        id="ICP506",
        title="AWS's sizing formula asks for too few instances",
        severity=NOTE,
        basis=DOCUMENTED,
        source=(
            f"{BLOG}: quota >= ROUNDUP(Z x Y / X) + N, for Z copies a batch, Y accelerators a copy, "
            "X an instance, N instances."
        ),
        why=(
            "The formula counts accelerators only, and as if copies could be cut: it ignores free room, "
            "memory, cores, and that a copy lies on one instance."
        ),
        fix="Size MaxInstanceCount and the quota by the number that icplan names.",
    ),
    Rule(
        id="ICP507",
        title="No MaxInstanceCount is set",
        severity=ERROR,
        basis=INFERRED,
        source="How far managed instance scaling goes without a MaxInstanceCount, nothing states.",
        why="More instances would help, and managed instance scaling is on; nothing says how far it goes.",
        fix="Set `MaxInstanceCount` to the number the message names, the larger of two (see ICP501).",
    ),
)
