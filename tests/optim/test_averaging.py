"""Averages of a series and of weights."""

import copy
import math
import pickle

import numpy as np
import pytest

import nn
import optim
from autograd import Tensor
from optim import ExponentiallyWeightedAverage, WeightAverage

# Series


def test_the_lectures_number_for_098_after_two_values():
    average = ExponentiallyWeightedAverage(0.98)
    np.testing.assert_allclose(average.weights(2), [0.495, 0.505], atol=5e-4)
    theta = [40.0, 49.0]
    for value in theta:
        average.update(value)
    assert average.value == pytest.approx(0.495 * 40 + 0.505 * 49, abs=0.01)
    assert average.value == pytest.approx((0.0196 * 40 + 0.02 * 49) / 0.0396, rel=1e-14)


@pytest.mark.parametrize(("beta", "window"), [(0.9, 10), (0.98, 50), (0.5, 2), (0.0, 1)])
def test_the_window_is_one_by_one_minus_beta(beta, window):
    assert ExponentiallyWeightedAverage(beta).window == pytest.approx(window)


def test_without_correction_it_begins_far_too_low():
    average = ExponentiallyWeightedAverage(0.9, bias_correction=False)
    assert [average.update(1.0) for _ in range(3)] == pytest.approx([0.1, 0.19, 0.271])


@pytest.mark.parametrize("correct", [True, False])
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.98])
def test_weights_are_those_that_updating_uses(beta, correct):
    theta = np.random.default_rng(0).standard_normal((7, 3))
    average = ExponentiallyWeightedAverage(beta, correct)
    for t, values in enumerate(theta, 1):
        got = average.update(values)
        np.testing.assert_allclose(got, average.weights(t) @ theta[:t], rtol=1e-12)
    assert average.t == 7
    total = 1.0 if correct else 1 - beta**7
    assert average.weights(7).sum() == pytest.approx(total)


def test_a_constant_series_is_its_own_corrected_average():
    average = ExponentiallyWeightedAverage(0.99)
    assert [average.update(3.0) for _ in range(50)] == pytest.approx([3.0] * 50)


def test_before_the_first_value_there_is_no_average():
    assert math.isnan(ExponentiallyWeightedAverage(0.9).value)


def test_values_given_are_not_kept_by_reference():
    average = ExponentiallyWeightedAverage(0.0)
    theta = np.ones(2)
    average.update(theta)
    theta[:] = 7
    np.testing.assert_array_equal(average.value, 1.0)


@pytest.mark.parametrize(
    ("beta", "message"),
    [
        (
            1.0,
            "ExponentiallyWeightedAverage: beta is at least 0 and below 1, not 1.0. With 1 the "
            "average would never move from 0.",
        ),
        (-0.1, "ExponentiallyWeightedAverage: beta is at least 0 and below 1, not -0.1."),
        (math.nan, "ExponentiallyWeightedAverage: beta is at least 0 and below 1, not nan."),
    ],
)
def test_beta_out_of_range(beta, message):
    with pytest.raises(ValueError, match="beta") as caught:
        ExponentiallyWeightedAverage(beta)
    assert str(caught.value) == message


# Weights


def weights(*values, dtype=np.float64):
    return Tensor(np.array([values], dtype), requires_grad=True)


# PyTorch 2.13.0: AveragedModel of Linear(2, 1) in float64 with weight (1, 2), updated four times,
# weight ← 1 − weight / 2 after each; with get_swa_multi_avg_fn() and get_ema_multi_avg_fn(0.9).
AVERAGED = [(None, [[0.71875, 0.875]]), (0.9, [[0.8995, 1.598]])]


@pytest.mark.parametrize(("decay", "expected"), AVERAGED)
def test_averages_are_those_of_pytorch(decay, expected):
    w = weights(1.0, 2.0)
    average = WeightAverage([w], decay)
    for _ in range(4):
        average.update()
        w.data = 1 - w.data / 2
    np.testing.assert_allclose(average.averages[0], expected, rtol=1e-14)
    assert average.updates == 4


def test_the_mean_of_weights_is_their_mean():
    w = weights(0.0)
    average = WeightAverage([w])
    for value in (1.0, 2.0, 6.0):
        w.data = [[value]]
        average.update()
    assert average.averages[0] == pytest.approx(3.0)


def test_swapped_in_the_model_computes_with_the_averages_and_then_with_its_own_again():
    model = nn.Linear(2, 1)
    average = WeightAverage(model, decay=0.5)
    average.update()
    first = [p.data.copy() for p in model.parameters()]
    for p in model.parameters():
        p.data = p.data + 1
    average.update()
    own = [p.data.copy() for p in model.parameters()]
    with average.swapped_in():
        for p, before in zip(model.parameters(), first, strict=True):
            np.testing.assert_allclose(p.data, before + 0.5, rtol=1e-6)
    for p, before in zip(model.parameters(), own, strict=True):
        np.testing.assert_array_equal(p.data, before)


