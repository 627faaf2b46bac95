"""The threshold unit: what it computes, how it learns, what it can and cannot learn."""

import numpy as np
import pytest
from support.checks import message

import autograd
from autograd import Tensor
from nn.perceptron import Perceptron

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
AND, OR, XOR = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1]), np.array([0, 1, 1, 0])


def unit(weight, bias):
    perceptron = Perceptron(len(weight))
    perceptron.weight.data = np.array(weight, np.float32)
    perceptron.bias.data = np.array(bias, np.float32)
    return perceptron


def test_the_answer_is_1_from_0_on():
    below, on, above = -0.001, 0.0, 0.001
    answers = unit([1, 0], 0)(np.array([[below, 9], [on, 9], [above, 9]], np.float32))
    assert answers.data.tolist() == [0, 1, 1]
    assert answers.dtype == np.float32
    assert not answers.requires_grad  # a step has no slope


def test_a_single_row_and_more_axes():
    perceptron = unit([1, -2], 1)
    assert perceptron(np.array([1, 1], np.float32)).item() == 1
    assert perceptron(np.ones((3, 4, 2), np.float32)).shape == (3, 4)


def test_the_rule_moves_the_weights_by_the_error_times_the_input():
    perceptron = unit([0.5, -0.25], -1)
    assert perceptron.update([2, 4], 1, lr=0.1) == 1  # 0.5·2 − 0.25·4 − 1 < 0, but 1 is right
    np.testing.assert_allclose(perceptron.weight.data, [0.7, 0.15], rtol=1e-6)
    assert perceptron.bias.item() == pytest.approx(-0.9)
    assert perceptron.update([2, 4], 1, lr=0.1) == 0
    np.testing.assert_allclose(perceptron.weight.data, [0.7, 0.15], rtol=1e-6)
    assert perceptron.update([2, 4], 0, lr=0.1) == 1
    np.testing.assert_allclose(perceptron.weight.data, [0.5, -0.25], rtol=1e-6)


@pytest.mark.parametrize("lr", [1.0, 0.25])
def test_the_rule_is_the_gradient_step_of_the_loss(lr):
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(50):
        weight, bias = rng.integers(-8, 9, 3) / 4, rng.integers(-8, 9) / 4
        row, answer = rng.integers(-8, 9, 3) / 4, rng.integers(2)
        stepped, updated = unit(weight, bias), unit(weight, bias)
        stepped.loss(row.astype(np.float32), answer).backward()
        for parameter in stepped.parameters():
            parameter.data = parameter.data - lr * parameter.grad.data
        wrong += updated.update(row, answer, lr)
        np.testing.assert_array_equal(updated.weight.data, stepped.weight.data)
        np.testing.assert_array_equal(updated.bias.data, stepped.bias.data)
    assert 10 < wrong < 40


def test_the_loss_is_the_distance_of_wrong_sums_from_0():
    perceptron = unit([1, 1], -1.5)
    sums = np.array([-1.5, -0.5, -0.5, 0.5])
    assert perceptron.loss(CORNERS, AND).item() == 0
    wrong = perceptron(CORNERS).data != XOR
    assert perceptron.loss(CORNERS, XOR).item() == np.abs(sums[wrong]).sum()


def test_rows_are_learned_one_after_the_other():
    together, alone = unit([0, 0], 0), unit([0, 0], 0)
    mistakes = sum(alone.update(x, y) for x, y in zip(CORNERS, AND, strict=True))
    assert together.update(CORNERS, AND) == mistakes
    np.testing.assert_array_equal(together.weight.data, alone.weight.data)
    np.testing.assert_array_equal(together.bias.data, alone.bias.data)


@pytest.mark.parametrize("answers", [AND, OR], ids=["AND", "OR"])
def test_it_learns_and_and_or(answers):
    perceptron = Perceptron(2)
    rounds = [perceptron.update(CORNERS, answers) for _ in range(20)]
    assert rounds[-1] == 0
    assert perceptron(CORNERS).data.tolist() == answers.tolist()


def test_it_cannot_learn_xor():
    perceptron = Perceptron(2)
    assert all(perceptron.update(CORNERS, XOR) > 0 for _ in range(200))
    assert perceptron(CORNERS).data.tolist() != XOR.tolist()


def test_xor_is_a_unit_over_units_for_and_and_or():
    both, either = unit([1, 1], -1.5), unit([1, 1], -0.5)
    hidden = np.stack([both(CORNERS).data, either(CORNERS).data], 1)
    assert unit([-2, 1], -0.5)(hidden).data.tolist() == XOR.tolist()


def test_learning_in_place_is_seen_by_graphs_made_before():
    perceptron = unit([1, 1], 0)
    x = Tensor(CORNERS, requires_grad=True)
    loss = perceptron.loss(x, XOR)
    perceptron.update(CORNERS, XOR)
    with pytest.raises(RuntimeError, match="changed in place"):
        autograd.grad(loss, x)


REFUSED = [
    (
        lambda p: p.update(CORNERS, 2 * AND - 1),
        "Perceptron: answers are 0 or 1, and the first that is not is -1. For −1 and 1 write "
        "(y + 1) / 2.",
    ),
    (
        lambda p: p.loss(CORNERS, AND / 2),
        "Perceptron: answers are 0 or 1, and the first that is not is 0.5.",
    ),
    (
        lambda p: p.update(CORNERS, AND[:, None]),
        "Perceptron: there is one answer for each row, shape (4,), and y is (4, 1) int64.",
    ),
    (
        lambda p: p(CORNERS.T),
        "Perceptron: it has 2 inputs, x is (..., 2), and this is (2, 4) float32.",
    ),
]


@pytest.mark.parametrize(("wrong", "expected"), REFUSED)
def test_what_does_not_fit_is_refused_and_changes_nothing(wrong, expected):
    perceptron = Perceptron(2)
    assert message(ValueError, lambda: wrong(perceptron)) == expected
    assert not perceptron.weight.data.any()


def test_it_prints_its_size():
    assert repr(Perceptron(2)) == "Perceptron(in_features=2)"
