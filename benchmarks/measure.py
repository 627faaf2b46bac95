"""Measure one library at one workload in this process, and print the result as one line of JSON.

    python benchmarks/measure.py ours W3

{"seconds": median of a step, "memory": peak resident bytes, "difference": from the reference, …};
for imports {"seconds": …, "to_numpy": ratio to `import numpy`, "size": bytes of the packages, …}
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path
from statistics import median
from time import perf_counter
from types import ModuleType
from typing import Any, NoReturn

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")  # NPROC: JAX
NOT_INSTALLED = 3  # the exit code
LIBRARIES = sorted(p.stem for p in Path(__file__).parent.glob("libraries/[!_]*.py"))


class Parser(argparse.ArgumentParser):
    """Answers wrong values with one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{Path(self.prog).stem}: {message}\n")


def positive_int(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def positive_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds


def add_common_options(parser: Parser) -> None:
    parser.add_argument(
        "--seconds", type=positive_seconds, default=1.0, help="measured time at least (default 1)"
    )
    parser.add_argument("--threads", type=positive_int, default=2, help="for every library (2)")


def main() -> None:
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument("library", choices=LIBRARIES)
    parser.add_argument("workload")
    add_common_options(parser)
    options = parser.parse_args()
    for variable in THREADS:
        os.environ[variable] = str(options.threads)  # read when NumPy and the library are imported

    name = vars(options)["library"]
    try:
        from catalogue import BY_NAME

        library = importlib.import_module(f"libraries.{name}")
    except ImportError as error:
        parser.exit(
            NOT_INSTALLED,
            f"{name} does not import in {sys.executable}: {error}. Install it there, "
            f"or name its interpreter: compare.py --python-for {name}=PATH\n",
        )
    if options.workload not in BY_NAME:
        parser.error(f"unknown workload {options.workload!r}; there are {', '.join(BY_NAME)}")
    work = BY_NAME[options.workload]
    if work.kind == "import":
        result = measure_import(library, options.seconds)
    else:
        result = measure_steps(library, work, options.seconds)
    result |= {"title": library.TITLE, "versions": versions(library)}
    print(json.dumps(result))


def measure_steps(library: ModuleType, work: Any, seconds: float) -> dict[str, Any]:
    build = getattr(library, work.kind, None)
    if build is None:
        return {"seconds": None}  # the library has no such kind of workload
    step, results = build(work)
    for _ in range(work.checked_steps):  # these warm up, too
        step()
    memory = peak_memory()
    checked = [array.copy() for array in results()] if results else None
    time = median(durations(step, seconds))
    return {"seconds": time, "memory": memory, "difference": difference(work, checked)}


def durations(step: Callable[[], object], seconds: float) -> list[float]:
    """The time of each step, for at least so many seconds and three steps."""
    times: list[float] = []
    end = perf_counter() + seconds
    while len(times) < 3 or perf_counter() < end:
        start = perf_counter()
        step()
        times.append(perf_counter() - start)
    return times


def peak_memory() -> int:
    """The most resident memory this process has had, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def difference(work: Any, results: list[Any] | None) -> float | None:
    """How far the results are from the reference's, in relative norm."""
    if results is None:
        return None
    import numpy as np
    from libraries import numpy_by_hand

    def joined(arrays: Iterable[Any]) -> Any:
        return np.concatenate([array.ravel() for array in arrays])

    step, reference = getattr(numpy_by_hand, work.kind)(work, np.float64)
    start = joined(reference()) if work.kind in ("network", "epochs", "update") else 0
    for _ in range(work.checked_steps):
        step()
    expected, got = joined(reference()), joined(results)
    if got.shape != expected.shape or not np.isfinite(got).all():
        return float("inf")
    return float(np.linalg.norm(got - expected) / np.linalg.norm(expected - start))


def measure_import(library: ModuleType, seconds: float) -> dict[str, Any]:
    """The library's import in fresh interpreters, in turn with NumPy's alone."""
    if not hasattr(library, "IMPORT"):
        return {"seconds": None}
    bare: list[float] = []
    whole: list[float] = []

    def fresh_imports() -> None:
        bare.append(fresh_import("import numpy"))
        whole.append(fresh_import(library.IMPORT))

    fresh_imports()  # writes the bytecode and warms the file cache
    durations(fresh_imports, seconds)
    return {
        "seconds": median(whole[1:]),
        "to_numpy": median(a / b for a, b in zip(whole[1:], bare[1:], strict=True)),
        "size": sum(map(package_size, library.PACKAGES)),
    }


def fresh_import(statement: str) -> float:
    code = f"from time import perf_counter as t; s = t(); {statement}; print(t() - s)"
    # With bytecode, as users have it.
    env = {name: v for name, v in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-P", "-c", code]  # -P: not what lies in the working directory
    done = subprocess.run(command, env=env, check=True, capture_output=True)
    return float(done.stdout)


def package_size(name: str) -> int:
    """The bytes of a package's files, shared libraries delivered beside it included."""
    module = sys.modules[name]
    assert module.__file__ is not None
    folder = Path(module.__file__).parent
    files = [*folder.rglob("*"), *folder.with_name(f"{name}.libs").rglob("*")]
    return sum(f.stat().st_size for f in files if f.is_file() and "__pycache__" not in f.parts)


def versions(library: ModuleType) -> list[str]:
    found = [f"Python {platform.python_version()}"]
    for name in library.DISTRIBUTIONS:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} from the path")
    return found


if __name__ == "__main__":
    main()
