"""Every update rule against PyTorch's numbers and against the textbook's formula."""

import numpy as np
import pytest

import optim
from autograd import Tensor

# The loss ½ wᵀAw − bᵀw + (c Σw − 1)² from w = (1, 2, −1), c = 0.5, after 50 steps in float64.
# The numbers are those of PyTorch 2.13.0 (torch.optim, CPU) for the same calls.
A = np.array([[3.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 1.0]])
b = np.array([1.0, -2.0, 0.5])
FIFTY_STEPS = [
    (
        optim.SGD,
        {"lr": 0.05},
        [0.8807404827707696, -1.4821115351691567, 1.2497202662859415, 1.4147346578617004],
    ),
    (
        optim.SGD,
        {"lr": 0.05, "weight_decay": 0.1},
        [0.8510487367885697, -1.3685477418387808, 1.2031959112420658, 1.267070824002042],
    ),
    (
        optim.SGD,
        {"lr": 0.02, "momentum": 0.9},
        [0.9028131880481175, -1.6036848386373348, 1.2433361633991313, 1.53069056964694],
    ),
    (
        optim.SGD,
        {"lr": 0.02, "momentum": 0.9, "nesterov": True},
        [0.94344179016532, -1.6820447485641083, 1.4386964755487592, 1.3323777441111972],
    ),
    (
        optim.SGD,
        {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.1},
        [0.8403097465393109, -1.4059108781413312, 1.0860706359351242, 1.6001580334360157],
    ),
    (
        optim.RMSprop,
        {"lr": 0.01},
        [0.16190383355058424, 0.8019266667260461, 0.007844605896511795, 1.0086702848037739],
    ),
    (
        optim.RMSprop,
        {"lr": 0.02, "alpha": 0.9, "eps": 1e-6, "weight_decay": 0.05},
        [0.1329721205657996, 0.8866514285504336, -0.017298710443929055, 0.9676478561973082],
    ),
    (
        optim.Adam,
        {"lr": 0.05},
        [0.1560553877806874, -0.1290888457693453, 0.5015627851960021, 1.905066080446431],
    ),
    (
        optim.Adam,
        {"lr": 0.05, "betas": (0.8, 0.99), "eps": 1e-6, "weight_decay": 0.1},
        [0.271553654107702, -0.039717193929300815, 0.5617461436760625, 1.1668328254143416],
    ),
]


@pytest.mark.parametrize(("optimizer", "settings", "expected"), FIFTY_STEPS)
def test_fifty_steps_end_where_pytorch_ends(optimizer, settings, expected):
    w = Tensor(np.array([1.0, 2.0, -1.0]), requires_grad=True)
    c = Tensor(np.array([[0.5]]), requires_grad=True)
    rule = optimizer([w, c], **settings)
    for _ in range(50):
        rule.zero_grad()
        loss = 0.5 * (w @ A @ w) - (b * w).sum() + ((c * w.sum() - 1) ** 2).sum()
        loss.backward()
        rule.step()
    np.testing.assert_allclose([*w.data, c.item()], expected, rtol=1e-10)


def textbook(name, w, g, state, t, lr):
    """One step as the papers write it, on plain arrays."""
    if name == "momentum":
        state["v"] = 0.9 * state.get("v", 0) + g
        return w - lr * state["v"]
    if name == "rmsprop":
        state["S"] = 0.99 * state.get("S", 0) + 0.01 * g**2
        return w - lr * g / (np.sqrt(state["S"]) + 1e-8)
    state["m"] = 0.9 * state.get("m", 0) + 0.1 * g
    state["v"] = 0.999 * state.get("v", 0) + 0.001 * g**2
    m_hat, v_hat = state["m"] / (1 - 0.9**t), state["v"] / (1 - 0.999**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + 1e-8)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("momentum", lambda p: optim.SGD(p, lr=0.01, momentum=0.9)),
        ("rmsprop", lambda p: optim.RMSprop(p, lr=0.01)),
        ("adam", lambda p: optim.Adam(p, lr=0.01)),
    ],
)
def test_steps_follow_the_textbook(name, make):
    rng = np.random.default_rng(0)
    start = rng.standard_normal((4, 3))
    w, state = start.copy(), {}
    learned = Tensor(start.copy(), requires_grad=True)
    rule = make([learned])
    for t in range(1, 101):
        g = rng.standard_normal((4, 3))
        w = textbook(name, w, g, state, t, 0.01)
        learned.grad = Tensor(g)
        rule.step()
    np.testing.assert_allclose(learned.data, w, rtol=1e-10)


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


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("optimizer", [optim.SGD, optim.RMSprop, optim.Adam])
def test_weights_keep_their_dtype(optimizer, dtype):
    w = Tensor(np.ones(3, dtype), requires_grad=True)
    rule = optimizer([w], lr=0.1)
    w.grad = Tensor(np.full(3, 0.5, dtype))
    rule.step()
    assert w.dtype == dtype
    assert np.all(np.isfinite(w.data))
    assert np.all(w.data < 1)
