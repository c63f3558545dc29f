"""What Linux tells of a process: memory and processor time. Elsewhere nothing is told, and nothing is guessed."""

import os
from pathlib import Path

KIB_PER_MB = 1_000_000 / 1024
USER, SYSTEM = 11, 12  # places in /proc/<pid>/stat behind the name


def memory(pid: int) -> dict[str, float]:
    """Megabytes, now and at most so far."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return {}
    told = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    now, peak = (int(told[field].split()[0]) / KIB_PER_MB for field in ("VmRSS", "VmHWM"))
    return {"MB of memory": now, "MB of memory, peak": peak}


def cpu_seconds(pid: int) -> float:
    """Of all threads since the start; 0 where it is not told."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[USER]) + int(fields[SYSTEM])) / os.sysconf("SC_CLK_TCK")
