"""What is said of Tensors, backward and hooks that are used wrongly.

Each row does the wrong thing through the public names. The text is compared as a whole, so that no
placeholder stays unfilled and no number goes wrong unseen.
"""

import copy

import numpy as np
import pytest
from support.checks import message, operations_of_a_test
from support.messages import Messages

from autograd import Function, RuleError, Tensor, errors, functional, grad

TABLE = Messages()
row = TABLE.row


def t(*shape, name=None, dtype=np.float32):
    return Tensor(np.ones(shape, dtype), name=name)


def leaf(*shape, name=None):
    return Tensor(np.ones(shape, np.float32), requires_grad=True, name=name)


# NumPy's functions that have no rule


@row(
    "unsupported_ufunc",
    TypeError,
    "np.spacing has no derivative here yet, so it does not take Tensors. For the bare values use "
    "np.spacing(tensor.data); to add it, write a class derived from autograd.Elementwise.",
)
def a_ufunc_without_a_rule():
    np.spacing(t(3))


@row(
    "unsupported_ufunc",
    TypeError,
    "np.add.reduce has no derivative here, so it does not take Tensors. For sums use np.sum; for "
    "the bare values use tensor.data.",
)
def a_method_of_a_ufunc():
    np.add.reduce(t(3))


@row(
    "unsupported_ufunc",
    TypeError,
    "np.add on Tensors takes no out, and an array is not updated in place from a Tensor: that "
    "would lose the history. For a step by hand write `with autograd.no_grad(): p -= lr * p.grad`, "
    "or p.data -= lr * p.grad.data.",
)
def a_sum_written_into_an_array():
    array = np.ones(3)
    array += t(3)


@row(
    "unsupported_function",
    TypeError,
    "np.fft.fft has no derivative here yet, so it does not take Tensors. For the bare values "
    "use tensor.data; to add it, write a class derived from autograd.Function.",
)
def a_function_without_a_rule():
    np.fft.fft(t(3))


# Tensors


@row(
    "tensor_of_tensor",
    TypeError,
    "Tensor(…) was given a Tensor, and would lose its history. Use it as it is; for a copy "
    "t.clone(), for the values without history t.detach().",
)
def a_tensor_of_a_tensor():
    Tensor(t(3))


@row(
    "tensor_of_list_of_tensors",
    TypeError,
    "A list of Tensors would lose their history as one Tensor. Join them with autograd.stack(list) "
    "along a new axis, or autograd.concatenate(list) along one they have.",
)
def a_tensor_of_a_list_of_tensors():
    Tensor([t(3), t(3)])


@row(
    "gradient_of_integers",
    TypeError,
    "A Tensor of int64 cannot require a gradient: there is nothing between two whole numbers. Make "
    "it floating: Tensor(data, requires_grad=True, dtype=float).",
)
def a_gradient_of_whole_numbers():
    Tensor(np.array([1, 2]), requires_grad=True)


@row(
    "requires_grad_of_result",
    RuntimeError,
    "requires_grad of a result (here of Exp) cannot be switched off: its history is there. Use "
    "t.detach() for the values without history.",
)
def a_history_switched_off():
    leaf(2).exp().requires_grad = False


@row(
    "grad_of_result",
    UserWarning,  # warnings are errors in this suite
    ".grad is filled in for leaves only, and this Tensor is a result of Exp; it will stay None. "
    "Call t.retain_grad() before backward(), or use autograd.grad(loss, t).",
)
def the_gradient_of_a_result():
    leaf(2).exp().grad


@row(
    "grad_does_not_fit",
    ValueError,
    "A gradient has the shape and dtype of its Tensor, (2,) float32; this one is (3,) float64.",
)
def a_gradient_of_another_shape():
    leaf(2).grad = np.ones(3)


@row(
    "data_does_not_fit",
    ValueError,
    "New data must have the Tensor's shape (2,); this has (1, 2). "
    "For another shape make a new Tensor.",
)
def data_of_another_shape():
    leaf(2).data = [[1, 2]]


@row(
    "data_does_not_fit",
    TypeError,
    "Values of float64 do not go into a Tensor of int64 without loss; convert them first: "
    "values.astype('int64').",
)
def fractions_into_whole_numbers():
    t(2, dtype=np.int64).copy_(np.array([0.5, 1.5]))


@row(
    "not_one_entry",
    ValueError,
    "item() needs a single number, and this Tensor has shape (2, 3), 6 numbers. Choose one (t[0]) "
    "or reduce it (t.sum(), t.mean()).",
)
def several_numbers_as_one():
    t(2, 3).item()


@row(
    "truth_of_many",
    ValueError,
    "A Tensor of shape (2,) is neither true nor false. Say which is meant: t.any() or t.all(), or "
    "t.size > 0.",
)
def the_truth_of_many():
    assert t(2) > 0


@row(
    "copy_of_result",
    RuntimeError,
    "Only leaves can be deep-copied; this Tensor is a result of Exp, and a copy would share its "
    "history. Use t.detach().clone() for the values.",
)
def a_deep_copy_of_a_result():
    copy.deepcopy([leaf(2).exp()])


