"""Activations as layers and functions: values, derivatives, kinks, extremes, and mistakes."""

import math

import numpy as np
import pytest
from support.checks import check_gradients, message

import autograd
import nn
from autograd import Tensor
from nn import activations as layers
from nn.functional import activations as functional

# Every layer: its function, its formula in the plainest form, and where its kinks are.


def sigma(x):
    return 1 / (1 + np.exp(-x))


def phi(x):
    return (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2


def leaky(slope):
    return lambda x: np.where(x > 0, x, slope * x)


def exponential(alpha, width=1.0):
    return lambda x: np.where(x > 0, x, alpha * (np.exp(x / width) - 1))


def share(sign, axis=-1):
    return lambda x: np.exp(sign * x) / np.exp(sign * x).sum(axis=axis, keepdims=True)


def softplus(x):
    return np.log(1 + np.exp(x))


f = functional
TABLE = [
    (layers.ReLU(), autograd.relu, leaky(0), [0]),
    (layers.LeakyReLU(), f.leaky_relu, leaky(0.01), [0]),
    (layers.LeakyReLU(0.1), lambda x: f.leaky_relu(x, 0.1), leaky(0.1), [0]),
    (layers.RReLU(0.25, 0.5).eval(), lambda x: f.rrelu(x, 0.25, 0.5), leaky(0.375), [0]),
    (layers.ELU(), f.elu, exponential(1), [0]),
    (layers.ELU(2), lambda x: f.elu(x, 2), exponential(2), [0]),
    (layers.SELU(), f.selu, lambda x: 1.05070098735548 * exponential(1.67326324235437)(x), [0]),
    (layers.CELU(), f.celu, exponential(1), [0]),
    (layers.CELU(0.5), lambda x: f.celu(x, 0.5), exponential(0.5, 0.5), [0]),
    (layers.Threshold(1, 7), lambda x: f.threshold(x, 1, 7), lambda x: np.where(x > 1, x, 7), [1]),
    (layers.Sigmoid(), autograd.sigmoid, sigma, []),
    (layers.Tanh(), autograd.tanh, lambda x: (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1), []),
    (layers.Arctan(), f.arctan, lambda x: np.arctan2(x, 1), []),
    (layers.Softplus(), f.softplus, softplus, []),
    (layers.Softplus(2), lambda x: f.softplus(x, 2), lambda x: softplus(2 * x) / 2, []),
    (
        layers.Softplus(2, 3),
        lambda x: f.softplus(x, 2, 3),
        lambda x: np.where(2 * x > 3, x, softplus(2 * x) / 2),
        [1.5],
    ),
    (layers.LogSigmoid(), f.logsigmoid, lambda x: np.log(sigma(x)), []),
    (layers.Softsign(), f.softsign, lambda x: x / (1 + np.abs(x)), [0]),
    (layers.GELU(), f.gelu, lambda x: x * phi(x), []),
    (
        layers.GELU("tanh"),
        lambda x: f.gelu(x, "tanh"),
        lambda x: x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
        [],
    ),
    (layers.SiLU(), f.silu, lambda x: x * sigma(x), []),
    (layers.Mish(), f.mish, lambda x: x * np.tanh(softplus(x)), []),
    (layers.Tanhshrink(), f.tanhshrink, lambda x: x - np.tanh(x), []),
    (layers.Hardtanh(), f.hardtanh, lambda x: np.clip(x, -1, 1), [-1, 1]),
    (layers.Hardtanh(-2, 0.5), lambda x: f.hardtanh(x, -2, 0.5), lambda x: x.clip(-2, 0.5), [0.5]),
    (layers.ReLU6(), f.relu6, lambda x: np.clip(x, 0, 6), [0, 6]),
    (layers.Hardsigmoid(), f.hardsigmoid, lambda x: np.clip(x + 3, 0, 6) / 6, [-3, 3]),
    (layers.Hardswish(), f.hardswish, lambda x: x * np.clip(x + 3, 0, 6) / 6, [-3, 3]),
    (layers.Hardshrink(), f.hardshrink, lambda x: np.where(abs(x) > 0.5, x, 0), [-0.5, 0.5]),
    (
        layers.Softshrink(1),
        lambda x: f.softshrink(x, 1),
        lambda x: np.sign(x) * np.maximum(abs(x) - 1, 0),
        [-1, 1],
    ),
    (layers.BinaryStep(), f.binary_step, lambda x: np.where(x >= 0, 1, 0), [0]),
    (layers.Softmax(), autograd.softmax, share(1), []),
    (layers.Softmax(0), lambda x: autograd.softmax(x, axis=0), share(1, 0), []),
    (layers.LogSoftmax(), autograd.log_softmax, lambda x: np.log(share(1)(x)), []),
    (layers.Softmin(), f.softmin, share(-1), []),
    (layers.Softmin(0), lambda x: f.softmin(x, 0), share(-1, 0), []),
    (layers.GLU(), f.glu, lambda x: x[:, :4] * sigma(x[:, 4:]), []),
    (layers.GLU(0), lambda x: f.glu(x, 0), lambda x: x[:2] * sigma(x[2:]), []),
]
# Around the kinks that lie within ±8, none nearer than 0.05 to one.
POINTS = np.random.default_rng(0).permutation(np.arange(32) / 2 - 8 + 0.2).reshape(4, 8)
each = pytest.mark.parametrize(
    ("layer", "function", "formula", "kinks"), TABLE, ids=[repr(row[0]) for row in TABLE]
)
entrywise = [row for row in TABLE if not isinstance(row[0], layers.along_axis.AlongAxis)]


@each
def test_layer_and_function_compute_the_formula(layer, function, formula, kinks):
    np.testing.assert_allclose(layer(POINTS).data, formula(POINTS), rtol=1e-11, atol=1e-15)
    assert np.array_equal(function(POINTS), layer(POINTS))


@each
def test_derivatives_to_second_order(layer, function, formula, kinks):
    assert all(np.abs(POINTS - kink).min() > 0.05 for kink in kinks)
    check_gradients(layer, [POINTS])


@each
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_is_kept(layer, function, formula, kinks, dtype):
    x = Tensor(POINTS.astype(dtype), requires_grad=True)
    out = layer(x)
    out.sum().backward()
    assert (out.dtype, x.grad.dtype) == (dtype, dtype)


@pytest.mark.parametrize("layer", [row[0] for row in entrywise], ids=repr)
def test_whole_numbers_lists_and_numbers_are_taken(layer):
    assert layer(np.array([2, -3])).dtype == np.float32
    np.testing.assert_allclose(layer([2, -3]), layer(np.array([2.0, -3])).data, rtol=1e-5)
    assert layer(2.0).shape == ()


@pytest.mark.parametrize("layer", [*(row[0] for row in TABLE), layers.PReLU(8)], ids=repr)
def test_a_recording_replays_it_on_other_numbers(layer):
    x = [Tensor(values, requires_grad=True) for values in (POINTS, -POINTS[::-1], -POINTS[::-1])]
    graph = autograd.trace(layer, x[0])
    replayed, computed = graph(x[1]), layer(x[2])
    g = np.random.default_rng(1).standard_normal(computed.shape)
    graph.backward(g)
    computed.backward(g)
    np.testing.assert_array_equal(replayed, computed.data)
    np.testing.assert_array_equal(x[1].grad, x[2].grad.data)


# Kinks: the derivative there, as in PyTorch (binary_step is our own)

KINKS = [
    (f.leaky_relu, 0, 0.01),
    (autograd.relu, 0, 0),
    (lambda x: f.elu(x, 2), 0, 2),
    (f.selu, 0, 1.7580993408473766),
    (lambda x: f.celu(x, 2), 0, 1),
    (lambda x: f.prelu(x, [0.25]), 0, 0.25),
    (lambda x: f.threshold(x, 1, 7), 1, 0),
    (f.softsign, 0, 1),
    (f.hardtanh, -1, 0),
    (f.hardtanh, 1, 0),
    (f.relu6, 0, 0),
    (f.relu6, 6, 0),
    (f.hardsigmoid, -3, 0),
    (f.hardsigmoid, 3, 0),
    (f.hardswish, -3, 0),
    (f.hardswish, 3, 1),
    (f.hardshrink, 0.5, 0),
    (f.hardshrink, -0.5, 0),
    (f.softshrink, 0.5, 0),
    (f.softshrink, -0.5, 0),
    (f.binary_step, 0, 0),
    (f.binary_step, 3, 0),
]


def derivative(function, x, order=1, dtype=np.float64):
    """f(x), f'(x), … as numbers, for one number."""
    at = Tensor(np.array(x, dtype), requires_grad=True)
    found = [function(at)]
    for _ in range(order):
        g = found[-1]
        found.append(autograd.grad(g, at, create_graph=True) if g.requires_grad else Tensor(0.0))
    return [one.item() for one in found]


@pytest.mark.parametrize(("function", "kink", "slope"), KINKS)
def test_the_derivative_at_a_kink(function, kink, slope):
    assert derivative(function, float(kink))[1] == pytest.approx(slope, rel=1e-15)


def test_the_step_is_one_at_zero_and_sends_back_zeros():
    x = Tensor([-2.0, 0.0, 3.0], requires_grad=True)
    out = f.binary_step(x)
    out.sum().backward()
    assert out.tolist() == [0, 1, 1]
    assert x.grad.tolist() == [0, 0, 0]
    assert math.isnan(f.binary_step(math.nan).item())


# Far out: f(−10⁴), f(10⁴), f'(−10⁴), f'(10⁴); the second derivative is 0 at both.

FAR = 1e4
LIMITS = [
    (autograd.sigmoid, 0, 1, 0, 0),
    (autograd.tanh, -1, 1, 0, 0),
    (f.leaky_relu, -100, FAR, 0.01, 1),
    (f.elu, -1, FAR, 0, 1),
    (f.selu, -1.7580993408473766, 10507.009873554804, 0, 1.0507009873554805),
    (lambda x: f.celu(x, 0.5), -0.5, FAR, 0, 1),
    (f.gelu, 0, FAR, 0, 1),
    (lambda x: f.gelu(x, "tanh"), 0, FAR, 0, 1),
    (f.silu, 0, FAR, 0, 1),
    (f.mish, 0, FAR, 0, 1),
    (f.softplus, 0, FAR, 0, 1),
    (lambda x: f.softplus(x, 0.5, np.inf), 0, FAR, 0, 1),
    (f.logsigmoid, -FAR, 0, 1, 0),
    (f.softsign, -0.9999000099990001, 0.9999000099990001, 9.998000299960005e-9, 9.998e-9),
    (f.hardswish, 0, FAR, 0, 1),
    (f.hardsigmoid, 0, 1, 0, 0),
    (f.tanhshrink, -9999, 9999, 1, 1),
]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(("function", "low", "high", "low_slope", "high_slope"), LIMITS)
def test_nothing_overflows_and_limits_are_met(function, low, high, low_slope, high_slope, dtype):
    near = 4 * float(np.finfo(dtype).eps)
    for x, value, slope in ((-FAR, low, low_slope), (FAR, high, high_slope)):
        found = derivative(function, x, order=2, dtype=dtype)
        assert found[0] == pytest.approx(value, rel=near, abs=1e-20)
        assert found[1] == pytest.approx(slope, rel=near, abs=1e-7)
        assert abs(found[2]) < 1e-7


# Where results are small, and the plain formula is 0 or inexact. Φ(−10) is from Abramowitz and
# Stegun, Handbook of Mathematical Functions, table 26.2: −log₁₀ Φ(−10) = 23.11805.
SMALL = [
    (f.softplus, -40, math.exp(-40)),
    (f.logsigmoid, 40, -math.exp(-40)),
    (f.silu, -40, -40 * math.exp(-40)),
    (f.mish, -40, -40 * math.exp(-40)),
    (f.gelu, -10, -10 * 0.5 * math.erfc(10 / math.sqrt(2))),
    (
        lambda x: f.gelu(x, "tanh"),
        -6,
        -6 / (1 + math.exp(2 * math.sqrt(2 / math.pi) * (6 + 0.044715 * 216))),
    ),
]


@pytest.mark.parametrize(("function", "x", "value"), SMALL)
def test_small_results_are_exact(function, x, value):
    assert function(Tensor(float(x), dtype=np.float64)).item() == pytest.approx(value, rel=1e-13)


def test_gelu_far_out_is_the_published_tail():
    value = f.gelu(Tensor(-10.0, dtype=np.float64)).item()
    assert -math.log10(value / -10) == pytest.approx(23.11805, abs=5e-6)


# Facts of the curriculum


def test_softmax_of_four_numbers():
    x = np.array([5.0, 2.0, -1.0, 3.0])
    share = autograd.softmax(Tensor(x, requires_grad=True))
    np.testing.assert_allclose(share.data, [0.842, 0.042, 0.002, 0.114], atol=5e-4)
    y = share.data
    jacobian = share.grad_fn.local_gradient_values()["x"]
    np.testing.assert_allclose(jacobian, y[:, None] * (np.eye(4) - y), atol=1e-16)
    np.testing.assert_allclose(autograd.softmax(x + 1000).data, y, rtol=1e-12)
    ratio = np.log(share.data[0] / share.data[1])
    assert ratio == pytest.approx(5 - 2)  # the log-odds are the difference of the logits


@pytest.mark.parametrize("far", [1e4, -1e4])
def test_softmax_and_its_logarithm_far_out(far):
    x = Tensor(np.array([far, 0.0]), requires_grad=True)
    expected = [1, 0] if far > 0 else [0, 1]
    assert autograd.softmax(x).tolist() == expected
    assert autograd.log_softmax(x).tolist() == [min(far, 0), -max(far, 0)]
    assert autograd.grad(autograd.log_softmax(x)[0], x).tolist() == [1 - expected[0], -expected[1]]


def test_two_classes_are_a_sigmoid():
    z = np.linspace(-30, 30, 61)
    pairs = autograd.softmax(np.stack([z, np.zeros(61)], axis=-1))
    np.testing.assert_allclose(pairs.data[:, 0], autograd.sigmoid(z).data, rtol=1e-13)


def test_tanh_is_a_sigmoid_stretched():
    z = np.linspace(-5, 5, 41)
    np.testing.assert_allclose(np.tanh(z), (2 * autograd.sigmoid(2 * z) - 1).data, atol=1e-15)


def test_the_derivative_of_softplus_is_the_sigmoid_and_its_formula_says_so():
    x = Tensor(np.linspace(-30, 30, 61), requires_grad=True)
    out = f.softplus(x, threshold=np.inf)
    out.sum().backward(retain_graph=True)
    np.testing.assert_allclose(x.grad, autograd.sigmoid(x.detach()).data, rtol=1e-15)
    assert str(out.grad_fn.local_gradient_formulas()["x"]) == "sigmoid(x)"


def test_the_derivative_of_the_sigmoid_from_minus_six_to_six():
    x = Tensor(np.arange(-6.0, 7.0), requires_grad=True)
    autograd.sigmoid(x).sum().backward()
    assert x.grad.data[[0, 5, 6, 7, 12]].round(8).tolist() == [
        *(0.00246651, 0.19661193, 0.25, 0.19661193, 0.00246651)
    ]


def test_selu_keeps_mean_zero_and_variance_one():
    x = np.linspace(-12, 12, 240_001)
    density = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    y = f.selu(x).data
    assert np.trapezoid(y * density, x) == pytest.approx(0, abs=1e-8)
    assert np.trapezoid(y * y * density, x) == pytest.approx(1, abs=1e-8)


# Learned and random slopes


def test_prelu_starts_from_a_quarter_and_learns_its_slope():
    layer = layers.PReLU()
    assert layer.state_dict() == {"weight": np.float32(0.25)}
    x = Tensor([[-2.0, 3.0], [-4.0, -1.0]], requires_grad=True)
    out = layer(x)
    assert out.tolist() == [[-0.5, 3], [-1, -0.25]]
    out.sum().backward()
    assert layer.weight.grad.tolist() == [-7]
    assert x.grad.tolist() == [[0.25, 1], [0.25, 0.25]]


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 4), (2, 3, 4, 5)])
def test_prelu_has_a_slope_for_each_channel(shape):
    x = np.random.default_rng(0).standard_normal(shape)
    slopes = np.array([0.1, -0.2, 1.5])
    columns = slopes.reshape(3, *(1,) * (len(shape) - 2))
    np.testing.assert_allclose(f.prelu(x, slopes).data, np.where(x > 0, x, columns * x))
    check_gradients(f.prelu, [x, slopes])


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4)])
def test_one_slope_serves_any_shape(shape):
    x = np.asarray(np.random.default_rng(1).standard_normal(shape))
    out = layers.PReLU(dtype=np.float64)(x)
    assert out.shape == shape
    np.testing.assert_allclose(out.data, np.where(x > 0, x, 0.25 * x))
    check_gradients(f.prelu, [x, np.array([0.25])])


