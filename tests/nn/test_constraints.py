"""Constraints after a step: max-norm, non-negative and unit-norm weights, written in place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from support.checks import message

import nn
import optim
from autograd import Tensor
from nn.constraints import MaxNorm, NonNegative, UnitNorm

W = np.array([[3.0, -4.0], [0.3, 0.4], [0.0, 0.0], [-6.0, 8.0]])  # norms 5, 0.5, 0, 10


def layer(values=W, dtype=np.float64):
    made = nn.Linear(2, len(values), dtype=dtype)
    made.weight.copy_(values)
    return made


def test_max_norm_scales_down_the_rows_that_are_too_long_and_no_others():
    model = layer()
    MaxNorm(2.0)(model)
    expected = [[1.2, -1.6], [0.3, 0.4], [0, 0], [-1.2, 1.6]]
    np.testing.assert_allclose(model.weight.data, expected, rtol=1e-15)
    assert model.weight.data[1].tolist() == [0.3, 0.4]  # to the bit


def test_non_negative_sets_negative_weights_to_zero():
    model = layer()
    NonNegative()(model)
    assert model.weight.data.tolist() == [[3, 0], [0.3, 0.4], [0, 0], [0, 8]]


def test_unit_norm_gives_every_row_the_length_one():
    model = layer(W[[0, 1, 3]])
    UnitNorm()(model)
    np.testing.assert_allclose(model.weight.data, [[0.6, -0.8], [0.6, 0.8], [-0.6, 0.8]])


ROWS = arrays(np.float32, (3, 4), elements=st.floats(-100, 100, width=32))


@given(ROWS, st.sampled_from([0.1, 1.0, 3.0]))
def test_max_norm_keeps_directions_and_its_promise(values, c):
    model = nn.Linear(4, 3)
    model.weight.copy_(values)
    MaxNorm(c)(model)
    after = model.weight.data
    assert (np.linalg.norm(after, axis=1) <= c * (1 + 1e-6)).all()
    assert (np.sign(after) * np.sign(values) >= 0).all()
    once = after.copy()
    MaxNorm(c)(model)
    np.testing.assert_allclose(model.weight.data, once, rtol=1e-6)


def test_a_unit_is_a_row_whatever_axes_follow():
    class Net(nn.Module):
        def __init__(self):
            self.weight = nn.Parameter(np.ones((2, 3, 4)))

        def forward(self, x):
            return x

    model = Net()
    UnitNorm()(model)
    np.testing.assert_allclose(model.weight.data, np.full((2, 3, 4), 12**-0.5))


def test_biases_are_left_alone_unless_selected():
    model = layer()
    model.bias.copy_(np.array([-1.0, 5.0, -9.0, 2.0]))
    NonNegative()(model)
    assert model.bias.data.tolist() == [-1, 5, -9, 2]
    NonNegative("*bias")(model)
    assert model.bias.data.tolist() == [0, 5, 0, 2]
    MaxNorm(3.0, select="bias")(model)  # of a vector, each entry is a row
    assert model.bias.data.tolist() == [0, 3, 0, 2]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_half_precision_does_not_overflow_on_the_way(dtype):
    model = layer(np.array([[300.0, 400.0]]), dtype)
    MaxNorm(5.0)(model)
    assert model.weight.dtype == dtype
    np.testing.assert_allclose(model.weight.data, [[3, 4]], rtol=1e-3)


def test_writes_into_the_memory_that_the_optimiser_holds():
    model = layer()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    memory, parameter = model.weight.data, model.weight
    constraint = MaxNorm(1.0)
    for _ in range(3):
        optimizer.zero_grad()
        model(Tensor(np.ones((5, 2)))).sum().backward()
        optimizer.step()
        constraint(model)
        assert (np.linalg.norm(model.weight.data, axis=1) <= 1 + 1e-12).all()
    assert model.weight is parameter
    assert np.shares_memory(model.weight.data, memory)
    assert model.weight.requires_grad
    assert model.weight.is_leaf


@pytest.mark.parametrize("constraint", [MaxNorm(1.0), NonNegative(), UnitNorm()])
def test_a_graph_from_before_the_write_is_not_silently_wrong(constraint):
    model = layer(W[:2])
    loss = model(Tensor(np.ones((1, 2)), requires_grad=True)).sum()
    constraint(model)
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_an_error_changes_nothing():
    model = nn.Sequential(layer(W[:2]), layer(W))
    before = model[0].weight.data.tolist()
    assert message(ValueError, lambda: UnitNorm()(model)) == (
        "UnitNorm: 1 of 4 rows of 1.weight are 0 and have no direction; the first is row 2. Start "
        "from random weights."
    )
    assert model[0].weight.data.tolist() == before


WRONG = {
    "selecting nothing": (
        lambda: NonNegative("*.gain")(layer()),
        ValueError,
        "NonNegative: the rule '*.gain' selects no parameter of Linear, which has weight (4, 2), "
        "bias (4,).",
    ),
    "no model": (
        lambda: UnitNorm()(layer().weight),
        TypeError,
        "UnitNorm: it is called with the model, whose parameters it selects, not with Parameter.",
    ),
    "c = 0": (lambda: MaxNorm(0), ValueError, "MaxNorm: c is a positive number, not 0."),
    "c forgotten": (
        lambda: MaxNorm("*.weight"),
        TypeError,
        "MaxNorm: c is a number, not '*.weight' (str).",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_calls_are_answered(case):
    call, kind, text = WRONG[case]
    assert message(kind, call) == text
