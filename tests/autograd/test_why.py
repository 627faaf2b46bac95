"""Why a gradient is small, zero or missing: the reason, the call, how much of it, and the fix."""

import re
from math import prod

import numpy as np
import pytest
from support.checks import operations_of_a_test

import autograd
import nn
from autograd import Function, Tensor, no_grad, record
from autograd.graph.reasoning.asking import why

ROWS = np.linspace(-1, 1, 24).reshape(6, 4)


def weight(*shape, name="w", dtype=np.float64):
    """Numbers from −1 to 1, none of them 0."""
    numbers = np.linspace(-1, 1, int(np.prod(shape)) + 1)[:-1].reshape(shape) + 0.01
    return Tensor(numbers.astype(dtype), requires_grad=True, name=name)


w = weight(3, 4)
b = weight(4, name="b")


def labelled(*rows):
    """A table of rows, each called by its name."""
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


# Gradients that are zero or small: the verdict, the kind of reason, and the call


def switched_off(w):
    return nn.functional.relu(autograd.affine(ROWS, w, np.full(3, -20.0))).sum()


def into_zero_weights(w):
    hidden = autograd.tanh(autograd.affine(ROWS, w, np.zeros(3)))
    return autograd.affine(hidden, np.zeros((2, 3)), np.zeros(2)).sum()


def before_normalisation(b):
    h = ROWS + b
    h = (h - h.mean(axis=0)) / h.std(axis=0)
    return (h**3).sum()


def many_sigmoids(w):
    h = w
    for _ in range(12):
        h = autograd.sigmoid(h)
    return h.mean()


SMALL = labelled(
    ("dead", switched_off, w, "zero", "dead", "ReLU"),
    ("where", lambda w: autograd.where(w > 9, w, 0.0).sum(), w, "zero", "masked", "Where"),
    ("clip", lambda w: autograd.clip(w, 5, 6).sum(), w, "zero", "masked", "Clip"),
    ("maximum", lambda w: autograd.maximum(w, 9.0).sum(), w, "zero", "masked", "Maximum"),
    (
        *("zeros", lambda w: (w * np.zeros((3, 4))).sum(), w, "zero"),
        *("multiplied by zeros", "Multiply"),
    ),
    ("dropout", lambda w: nn.Dropout(1.0)(w).sum(), w, "zero", "dropped out", "Multiply"),
    ("zero weights", into_zero_weights, w, "zero", "multiplied by zeros", "Affine"),
    (
        *("zero data", lambda w: autograd.affine(np.zeros((5, 4)), w, np.zeros(3)).sum(), w),
        *("zero", "multiplied by zeros", "Affine"),
    ),
    (
        *("minimum", lambda w: autograd.square(w - w.data).sum(), w),
        *("zero", "at the minimum", "Square"),
    ),
    ("step", lambda w: nn.BinaryStep()(w).sum(), w, "zero", "no slope", "BinaryStep"),
    ("cancelled ways", lambda w: (w - w.mean()).sum(), w, "zero", "cancellation", "Mean"),
    ("cancelled rows", before_normalisation, b, "vanishing", "cancellation", "Add"),
    (
        *("underflow", lambda w: (w * 1e-30 * 1e-30).sum(), weight(3, dtype=np.float32)),
        *("zero", "underflow", "Multiply"),
    ),
    ("factor", lambda w: (w * 1e-12).sum(), w, "vanishing", "small", "Multiply"),
    ("slope", lambda w: autograd.exp(w - 30.0).sum(), w, "vanishing", "small", "Exp"),
    ("small", lambda w: (w * 1e-5).sum(), w, "small", "small", "Multiply"),
    (
        *("sigmoid", lambda w: autograd.sigmoid(w + 20.0).mean(), w),
        *("vanishing", "saturated", "Sigmoid"),
    ),
    ("tanh", lambda w: autograd.tanh(w - 12.0).mean(), w, "vanishing", "saturated", "Tanh"),
    (
        *("softmax", lambda w: (autograd.softmax(w * 200.0) * np.arange(4)).sum(), w),
        *("vanishing", "saturated", "Softmax"),
    ),
    ("many", many_sigmoids, w, "vanishing", "small factors", "Sigmoid"),
    ("large", lambda w: (w * 1e6).sum(), w, "large", "large factors", "Multiply"),
    ("infinite", lambda w: autograd.sqrt(w * 0.0).sum(), w, "not finite", "not finite", "Sqrt"),
)


