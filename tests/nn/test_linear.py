"""Linear: x Wᵀ + b, its first values, and what it says of inputs that do not fit."""

import inspect
import warnings

import numpy as np
import pytest
from support.checks import check_gradients, message

import autograd
import nn
from autograd import Tensor

ROWS = [(3,), (1, 3), (5, 3), (2, 5, 3), (0, 3)]


def layer(bias=True, dtype=np.float64):
    return nn.Linear(3, 2, bias=bias, dtype=dtype, generator=np.random.default_rng(0))


@pytest.mark.parametrize("shape", ROWS)
@pytest.mark.parametrize("bias", [True, False])
def test_the_value_is_a_weighted_sum_plus_bias(shape, bias):
    linear = layer(bias)
    x = np.random.default_rng(1).standard_normal(shape)
    expected = np.einsum("...i,oi->...o", x, linear.weight.data)
    if bias:
        expected = expected + linear.bias.data
    out = linear(x)
    assert type(out) is Tensor
    assert out.shape == (*shape[:-1], 2)
    np.testing.assert_allclose(out.data, expected, rtol=1e-14)


@pytest.mark.parametrize("shape", [(4, 3), (2, 4, 3)])
@pytest.mark.parametrize("bias", [True, False])
def test_gradients_agree_with_finite_differences(shape, bias):
    rng = np.random.default_rng(2)
    inputs = [rng.standard_normal(shape), rng.standard_normal((2, 3))]
    inputs += [rng.standard_normal(2)] * bias
    check_gradients(nn.functional.linear, inputs)


def test_without_bias_there_is_none():
    linear = layer(bias=False)
    assert linear.bias is None
    assert [path for path, _ in linear.named_parameters()] == ["weight"]


def test_784_100_10_has_as_many_parameters_as_the_formula_says():
    net = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
    counts = [sum(p.size for p in one.parameters()) for one in net]
    assert counts == [78_500, 0, 1_010]


# First values


def test_weight_and_bias_start_uniform_within_one_over_the_root_of_the_fan_in():
    linear = nn.Linear(100, 3000, generator=np.random.default_rng(0))
    for parameter in (linear.weight, linear.bias):
        assert 0.0999 < np.abs(parameter.data).max() <= 0.1
        assert abs(parameter.data.mean()) < 0.004
        assert parameter.data.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.03)


def test_dtype_is_the_default_unless_given():
    assert nn.Linear(1, 1).weight.dtype == np.float32
    assert [p.dtype for p in nn.Linear(1, 1, dtype="float64").parameters()] == [np.float64] * 2


def test_the_generator_decides_the_values():
    one, same, other = (nn.Linear(3, 2, generator=np.random.default_rng(s)) for s in (0, 0, 1))
    assert np.array_equal(one.weight, same.weight)
    assert np.array_equal(one.bias, same.bias)
    assert not np.array_equal(one.weight, other.weight)


def test_without_a_generator_the_projects_seed_decides(monkeypatch):
    monkeypatch.setattr(autograd.random, "_generator", None)  # put back after the test
    autograd.manual_seed(3)
    one = nn.Linear(3, 2)
    autograd.manual_seed(3)
    assert np.array_equal(one.weight, nn.Linear(3, 2).weight)


def test_parameters_own_their_memory():
    assert all(p.data.base is None for p in nn.Linear(3, 2).parameters())


# What does not fit


SIZES = [
    ((0, 2), ValueError, "Linear: in_features is a positive whole number, not 0."),
    ((2, -1), ValueError, "Linear: out_features is a positive whole number, not -1."),
    ((2.0, 1), TypeError, "Linear: in_features is a positive whole number, not 2.0 (float)."),
    ((2, "1"), TypeError, "Linear: out_features is a positive whole number, not '1' (str)."),
    ((True, 1), TypeError, "Linear: in_features is a positive whole number, not True (bool)."),
    (
        (2, 1, "relu"),
        TypeError,
        "Linear: bias is True or False, not 'relu'. An activation is a layer of its own: "
        "Sequential(Linear(…), ReLU()).",
    ),
]


