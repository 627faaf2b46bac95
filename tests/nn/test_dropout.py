"""Layers that leave out or disturb entries at random, in training only."""

import copy

import numpy as np
import pytest
from support.checks import check_gradients, message

import autograd
import nn
from autograd import Tensor
from nn.dropout import AlphaDropout, DropConnectLinear
from nn.functional.dropout import ALPHA, alpha_dropout, gaussian_dropout
from nn.noise import GaussianDropout, GaussianNoise

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


def test_dropout_follows_its_generator():
    assert np.array_equal(drop(0.5, seed=1), drop(0.5, seed=1))
    assert not np.array_equal(drop(0.5, seed=1), drop(0.5, seed=2))
    layer = nn.Dropout(0.5, np.random.default_rng(1))
    twin = copy.deepcopy(layer)
    first, second = layer(np.ones(50)), layer(np.ones(50))
    assert not np.array_equal(first, second)
    assert np.array_equal(twin(np.ones(50)), first)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dropout_keeps_the_dtype(dtype):
    out = drop(0.5, dtype=dtype, shape=100)
    assert out.dtype == dtype
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


# What all of them share

RANDOM = {
    "Dropout": lambda rng: nn.Dropout(0.3, rng),
    "AlphaDropout": lambda rng: AlphaDropout(0.3, rng),
    "GaussianNoise": lambda rng: GaussianNoise(0.5, rng),
    "GaussianDropout": lambda rng: GaussianDropout(0.3, rng),
}
WITHOUT_EFFECT = [nn.Dropout(0), AlphaDropout(0), GaussianNoise(0), GaussianDropout(0)]

each_layer = pytest.mark.parametrize("make", RANDOM.values(), ids=RANDOM)


@each_layer
def test_in_evaluation_the_input_passes_as_it_is(make):
    x = Tensor([1.0, 2.0])
    layer = make(None).eval()
    assert layer(x) is x
    assert layer.train()(x) is not x


@pytest.mark.parametrize("layer", WITHOUT_EFFECT, ids=repr)
def test_with_nothing_to_do_the_input_passes_as_it_is(layer):
    x = Tensor([1.0, 2.0])
    assert layer(x) is x


@each_layer
def test_a_generator_or_the_projects_seed_decides_what_is_drawn(make, monkeypatch):
    monkeypatch.setattr(autograd.random, "_generator", None)  # put back after the test

    def drawn(seed, own):
        autograd.manual_seed(seed)
        return make(np.random.default_rng(seed) if own else None)(np.ones(50)).data

    for own in (True, False):
        assert np.array_equal(drawn(1, own), drawn(1, own))
        assert not np.array_equal(drawn(1, own), drawn(2, own))


@each_layer
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(make, dtype):
    assert make(None)(np.ones(5, dtype)).dtype == dtype


@each_layer
def test_whole_numbers_are_taken_in_the_default_dtype(make):
    assert make(None)(np.ones(5, int)).dtype == np.float32


@each_layer
def test_gradients_go_the_way_of_the_values(make):
    x = np.random.default_rng(1).standard_normal((4, 5))
    check_gradients(lambda x: make(np.random.default_rng(0))(x) ** 2, [x])


@each_layer
def test_a_recording_draws_anew(make):
    layer = make(np.random.default_rng(0))
    x = np.random.default_rng(1).standard_normal(20).astype(np.float32)
    graph = autograd.trace(layer, x)
    twin = copy.deepcopy(layer)
    assert np.array_equal(graph(x).data, twin(x).data)
    assert not np.array_equal(graph(x).data, graph(x).data)


# Alpha dropout


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_alpha_dropout_keeps_a_mean_of_0_and_a_variance_of_1(p):
    x = np.random.default_rng(0).standard_normal(N)
    out = AlphaDropout(p, np.random.default_rng(1))(x).data
    assert abs(out.mean()) < 4 / np.sqrt(N)
    assert abs(out.var() - 1) < 4 * out.std() * np.sqrt(np.mean((out**2 - 1) ** 2) / N)


def test_alpha_dropout_puts_selus_lowest_value_in_the_place_of_what_it_drops():
    # SELU falls to −λα with λ = 1.0507009873554805, α = 1.6732632423543772 (Klambauer et al.).
    assert pytest.approx(1.0507009873554805 * 1.6732632423543772) == ALPHA
    p = 0.3
    x = np.random.default_rng(0).random(N)
    out = AlphaDropout(p, np.random.default_rng(1))(x).data
    dropped = out == out.min()
    assert abs(dropped.mean() - p) < 4 * np.sqrt(p * (1 - p) / N)
    scale, shift = np.polyfit(x[~dropped], out[~dropped], 1)
    np.testing.assert_allclose(out[~dropped], scale * x[~dropped] + shift, atol=1e-12)
    assert out.min() == pytest.approx(-ALPHA * scale + shift)


# Noise


