"""The page of all operations: what each computes, its names, and its rules as formulas.

    python -m support.operations_page out/operations.html     (as `make docs` does)

It is made from the registry of operations and from the table of the tests, with a call of each.
"""

from __future__ import annotations

import re
import sys
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from support.operations import CASES, PLAIN

import autograd
from autograd import Function, Tensor
from autograd.engine import topological_order
from autograd.protocols import COMPOSED
from autograd.symbols import formula_of

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Operations</title>
<style>
  :root {{ color-scheme: light dark; }}
  body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; }}
  table {{ border-collapse: collapse; width: 100%; table-layout: fixed; }}
  td:first-child {{ width: 22%; }}
  td:nth-child(2) {{ width: 38%; }}
  td {{ vertical-align: top; padding: .4rem .8rem .4rem 0; border-top: 1px solid #8884; }}
  td {{ overflow-wrap: anywhere; overflow-x: auto; }}
  code {{ font-size: 90%; }}
  p {{ margin: 0; }}
</style>
<h1>Operations</h1>
<p>What each operation computes, and for each input x how a gradient gets back to it: the local
gradient ∂out/∂x of an operation that works entry by entry, otherwise the gradient of x from g, the
upstream gradient. The formulas are read from the rules that run.</p>
{families}
<h2>Functions made of several operations, and plain answers</h2>
<table>{composed}</table>
</html>
"""


def operations_page() -> str:
    """The page, as HTML with MathML."""
    ops = [op for op in Function.registry if op.__module__.startswith("autograd.ops.")]
    families = ""
    for module, members in groupby(ops, key=lambda op: op.__module__):
        title = first_line(sys.modules[module]).rstrip(".")
        rows = "".join(map(_row, members))
        families += f"<h2>{title}</h2>\n<table>{rows}</table>\n"
    composed = "".join(
        f"<tr><td><code>{numpy_name(f)}</code><td>{first_line(ours)}\n"
        for f, ours in sorted(COMPOSED.items(), key=lambda pair: numpy_name(pair[0]))
    )
    return PAGE.format(families=families, composed=composed)


def _row(op: type[Function]) -> str:
    rules = "".join(
        f"<p>{_of(op, which)} {formula.mathml}</p>" for which, formula in _rules(op).items()
    )
    names = ", ".join(f"<code>{name}</code>" for name in _names(op))
    return (
        f"<tr><td>{formula_of(op).mathml}<td>{names}<p>{first_line(op)}</p>"
        f"<td>{rules or 'no gradient'}\n"
    )


def _of(op: type[Function], which: Any) -> str:
    name = f"{op.signature.inputs[0]}[{which}]" if op.signature.variadic else which
    kind = f"∂out/∂{name} =" if op.signature.elementwise else f"{name} ←"
    return f"<code>{kind}</code>"


def _rules(op: type[Function]) -> dict[Any, Any]:
    """The formulas of an operation's rules, from the first call in the table that has a node."""
    for case in (*CASES, *PLAIN):
        if case.op is op:
            arrays = case.draw(np.float64)
            tensors = [Tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]
            results = case.apply(*tensors)
            order = topological_order([one.edge() for one in results if one.requires_grad])
            for node in order:
                if type(node) is op:
                    return node.local_gradient_formulas()
    return {}


def _names(op: type[Function]) -> list[str]:
    spellings = [f for f, ours in Function.by_numpy.items() if ours is op]
    return [numpy_name(one) for one in spellings] or [f"autograd.ops.{op.__name__}"]


def numpy_name(function: Any) -> str:
    """The function as one writes it: "np.linalg.norm"."""
    linalg = getattr(np.linalg, function.__name__, None) is function
    return f"np.{'linalg.' * linalg}{function.__name__}"


def first_line(thing: Any) -> str:
    """The first line of a docstring as HTML, with code in `backticks` as code."""
    line = escape((thing.__doc__ or "").partition("\n")[0])
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", line)


def main() -> None:
    """Write the page to the path given."""
    autograd.vocabulary
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(operations_page(), encoding="utf-8")
    print(path)


if __name__ == "__main__":
    main()
