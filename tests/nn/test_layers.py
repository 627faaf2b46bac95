"""Layers: activations, and those with weights beside Linear."""

import numpy as np
import pytest
from support.checks import check_gradients, message

import nn
from autograd import Tensor
from nn.bilinear import Bilinear
from nn.cosine import CosineLinear
from nn.maxout import Maxout

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


# Layers with weights


def rng(seed=0):
    return np.random.default_rng(seed)


def bilinear(bias=True):
    return Bilinear(3, 2, 4, bias, np.float64, rng())


LAYERS = [
    (bilinear(), (3,), (2,)),
    (CosineLinear(3, 2, dtype=np.float64, generator=rng()), (3,)),
    (Maxout(3, 2, 4, dtype=np.float64, generator=rng()), (3,)),
]


@pytest.mark.parametrize("lead", [(), (5,), (2, 5), (0,)])
@pytest.mark.parametrize(("layer", "shapes"), [(row[0], row[1:]) for row in LAYERS])
def test_any_axes_stand_before_the_last(layer, shapes, lead):
    inputs = [rng(i).standard_normal(lead + shape) for i, shape in enumerate(shapes)]
    out = layer(*inputs)
    assert out.shape[:-1] == lead
    for place in np.ndindex(*lead):
        alone = layer(*[x[place] for x in inputs])
        np.testing.assert_allclose(out.data[place], alone.data, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(("layer", "shapes"), [(row[0], row[1:]) for row in LAYERS])
def test_gradients_of_inputs_and_parameters(layer, shapes):
    inputs = [rng(i).standard_normal((4, *shape)) for i, shape in enumerate(shapes)]
    parameters = list(layer.parameters())
    for parameter in parameters:
        check_parameter(layer, parameter, inputs)
    check_gradients(layer, inputs)


def check_parameter(layer, parameter, inputs):
    owner, name = next(
        (module, name)
        for module in layer.modules()
        for name, value in vars(module).items()
        if value is parameter
    )

    def of_values(values):
        vars(owner)[name] = values
        return layer(*inputs)

    try:
        check_gradients(of_values, [parameter.data.copy()])
    finally:
        vars(owner)[name] = parameter


@pytest.mark.parametrize(
    "make",
    [
        lambda dtype: Bilinear(3, 2, 4, dtype=dtype),
        lambda dtype: CosineLinear(3, 4, dtype=dtype),
        lambda dtype: Maxout(3, 2, dtype=dtype),
    ],
)
def test_parameters_have_the_dtype_asked_for_and_start_small(make):
    for dtype in (None, np.float64):
        layer = make(dtype)
        for parameter in layer.parameters():
            assert parameter.dtype == (dtype or np.float32)
            assert 0 < np.max(np.abs(parameter.data)) <= 3**-0.5  # 1 / √in_features


@pytest.mark.parametrize("make", [lambda: Bilinear(3, 3, 4), lambda: CosineLinear(3, 4)])
def test_wider_data_is_spoken_of_once(make):
    layer, x = make(), np.ones((2, 3))
    inputs = [x, x] if isinstance(layer, Bilinear) else [x]
    with pytest.warns(UserWarning, match="meets data") as caught:
        layer(*inputs)
    assert str(caught[0].message).startswith(f"{layer!r}: the weight, 'weight'")
    layer(*inputs)


# Bilinear


def test_bilinear_weighs_all_products_of_two_features():
    layer, x1, x2 = bilinear(), rng(1).standard_normal((5, 3)), rng(2).standard_normal((5, 2))
    expected = np.einsum("ni,oij,nj->no", x1, layer.weight.data, x2) + layer.bias.data
    np.testing.assert_allclose(layer(x1, x2).data, expected, rtol=1e-13)
    plain = bilinear(bias=False)
    assert plain.bias is None
    without = np.einsum("ni,oij,nj->no", x1, plain.weight.data, x2)
    np.testing.assert_allclose(plain(x1, x2).data, without, rtol=1e-13)


def test_bilinear_prints_its_sizes():
    assert repr(bilinear()) == (
        "Bilinear(in1_features=3, in2_features=2, out_features=4, bias=True)"
    )


# Maxout


def test_maxout_is_the_largest_of_its_pieces():
    layer, x = Maxout(3, 2, 4, dtype=np.float64), rng(1).standard_normal((5, 3))
    weight, bias = layer.linear.weight.data, layer.linear.bias.data
    expected = [
        [
            np.max(w @ row + b)
            for w, b in zip(weight.reshape(2, 4, 3), bias.reshape(2, 4), strict=True)
        ]
        for row in x
    ]
    np.testing.assert_allclose(layer(x).data, expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("slopes", "function"),
    [
        ((1, -1), np.abs),
        ((1, 0), lambda x: np.maximum(x, 0)),
        ((1, 0.1), lambda x: np.where(x > 0, x, 0.1 * x)),
    ],
)
def test_maxout_can_be_the_absolute_value_relu_and_leaky_relu(slopes, function):
    layer = Maxout(1, 1, bias=False, dtype=np.float64)
    layer.linear.weight.data = np.array(slopes, float)[:, None]
    x = np.linspace(-2, 2, 9)[:, None]
    np.testing.assert_array_equal(layer(x).data, function(x))


def test_maxout_prints_its_sizes():
    layer = Maxout(3, 2, 4, bias=False)
    assert repr(layer).splitlines() == [
        "Maxout(",
        "  in_features=3, out_features=2, pieces=4",
        "  (linear): Linear(in_features=3, out_features=8, bias=False)",
        ")",
    ]


# Cosine normalisation


def test_cosine_linear_gives_the_cosine_of_the_angle_to_each_units_weights():
    layer = CosineLinear(2, 4, dtype=np.float64)
    angles = np.deg2rad([0, 60, 90, 180])
    layer.weight.data = 5 * np.stack([np.cos(angles), np.sin(angles)], 1)
    found = layer(np.array([[0.01, 0], [7, 7]])).data
    expected = [[1, 0.5, 0, -1], np.cos(angles - np.pi / 4)]
    np.testing.assert_allclose(found, expected, atol=1e-15)


@pytest.mark.parametrize("factor", [1e-3, 1, 1e3])
def test_cosine_linear_does_not_see_how_long_inputs_and_weights_are(factor):
    layer, x = CosineLinear(3, 2, dtype=np.float64), rng().standard_normal((5, 3))
    before = layer(x).data
    np.testing.assert_allclose(layer(factor * x).data, before, rtol=1e-12)
    layer.weight.data = layer.weight.data * factor
    np.testing.assert_allclose(layer(x).data, before, rtol=1e-12)


def test_cosine_linear_gives_0_for_zeros_and_a_gradient_that_is_finite():
    layer = CosineLinear(3, 2)
    x = Tensor(np.zeros((1, 3), np.float32), requires_grad=True)
    out = layer(x)
    np.testing.assert_array_equal(out.data, 0)
    out.sum().backward()
    assert np.isfinite(x.grad.data).all()


def test_cosine_linear_prints_its_sizes():
    assert repr(CosineLinear(3, 2)) == "CosineLinear(in_features=3, out_features=2, eps=1e-08)"


# What is refused

ROWS_OF_5 = np.ones((4, 5), np.float32)
REFUSED = [
    (
        lambda: Bilinear(3, 5, 2)(ROWS_OF_5, ROWS_OF_5[:, :3]),
        "bilinear: x1 is (..., 3) and x2 is (..., 5), row for row.\n"
        "  x1  (4, 5) float32\n"
        "  x2  (4, 3) float32\n"
        "  fix  the other way around: (x2, x1)",
    ),
    (
        lambda: Bilinear(5, 5, 2)(ROWS_OF_5, ROWS_OF_5[:1]),
        "bilinear: x1 is (..., 5) and x2 is (..., 5), row for row.\n"
        "  x1  (4, 5) float32\n"
        "  x2  (1, 5) float32",
    ),
    (
        lambda: Bilinear(0, 5, 2),
        "Bilinear: in1_features is a positive whole number, not 0.",
    ),
    (
        lambda: CosineLinear(3, 2)(ROWS_OF_5),
        "CosineLinear: x is rows of 3 numbers, (..., 3), and this is (4, 5) float32.",
    ),
    (
        lambda: Maxout(3, 2, 0),
        "Maxout: pieces is a positive whole number, not 0.",
    ),
]


@pytest.mark.parametrize(("wrong", "expected"), REFUSED)
def test_what_does_not_fit_is_refused(wrong, expected):
    assert message(ValueError, wrong) == expected


def test_maxout_says_which_layer_was_given_rows_of_another_length():
    with pytest.raises(ValueError, match="rows of 3 numbers, and x has rows of 5") as caught:
        Maxout(3, 2)(ROWS_OF_5)
    assert caught.value.__notes__ == [
        "  in  linear: Linear(in_features=3, out_features=4, bias=True)"
    ]
