"""Initial values: bounds, variances, gains, Tensors that have no fan, and `init` of layers."""

from functools import partial
from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest
from support.checks import message

import autograd
import nn
from autograd import Tensor
from nn import activations

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
    ("xavier", {"gain": sqrt(0.5)}, sqrt(1 / (N_IN + N_OUT))),  # the variant of some texts
    ("lecun", {}, sqrt(1 / N_IN)),
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
    assert (init.ones_(w).data == 1).all()
    assert (init.constant_(w, val=0.25).data == 0.25).all()
    init.uniform_(w, 2, 5, rng())
    assert 2 <= w.data.min() < 2.001
    assert 4.999 < w.data.max() <= 5
    init.normal_(w, 3, 0.5, rng())
    assert w.data.mean() == pytest.approx(3, abs=0.01)
    assert w.data.std() == pytest.approx(0.5, rel=0.01)
    assert (init.normal_(w, 3, 0).data == 3).all()


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"), [(0, 1, -2, 2), (0, 0.02, -0.04, 0.04), (1, 2, 1, np.inf)]
)
def test_truncated_normal_values_have_the_moments_of_the_formula(mean, std, a, b):
    w = weight(dtype=np.float64)
    assert init.trunc_normal_(w, mean, std, a, b, rng()) is w
    assert w.data.min() >= a
    assert w.data.max() <= b
    # The moments of the truncated normal distribution, of z = (x − mean) / std within low … high.
    z = NormalDist()
    low, high = (a - mean) / std, (b - mean) / std
    edge = 0 if b == np.inf else high * z.pdf(high)
    within = z.cdf(high) - z.cdf(low)
    first = (z.pdf(low) - z.pdf(high)) / within
    second = 1 + (low * z.pdf(low) - edge) / within
    found = (w.data - mean) / std
    assert found.mean() == pytest.approx(first, abs=0.01)
    assert (found**2).mean() == pytest.approx(second, rel=0.01)
    assert np.median(found) == pytest.approx(z.inv_cdf((z.cdf(low) + z.cdf(high)) / 2), abs=0.01)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 4)])
def test_eye_passes_as_many_inputs_as_it_can(shape):
    w = init.eye_(weight(*shape))
    x = np.arange(1.0, shape[1] + 1)
    out = np.zeros(shape[0])
    out[: min(shape)] = x[: min(shape)]
    assert np.array_equal(w.data @ x, out)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 4), (3, 2, 4), (1, 6)])
@pytest.mark.parametrize("gain", [1, 2.5])
def test_orthogonal_rows_or_columns_are_perpendicular_and_as_long_as_the_gain(shape, gain):
    w = weight(*shape, dtype=np.float64)
    assert init.orthogonal_(w, gain, rng()) is w
    matrix = w.data.reshape(shape[0], -1)
    short = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    np.testing.assert_allclose(short @ short.T, gain**2 * np.eye(len(short)), atol=1e-14)


def test_orthogonal_matrices_are_uniform_among_all():
    # Uniform (Haar): the corner entry's mean is 0 and its mean square 1/n. Without the choice of
    # signs, QR's R has a diagonal of one sign, and the corner is never positive.
    draws, w = rng(), weight(3, 3, dtype=np.float64)
    corner = np.array([init.orthogonal_(w, generator=draws).data[0, 0] for _ in range(4000)])
    assert corner.mean() == pytest.approx(0, abs=0.03)
    assert (corner**2).mean() == pytest.approx(1 / 3, abs=0.02)


def test_sparse_gives_each_unit_k_inputs():
    w = init.sparse_(weight(), k=15, std=1, generator=rng())
    chosen = w.data != 0
    assert (chosen.sum(axis=1) == 15).all()
    assert chosen.any(axis=0).all()  # every input is chosen by some unit
    assert w.data[chosen].std() == pytest.approx(1, rel=0.03)


