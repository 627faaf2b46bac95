"""Values that change between forward and backward are noticed, wherever they live; others are not.

The rule of thumb behind every row: backward computes with the values of the forward pass. If one
that it needs was overwritten since by the project's own means, it must refuse; in every other case
it must not.
"""

import gc
import threading

import numpy as np
import pytest
from support.checks import message, operations_of_a_test
from support.replay import leaf

import autograd
from autograd import Function, Tensor, no_grad, versions
from autograd.leaves import Home


def in_place(change):
    def write(x):
        with no_grad():
            change(x)

    return write


def add_one(x):
    x += 1


def subtract_one(x):
    x -= 1


def double(x):
    x *= 2


def halve(x):
    x /= 2


def set_first(x):
    x[0] = 5.0


def set_by_mask(x):
    x[x.data > 1] = 0.0


def assign(x):
    x.data = [7.0, 8.0]


# Ways of writing into a Tensor of two numbers
WRITES = {
    "x.data = …": assign,
    "x.copy_(…)": lambda x: x.copy_(np.array([7.0, 8.0])),
    "x += 1": in_place(add_one),
    "x -= 1": in_place(subtract_one),
    "x *= 2": in_place(double),
    "x /= 2": in_place(halve),
    "x[0] = 5": in_place(set_first),
    "x[mask] = 0": in_place(set_by_mask),
    "writing into x.detach()": lambda x: double(x.detach()),
    "writing into a detached slice": lambda x: double(x.detach()[1:]),
    "writing into a Tensor of the same array": lambda x: double(Tensor(x.data)),
    "writing into a Tensor of a view": lambda x: double(Tensor(x.data.reshape(1, 2)[:, ::-1])),
    "writing into the array it is a view of": lambda x: double(Tensor(x.data.base[:2])),
    "writing in another thread": lambda x: run_in_thread(lambda: double(x.detach())),
}


def run_in_thread(function):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def view_of_two():
    """A leaf whose memory belongs to a larger array."""
    return Tensor(np.array([2.0, 3.0, 4.0, 5.0])[:2], requires_grad=True)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_needed_value_that_was_overwritten_is_noticed(write):
    x = view_of_two()
    loss = (x * x).sum()
    write(x)
    with pytest.raises(RuntimeError, match=r"Multiply: its input x, .* was changed in place"):
        loss.backward()
    assert x.grad is None


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_writing_before_the_forward_pass_does_no_harm(write):
    x = view_of_two()
    write(x)
    (x * x).sum().backward()
    np.testing.assert_array_equal(x.grad.data, 2 * x.data)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_writing_after_backward_does_no_harm(write):
    x = view_of_two()
    (x * x).sum().backward()
    expected = 2 * x.data
    write(x)
    np.testing.assert_array_equal(x.grad.data, expected)
    x.grad = None
    (x * x).sum().backward()
    np.testing.assert_array_equal(x.grad.data, 2 * x.data)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_writing_into_a_value_that_no_rule_needs_does_no_harm(write):
    x = view_of_two()
    loss = (3 * x + x).sum()
    write(x)
    loss.backward()
    np.testing.assert_array_equal(x.grad.data, [4, 4])


# What is kept, and what the message calls it


def overwrite(x):
    x.detach().copy_(np.zeros_like(x.data))


ADVICE = (
    " was changed in place after the forward pass, by copy_() or an assignment of data, so its "
    "gradient would be wrong. Call backward before that, or compute the result anew after it."
)


def input_of_product():
    x, w = leaf([[1.0, 2.0]]), leaf([[3.0], [4.0]], name="net.0.weight")
    return (x @ w).sum(), w, f"MatMul: its input y 'net.0.weight', (2, 1),{ADVICE}"


def input_without_a_name():
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    return (x * y).sum(), x, f"Multiply: its input x, (2,),{ADVICE}"


def input_without_a_gradient():
    x, mask = leaf([1.0, 2.0]), Tensor(np.array([0.0, 1.0]), name="mask")
    return (x * mask).sum(), mask, f"Multiply: its input y, (2,),{ADVICE}"