def test_rrelu_draws_a_slope_for_each_entry():
    layer = layers.RReLU(0.2, 0.6, generator=np.random.default_rng(0))
    x = Tensor(np.full(10_000, -1.0), requires_grad=True)
    out = layer(x)
    out.sum().backward()
    slopes = -out.data
    assert 0.2 <= slopes.min() < 0.201
    assert 0.599 < slopes.max() < 0.6
    assert slopes.mean() == pytest.approx(0.4, abs=0.005)
    assert np.array_equal(x.grad, slopes)
    assert not np.array_equal(layer(x), out)
    again = layers.RReLU(0.2, 0.6, generator=np.random.default_rng(0))
    assert np.array_equal(again(x), out)
    assert layer(np.ones(3)).tolist() == [1, 1, 1]


# Printing

PRINTED = [
    (layers.ReLU(), "ReLU()"),
    (layers.LeakyReLU(0.1), "LeakyReLU(negative_slope=0.1)"),
    (layers.PReLU(3), "PReLU(num_parameters=3)"),
    (layers.RReLU(0.25, 0.5), "RReLU(lower=0.25, upper=0.5)"),
    (layers.ELU(), "ELU(alpha=1.0)"),
    (layers.GELU("tanh"), "GELU(approximate='tanh')"),
    (layers.Softplus(), "Softplus(beta=1.0, threshold=20.0)"),
    (layers.Hardtanh(), "Hardtanh(min_val=-1.0, max_val=1.0)"),
    (layers.Threshold(1, 7), "Threshold(threshold=1.0, value=7.0)"),
    (layers.Softmax(0), "Softmax(axis=0)"),
    (layers.GLU(), "GLU(axis=-1)"),
]


