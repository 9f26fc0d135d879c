"""Re-check a verdict without the solver: every placement, every proof, and that the parts agree.

What the file says is held against the rest of the file. Whether the packing problems in it are what the
snapshot and the change amount to is not re-derived; docs/evidence.md lists what the file cannot tell.
"""

from icplan.verify.binding import Claims, bound
from icplan.verify.one_verdict import verify
from icplan.verify.result import Checked, Result

__all__ = ["Checked", "Claims", "Result", "bound", "verify"]
