"""Arrangements of entries, and the linear layer, written in ONNX's operators."""

from __future__ import annotations

import numpy as np

from nn.io.onnx.graph import Rule, Step


def reshape(s: Step) -> str:
    """The entries in another shape, in which lengths that depend on the batch are left open."""
    mine, other = s.settings["shape"], s.other.settings["shape"]
    before = zip(s.call.inputs["x"].shape, s.other.inputs["x"].shape, strict=True)
    kept = [*before, *[(None, None)] * len(mine)]
    # In ONNX a 0 stands for the length that the input has there, a −1 for what is left.
    shape = [
        a if a == b else 0 if (a, b) == had else -1
        for a, b, had in zip(mine, other, kept, strict=False)
    ]
    if shape.count(-1) > 1:
        s.refuse("two lengths of the new shape depend on the size of the batch")
    if 0 in mine and mine == other:
        s.refuse("the new shape has an axis of length 0")
    return s.add("Reshape", s["x"], s.integers(shape))


def broadcast_to(s: Step) -> str:
    """Axes stretched; that of the batch to the batch's size."""
    lengths = [
        s.integers([a]) if a == b else s.batch_size(a, b)
        for a, b in zip(s.settings["shape"], s.other.settings["shape"], strict=True)
    ]
    return s.add("Expand", s["x"], s.add("Concat", *lengths, axis=0) if lengths else s.integers([]))


def transpose(s: Step) -> str:
    """Axes in another order."""
    axes = s.settings["axes"]
    perm = [axis % len(axes) for axis in axes]
    return s.add("Transpose", s["x"], perm=perm) if perm else s["x"]


def with_axes(operator: str) -> Rule:
    """An operator that takes axes as an input."""
    return lambda s: s.add(operator, s["x"], s.integers(s.settings["axis"]))


def along_axis(operator: str) -> Rule:
    """An operator with one axis."""
    return lambda s: s.add(operator, *s.inputs(), axis=s.settings["axis"])


def stack(s: Step) -> str:
    """Arrays joined along a new axis."""
    axis = s.settings["axis"]
    parts = [s.add("Unsqueeze", one, s.integers([axis])) for one in s.inputs()]
    return s.add("Concat", *parts, axis=axis)


def affine(s: Step) -> str:
    """x Wᵀ + b."""
    if s.call.inputs["x"].array.ndim == 2:
        return s.add("Gemm", s["x"], s["weight"], s["bias"], transB=1)
    turned = s.add("Transpose", s["weight"], perm=[1, 0])
    return s.add("Add", s.add("MatMul", s["x"], turned), s["bias"])


def einsum(s: Step) -> str:
    """Einstein's sum."""
    subscripts = s.settings["subscripts"]
    lengths: dict[str, int] = {}
    terms = subscripts.partition("->")[0].split(",")
    for term, value in zip(terms, s.call.inputs.values(), strict=True):
        for letter, n in zip(term, value.array.shape, strict=True):
            if lengths.setdefault(letter, n) != n:
                s.refuse(f"ONNX does not stretch axes of length 1, as along {letter!r}")
    return s.add("Einsum", *s.inputs(), equation=subscripts)


def pad(s: Step) -> str:
    """x in a frame of one constant."""
    widths, constant = s.settings["pad_width"], s.settings["constant_values"]
    if np.size(constant) != 1:
        s.refuse("the frame has several constants")
    before_and_after = [width for side in zip(*widths, strict=True) for width in side]
    frame = s.number(np.reshape(constant, ()))
    return s.add("Pad", s["x"], s.integers(before_and_after), frame)


def flip(s: Step) -> str:
    """Axes in reverse order."""
    axes = s.settings["axis"]
    if not axes:
        return s["x"]
    ends = ([-1] * len(axes), [-(2**63)] * len(axes), axes, [-1] * len(axes))
    return s.add("Slice", s["x"], *map(s.integers, ends))


def triangle(upper: int) -> Rule:
    """A triangle of matrices."""

    def rule(s: Step) -> str:
        if s.call.inputs["m"].array.ndim < 2:
            s.refuse("a triangle is taken of a vector")
        k = s.number(s.settings["k"], np.dtype(np.int64))
        return s.add("Trilu", s["m"], k, upper=upper)

    return rule
