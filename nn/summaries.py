"""A network as a table: its layers, what shape they give, how many parameters they have."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor, get_default_dtype, no_grad
from autograd.random import take, taking
from autograd.trees import leaves
from autograd.versions import memory_owner
from nn.module import Module
from nn.parameter import Parameter

Shape = tuple[int, ...]

HEAD = ("Layer", "Output shape", "Parameters", "Trainable", "Memory", "Output memory")


class Row(NamedTuple):
    """One module of a network.

    Attributes:
        path, kind: where it is ("" for the network itself), and its class.
        depth, name: how many modules it is within, and its path in the innermost of them.
        output_shapes: of its last call; none if it was not called.
        calls: how often it ran.
        parameters, trainable: the entries of the parameters that it holds itself, not in modules
            within it, and that no row above holds; how many of them require gradients.
        state_bytes: the memory of those parameters and of its buffers.
        output_bytes: the memory of its outputs that no module within it has made.
    """

    path: str
    kind: str
    depth: int
    name: str
    output_shapes: tuple[Shape, ...]
    calls: int
    parameters: int
    trainable: int
    state_bytes: int
    output_bytes: int


class Summary:
    """What `summary` found. Printed it is a table; a notebook shows it as one.

    Attributes:
        rows: one for each module, each before those within it.
        input_shapes: of what the network was given.
        notes: what is counted once though it is there twice, and what did not run.
        parameters, trainable, state_bytes, output_bytes: the sums over all rows.
    """

    def __init__(self, rows: list[Row], input_shapes: list[Shape], notes: list[str]) -> None:
        self.rows, self.input_shapes, self.notes = rows, input_shapes, notes
        self.parameters = sum(row.parameters for row in rows)
        self.trainable = sum(row.trainable for row in rows)
        self.state_bytes = sum(row.state_bytes for row in rows)
        self.output_bytes = sum(row.output_bytes for row in rows)

    def __repr__(self) -> str:
        table = [HEAD, *map(_cells, self.rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = []
        for cells in table:
            texts = zip(cells, widths, "<<><>>", strict=True)
            lines.append("  ".join(f"{text:{side}{width}}" for text, width, side in texts).rstrip())
        rule = "─" * max(map(len, lines))
        return "\n".join([lines[0], rule, *lines[1:], rule, *self._totals(), *self.notes])

    def _totals(self) -> list[str]:
        fixed = self.parameters - self.trainable
        shapes = ", ".join(map(str, self.input_shapes))
        return [
            f"{self.parameters:,} parameters: {self.trainable:,} trainable, {fixed:,} fixed",
            f"{_size(self.state_bytes)} of parameters and buffers, {_size(self.output_bytes)} of "
            f"outputs, for an input of {shapes}",
        ]

    def _repr_html_(self) -> str:
        def line(tag: str, cells: tuple[str, ...], indent: int = 0) -> str:
            texts = [html.escape(text.strip()) for text in cells]
            left, right = (f"padding:0 0.5em;text-align:{side}" for side in ("left", "right"))
            styles = [f"{left};padding-left:{indent + 0.5}em", left, *[right] * (len(cells) - 2)]
            pairs = zip(texts, styles, strict=True)
            return "".join(f'<{tag} style="{style}">{text}</{tag}>' for text, style in pairs)

        body = [line("td", _cells(row), 2 * row.depth) for row in self.rows]
        rows = "".join(f"<tr>{one}</tr>" for one in (line("th", HEAD), *body))
        below = "<br>".join(html.escape(text) for text in (*self._totals(), *self.notes))
        return f"<table>{rows}</table><p>{below}</p>"


def summary(model: Module, input_shape: Any) -> Summary:
    """The layers of a network, what shape they give, how many parameters they have, and memory.

    Args:
        model: the network.
        input_shape: the shape of one example, without the batch axis, as (784,): the network then
            runs on a batch of one. A tuple of shapes where it takes several inputs. Or data, an
            array or Tensor with its batch axis (or a tuple of those), where what is in it matters,
            as for indices.

    Returns:
        A table: print it, or look at its `rows` and sums. Memory is in bytes: of parameters and
        buffers, and of what the modules give, which training keeps until backward.

    The network runs once in evaluation mode, without a graph and without the hooks of its modules.
    Afterwards its modes, attributes and buffers are as before, and so are all random numbers.

    Raises:
        TypeError: `model` is no module, or `input_shape` neither shape nor data.
        Exception: what a layer raises on inputs of that shape.

    Example:
        >>> summary(Sequential(Linear(784, 100), ReLU(), Linear(100, 10)), (784,)).parameters
        79510
    """
    if not isinstance(model, Module):
        given = f"the class {model.__name__}" if isinstance(model, type) else type(model).__name__
        raise TypeError(f"summary(model, input_shape) takes a Module, not {given}.")
    inputs = _inputs(model, input_shape)
    outputs: dict[int, list[Any]] = {id(module): [] for module in model.modules()}
    made: list[tuple[int, Any]] = []  # outputs by module, in the order in which they came

    def note(module: Module, _: Any, output: Any) -> None:
        found = [one for one in leaves(output) if isinstance(one, Tensor | np.ndarray)]
        outputs[id(module)].append(found)
        made.extend((id(module), one) for one in found)

    with _as_it_was(model), no_grad(), np.errstate(all="ignore"):
        model.eval()
        for module in model.modules():
            module._hooks = None
            module.register_forward_hook(note)
        model(*inputs)
    memory = _memory(inputs, made)
    seen: set[int] = set()
    rows: list[Row] = []
    for path, module in model.named_modules():
        around = [row.path for row in rows if path.startswith(f"{row.path}.") or not row.path]
        rows.append(_row(path, around, module, outputs[id(module)], memory[id(module)], seen))
    return Summary(rows, [one.shape for one in inputs], _notes(model, rows))


def _row(
    path: str,
    around: list[str],
    module: Module,
    calls: list[list[Any]],
    output_bytes: int,
    seen: set[int],
) -> Row:
    """The row of a module within those at the paths `around`, the innermost last."""
    own: list[Tensor] = []
    for _, found in module._attributes():
        if isinstance(found, Tensor) and id(found) not in seen:
            seen.add(id(found))
            own.append(found)
    parameters = [one for one in own if isinstance(one, Parameter)]
    return Row(
        path,
        type(module).__name__,
        len(around),
        path.removeprefix(f"{around[-1]}.") if around else "",
        tuple(one.shape for one in calls[-1]) if calls else (),
        len(calls),
        sum(p.size for p in parameters),
        sum(p.size for p in parameters if p.requires_grad),
        sum(one.nbytes for one in own),
        output_bytes,
    )


def _memory(inputs: list[Any], made: list[tuple[int, Any]]) -> Counter[int]:
    """The bytes of outputs by module, each memory counted once, where it was first given out."""
    seen = {id(memory_owner(_array(one))) for one in inputs}
    sizes: Counter[int] = Counter()
    for module, output in made:
        owner = memory_owner(_array(output))
        if id(owner) not in seen:
            seen.add(id(owner))
            sizes[module] += owner.nbytes
    return sizes


def _notes(model: Module, rows: list[Row]) -> list[str]:
    notes = [
        f"{row.path} is used {row.calls} times, and counts once" for row in rows if row.calls > 1
    ]
    first: dict[int, str] = {}
    for path, module in model.named_modules():
        for name, found in module._attributes():
            if isinstance(found, Tensor):
                whole = f"{path}.{name}".lstrip(".")
                if first.setdefault(id(found), whole) != whole:
                    notes.append(f"{whole} is {first[id(found)]}, and counts once")
    return notes


def _inputs(model: Module, given: Any) -> list[Any]:
    """What to call the network with: data as it is, shapes as a batch of one."""
    if isinstance(given, Tensor | np.ndarray):
        return [given]
    if isinstance(given, int | np.integer):  # (784) without its comma
        given = (given,)
    if isinstance(given, list | tuple):
        if all(isinstance(one, Tensor | np.ndarray) for one in given) and given:
            return list(given)
        shapes = [given] if all(isinstance(n, int | np.integer) for n in given) else given
        if all(_is_shape(shape) for shape in shapes):
            floating = (p.dtype for p in model.parameters() if p.dtype.kind == "f")
            dtype = next(floating, np.dtype(get_default_dtype()))
            return [Tensor(np.ones((1, *shape), dtype)) for shape in shapes]
    raise TypeError(
        "summary(model, input_shape) takes the shape of one example, as (784,), a tuple of shapes "
        f"for a network with several inputs, or data; not {given!r:.60}."
    )


def _is_shape(shape: Any) -> bool:
    numbers = isinstance(shape, list | tuple)
    return numbers and all(isinstance(n, int | np.integer) and n >= 0 for n in shape)


@contextmanager
def _as_it_was(model: Module) -> Iterator[None]:
    """Afterwards the model's attributes and buffers, and all generators, are as before."""
    attributes = [(module, dict(vars(module))) for module in model.modules()]
    buffers = [(buffer, buffer.data.copy()) for buffer in model.buffers()]
    fresh = np.random.default_rng(0)  # in the place of whatever generator is asked
    token = taking.set(lambda _, *what: take(fresh, *what))
    try:
        yield
    finally:
        taking.reset(token)
        for module, before in attributes:
            vars(module).clear()
            vars(module).update(before)
        for buffer, values in buffers:
            if not np.array_equal(buffer.data, values):
                buffer.copy_(values)


def _cells(row: Row) -> tuple[str, ...]:
    shapes = ", ".join(map(str, row.output_shapes)) if row.calls else "not called"
    learns = {0: "no", row.parameters: "yes"}.get(row.trainable, "in part")
    return (
        "  " * row.depth + (f"{row.name}: {row.kind}" if row.name else row.kind),
        shapes + (f" ×{row.calls}" if row.calls > 1 else ""),
        f"{row.parameters:,}" if row.parameters else "–",
        learns if row.parameters else "–",
        _size(row.state_bytes) if row.state_bytes else "–",
        _size(row.output_bytes) if row.output_bytes else "–",
    )


def _size(n: float) -> str:
    """Bytes as a person reads them."""
    for unit in ("B", "KiB", "MiB"):
        if n < 1024:
            return f"{n:.0f} B" if unit == "B" else f"{n:.1f} {unit}"
        n /= 1024
    return f"{n:.1f} GiB"


def _array(thing: Any) -> Any:
    return thing.data if isinstance(thing, Tensor) else thing
