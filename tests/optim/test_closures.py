"""step(closure): methods that evaluate the loss themselves, and what all do with a closure."""

import warnings
from itertools import pairwise

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import Tensor
from optim.line_search import CURVATURE, DECREASE, Point, strong_wolfe

A = np.array([[3.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 1.0]])
b = np.array([1.0, -2.0, 0.5])
START = np.array([1.0, 2.0, -1.0])


def leaf(values, **settings):
    return Tensor(np.array(values, float), requires_grad=True, **settings)


def quadratic(w):
    return 0.5 * (w @ A @ w) - (b * w).sum()


def rosenbrock(w):
    return (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2


def closure_for(rule, loss, *weights):
    """The usual one; Newton differentiates by itself."""

    def closure():
        value = loss(*weights)
        if not isinstance(rule, optim.Newton):
            rule.zero_grad()
            value.backward()
        return value

    return closure


# Nesterov


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_nesterov_takes_the_gradient_at_the_look_ahead_point(decay):
    # Curriculum E3: the gradient at w − α β v, then v ← β v + g, w ← w − α v.
    learned = leaf(START)
    rule = optim.Nesterov([learned], lr=0.02, momentum=0.9, weight_decay=decay)
    w, v = START, np.zeros(3)
    for _ in range(30):
        ahead = w - 0.02 * 0.9 * v
        v = 0.9 * v + A @ ahead - b + decay * ahead
        w = w - 0.02 * v
        loss = rule.step(closure_for(rule, quadratic, learned))
        np.testing.assert_allclose(loss.item(), 0.5 * ahead @ A @ ahead - b @ ahead, rtol=1e-12)
        np.testing.assert_allclose(learned.data, w, rtol=1e-12)


@pytest.mark.parametrize("settings", [{}, {"weight_decay": 0.1}, {"maximize": True}])
def test_nesterov_at_w_is_sgd_with_nesterov_at_the_look_ahead_point(settings):
    # SGD(nesterov=True) holds w' = w − α β v, where Nesterov holds w.
    w, ahead = leaf(START), leaf(START)
    rule = optim.Nesterov([w], lr=0.01, momentum=0.9, **settings)
    rewritten = optim.SGD([ahead], lr=0.01, momentum=0.9, nesterov=True, **settings)
    for _ in range(30):
        rule.step(closure_for(rule, quadratic, w))
        rewritten.step(closure_for(rewritten, quadratic, ahead))
        v = rule.state[w]["momentum_buffer"]
        np.testing.assert_allclose(v, rewritten.state[ahead]["momentum_buffer"], rtol=1e-9)
        np.testing.assert_allclose(ahead.data, w.data - 0.01 * 0.9 * v, rtol=1e-12)


def test_nesterov_leaves_out_what_has_no_gradient_or_is_frozen():
    w, idle, frozen = leaf(START), leaf(START), leaf(START)
    rule = optim.Nesterov([w, idle, frozen], lr=0.02)
    closure_all = closure_for(rule, lambda *ws: sum(map(quadratic, ws)), w, idle, frozen)
    rule.step(closure_all)
    frozen.requires_grad = False
    before = idle.data.copy(), frozen.data.copy()

    def closure():
        np.testing.assert_array_equal(frozen.data, before[1])  # here too
        return closure_for(rule, quadratic, w)()

    for _ in range(2):
        rule.step(closure)
    np.testing.assert_array_equal(idle.data, before[0])
    np.testing.assert_array_equal(frozen.data, before[1])
    assert rule.state[w]["step"] == 3
    assert rule.state[idle]["step"] == 1


# Newton


def test_newton_needs_one_step_for_a_parabola_over_several_parameters():
    w, c = leaf(START), leaf([[0.5]])
    rule = optim.Newton([w, c])

    def loss(w, c):
        return quadratic(w) + (c * w.sum()).sum() + 5 * (c * c).sum()

    value = rule.step(closure_for(rule, loss, w, c))
    start = loss(Tensor(START), Tensor(np.array([[0.5]])))
    np.testing.assert_allclose(value.item(), start.item())
    H = np.block([[A, np.ones((3, 1))], [np.ones((1, 3)), 10 * np.ones((1, 1))]])
    solution = np.linalg.solve(H, [*b, 0.0])
    np.testing.assert_allclose([*w.data, c.item()], solution, rtol=1e-12)
    np.testing.assert_allclose(w.grad.data, A @ START - b + 0.5)


def test_newton_doubles_the_right_digits():
    # f = eˣ − x: the step is x − 1 + e⁻ˣ, which is x²/2 up to the third power.
    x = leaf(0.5)
    rule = optim.Newton([x])
    for _ in range(4):
        before = x.item()
        rule.step(closure_for(rule, lambda x: np.exp(x) - x, x))
        np.testing.assert_allclose(x.item(), before - 1 + np.exp(-before), atol=1e-15)
    assert 0 < x.item() < 1e-9


@pytest.mark.parametrize(("lr", "damping"), [(1.0, 0.0), (0.5, 0.0), (1.0, 3.0), (0.3, 2.0)])
def test_newtons_step_is_that_of_the_formula(lr, damping):
    w = leaf([-0.7, 0.4])
    rule = optim.Newton([w], lr=lr, damping=damping)
    rule.step(closure_for(rule, rosenbrock, w))
    x, y = -0.7, 0.4  # derivatives by hand
    g = [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)]
    H = np.array([[2 - 400 * y + 1200 * x * x, -400 * x], [-400 * x, 200]])
    expected = np.array([x, y]) - lr * np.linalg.solve(H + damping * np.eye(2), g)
    np.testing.assert_allclose(w.data, expected, rtol=1e-12)


