"""A computation and its gradient as a plain NumPy program, which can be checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

import numpy as np

from autograd.engine import replay
from autograd.graph.data import Array
from autograd.graph.deriving.derivation import Derivation
from autograd.graph.deriving.numpy_text import Program
from autograd.graph.deriving.rerun import calls_for, moved_result, outside, rerun, stand_in
from autograd.graph.explaining.columns import html_table, in_columns
from autograd.graph.explaining.naming import Names
from autograd.graph.explaining.ways import Target, history_of
from autograd.graph.numbers import brief, number, size_of
from autograd.tape import Call, Value
from autograd.tensor import Tensor

MOST_ENTRIES = 50  # of an input that differences are taken of
STEP = 6e-6  # the cube root of float64's precision: what is left out and rounding are alike


class Gap(NamedTuple):
    """How far the gradients of one input are apart.

    Attributes:
        name: the input, as the program calls it.
        gradient: by the program.
        to_engine: the largest distance from the engine's.
        to_differences: the largest distance from two-sided differences in float64.
        entries: of how many entries differences were taken.
    """

    name: str
    gradient: Array
    to_engine: float
    to_differences: float
    entries: int


@dataclass(frozen=True)
class Check:
    """The program, the engine and finite differences side by side. True if they agree.

    Attributes:
        value, engine_value: the result, by the program and by the engine.
        gaps: for each input that has a gradient.
    """

    value: float
    engine_value: float
    gaps: tuple[Gap, ...]

    def __bool__(self) -> bool:
        return all(map(self._agrees, self.gaps)) and self._near(self.value, self.engine_value)

    def _near(self, a: float, b: float) -> bool:
        return bool(np.isclose(a, b, rtol=1e-5, atol=1e-8))

    def _agrees(self, gap: Gap) -> bool:
        precision = float(np.finfo(gap.gradient.dtype).eps)
        largest = float(np.max(np.abs(gap.gradient), initial=0.0)) + abs(self.value)
        engine = gap.to_engine <= 100 * precision * largest
        return engine and gap.to_differences <= (1e-7 + 1000 * precision) * max(largest, 1e-7)

    def _rows(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = [
            ("input", "gradient", "program − engine", "program − differences", "entries", "")
        ]
        for gap in self.gaps:
            n = gap.gradient.size
            entries = f"{gap.entries:,}" if gap.entries == n else f"{gap.entries:,} of {n:,}"
            shown = brief(gap.gradient) if n == 1 else f"size {number(size_of(gap.gradient), 3)}"
            apart = number(gap.to_engine, 2), number(gap.to_differences, 2)
            rows.append((gap.name, shown, *apart, entries, "" if self._agrees(gap) else "differs"))
        return rows

    def _verdict(self) -> str:
        words = f"value: program {number(self.value, 6)}, engine {number(self.engine_value, 6)}. "
        if self:
            return words + "Program, engine and differences agree."
        return words + (
            "They differ. At a kink (relu at 0, ties in max) differences straddle two slopes; else "
            "look at the rule of a call that this gradient comes through."
        )

    def __str__(self) -> str:
        return "\n".join([*in_columns(self._rows()), self._verdict()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<div>{html_table(self._rows())}<p>{escape(self._verdict())}</p></div>"


@dataclass(frozen=True, eq=False)
class Sheet:
    """A computation and its gradient as a plain NumPy program. `print` shows the program.

    Attributes:
        source: the program. It defines `value_and_gradients`, which takes `inputs` and answers the
            value and a dict of gradients, and imports NumPy alone.
        inputs: the arrays that it takes, by name: those of the recorded run, constants (data,
            labels, masks that were drawn) among them.
    """

    source: str
    inputs: dict[str, Array]
    _calls: list[Call]
    _result: Value
    _names: dict[Value, str]

    def run(self, **inputs: Array) -> tuple[Array, dict[str, Array]]:
        """The value and the gradients, for the recorded inputs or others in their place."""
        scope: dict[str, Any] = {}
        exec(compile(self.source, "<derived program>", "exec"), scope)
        program: Callable[..., tuple[Array, dict[str, Array]]] = scope["value_and_gradients"]
        value, gradients = program(**{**self.inputs, **inputs})
        return np.asarray(value), {name: np.asarray(g) for name, g in gradients.items()}

    def check(self) -> Check:
        """Run the program, the engine and finite differences on the recorded inputs.

        Differences are two-sided, taken in float64, of at most 50 entries of each input. What no
        gradient flows through, as detach, stays as it was recorded meanwhile.
        """
        value, gradients = self.run()
        engine_value, by_engine = self._by_engine()
        gaps = []
        for x, name in self._names.items():
            if name in gradients:
                entries, slopes = self._differences(x)
                gradient = gradients[name]
                gaps.append(
                    Gap(
                        name,
                        gradient,
                        _largest(gradient - by_engine[x]),
                        _largest(gradient.reshape(-1)[entries] - slopes),
                        len(entries),
                    )
                )
        return Check(float(value.item()), engine_value, tuple(gaps))

    def _by_engine(self) -> tuple[float, dict[Value, Array]]:
        leaves = {x: stand_in(x, np.array(x.array)) for x in outside(self._calls)}
        result: Tensor = rerun(self._calls, leaves)[self._result]
        gradients = replay([(result.edge(), np.ones_like(result.data))])
        found = {x: gradients[leaf] for x, leaf in leaves.items() if leaf in gradients}
        return float(result.data.item()), found

    def _differences(self, x: Value) -> tuple[Array, Array]:
        """Which entries of an input, and the slopes there."""
        moved = np.array(x.array, np.float64)
        n = moved.size
        entries = np.linspace(0, n - 1, min(n, MOST_ENTRIES)).astype(int)
        slopes = []
        for i in entries:
            at = moved.flat[i]
            step = STEP * max(1.0, abs(at))
            ends = []
            for to in (at + step, at - step):
                moved.flat[i] = to
                ends.append(moved_result(self._calls, x, moved, self._result))
            moved.flat[i] = at
            slopes.append((ends[0] - ends[1]) / (2 * step))
        return entries, np.array(slopes)

    def __str__(self) -> str:
        return self.source

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.source)}</pre>"


def _largest(distances: Array) -> float:
    return float(np.max(np.abs(distances), initial=0.0))


def derive(target: Target, *args: Any) -> Sheet:
    """A loss and its gradient as a plain NumPy program: forward, then backward, line by line.

    The program is read from the code that runs: the forward functions of the operations, and their
    rules. Beside each line stands its formula; d_x is the derivative by x. Random numbers that were
    drawn, as those of dropout, and data are inputs of the program.

    Args:
        target: a loss that was computed within `with autograd.record() as tape:`; the tape, of
            which the last single number is taken; or a function that answers a loss.
        args: the function's arguments.

    Raises:
        TypeError: the target is none of these.
        ValueError: the result is not one single number that operations made, or has no gradient.
        RuntimeError: the loss was not recorded.
        TracingError: an operation branches on values, so that a program of it holds for these only.

    Example:
        sheet = derive(lambda w: ((x @ w - y) ** 2).mean(), w)
        print(sheet)
        sheet.check()
    """
    history = history_of(target, args, "derive")
    if history.tape is None:
        raise RuntimeError(
            "derive: this loss was not recorded, and the graph alone does not hold all its values. "
            "Compute it within `with autograd.record() as tape:`, or give the function that "
            "computes it, and its arguments."
        )
    if not history.graph.variable[history.start].requires_grad:
        raise ValueError(
            "derive: the result has no gradient: nothing that it was computed from requires one, "
            "or the way is cut. why(w, loss) tells where."
        )
    shown = Names(history)
    names = {value: shown[key] for value, key in history.values.items()}
    result = next(value for value, key in history.values.items() if key == history.start)
    calls = calls_for(history.tape, result)
    derivation = Derivation(calls, result, names)
    program = Program(derivation)
    called = {x: program.name(array) for x, array in derivation.inputs.items()}
    return Sheet(program.text, program.inputs, calls, result, called)