def test_gaussian_noise_adds_numbers_of_mean_0_and_its_standard_deviation():
    noise = GaussianNoise(0.5, np.random.default_rng(0))(np.full(N, 3.0)).data - 3
    assert abs(noise.mean()) < 4 * 0.5 / np.sqrt(N)
    assert noise.std() == pytest.approx(0.5, rel=4 / np.sqrt(2 * N))


@pytest.mark.parametrize("p", [0.2, 0.5])
def test_gaussian_dropout_has_the_mean_and_variance_of_dropouts_factors(p):
    factors = GaussianDropout(p, np.random.default_rng(0))(np.ones(N)).data
    binary = nn.Dropout(p, np.random.default_rng(0))(np.ones(N)).data
    assert factors.mean() == pytest.approx(1, abs=4 * factors.std() / np.sqrt(N))
    assert factors.std() == pytest.approx(np.sqrt(p / (1 - p)), rel=4 / np.sqrt(2 * N))
    assert factors.std() == pytest.approx(binary.std(), rel=0.02)


# DropConnect


def drop_connect(p=0.3, seed=0):
    return DropConnectLinear(30, 20, p, dtype=np.float64, generator=np.random.default_rng(seed))


def test_drop_connect_leaves_out_weights_the_same_ones_for_all_rows():
    p, layer = 0.3, drop_connect(0.3)
    layer.bias.data = np.zeros(20)
    used = layer(np.eye(30)).data.T  # row i of the identity reads the weights of input i
    kept = used != 0
    np.testing.assert_allclose(used[kept], layer.weight.data[kept] / (1 - p), rtol=1e-14)
    assert abs(kept.mean() - (1 - p)) < 4 * np.sqrt(p * (1 - p) / kept.size)
    assert not np.array_equal(layer(np.eye(30)).data.T, used)  # anew at each call


def test_drop_connect_evaluates_with_the_expectation_of_its_weights():
    layer = drop_connect()
    x = np.random.default_rng(1).standard_normal((4, 30))
    expected = x @ layer.weight.data.T + layer.bias.data
    np.testing.assert_allclose(layer.eval()(x).data, expected, rtol=1e-12)
    layer.train()
    draws = np.array([layer(x).data for _ in range(2000)])
    error = draws.std(axis=0) / np.sqrt(len(draws))
    assert np.all(abs(draws.mean(axis=0) - expected) < 5 * error)


def test_drop_connect_learns_only_the_weights_that_it_used():
    layer = drop_connect()
    layer(np.ones((2, 30))).sum().backward()
    gradient = layer.weight.grad.data
    assert set(np.unique(gradient).round(12)) == {0, round(2 / 0.7, 12)}
    np.testing.assert_array_equal(layer.bias.grad.data, 2)


def test_drop_connect_follows_its_generator():
    x = np.ones((1, 30))
    assert np.array_equal(drop_connect(seed=1)(x).data, drop_connect(seed=1)(x).data)
    layer = drop_connect(seed=1)
    twin = copy.deepcopy(layer)
    twin.generator = np.random.default_rng(2)
    assert not np.array_equal(layer(x).data, twin(x).data)


def test_drop_connect_is_a_linear_layer_that_says_its_p():
    layer = drop_connect(0.25)
    assert repr(layer) == "DropConnectLinear(in_features=30, out_features=20, bias=True, p=0.25)"
    plain = nn.Linear(30, 20, dtype=np.float64)
    plain.load_state_dict(layer.state_dict())
    x = np.ones((2, 30))
    np.testing.assert_array_equal(plain(x).data, layer.eval()(x).data)


def test_drop_connect_warns_of_wider_data_once():
    layer = DropConnectLinear(3, 2)
    with pytest.warns(UserWarning, match=r"DropConnectLinear\(.*p=0.5\): the weight, 'weight'"):
        layer(np.ones((1, 3)))
    layer(np.ones((1, 3)))


# What is refused

REFUSED = [
    (
        lambda: AlphaDropout(1),
        "AlphaDropout: p is below 1; at 1 nothing is left whose variance could be kept.",
    ),
    (
        lambda: alpha_dropout(np.ones(3), 1.0),
        "alpha_dropout: p is below 1; at 1 nothing is left whose variance could be kept.",
    ),
    (
        lambda: gaussian_dropout(np.ones(3), 50),
        "gaussian_dropout: p is the share of entries set to zero, from 0 to 1, not 50. For 50 "
        "percent write 0.5.",
    ),
    (
        lambda: GaussianDropout(-1),
        "GaussianDropout: p is the share of entries set to zero, from 0 to 1, not -1.",
    ),
    (
        lambda: DropConnectLinear(3, 2, 2),
        "DropConnectLinear: p is the share of entries set to zero, from 0 to 1, not 2. For 2 "
        "percent write 0.02.",
    ),
    (
        lambda: GaussianNoise(-0.1),
        "GaussianNoise: std is not negative, as -0.1 is.",
    ),
]


@pytest.mark.parametrize(("wrong", "expected"), REFUSED)
def test_what_is_out_of_range_is_refused(wrong, expected):
    assert message(ValueError, wrong) == expected