@pytest.mark.parametrize(("fn", "variable", "verdict", "kind", "operation"), SMALL)
def test_a_small_gradient_has_a_reason_in_a_call(fn, variable, verdict, kind, operation):
    with np.errstate(all="ignore"):
        answer = why(variable, fn, variable)
    reason = answer.reasons[0]
    assert (answer.verdict, reason.kind, reason.call.op.__name__) == (verdict, kind, operation)
    assert reason.kind in str(answer)
    assert reason.call.line.text[:50] in str(answer)
    assert "fix" in str(answer)


# Gradients that are missing


def within_no_grad(w):
    with no_grad():
        h = w * 2
    return (h + b).sum()


def result_of_no_use(w):
    h = w * 2.0
    h = h + 1.0
    return (b * b).sum()


MISSING = labelled(
    ("detach", lambda w: (w.detach() * b).sum(), w, "detached", "Detach"),
    ("argmax", lambda w: (w.argmax(axis=0) * b).sum(), w, "positions", "ArgMax"),
    ("argsort", lambda w: (autograd.argsort(w) * b).sum(), w, "positions", "ArgSort"),
    ("comparison", lambda w: ((w > 0) * b).sum(), w, "comparison", "Greater"),
    ("cast", lambda w: (w.astype("int64") * b).sum(), w, "cast to integers", "AsPlain"),
    ("round", lambda w: (autograd.round(w) * b).sum(), w, "no slope", "Round"),
    ("sign", lambda w: (autograd.sign(w) * b).sum(), w, "no slope", "Sign"),
    ("condition", lambda w: autograd.where(w, b, 0.0).sum(), w, "no derivative", "Where"),
    ("no_grad", within_no_grad, w, "no_grad", "Multiply"),
    ("no use", result_of_no_use, w, "not used for the loss", "Add"),
)


@pytest.mark.parametrize(("fn", "variable", "kind", "operation"), MISSING)
def test_a_missing_gradient_is_cut_at_a_call(fn, variable, kind, operation):
    answer = why(variable, fn, variable)
    (reason,) = answer.reasons
    assert answer.verdict == "missing"
    assert (reason.kind, reason.call.op.__name__) == (kind, operation)
    assert str(answer).startswith("w gets no gradient from ")
    assert reason.call.line.text[:50] in str(answer)


NOWHERE = labelled(
    ("frozen", lambda v: (v * b).sum(), Tensor(np.ones(4)), "frozen", "requires_grad is False"),
    ("integers", lambda v: (v * b).sum(), Tensor(np.ones(4, int)), "not floating", "int64"),
    ("unused", lambda _: (b * b).sum(), w, "not used", "no call that was recorded takes it"),
    (
        *("copied", lambda w: (Tensor(w.data.copy(), requires_grad=True) * 2.0).sum(), w),
        *("not used", r"Multiply in line test_why.py:\d+ takes a copy, which has the same values"),
    ),
)


@pytest.mark.parametrize(("fn", "variable", "kind", "words"), NOWHERE)
def test_a_variable_that_is_frozen_or_not_used_is_told(fn, variable, kind, words):
    answer = why(variable, fn, variable)
    (reason,) = answer.reasons
    assert (answer.verdict, reason.kind, reason.call) == ("missing", kind, None)
    assert re.search(words, reason.says)


def test_what_else_was_computed_does_not_count():
    with record() as tape:
        (w * w).sum()
        loss = (w.detach() * b).sum()
    assert [one.kind for one in why(w, loss, tape).reasons] == ["detached"]


def test_every_way_that_is_cut_is_named():
    answer = why(w, lambda: (w.detach() * b).sum() + (w.argmax(axis=0) * b).sum())
    assert sorted(one.kind for one in answer.reasons) == ["detached", "positions"]


def test_of_two_ways_one_of_which_is_cut_the_open_one_is_shown_and_the_other_told():
    answer = why(w, lambda: ((w * 2.0).detach() * w).sum())
    assert answer.verdict == "healthy"
    assert [one.kind for one in answer.reasons] == ["detached"]
    assert "another way is cut" in answer.reasons[0].says


# How much, path by path


def residual(x, weights):
    for W in weights:
        x = x + autograd.tanh(x @ W)
    return (x**2).mean()


