"""Results as Markdown."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

from catalogue import BY_NAME
from results import Results

OURS = ("ours", "compiled")


def report(results: Results) -> str:
    """All tables, with what one must know to read them."""
    parts = [
        f"{results.date}; {results.machine}; {results.threads} threads; "
        f"{', '.join(results.versions())}.",
        "The first column of times is the base, the others are ratios to it: less is faster. "
        f"Medians; rounds: {results.rounds}.",
    ]
    for group, workloads in results.groups().items():
        imports = BY_NAME[workloads[0]].kind == "import"
        table = imports_table(results) if imports else steps_table(results, workloads)
        parts.append(f"### {group}\n\n{table}")
    return "\n\n".join(parts + results.missing() + results.wrong())


def steps_table(results: Results, workloads: list[str]) -> str:
    base = results.base(workloads)
    others = [library for library in results.having(workloads) if library != base]
    rows = [["", "work", *map(results.title, [base, *others])]]
    for workload in workloads:
        work = BY_NAME[workload]
        times = results.times(workload, base)
        time = duration(median(times)) if times else "–"
        if times and work.part:
            time += f", {duration(median(times) / work.parts)} each {work.part}"
        ratios = [marked(other, ratio(results, workload, other, base)) for other in others]
        rows.append([workload, work.about, time, *ratios])
        if work.show_memory:
            runs = [results.runs.get((workload, library), []) for library in [base, *others]]
            cells = [shown([run.get("memory") for run in one], megabytes) for one in runs]
            rows.append(["", "peak resident memory", *cells])
    return markdown(rows)


def ratio(results: Results, workload: str, library: str, base: str) -> str:
    found = results.ratio(workload, library, base)
    if found is None:
        return "–"
    return f"{found:.2g}" if found < 0.095 else f"{found:.2f}" if found < 9.95 else f"{found:.0f}"


def marked(library: str, text: str) -> str:
    return f"**{text}**" if library in OURS and text != "–" else text


def imports_table(results: Results) -> str:
    rows = [["", "import in a fresh interpreter", "ratio to NumPy's", "size of the packages"]]
    for library in results.having(["W10"]):
        runs = results.runs["W10", library]
        time = duration(median(run["seconds"] for run in runs))
        to_numpy = f"{median(run['to_numpy'] for run in runs):.2f}"
        size = megabytes(median(run["size"] for run in runs))
        rows.append([results.title(library), time, to_numpy, size])
    return markdown(rows)


def shown(values: list[Any], form: Callable[[float], str]) -> str:
    return "–" if None in values or not values else form(median(values))


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
