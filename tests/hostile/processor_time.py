"""icplan in a process of its own, on a clock that stands while other processes run."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import NamedTuple

MEMORY = 1 << 30
SECONDS = 300
"""Far more than any takes, with what starting Python costs on a busy machine: what reaches it hangs."""
BEYOND = 0.5
"""Seconds past the limit, to say how far it got (a tenth of the limit, where that is more)."""
STARTING = 0.5
"""Seconds that Python's own beginning and end take, outside the limit."""
_TIMED = """
import json, resource, signal, sys, time
from pathlib import Path

# What else the machine does takes none of the limit: the clock and alarm of this process alone.
time.monotonic = time.process_time
signal.ITIMER_REAL, signal.SIGALRM = signal.ITIMER_PROF, signal.SIGPROF

import icplan.api.check, icplan.cli.check_run, icplan.cli.main, icplan.judge.config, icplan.cli.file_selection
import icplan.judge.change_set, icplan.judge.in_order, icplan.report.build, icplan.report.text

def most_memory():
    # That which getrusage tells is what the process that started this one had at its most, if that was more.
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.open() if line.startswith("VmHWM:"))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most >> 10 if sys.platform == "darwin" else most

resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
started = time.process_time()
try:
    icplan.cli.main.main(json.loads(sys.argv[2]))
except SystemExit as end:
    print(json.dumps([end.code, time.process_time() - started, most_memory()]), file=sys.stderr)
"""


class Ran(NamedTuple):
    """How a run ended: ``seconds`` of processor time, ``memory`` in KiB at its most."""

    code: int
    seconds: float
    memory: int
    stdout: str
    stderr: str


def timed(*arguments: str, memory: int = MEMORY) -> Ran:
    """Run the command line in a process of its own, with so much address space."""
    done = subprocess.run(
        [sys.executable, "-c", _TIMED, str(memory), json.dumps(arguments)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    *said, last = done.stderr.strip().splitlines()
    code, seconds, most = json.loads(last)
    return Ran(code, seconds, most, done.stdout, "\n".join(said))
