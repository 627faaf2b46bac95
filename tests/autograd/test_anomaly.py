"""The first NaN or infinity: who is reported, with which words; and what is locked meanwhile."""

import gc
import linecache
import threading
import weakref

import numpy as np
import pytest
from support.checks import message, operations_of_a_test
from support.replay import ExpAndSquare, leaf

import autograd
import nn
import optim
from autograd import Function, Tensor, checkpoint, detect_anomaly, grad, no_grad, profile, record

NAN, INF = float("nan"), float("inf")


def said(function, *args):
    """What is said of an anomaly that `function` meets, without the lines that say where."""

    def run():
        with detect_anomaly():
            function(*args)

    lines = message(FloatingPointError, run).splitlines()
    return "\n".join(line for line in lines if not line.startswith(("  line ", "  forward call ")))


def facts(text):
    """The headline and the cause of a message."""
    lines = text.splitlines()
    causes = [line.partition("cause")[2].strip() for line in lines if line.startswith("  cause")]
    return lines[0], *causes


# Whole messages


PROGRAM = """\
import nn
from autograd import log
class Surprise(nn.Module):
    def forward(self, probability):
        return -log(probability).mean()
class Net(nn.Module):
    def __init__(self):
        self.head = Surprise()
    def forward(self, x):
        return self.head(x)
"""


def net_of_a_file():
    linecache.cache["train.py"] = (0, None, PROGRAM.splitlines(keepends=True), "train.py")
    scope = {"__name__": "train"}
    exec(compile(PROGRAM, "train.py", "exec"), scope)
    return scope["Net"]()


def test_a_forward_call_is_reported_with_all_that_is_known_of_it():
    def run():
        with detect_anomaly():
            net_of_a_file()(Tensor([0.5, 0.0, 0.25, 0.0], requires_grad=True))

    assert message(FloatingPointError, run) == (
        "Log made an infinity.\n"
        "  x       'probability' (4,) float32, from 0 to 0.5\n"
        "  out     (4,) float32, from -1.386 to -0.6931, 2 −∞ of 4\n"
        "  module  head (Surprise)\n"
        "  line    train.py:5, in forward: return -log(probability).mean()\n"
        "  cause   the logarithm of 0 is −∞, and 2 entries of x are 0\n"
        "  fix     for log(softmax(x)) write autograd.log_softmax(x), which cannot underflow; else "
        "keep away from 0: x.clip(1e-12).log()"
    )


def test_a_backward_call_is_reported_with_the_line_of_its_forward_call():
    program = "def length(v):\n    return (v * v).sum().sqrt()\n"
    linecache.cache["lengths.py"] = (0, None, program.splitlines(keepends=True), "lengths.py")
    scope = {"__name__": "lengths"}
    exec(compile(program, "lengths.py", "exec"), scope)

    def run():
        with detect_anomaly():
            scope["length"](leaf([0.0, 0.0])).backward()

    assert message(FloatingPointError, run) == (
        "Sqrt, backward, made an infinity: in the gradient of x.\n"
        "  out           () float64, from 0 to 0\n"
        "  upstream      () float64, from 1 to 1\n"
        "  sent to x     () float64, 1 ∞ of 1\n"
        "  forward call  lengths.py:2, in length: return (v * v).sum().sqrt()\n"
        "  cause         the slope of the square root is infinite at 0, and 1 entry of its input "
        "is 0\n"
        "  fix           add a small number under the root: (x + 1e-12).sqrt(). For a standard "
        "deviation of equal numbers: (x.var() + 1e-12).sqrt()"
    )


def test_data_that_is_nan_already_is_reported_as_such():
    batch = np.array([[1.0, NAN], [3.0, 4.0]], np.float32)
    assert said(nn.Linear(2, 1), batch).splitlines()[0] == "Affine was given NaN."
    assert said(lambda x: Tensor(x) * 2, batch) == (
        "Multiply was given NaN.\n"
        "  x      (2, 2) float32, from 1 to 4, 1 NaN of 4\n"
        "  y      2\n"
        "  out    (2, 2) float32, from 2 to 8, 1 NaN of 4\n"
        "  cause  the data came in so\n"
        "  fix    find where it comes from: np.isnan(array).any()"
    )


def test_a_call_from_before_has_no_line():
    y = leaf([0.0]).sqrt()

    def run():
        with detect_anomaly():
            y.backward()

    assert (
        "  forward call  unknown: it was made before detect_anomaly() was entered\n"
    ) in message(FloatingPointError, run)


