"""Compare libraries at the workloads, side by side, and print the result as Markdown.

    python benchmarks/compare.py --workloads W1,W3,depth --libraries pytorch,ours

Every measurement runs in a fresh process. In each round the libraries take turns and ratios are
taken within the round, so that what else the machine does hits all alike; the table shows the
median of the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from catalogue import BY_NAME, GROWING, GROWTH, WORKLOADS
from measure import LIBRARIES, NOT_INSTALLED, Parser, add_common_options, positive_int
from results import Results
from tables import report

HERE = Path(__file__).parent
ALL = [
    *("pytorch", "pytorch_fused", "pytorch_compiled", "jax_jit", "hips_autograd", "mygrad"),
    *("micrograd", "scikit_learn", "ours", "compiled"),
    *("numpy_by_hand", "matrix_products", "copies"),
]
LONGEST = 900  # seconds that a measurement may take, compilation included


def main() -> None:
    options = read_options()
    results = Results(options.libraries, options.workloads, options.threads, options.rounds)
    results.runs = measure_all(options)
    print(report(results))
    if options.out:
        from charts import draw

        options.out.mkdir(parents=True, exist_ok=True)
        results.save(options.out / "results.json")
        (options.out / "table.md").write_text(report(results) + "\n")
        draw(results, options.out)
    sys.exit(1 if results.wrong() else 0)


def read_options() -> argparse.Namespace:
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--workloads",
        type=some_of({**{name: [name] for name in WORKLOADS}, **growth_by_name()}),
        default=list(BY_NAME),
        help=f"of {', '.join([*WORKLOADS, *GROWTH])} (default: all); the last "
        f"{len(GROWTH)} measure how time grows",
    )
    parser.add_argument(
        "--libraries",
        type=some_of({name: [name] for name in LIBRARIES}),
        default=ALL,
        help=f"of {', '.join(ALL)} (default: all)",
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
    parser.add_argument(
        "--out", type=Path, help="a folder for the tables, all numbers and the charts"
    )
    add_common_options(parser)
    options = parser.parse_args()
    options.python_for = dict(options.python_for)
    return options


def growth_by_name() -> dict[str, list[str]]:
    return {what: [f"{what}-{size}" for size in sizes] for what, sizes in GROWTH.items()}


def some_of(known: dict[str, list[str]]) -> Callable[[str], list[str]]:
    """A reader of "A,B": what the names stand for, each once."""

    def read(text: str) -> list[str]:
        found: list[str] = []
        for name in text.split(","):
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(known)}")
            found += known[name]
        return list(dict.fromkeys(found))

    return read


def library_and_python(text: str) -> tuple[str, str]:
    library, _, path = text.partition("=")
    if library not in LIBRARIES:
        raise argparse.ArgumentTypeError(f"{library!r} is none of {', '.join(LIBRARIES)}")
    if not os.access(path, os.X_OK) or Path(path).is_dir():
        raise argparse.ArgumentTypeError(f"no interpreter at {path!r}; write {library}=PATH")
    return library, path


def measure_all(options: argparse.Namespace) -> dict[tuple[str, str], list[dict[str, Any]]]:
    runs: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    absent: dict[str, dict[str, Any]] = {}  # the libraries that are not installed
    for i in range(options.rounds):
        for workload in options.workloads:
            for library in options.libraries:
                if workload not in WORKLOADS and library not in GROWING:
                    continue
                progress(f"round {i + 1} of {options.rounds}: {workload} {library}")
                earlier = runs[workload, library]
                if earlier and earlier[0]["seconds"] is None:
                    run = earlier[0]  # it will not do now what it did not then
                else:
                    run = absent.get(library) or measure(options, workload, library)
                if "missing" in run:
                    absent[library] = run
                earlier.append(run)
    progress("")
    return dict(runs)


def measure(options: argparse.Namespace, workload: str, library: str) -> dict[str, Any]:
    python = options.python_for.get(library, sys.executable)
    command = [python, HERE / "measure.py", library, workload]
    command += ["--seconds", str(options.seconds), "--threads", str(options.threads)]
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # with bytecode, as users have it
    if library in options.python_for:
        # HIPS autograd has the import name of this project, to which PYTHONPATH may lead.
        environment.pop("PYTHONPATH", None)
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        return {"seconds": None, "failed": f"took longer than {LONGEST} s"}
    if done.returncode == 0:
        return json.loads(done.stdout.splitlines()[-1])
    reason = (done.stderr.splitlines() or [f"ended with code {done.returncode}"])[-1]
    return {"seconds": None, "missing" if done.returncode == NOT_INSTALLED else "failed": reason}


def progress(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")


if __name__ == "__main__":
    main()
