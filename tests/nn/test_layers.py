"""Layers without parameters: activations and dropout."""

import copy

import numpy as np
import pytest
from support.checks import check_gradients, message

import autograd
import nn
from autograd import Tensor

# Activations: the layer, and a formula of its value.


def softmax(x, axis):
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


ACTIVATIONS = [
    (nn.ReLU(), lambda x: np.where(x > 0, x, 0)),
    (nn.Sigmoid(), lambda x: 1 / (1 + np.exp(-x))),
    (nn.Tanh(), lambda x: (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1)),
    (nn.Softmax(), lambda x: softmax(x, -1)),
    (nn.Softmax(axis=0), lambda x: softmax(x, 0)),
    (nn.LogSoftmax(), lambda x: np.log(softmax(x, -1))),
    (nn.LogSoftmax(axis=0), lambda x: np.log(softmax(x, 0))),
]


@pytest.mark.parametrize(("activation", "formula"), ACTIVATIONS, ids=lambda one: repr(one)[:20])
def test_activations_compute_their_formula_and_its_gradient(activation, formula):
    x = np.random.default_rng(0).standard_normal((3, 4))
    np.testing.assert_allclose(activation(x).data, formula(x), rtol=1e-13)
    check_gradients(activation, [x])


def test_activations_print_their_axis():
    assert [repr(a) for a, _ in ACTIVATIONS] == [
        "ReLU()",
        "Sigmoid()",
        "Tanh()",
        "Softmax(axis=-1)",
        "Softmax(axis=0)",
        "LogSoftmax(axis=-1)",
        "LogSoftmax(axis=0)",
    ]


def test_an_axis_that_is_not_there_is_an_error_that_names_the_layer():
    with pytest.raises(ValueError, match="axis 2 does not exist") as error:
        nn.Softmax(axis=2)(np.ones((2, 2)))
    assert error.value.__notes__ == ["  in  Softmax(axis=2)"]


# Dropout

N = 100_000


def drop(p, seed=0, dtype=np.float32, shape=N):
    return nn.Dropout(p, np.random.default_rng(seed))(np.ones(shape, dtype)).data


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_dropout_zeroes_the_share_p_and_keeps_the_expectation(p):
    out = drop(p)
    assert np.isin(out, [0, np.float32(1 / (1 - p))]).all()
    deviation = np.sqrt(p * (1 - p) / N)  # of the share of zeros
    assert abs(np.mean(out == 0) - p) < 4 * deviation
    assert abs(out.mean() - 1) < 4 * deviation / (1 - p)


def test_dropout_of_everything_and_of_nothing():
    assert not drop(1).any()
    x = Tensor([1.0, 2.0])
    assert nn.Dropout(0)(x) is x


def test_dropout_in_evaluation_passes_the_input_as_it_is():
    x = Tensor([1.0, 2.0])
    assert nn.Dropout(0.9).eval()(x) is x
    assert nn.functional.dropout(x, 0.9, training=False) is x


def test_dropout_follows_its_generator():
    assert np.array_equal(drop(0.5, seed=1), drop(0.5, seed=1))
    assert not np.array_equal(drop(0.5, seed=1), drop(0.5, seed=2))
    layer = nn.Dropout(0.5, np.random.default_rng(1))
    twin = copy.deepcopy(layer)
    first, second = layer(np.ones(50)), layer(np.ones(50))
    assert not np.array_equal(first, second)
    assert np.array_equal(twin(np.ones(50)), first)


def test_dropout_without_a_generator_follows_the_projects_seed(monkeypatch):
    monkeypatch.setattr(autograd.random, "_generator", None)  # put back after the test
    autograd.manual_seed(5)
    first = nn.Dropout()(np.ones(50))
    autograd.manual_seed(5)
    assert np.array_equal(first, nn.Dropout()(np.ones(50)))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dropout_keeps_the_dtype(dtype):
    out = drop(0.5, dtype=dtype, shape=100)
    assert out.dtype == dtype
    assert set(out.tolist()) == {0, 2}


def test_dropout_of_whole_numbers_computes_in_the_default_dtype():
    out = drop(0.5, dtype=np.int64, shape=100)
    assert out.dtype == np.float32
    assert set(out.tolist()) == {0, 2}


def test_dropouts_gradient_takes_the_same_way():
    x = Tensor(np.ones((4, 5)), requires_grad=True)
    out = nn.Dropout(0.5, np.random.default_rng(0))(x)
    out.sum().backward()
    assert np.array_equal(x.grad, out)
    check_gradients(
        lambda x: nn.functional.dropout(x, 0.3, generator=np.random.default_rng(0)) ** 2,
        [np.random.default_rng(1).standard_normal((4, 5))],
    )


NO_PROBABILITIES = [
    (
        50,
        ValueError,
        "p is the share of entries set to zero, from 0 to 1, not 50. For 50 percent write 0.5.",
    ),
    (-0.1, ValueError, "p is the share of entries set to zero, from 0 to 1, not -0.1."),
    (float("nan"), ValueError, "p is the share of entries set to zero, from 0 to 1, not nan."),
    ("0.5", TypeError, "p is a number from 0 to 1, not '0.5' (str)."),
    (True, TypeError, "p is a number from 0 to 1, not True (bool)."),
]


@pytest.mark.parametrize(("p", "kind", "expected"), NO_PROBABILITIES)
def test_dropout_refuses_what_is_no_probability(p, kind, expected):
    assert message(kind, lambda: nn.Dropout(p)) == f"Dropout: {expected}"
    assert message(kind, lambda: nn.functional.dropout(np.ones(3), p)) == f"dropout: {expected}"