def output():
    y = leaf([1.0, 2.0]).tanh()
    return y.sum(), y, f"Tanh: its output, (2,),{ADVICE}"


def intermediate():
    y = leaf([1.0, 2.0]) * 2
    return y.log().sum(), y, f"Log: its input x, (2,),{ADVICE}"


def index():
    i = Tensor(np.array([1, 0, 0]))
    return leaf([1.0, 2.0])[i].sum(), i, f"GetItem: its input key, (3,),{ADVICE}"


def one_of_two_indices():
    i, j = Tensor(np.array([1, 0, 0])), Tensor(np.array([1, 1, 0]))
    return leaf([[1.0, 2.0], [3.0, 4.0]])[i, j].sum(), j, f"GetItem: its input key, (3,),{ADVICE}"


def one_of_any_number():
    with operations_of_a_test():

        class SumOfSquares(Function):
            inputs = ("*arrays",)

            def forward(*arrays):
                return sum((array * array).sum() for array in arrays)

            gradients = {"arrays": lambda g, arrays: [2 * g * array for array in arrays]}

    x, y = leaf([1.0, 2.0]), leaf([1.0, 2.0, 3.0], name="b")
    return SumOfSquares.apply(x, y), y, f"SumOfSquares: its input arrays[1] 'b', (3,),{ADVICE}"


@pytest.mark.parametrize(
    "case",
    [
        input_of_product,
        input_without_a_name,
        input_without_a_gradient,
        output,
        intermediate,
        index,
        one_of_two_indices,
        one_of_any_number,
    ],
)
def test_message(case):
    loss, changed, text = case()
    overwrite(changed)
    assert message(RuntimeError, loss.backward) == text


def test_nothing_is_computed_before_the_check():
    # The changed value is needed at the very end of the way back; no gradient may get anywhere.
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    loss = ((x * x) * w).sum()
    overwrite(x)
    with pytest.raises(RuntimeError):
        loss.backward()
    assert w.grad is None


def test_a_retained_graph_is_checked_at_every_pass():
    x = leaf([1.0, 2.0])
    loss = (x * x).sum()
    loss.backward(retain_graph=True)
    overwrite(x)
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_a_differentiable_pass_is_checked_too():
    x = leaf([1.0, 2.0])
    slope = autograd.grad(x.log().sum(), x, create_graph=True)  # 1 / x
    overwrite(x)
    with pytest.raises(RuntimeError, match="changed in place"):
        autograd.grad(slope.sum(), x)


def test_gradients_off_the_changed_path_are_still_computed():
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    loss = (x * x + w * w).sum()
    overwrite(x)
    np.testing.assert_array_equal(autograd.grad(loss, w).data, [6, 8])


# Memory shared by several


def test_disjoint_slices_of_one_buffer_do_not_clash():
    buffer = np.arange(10.0)
    parts = [Tensor(buffer[i : i + 2], requires_grad=True) for i in range(0, 10, 2)]
    loss = sum((part * part).sum() for part in parts[:2])
    for part in parts[2:]:
        overwrite(part)
    loss.backward()
    np.testing.assert_array_equal(parts[1].grad.data, [4, 6])


@pytest.mark.parametrize("written", [slice(0, 3), slice(4, 6), slice(1, 9), slice(3, 4)])
def test_overlapping_slices_of_one_buffer_clash(written):
    buffer = np.arange(10.0)
    part = Tensor(buffer[2:5], requires_grad=True)
    loss = (part * part).sum()
    overwrite(Tensor(buffer[written]))
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


@pytest.mark.parametrize("written", [slice(0, 2), slice(5, 10), slice(3, 3)])
def test_neighbouring_and_empty_slices_do_not_clash(written):
    buffer = np.arange(10.0)
    part = Tensor(buffer[2:5], requires_grad=True)
    loss = (part * part).sum()
    overwrite(Tensor(buffer[written]))
    loss.backward()