def test_sparse_zeroes_a_share_of_each_column_as_pytorch_does():
    w = init.sparse_(weight(7, 4), sparsity=0.3, generator=rng())
    assert ((w.data == 0).sum(axis=0) == 3).all()  # 0.3 of 7 is 2.1, rounded up
    assert len({tuple(column) for column in (w.data == 0).T}) > 1
    assert init.sparse_(weight(), 0.5, generator=rng()).data.std() == pytest.approx(
        0.01 * sqrt(0.5), rel=0.02
    )


@pytest.mark.parametrize("settings", [{"k": 0}, {"sparsity": 1}])
def test_sparse_may_leave_nothing(settings):
    assert not init.sparse_(weight(3, 4), **settings).data.any()


RANDOM = [
    *(
        init.uniform_,
        init.normal_,
        init.trunc_normal_,
        init.orthogonal_,
        partial(init.sparse_, k=2),
    ),
    *(init.xavier_uniform_, init.xavier_normal_, init.kaiming_uniform_, init.kaiming_normal_),
    *(init.lecun_uniform_, init.lecun_normal_),
]


@pytest.mark.parametrize("fill", RANDOM)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_fills_in_place_in_the_same_dtype_and_follows_the_seed(fill, dtype):
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


@pytest.mark.parametrize("fill", RANDOM)
def test_without_a_generator_the_projects_seed_decides(fill, monkeypatch):
    monkeypatch.setattr(autograd.random, "_generator", None)  # put back after the test
    w, same = weight(4, 3), weight(4, 3)
    autograd.manual_seed(3)
    fill(w)
    autograd.manual_seed(3)
    assert np.array_equal(w, fill(same))
    assert not np.array_equal(w, fill(same))


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
    (
        lambda: init.trunc_normal_(weight(), std=0),
        ValueError,
        "trunc_normal_: the standard deviation is positive, not 0.",
    ),
    (
        lambda: init.trunc_normal_(weight(), mean=5, std=0.02),
        ValueError,
        "trunc_normal_: normal numbers of mean 5 and standard deviation 0.02 are never between "
        "-2.0 and 2.0. (a and b are values, not numbers of standard deviations.)",
    ),
    (
        lambda: init.eye_(weight(3)),
        ValueError,
        "eye_: a matrix has two axes; the Tensor has shape (3,).",
    ),
    (
        lambda: init.sparse_(weight(3, 2, 2), k=1),
        ValueError,
        "sparse_: a matrix has two axes; the Tensor has shape (3, 2, 2).",
    ),
    (
        lambda: init.orthogonal_(weight(3)),
        ValueError,
        "orthogonal_: a matrix (n_out, n_in) has two axes or more; the shape is (3,). Is it a "
        "bias? Biases usually start at zero: init.zeros_(bias).",
    ),
    (
        lambda: init.sparse_(weight()),
        TypeError,
        "sparse_: give either sparsity, the share of zeros in each column, or k, the number of "
        "entries in each row that are not zero.",
    ),
    (
        lambda: init.sparse_(weight(), 0.5, k=3),
        TypeError,
        "sparse_: give either sparsity, the share of zeros in each column, or k, the number of "
        "entries in each row that are not zero.",
    ),
    (
        lambda: init.sparse_(weight(4, 3), k=5),
        ValueError,
        "sparse_: k is a whole number, 0 to n_in, here 3, not 5.",
    ),
    (
        lambda: init.sparse_(weight(4, 3), k=1.5),
        ValueError,
        "sparse_: k is a whole number, 0 to n_in, here 3, not 1.5.",
    ),
    (
        lambda: init.sparse_(weight(4, 3), 15),
        ValueError,
        "sparse_: sparsity is a share from 0 to 1, not 15.",
    ),
    (
        lambda: init.sparse_(weight(4, 3), 0.5, std=-1),
        ValueError,
        "sparse_: a standard deviation is not negative; this is -1.",
    ),
]


@pytest.mark.parametrize(("call", "kind", "expected"), WRONG)
def test_what_cannot_be_filled_is_refused(call, kind, expected):
    assert message(kind, call) == expected


def test_a_result_is_not_filled():
    with pytest.raises(RuntimeError, match="result of Multiply"):
        init.zeros_(weight(3) * 2.0)


# As an argument of layers


