"""Random expressions, made step by step on real numbers.

What has no derivative at a value (relu at 0, ties in max), and what would leave its domain (log of
a negative number), is not chosen there. So nothing has to be thrown away, and every expression can
be differentiated twice where it stands.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from support.expressions import LAYOUTS, NUMPY, Array, Expression, Leaf, Shape

ROLES = ["variable", "variable", "constant", "array"]

# Parts: each has a piece of the text, and its value


@dataclass(eq=False)
class Part:
    """A leaf, or a template such as `exp({0})` with the parts that fill it."""

    template: str
    operands: tuple[Part, ...]
    value: Array


Step = tuple[str, tuple[Part, ...]]


def off(*kinks: float) -> Callable[[Array], bool]:
    return lambda v: all(np.all(np.abs(v - kink) > 0.02) for kink in kinks)


def within(low: float, high: float) -> Callable[[Array], bool]:
    return lambda v: bool(np.all((v > low) & (v < high)))


anywhere = within(-np.inf, np.inf)
positive = within(0.2, np.inf)

# Templates by where they may be used. What is given here is differentiable there, twice.

FUNCTIONS = {
    "tanh({0})": anywhere,
    "sigmoid({0})": anywhere,
    "square({0})": anywhere,
    "({0} ** 2 + 0.5)": anywhere,
    "exp({0})": within(-9, 2),
    "log({0})": positive,
    "sqrt({0})": positive,
    "relu({0})": off(0),
    "absolute({0})": off(0),
    "(sign({0}) * {0})": off(0),
    "maximum({0}, 0)": off(0),
    "where({0} > 0, {0}, 0.1)": off(0),
    "clip({0}, -0.7, 0.7)": off(-0.7, 0.7),
    "clip({0}, None, 0.5)": off(0.5),
    "(-{0})": anywhere,
    "negative({0})": anywhere,
    "(2 - {0})": anywhere,
    "({0} / 3)": anywhere,
    "(1 / {0})": lambda v: off_zero(v),
    "({0} ** 3)": within(-3, 3),
    "(0.5 ** {0})": within(-4, 9),
    "({0} ** 1.5)": positive,
}


def off_zero(v: Array) -> bool:
    return bool(np.all(np.abs(v) > 0.3))


def raisable(x: Array, y: Array) -> bool:
    return within(0.2, 5)(x) and within(-3, 3)(y)


def apart(x: Array, y: Array) -> bool:
    return off(0)(x - y)


ARITHMETIC: dict[str, Callable[[Array, Array], bool]] = {
    "({0} + {1})": lambda x, y: True,
    "add({0}, {1})": lambda x, y: True,
    "({0} - {1})": lambda x, y: True,
    "subtract({0}, {1})": lambda x, y: True,
    "({0} * {1})": lambda x, y: True,
    "multiply({0}, {1})": lambda x, y: True,
    "({0} / {1})": lambda x, y: off_zero(y),
    "divide({0}, {1})": lambda x, y: off_zero(y),
    "({0} ** {1})": lambda x, y: raisable(x, y),
    "power({0}, {1})": lambda x, y: raisable(x, y),
    "maximum({0}, {1})": apart,
    "minimum({0}, {1})": apart,
    "where({0} > {1}, {0}, 2 * {1})": apart,
    "where({0} > 0, {1}, {0})": lambda x, y: off(0)(x),
}


def is_single(name: str, v: Array, axis: Any) -> bool:
    """Whether the largest (`max`) or smallest entry stands clear of all others."""
    extreme = getattr(v, name)(axis=axis, keepdims=True)
    return bool(np.all((np.abs(v - extreme) < 0.02).sum(axis=axis) == 1))


def axes_of(v: Array) -> range:
    return range(-v.ndim, v.ndim)


def key_parts(n: int) -> list[str]:
    """What may stand in an index key for an axis of length n; entries are chosen twice too."""
    some = [":", ":1", "::2", "::-1", "1:", str([i % 2 == 0 for i in range(n)])]
    return some + ["0", "-1", "[0, -1, 0]", f"[{n // 2}, 0, 0]", "[[0], [-1]]"] * bool(n)


def is_key(template: str, v: Array) -> bool:
    """Whether the arrays in a key fit together."""
    try:
        return bool(eval(template.format("x"), {"x": v}).ndim <= 5)
    except IndexError:
        return False


many = settings(  # as many as the environment says, always the same ones
    max_examples=int(os.environ.get("EXPRESSIONS", 400)),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@st.composite
def expressions(draw: Callable[[st.SearchStrategy[int]], int]) -> Expression:
    """Expressions of one to twelve steps, with leaves and intermediate values used several times.

    All choices follow from the seed, so fewer steps are the beginning of the same expression: that
    is how hypothesis shortens one that fails.
    """
    steps = draw(st.sampled_from(range(1, 13)))
    seed = draw(st.integers(0, 2**24 - 1))  # up to that, hypothesis draws all equally often
    return _Maker(seed).made(steps)


class _Maker:
    """One expression being made."""

    def __init__(self, seed: int) -> None:
        self.seed, self.random = seed, Random(seed)
        self.leaves: dict[str, Leaf] = {}
        shapes = [(2, 3), (3,), (), (1, 3), (3, 1, 2), (2, 2, 2), (2, 2, 2), (2, 3), (2, 0)]
        self.parts = [self.leaf(self.choose(shapes))]

    def made(self, steps: int) -> Expression:
        for _ in range(steps):
            # Mostly the newest part goes on; sometimes an older one, as a second branch.
            x = self.choose([*[self.parts[-1]] * 4, self.choose(self.parts)])
            families = [
                *(self.function, self.function, self.arithmetic, self.arithmetic, self.reduction),
                *(self.chosen_entries, self.chosen_entries, self.shape, self.joined),
                *(self.product, self.softmax),
            ]
            family = self.reduction if x.value.size > 32 else self.choose(families)
            part = self.add(*family(x))
            if np.any(np.abs(part.value) > 10):
                self.add("(0.1 * {0})", (part,))
        return self.written(self.parts[-1])

    # What steps are made with

    def choose(self, several: Any) -> Any:
        return self.random.choice(list(several))

    def leaf(self, shape: Shape) -> Part:
        """A new leaf. The first one always has a gradient."""
        name = "abcdefghijklmnopqrstuvwxyz"[len(self.leaves)]
        role = self.choose(ROLES) if self.leaves else "variable"
        leaf = Leaf(shape, self.choose(LAYOUTS), role)
        self.leaves[name] = leaf
        return Part(name, (), leaf.numbers(self.seed, name))

    def old_or_new(self, fits: Callable[[Shape], bool], shape: Shape) -> Part:
        """A part that is there already, with a shape that fits, or a new leaf."""
        old = [one for one in self.parts if fits(one.value.shape)]
        if old and self.choose([True, False]):
            return self.choose(old)  # type: ignore[no-any-return]
        return self.leaf(shape)

    def add(self, template: str, operands: tuple[Part, ...]) -> Part:
        names = [f"x{i}" for i in range(len(operands))]
        values = dict(zip(names, (one.value for one in operands), strict=True))
        value = np.asarray(eval(template.format(*names), NUMPY | values))
        self.parts += [one for one in operands if one not in self.parts]
        self.parts.append(Part(template, operands, value))
        return self.parts[-1]

    # Families of steps: each answers a template and the parts that fill it

    def function(self, x: Part) -> Step:
        return self.choose([t for t, safe in FUNCTIONS.items() if safe(x.value)]), (x,)

    def arithmetic(self, x: Part) -> Step:
        def fits(shape: Shape) -> bool:
            try:
                return int(np.prod(np.broadcast_shapes(shape, x.value.shape))) <= 48
            except ValueError:
                return False

        lengths = [self.choose([n, 1]) if n != 1 else self.choose([1, 3]) for n in x.value.shape]
        new = ((2, *lengths), lengths, lengths[1:], ())
        shape = self.choose([tuple(one) for one in new if fits(tuple(one))])
        y = self.old_or_new(fits, shape)
        pair = self.choose([(x, y), (y, x)])
        values = [one.value for one in pair]
        return self.choose([t for t, safe in ARITHMETIC.items() if safe(*values)]), pair

    def reduction(self, x: Part) -> Step:
        v = x.value
        axis = self.choose([None, *axes_of(x.value), tuple(range(v.ndim))[::2]])
        settings = f"axis={axis}" + self.choose(["", ", keepdims=True"])
        results = v.sum(axis=axis).size
        count = v.size // results if results else 0  # entries to each result
        names = ["sum"]
        if count:
            names += ["mean", "var"]
            names += [n for n in ("max", "min", "amax", "amin") if is_single(n[-3:], v, axis)]
        if count > 1 and np.all(v.std(axis=axis) > 0.1):
            names.append("std")
        name = self.choose(names)
        if name in ("std", "var") and count > 1:
            settings += self.choose(["", ", ddof=1"])
        as_method = [f"{{0}}.{name}({settings})"] if name[0] != "a" else []
        return self.choose([f"{name}({{0}}, {settings})", *as_method]), (x,)

    def softmax(self, x: Part) -> Step:
        v = x.value
        axes = [axis for axis in axes_of(v) if v.shape[axis]]
        if not axes:
            return "tanh({0})", (x,)
        axis = self.choose(axes)
        templates = [f"softmax({{0}}, axis={axis})", f"log_softmax({{0}}, axis={axis})"]
        if v.size:
            rows = v.shape[:-1]
            labels = self.random.choices(range(v.shape[-1]), k=int(np.prod(rows)))
            listed = np.reshape(labels, rows).tolist()
            templates.append(f"softmax_cross_entropy({{0}}, array({listed}, dtype='int64'))")
        return self.choose(templates), (x,)

    def product(self, x: Part) -> Step:
        if not x.value.ndim:
            return "({0} * {0})", (x,)
        k, m = x.value.shape[-1], self.choose([2, 1, 3])
        kind = self.choose(["@", "gram", "affine", "matmul", "left"])
        if kind == "gram" and x.value.ndim > 1:
            return "({0} @ {0}.mT)", (x,)
        if kind == "affine":
            weight = self.old_or_new(lambda s: len(s) == 2 and s[1] == k and s[0] > 0, (m, k))
            rows = weight.value.shape[0]
            bias = self.old_or_new(lambda s: s == (rows,), (rows,))
            return "affine({0}, {1}, {2})", (x, weight, bias)
        if kind == "left":
            k = x.value.shape[-2] if x.value.ndim > 1 else k
            y = self.old_or_new(lambda s: s in ((k,), (m, k)), self.choose([(m, k), (k,)]))
            return "({1} @ {0})", (x, y)
        y = self.old_or_new(
            lambda s: s == (k,) or (len(s) == 2 and s[0] == k), self.choose([(k, m), (k,)])
        )
        return ("matmul({0}, {1})" if kind == "matmul" else "({0} @ {1})"), (x, y)

    def shape(self, x: Part) -> Step:
        v = x.value
        order = tuple(self.random.sample(range(v.ndim), v.ndim))
        templates = [
            "{0}.T",
            f"transpose({{0}}, {order})",
            f"reshape({{0}}, {(*v.shape[1:], *v.shape[:1])})",
            "squeeze({0})",
            f"broadcast_to({{0}}, {(2, *v.shape)})",
        ]
        templates += ["{0}.mT"] if v.ndim > 1 else []
        templates += ["{0}.reshape(-1)", "reshape({0}, (1, -1))"] if v.size else []
        if v.ndim < 4:
            templates.append(f"expand_dims({{0}}, {self.choose(range(-v.ndim - 1, v.ndim + 1))})")
            templates.append("expand_dims({0}, (0, -1))")
        if 1 in v.shape:
            stretched = tuple(3 if n == 1 else n for n in v.shape)
            templates += [f"broadcast_to({{0}}, {stretched})"] * (v.size < 9)
            templates.append(f"squeeze({{0}}, axis={v.shape.index(1)})")
        return self.choose(templates), (x,)

    def joined(self, x: Part) -> Step:
        v = x.value
        kind = self.choose(["stack", "concatenate", "split", "flat"])
        if kind == "stack" and v.ndim < 4:
            y = self.old_or_new(lambda s: s == v.shape, v.shape)
            return f"stack([{{0}}, {{1}}], axis={self.choose([0, -1])})", (x, y)
        if kind == "flat" or not v.ndim:
            y = self.old_or_new(lambda s: int(np.prod(s)) < 9, (2,))
            return "concatenate([{1}, {0}], axis=None)", (x, y)
        axis = self.choose(axes_of(x.value))
        if kind == "split" and v.shape[axis] > 1:
            cut = f"split({{0}}, [1], axis={axis})"
            return self.choose([f"{cut}[1]", f"concatenate({cut}[::-1], axis={axis})"]), (x,)

        def fits(shape: Shape) -> bool:
            alike = len(shape) == v.ndim and np.prod(shape) < 25
            return bool(
                alike and np.delete(shape, axis).tolist() == np.delete(v.shape, axis).tolist()
            )

        lengths = list(v.shape)
        lengths[axis] = self.choose([1, 2, 0])
        y = self.old_or_new(fits, tuple(lengths))
        return f"concatenate([{{0}}, {{1}}, {{0}}], axis={axis})", (x, y)

    def chosen_entries(self, x: Part) -> Step:
        v = x.value
        templates = ["{0}[...]", "{0}[None]"] if v.ndim < 4 else ["{0}[...]"]
        if off(0)(v):
            templates.append("{0}[{0} > 0]")
        if v.ndim > 2:
            templates += ["{0}[[0, -1], ..., [-1, 0]]", "{0}[0, :, [-1, 0, 0]]"]
        if v.ndim:
            key = ", ".join([self.choose(key_parts(n)) for n in v.shape])
            templates = [f"{{0}}[{key}]"] * 3 + templates
        return self.choose([t for t in templates if is_key(t, v)]), (x,)

    # Writing it down

    def written(self, result: Part) -> Expression:
        """The expression that ends in `result`: parts used several times get a line and a name."""
        uses: dict[Part, int] = {}
        order: list[Part] = []  # every part before those that use it

        def visit(part: Part) -> None:
            for i, one in enumerate(part.operands):
                if one not in uses:
                    uses[one] = 0
                    visit(one)
                uses[one] += part.template.count(f"{{{i}}}")
            order.append(part)

        visit(result)
        texts: dict[Part, str] = {}
        lines: list[str] = []
        for part in order:
            text = part.template.format(*(texts[one] for one in part.operands))
            if part.operands and uses.get(part, 0) > 1:
                lines.append(f"p{len(lines)} = {text}")
                text = f"p{len(lines) - 1}"
            texts[part] = text
        leaves = {part.template: self.leaves[part.template] for part in order if not part.operands}
        named = {name: leaves[name] for name in sorted(leaves)}
        return Expression("\n".join([*lines, f"result = {texts[result]}"]), self.seed, **named)
