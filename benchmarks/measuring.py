"""One process, measured from outside: seconds on the wall, CPU, and memory with its children.

Memory is what the whole family holds at once (proportional set size, from ``/proc``), looked at
every 10 ms; Linux alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
_EVERY = 0.01


@dataclass(frozen=True)
class Measured:
    """Seconds of wall and CPU, MB at the peak, the exit code and what was printed."""

    wall: float
    cpu: float
    peak: float
    code: int
    output: str


def measure(command: Sequence[str | Path], *, memory: bool = False) -> Measured:
    """Run a command to its end. Looking at ``memory`` costs time: not both in one run."""
    before = os.times()
    began = time.perf_counter()
    with subprocess.Popen(
        [str(each) for each in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        text=True,
    ) as process:
        peak = _watch(process) if memory else 0.0
        output = process.stdout.read() if process.stdout else ""
    wall = time.perf_counter() - began
    after = os.times()
    cpu = sum(after[2:4]) - sum(before[2:4])
    return Measured(wall, cpu, peak, process.returncode, output)


def _watch(process: subprocess.Popen[str]) -> float:
    """The peak of the family's memory in MB. Its output must fit a pipe: a line or two."""
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _family(process.pid))
        time.sleep(_EVERY)
    return peak


def _family(pid: int) -> float:
    total = _memory(pid)
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return total
    return total + sum(_family(int(child)) for child in children)


def _memory(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def ours(*arguments: str | Path) -> list[str | Path]:
    """Our command, as a user starts it."""
    return [Path(sys.executable).with_name("bulk-update"), *arguments]


def peer(name: str, *arguments: str | Path) -> list[str | Path]:
    """A peer's script."""
    return [sys.executable, HERE / "peers" / f"{name}.py", *arguments]
