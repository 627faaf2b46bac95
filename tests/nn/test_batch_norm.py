"""Batch normalisation: batches in training, running statistics after it."""

import copy

import numpy as np
import pytest
from support.checks import check_gradients, message

import autograd
from autograd import Tensor
from nn.batch_norm import BatchNorm1d, BatchRenorm1d
from nn.functional.normalization import batch_norm

MEAN, STD = np.array([1.0, -20, 300]), np.array([0.5, 4, 1])


def batch(n=8, seed=0, length=None):
    shape = (n, 3) if length is None else (n, length, 3)
    numbers = MEAN + STD * np.random.default_rng(seed).standard_normal(shape)
    return numbers if length is None else numbers.transpose(0, 2, 1)


def norm(kind=BatchNorm1d, **settings):
    return kind(3, dtype=np.float64, **settings)


def buffers(layer):
    return [layer.running_mean.data, layer.running_var.data, layer.num_batches_tracked.item()]


each_kind = pytest.mark.parametrize("kind", [BatchNorm1d, BatchRenorm1d])
each_length = pytest.mark.parametrize("length", [None, 5])


# Training


@each_length
def test_in_training_a_channel_has_mean_0_and_variance_1(length):
    x = batch(length=length)
    out = norm(eps=0.0)(x).data
    axes = 0 if length is None else (0, 2)
    assert out.shape == x.shape
    np.testing.assert_allclose(out.mean(axes), 0, atol=1e-12)
    np.testing.assert_allclose(out.var(axes), 1, rtol=1e-12)


@each_length
def test_its_own_factor_and_offset_undo_it(length):
    layer, x = norm(eps=0.1), batch(length=length)
    axes = 0 if length is None else (0, 2)
    layer.weight.data = np.sqrt(x.var(axes) + 0.1)
    layer.bias.data = x.mean(axes)
    np.testing.assert_allclose(layer(x).data, x, rtol=1e-12)


@each_length
@pytest.mark.parametrize("training", [True, False])
def test_gradients_of_input_factor_and_offset(length, training):
    rng = np.random.default_rng(1)

    def function(x, weight, bias):
        mean, var = np.array([1.0, -19, 299]), np.array([0.5, 10, 1])
        return batch_norm(x, mean, var, weight, bias, training) ** 2

    values = [batch(length=length), rng.standard_normal(3), rng.standard_normal(3)]
    check_gradients(function, values)


def test_examples_of_a_batch_depend_on_each_other_in_training_only():
    layer, x = norm(), batch()
    assert not np.allclose(layer(x).data[:2], layer(x[:2]).data)
    layer.eval()
    np.testing.assert_array_equal(layer(x).data[:2], layer(x[:2]).data)


@pytest.mark.parametrize("n", [2, 3, 256])
def test_data_far_from_0_loses_nothing_in_training_and_evaluation(n):
    x = np.float32(1e4 + np.random.default_rng(0).standard_normal((n, 3)))
    exact = x.astype(float)
    expected = (exact - exact.mean(0)) / np.sqrt(exact.var(0) + 1e-5)
    layer = BatchNorm1d(3, momentum=1.0)
    np.testing.assert_allclose(layer(x).data, expected, atol=1e-5)
    unbiased = np.sqrt((exact.var(0) + 1e-5) / (exact.var(0, ddof=1) + 1e-5))
    # In single precision a mean of 1e4 is itself good to half of 1e-3 only.
    np.testing.assert_allclose(layer.eval()(x).data, expected * unbiased, atol=1e-3 / x.std())


# Running statistics


def test_running_statistics_move_by_the_momentum_and_the_variance_is_unbiased():
    layer, x = norm(momentum=0.25), batch()
    layer(x)
    mean, var, count = buffers(layer)
    np.testing.assert_allclose(mean, 0.25 * x.mean(0), rtol=1e-13)
    np.testing.assert_allclose(var, 0.75 + 0.25 * x.var(0, ddof=1), rtol=1e-12)
    assert count == 1


@each_length
def test_without_a_momentum_they_are_the_averages_of_all_batches(length):
    layer = norm(momentum=None)
    batches = [batch(seed=seed, length=length) for seed in range(5)]
    axes = 0 if length is None else (0, 2)
    for x in batches:
        layer(x)
    mean, var, count = buffers(layer)
    np.testing.assert_allclose(mean, np.mean([x.mean(axes) for x in batches], 0), rtol=1e-13)
    averaged = np.mean([x.var(axes, ddof=1) for x in batches], 0)
    np.testing.assert_allclose(var, averaged, rtol=1e-12)
    assert count == 5


