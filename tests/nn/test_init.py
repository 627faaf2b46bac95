"""Initial values: bounds, variances, gains, and Tensors that have no fan."""

from math import sqrt

import numpy as np
import pytest
from support.checks import message

import nn
from autograd import Tensor

init = nn.init
N_OUT, N_IN = 300, 200


def weight(*shape, dtype=np.float32):
    return nn.Parameter(np.full(shape or (N_OUT, N_IN), 7, dtype))


def rng():
    return np.random.default_rng(0)


# The standard deviation that the formula asks for; a uniform one is within ±√3 of it.
STANDARD_DEVIATIONS = [
    ("xavier", {}, sqrt(2 / (N_IN + N_OUT))),
    ("xavier", {"gain": 5 / 3}, 5 / 3 * sqrt(2 / (N_IN + N_OUT))),
    ("kaiming", {}, sqrt(2 / N_IN)),
    ("kaiming", {"mode": "fan_out"}, sqrt(2 / N_OUT)),
    ("kaiming", {"a": 0.5}, sqrt(2 / 1.25 / N_IN)),
    ("kaiming", {"nonlinearity": "relu"}, sqrt(2 / N_IN)),
    ("kaiming", {"nonlinearity": "tanh"}, 5 / 3 / sqrt(N_IN)),
    ("kaiming", {"nonlinearity": "linear", "mode": "fan_out"}, 1 / sqrt(N_OUT)),
]
each_formula = pytest.mark.parametrize(("name", "settings", "std"), STANDARD_DEVIATIONS)


@each_formula
def test_uniform_values_fill_the_interval_of_the_formula(name, settings, std):
    w = weight()
    assert getattr(init, f"{name}_uniform_")(w, **settings, generator=rng()) is w
    bound = sqrt(3) * std
    assert 0.999 * bound < np.abs(w.data).max() <= bound * (1 + 1e-6)
    assert abs(w.data.mean()) < 0.02 * std
    assert w.data.std() == pytest.approx(std, rel=0.01)


@each_formula
def test_normal_values_have_the_deviation_of_the_formula(name, settings, std):
    w = weight()
    assert getattr(init, f"{name}_normal_")(w, **settings, generator=rng()) is w
    assert np.abs(w.data).max() > sqrt(3) * std * 1.5  # beyond any uniform of that deviation
    assert abs(w.data.mean()) < 0.02 * std
    assert w.data.std() == pytest.approx(std, rel=0.01)


def test_further_axes_multiply_the_fans():
    w = weight(40, 20, 5, 5)
    init.kaiming_normal_(w, generator=rng())
    assert w.data.std() == pytest.approx(sqrt(2 / (20 * 25)), rel=0.02)
    init.kaiming_normal_(w, mode="fan_out", generator=rng())
    assert w.data.std() == pytest.approx(sqrt(2 / (40 * 25)), rel=0.02)


def test_plain_values():
    w = weight()
    assert (init.zeros_(w).data == 0).all()
    assert (init.constant_(w, 0.25).data == 0.25).all()
    init.uniform_(w, 2, 5, rng())
    assert 2 <= w.data.min() < 2.001
    assert 4.999 < w.data.max() <= 5
    init.normal_(w, 3, 0.5, rng())
    assert w.data.mean() == pytest.approx(3, abs=0.01)
    assert w.data.std() == pytest.approx(0.5, rel=0.01)
    assert (init.normal_(w, 3, 0).data == 3).all()


RANDOM = [
    "uniform_",
    "normal_",
    "xavier_uniform_",
    "xavier_normal_",
    "kaiming_uniform_",
    "kaiming_normal_",
]


@pytest.mark.parametrize("name", RANDOM)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_fills_in_place_in_the_same_dtype_and_follows_the_seed(name, dtype):
    fill = getattr(init, name)
    w, same = weight(4, 3, dtype=dtype), weight(4, 3, dtype=dtype)
    array = w.data
    fill(w, generator=rng())
    assert w.data is array
    assert array.dtype == dtype
    assert w.requires_grad
    fill(same, generator=rng())
    assert np.array_equal(w, same)
    fill(same, generator=np.random.default_rng(1))
    assert not np.array_equal(w, same)


def test_filling_is_seen_by_the_check_for_values_changed_in_place():
    w = weight(3)
    loss = (w * w).sum()
    init.zeros_(w)
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


# Printed by torch.nn.init.calculate_gain, PyTorch 2.13.
GAINS = [
    ("linear", None, 1),
    ("sigmoid", None, 1),
    ("tanh", None, 1.6666666666666667),
    ("relu", None, 1.4142135623730951),
    ("leaky_relu", None, 1.4141428569978354),
    ("leaky_relu", 0.2, 1.3867504905630728),
    ("selu", None, 0.75),
]


@pytest.mark.parametrize(("nonlinearity", "param", "gain"), GAINS)
def test_gains_are_those_of_pytorch(nonlinearity, param, gain):
    assert init.calculate_gain(nonlinearity, param) == pytest.approx(gain, rel=1e-15)


WRONG = [
    (
        lambda: init.xavier_uniform_(nn.Linear(3, 2).bias),
        ValueError,
        "fan_in and fan_out are those of a weight (n_out, n_in); the Tensor 'bias' has shape (2,). "
        "Is it a bias? Biases usually start at zero: init.zeros_(bias).",
    ),
    (
        lambda: init.kaiming_normal_(Tensor(1.0)),
        ValueError,
        "fan_in and fan_out are those of a weight (n_out, n_in); the Tensor has shape (). "
        "Is it a bias? Biases usually start at zero: init.zeros_(bias).",
    ),
    (
        lambda: init.kaiming_uniform_(weight(), mode="in"),
        ValueError,
        'mode is "fan_in" or "fan_out", not \'in\'.',
    ),
    (
        lambda: init.kaiming_uniform_(weight(), nonlinearity="gelu"),
        ValueError,
        "calculate_gain: no gain is known for 'gelu'; known are linear, sigmoid, tanh, relu, "
        "leaky_relu, selu.",
    ),
    (
        lambda: init.zeros_(np.zeros(3)),
        TypeError,
        "nn.init fills a Tensor or Parameter in place, such as layer.weight, not ndarray.",
    ),
    (
        lambda: init.uniform_(Tensor(np.arange(3))),
        TypeError,
        "Random numbers do not go into a Tensor of int64.",
    ),
    (
        lambda: init.normal_(weight(), std=-1),
        ValueError,
        "normal_: a standard deviation is not negative; this is -1.",
    ),
    (
        lambda: init.uniform_(weight(), 1, -1),
        ValueError,
        "uniform_: the lower end 1 is above the upper end -1.",
    ),
]


@pytest.mark.parametrize(("call", "kind", "expected"), WRONG)
def test_what_cannot_be_filled_is_refused(call, kind, expected):
    assert message(kind, call) == expected


def test_a_result_is_not_filled():
    with pytest.raises(RuntimeError, match="result of Multiply"):
        init.zeros_(weight(3) * 2.0)