# Causes


X = np.array([0.0, 1.0, 4.0], np.float32)
FORWARD = {
    "log of 0": (
        lambda: autograd.log(X),
        "Log made an infinity.",
        "the logarithm of 0 is −∞, and 1 entry of x is 0",
    ),
    "log of a negative number": (
        lambda: autograd.log(X - 2),
        "Log made NaN.",
        "there is no logarithm of negative numbers, and 2 entries of x are such",
    ),
    "division by 0": (
        lambda: 1 / Tensor(X),
        "Divide made an infinity.",
        "division by 0: 1 entry of y is 0",
    ),
    "0 / 0": (
        lambda: Tensor(X) / [0.0, 0.0, 2.0],
        "Divide made NaN.",
        "division by 0: 2 entries of y are 0, 1 of them below a 0",
    ),
    "exp": (
        lambda: autograd.exp(X * 25),
        "Exp made an infinity.",
        "the exponential of anything above 88.72 is beyond the largest float32",
    ),
    "square root": (
        lambda: autograd.sqrt(X - 1),
        "Sqrt made NaN.",
        "there is no square root of negative numbers, and 1 entry of x is such",
    ),
    "negative power": (
        lambda: Tensor(X) ** -1,
        "Power made an infinity.",
        "0 to a negative power is a division by 0",
    ),
    "broken power": (
        lambda: Tensor(X - 3) ** 0.5,
        "Power made NaN.",
        "there is no broken power of negative numbers",
    ),
    "a row masked as a whole": (
        lambda: autograd.softmax(autograd.where(X > 5, X, -INF)),
        "Softmax made NaN.",
        "a row of −inf only has no softmax: all its entries are masked",
    ),
    "0 · ∞": (
        lambda: Tensor(X) * INF,
        "Multiply made NaN.",
        "an infinity came in, and ∞ − ∞, 0 · ∞ and ∞ / ∞ are not numbers",
    ),
    "too large": (
        lambda: (Tensor(X) * 1e30) * 1e30,
        "Multiply made an infinity.",
        "the result is beyond the largest float32, 3.4e+38",
    ),
    "too large for float16": (
        lambda: Tensor(X.astype(np.float16)).sum() * 6e4,
        "Multiply made an infinity.",
        "the result is beyond the largest float16, 6.55e+04",
    ),
}


@pytest.mark.parametrize(("function", "headline", "cause"), FORWARD.values(), ids=FORWARD)
def test_forward_causes(function, headline, cause):
    assert facts(said(function)) == (headline, cause)


def step_of_0(x):
    return (x**0.5).sum().backward()


def where_trap(x):
    # The square root of the discarded 0 has an infinite slope, and 0 · ∞ is NaN.
    return autograd.where(x.data > 0, x.sqrt(), 0).sum().backward()


BACKWARD = {
    "square root at 0": (
        lambda x: x.sqrt().sum().backward(),
        "Sqrt, backward, made an infinity: in the gradient of x.",
        "the slope of the square root is infinite at 0, and 1 entry of its input is 0",
    ),
    "discarded by where": (
        where_trap,
        "Sqrt, backward, made NaN: in the gradient of x.",
        "the slope of the square root is infinite at 0, and 1 entry of its input is 0",
    ),
    "power at 0": (
        step_of_0,
        "Power, backward, made an infinity: in the gradient of x.",
        "a power below 1 has an infinite slope at 0, and there are entries that are 0",
    ),
    "too large": (
        lambda x: (x * 1e30 * 1e-30 * 1e30).backward(np.full(3, 1e10, np.float32)),
        "Multiply, backward, made an infinity: in the gradient of x.",
        "the result is beyond the largest float32, 3.4e+38",
    ),
    "upstream NaN": (
        lambda x: (x * x).backward(np.array([1, NAN, 1], np.float32)),
        "Multiply, backward, was given NaN: in the gradient of x, y.",
        "NaN was in the upstream gradient, or in what the forward call kept, before any rule",
    ),
    "with create_graph": (
        lambda x: grad(x.sqrt().sum(), x, create_graph=True),
        "Sqrt, backward, made an infinity: in the gradient of x.",
        "the slope of the square root is infinite at 0, and 1 entry of its input is 0",
    ),
    "a whole Jacobian": (
        lambda x: autograd.functional.jacobian(lambda x: x.sqrt())(x),
        "Sqrt, backward, made NaN: in the gradient of x.",
        "the slope of the square root is infinite at 0, and 1 entry of its input is 0",
    ),
}


