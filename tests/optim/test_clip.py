"""Gradients measured, clipped, made noisy, and collected over several batches."""

import math

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import Tensor
from optim import (
    accumulate,
    add_grad_noise_,
    clip_grad_norm_,
    clip_grad_value_,
    grad_norm,
)


def parameter(gradient, dtype=np.float64, name=None):
    gradient = np.array(gradient, dtype)
    tensor = Tensor(np.zeros_like(gradient), requires_grad=True, name=name)
    tensor.grad = Tensor(gradient)
    return tensor


def two():
    return [parameter([3.0, -4.0]), parameter([[1.0, 2.0], [0.5, -1.0]])]


# Norms

# The norm before, and the first gradient after clipping to norm 2: PyTorch 2.13.0,
# torch.nn.utils.clip_grad_norm_ on `two()` in float64.
CLIPPED = [
    (2, 5.5901699437494745, [1.0733124371999332, -1.431083249599911]),
    (1, 11.5, [0.5217390850661665, -0.6956521134215554]),
    (math.inf, 4.0, [1.4999996250000938, -1.999999500000125]),
    (3, 4.658929924313379, [1.2878491004638073, -1.7171321339517431]),
    (0.5, 61.67543843737767, [0.09728345764106175, -0.129711276854749]),
]


@pytest.mark.parametrize(("norm_type", "norm", "first"), CLIPPED)
def test_clipping_by_norm_is_that_of_pytorch(norm_type, norm, first):
    assert grad_norm(two(), norm_type) == pytest.approx(norm, rel=1e-14)
    parameters = two()
    assert clip_grad_norm_(parameters, 2.0, norm_type) == pytest.approx(norm, rel=1e-14)
    np.testing.assert_allclose(parameters[0].grad.data, first, rtol=1e-13)
    factor = first[0] / 3
    np.testing.assert_allclose(parameters[1].grad.data, two()[1].grad.data * factor, rtol=1e-13)


def test_a_norm_that_is_small_enough_changes_nothing():
    parameters = two()
    assert clip_grad_norm_(parameters, 6.0) == pytest.approx(5.5901699437494745)
    for after, before in zip(parameters, two(), strict=True):
        np.testing.assert_array_equal(after.grad.data, before.grad.data)


@pytest.mark.parametrize("norm_type", [1, 2, 3])
@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e160, 1e300])
def test_norms_neither_overflow_nor_vanish(norm_type, scale):
    parameters = [parameter([3 * scale]), parameter([4 * scale])]
    expected = (3**norm_type + 4**norm_type) ** (1 / norm_type) * scale
    assert grad_norm(parameters, norm_type) == pytest.approx(expected, rel=1e-12, abs=0)


def test_half_precision_is_summed_in_single():
    halves = parameter(np.full(10_007, 30.0), np.float16)
    assert grad_norm(halves) == pytest.approx(30 * math.sqrt(10_007), rel=1e-6)


def test_many_entries_whose_squares_vanish_still_count():
    few = parameter([1e-19], np.float32)
    many = parameter(np.full(1_000_000, 1e-23), np.float32)  # squared, 0 in single precision
    assert grad_norm([few, many]) == pytest.approx(math.sqrt(1.01) * 1e-19, rel=1e-5, abs=0)


def test_what_a_norm_covers():
    a, b = two()
    without = Tensor(np.zeros(2), requires_grad=True)
    assert grad_norm(a) == 5.0
    assert grad_norm([a, without]) == 5.0
    assert grad_norm([a, a]) == 5.0  # the same parameter twice is one
    assert grad_norm([parameter([0.0, 0.0])]) == 0.0
    assert grad_norm([a, parameter(np.zeros((0, 3)))]) == 5.0
    assert grad_norm(p for p in (a, b)) == grad_norm([a, b])


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("place", [0, 1])
def test_what_is_not_finite_shows_in_the_norm_wherever_it_stands(bad, place):
    parameters = [parameter([1.0]), parameter([1.0])]
    parameters[place].grad.data[0] = bad
    for norm_type in (1, 2, math.inf):
        assert not math.isfinite(grad_norm(parameters, norm_type))


