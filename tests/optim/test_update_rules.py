"""Every update rule against the formula that its source and the curriculum write.

(test_trajectories.py compares with PyTorch.)
"""

import numpy as np
import pytest

import optim
from autograd import Tensor

A = np.array([[3.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 1.0]])
b = np.array([1.0, -2.0, 0.5])
LR = 0.01


def run(rule, learned, gradients):
    points = []
    for g in gradients:
        learned.grad = Tensor(g)
        rule.step()
        points.append(learned.data.copy())
    return points


# One step each, on plain arrays: s is what is remembered, empty at first.


def accumulate(w, g, s, t, lr):
    s["v"] = 0.9 * s.get("v", 0) + g
    return w - lr * s["v"]


def average(w, g, s, t, lr):
    s["v"] = 0.9 * s.get("v", 0) + (1 - 0.9) * g
    return w - lr * s["v"]


def velocity(w, g, s, t, lr):
    s["v"] = 0.9 * s.get("v", 0) + lr * g
    return w - s["v"]


def nesterov_velocity(w, g, s, t, lr):
    s["v"] = 0.9 * s.get("v", 0) + lr * g
    return w - (0.9 * s["v"] + lr * g)


def nesterov_average(w, g, s, t, lr):
    s["v"] = 0.9 * s.get("v", 0) + (1 - 0.9) * g
    return w - lr * (0.9 * s["v"] + (1 - 0.9) * g)


def adagrad(w, g, s, t, lr):
    s["G"] = s.get("G", 0) + g**2
    return w - lr * g / (np.sqrt(s["G"]) + 1e-10)


def rmsprop(w, g, s, t, lr):
    s["S"] = 0.9 * s.get("S", 0) + 0.1 * g**2
    return w - lr * g / (np.sqrt(s["S"]) + 1e-3)


def rmsprop_inside(w, g, s, t, lr):
    s["S"] = 0.9 * s.get("S", 0) + 0.1 * g**2
    return w - lr * g / np.sqrt(s["S"] + 1e-3)


def rmsprop_centered_inside(w, g, s, t, lr):
    s["S"] = 0.9 * s.get("S", 0) + 0.1 * g**2
    s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
    s["b"] = 0.5 * s.get("b", 0) + g / np.sqrt(s["S"] - s["m"] ** 2 + 1e-3)
    return w - lr * s["b"]


def adadelta(w, g, s, t, lr):
    s["S"] = 0.9 * s.get("S", 0) + 0.1 * g**2
    delta = np.sqrt(s.get("U", 0) + 1e-6) / np.sqrt(s["S"] + 1e-6) * g
    s["U"] = 0.9 * s.get("U", 0) + 0.1 * delta**2
    return w - lr * delta


def adam(w, g, s, t, lr):
    s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
    s["v"] = 0.999 * s.get("v", 0) + 0.001 * g**2
    m_hat, v_hat = s["m"] / (1 - 0.9**t), s["v"] / (1 - 0.999**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + 1e-8)


def adamw(w, g, s, t, lr):
    return adam(w - lr * 0.1 * w, g, s, t, lr)


def adamax(w, g, s, t, lr):
    s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
    s["u"] = np.maximum(0.999 * s.get("u", 0), np.abs(g))
    return w - lr / (1 - 0.9**t) * s["m"] / s["u"]


def nadam(w, g, s, t, lr):  # Dozat's: μ without warm-up, the limit of a large ψ
    s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
    s["v"] = 0.999 * s.get("v", 0) + 0.001 * g**2
    m_bar = 0.9 * s["m"] / (1 - 0.9 ** (t + 1)) + 0.1 * g / (1 - 0.9**t)
    return w - lr * m_bar / (np.sqrt(s["v"] / (1 - 0.999**t)) + 1e-8)


def radam(w, g, s, t, lr):
    s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
    s["v"] = 0.99 * s.get("v", 0) + 0.01 * g**2
    m_hat, most = s["m"] / (1 - 0.9**t), 2 / (1 - 0.99) - 1
    rho = most - 2 * t * 0.99**t / (1 - 0.99**t)
    if rho <= 5:
        return w - lr * m_hat
    r = np.sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho))
    return w - lr * r * m_hat * np.sqrt(1 - 0.99**t) / np.sqrt(s["v"])


def rprop(w, g, s, t, lr):
    size = s.get("size", np.full_like(w, lr))
    product = g * s.get("g", 0)
    size = np.where(product > 0, size * 1.2, np.where(product < 0, size * 0.5, size))
    s["size"] = np.clip(size, 1e-6, 50)
    s["g"] = np.where(product < 0, 0, g)
    return w - np.sign(s["g"]) * s["size"]