def linear(how, **settings):
    return nn.Linear(N_IN, N_OUT, init=how, generator=rng(), **settings)


@pytest.mark.parametrize("how", ["lecun_normal", "lecun_normal_", init.lecun_normal_])
def test_a_layer_takes_a_name_or_a_function_and_starts_its_bias_at_zero(how):
    layer = linear(how)
    assert np.array_equal(layer.weight, init.lecun_normal_(weight(), rng()))
    assert not layer.bias.data.any()
    assert linear(how, bias=False).bias is None


def test_a_layer_takes_a_function_with_settings_or_one_of_the_users():
    half = partial(init.normal_, std=0.5)
    assert np.array_equal(linear(half).weight, init.normal_(weight(), 0, 0.5, rng()))
    assert (linear(lambda w: init.constant_(w, 3)).weight.data == 3).all()
    assert (linear(lambda w: np.full(w.shape, 2.0)).weight.data == 2).all()  # values, not in place
    assert linear("zeros", dtype="float64").weight.dtype == np.float64


def test_every_function_of_the_module_has_its_name():
    for name in (one for one in init.__all__ if one.endswith("_")):
        assert init.choosing.NAMES[name.rstrip("_")] is getattr(init, name)
        if name not in ("constant_", "sparse_"):
            linear(name)


LAYERS = [
    (nn.Linear, (6, 4), "weight"),
    (nn.DropConnectLinear, (6, 4), "weight"),
    (nn.CosineLinear, (6, 4), "weight"),
    (nn.Bilinear, (6, 3, 4), "weight"),
    (nn.Embedding, (6, 4), "weight"),
    (nn.Maxout, (6, 4), "linear.weight"),
]


@pytest.mark.parametrize(("kind", "sizes", "path"), LAYERS)
def test_every_layer_with_a_weight_takes_an_init(kind, sizes, path):
    layer = kind(*sizes, init="xavier_normal", generator=rng())
    weight = layer.get_parameter(path)
    expected = init.xavier_normal_(nn.Parameter(np.empty(weight.shape, "f4")), generator=rng())
    np.testing.assert_array_equal(weight.data, expected.data)
    biases = [p for name, p in layer.named_parameters() if name.endswith("bias")]
    assert not any(bias.data.any() for bias in biases)
    with pytest.raises(ValueError, match="there is no init 'hinton'"):
        kind(*sizes, init="hinton")


NO_INIT = [
    (
        "xavier",
        ValueError,
        "Linear: there is no init 'xavier'. Did you mean 'xavier_normal'? Known are zeros, ones, ",
    ),
    ("hinton", ValueError, "Linear: there is no init 'hinton'. Known are zeros, ones, constant"),
    (
        "constant",
        ValueError,
        "Linear: init='constant' needs a number; write "
        "init=functools.partial(nn.init.constant_, val=0.1).",
    ),
    (
        "sparse",
        ValueError,
        "Linear: init='sparse' needs a number; write init=functools.partial(nn.init.sparse_, k=15)",
    ),
    (
        0.01,
        TypeError,
        "Linear: init is the name of a function in nn.init, or a function that fills the weight, "
        "not 0.01.",
    ),
]


@pytest.mark.parametrize(("how", "kind", "expected"), NO_INIT)
def test_an_init_that_is_not_known(how, kind, expected):
    assert message(kind, lambda: linear(how)).startswith(expected)


def test_an_error_of_the_users_function_says_that_it_came_from_init():
    for function in (np.zeros, lambda w: np.zeros((2, 2))):
        with pytest.raises((TypeError, ValueError)) as error:
            linear(function)
        assert error.value.__notes__ == [
            "  in  the init of Linear, which was given the weight, (300, 200)"
        ]


# Twenty layers: the sizes of activations and of gradients, from the first layer to the last

DEPTH, WIDTH = 20, 256