WITHIN_NO_GRAD = "write within `with autograd.no_grad():`."


@row(
    "write_with_history",
    RuntimeError,
    "Writing into the Tensor 'w' (2,) float32 in place would lose a gradient, because it or the "
    "new values require one. Make a new Tensor (x = x - y), or, for an update that is not to be "
    f"differentiated, {WITHIN_NO_GRAD}",
)
def an_update_that_is_recorded():
    w = leaf(2, name="w")
    w -= 0.1


@row(
    "write_with_history",
    RuntimeError,
    "Writing into the Tensor (2,) float32 in place would lose a gradient, because it or the new "
    "values require one. Make a new Tensor (x = autograd.where(mask, value, x)), or, for an update "
    f"that is not to be differentiated, {WITHIN_NO_GRAD}",
)
def an_entry_with_a_history():
    t(2)[0] = leaf(1)[0]


@row(
    "write_with_history",
    RuntimeError,
    "Writing into the Tensor (2,) float32 in place would lose a gradient, because it or the new "
    "values require one. Make a new Tensor (t.copy_(values.detach())), or, for an update that is "
    f"not to be differentiated, {WITHIN_NO_GRAD}",
)
def a_copy_of_values_with_a_history():
    t(2).copy_(leaf(2))


@row(
    "cannot_set",
    ValueError,
    "Setting entries of the Tensor 'x' (2,) float32: could not broadcast input array from shape "
    "(3,) into shape (2,). What was to be written has shape (3,).",
)
def entries_that_do_not_fit():
    t(2, name="x")[:] = t(3)


@row(
    "cannot_set",
    ValueError,
    "Setting entries of the Tensor (2,) float64: it is read-only, because others rely on its "
    "memory. Take a copy first: t = t.clone().",
)
def entries_of_read_only_memory():
    Tensor(np.broadcast_to(1.0, 2))[0] = 2


@row(
    "write_to_result",
    RuntimeError,
    "This Tensor is a result of Exp; overwriting it would contradict its history. Use t.detach(), "
    f"or {WITHIN_NO_GRAD}",
)
def data_of_a_result():
    leaf(2).exp().data = [1, 2]


@row(
    "cannot_write",
    ValueError,
    "Writing in place: the result has shape (2, 2), and does not fit into this Tensor, (2,) "
    "float32. Make a new Tensor: x = x + y.",
)
def a_sum_that_outgrows_its_place():
    x = t(2)
    x += [[1.0], [2.0]]


@row(
    "cannot_write",
    TypeError,
    "Writing in place: the result is float64, and does not go into this Tensor, (2,) int64, "
    "without loss. Make a new Tensor: x = x / y.",
)
def a_quotient_of_whole_numbers_in_place():
    x = t(2, dtype=np.int64)
    x /= 2


@row(
    "cannot_write",
    ValueError,
    "Writing in place: this Tensor, (2,) float64, is read-only, because others rely on its memory. "
    "Make a new Tensor: x = x * y.",
)
def writing_into_read_only_memory():
    x = Tensor(np.broadcast_to(1.0, 2))
    x *= 2


# Backward


@row(
    "no_history",
    RuntimeError,
    "backward: this Tensor, 'loss' () float32, has no history and requires no gradient. Either "
    "nothing it was computed from has requires_grad=True, or it was computed within no_grad() or "
    "from detached values.",
)
def backward_without_a_history():
    t(name="loss").backward()


@row(
    "not_scalar",
    RuntimeError,
    "backward: the result has shape (2, 3), and only a single number has a gradient without saying "
    "more. Reduce it first, as in loss.mean().backward(), or give the upstream gradient: "
    "backward(gradient) of shape (2, 3).",
)
def backward_from_several_numbers():
    leaf(2, 3).exp().backward()


@row(
    "upstream_does_not_fit",
    ValueError,
    "backward: the upstream gradient must have the result's shape (2, 3); this one has (3,).",
)
def backward_from_another_shape():
    leaf(2, 3).exp().backward(np.ones(3))


@row(
    "released",
    RuntimeError,
    "backward a second time: an earlier backward went through this graph and released its values, "
    "those of Sum among them. Compute the result anew, or keep the graph at the first pass: "
    "loss.backward(retain_graph=True).",
)
def second_backward():
    loss = leaf(2).exp().sum()
    loss.backward()
    loss.backward()


@row(
    "released",
    RuntimeError,
    "backward a second time: an earlier backward went through this graph and released its values, "
    "those of Exp among them. Compute the result anew, or keep the graph at the first pass: "
    "loss.backward(retain_graph=True).",
)
def a_jacobian_after_backward():
    y = leaf().exp()
    y.backward()
    y.grad_fn.local_gradient_values()


@row(
    "changed_in_place",
    RuntimeError,
    "Multiply: its input y 'w', (2,), was changed in place after the forward pass, by copy_() or "
    "an assignment of data, so its gradient would be wrong. Call backward before that, or compute "
    "the result anew after it.",
)
def a_step_before_backward():
    w = leaf(2, name="w")
    loss = (leaf(2) * w).sum()
    w.data = [5, 5]
    loss.backward()


# Hooks