def test_an_error_while_swapped_in_swaps_back():
    w = weights(1.0)
    average = WeightAverage([w])
    average.update()
    w.data = [[9.0]]

    def evaluate():
        with average.swapped_in():
            assert w.item() == 1.0
            raise KeyError

    with pytest.raises(KeyError):
        evaluate()
    assert w.item() == 9.0
    with average.swapped_in():
        assert w.item() == 1.0


def test_a_graph_over_the_swap_is_noticed():
    w = weights(1.0)
    average = WeightAverage([w])
    average.update()
    loss = (w * w).sum()
    with average.swapped_in(), pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_the_average_follows_an_optimiser_that_moved_the_weights_into_its_buffer():
    w = weights(1.0)
    average = WeightAverage([w])
    optimizer = optim.SGD([w], lr=1.0)
    for _ in range(2):
        optimizer.zero_grad()
        w.sum().backward()
        optimizer.step()
        average.update()
    assert average.averages[0].item() == -0.5
    average.copy_to_model()
    assert w.item() == -0.5
    optimizer.zero_grad()
    w.sum().backward()
    optimizer.step()
    assert w.item() == -1.5


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_averages_keep_the_dtype(dtype):
    w = weights(1.0, dtype=dtype)
    average = WeightAverage(w, decay=0.9)
    average.update()
    average.update()
    assert average.averages[0].dtype == dtype
    with average.swapped_in():
        assert w.dtype == dtype


@pytest.mark.parametrize("through", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_a_saved_average_goes_on_exactly(through):
    rng = np.random.default_rng(0)
    series = rng.standard_normal((9, 1, 1))
    w, v = weights(0.0), weights(0.0)
    first, second = WeightAverage([w], 0.7), WeightAverage([v])
    for value in series[:4]:
        w.data = value
        first.update()
    second.load_state_dict(through(first.state_dict()))
    for value in series[4:]:
        w.data = v.data = value
        first.update()
        second.update()
    np.testing.assert_array_equal(first.averages, second.averages)
    assert second.state_dict()["updates"] == 9


def test_a_state_is_a_copy():
    w = weights(1.0)
    average = WeightAverage([w])
    average.update()
    state = average.state_dict()
    w.data = [[3.0]]
    average.update()
    assert state["averages"][0].item() == 1.0


def swapped(action):
    average = WeightAverage([weights(1.0)])
    average.update()
    with average.swapped_in():
        action(average)


WRONG = {
    "decay": (
        lambda: WeightAverage([weights(1.0)], 1.0),
        ValueError,
        "WeightAverage: decay is at least 0 and below 1 (0.999 is usual), not 1.0; leave it out "
        "for the plain mean.",
    ),
    "nothing": (
        lambda: WeightAverage([]),
        ValueError,
        "WeightAverage: there are no parameters. A generator such as model.parameters() is used "
        "up after one pass; call it again.",
    ),
    "no update": (
        lambda: WeightAverage([weights(1.0)]).copy_to_model(),
        RuntimeError,
        "WeightAverage.copy_to_model(): there is no average yet. Call update() after each "
        "optimizer.step().",
    ),
    "no update to swap": (
        lambda: WeightAverage([weights(1.0)]).swapped_in().__enter__(),
        RuntimeError,
        "WeightAverage.swapped_in(): there is no average yet. Call update() after each "
        "optimizer.step().",
    ),
    "swapped twice": (
        lambda: swapped(lambda average: average.swapped_in().__enter__()),
        RuntimeError,
        "WeightAverage.swapped_in() within swapped_in(): it is swapped in.",
    ),
    "update while swapped": (
        lambda: swapped(lambda average: average.update()),
        RuntimeError,
        "WeightAverage.update() within swapped_in(): the model holds the averages there. Train "
        "and update outside of it.",
    ),
    "other shapes": (
        lambda: WeightAverage([weights(1.0)]).load_state_dict(
            WeightAverage([weights(1.0, 2.0)]).state_dict()
        ),
        ValueError,
        "WeightAverage.load_state_dict: the state has averages of shapes [(1, 2)], and the "
        "parameters have [(1, 1)]. Nothing was changed.",
    ),
    "another state": (
        lambda: WeightAverage([weights(1.0)]).load_state_dict({"weight": 1.0}),
        ValueError,
        "WeightAverage.load_state_dict takes what state_dict() gives: decay, updates, averages.",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), WRONG.values(), ids=WRONG.keys())
def test_wrong_calls_say_what_to_do(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