@pytest.mark.parametrize(("layer", "expected"), PRINTED)
def test_layers_print_their_settings(layer, expected):
    assert repr(layer) == expected


# Mistakes

WRONG = [
    (
        lambda: layers.LeakyReLU("0.1"),
        TypeError,
        "LeakyReLU: negative_slope is a number, not '0.1' (str).",
    ),
    (lambda: layers.ELU(True), TypeError, "ELU: alpha is a number, not True (bool)."),
    (lambda: layers.CELU(0), ValueError, "CELU: alpha is a positive number, not 0."),
    (lambda: f.celu(1.0, -1), ValueError, "celu: alpha is a positive number, not -1."),
    (lambda: layers.Softplus(0), ValueError, "Softplus: beta is a positive number, not 0."),
    (
        lambda: layers.Softplus(1, -2),
        ValueError,
        "Softplus: threshold is not negative, as -2 is.",
    ),
    (lambda: layers.Softshrink(-1), ValueError, "Softshrink: lambd is not negative, as -1 is."),
    (
        lambda: layers.Hardtanh(1, -1),
        ValueError,
        "Hardtanh: min_val, 1, is above max_val, -1.",
    ),
    (lambda: layers.RReLU(0.5, 0.2), ValueError, "RReLU: lower, 0.5, is above upper, 0.2."),
    (
        lambda: layers.GELU("erf"),
        ValueError,
        'GELU: approximate is "none" or "tanh", not \'erf\'.',
    ),
    (
        lambda: layers.PReLU(0),
        ValueError,
        "PReLU: num_parameters is a positive whole number, not 0.",
    ),
    (
        lambda: f.prelu(np.ones((2, 4)), np.ones(3)),
        ValueError,
        "prelu: the weight of shape (3,) is one slope, or one for each channel, and x of shape "
        "(2, 4) has 4 (its axis 1, if there is one).",
    ),
    (
        lambda: f.glu(np.ones((2, 3))),
        ValueError,
        "glu: x is cut into two halves along axis -1, whose length is odd; x has shape (2, 3). "
        "Make the layer before it twice as wide as what glu is to give.",
    ),
    (
        lambda: f.glu(np.ones((2, 4)), 2),
        np.exceptions.AxisError,
        "split: axis 2 does not exist: the array has 2 axes; x has shape (2, 4).",
    ),
]


