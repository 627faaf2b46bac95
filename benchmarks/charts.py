"""Results as charts: SVG, with letters as letters.

python benchmarks/charts.py out/bench     # draws them again from results.json there
"""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
from catalogue import BY_NAME, GROWING, GROWTH, WORKLOADS
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from results import Results
from tables import OURS, duration

PAPER, INK, PALE = "#ffffff", "#24292f", "#d8dee4"
RED, VIOLET, GREY, BLUE = "#d1242f", "#8250df", "#818b98", "#0969da"
LOOKS: dict[str, dict[str, Any]] = {
    "pytorch": {"color": RED, "marker": "|", "markersize": 11, "markeredgewidth": 1.8},
    "pytorch_fused": {"color": RED, "marker": "s", "markersize": 5},
    "pytorch_compiled": {"color": RED, "marker": "^", "markersize": 6.5},
    "jax_jit": {"color": VIOLET, "marker": "v", "markersize": 6.5},
    "hips_autograd": {"color": "#9a6700", "marker": "X", "markersize": 6.5},
    "mygrad": {"color": "#bf3989", "marker": "p", "markersize": 6.5},
    "micrograd": {"color": "#1a7f37", "marker": "P", "markersize": 6.5},
    "scikit_learn": {"color": "#e16f24", "marker": "|", "markersize": 11, "markeredgewidth": 1.8},
    "ours": {"color": BLUE, "marker": "o", "markersize": 9},
    "compiled": {"color": BLUE, "marker": "D", "markersize": 8},
    "numpy_by_hand": {"color": GREY, "marker": "o", "markersize": 5.5, "fillstyle": "none"},
    "matrix_products": {"color": INK, "marker": "3", "markersize": 10, "markeredgewidth": 1.2},
    "copies": {"color": INK, "marker": "4", "markersize": 10, "markeredgewidth": 1.2},
}
OTHERWISE = {"color": GREY, "marker": "*"}
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "benchmarks",  # the same results make the same file
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": 9.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": PALE,
    "xtick.color": INK,
    "ytick.color": INK,
}
INCH_A_ROW = 0.32
AXES = {  # of the panels of growth: their titles
    "batch": "batch size: MLP 64-128-128-10",
    "width": "width: MLP 64-n-n-10, batch 64",
    "depth": "hidden layers of 64, batch 32",
    "operations": "operations on 10 numbers",
}


def draw(results: Results, folder: Path) -> None:
    """Writes ratios.svg and growth.svg, each if there is something to show in it."""
    groups = {
        group: workloads
        for group, workloads in results.groups().items()
        if BY_NAME[workloads[0]].kind != "import" and results.having(workloads)
    }
    with mpl.rc_context(STYLE):
        if groups:
            save(ratios_chart(results, groups), folder / "ratios.svg")
        if results.having(growing(results)):
            save(growth_chart(results), folder / "growth.svg")


def growing(results: Results) -> set[str]:
    return set(results.workloads) - set(WORKLOADS)


def save(figure: Figure, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None}, facecolor=PAPER)


def ratios_chart(results: Results, groups: dict[str, list[str]]) -> Figure:
    """A row for each workload; a mark for each library, at its ratio to the base of the row."""
    rows = sum(len(workloads) + 1 for workloads in groups.values())
    height = INCH_A_ROW * rows + 1.3
    figure = Figure(figsize=(10, height))
    axes = figure.add_axes((0.36, 0.5 / height, 0.62, INCH_A_ROW * rows / height))
    axes.set(xscale="log", ylim=(rows - 0.4, -0.6), yticks=[])

    y = -1
    for group, workloads in groups.items():
        y += 1
        base = results.base(workloads)
        write(axes, y, -0.56, group, weight="bold")
        write(axes, y, -0.015, f"{results.title(base)} takes", ha="right", color=GREY)
        for workload in workloads:
            y += 1
            axes.axhline(y, color=PALE, linewidth=0.8, zorder=0)
            write(axes, y, -0.56, workload, weight="bold", color=GREY, size=8.5)
            write(axes, y, -0.505, BY_NAME[workload].about.split(", ")[0])
            times = results.times(workload, base)
            write(axes, y, -0.015, duration(median(times)) if times else "–", ha="right")
            for library in results.libraries:
                ratio = results.ratio(workload, library, base)
                if ratio is not None:
                    shift = 0.13 if library in OURS else -0.13  # they would hide each other
                    axes.plot(ratio, y + shift, **look(library), linestyle="none")

    axes.axvline(1, color=INK, linewidth=0.8, zorder=0.5)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(axis="x", color=PALE, linewidth=0.5)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("time, as ratio to the one given at the left: less is faster")
    legend(figure, results, results.having(list(chain.from_iterable(groups.values()))))
    return figure


def write(axes: Any, y: float, x: float, text: str, **style: Any) -> None:
    """Text in the row y, left of the axes by so many of their widths."""
    axes.text(x, y, text, transform=axes.get_yaxis_transform(), va="center", **style)


def look(library: str) -> dict[str, Any]:
    ours = library in ("ours", "compiled")
    found = {"zorder": 4 if ours else 3, "alpha": 1 if ours else 0.85} | LOOKS.get(
        library, OTHERWISE
    )
    return {"markeredgewidth": 0.8 if found.get("fillstyle") else 0.5} | found


def legend(figure: Figure, results: Results, libraries: list[str]) -> None:
    handles = [
        Line2D([], [], **look(library), linestyle="none", label=results.title(library))
        for library in libraries
    ]
    figure.legend(handles=handles, loc="upper center", ncols=5, frameon=False)


def growth_chart(results: Results) -> Figure:
    """A panel for each thing that grows: the time of a step by its size, both logarithmic."""
    figure = Figure(figsize=(10, 7.4))
    panels = figure.subplots(2, 2).ravel()
    figure.subplots_adjust(0.1, 0.06, 0.98, 0.89, 0.19, 0.25)
    for axes, (what, sizes) in zip(panels, GROWTH.items(), strict=True):
        if not results.having([f"{what}-{size}" for size in sizes]):
            axes.remove()
            continue
        for library in GROWING:
            times = {size: results.times(f"{what}-{size}", library) for size in sizes}
            points = {size: median(several) for size, several in times.items() if several}
            axes.plot(points.keys(), points.values(), **look(library), linewidth=1.6)
        axes.set(xscale="log", yscale="log")
        axes.set_title(AXES[what], size=10, loc="left")
        axes.set_xticks(list(sizes), [f"{size:,}" for size in sizes])
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda seconds, _: duration(seconds)))
        axes.minorticks_off()
        axes.grid(color=PALE, linewidth=0.5)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
    for axes in panels[::2]:
        axes.set_ylabel("time of a step")
    legend(figure, results, results.having(growing(results)))
    return figure


if __name__ == "__main__":
    draw(Results.load(Path(sys.argv[1]) / "results.json"), Path(sys.argv[1]))
