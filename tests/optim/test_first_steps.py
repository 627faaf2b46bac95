"""Mistakes in a training loop that raise no error elsewhere, and gradients that are not finite."""

import copy
import pickle
import re
import warnings

import numpy as np
import pytest

import optim
from autograd import Tensor


def leaf(name, values=(1.0, 2.0)):
    return Tensor(np.array(values), requires_grad=True, name=name)


def said(loop):
    """The texts of the warnings, and that each points at the line of the loop."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        loop()
    assert all(w.filename == __file__ for w in caught)
    return [str(w.message) for w in caught]


IDLE = (
    "SGD.step: no gradient has reached {}. Either the loss does not depend on it, or its path to "
    "the loss is cut (detach, .data, .numpy, no_grad); to leave it as it is on purpose, set "
    "requires_grad=False."
)
NOTHING = (
    "SGD.step: no parameter has a gradient, so nothing is learned. Call loss.backward() before "
    "step(), and zero_grad() before backward, not after it."
)
NOT_CLEARED = (
    "SGD.step: backward has added to gradients that the step before has used already. Call "
    "zero_grad() in each step, before backward."
)


def loop(rule, loss, steps=6, clear=True, passes=1):
    for _ in range(steps):
        if clear:
            rule.zero_grad()
        for _ in range(passes):
            loss().backward()
        rule.step()


def test_parameters_that_never_get_a_gradient_are_named_once():
    used, idle, other = leaf("used"), leaf("idle"), leaf(None)
    rule = optim.SGD([{"params": [used]}, {"params": [idle, other], "lr": 0.1}])
    texts = said(lambda: loop(rule, lambda: (used * used).sum()))
    assert texts == [IDLE.format("parameter 1, 'idle'; parameter 2")]


def test_one_that_has_had_a_gradient_or_is_frozen_is_not_named():
    used, seldom, frozen = leaf("used"), leaf("seldom"), leaf("frozen")
    frozen.requires_grad = False
    rule = optim.SGD([used, seldom, frozen])
    turn = iter(range(100))

    def loss():
        return (used * (seldom if next(turn) % 4 == 0 else used)).sum()

    assert said(lambda: loop(rule, loss)) == []


def test_parameters_that_are_added_later_are_watched_from_then_on():
    first, second, third = leaf("first"), leaf("second"), leaf("third")
    rule = optim.SGD([first])
    assert said(lambda: loop(rule, lambda: first.sum())) == []
    rule.add_param_group({"params": [second, third]})
    texts = said(lambda: loop(rule, lambda: (first * second).sum()))
    assert texts == [IDLE.format("parameter 2, 'third'")]


def test_steps_without_any_gradient_are_pointed_out_once():
    w = leaf("w")
    rule = optim.SGD([w])

    def wrong_order():
        for _ in range(3):
            w.sum().backward()
            rule.zero_grad()
            rule.step()

    assert said(wrong_order) == [NOTHING]


def test_a_missing_zero_grad_is_pointed_out_once():
    w = leaf("w")
    rule = optim.SGD([w])
    assert said(lambda: loop(rule, lambda: (w * w).sum(), clear=False)) == [NOT_CLEARED]


def test_gradients_accumulated_on_purpose_are_nothing_to_point_out():
    w = leaf("w")
    rule = optim.SGD([w])
    assert said(lambda: loop(rule, lambda: (w * w).sum(), passes=3)) == []


def test_nor_are_steps_on_gradients_assigned_or_written_by_hand():
    w = leaf("w")
    rule = optim.SGD([w])

    def by_hand():
        w.grad = Tensor(np.ones(2))
        for _ in range(4):
            w.grad.copy_(np.ones(2))
            rule.step()
            rule.step()

    assert said(by_hand) == []


def test_nor_are_several_steps_on_accumulated_gradients():
    w = leaf("w")
    rule = optim.SGD([w])

    def twice():
        loop(rule, lambda: w.sum(), steps=1, passes=2)
        rule.step()

    assert said(twice) == []


def test_nor_is_another_optimisers_turn():
    # As in adversarial training: the one's backward also adds to the other's gradients.
    a, b = leaf("a"), leaf("b")
    first, second = optim.SGD([a]), optim.SGD([b])

    def in_turns():
        for _ in range(4):
            for rule in (first, second):
                rule.zero_grad()
                (a * b).sum().backward()
                rule.step()

    assert said(in_turns) == []


@pytest.mark.parametrize("way", [copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))])
def test_copies_watch_for_themselves(way):
    w = leaf("w")
    rule = optim.SGD([w])
    loop(rule, lambda: w.sum(), steps=1)
    other = way(rule)
    (v,) = other.param_groups[0]["params"]
    other.zero_grad()
    assert said(lambda: loop(other, lambda: v.sum(), clear=False)) == [NOT_CLEARED]


# Gradients that are not finite

RULES = [optim.SGD, optim.AdamW, optim.Nesterov, optim.LBFGS, optim.Newton]


@pytest.mark.parametrize("optimizer", RULES)
def test_a_gradient_with_nan_is_an_error_before_anything_changes(optimizer):
    fine, broken = leaf("fine"), leaf("broken", [3.0, 0.0])
    rule = optimizer([fine, broken], check_finite=True)

    def closure():
        with np.errstate(divide="ignore", invalid="ignore"):
            rule.zero_grad()
            loss = (fine * fine).sum() + (broken / broken).sum() + np.sqrt(broken).sum()
            if optimizer is not optim.Newton:
                loss.backward()
        return loss

    with pytest.raises(FloatingPointError) as caught, np.errstate(all="ignore"):
        rule.step(closure)
    assert str(caught.value) == (
        f"{optimizer.__name__}.step: the gradient of parameter 1, 'broken', of shape (2,), has "
        "1 NaN and 0 infinite entries; no parameter was changed.\n"
        "  likely  the learning rate is too large, or the loss divides by 0 or takes the log of 0\n"
        "  find    the operation: run forward and backward within autograd.detect_anomaly()\n"
        "  fix     clip the gradients, lower the learning rate, or leave out this batch"
    )
    np.testing.assert_array_equal([fine.data, broken.data], [[1, 2], [3, 0]])
    assert rule.state == {}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_only_groups_that_ask_for_it_are_checked(bad):
    a, b = leaf("a"), leaf("b")
    rule = optim.SGD([{"params": [a]}, {"params": [b], "check_finite": True}], lr=0.1)
    a.grad, b.grad = Tensor(np.array([bad, 1.0])), Tensor(np.ones(2))
    rule.step()
    assert not np.isfinite(a.data[0])
    b.grad = Tensor(np.array([1.0, bad]))
    with pytest.raises(FloatingPointError, match="parameter 1, 'b'"):
        rule.step()
    b.requires_grad = False
    rule.step()


def test_finite_gradients_may_be_large():
    w = leaf("w")
    rule = optim.SGD([w], lr=0.0, check_finite=True)
    w.grad = Tensor(np.array([1e308, 1e308]))
    rule.step()


# Hyper-parameters that are set between steps

LATE = [
    (optim.SGD, {"lr": float("nan")}, "SGD: lr must be at least 0 and finite; it is nan."),
    (optim.SGD, {"lr": -0.1}, "SGD: lr must be at least 0 and finite; it is -0.1."),
    (optim.SGD, {"momentum": None}, "SGD: momentum must be a number, not None."),
    (optim.SGD, {"nesterov": 1}, "SGD: nesterov is True or False, not 1."),
    (
        optim.SGD,
        {"form": "sum"},
        "SGD: form is one of 'accumulate', 'average', 'velocity', not 'sum'.",
    ),
    (optim.Adam, {"betas": (0.9, 1.0)}, "Adam: betas must be below 1; it is 1.0."),
    (optim.Adam, {"lr": True}, "Adam: lr must be a number, not True."),
    (
        optim.Adam,
        {"betas": 0.9},
        "Adam: betas is a pair such as (0.9, 0.999), and not 0.9.",
    ),
    (optim.Adadelta, {"rho": 1.5}, "Adadelta: rho must be below 1; it is 1.5."),
    (
        optim.Rprop,
        {"etas": (1.2, 0.5)},
        "Rprop: etas must be 0 < η⁻ < 1 < η⁺; they are 1.2 and 0.5.",
    ),
    (
        optim.Rprop,
        {"step_sizes": (1.0, 0.1)},
        "Rprop: step_sizes are a smallest and a largest, not 1.0, 0.1.",
    ),
    (
        optim.Nesterov,
        {"momentum": np.inf},
        "Nesterov: momentum must be at least 0 and finite; it is inf.",
    ),
    (optim.LBFGS, {"max_eval": 2.5}, "LBFGS: max_eval must be a whole number from 1, not 2.5."),
]


@pytest.mark.parametrize(("optimizer", "change", "text"), LATE)
def test_a_bad_value_is_noticed_at_the_next_step(optimizer, change, text):
    w = leaf("w")
    rule = optimizer([w])
    rule.param_groups[0].update(change)
    with pytest.raises(ValueError, match=re.escape(text)) as caught:
        rule.step(lambda: w.sum())
    assert caught.value.__notes__ == ["  param_groups[0] was changed since it was last checked."]
    np.testing.assert_array_equal(w.data, [1, 2])
    with pytest.raises(ValueError, match=re.escape(text)):  # until it is mended
        rule.step(lambda: w.sum())


def test_groups_are_checked_when_they_have_changed_and_not_at_every_step(monkeypatch):
    w = leaf("w")
    rule, checked = optim.SGD([w]), []
    monkeypatch.setattr(rule, "_check", checked.append)
    w.grad = Tensor(np.ones(2))
    for lr in (1e-3, 1e-3, 0.1, 0.1, 0.1):
        rule.param_groups[0]["lr"] = lr
        rule.step()
    assert len(checked) == 1


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            lambda rule: rule.param_groups[0].update(params=(leaf("v"),)),
            "SGD: the parameters of param_groups[0] were exchanged. Make a new SGD for them, or "
            "add them by add_param_group.",
        ),
        (
            lambda rule: rule.param_groups.append({"params": (leaf("v"),), "lr": 1.0}),
            "SGD: groups are added by SGD.add_param_group(group).",
        ),
    ],
)
def test_parameters_exchanged_behind_the_optimisers_back_are_noticed(change, text):
    rule = optim.SGD([leaf("w")])
    change(rule)
    with pytest.raises(ValueError, match=re.escape(text)):
        rule.step()