SOURCES = [
    (accumulate, optim.SGD, {"momentum": 0.9}),
    (average, optim.SGD, {"momentum": 0.9, "form": "average"}),
    (velocity, optim.SGD, {"momentum": 0.9, "form": "velocity"}),
    (nesterov_velocity, optim.SGD, {"momentum": 0.9, "form": "velocity", "nesterov": True}),
    (nesterov_average, optim.SGD, {"momentum": 0.9, "form": "average", "nesterov": True}),
    (adagrad, optim.Adagrad, {}),
    (rmsprop, optim.RMSprop, {"alpha": 0.9, "eps": 1e-3}),
    (rmsprop_inside, optim.RMSprop, {"alpha": 0.9, "eps": 1e-3, "eps_inside": True}),
    (
        rmsprop_centered_inside,
        optim.RMSprop,
        {"alpha": 0.9, "eps": 1e-3, "eps_inside": True, "centered": True, "momentum": 0.5},
    ),
    (adadelta, optim.Adadelta, {}),
    (adam, optim.Adam, {}),
    (adamw, optim.AdamW, {"weight_decay": 0.1}),
    (adamax, optim.Adamax, {"eps": 0}),
    (nadam, optim.NAdam, {"momentum_decay": 1e6}),
    (radam, optim.RAdam, {"betas": (0.9, 0.99), "eps": 0}),
    (rprop, optim.Rprop, {}),
]


@pytest.mark.parametrize(("formula", "optimizer", "settings"), SOURCES)
def test_steps_follow_the_source_also_when_the_rate_changes(formula, optimizer, settings):
    rng = np.random.default_rng(0)
    start, gradients = rng.standard_normal((4, 3)), rng.standard_normal((100, 4, 3))
    w, remembered = start.copy(), {}
    learned = Tensor(start.copy(), requires_grad=True)
    rule = optimizer([learned], lr=LR, **settings)
    for t, g in enumerate(gradients, start=1):
        lr = rule.param_groups[0]["lr"] = LR if t < 50 else LR / 3
        w = formula(w, g, remembered, t, lr)
        learned.grad = Tensor(g)
        rule.step()
    np.testing.assert_allclose(learned.data, w, rtol=1e-10)


@pytest.mark.parametrize(("formula", "optimizer", "settings"), SOURCES)
def test_maximising_is_minimising_the_negative(formula, optimizer, settings):
    rng = np.random.default_rng(0)
    start, gradients = rng.standard_normal(5), rng.standard_normal((20, 5))
    up, down = (Tensor(start.copy(), requires_grad=True) for _ in range(2))
    a = run(optimizer([up], lr=LR, maximize=True, **settings), up, gradients)
    b = run(optimizer([down], lr=LR, **settings), down, -gradients)
    np.testing.assert_array_equal(a, b)


def test_the_average_of_ones_from_zero():
    # Curriculum E2: with β = 0.9 and g = 1, v = 0.1, 0.19, 0.271.
    w = Tensor(np.zeros(1), requires_grad=True)
    rule = optim.SGD([w], lr=1.0, momentum=0.9, form="average")
    v = -np.diff(np.ravel([0.0, *np.ravel(run(rule, w, np.ones((3, 1))))]))
    np.testing.assert_allclose(v, [0.1, 0.19, 0.271], rtol=1e-12)


@pytest.mark.parametrize("form", ["accumulate", "average", "velocity"])
def test_without_momentum_all_forms_are_gradient_descent(form):
    w = Tensor(np.zeros(2), requires_grad=True)
    run(optim.SGD([w], lr=0.5, form=form), w, [np.array([1.0, -2.0])] * 2)
    np.testing.assert_array_equal(w.data, [-1.0, 2.0])


def test_the_forms_differ_by_a_factor_and_by_what_a_changed_rate_does():
    rng = np.random.default_rng(0)
    gradients, ends = rng.standard_normal((10, 3)), {}
    for form, lr in [("accumulate", 0.1), ("average", 1.0), ("velocity", 0.1)]:
        w = Tensor(np.zeros(3), requires_grad=True)
        rule = optim.SGD([w], lr=lr, momentum=0.9, form=form)
        run(rule, w, gradients)
        ends[form] = w.data.copy()
        rule.param_groups[0]["lr"] = lr / 10
        run(rule, w, gradients)
        ends[form, "later"] = w.data.copy()
    np.testing.assert_allclose(ends["average"], ends["accumulate"], rtol=1e-12)
    np.testing.assert_allclose(ends["velocity"], ends["accumulate"], rtol=1e-12)
    np.testing.assert_allclose(ends["average", "later"], ends["accumulate", "later"], rtol=1e-12)
    assert np.all(np.abs(ends["velocity", "later"] - ends["accumulate", "later"]) > 1e-3)