@pytest.mark.parametrize(("function", "headline", "cause"), BACKWARD.values(), ids=BACKWARD)
def test_backward_causes(function, headline, cause):
    assert facts(said(function, leaf(X, np.float32))) == (headline, cause)


def test_several_outputs():
    x = leaf([1.0, 1000.0])
    text = said(lambda: ExpAndSquare.apply(x))
    assert text.startswith("ExpAndSquare made an infinity.\n  x      'x' (2,) float64, from 1 to")
    assert "  e      (2,) float64, from 2.718 to 2.718, 1 ∞ of 2\n" in text
    upstream = said(lambda: ExpAndSquare.apply(leaf([1.0]))[1].backward(np.array([NAN])))
    assert "  upstream for s  (1,) float64, 1 NaN of 1\n" in upstream
    assert "upstream for e" not in upstream


# What is no anomaly


FINE = {
    "a mask of −∞": lambda x: autograd.softmax(autograd.where(X > 0, x, -INF)).sum().backward(),
    "infinite data": lambda x: (x + np.array([INF, 1, 2], np.float32)) * 2,
    "the largest of −∞": lambda x: autograd.max(autograd.where(X > 0, x, -INF)).backward(),
    "NaN that is replaced": lambda x: autograd.where(X < 9, x, np.full(3, NAN)) * x,
    "an infinite factor": lambda x: ((x + 1) * [INF, 1, 1]).backward(np.ones(3, np.float32)),
    "whole numbers": lambda x: x.argmax() + 1,
    "nothing": lambda x: x[:0].sum(),
}


@pytest.mark.parametrize("function", FINE.values(), ids=FINE)
def test_what_is_meant_is_let_through(function):
    with detect_anomaly():
        function(leaf(X, np.float32))


def test_results_are_the_same_and_the_program_goes_on_after_an_anomaly():
    x = leaf(X)
    with detect_anomaly():
        with pytest.raises(FloatingPointError):
            x.sqrt().sum().backward()
        (x * x).sum().backward()
    assert x.grad.data.tolist() == [0.0, 2.0, 8.0]


# Locks


def test_a_write_into_a_kept_array_fails_where_it_is_made():
    a, w = np.ones(3), leaf([1.0, 2.0, 3.0])

    def train():
        with detect_anomaly():
            y = Tensor(a) * w
            a[:] = 0  # here
            y.sum().backward()

    with pytest.raises(ValueError, match="read-only") as caught:
        train()
    lines = linecache.getlines(__file__)
    assert lines[caught.traceback[-1].lineno].strip() == "a[:] = 0  # here"
    assert caught.value.__notes__ == [
        "Within detect_anomaly(), the arrays that a backward pass will need are locked. If this is "
        "one of them, writing it would make the gradient wrong: write before it is used, after "
        "backward, or into a copy."
    ]
    assert a.flags.writeable


def reads(x):
    return x * x


ENDINGS = {
    "backward": lambda y, x: y.sum().backward(),
    "grad": lambda y, x: grad(y.sum(), x),
    "the result goes": lambda y, x: None,
    "a failed backward": lambda y, x: fails(y),
    "a checkpoint": lambda y, x: checkpoint(reads, x).sum().backward(),
}