def test_memory_handed_on_as_a_buffer_has_the_same_owner():
    buffer = np.arange(10.0)
    part = Tensor(Home(buffer, 2, (3,)).view(), requires_grad=True)
    loss = (part * part).sum()
    overwrite(Tensor(buffer[5:]))
    loss.backward(retain_graph=True)
    overwrite(Tensor(buffer[4:]))
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_many_ranges_of_one_buffer_are_all_remembered():
    buffer = np.ones(1000)
    first, last = Tensor(buffer[:1], True), Tensor(buffer[999:], True)
    loss = (first * first).sum()
    for i in range(1, 500):
        overwrite(Tensor(buffer[i : i + 1]))
    loss.backward()  # 499 writes beside it
    loss = (first * first + last * last).sum()
    overwrite(first)
    for i in range(1, 500):
        overwrite(Tensor(buffer[i : i + 1]))
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_a_value_that_shares_memory_by_a_view_is_noticed():
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    loss = (x.T * x[0]).sum()
    overwrite(x)
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_a_copy_has_memory_of_its_own():
    x = leaf([1.0, 2.0])
    y = x.clone()
    loss = (y * y).sum()
    overwrite(x)
    loss.backward()
    np.testing.assert_array_equal(x.grad.data, [2, 4])


# No false alarms


def test_accumulating_gradients_is_no_false_alarm():
    x = leaf([1.0, 2.0])
    first, second = (x * x).sum(), (x * x * x).sum()
    first.backward(retain_graph=True)
    second.backward()
    first.backward()
    np.testing.assert_array_equal(x.grad.data, [2 + 3 + 2, 4 + 12 + 4])


def test_a_gradient_that_is_used_as_a_value_is_noticed_when_it_grows():
    x, w = leaf([1.0, 2.0]), leaf([1.0, 1.0])
    (x * x).sum().backward()
    loss = (w * x.grad).sum()
    (x * 3).sum().backward()
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_a_step_between_two_losses_stops_only_the_one_that_needs_the_old_values():
    w = leaf([1.0, 2.0])
    before, sums = (w * w).sum(), w.sum()
    with no_grad():
        w -= 0.1
    after = (w * w).sum()
    after.backward()
    sums.backward()
    with pytest.raises(RuntimeError, match="changed in place"):
        before.backward()


def test_writing_into_other_memory_is_no_false_alarm():
    x = leaf([1.0, 2.0])
    loss = (x * x).sum()
    for _ in range(100):
        double(Tensor(np.ones(2)))  # may well come to lie where the one before was
    loss.backward()


def test_writing_zero_entries_is_no_write():
    x = leaf([1.0, 2.0])
    loss = (x * x).sum()
    double(x.detach()[2:])
    loss.backward()


# What it costs


def test_stamps_go_with_the_memory():
    gc.collect()
    before = len(versions._histories)
    arrays = [np.ones(3) for _ in range(5)]
    for array in arrays:
        double(Tensor(array))
        double(Tensor(array[1:]))
    assert len(versions._histories) == before + 5
    del array, arrays
    assert len(versions._histories) == before


def test_stamps_do_not_keep_the_memory():
    gc.disable()
    try:
        x = Tensor(np.ones(3))
        double(x)
        count = len(versions._histories)
        del x
        assert len(versions._histories) == count - 1
    finally:
        gc.enable()


def test_the_ranges_of_one_owner_stay_few():
    buffer = np.ones(10_000)
    for i in range(2000):
        versions.stamp(buffer[i : i + 1], "a test")
    history = versions._histories[id(buffer)]
    assert len(history.writes) <= 64
    assert versions.written_since(buffer[:1], 0)
    assert not versions.written_since(buffer[5000:], 0)


def test_a_node_with_several_outputs_is_checked_and_does_not_stop_the_check():
    logits = leaf([[1.0, 2.0], [3.0, 4.0]])
    labels = Tensor(np.array([0, 1]))
    loss = autograd.softmax_cross_entropy(logits * 1.0, labels).sum()
    leaf([0.0]).copy_([1.0])  # a write that concerns nothing in this graph
    loss.backward()
    np.testing.assert_allclose(logits.grad.data.sum(axis=1), [0, 0], atol=1e-15)