def saddle(w):
    return w[0] ** 2 - w[1] ** 2 + 0.25 * w[1] ** 4


def test_plain_newton_goes_to_a_saddle_and_a_line_search_or_damping_does_not():
    ends = {}
    for name, settings in [
        ("plain", {}),
        ("line search", {"line_search_fn": "strong_wolfe"}),
        ("damped", {"damping": 3.0}),
    ]:
        w = leaf([0.5, 0.1])
        rule = optim.Newton([w], **settings)
        for _ in range(60):
            rule.step(closure_for(rule, saddle, w))
        ends[name] = w.data
    np.testing.assert_allclose(ends["plain"], [0, 0], atol=1e-12)
    for name in ("line search", "damped"):
        np.testing.assert_allclose(np.abs(ends[name]), [0, np.sqrt(2)], atol=1e-6)


def test_newton_with_a_line_search_goes_downhill_at_every_step():
    w = leaf([-1.2, 1.0])
    rule = optim.Newton([w], line_search_fn="strong_wolfe")
    losses = [rule.step(closure_for(rule, rosenbrock, w)).item() for _ in range(25)]
    assert all(later <= loss for loss, later in pairwise(losses))
    np.testing.assert_allclose(w.data, [1, 1], atol=1e-9)


# L-BFGS and the line search (numbers: test_trajectories.py)


def test_lbfgs_trains_a_network():
    rng = np.random.default_rng(0)
    x = Tensor(rng.uniform(-1, 1, (64, 2)))
    y = Tensor(np.sin(3 * x.data[:, :1]) * x.data[:, 1:])
    net = nn.Sequential(nn.Linear(2, 10, generator=rng), nn.Tanh(), nn.Linear(10, 1, generator=rng))
    for p in net.parameters():
        p.name = None
    rule = optim.LBFGS(net.parameters(), line_search_fn="strong_wolfe")

    def closure():
        rule.zero_grad()
        loss = ((net(x.astype(np.float32)) - y.astype(np.float32)) ** 2).mean()
        loss.backward()
        return loss

    first = rule.step(closure).item()
    for _ in range(5):
        last = rule.step(closure).item()
    assert last < first / 50


@pytest.mark.parametrize("t", [1e-3, 0.1, 1.0, 30.0])
def test_the_line_search_finds_what_the_strong_wolfe_conditions_ask_for(t):
    def line(t):
        return Point(t, -t / (t * t + 2), (t * t - 2) / (t * t + 2) ** 2, None)

    start = line(0.0)
    found = strong_wolfe(line, start, t, 1.0, 25)
    assert found.loss <= start.loss + DECREASE * found.t * start.slope
    assert abs(found.slope) <= CURVATURE * abs(start.slope)