@each_kind
def test_once_they_have_arrived_evaluation_gives_what_training_gave(kind):
    layer, x = norm(kind, momentum=0.1), batch(1000)
    for _ in range(300):
        trained = layer(x).data
    np.testing.assert_allclose(layer.eval()(x).data, trained, rtol=2e-3, atol=1e-9)


@each_kind
def test_evaluation_uses_them_and_leaves_them_as_they_are(kind):
    layer = norm(kind, eps=0.1).eval()
    layer.running_mean.copy_(MEAN)
    layer.running_var.copy_(STD**2)
    x = batch(1)  # one example is enough
    np.testing.assert_allclose(layer(x).data, (x - MEAN) / np.sqrt(STD**2 + 0.1), rtol=1e-12)
    mean, var, count = buffers(layer)
    assert np.array_equal(mean, MEAN)
    assert np.array_equal(var, STD**2)
    assert count == 0


@each_kind
def test_before_any_training_evaluation_passes_almost_the_input(kind):
    x = batch()
    np.testing.assert_allclose(norm(kind).eval()(x).data, x / np.sqrt(1 + 1e-5), rtol=1e-14)


@each_kind
def test_reset_forgets_the_batches(kind):
    layer = norm(kind)
    layer(batch())
    layer.reset_running_stats()
    mean, var, count = buffers(layer)
    assert [*mean, *var, count] == [0, 0, 0, 1, 1, 1, 0]


@each_kind
def test_a_refused_batch_leaves_no_trace(kind):
    layer = norm(kind, momentum=None)
    with pytest.raises(ValueError, match="has one value"):
        layer(batch(1))
    mean, var, count = buffers(layer)
    assert [*mean, *var, count] == [0, 0, 0, 1, 1, 1, 0]


def test_without_running_statistics_evaluation_uses_the_batch():
    layer, x = norm(track_running_stats=False), batch()
    assert list(layer.state_dict()) == ["weight", "bias"]
    trained = layer(x).data
    np.testing.assert_array_equal(layer.eval()(x).data, trained)
    layer.reset_running_stats()


@each_kind
def test_no_gradient_flows_into_running_statistics(kind):
    layer, x = norm(kind), Tensor(batch(), requires_grad=True)
    out = layer(x)
    assert not layer.running_mean.requires_grad
    assert not layer.running_var.requires_grad
    layer(x)  # writes over them; the first graph must not mind
    (out**2).sum().backward()
    assert np.isfinite(x.grad.data).all()


def test_writing_them_is_noticed_by_graphs_that_used_them():
    layer, x = norm().eval(), Tensor(batch(), requires_grad=True)
    out = layer(x) ** 2
    layer.train()(x)
    layer.running_var.copy_(np.ones(3))
    autograd.grad(out.sum(), x)  # kept are values worked out from them
    out = (layer.running_mean * x).sum()
    layer(x)
    with pytest.raises(RuntimeError, match="changed in place"):
        autograd.grad(out, x)


