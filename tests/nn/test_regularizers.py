"""Penalties: the curriculum's formulas, by value and gradient, and which parameters they select."""

import math

import numpy as np
import pytest
from support.checks import check_gradients, message

import nn
import optim
from autograd import Tensor
from nn.regularizers import L1, L2, ElasticNet, KLSparsity, Orthogonality

LAMBDA, M = 0.3, 20


def layer(dtype=np.float64):
    made = nn.Linear(3, 2, dtype=dtype)
    made.weight.copy_(np.array([[1.0, -2.0, 0.0], [0.5, 3.0, -1.0]]))
    made.bias.copy_(np.array([10.0, -20.0]))
    return made


W = layer().weight.data.copy()

# Σ|W| = 7.5 and ΣW² = 15.25 of the weights above; the gradients are the textbooks' λ/m·W and so on.
FORMULAS = {
    "½ λ ΣW²": (L2(LAMBDA), LAMBDA / 2 * 15.25, LAMBDA * W),
    "λ ΣW²": (L2(LAMBDA, "full"), LAMBDA * 15.25, 2 * LAMBDA * W),
    "λ/(2m) ΣW²": (L2(LAMBDA, "mean", M), LAMBDA / (2 * M) * 15.25, LAMBDA / M * W),
    "λ Σ|W|": (L1(LAMBDA), LAMBDA * 7.5, LAMBDA * np.sign(W)),
    "½ λ Σ|W|": (L1(LAMBDA, "half"), LAMBDA / 2 * 7.5, LAMBDA / 2 * np.sign(W)),
    "λ/(2m) Σ|W|": (
        L1(LAMBDA, "mean", M),
        LAMBDA / (2 * M) * 7.5,
        LAMBDA / (2 * M) * np.sign(W),
    ),
    "λ₁ Σ|W| + λ₂ ΣW²": (
        ElasticNet(0.1, 0.2),
        0.1 * 7.5 + 0.2 * 15.25,
        0.1 * np.sign(W) + 0.4 * W,
    ),
    "(λ₁ Σ|W| + λ₂ ΣW²) / (2m)": (
        ElasticNet(0.1, 0.2, "mean", M),
        (0.1 * 7.5 + 0.2 * 15.25) / (2 * M),
        (0.1 * np.sign(W) + 0.4 * W) / (2 * M),
    ),
    # W Wᵀ − I = [[4, −5.5], [−5.5, 9.25]]; all entries keep their sign, so that the gradient is
    # 2 S W with S the signs.
    "λ Σ|W Wᵀ − I|": (
        Orthogonality(LAMBDA),
        LAMBDA * (4 + 5.5 + 5.5 + 9.25),
        2 * LAMBDA * np.array([[1, -1], [-1, 1]]) @ W,
    ),
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_value_and_gradient_are_the_formulas(formula):
    penalty, value, gradient = FORMULAS[formula]
    model = layer()
    result = penalty(model)
    assert result.shape == ()
    assert result.item() == pytest.approx(value, rel=1e-12)
    result.backward()
    np.testing.assert_allclose(model.weight.grad.data, gradient, rtol=1e-12)
    assert model.bias.grad is None


@pytest.mark.parametrize("formula", FORMULAS)
def test_float32_stays_float32(formula):
    penalty, value, _ = FORMULAS[formula]
    result = penalty(layer(np.float32))
    assert result.dtype == np.float32
    assert result.item() == pytest.approx(value, rel=1e-6)


def test_weight_decay_a_step_of_sgd_shrinks_weights_by_one_minus_alpha_lambda_over_m():
    alpha, model = 0.5, layer()
    optimizer = optim.SGD(model.parameters(), lr=alpha)
    L2(LAMBDA, "mean", M)(model).backward()
    optimizer.step()
    np.testing.assert_allclose(model.weight.data, (1 - alpha * LAMBDA / M) * W, rtol=1e-14)
    assert model.bias.data.tolist() == [10, -20]


def test_l2_by_half_is_the_weight_decay_of_sgd():
    a, b = layer(), layer()
    L2(LAMBDA)(a).backward()
    optim.SGD([a.weight], lr=0.1).step()
    b.weight.grad = Tensor(np.zeros((2, 3)))
    optim.SGD([b.weight], lr=0.1, weight_decay=LAMBDA).step()
    np.testing.assert_allclose(a.weight.data, b.weight.data, rtol=1e-14)


def test_l1_makes_weights_zero_that_l2_only_makes_small():
    """Least squares on one feature of ten that matters: the others' weights."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((200, 10))
    y = 2 * x[:, :1] + 0.1 * rng.standard_normal((200, 1))
    small = {}
    for penalty in (L1(0.5), L2(0.5)):
        model = nn.Linear(10, 1, dtype=np.float64, generator=np.random.default_rng(1))
        optimizer = optim.SGD(model.parameters(), lr=0.01)
        for _ in range(400):
            optimizer.zero_grad()
            (((model(Tensor(x)) - y) ** 2).mean() + penalty(model)).backward()
            optimizer.step()
        small[type(penalty)] = np.abs(model.weight.data[0, 1:])
        assert model.weight.data[0, 0] > 1.4
    assert small[L1].max() <= 0.01  # within one step of 0
    assert small[L2].max() > 0.01


def test_orthonormal_rows_cost_nothing_and_others_are_drawn_there():
    model = nn.Linear(5, 3, dtype=np.float64, generator=np.random.default_rng(0))
    rows = np.linalg.qr(np.random.default_rng(1).standard_normal((5, 3)))[0].T
    penalty = Orthogonality(1.0)
    optimizer = optim.SGD([model.weight], lr=0.005)
    before = penalty(model).item()
    for _ in range(300):
        optimizer.zero_grad()
        penalty(model).backward()
        optimizer.step()
    assert penalty(model).item() < 0.05 * before
    model.weight.copy_(rows)
    assert penalty(model).item() == pytest.approx(0, abs=1e-14)


# Sparse activations


def test_kl_sparsity_is_the_formula_over_the_batch_mean():
    h = np.array([[0.1, 0.9], [0.3, 0.5]])
    rho, (a, b) = 0.05, (0.2, 0.7)
    kl = [rho * math.log(rho / r) + (1 - rho) * math.log((1 - rho) / (1 - r)) for r in (a, b)]
    assert KLSparsity(2.0)(Tensor(h)).item() == pytest.approx(2 * sum(kl), rel=1e-12)


def test_kl_sparsity_gradient_is_the_lecture_notes_and_second_order_holds():
    h = np.array([[0.1, 0.9], [0.3, 0.5], [0.2, 0.1]])
    x, rho, mean = Tensor(h, requires_grad=True), 0.1, h.mean(axis=0)
    KLSparsity(1.0, rho)(x).backward()
    # ∂KL/∂ρ̂ = −ρ/ρ̂ + (1−ρ)/(1−ρ̂), shared by the examples
    expected = np.broadcast_to((-rho / mean + (1 - rho) / (1 - mean)) / 3, (3, 2))
    np.testing.assert_allclose(x.grad.data, expected, rtol=1e-12)
    check_gradients(lambda t: KLSparsity(1.0, rho)(t), [h])


def test_kl_sparsity_is_zero_at_rho_and_finite_at_the_ends():
    assert KLSparsity(1.0, 0.25)(Tensor(np.full((4, 3), 0.25))).item() == pytest.approx(
        0, abs=1e-15
    )
    for end in (0.0, 1.0):
        x = Tensor(np.full((4, 3), end, np.float32), requires_grad=True)
        loss = KLSparsity(1.0)(x)
        loss.backward()
        assert loss.dtype == np.float32
        assert loss.item() > 0.1
        assert np.isfinite(x.grad.data).all()


def test_kl_sparsity_takes_more_axes_of_examples():
    h = np.random.default_rng(0).uniform(0.1, 0.9, (2, 3, 4))
    flat = KLSparsity(1.0)(Tensor(h.reshape(6, 4))).item()
    assert KLSparsity(1.0)(Tensor(h)).item() == pytest.approx(flat, rel=1e-12)


# Which parameters


def network():
    return nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1))


SELECTIONS = {
    "weights": ({}, ["0.weight", "2.weight"]),
    "a path": ({"select": "2.bias"}, ["2.bias"]),
    "a pattern": ({"select": "*.bias"}, ["0.bias", "2.bias"]),
    "several": ({"select": ["0.weight", "2.*"]}, ["0.weight", "2.weight", "2.bias"]),
    "a function": ({"select": lambda name, p: p.shape == (2,)}, ["0.bias"]),
    "all": ({"select": "*"}, ["0.weight", "0.bias", "2.weight", "2.bias"]),
}


@pytest.mark.parametrize("case", SELECTIONS)
def test_parameters_are_selected_by_rule(case):
    settings, names = SELECTIONS[case]
    model = network()
    penalty = L2(1.0, "full", **settings)(model)
    penalty.backward()
    own = dict(model.named_parameters())
    assert [name for name, p in own.items() if p.grad is not None] == names
    expected = sum(float(np.square(own[name].data).sum()) for name in names)
    assert penalty.item() == pytest.approx(expected, rel=1e-6)


THERE = "Sequential, which has 0.weight (2, 3), 0.bias (2,), 2.weight (1, 2), 2.bias (1,)."
WRONG = {
    "nothing by default": (
        lambda: L2(0.1)(Scale()),
        ValueError,
        "L2: the rule weights selects no parameter of Scale, which has scale (1,).",
    ),
    "a pattern in vain": (
        lambda: L1(0.1, select=["*.weight", "*.gain"])(network()),
        ValueError,
        f"L1: the rule '*.gain' selects no parameter of {THERE}",
    ),
    "no parameters": (
        lambda: ElasticNet(0.1, 0.1)(nn.Tanh()),
        ValueError,
        "ElasticNet: the rule weights selects no parameter of Tanh, which has no parameters.",
    ),
    "a strange rule": (
        lambda: L2(0.1, select=3),
        TypeError,
        'L2: parameters are selected by path or pattern, such as "layers.0.weight" or "*.weight", '
        "by a function of path and parameter, or by a list of these; not by 3.",
    ),
    "an empty list": (
        lambda: L2(0.1, select=[]),
        TypeError,
        'L2: parameters are selected by path or pattern, such as "layers.0.weight" or "*.weight", '
        "by a function of path and parameter, or by a list of these; not by [].",
    ),
    "no model": (
        lambda: L2(0.1)(network()[0].weight),
        TypeError,
        "L2: it is called with the model, whose parameters it selects, not with Parameter.",
    ),
    "negative": (lambda: L1(-0.1), ValueError, "L1: strength is not negative, as -0.1 is."),
    "a negative part": (
        lambda: ElasticNet(0.1, -0.2),
        ValueError,
        "ElasticNet: l2 is not negative, as -0.2 is.",
    ),
    "unknown convention": (
        lambda: L2(0.1, "third"),
        ValueError,
        'L2: convention is "full" (λ Σ), "half" (½ λ Σ) or "mean" (λ/(2m) Σ), not \'third\'.',
    ),
    "m forgotten": (
        lambda: L2(0.1, "mean"),
        ValueError,
        'L2: m, the number of examples, belongs to convention="mean", λ/(2m) Σ, and to no other; '
        "these are convention='mean' and m=None.",
    ),
    "m in vain": (
        lambda: L2(0.1, m=60_000),
        ValueError,
        'L2: m, the number of examples, belongs to convention="mean", λ/(2m) Σ, and to no other; '
        "these are convention='half' and m=60000.",
    ),
    "rho of 5 percent": (
        lambda: KLSparsity(0.1, rho=5),
        ValueError,
        "KLSparsity: rho is the mean activation to be had, between 0 and 1, not 5.",
    ),
    "sparsity of a model": (
        lambda: KLSparsity(0.1)(network()),
        TypeError,
        "KLSparsity: it is called with activations, a Tensor (examples, units), not with "
        "Sequential. Have forward return or keep the hidden layer's.",
    ),
    "sparsity of one example": (
        lambda: KLSparsity(0.1)(Tensor([0.1, 0.2])),
        ValueError,
        "KLSparsity: activations have an axis of examples and one of units, neither of them "
        "empty; these have shape (2,).",
    ),
    "sparsity of tanh": (
        lambda: KLSparsity(0.1)(Tensor([[0.1, -0.2]])),
        ValueError,
        "KLSparsity: activations lie between 0 and 1, and some of these do not. Use it after a "
        "sigmoid.",
    ),
}


class Scale(nn.Module):
    def __init__(self):
        self.scale = nn.Parameter([1.0])


@pytest.mark.parametrize("case", WRONG)
def test_wrong_calls_are_answered(case):
    call, kind, text = WRONG[case]
    assert message(kind, call) == text
