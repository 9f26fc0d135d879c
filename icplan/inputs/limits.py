"""How much the readers of deployments take on, so that no input can exhaust memory, time or the stack."""

from __future__ import annotations

from typing import Final

MAX_SOURCES: Final = 500
"""Files of one deployment, those of an assembly counted one by one."""

MAX_RESOURCES: Final = 5_000
"""Components, endpoints and the like of one deployment."""

MAX_RESOLVED: Final = 2_000_000
"""Values that resolving one deployment may visit: references can multiply without end."""

MAX_RESOLVED_DEPTH: Final = 90
"""References and intrinsics within one another."""

MAX_TEXT: Final = 65_536
"""Characters of a text that an intrinsic puts together."""

MAX_TEXTS: Final = 10_000_000
"""Characters of all the texts that the intrinsics of one deployment put together: each is kept."""