@each_kind
def test_state_and_names_are_pytorchs(kind):
    layer, other = norm(kind), norm(kind)
    layer(batch())
    assert list(layer.state_dict()) == [
        *("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    ]
    assert layer.num_batches_tracked.dtype == np.int64
    other.load_state_dict(layer.state_dict())
    x = batch(seed=1)
    np.testing.assert_array_equal(other.eval()(x).data, layer.eval()(x).data)
    twin = copy.deepcopy(layer)
    twin.train()(x)
    assert (twin.num_batches_tracked.item(), layer.num_batches_tracked.item()) == (2, 1)


# Dtypes


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_without_factors_the_dtype_stays(dtype, training):
    layer = BatchNorm1d(3, affine=False).train(training)
    out = layer(np.random.default_rng(0).standard_normal((8, 3)).astype(dtype))
    assert out.dtype == dtype
    assert layer.running_mean.dtype == np.float32


@each_kind
def test_wider_data_is_spoken_of_once(kind):
    layer = kind(3)
    with pytest.warns(UserWarning, match="the weight, 'weight' .* meets data") as caught:
        layer(batch())
    assert str(caught[0].message).startswith(repr(layer))
    layer(batch())


# Recording


@each_kind
def test_in_evaluation_it_can_be_recorded(kind):
    layer, x = kind(3).eval(), batch().astype(np.float32)
    graph = autograd.trace(layer, x)
    np.testing.assert_array_equal(graph(2 - x).data, layer(2 - x).data)


@each_kind
def test_in_training_a_recording_says_what_to_do(kind):
    with pytest.raises(autograd.TracingError) as caught:
        autograd.trace(kind(3), batch().astype(np.float32))
    assert str(caught.value) == (
        "This cannot be recorded: batch normalisation in training moves its running statistics at "
        "each call, in place. Record it in evaluation mode, model.eval(), or without running "
        "statistics, BatchNorm1d(…, track_running_stats=False); or train with layer normalisation."
    )


def test_without_running_statistics_training_can_be_recorded():
    layer, x = BatchNorm1d(3, track_running_stats=False), batch().astype(np.float32)
    graph = autograd.trace(layer, x)
    np.testing.assert_array_equal(graph(2 - x).data, layer(2 - x).data)


# What is refused

SINGLE = np.ones((1, 3), np.float32)
AVOID = (
    "Use larger batches, leave a small last one out, or call model.eval() first if this is no "
    "training."
)
CHANNELS = "BatchNorm1d: x is (n, 3) or (n, 3, length), with 3 channels in axis 1, and this is "
REFUSED = [
    (
        lambda: BatchNorm1d(3)(SINGLE),
        "batch_norm: in training a batch has several values for each channel, whose mean and "
        f"variance it takes; this one, (1, 3) float32, has one value. {AVOID}",
    ),
    (
        lambda: BatchRenorm1d(3)(SINGLE[:0]),
        "batch_norm: in training a batch has several values for each channel, whose mean and "
        f"variance it takes; this one, (0, 3) float32, has no value. {AVOID}",
    ),
    (
        lambda: BatchNorm1d(3)(np.ones((8, 5), np.float32)),
        CHANNELS + "(8, 5) float32. Likely the layer before has another number of outputs.",
    ),
    (lambda: BatchNorm1d(3)(SINGLE[0]), CHANNELS + "(3,) float32. For a single row write x[None]."),
    (
        lambda: BatchNorm1d(3)(np.ones((3, 8), np.float32)),
        CHANNELS + "(3, 8) float32. Rows are examples: give x.T.",
    ),
    (
        lambda: BatchNorm1d(3, affine=False, track_running_stats=False)(
            np.ones((2, 4, 3), np.float32)
        ),
        CHANNELS + "(2, 4, 3) float32. The channels stand last: give them axis 1, "
        "x.transpose(0, 2, 1).",
    ),
    (
        lambda: BatchNorm1d(3)(np.ones((2, 3, 1, 1), np.float32)),
        CHANNELS + "(2, 3, 1, 1) float32. To flatten each example: x.reshape(len(x), -1).",
    ),
    (lambda: BatchNorm1d(0), "BatchNorm1d: num_features is a positive whole number, not 0."),
    (
        lambda: BatchNorm1d(3, momentum=1.5),
        "BatchNorm1d: momentum is a share from 0 to 1, or None, not 1.5.",
    ),
    (
        lambda: BatchRenorm1d(3, rmax=0.5),
        "BatchRenorm1d: rmax is 1 or more and dmax 0 or more, not 0.5 and 5.0.",
    ),
    (
        lambda: BatchRenorm1d(3, dmax=-1),
        "BatchRenorm1d: rmax is 1 or more and dmax 0 or more, not 3.0 and -1.",
    ),
    (
        lambda: batch_norm(SINGLE),
        "batch_norm: outside training it takes the running statistics, and there are none. Give "
        "running_mean and running_var, or training=True.",
    ),
    (
        lambda: batch_norm(np.ones((4, 3)), weight=np.ones(5), training=True),
        "batch_norm: x is (n, 5) or (n, 5, length), with 5 channels in axis 1, and this is "
        "(4, 3) float64. Likely the layer before has another number of outputs.",
    ),
]


@pytest.mark.parametrize(("wrong", "expected"), REFUSED)
def test_what_does_not_fit_is_refused(wrong, expected):
    assert message(ValueError, wrong) == expected


def test_they_print_their_settings():
    assert repr(BatchNorm1d(3, momentum=None)) == (
        "BatchNorm1d(3, eps=1e-05, momentum=None, affine=True, track_running_stats=True)"
    )
    assert repr(BatchRenorm1d(3)) == (
        "BatchRenorm1d(3, eps=1e-05, momentum=0.01, affine=True, rmax=3, dmax=5)"
    )
