"""What arranging and choosing entries says of arguments that do not fit, word for word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from support.checks import message

import autograd
from autograd import Tensor

A, B = Tensor(np.ones((2, 3))), Tensor(np.ones(4))
ERRORS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: np.swapaxes(A, 0, 2),
        np.exceptions.AxisError,
        "swapaxes: axis 2 does not exist: the array has 2 axes; the array has shape (2, 3).",
    ),
    (
        lambda: np.moveaxis(A, [0, 1], 0),
        ValueError,
        "moveaxis: each axis to move needs a place, and source=[0, 1] names 2, destination=0 1.",
    ),
    (
        lambda: np.ravel(A, "K"),
        TypeError,
        'ravel: order is "C" or "F", not \'K\': the result shall not depend on how an array lies '
        "in memory.",
    ),
    (
        lambda: np.fliplr(B),
        ValueError,
        "fliplr: the array needs 2 axes; its shape is (4,).",
    ),
    (
        lambda: np.rot90(A, 1, (0, 0)),
        ValueError,
        "rot90: the same axis is named twice in axis=(0, 0); the array has shape (2, 3).",
    ),
    (
        lambda: np.block([[A, B], A]),
        ValueError,
        "block: lists are nested to one depth everywhere, and there are depths [0, 1].",
    ),
    (
        lambda: np.array_split(A, 0),
        ValueError,
        "array_split: there is at least one section, not 0.",
    ),
    (lambda: np.dsplit(A, 1), ValueError, "dsplit: the array needs 3 axes; its shape is (2, 3)."),
    (
        lambda: np.repeat(A, [1, 2], axis=1),
        ValueError,
        "repeat: 3 places along axis 1 need as many counts, or one for all; repeats has shape "
        "(2,).",
    ),
    (
        lambda: np.repeat(A, -1),
        ValueError,
        "repeat: a count is not negative, and repeats=-1.",
    ),
    (
        lambda: np.repeat(A, 1.5),
        TypeError,
        "repeat: indices are whole numbers, and these are float64. Convert them if they are meant: "
        "indices.astype(int).",
    ),
    (
        lambda: np.broadcast_arrays(A, B),
        ValueError,
        "broadcast_arrays: these shapes do not broadcast: (2, 3), (4,).",
    ),
    (
        lambda: np.meshgrid(B, indexing="yx"),
        ValueError,
        'meshgrid: indexing is "xy" or "ij", not \'yx\'.',
    ),
    (
        lambda: np.pad(A, 1, mode="mean"),
        ValueError,
        "pad: mode is one of constant, edge, reflect, symmetric, wrap, not 'mean'.",
    ),
    (
        lambda: np.pad(A, 1, mode="edge", constant_values=3),
        TypeError,
        'pad: mode "edge" has no setting constant_values.',
    ),
    (
        lambda: np.pad(A, [(1, 1)] * 3),
        ValueError,
        "pad: pad_width is a number, a pair, or a pair for each of 2 axes; it has shape (3, 2).",
    ),
    (
        lambda: np.pad(A, -1),
        ValueError,
        "pad: a width is not negative, and pad_width=-1.",
    ),
    (
        lambda: np.pad(A[:0], 1, mode="wrap"),
        ValueError,
        'pad: axis -2 has no entries to fill "wrap" with.',
    ),
    (
        lambda: np.pad(A, 1, constant_values=Tensor(1.0, requires_grad=True)),
        TypeError,
        "Pad: constant_values that require a gradient would get none. Join the parts instead: "
        "autograd.concatenate([before, x, after], axis).\n  x  (2, 3) float64\n"
        "  pad_width=((1, 1), (1, 1))\n"
        "  constant_values=Tensor(1., dtype=float32, requires_grad=True)",
    ),
    (
        lambda: np.take(A, [0.5], 0),
        TypeError,
        "take: indices are whole numbers, and these are float64. Convert them if they are meant: "
        "indices.astype(int).",
    ),
    (
        lambda: np.take(A, 0, mode="near"),
        ValueError,
        'take: mode is "raise", "wrap" or "clip", not \'near\'.',
    ),
    (
        lambda: np.take(A[:0], 0, mode="wrap"),
        IndexError,
        "take: there is nothing to take from along an axis of length 0.",
    ),
    (
        lambda: np.take_along_axis(A, np.array([0, 1]), 1),
        ValueError,
        "take_along_axis: indices need as many axes as the array; the shapes are (2,) and (2, 3). "
        "With one number for each line: indices = np.expand_dims(indices, 1).",
    ),
    (
        lambda: np.choose([0, 2], [A[:, :2], 1.0]),
        ValueError,
        "choose: a number is not in 0 … 1, and there are 2 choices.",
    ),
    (
        lambda: np.compress([[True]], A, 0),
        ValueError,
        "compress: the condition is a vector, with a truth value for each of the 2 entries along "
        "axis 0; its shape is (1, 1).",
    ),
    (
        lambda: np.compress([True] * 3, A, 0),
        ValueError,
        "compress: axis 0 has only 2 entries.",
    ),
    (
        lambda: np.select([A], [A]),
        TypeError,
        "select: a condition is true or false; condlist[0] is float64.",
    ),
    (
        lambda: np.select([A > 0], [A, A]),
        ValueError,
        "select: there is one choice for each condition, and at least one; there are 1 conditions "
        "and 2 choices.",
    ),
    (
        lambda: np.diff(A, -1),
        ValueError,
        "diff: n says how often differences are taken, and is -1.",
    ),
    (
        lambda: np.gradient(A, [0, 1]),
        TypeError,
        "gradient: there are distances for 1 axes, and 2 axes. Give none, one number for all, or "
        "one number or vector for each.",
    ),
    (
        lambda: np.gradient(B, [0, 1]),
        ValueError,
        "gradient: the coordinates along an axis of length 4 are a vector of that length, and not "
        "of shape (2,).",
    ),
    (
        lambda: np.gradient(A, axis=0, edge_order=2),
        ValueError,
        "gradient: edge_order 2 needs 3 entries or more along an axis, and the shape is (2, 3).",
    ),
    (
        lambda: np.interp(B, [0, 1], [0, 1, 2]),
        ValueError,
        "interp: xp and fp are vectors of one length, two or more; their shapes are (2,) and (3,).",
    ),
    (
        lambda: sliding_window_view(A, 2),
        ValueError,
        "sliding_window_view: there are 1 lengths for 2 axes; the shape is (2, 3). Name the axes "
        "to slide along, such as axis=-1.",
    ),
    (
        lambda: sliding_window_view(A, 4, axis=1),
        ValueError,
        "sliding_window_view: a window of 4 does not fit into axis -1 of shape (2, 3).",
    ),
    (
        lambda: np.convolve(A, B),
        ValueError,
        "Convolve: both operands are vectors, and the shapes are (2, 3) and (4,).\n"
        "  a  (2, 3) float64\n  v  (4,) float64\n"
        "  fix  for axes of your choice: autograd.sliding_window_view(x, n, axis) @ weights",
    ),
    (
        lambda: np.correlate(B, B, "all"),
        ValueError,
        'correlate: mode is "full", "same" or "valid", not \'all\'.',
    ),
    (
        lambda: np.put(A, 0, 1),
        TypeError,
        "np.put writes into an array, and a Tensor's history would not know. Compute a new one: "
        "autograd.where(mask, values, t); entries of a Tensor without history are set by t[key] = "
        "values.",
    ),
]


@pytest.mark.parametrize(("call", "kind", "said"), ERRORS)
def test_what_does_not_fit_is_explained(
    call: Callable[[], Any], kind: type[Exception], said: str
) -> None:
    assert message(kind, call) == said


def test_a_list_of_tensors_beside_an_array_keeps_its_history_or_is_refused() -> None:
    t = Tensor(np.ones(1), requires_grad=True)
    for call in (
        lambda: autograd.append(np.ones(2), [t, t]),
        lambda: autograd.convolve(np.ones(2), [t[0], t[0]]),
    ):
        assert message(TypeError, call).startswith("A list of Tensors would lose their history")


def test_options_that_make_no_sense_are_named() -> None:
    for name, args in {"take": (B, [0]), "compress": ([1], B), "choose": ([0], [B])}.items():
        with pytest.raises(TypeError, match=f"{name}.*'out'"):
            getattr(np, name)(*args, out=np.ones(1))


def test_what_depends_on_values_is_refused_in_a_recording() -> None:
    for function in (np.unique, np.flatnonzero, np.argwhere, lambda x: np.compress(x > 0, x)):
        with pytest.raises(autograd.TracingError, match="This cannot be recorded"):
            autograd.trace(lambda x, f=function: f(x), Tensor(np.ones(3)))