def test_a_norm_that_is_not_finite_can_be_an_error_that_changes_nothing():
    good = parameter([3.0])
    bad = parameter([[1.0, math.nan], [math.inf, 0.0]], name="layers.0.weight")
    with pytest.raises(RuntimeError) as caught:
        clip_grad_norm_([good, bad], 1.0, error_if_nonfinite=True)
    assert str(caught.value) == (
        "clip_grad_norm_: the gradient of layers.0.weight, (2, 2), has 2 entries that are NaN or "
        "infinite, so there is no norm to clip by. Look for log(0), a division by 0 or an overflow "
        "in the loss; autograd.detect_anomaly() shows where they come from."
    )
    assert good.grad.data[0] == 3.0


# Values


def test_clipping_by_value_limits_each_entry():
    parameters = two()
    clip_grad_value_(parameters, 1.5)
    np.testing.assert_array_equal(parameters[0].grad.data, [1.5, -1.5])
    np.testing.assert_array_equal(parameters[1].grad.data, [[1.0, 1.5], [0.5, -1.0]])


# Where gradients live

CHANGES = [
    lambda p: clip_grad_norm_(p, 0.5),
    lambda p: clip_grad_value_(p, 0.5),
    lambda p: add_grad_noise_(p, 0, generator=np.random.default_rng(0)),
]


@pytest.mark.parametrize("change", CHANGES)
def test_gradients_are_changed_where_an_optimiser_keeps_them(change):
    tensors = [Tensor(np.ones(3), requires_grad=True) for _ in range(2)]
    optimizer = optim.SGD(tensors, lr=1.0)
    (tensors[0].sum() + 2 * tensors[1].sum()).backward()
    arrays = [t.grad.data for t in tensors]
    change(tensors)
    assert all(t.grad.data is a for t, a in zip(tensors, arrays, strict=True))
    optimizer.step()
    for tensor in tensors:
        np.testing.assert_array_equal(tensor.data, 1 - tensor.grad.data)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_gradient_that_cannot_be_written_is_replaced(change, dtype):
    tensor = Tensor(np.zeros(3, dtype), requires_grad=True)
    frozen = np.broadcast_to(dtype(2.0), 3)
    tensor.grad = Tensor(frozen)
    change(tensor)
    assert tensor.grad.dtype == dtype
    assert not np.array_equal(tensor.grad.data, frozen)
    np.testing.assert_array_equal(frozen, 2.0)


def test_clipping_a_gradient_that_is_part_of_a_graph_is_noticed_by_it():
    x = Tensor(np.array([3.0]), requires_grad=True)
    x.grad = Tensor(np.array([2.0]), requires_grad=True)
    square = (x.grad * x.grad).sum()
    clip_grad_value_(x, 1.0)
    with pytest.raises(RuntimeError, match="was changed in place after the forward pass"):
        square.backward()


# Noise


def test_noise_has_the_variance_of_the_paper_and_fades():
    for t, variance in [(0, 0.3), (9, 0.3 / 10**0.55), (99, 0.3 / 100**0.55)]:
        tensor = parameter(np.zeros(100_000))
        add_grad_noise_(tensor, t, eta=0.3, generator=np.random.default_rng(t))
        assert np.var(tensor.grad.data) == pytest.approx(variance, rel=0.02)
        assert abs(np.mean(tensor.grad.data)) < 0.01
    tensor = parameter(np.zeros(100_000))
    add_grad_noise_(tensor, 3, eta=1.0, gamma=1.0, generator=np.random.default_rng(0))
    assert np.var(tensor.grad.data) == pytest.approx(0.25, rel=0.02)


def test_noise_is_added_and_comes_from_the_projects_generator():
    drawn = []
    for _ in range(2):
        autograd.manual_seed(5)
        tensor = parameter([100.0, -100.0])
        add_grad_noise_(tensor, 0)
        drawn.append(tensor.grad.data)
    np.testing.assert_array_equal(drawn[0], drawn[1])
    np.testing.assert_allclose(drawn[0], [100, -100], atol=1)
    assert drawn[0][0] != 100


# Accumulation


def network():
    return nn.Sequential(
        nn.Linear(3, 4, generator=np.random.default_rng(1)),
        nn.Tanh(),
        nn.Linear(4, 2, generator=np.random.default_rng(2)),
    )


