"""What it costs that somebody could listen (`autograd.watching`) while nobody does.

    python benchmarks/watching.py

Times workload W6 with the operations as they are, and with the lines that ask for a watcher taken
out of their text, in turn in one process, and prints the ratio of the two with its spread.
"""

from __future__ import annotations

from statistics import quantiles
from time import perf_counter
from typing import Any

from catalogue import WORKLOADS

from autograd import Tensor
from autograd.codegen import compile_text
from autograd.ops import Add, Multiply, Sum

OPERATIONS = (Multiply, Add, Sum)  # of W6
PAIRS = 400


def main() -> None:
    work = WORKLOADS["W6"]
    x = Tensor(work.x(), requires_grad=True)
    forward_and_backward(work, x)  # writes the texts of the operations
    asking = [op.apply for op in OPERATIONS]
    silent = [without_watcher(op) for op in OPERATIONS]

    ratios = []
    for i in range(PAIRS):
        times = {}
        for name in ("asking", "silent") if i % 2 else ("silent", "asking"):
            for op, apply in zip(OPERATIONS, asking if name == "asking" else silent, strict=True):
                op.apply = staticmethod(apply)
            times[name] = forward_and_backward(work, x)
        ratios.append(times["asking"] / times["silent"])

    low, middle, high = quantiles(ratios, n=4)
    print(
        f"{work.about}: with the question to time without, {PAIRS} pairs: "
        f"median {middle:.3f}, half of them between {low:.3f} and {high:.3f}"
    )


def without_watcher(op: Any) -> Any:
    """`op.apply` from its own text, less each `if now.watcher …` and the line below it."""
    lines = iter(op.apply_source.splitlines())
    kept = []
    for line in lines:
        if "now.watcher is not None" in line:
            next(lines)
        else:
            kept.append(line)
    text = "\n".join(kept) + "\n"
    if "watcher" in text:
        raise RuntimeError(f"the text of {op.__name__}.apply still asks for a watcher:\n{text}")
    return compile_text(text, f"<{op.__name__}.apply, silent>", op.apply.__globals__)[op.__name__]


def forward_and_backward(work: Any, x: Tensor) -> float:
    """The seconds that one step of W6 takes."""
    start = perf_counter()
    x.grad = None
    work.value(x).backward()
    return perf_counter() - start


if __name__ == "__main__":
    main()