@pytest.mark.parametrize(("arguments", "kind", "expected"), SIZES)
def test_wrong_arguments_are_refused(arguments, kind, expected):
    assert message(kind, lambda: nn.Linear(*arguments)) == expected


def test_numpys_whole_numbers_are_sizes():
    linear = nn.Linear(np.int64(2), np.int32(3))
    assert (type(linear.in_features), linear.weight.shape) == (int, (3, 2))


@pytest.mark.parametrize("bias", [True, False])
def test_rows_of_another_length_are_an_error_that_names_the_layer(bias):
    net = nn.Sequential(nn.Linear(784, 128, bias))
    with pytest.raises(ValueError, match="784") as error:
        net(np.zeros((32, 28), np.float32))
    assert "28" in str(error.value)
    assert error.value.__notes__ == [
        f"  in  0: Linear(in_features=784, out_features=128, bias={bias})"
    ]


WIDER = (
    "{who}: the weight, {weight} float32, meets data {data}, and so it computes in float64, which "
    "is slower. Convert the data once, x.astype('float32'); or, to compute in float64, say "
    "autograd.set_default_dtype('float64') before the model is made."
)


@pytest.mark.parametrize("given", ["float64", "int64"])
def test_data_of_a_wider_dtype_computes_and_warns_once_for_each_layer(given):
    net = nn.Sequential(nn.Linear(3, 2))
    x = np.ones((1, 3), given)
    with pytest.warns(UserWarning, match="computes in float64") as caught:
        out = net(x)
    line = inspect.currentframe().f_lineno - 1
    data = f"(1, 3) {given}"
    assert [(str(one.message), one.filename, one.lineno) for one in caught] == [
        (WIDER.format(who="Linear(3, 2)", weight="'0.weight' (2, 3)", data=data), __file__, line)
    ]
    assert out.dtype == np.float64
    net(x)  # a second warning would be an error
    with pytest.warns(UserWarning, match=r"Linear\(3, 4\): the weight, 'weight' \(4, 3\) float32,"):
        nn.Linear(3, 4)(x)


@pytest.mark.parametrize("bias", [None, np.zeros(2, np.float32)])
def test_the_function_warns_once_for_each_place(bias):
    x = Tensor(np.ones((4, 3)), name="pixels")
    weight = Tensor(np.ones((2, 3), np.float32), requires_grad=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            out = nn.functional.linear(x, weight, bias)
    line = inspect.currentframe().f_lineno - 1
    text = WIDER.format(who="linear", weight="(2, 3)", data="'pixels' (4, 3) float64")
    assert [(str(one.message), one.filename, one.lineno) for one in caught] == [
        (text, __file__, line)
    ]
    out.sum().backward()
    assert (out.dtype, weight.grad.dtype) == (np.float64, np.float32)


def test_the_fixes_that_the_warning_names_do_work():
    x = np.ones((1, 3))
    assert nn.Linear(3, 2)(x.astype("float32")).dtype == np.float32
    autograd.set_default_dtype("float64")
    try:
        assert nn.Linear(3, 2)(x).dtype == np.float64
    finally:
        autograd.set_default_dtype("float32")


@pytest.mark.parametrize("bias", [True, False])
def test_data_of_a_narrower_dtype_or_a_list_does_not_warn(bias):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for x in (np.ones((1, 3), np.float16), np.ones((1, 3), np.uint8), [[1.0, 2.0, 3.0]]):
            assert nn.Linear(3, 2, bias)(x).dtype == np.float32
        assert layer(bias)(np.ones((1, 3), np.float32)).dtype == np.float64


def test_prints_its_sizes():
    assert repr(layer()) == "Linear(in_features=3, out_features=2, bias=True)"
    assert repr(layer(bias=False)) == "Linear(in_features=3, out_features=2, bias=False)"


def test_in_a_network_only_the_layer_that_meets_the_data_warns():
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    with pytest.warns(UserWarning, match="Linear\\(3, 4\\): the weight") as caught:
        model(np.ones((5, 3)))
    assert len(caught) == 1