def test_the_line_search_stops_when_it_may_evaluate_no_more():
    asked = []

    def line(t):
        asked.append(t)
        return Point(t, -t, -1.0, None)  # down for ever

    strong_wolfe(line, Point(0.0, 0.0, -1.0, None), 1.0, 1.0, 4)
    assert len(asked) == 5


def test_lbfgs_says_when_its_line_search_has_too_few_evaluations_to_move():
    w = leaf([-1.2, 1.0])
    rule = optim.LBFGS([w], max_iter=1, line_search_fn="strong_wolfe")  # max_eval is 5 // 4
    step = closure_for(rule, rosenbrock, w)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(9):
            rule.step(step)
    (one,) = told  # once
    assert str(one.message) == (
        "LBFGS.step: the weights stay where they are, and will: max_eval=1 left the line search "
        "too few evaluations to find a lower loss (by default it is 5/4 of max_iter). Give it "
        "more: LBFGS(..., max_eval=25)."
    )
    stuck = w.data.copy()
    rule.step(step)
    np.testing.assert_array_equal(w.data, stuck)
    rule = optim.LBFGS([w], max_iter=1, max_eval=25, line_search_fn="strong_wolfe")
    for _ in range(60):
        rule.step(closure_for(rule, rosenbrock, w))
    assert float(rosenbrock(w).data) < 1e-8  # tolerance_change is 1e-9


def test_lbfgs_that_has_arrived_does_not_warn_of_its_line_search():
    w = leaf([1.0, 1.0])
    rule = optim.LBFGS([w], max_iter=1, line_search_fn="strong_wolfe")
    for _ in range(3):
        rule.step(closure_for(rule, rosenbrock, w))


def test_lbfgs_forgets_its_pairs_when_other_parameters_learn():
    w, c = leaf(START), leaf(START)
    rule = optim.LBFGS([w, c], max_iter=3, line_search_fn="strong_wolfe")
    both = closure_for(rule, lambda w, c: quadratic(w) + quadratic(c), w, c)
    rule.step(both)
    c.requires_grad = False
    before = c.data.copy()
    for _ in range(10):
        rule.step(both)
    np.testing.assert_array_equal(c.data, before)
    np.testing.assert_allclose(w.data, np.linalg.solve(A, b), atol=1e-6)


# All of them

WITH_CLOSURE = {
    "sgd": lambda p: optim.SGD(p, lr=0.01, momentum=0.9),
    "adam": lambda p: optim.Adam(p, lr=0.01),
    "nesterov": lambda p: optim.Nesterov(p, lr=0.01),
    "newton": lambda p: optim.Newton(p, damping=0.1, line_search_fn="strong_wolfe"),
    "lbfgs": lambda p: optim.LBFGS(p, lr=0.1, max_iter=5),
    "lbfgs-wolfe": lambda p: optim.LBFGS(p, line_search_fn="strong_wolfe", max_iter=5),
}
with_closure = pytest.mark.parametrize("make", WITH_CLOSURE.values(), ids=WITH_CLOSURE.keys())


@with_closure
def test_the_answer_is_the_loss_and_gradients_are_on_within_no_grad(make):
    w = leaf([-1.2, 1.0])
    rule = make([w])
    with autograd.no_grad():
        loss = rule.step(closure_for(rule, rosenbrock, w))
    np.testing.assert_allclose(loss.item(), 24.2)
    assert not np.array_equal(w.data, [-1.2, 1.0])