def spreads(layer, how, width=WIDTH):
    """The mean square of each layer's activations, and of the gradients that reach them."""
    draws = np.random.default_rng(7)
    x = Tensor(draws.standard_normal((128, width)))
    seen = []
    for _ in range(DEPTH):
        linear = nn.Linear(width, width, dtype=np.float64, generator=draws, init=how)
        x = layer(linear(x))
        x.retain_grad()
        seen.append(x)
    x.backward(draws.standard_normal(x.shape))
    return tuple(np.array([np.mean(np.square(v)) for v in vs]) for vs in (seen, grads(seen)))


def grads(tensors):
    return [one.grad.data for one in tensors]


RIGHT = [
    (activations.Tanh, partial(init.xavier_normal_, gain=1.2)),
    (activations.Tanh, partial(init.xavier_uniform_, gain=1.2)),
    (activations.Tanh, partial(init.orthogonal_, gain=1.2)),
    (activations.ReLU, "kaiming_normal"),
    (activations.ReLU, "kaiming_uniform"),
    (activations.SELU, "lecun_normal"),
    (activations.SELU, "lecun_uniform"),
]


@pytest.mark.parametrize(("layer", "how"), RIGHT)
def test_the_right_spread_keeps_activations_and_gradients_level(layer, how):
    forward, backward = spreads(layer(), how)
    for sizes in (forward, backward):
        assert sizes.min() / sizes.max() > 0.1


@pytest.mark.parametrize("how", ["xavier_normal", "xavier_uniform", "orthogonal"])
def test_tanh_with_the_gain_one_shrinks_only_as_one_over_the_depth(how):
    # For small z, tanh²(z) ≈ z² − 2/3 z⁴, so that the mean square q becomes q − 2q²: 1/(2·depth).
    forward, backward = spreads(activations.Tanh(), how)
    assert forward[-1] == pytest.approx(1 / (2 * DEPTH), rel=0.3)
    assert backward.min() / backward.max() > 1 / DEPTH


def small(weight, generator):
    return init.normal_(weight, std=0.01, generator=generator)


def large(weight, generator):
    return init.normal_(weight, std=0.2, generator=generator)


@pytest.mark.parametrize("layer", [activations.Tanh, activations.ReLU, activations.SELU])
def test_too_small_weights_let_activations_and_gradients_vanish(layer):
    forward, backward = spreads(layer(), small)
    assert forward[-1] < 1e-20 * forward[0]
    assert backward[0] < 1e-20 * backward[-1]


def test_too_large_weights_saturate_tanh_and_explode_relu():
    forward, backward = spreads(activations.Tanh(), large)
    assert forward.min() > 0.7  # near ±1, and the gradients explode on the way back
    assert backward[0] > 1e3 * backward[-1]
    forward, backward = spreads(activations.ReLU(), large)
    assert forward[-1] > 1e10 * forward[0]
    assert backward[0] > 1e10 * backward[-1]


def test_the_wrong_spread_for_relu_loses_half_in_each_layer():
    forward, _ = spreads(activations.ReLU(), "lecun_normal")
    assert forward[-1] / forward[0] == pytest.approx(0.5 ** (DEPTH - 1), rel=0.9)
    assert forward[-1] < 1e-4 * forward[0]


@pytest.mark.parametrize("how", ["zeros", partial(init.constant_, val=0.1)])
def test_units_that_start_alike_stay_alike(how):
    draws = np.random.default_rng(0)
    hidden = nn.Linear(3, 4, init=how)
    out = nn.Linear(4, 2, init=partial(init.constant_, val=0.5))
    x, y = draws.standard_normal((20, 3)), draws.standard_normal((20, 2))
    parameters = [*hidden.parameters(), *out.parameters()]
    start = hidden.weight.data.copy()
    for _ in range(10):
        loss = (
            (out(autograd.tanh(hidden(x.astype(np.float32)))) - y.astype(np.float32)) ** 2
        ).sum()
        for p, g in zip(parameters, autograd.grad(loss, parameters), strict=True):
            p.copy_(p.data - 0.01 * g.data)
    assert not np.allclose(hidden.weight, start)  # they learned
    assert (hidden.weight.data == hidden.weight.data[0]).all()
    assert (hidden.bias.data == hidden.bias.data[0]).all()
    assert np.ptp(out.weight.data, axis=1).max() == 0
