"""Layer, RMS and group normalisation, and the operations below them."""

import numpy as np
import pytest
from support.checks import check_gradients, message

import autograd
import nn
from autograd import Tensor
from autograd.ops.normalization import Standardize, UnitMeanSquare
from nn.functional.normalization import group_norm, layer_norm, rms_norm
from nn.normalization import GroupNorm, LayerNorm, RMSNorm

NORMS = {
    "LayerNorm": (lambda **s: LayerNorm(6, **s), (4, 6)),
    "LayerNorm of two axes": (lambda **s: LayerNorm((6, 3), **s), (4, 6, 3)),
    "RMSNorm": (lambda **s: RMSNorm(6, **s), (4, 6)),
    "GroupNorm": (lambda **s: GroupNorm(2, 6, **s), (4, 6)),
    "GroupNorm with an axis": (lambda **s: GroupNorm(6, 6, **s), (4, 6, 3)),
}
each_norm = pytest.mark.parametrize(("make", "shape"), NORMS.values(), ids=NORMS)


def numbers(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


# The operations: what statistics they give, and how stable they are


def test_standardize_gives_mean_and_variance_with_their_gradients():
    x = numbers((5, 4))
    out, mean, var = Standardize.apply(x, axis=0, eps=0.0)
    np.testing.assert_allclose(mean.data, x.mean(0, keepdims=True), atol=1e-15)
    np.testing.assert_allclose(var.data, x.var(0, keepdims=True), rtol=1e-13)
    np.testing.assert_allclose(out.data.mean(0), 0, atol=1e-15)
    np.testing.assert_allclose(out.data.var(0), 1, rtol=1e-13)
    for which in range(3):
        check_gradients(lambda x, k=which: Standardize.apply(x, axis=0, eps=0.1)[k] ** 2, [x])


@pytest.mark.parametrize(("shape", "axis"), [((256, 5), 0), ((5, 256), -1), ((100_000, 2), 0)])
def test_data_far_from_0_loses_nothing(shape, axis):
    rows = np.float32(1e4 + numbers(shape))
    exact = rows.astype(float)  # NumPy's means of it are good to 1e-12
    wanted = (exact - exact.mean(axis, keepdims=True)) / exact.std(axis, keepdims=True)
    out, _, var = Standardize.apply(rows, axis=axis, eps=0.0)
    assert out.dtype == np.float32
    tolerance = 2e-6 if rows.size < 10_000 else 2e-4  # sums of 100 000 numbers in float32
    np.testing.assert_allclose(out.data, wanted, atol=tolerance)
    np.testing.assert_allclose(var.data, exact.var(axis, keepdims=True), rtol=tolerance)


def test_an_entry_far_from_all_others_does_not_spoil_them():
    for first in (0, 4):
        x = np.float32(numbers((1000, 1)))
        x[first] = 1e7
        exact = x.astype(float)
        out, _, _ = Standardize.apply(x, axis=0, eps=0.0)
        expected = (exact - exact.mean()) / exact.std()
        np.testing.assert_allclose(out.data, expected, atol=2e-6)


@pytest.mark.parametrize("n", [2, 7, 100_000])
@pytest.mark.parametrize("value", [0.0, 0.1, 1e4, -3e30])
def test_constant_entries_give_zeros(value, n):
    x = Tensor(np.full((n, 3), value, np.float32), requires_grad=True)
    out, mean, var = Standardize.apply(x, axis=0, eps=1e-5)
    assert not out.data.any()
    assert not var.data.any()
    np.testing.assert_array_equal(mean.data, np.float32(value))
    out.sum().backward()  # 1 / √eps = 316 for each entry, less the mean of that
    np.testing.assert_allclose(x.grad.data, 0, atol=0.3)


@pytest.mark.parametrize("op", [Standardize, UnitMeanSquare])
def test_half_precision_computes_its_statistics_in_single(op):
    x = np.float16(300 * numbers((2, 1000)))  # whose squares add up to more than 65504
    results = op.apply(x, axis=-1, eps=1e-5)
    out = results[0] if op is Standardize else results
    expected = op.apply(x.astype(float), axis=-1, eps=1e-5)
    expected = expected[0] if op is Standardize else expected
    assert out.dtype == np.float16
    np.testing.assert_allclose(out.data, expected.data, rtol=1e-3, atol=1e-3)


# The layers


def test_a_row_has_mean_0_and_variance_1():
    out = LayerNorm(50, eps=0.0, dtype=float)(3 + 2 * numbers((4, 50))).data
    np.testing.assert_allclose(out.mean(axis=1), 0, atol=1e-14)
    np.testing.assert_allclose(out.var(axis=1), 1, rtol=1e-13)


def test_a_row_has_a_mean_square_of_1_and_the_signs_it_had():
    x = 3 + 2 * numbers((4, 50))
    out = RMSNorm(50, eps=0.0, dtype=float)(x).data
    np.testing.assert_allclose((out**2).mean(axis=1), 1, rtol=1e-13)
    np.testing.assert_array_equal(np.sign(out), np.sign(x))


def test_a_group_has_mean_0_and_variance_1():
    out = GroupNorm(2, 6, eps=0.0, dtype=float)(3 + 2 * numbers((4, 6, 5))).data
    groups = out.reshape(4, 2, 15)
    np.testing.assert_allclose(groups.mean(axis=-1), 0, atol=1e-14)
    np.testing.assert_allclose(groups.var(axis=-1), 1, rtol=1e-13)


@pytest.mark.parametrize(
    ("layer", "moves"),
    [
        (LayerNorm(6, eps=0.0, dtype=float), True),
        (RMSNorm(6, eps=0.0, dtype=float), False),
        (GroupNorm(2, 6, eps=0.0, dtype=float), True),
    ],
    ids=repr,
)
def test_scaling_makes_no_difference_nor_does_moving_where_the_mean_goes(layer, moves):
    x = numbers((4, 6))
    factors, offsets = 1 + numbers((4, 1), 1) ** 2, numbers((4, 1), 2)
    before = layer(x).data
    np.testing.assert_allclose(layer(factors * x).data, before, rtol=1e-10)
    moved = layer(x + offsets).data
    assert np.allclose(moved, before, rtol=1e-10) == moves


def test_one_group_is_layer_normalisation_and_a_group_each_one_of_every_channel():
    x = numbers((4, 6, 5))
    whole = layer_norm(x, (6, 5)).data
    np.testing.assert_allclose(group_norm(x, 1).data, whole, rtol=1e-12)
    np.testing.assert_allclose(group_norm(x, 6).data, layer_norm(x, 5).data, rtol=1e-12)


@each_norm
def test_gradients_of_inputs_and_parameters(make, shape):
    layer, x = make(dtype=float), numbers(shape)
    check_gradients(lambda x: layer(x) ** 2, [x])
    parameters = [numbers(p.shape, seed) for seed, p in enumerate(layer.parameters(), 1)]

    def function(*values):
        vars(layer).update(zip(("weight", "bias"), values, strict=False))
        return layer(x)

    check_gradients(function, parameters)


@each_norm
def test_training_and_evaluation_are_the_same_and_examples_do_not_meet(make, shape):
    layer, x = make(dtype=float), numbers(shape)
    together = layer(x).data
    np.testing.assert_array_equal(layer.eval()(x).data, together)
    np.testing.assert_allclose(layer(x[1:2]).data, together[1:2], rtol=1e-14)


@each_norm
def test_factors_start_at_1_and_offsets_at_0_in_the_default_dtype(make, shape):
    for dtype in (None, np.float64):
        for name, parameter in make(dtype=dtype).named_parameters():
            assert parameter.dtype == (dtype or np.float32)
            np.testing.assert_array_equal(parameter.data, 1 if name == "weight" else 0)


@each_norm
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_without_factors_the_dtype_stays(make, shape, dtype):
    layer = make()
    layer.weight = layer.bias = None
    assert layer(numbers(shape).astype(dtype)).dtype == dtype


@each_norm
def test_whole_numbers_are_taken_in_the_default_dtype(make, shape):
    assert make()(np.arange(np.prod(shape)).reshape(shape)).dtype == np.float32


@each_norm
def test_wider_data_is_spoken_of_once(make, shape):
    layer = make()
    with pytest.warns(UserWarning, match="the weight, 'weight' .* meets data") as caught:
        assert layer(numbers(shape)).dtype == np.float64
    assert str(caught[0].message).startswith(repr(layer))
    layer(numbers(shape))


def test_what_a_layer_before_it_spoke_of_is_not_spoken_of_again():
    net = nn.Sequential(nn.Linear(6, 6), LayerNorm(6), RMSNorm(6), GroupNorm(2, 6))
    with pytest.warns(UserWarning, match="meets data") as caught:
        net(numbers((4, 6)))
    assert [str(one.message)[:12] for one in caught] == ["Linear(6, 6)"]


@each_norm
def test_a_recording_gives_the_same(make, shape):
    layer, x = make(), numbers(shape).astype(np.float32)
    graph = autograd.trace(layer, x)
    np.testing.assert_array_equal(graph(2 - x).data, layer(2 - x).data)


def test_what_is_left_out():
    assert list(LayerNorm(3, bias=False).state_dict()) == ["weight"]
    assert list(LayerNorm(3, elementwise_affine=False).state_dict()) == []
    assert list(RMSNorm(3, elementwise_affine=False).state_dict()) == []
    assert list(GroupNorm(1, 3, affine=False).state_dict()) == []


@pytest.mark.parametrize(("dtype", "eps"), [(np.float16, 2.0**-23), (np.float64, 2.0**-52)])
def test_rms_norm_by_itself_adds_the_rounding_of_what_it_computes_in(dtype, eps):
    # In half precision PyTorch 2.13 too adds that of float32.
    x = np.array([[1e-4, 2e-4, 3e-4]], dtype)
    np.testing.assert_allclose(rms_norm(x, 3).data, rms_norm(x, 3, eps=eps).data, rtol=1e-15)
    assert rms_norm(x, 3, eps=0).data[0, 0] > rms_norm(x, 3).data[0, 0] or dtype == np.float64


def test_they_print_as_in_pytorch():
    assert repr(LayerNorm((3, 4))) == "LayerNorm((3, 4), eps=1e-05, elementwise_affine=True)"
    assert repr(RMSNorm(3)) == "RMSNorm((3,), eps=None, elementwise_affine=True)"
    assert repr(GroupNorm(2, 6)) == "GroupNorm(2, 6, eps=1e-05, affine=True)"


# What is refused

ROWS = np.ones((4, 6), np.float32)
REFUSED = [
    (
        lambda: LayerNorm(5)(ROWS),
        "layer_norm: normalized_shape (5,) is what x's shape ends with, (..., 5), and x is "
        "(4, 6) float32.",
    ),
    (
        lambda: RMSNorm(4)(ROWS),
        "rms_norm: normalized_shape (4,) is what x's shape ends with, (..., 4), and x is "
        "(4, 6) float32. x begins with it: are the examples along the last axis?",
    ),
    (
        lambda: LayerNorm((2, 3))(ROWS),
        "layer_norm: normalized_shape (2, 3) is what x's shape ends with, (..., 2, 3), and x is "
        "(4, 6) float32. They hold as many numbers: x.reshape(len(x), 2, 3).",
    ),
    (
        lambda: layer_norm(ROWS, 6, np.ones(5)),
        "layer_norm: weight and bias have the normalized_shape (6,); this is (5,) float64.",
    ),
    (
        lambda: LayerNorm(1),
        "LayerNorm: a single number less its mean is 0, whatever it was; normalize more features, "
        "or leave the layer out.",
    ),
    (
        lambda: LayerNorm(()),
        "LayerNorm: normalized_shape is empty; give the shape of a row of features.",
    ),
    (
        lambda: RMSNorm(6, eps=-1.0),
        "RMSNorm: eps is not negative, as -1.0 is.",
    ),
    (
        lambda: GroupNorm(6, 4),
        "GroupNorm: 4 channels do not make 6 groups of the same size. The first argument is "
        "num_groups, the second num_channels, a multiple of it.",
    ),
    (
        lambda: GroupNorm(2, 4)(ROWS),
        "GroupNorm: x is (n, 4, ...), with 4 channels in axis 1, and this is (4, 6) "
        "float32. Rows are examples: give x.T.",
    ),
    (
        lambda: GroupNorm(6, 6)(ROWS),
        "group_norm: 6 groups of x, (4, 6) float32, have one value each, which less its mean is "
        "always 0. Take fewer groups.",
    ),
    (
        lambda: group_norm(ROWS, 4),
        "group_norm: the channels, axis 1 of x, make 4 groups of the same size; x is (4, 6) "
        "float32.",
    ),
    (
        lambda: group_norm(ROWS, 2, np.ones(5)),
        "group_norm: x is (n, 5, ...), with 5 channels in axis 1, and this is (4, 6) "
        "float32. Likely the layer before has another number of outputs.",
    ),
]


@pytest.mark.parametrize(("wrong", "expected"), REFUSED)
def test_what_does_not_fit_is_refused(wrong, expected):
    assert message(ValueError, wrong) == expected


def test_a_shape_is_whole_numbers():
    expected = "LayerNorm: normalized_shape is a positive whole number, not 2.5 (float)."
    assert message(TypeError, lambda: LayerNorm((3, 2.5))) == expected
