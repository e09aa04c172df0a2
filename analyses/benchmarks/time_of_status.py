"""How long does `resurge status` take on this project: its evidence, its stored posteriors, and all that changed?"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

RUNS = 5
PROJECT = Path(__file__).parents[2]


def seconds() -> tuple[float, float]:
    """Run the command once; give the time by the clock and that of the processor."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-c", "from resurge.cli import main; main()", "--project", str(PROJECT), "status"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - started, worked


if __name__ == "__main__":
    times = [seconds() for _ in range(RUNS)]
    stored = sum(path.stat().st_size for path in (PROJECT / "analyses" / "posteriors").glob("*.nc"))
    sys.stdout.write(
        f"{stored / 1e6:.0f} MB of draws; best of {RUNS} runs: {min(t[0] for t in times):.2f} s by the clock, "
        f"{min(t[1] for t in times):.2f} s of processor time\n"
    )