@pytest.mark.parametrize(("call", "kind", "expected"), WRONG)
def test_mistakes_are_explained(call, kind, expected):
    assert message(kind, call) == expected


# By name


def test_every_name_is_that_of_the_function():
    for name, layer in layers.named.NAMES.items():
        assert layer.__name__.lower() == name.replace("_", "")
        assert callable(getattr(functional, name, None) or getattr(autograd, name))


def test_a_layer_is_found_by_name_made_by_a_class_or_copied():
    mine = layers.PReLU(3)
    copied = layers.activation_layer(mine, "Net")
    assert copied is not mine
    assert copied.weight is not mine.weight
    assert type(layers.activation_layer("leaky_relu", "Net")) is layers.LeakyReLU
    assert type(layers.activation_layer(layers.Mish, "Net")) is layers.Mish
    assert layers.activation_layer(lambda: layers.ELU(0.5), "Net").alpha == 0.5


UNKNOWN = [
    ("Relu", ValueError, "Net: there is no activation 'Relu'. Did you mean 'relu'? Known are relu"),
    ("sigmod", ValueError, "Net: there is no activation 'sigmod'. Did you mean 'sigmoid'?"),
    ("qqqq", ValueError, "Net: there is no activation 'qqqq'. Known are relu, leaky_relu, "),
    (autograd.tanh, TypeError, "makes a layer; tanh was called without arguments: "),
    (np.tanh, TypeError, "Write 'tanh', its name, for that layer."),
    (3, TypeError, 'Net: activation is a name such as "relu", a class, a layer, or a function'),
    (lambda: 3, TypeError, 'Net: activation is a name such as "relu", a class, a layer, or a'),
]


@pytest.mark.parametrize(("kind", "error", "expected"), UNKNOWN)
def test_an_activation_that_is_not_known(kind, error, expected):
    assert expected in message(error, lambda: layers.activation_layer(kind, "Net"))


def test_an_error_names_the_layer():
    with pytest.raises(ValueError, match="axis 2 does not exist") as error:
        nn.Softmax(axis=2)(np.ones((2, 2)))
    assert error.value.__notes__ == ["  in  Softmax(axis=2)"]
