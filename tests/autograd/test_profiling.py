"""The table of time and bytes by operation and module, with a clock that ticks when it is read."""

from itertools import count

import numpy as np
import pytest
from support.checks import operations_of_a_test
from support.replay import ExpAndSquare, leaf

import autograd
import nn
from autograd import Function, grad, profile, profiling


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A clock that goes one millisecond further each time it is read."""
    ticks = count()
    monkeypatch.setattr(profiling, "perf_counter", lambda: next(ticks) / 1000)
    return ticks


def network():
    autograd.manual_seed(0)
    return nn.Sequential(nn.Linear(50, 20), nn.ReLU(), nn.Linear(20, 2))


BATCH, LABELS = np.ones((100, 50), np.float32), np.arange(100) % 2

# Bytes in MB: the first layer makes 100 · 20 numbers of 4 bytes and a gradient of 20 · 50; that of
# its bias is the upstream gradient, which the engine adds up over the rows.
TABLE = """\
operation            module      calls  forward  backward  share  forward  backward
                                             ms        ms      %       MB        MB
Affine               0 (Linear)      2    2.000     1.000   27.3    0.016     0.004
ReLU                 1 (ReLU)        2    2.000     1.000   27.3    0.016     0.008
Affine               2 (Linear)      2    2.000     1.000   27.3    0.002     0.008
SoftmaxCrossEntropy                  1    1.000     1.000   18.2    0.000     0.001
"""


def row(rows, operation, module=""):
    (found,) = [one for one in rows if (one.operation, one.module) == (operation, module)]
    return found


def test_a_training_step_as_a_table():
    net = network()
    with profile() as p:
        net(BATCH)
        autograd.softmax_cross_entropy(net(BATCH), LABELS).backward(np.ones(100, np.float32))
    assert str(p) == TABLE + (
        "total                                7    7.000     4.000  100.0    0.034     0.021"
    )
    assert repr(p) == "<Profile of 7 calls; print(p) shows them>"


def test_rows_are_data_by_operation_and_by_module():
    with profile() as p:
        network()(BATCH).sum().backward()
        nn.ReLU()(leaf([1.0]))
    first = p.rows[0]
    assert (first.operation, first.module, first.calls) == ("Affine", "0 (Linear)", 1)
    assert (first.forward_ms, first.backward_ms) == pytest.approx((1, 1))
    assert (first.forward_bytes, first.backward_bytes) == (100 * 20 * 4, 20 * 50 * 4)
    assert sum(one.share for one in p.rows) == pytest.approx(1)
    affine, relu = row(p.by_operation(), "Affine"), row(p.by_operation(), "ReLU")
    assert (affine.calls, affine.forward_ms, affine.backward_ms) == pytest.approx((2, 2, 2))
    assert (relu.calls, relu.forward_ms, relu.backward_ms) == pytest.approx((2, 2, 1))
    modules = {one.module: (one.operation, one.calls) for one in p.by_module()}
    assert modules == {
        "0 (Linear)": ("", 1),
        "1 (ReLU)": ("", 1),
        "2 (Linear)": ("", 1),
        "ReLU": ("", 1),
        "": ("", 1),
    }


def test_the_most_expensive_stands_first(clock):
    with operations_of_a_test():

        class Slow(Function):
            def forward(x):
                for _ in range(10):
                    next(clock)
                return x * 1

            gradients = {"x": lambda g: g}

        x = leaf([1.0])
        with profile() as p:
            x.exp()
            Slow.apply(x)
            x.log()
    assert [one.operation for one in p.rows] == ["Slow", "Exp", "Log"]
    assert p.rows[0].forward_ms == pytest.approx(11)
    assert [one.share for one in p.rows] == pytest.approx([11 / 13, 1 / 13, 1 / 13])


BYTES = {
    # of four float64: those of the result, those of the gradients
    "a new array": (lambda x: x.exp(), 32, 32),
    "a view": (lambda x: x.reshape(2, 2), 0, 0),
    "one array for both inputs": (lambda x: x + x, 32, 0),
    "an array that is handed on": (lambda x: x + 1, 32, 0),
    "two of them": (lambda x: x * (x + 0), 64, 64),
    "a reduction": (lambda x: x.sum(), 8, 0),
}


@pytest.mark.parametrize(("fn", "forward", "backward"), BYTES.values(), ids=BYTES)
def test_bytes_are_those_of_arrays_that_were_made(fn, forward, backward):
    with profile() as p:
        y = fn(leaf([1.0, 2.0, 3.0, 4.0]))
        y.backward(np.ones(y.shape))
    total = row(p.rows, p.rows[0].operation)
    forward_sum = sum(one.forward_bytes for one in p.rows)
    assert (forward_sum, sum(one.backward_bytes for one in p.rows)) == (forward, backward)
    assert total.calls == 1


def test_an_array_counts_once_and_not_where_it_was_kept():
    with operations_of_a_test():

        class Both(Function):
            def forward(x, y):
                return x + y

            gradients = {"x": lambda g: g * 1, "y": lambda g: g * 1}

            def backward(g, wants):
                return dict.fromkeys(wants, g * 1)

        class Kept(Function):
            def forward(x, y):
                return x + y

            gradients = {"x": lambda y: y}

        with profile() as p:
            for op in (Both, Kept):
                op.apply(leaf([1.0, 2.0]), leaf([3.0, 4.0])).backward(np.ones(2))
    assert {one.operation: one.backward_bytes for one in p.rows} == {"Both": 16, "Kept": 0}


def test_several_outputs_count_as_one_call():
    x = leaf([1.0, 2.0])
    with profile() as p:
        e, s = ExpAndSquare.apply(x)
        (e * s).sum().backward()
    both = row(p.rows, "ExpAndSquare")
    assert (both.calls, both.forward_ms, both.backward_ms) == pytest.approx((1, 1, 1))
    assert both.forward_bytes == 32


def test_a_failed_call_leaves_the_others_right():
    x = leaf([1.0, 2.0])
    with profile() as p:
        with pytest.raises(ValueError, match="do not broadcast"):
            x + np.ones(3)
        x + 1
        y = x * x
        y.register_hook(lambda g: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            y.sum().backward()
        x.exp().sum().backward()
    times = {one.operation: (one.calls, one.forward_ms, one.backward_ms) for one in p.rows}
    assert times["Add"] == pytest.approx((1, 1, 0))
    assert times["Multiply"] == pytest.approx((1, 1, 0))
    assert times["Exp"] == pytest.approx((1, 1, 1))
    assert times["Sum"] == pytest.approx((2, 2, 2))


def test_a_rule_that_fails_leaves_the_others_right():
    with operations_of_a_test():

        class Broken(Function):
            def forward(x):
                return x * 1

            gradients = {"x": lambda g: g / None}

        x = leaf([1.0])
        with profile() as p:
            with pytest.raises(TypeError):
                Broken.apply(x).backward()
            x.exp().backward()
    times = {one.operation: (one.calls, one.forward_ms, one.backward_ms) for one in p.rows}
    assert times == {"Broken": pytest.approx((1, 1, 0)), "Exp": pytest.approx((1, 1, 1))}


def test_a_call_that_fails_within_a_rule_leaves_its_time_to_the_rule():
    def halting(g):
        with pytest.raises(ValueError, match="do not broadcast"):
            g + np.ones(3)
        return g

    with operations_of_a_test():

        class Halting(Function):
            def forward(x):
                return x * 1

            gradients = {"x": halting}

        x = leaf([1.0, 2.0])
        with profile() as p:
            grad(Halting.apply(x), x, np.ones(2), create_graph=True)
    assert row(p.rows, "Halting").backward_ms == pytest.approx(2)


def test_what_a_rule_calls_is_counted_once(clock):
    x = leaf([1.0, 2.0])
    with profile() as p:
        before = next(clock)
        grad(x.exp().sum(), x, create_graph=True)
        passed = next(clock) - before - 1
    rows = {one.operation: one for one in p.rows}
    # Each call reads the clock at its start and end; a tick between two reads is somebody's own.
    total = sum(one.forward_ms + one.backward_ms for one in p.rows)
    assert rows["Exp"].calls == 1
    assert rows["Multiply"].calls == 1
    assert rows["Multiply"].forward_ms == pytest.approx(1)
    assert rows["Exp"].backward_ms == pytest.approx(2)  # before and after its one product
    assert total < passed


def test_nodes_from_before_count_as_outside_of_modules():
    y = network()(BATCH)
    with profile() as p:
        y.sum().backward()
    assert {(one.operation, one.module, one.calls) for one in p.rows} == {
        ("Sum", "", 1),
        ("Affine", "", 0),
        ("ReLU", "", 0),
    }


def test_nothing_is_a_table_too():
    with profile() as p:
        pass
    assert (p.rows, p.by_module(), p.by_operation()) == ([], [], [])
    assert str(p).splitlines()[2].split() == [
        "total",
        "0",
        "0.000",
        "0.000",
        "0.0",
        "0.000",
        "0.000",
    ]