@with_closure
@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_closure_that_raises_leaves_everything_as_before_the_step(make, call):
    w, twin = leaf([-1.2, 1.0]), leaf([-1.2, 1.0])
    rule, other = make([w]), make([twin])
    for one, weights in ((rule, w), (other, twin)):
        one.step(closure_for(one, rosenbrock, weights))
    state = rule.state_dict()
    before = w.data.copy()
    calls = []

    def failing():
        calls.append(w.data.copy())
        if len(calls) == call:
            raise KeyboardInterrupt
        return closure_for(rule, rosenbrock, w)()

    try:
        rule.step(failing)
    except KeyboardInterrupt:
        assert same(rule.state_dict(), state)
        np.testing.assert_array_equal(w.data, before)
        for one, weights in ((rule, w), (other, twin)):
            one.step(closure_for(one, rosenbrock, weights))
        np.testing.assert_array_equal(w.data, twin.data)
    else:
        assert len(calls) < call  # it evaluates less often


def same(a, b):
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return np.array_equal(a, b)


def bad_newton():
    w = leaf(START)
    rule = optim.Newton([w])

    def closure():
        loss = quadratic(w)
        loss.backward()
        return loss

    return lambda: rule.step(closure)


def step_of(make, loss, *weights):
    return lambda: make(list(weights)).step(lambda: loss(*weights))


BAD = [
    (
        lambda: optim.Nesterov([leaf(START)]).step(),
        TypeError,
        "Nesterov.step(closure) takes the gradient at the look-ahead point: pass a function that "
        "calls zero_grad(), computes the loss, calls backward() and returns the loss. "
        "SGD(nesterov=True) needs none.",
    ),
    (
        lambda: optim.LBFGS([leaf(START)]).step(),
        TypeError,
        "LBFGS.step(closure) evaluates the loss itself: pass a function that computes the loss and "
        "returns it.",
    ),
    (
        lambda: optim.SGD([leaf(START)]).step(Tensor(1.0)),
        TypeError,
        "SGD.step takes a function that computes the loss, calls backward and returns it, not "
        "Tensor. Without one: step().",
    ),
    (
        step_of(optim.LBFGS, lambda w: None, leaf(START)),
        TypeError,
        "LBFGS.step: the closure must return the loss, a single number; it returned None.",
    ),
    (
        step_of(optim.Newton, lambda w: w * w, leaf(START)),
        TypeError,
        "Newton.step: the closure must return the loss, a single number; it returned a Tensor of "
        "shape (3,).",
    ),
    (
        step_of(optim.Newton, lambda w: w.sum(), leaf(START)),
        np.linalg.LinAlgError,
        "Newton.step: the Hessian is singular, so that no single step leads to the parabola's "
        "minimum: in some direction the loss does not curve, as where a parameter is not used. "
        "Pass a damping, such as 1e-3.",
    ),
    (
        step_of(optim.Newton, lambda w: (w * np.nan).sum(), leaf(START)),
        np.linalg.LinAlgError,
        "Newton.step: the gradient or the Hessian has NaN or infinite entries. "
        "autograd.detect_anomaly() finds where they are made.",
    ),
    (
        lambda: optim.Newton([leaf(np.zeros((50, 41)))]),
        ValueError,
        "Newton: 2,050 weights have a Hessian of 2,050 × 2,050 numbers; it takes no more than "
        "2,000. LBFGS does with a few vectors of 2,050.",
    ),
    (
        lambda: optim.LBFGS([{"params": [leaf(START)]}, {"params": [leaf(START)]}]),
        ValueError,
        "LBFGS takes all parameters as one vector, so there is one group.",
    ),
    (
        lambda: optim.LBFGS([leaf(START)], line_search_fn="armijo"),
        ValueError,
        "LBFGS: line_search_fn is one of None, 'strong_wolfe', not 'armijo'.",
    ),
    (
        lambda: optim.LBFGS([leaf(START)], max_iter=0),
        ValueError,
        "LBFGS: max_iter must be a whole number from 1, not 0.",
    ),
    (
        step_of(optim.LBFGS, quadratic, leaf(START).requires_grad_(False)),
        ValueError,
        "LBFGS.step: no parameter requires a gradient.",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_calls_say_what_to_do(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


def test_newton_says_that_the_closure_shall_not_call_backward():
    with pytest.raises(RuntimeError) as caught:
        bad_newton()()
    assert caught.value.__notes__ == [
        "  Newton.step(closure) differentiates the loss itself: the closure computes the loss and "
        "returns it, without backward()."
    ]
