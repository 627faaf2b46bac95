"""What was measured: the numbers of all rounds, and what follows from them."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from catalogue import BY_NAME, WORKLOADS


@dataclass
class Results:
    """The measurements of one call of `compare.py`.

    `runs` has what `measure.py` printed for each round, by workload and library, with "seconds"
    None where there is no time: then "missing" (not installed) or "failed" may say why.
    """

    libraries: list[str]
    workloads: list[str]
    threads: int
    rounds: int
    date: str = field(default_factory=lambda: str(date.today()))
    machine: str = field(default_factory=lambda: machine())
    runs: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        runs = [
            {"workload": workload, "library": library, "round": i, **run}
            for (workload, library), rounds in self.runs.items()
            for i, run in enumerate(rounds, 1)
        ]
        path.write_text(json.dumps(asdict(self) | {"runs": runs}, indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> Results:
        content = json.loads(path.read_text())
        runs: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for run in content.pop("runs"):
            runs.setdefault((run["workload"], run["library"]), []).append(run)
        return cls(**content, runs=runs)

    def times(self, workload: str, library: str) -> list[float] | None:
        """The time of each round; None if one is missing or the work was not the same."""
        runs = self.runs.get((workload, library), [])
        times = [run["seconds"] for run in runs]
        return None if not runs or None in times or self.too_far(workload, library) else times

    def ratio(self, workload: str, library: str, base: str) -> float | None:
        """Median over the rounds of the ratio of the two times."""
        times, base_times = self.times(workload, library), self.times(workload, base)
        if times is None or base_times is None:
            return None
        return median(a / b for a, b in zip(times, base_times, strict=True))

    def too_far(self, workload: str, library: str) -> bool:
        """Whether the results differ from the reference's by so much that it was other work."""
        differences = [run.get("difference") for run in self.runs[workload, library]]
        return any(d is not None and d > BY_NAME[workload].tolerance for d in differences)

    def groups(self) -> dict[str, list[str]]:
        """The workloads by the heading of their table; those that show growth have none."""
        found: dict[str, list[str]] = {}
        for name, work in WORKLOADS.items():
            if name in self.workloads:
                found.setdefault(work.group, []).append(name)
        return found

    def base(self, workloads: list[str]) -> str:
        """What the others are divided by: the group's own choice, or else the first with times."""
        candidates = [BY_NAME[workloads[0]].base, *self.libraries]
        return next(filter(self.having(workloads).__contains__, candidates), candidates[0])

    def having(self, workloads: Collection[str]) -> list[str]:
        """The libraries that have a time for one of the workloads."""
        return [one for one in self.libraries if any(self.times(w, one) for w in workloads)]

    def title(self, library: str) -> str:
        runs = [runs[0] for (_, name), runs in self.runs.items() if name == library]
        return next((run["title"] for run in runs if "title" in run), library)

    def versions(self) -> list[str]:
        runs = [runs[0] for runs in self.runs.values()]
        return list(dict.fromkeys(version for run in runs for version in run.get("versions", ())))

    def missing(self) -> list[str]:
        """What could not be measured for want of an installation, and why."""
        found = {
            name: run["missing"] for (_, name), (run, *_) in self.runs.items() if "missing" in run
        }
        return [f"Not measured: {name}: {reason}" for name, reason in found.items()]

    def wrong(self) -> list[str]:
        """What is not shown because it failed or was other work, and why."""
        found = []
        for (workload, library), runs in self.runs.items():
            failures = [run["failed"] for run in runs if "failed" in run]
            if failures:
                found.append(f"{workload} {library} failed: {failures[0]}")
            elif self.too_far(workload, library):
                furthest = max(run["difference"] for run in runs)
                found.append(
                    f"{workload} {library} is not shown: its results differ from the reference's "
                    f"by {furthest:.1e} in relative norm; "
                    f"{BY_NAME[workload].tolerance:.0e} is allowed."
                )
        return found


def machine() -> str:
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = models[0].partition(": ")[2] if models else cpu
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}"
