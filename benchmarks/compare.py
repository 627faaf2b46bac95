"""Compare libraries at the workloads, side by side, and print the result as Markdown.

    python benchmarks/compare.py --workloads W1,W3 --libraries pytorch,ours

Every measurement runs in a fresh process. In each round the libraries take turns and ratios are
taken within the round, so that what else the machine does hits all alike; the table shows the
median of the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from measure import LIBRARIES, Parser, add_common_options, positive_int
from workloads import WORKLOADS

HERE = Path(__file__).parent
BASE = "pytorch"  # what the others are divided by
DEFAULT_LIBRARIES = [
    *("pytorch", "pytorch_fused", "ours", "compiled"),
    *("numpy_by_hand", "matrix_products", "copies"),
]

Results = dict[tuple[str, str], list[dict[str, Any]]]  # by workload and library, one per round


def main() -> None:
    options = read_options()
    results = measure_all(options)
    print(f"{heading(options, results)}\n\n{steps_table(options, results)}")
    if "W10" in options.workloads:
        print(f"\n{imports_table(options, results)}")
    wrong = notes(results)
    for note in wrong:
        print(f"\n{note}")
    sys.exit(1 if wrong else 0)


def read_options() -> argparse.Namespace:
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--workloads",
        type=one_of_each(WORKLOADS),
        default=list(WORKLOADS),
        help=f"of {', '.join(WORKLOADS)} (default: all)",
    )
    parser.add_argument(
        "--libraries",
        type=one_of_each(LIBRARIES),
        default=DEFAULT_LIBRARIES,
        help=f"of {', '.join(LIBRARIES)} (default: {', '.join(DEFAULT_LIBRARIES)}); the first "
        f"one is what the others are divided by, if {BASE} is not among them",
    )
    parser.add_argument("--rounds", type=positive_int, default=3, help="default 3")
    parser.add_argument(
        "--python-for",
        type=library_and_python,
        action="append",
        default=[],
        metavar="LIBRARY=PATH",
        help="the interpreter in which a library is installed (default: this one)",
    )
    add_common_options(parser)
    options = parser.parse_args()
    options.python_for = dict(options.python_for)
    options.libraries.sort(key=lambda library: library != BASE)
    return options


def one_of_each(known: Iterable[str]) -> Callable[[str], list[str]]:
    """A reader of "A,B": names among those known, each once."""

    def read(text: str) -> list[str]:
        names = list(dict.fromkeys(text.split(",")))
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(known)}")
        return names

    return read


def library_and_python(text: str) -> tuple[str, str]:
    library, _, path = text.partition("=")
    if library not in LIBRARIES:
        raise argparse.ArgumentTypeError(f"{library!r} is none of {', '.join(LIBRARIES)}")
    if not os.access(path, os.X_OK) or Path(path).is_dir():
        raise argparse.ArgumentTypeError(f"no interpreter at {path!r}; write {library}=PATH")
    return library, path


# Measuring


def measure_all(options: argparse.Namespace) -> Results:
    results: Results = defaultdict(list)
    for i in range(options.rounds):
        for workload in options.workloads:
            for library in options.libraries:
                progress(f"round {i + 1} of {options.rounds}: {workload} {library}")
                results[workload, library].append(measure(options, workload, library))
    progress("")
    return results


def measure(options: argparse.Namespace, workload: str, library: str) -> dict[str, Any]:
    python = options.python_for.get(library, sys.executable)
    command = [python, HERE / "measure.py", library, workload]
    command += ["--seconds", str(options.seconds), "--threads", str(options.threads)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        return json.loads(done.stdout.splitlines()[-1])
    reason = (done.stderr.splitlines() or [f"ended with code {done.returncode}"])[-1]
    if done.returncode == 2:  # it does not even start
        progress("")
        sys.stderr.write(f"compare: {workload} {library}: {reason}\n")
        sys.exit(2)
    return {"seconds": None, "failed": reason}


def progress(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")


# Reporting


def heading(options: argparse.Namespace, results: Results) -> str:
    versions = dict.fromkeys(v for runs in results.values() for v in runs[0].get("versions", ()))
    return (
        f"{date.today()}; {machine()}; {options.threads} threads; {', '.join(versions)}\n\n"
        f"The time of {title(options.libraries[0], results)}, and that of the others as ratio to "
        f"it; medians, rounds: {options.rounds}."
    )


def machine() -> str:
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = models[0].partition(": ")[2] if models else cpu
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}"


def title(library: str, results: Results) -> str:
    titles = [runs[0].get("title") for (_, name), runs in results.items() if name == library]
    return next(filter(None, titles), library)


def steps_table(options: argparse.Namespace, results: Results) -> str:
    base, *others = options.libraries
    rows = [["", "work", *(title(library, results) for library in options.libraries)]]
    for workload in options.workloads:
        work = WORKLOADS[workload]
        if work.kind == "import":
            continue
        times = times_of(results, workload, base)
        time = duration(median(times)) if times else "–"
        if times and hasattr(work, "operations"):
            time += f", {duration(median(times) / work.operations)} an operation"
        ratios = [ratio(times_of(results, workload, other), times) for other in others]
        rows.append([workload, work.about, time, *ratios])
        if work.show_memory:
            peaks = [results[workload, library] for library in options.libraries]
            cells = [shown([run.get("memory") for run in runs], megabytes) for runs in peaks]
            rows.append(["", "peak resident memory", *cells])
    return markdown(rows)


def imports_table(options: argparse.Namespace, results: Results) -> str:
    rows = [["W10", "import in a fresh interpreter", "ratio to NumPy's", "size of the packages"]]
    for library in options.libraries:
        runs = results["W10", library]
        if all(run["seconds"] is not None for run in runs):
            time = duration(median(run["seconds"] for run in runs))
            to_numpy = f"{median(run['to_numpy'] for run in runs):.2f}"
            size = megabytes(median(run["size"] for run in runs))
            rows.append([title(library, results), time, to_numpy, size])
    return markdown(rows)


def times_of(results: Results, workload: str, library: str) -> list[float] | None:
    """The time of each round; None if one is missing or the work was not the same."""
    runs = results[workload, library]
    if too_far(workload, runs) or any(run["seconds"] is None for run in runs):
        return None
    return [run["seconds"] for run in runs]


def ratio(times: list[float] | None, base: list[float] | None) -> str:
    if times is None or base is None:
        return "–"
    return f"{median(a / b for a, b in zip(times, base, strict=True)):.2f}"


def too_far(workload: str, runs: list[dict[str, Any]]) -> bool:
    """Whether the results differ from the reference's by so much that this was other work."""
    differences = [run["difference"] for run in runs if run.get("difference") is not None]
    return bool(differences) and max(differences) > WORKLOADS[workload].tolerance


def notes(results: Results) -> list[str]:
    """What is missing from the tables because something is wrong, and why."""
    found = []
    for (workload, library), runs in results.items():
        failures = [run["failed"] for run in runs if "failed" in run]
        if failures:
            found.append(f"{workload} {library} failed: {failures[0]}")
        elif too_far(workload, runs):
            furthest = max(run["difference"] for run in runs)
            found.append(
                f"{workload} {library} is not shown: its results differ from the reference's by "
                f"{furthest:.1e} in relative norm; "
                f"{WORKLOADS[workload].tolerance:.0e} is allowed."
            )
    return found


def shown(values: list[Any], form: Callable[[float], str]) -> str:
    return "–" if None in values else form(median(values))


def duration(seconds: float) -> str:
    for unit, size in (("s", 1), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def megabytes(count: float) -> str:
    return f"{count / 1e6:.3g} MB"


def markdown(rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, "| --- " * len(rows[0]) + "|")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