@row(
    "hook_without_gradient",
    RuntimeError,
    "register_hook: this Tensor, 'x' (2,) float32, requires no gradient, so the hook would never "
    "be called. Set requires_grad=True before computing with it.",
)
def a_hook_that_is_never_called():
    t(2, name="x").register_hook(print)


def average(g):
    return g.mean()


@row(
    "hook_changed_shape",
    ValueError,
    "The gradient hook average returned shape () for a gradient of shape (2,); return a gradient "
    "of the same shape, or None to leave it as it is.",
)
def a_hook_that_changes_the_shape():
    x = leaf(2)
    x.register_hook(average)
    x.exp().sum().backward()


def as_an_array(g):
    return g.data / 2


@row(
    "hook_returned",
    TypeError,
    "The gradient hook as_an_array returned ndarray; return a Tensor, or None to leave the "
    "gradient as it is.",
)
def a_hook_that_returns_an_array():
    x = leaf(2)
    x.register_hook(as_an_array)
    x.exp().sum().backward()


# Gradients as values


@row(
    "not_tensors",
    TypeError,
    "grad: input 1 is ndarray, and gradients are of Tensors with respect to Tensors. Give the "
    "result itself and what it was computed from, not their .data, numbers or functions.",
)
def a_gradient_for_an_array():
    x = leaf(2)
    grad(x.sum(), [x, x.data])


@row(
    "not_tensors",
    TypeError,
    "grad: output 0 is function, and gradients are of Tensors with respect to Tensors. Give the "
    "result itself and what it was computed from, not their .data, numbers or functions.",
)
def a_gradient_of_a_function():
    grad(lambda x: x * x, leaf(2))


@row(
    "input_without_gradient",
    RuntimeError,
    "grad: input 1, 'labels' (2,) float32, does not require a gradient. Set requires_grad=True "
    "before the outputs are computed.",
)
def a_gradient_for_what_requires_none():
    x = leaf(2)
    grad(x.sum(), [x, t(2, name="labels")])


@row(
    "unused_input",
    RuntimeError,
    "grad: no output depends on input 1, 'w' (2,) float32. Was it replaced by a copy, detached, or "
    "rebuilt before use? If that is meant, pass allow_unused=True for None, or "
    "materialize_grads=True for zeros.",
)
def a_gradient_for_what_is_not_used():
    x = leaf(2)
    grad(x.sum(), [x, leaf(2, name="w")])


@row("grad", ValueError, "grad: there are 2 outputs and 1 grad_outputs; give one for each.")
def too_few_upstream_gradients():
    x = leaf(2)
    grad([x, x], x, grad_outputs=[np.ones(2)])


# Operations of one's own


@row(
    "wrong_gradient",
    RuleError,
    "Forgetful: the rule for 'x' returned None, not a gradient of shape (2,). Was the return "
    "forgotten?",
)
def a_rule_that_forgets_to_return():
    with operations_of_a_test():

        class Forgetful(Function):
            def forward(x):
                return 2 * x

            gradients = {"x": lambda g: None}

    Forgetful.apply(leaf(2)).sum().backward()


@row("not_an_output", RuleError, "Forgetful: forward returned None. Was the return forgotten?")
def a_forward_that_forgets_to_return():
    with operations_of_a_test():

        class Forgetful(Function):
            def forward(x):
                2 * x

            gradients = {"x": lambda g: g}

    Forgetful.apply(leaf(2))


@row(
    "not_an_output",
    RuleError,
    "SinCos: forward returned a tuple where one array is expected. Several results are declared "
    'by name: outputs = ("first", "second").',
)
def a_forward_with_undeclared_outputs():
    with operations_of_a_test():

        class SinCos(Function):
            def forward(x):
                return np.sin(x), np.cos(x)

            gradients = {"x": lambda g: g}

    SinCos.apply(leaf(2))


@row(
    "wrong_gradient",
    RuleError,
    "Double: the rule for 'x' returned a gradient of shape (1,), but x has shape (2,). A rule "
    "returns one number for each entry of its input (repeats that broadcasting made are summed for "
    "it).",
)
def a_rule_that_loses_entries():
    with operations_of_a_test():

        class Double(Function):
            def forward(x):
                return 2 * x

            gradients = {"x": lambda g: 2 * g[:1]}

    Double.apply(leaf(2)).sum().backward()


@row(
    "wrong_gradient",
    RuleError,
    "Promised: for 3 upstream gradients at once, along a leading axis, the rule for 'x' returned "
    "shape (3,), not (3, 3). Leave out batched = True, which promises that rules hold so, to have "
    "it called for each.",
)
def a_promise_that_rules_do_not_keep():
    with operations_of_a_test():

        class Promised(Function):
            batched = True

            def forward(x):
                return x.sum()

            gradients = {"x": lambda g, x: g * np.ones_like(x)}

    functional.jacobian(lambda x: Promised.apply(x) * t(3))(t(3))


# The table


@pytest.mark.parametrize(("wrong", "kind", "text"), TABLE.rows)
def test_message(wrong, kind, text):
    assert message(kind, wrong) == text


def test_every_message_has_a_row():
    assert TABLE.missing(errors) == set()