def cases_with_paths():
    rng = np.random.default_rng(0)
    weights = [Tensor(rng.normal(0, 0.2, (5, 5)), requires_grad=True) for _ in range(6)]
    yield why(weights[0], residual, Tensor(rng.normal(size=(4, 5))), weights)
    yield why(w, many_sigmoids, w)
    yield why(w, switched_off, w)
    yield why(w, lambda: (w * 1e-12).sum())


def test_factors_and_shares_of_the_calls_add_up_along_every_path():
    for answer in cases_with_paths():
        assert answer.paths
        for path in answer.paths:
            assert prod(path.factors) == pytest.approx(path.size, rel=1e-9, abs=0)
            assert sum(path.shares) == pytest.approx(1)


def test_where_nothing_is_left_the_call_that_left_nothing_has_the_whole_share():
    (path,) = why(w, switched_off, w).paths
    shares = {link.call.op.__name__: s for link, s in zip(path.links, path.shares, strict=True)}
    assert shares == {"Sum": 0, "ReLU": 1, "Affine": 0}


def test_the_blocked_share_counts_what_came_to_the_call():
    v = Tensor(np.array([[1.0, 2.0, -1.0, -3.0], [1.0, -1.0, 2.0, -3.0]]), requires_grad=True)
    upstream = np.array([1.0, 1.0, 3.0, 3.0])
    (reason,) = why(v, lambda: (nn.functional.relu(v) * upstream).sum()).reasons
    assert reason.kind == "dead"
    assert reason.blocked == pytest.approx((3 + 3 + 1 + 3) / 16)
    assert reason.factor == pytest.approx(np.sqrt((1 + 1 + 1 + 9) / 40))
    assert "4 of 8 entries are at or below 0" in reason.says
    assert "1 of 4 units is dead" in reason.says


def test_what_leaves_least_is_told_first():
    answer = why(w, lambda: autograd.tanh(nn.functional.relu(w - 20.0) + 5.0).mean())
    assert [one.kind for one in answer.reasons] == ["dead", "saturated"]


def test_a_dead_network_reads_like_a_diagnosis():
    net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))
    nn.init.constant_(net[0].bias, -20)

    def loss_of(net):
        return net(ROWS.astype(np.float32)).mean()

    text = str(why(net[0].weight, loss_of, net))
    assert text.startswith(
        "The gradient of 0.weight is exactly 0. It comes from loss_of, by one path.\n"
        "\n"
        "1. dead, at ReLU in 1 (ReLU) in test_why.py:"
    )
    said = " ".join(text.split())
    assert "in v1, all 18 entries are at or below 0, where the slope is 0; all 3 units" in said
    assert "units are dead: 0 for every example here. fix lower the learning rate, start" in said
    rows = [line.split() for line in text.splitlines() if "test_why.py" in line][1:]
    assert [(row[0], row[-2]) for row in rows] == [
        ("Mean", "0"),
        ("Affine", "0"),
        ("ReLU", "100"),
        ("Affine", "0"),
    ]


def stacked(*biases):
    """Layers of three ReLUs, in which these biases stand, and a last one of a single unit."""
    autograd.manual_seed(0)
    layers = [nn.Linear(4 if i == 0 else 3, 3) for i in range(len(biases))]
    for layer, bias in zip(layers, biases, strict=True):
        nn.init.constant_(layer.bias, bias)
    return nn.Sequential(*(one for x in layers for one in (x, nn.ReLU())), nn.Linear(3, 1))


DEAD_LAYERS = labelled(
    # The biases, the weight that is asked for, and of each reason: where, and whether that is said
    # to follow from module "1".
    ("first", (-20, 0, 0), 0, [("1", False), ("3", True), ("5", True)]),
    ("it is not on the way", (-20, 0, 0), 4, [("1", False), ("5", True)]),
    ("its zeros are the input", (-20, 0, 0), 6, [("1", False), ("6", True)]),
    ("two by themselves", (-20, -20), 0, [("1", False), ("3", False)]),
    ("alive", (20, -20), 0, [("3", False)]),
    ("alive again", (-20, 1), 0, [("1", False)]),
)