def test_dampening_leaves_the_first_step_undamped_and_so_is_no_average():
    w = Tensor(np.zeros(1), requires_grad=True)
    points = run(optim.SGD([w], lr=1.0, momentum=0.9, dampening=0.9), w, np.ones((3, 1)))
    np.testing.assert_allclose(-np.diff(np.ravel([0.0, *np.ravel(points)])), [1.0, 1.0, 1.0])


def test_nesterov_is_a_step_of_momentum_seen_from_the_point_looked_at():
    # With w' = w − α β v, PyTorch's form on w' is Nesterov's method on w (curriculum E3).
    def gradient(w):
        return A @ w - b

    w, v = np.array([1.0, 2.0, -1.0]), np.zeros(3)
    ahead = Tensor(w.copy(), requires_grad=True)
    rule = optim.SGD([ahead], lr=0.02, momentum=0.9, nesterov=True)
    for _ in range(30):
        v = 0.9 * v + gradient(w - 0.02 * 0.9 * v)
        w = w - 0.02 * v
        ahead.grad = Tensor(gradient(ahead.data))
        rule.step()
        np.testing.assert_allclose(ahead.data, w - 0.02 * 0.9 * v, rtol=1e-12)


def test_a_constant_gradient_does_not_make_centered_rmsprop_nan():
    # S − ḡ² tends to 0 and is a little below it at times: the root of that would be NaN.
    w = Tensor(np.zeros(1000, np.float32), requires_grad=True)
    rule = optim.RMSprop([w], lr=1e-3, alpha=0.5, centered=True)
    run(rule, w, [np.linspace(0.1, 3, 1000, dtype=np.float32)] * 60)
    assert np.all(np.isfinite(w.data))
    S, mean = rule.state[w]["square_avg"], rule.state[w]["grad_avg"]
    assert np.any(S - mean * mean < 0)


def test_amsgrad_does_not_speed_up_when_gradients_shrink():
    gradients = [np.array([10.0])] + [np.array([0.1])] * 50
    moved = {}
    for amsgrad in (False, True):
        w = Tensor(np.zeros(1), requires_grad=True)
        rule = optim.Adam([w], lr=0.1, betas=(0.0, 0.9), amsgrad=amsgrad)
        points = run(rule, w, gradients)
        moved[amsgrad] = -(points[-1] - points[-2]).item()
    assert moved[False] > 5 * moved[True]


RULES = [thing for name in optim.__all__ if isinstance(thing := getattr(optim, name), type)]
RULES = [rule for rule in RULES if issubclass(rule, optim.Optimizer) and "update" in vars(rule)]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("optimizer", [r for r in RULES if r is not optim.Optimizer])
def test_weights_keep_their_dtype(optimizer, dtype):
    w = Tensor(np.ones(3, dtype), requires_grad=True)
    rule = optimizer([w], lr=0.1)

    def closure():
        w.grad = Tensor(np.full(3, 0.5, dtype))

    for _ in range(3):
        rule.step(closure)
    assert w.dtype == dtype
    assert np.all(np.isfinite(w.data))
    assert np.all(w.data < 1)
    assert all(np.asarray(v).dtype == dtype for v in rule.state[w].values() if np.ndim(v))


@pytest.mark.parametrize("optimizer", [optim.Adam, optim.Adagrad, optim.RMSprop, optim.Adamax])
def test_an_epsilon_too_small_for_half_precision_still_guards_the_division(optimizer):
    w = Tensor(np.ones(3, np.float16), requires_grad=True)
    run(optimizer([w]), w, [np.zeros(3, np.float16)] * 2)
    np.testing.assert_array_equal(w.data, [1, 1, 1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("optimizer", [optim.LBFGS, optim.Newton])
def test_second_order_methods_keep_the_dtype_too(optimizer, dtype):
    w = Tensor(np.ones(3, dtype), requires_grad=True)
    rule = optimizer([w])

    def closure():
        loss = (w * w * w * w).sum()
        if optimizer is optim.LBFGS:
            rule.zero_grad()
            loss.backward()
        return loss

    for _ in range(3):
        rule.step(closure)
    assert w.dtype == dtype
    assert np.all(np.abs(w.data) < 0.5)