def test_uneven_batches_give_the_gradient_of_all_examples_at_once():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((11, 3)), rng.integers(0, 2, 11)
    x = x.astype(np.float32)
    whole, parts = network(), network()
    loss = nn.CrossEntropyLoss()
    expected = loss(whole(x), y)
    expected.backward()
    with accumulate(parts.parameters()) as batch:
        for rows in (slice(0, 4), slice(4, 8), slice(8, 11)):
            batch.add(loss(parts(x[rows]), y[rows]), len(x[rows]))
    assert batch.loss == pytest.approx(expected.item(), rel=1e-6)
    for p, q in zip(parts.parameters(), whole.parameters(), strict=True):
        np.testing.assert_allclose(p.grad.data, q.grad.data, rtol=2e-5, atol=1e-7)


def test_accumulation_weighs_by_examples():
    w = Tensor(np.array(0.0), requires_grad=True)
    with accumulate(w) as batch:
        assert math.isnan(batch.loss)
        batch.add(3 * w + 1, 1)
        batch.add(7 * w + 5, 3)
    assert w.grad.item() == (3 * 1 + 7 * 3) / 4
    assert batch.loss == (1 * 1 + 5 * 3) / 4


def test_an_error_within_leaves_no_half_gradient():
    w = Tensor(np.array(0.0), requires_grad=True)

    def collect():
        with accumulate(w) as batch:
            batch.add(3 * w, 1)
            raise KeyError

    with pytest.raises(KeyError):
        collect()
    assert w.grad is None


def test_accumulation_may_be_used_step_after_step():
    w = Tensor(np.array(1.0), requires_grad=True)
    optimizer = optim.SGD([w], lr=0.1)
    batch = accumulate([w])
    for expected in (0.8, 0.6):
        optimizer.zero_grad()
        with batch:
            batch.add(1 * w, 2)
            batch.add(3 * w, 2)
        optimizer.step()
        assert w.item() == pytest.approx(expected)


# Wrong calls

w = Tensor(np.zeros(2), requires_grad=True)
layer = nn.Linear(2, 1)
WRONG = {
    "model": (
        lambda: clip_grad_norm_(layer, 1.0),
        TypeError,
        "clip_grad_norm_ takes parameters: write clip_grad_norm_(model.parameters(), …).",
    ),
    "used up": (
        lambda: clip_grad_value_(iter(()), 1.0),
        ValueError,
        "clip_grad_value_: there are no parameters. A generator such as model.parameters() is used "
        "up after one pass; call it again.",
    ),
    "arrays": (
        lambda: grad_norm([np.zeros(2)]),
        TypeError,
        "grad_norm: parameter 0 is a ndarray, not a Tensor. For pairs of name and parameter use "
        "model.parameters().",
    ),
    "too early": (
        lambda: clip_grad_norm_([w], 1.0),
        ValueError,
        "clip_grad_norm_: none of the 1 parameters has a gradient. Its place is between "
        "loss.backward() and optimizer.step().",
    ),
    "norm": (
        lambda: clip_grad_norm_(two(), -1.0),
        ValueError,
        "clip_grad_norm_: max_norm is at least 0, not -1.0.",
    ),
    "norm NaN": (
        lambda: clip_grad_norm_(two(), math.nan),
        ValueError,
        "clip_grad_norm_: max_norm is at least 0, not nan.",
    ),
    "norm type": (
        lambda: clip_grad_norm_(two(), 1.0, 0),
        ValueError,
        "grad_norm: norm_type is above 0 (2 is usual), not 0.",
    ),
    "value": (
        lambda: clip_grad_value_(two(), -0.1),
        ValueError,
        "clip_grad_value_: clip_value is at least 0, not -0.1.",
    ),
    "noise": (
        lambda: add_grad_noise_(two(), -1),
        ValueError,
        "add_grad_noise_: t is at least 0, not -1.",
    ),
    "examples": (
        lambda: accumulate([w]).add(w.sum(), 0),
        ValueError,
        "accumulate.add: the second argument is how many examples the loss is the mean of, "
        "len(x), and not 0.",
    ),
    "gradients before": (
        lambda: accumulate(two()).__enter__(),
        RuntimeError,
        "accumulate: there are gradients already, of which a mean cannot be made. Call "
        "optimizer.zero_grad() first.",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), WRONG.values(), ids=WRONG.keys())
def test_wrong_calls_say_what_to_do(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