@pytest.mark.parametrize(("biases", "asked", "expected"), DEAD_LAYERS)
def test_of_dead_layers_the_first_is_named_first_and_as_the_cause(biases, asked, expected):
    net = stacked(*biases)
    answer = why(net[asked].weight, lambda: net(ROWS.astype(np.float32)).mean())
    cause = "These zeros come from ReLU in 1 (ReLU), which is dead: that is the cause."
    assert [(one.call.module, cause in one.says) for one in answer.reasons] == expected
    assert answer.reasons[0].kind == "dead"
    assert "all 3 units are dead" in answer.reasons[0].says


def test_zeros_that_do_not_come_from_a_dead_layer_are_not_laid_to_one():
    v = weight(6, 3)

    def beside_a_dead_one(v):
        dead = nn.functional.relu(v - 20.0)
        return nn.functional.relu((v + dead) * 0.0 + v * 0.0).sum()

    assert not any("come from" in one.says for one in why(v, beside_a_dead_one, v).reasons)


def test_a_healthy_gradient_is_called_so_with_numbers():
    answer = why(w, lambda: (w**2).mean())
    assert (answer.verdict, answer.reasons) == ("healthy", ())
    size = np.sqrt(np.mean((2 * w.data / 12) ** 2))
    assert str(answer).startswith(f"The gradient of w is healthy: size {size:.3g}, entries −0.165")
    np.testing.assert_allclose(answer.gradient, 2 * w.data / 12)


def test_a_relu_that_blocks_half_is_as_it_should_be():
    assert not why(w, lambda: nn.functional.relu(w * ROWS[:3]).sum()).reasons


def test_a_mean_over_many_entries_is_no_fault():
    answer = why(b, lambda: (b + np.zeros((5000, 4))).mean())
    assert (answer.verdict, answer.reasons) == ("healthy", ())


def test_an_operation_that_nobody_knows_is_named_all_the_same():
    with operations_of_a_test():

        class Swallow(Function):
            """A rule that sends nothing back."""

            forward = staticmethod(lambda x: x * 1.0)
            gradients = {"x": lambda g: g * 0}

        (reason,) = why(w, lambda: Swallow.apply(w).sum()).reasons
    assert (reason.kind, reason.call.op.__name__) == ("zero", "Swallow")


# What it is given


def test_a_recorded_loss_a_tape_and_a_function_give_one_answer():
    with record() as tape:
        loss = autograd.tanh(w - 12.0).mean()
        loss.backward()
    answers = [why(w, loss), why(w, loss, tape), why(w, tape)]
    answers.append(why(w, lambda: autograd.tanh(w - 12.0).mean()))
    assert {one.verdict for one in answers} == {"vanishing"}
    assert {one.reasons[0].kind for one in answers} == {"saturated"}
    assert {round(float(one.gradient.sum() * 1e12)) for one in answers} == {
        round(float(w.grad.data.sum() * 1e12))
    }


def test_of_a_loss_that_was_not_recorded_what_is_left_is_told_and_how_to_get_the_rest():
    loss = autograd.tanh(w - 12.0).mean()
    answer = why(w, loss)
    assert (answer.verdict, answer.reasons[0].kind) == ("vanishing", "saturated")
    assert "This loss was not recorded" in str(answer)

    cut = why(w, (w.detach() * b).sum())
    assert (cut.verdict, cut.reasons[0].kind) == ("missing", "not in the graph")
    assert "what is left of this loss leads back to b, and not to it" in cut.reasons[0].says
    assert "autograd.record()" in cut.reasons[0].fix

    loss.backward()
    released = why(w, loss)
    assert (released.verdict, released.gradient) == ("unknown", None)
    assert "has released the values" in str(released)


def test_nothing_is_changed_by_asking():
    v = weight(3, 4)
    why(v, lambda: (v * v).sum())
    assert v.grad is None


def test_names_are_escaped_in_notebooks():
    v = weight(2, name="<script>&\"'\n")
    html = why(v, lambda: (v * 0.0).sum())._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;&amp;&quot;" in html
    assert "<td" in html


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: why("w", lambda: w.sum()), TypeError, "first the Tensor whose gradient"),
        (lambda: why(w, 3), TypeError, "why takes a loss, a tape, or a function"),
        (lambda: why(w, lambda: w * 2.0), ValueError, r"this result has shape \(3, 4\)"),
        (lambda: why(w, lambda: (w.sum(), 1)), TypeError, "<lambda> answers tuple"),
    ],
)
def test_a_wrong_call_is_answered_with_what_to_do(call, error, words):
    with pytest.raises(error, match=words):
        call()
