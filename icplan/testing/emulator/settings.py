"""How long things take in the emulator, and what it does where AWS's behaviour is not known."""

from __future__ import annotations

from typing import Literal

import attrs


@attrs.frozen(kw_only=True)
class Timing:
    """Seconds that things take.

    Launch and container start together come to the 31 minutes of the one rolling update that AWS published
    with its times (two copies, batches of one, a wait of 60 s, one new GPU instance); idle instances were
    given back 5 to 12 minutes after the last copy left. What else stands here is a guess.
    """

    instance_launch: float = 480
    container_start: float = 600
    copy_stop: float = 60
    idle_release: float = 600
    instance_stop: float = 120
    endpoint_delete: float = 60
    adapter_start: float = 1
    provision_timeout: float = 1800
    startup_timeout: float = 600


@attrs.frozen(kw_only=True)
class Behaviour:
    """What the emulator does where AWS's behaviour is not documented (docs/emulator.md tells of each).

    Attributes:
        no_room: A copy that fits nowhere fails the operation, or leaves it as it is for ever (``hangs``:
            AWS's own tests saw a component that never left Creating).
        delete_endpoint_with_components: ``refused``, or the components stay behind, as was once measured.
        allocatable: How much of an instance can be reserved: the ``high`` end of what is known of its type,
            the ``low`` one, or any amount between, drawn by the seed (``drawn``).
        scale_to_zero: Whether MinInstanceCount may be 0; a Region was seen where it may not.
        rolling_without_config: An update without a DeploymentConfig replaces all copies at once
            (``all-at-once``) or one by one.
        batch_rounding: Whether a percentage of copies is rounded ``up`` or ``down``.

    """

    no_room: Literal["fails", "hangs"] = "fails"
    delete_endpoint_with_components: Literal["refused", "orphans"] = "refused"
    allocatable: Literal["high", "low", "drawn"] = "high"
    scale_to_zero: bool = True
    rolling_without_config: Literal["all-at-once", "one-by-one"] = "all-at-once"
    batch_rounding: Literal["up", "down"] = "up"