def fails(y):
    y.register_hook(lambda g: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        y.sum().backward()


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
def test_an_array_is_locked_until_its_nodes_let_go_of_it(end):
    x = leaf([1.0, 2.0])
    with detect_anomaly():
        y = reads(x)
        assert not x.data.flags.writeable
        end(y, x)
        del y
        assert x.data.flags.writeable


def test_an_array_that_several_nodes_keep_is_locked_until_the_last_one_lets_go():
    x = leaf([1.0, 2.0])
    with detect_anomaly():
        first, second = x * x, x.log()
        first.sum().backward()
        assert not x.data.flags.writeable
        second.sum().backward()
        assert x.data.flags.writeable


def test_a_graph_that_is_kept_keeps_its_arrays_locked_until_the_end():
    x = leaf([1.0, 2.0])
    with detect_anomaly():
        y = (x * x).sum()
        y.backward(retain_graph=True)
        assert not x.data.flags.writeable
    assert x.data.flags.writeable
    y.backward()
    assert x.grad.data.tolist() == [4.0, 8.0]


def test_arrays_in_a_list_are_locked_too():
    with operations_of_a_test():

        class Product(Function):
            def forward(*arrays):
                return np.prod(np.stack(arrays), axis=0)

            gradients = {"arrays": lambda g, arrays, out: [g * out / one for one in arrays]}

        inputs = [leaf([1.0, 2.0]), leaf([3.0, 4.0])]
        with detect_anomaly():
            y = Product.apply(*inputs)
            assert not any(x.data.flags.writeable for x in inputs)
            y.sum().backward()
            assert all(x.data.flags.writeable for x in inputs)


def test_contexts_within_each_other_lock_once():
    x, v = leaf([1.0, 2.0]), leaf([1.0, 2.0])
    with detect_anomaly():
        y = x * x
        with detect_anomaly():
            z = v.log()
        assert not x.data.flags.writeable
        assert not v.data.flags.writeable
        (y + z).sum().backward()
        assert x.data.flags.writeable
        assert v.data.flags.writeable


def test_threads_may_share_parameters():
    x, errors = leaf([1.0, 2.0]), []

    def work():
        try:
            for _ in range(50):
                with detect_anomaly():
                    (x * x).sum().backward()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert x.data.flags.writeable
    assert x.grad.data.tolist() == [300.0, 600.0]


BATCH = np.linspace(-1, 1, 30, dtype=np.float32).reshape(10, 3)
LABELS = np.arange(10) % 2


class nothing:
    def __enter__(self):
        pass

    def __exit__(self, *_):
        pass


def trained(optimizer_of, watching, outside=False):
    """Parameters after some steps, with an evaluation that keeps its graph through the next."""
    autograd.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Dropout(0.2), nn.Linear(4, 2))
    seen = [p.data for p in net.parameters()] if outside else []  # then they stay where they are
    optimizer = optimizer_of(net.parameters())
    batch = BATCH.copy()
    with watching():
        for step in range(4):
            optimizer.zero_grad()
            batch[:] = np.roll(BATCH, step, axis=0)
            loss = nn.functional.cross_entropy(net(batch), LABELS)
            loss.backward()
            optimizer.step()
            with no_grad():
                net[0].bias *= 0.99
            net[3].bias.data = net[3].bias.data * 0.99
            logits = net(batch.copy())
            hits = (logits.argmax(axis=1) == LABELS).mean()
            if outside:
                del logits
    flags = [p.data.flags.writeable and p.grad.data.flags.writeable for p in net.parameters()]
    assert all([*flags, batch.flags.writeable, len(seen) in (0, 4), 0 <= hits.item() <= 1])
    return net.state_dict()


OPTIMIZERS = {
    "SGD": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    "Adam": lambda p: optim.Adam(p, lr=0.1),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.01),
}


@pytest.mark.parametrize("outside", [False, True], ids=["flat buffer", "outside of it"])
@pytest.mark.parametrize("optimizer_of", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_training_runs_as_without(optimizer_of, outside):
    plain = trained(optimizer_of, nothing, outside)
    watched = trained(optimizer_of, detect_anomaly, outside)
    for name in plain:
        np.testing.assert_array_equal(plain[name], watched[name], name)


# What it leaves


@pytest.fixture
def uncollected():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("listening", [detect_anomaly, profile])
def test_graphs_go_with_their_last_name_also_while_it_is_on(listening):
    x = leaf([1.0, 2.0])
    with listening():
        y = x * x
        loss = y.exp().sum()
        things = [weakref.ref(one) for one in (y, y.grad_fn, loss, loss.grad_fn, y.data)]
        loss.backward()
        del y, loss
        assert [one() for one in things] == [None] * 5


# Together with other listeners


@pytest.mark.parametrize("other", [record, profile], ids=["record", "profile"])
@pytest.mark.parametrize("first", [True, False], ids=["around", "within"])
def test_others_may_listen_as_well(other, first):
    x = leaf([0.0, 1.0])
    outer, inner = (detect_anomaly, other) if first else (other, detect_anomaly)
    with outer(), inner():
        y = x * x
        assert not x.data.flags.writeable
        y.sum().backward()
        assert x.data.flags.writeable
        y = x.sqrt().sum()
        with pytest.raises(FloatingPointError, match="Sqrt, backward"):
            y.backward()
