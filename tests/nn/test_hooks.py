"""Hooks of modules: before and after forward, and on the way back."""

import copy
import pickle

import numpy as np
import pytest
from support.checks import message

import autograd
import nn
from autograd import Tensor, no_grad
from autograd.functional import jacobian
from nn.hooks import ALIVE


class Two(nn.Module):
    """Two inputs, two outputs that each depend on one of them, and a setting."""

    def forward(self, a, b, k=3):
        return a * 2, b * k


class Product(nn.Module):
    def forward(self, a, b):
        return a * b


def leaf(*values):
    return Tensor(list(values), requires_grad=True)


def values(gradients):
    return [None if g is None else g.data.tolist() for g in gradients]


class Log:
    """A backward hook that writes down what it is given."""

    def __init__(self):
        self.met = []

    def __call__(self, module, grad_input, grad_output):
        self.met.append((values(grad_input), values(grad_output)))


def scale(module, grad_input, grad_output):
    return tuple(None if g is None else g * 10 for g in grad_input)


def seen(module, args, output):
    module.seen = output.shape


# Forward


def test_a_pre_hook_sees_the_arguments_and_may_put_others_in_their_place():
    layer, met = Product(), []
    layer.register_forward_pre_hook(lambda module, args: met.append((module, args)))
    layer.register_forward_pre_hook(lambda module, args: (args[0] + 1, args[1]))
    assert layer(2, 5) == 15
    assert met == [(layer, (2, 5))]


def test_a_single_value_from_a_pre_hook_need_not_be_in_a_tuple():
    layer = nn.ReLU()
    layer.register_forward_pre_hook(lambda module, args: -args[0])
    assert layer(Tensor([-2.0, -3.0])).data.tolist() == [2, 3]


def test_a_forward_hook_sees_the_output_and_may_put_another_in_its_place():
    layer, met = nn.ReLU(), []
    x = Tensor([-2.0, 3.0])
    layer.register_forward_hook(lambda module, args, out: met.append((module, args, out)))
    layer.register_forward_hook(lambda module, args, out: out + 1)
    layer.register_forward_hook(lambda module, args, out: out * 2)
    assert layer(x).data.tolist() == [2, 8]
    assert met[0][:2] == (layer, (x,))
    assert met[0][2].data.tolist() == [0, 3]


def test_a_handle_takes_its_hook_away_and_no_other():
    layer, met = nn.ReLU(), []
    handles = [
        layer.register_forward_hook(lambda *_: met.append("first")),
        layer.register_forward_hook(lambda *_: met.append("second")),
        layer.register_forward_pre_hook(lambda *_: met.append("before")),
    ]
    handles[0].remove()
    handles[0].remove()
    layer(Tensor([1.0]))
    assert met == ["before", "second"]
    for handle in handles:
        handle.remove()
    layer(Tensor([1.0]))
    assert met == ["before", "second"]


def test_a_hook_may_remove_itself():
    layer, met = nn.ReLU(), []

    def once(*_):
        met.append(1)
        handle.remove()

    handle = layer.register_forward_hook(once)
    layer.register_forward_hook(lambda *_: met.append(2))
    layer(Tensor([1.0]))
    layer(Tensor([1.0]))
    assert met == [1, 2, 2]


def test_hooks_of_one_module_are_not_those_of_another():
    one, other, met = nn.ReLU(), nn.ReLU(), []
    one.register_forward_hook(lambda *_: met.append(1))
    other(Tensor([1.0]))
    assert met == []


def test_copies_and_pickles_have_the_hooks():
    layer = nn.ReLU()
    handle = layer.register_forward_hook(seen)
    twins = [copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))]
    handle.remove()
    layer(Tensor([1.0]))
    assert not hasattr(layer, "seen"), "of the copies the handle knows nothing"
    for twin in twins:
        twin(Tensor([1.0, 2.0]))
        assert twin.seen == (2,)


def test_unpickled_hooks_run_in_a_program_that_has_made_none():
    layer = nn.ReLU()
    layer.register_forward_hook(seen)
    stored, others = pickle.dumps(layer), set(ALIVE)
    ALIVE.clear()
    twin = pickle.loads(stored)
    twin(Tensor([1.0]))
    ALIVE.update(others)
    assert twin.seen == (1,)


def test_when_the_last_hooks_go_calls_are_bare_again():
    layer, others = nn.ReLU(), set(ALIVE)
    layer.register_forward_hook(seen)
    assert len(ALIVE) == len(others) + 1
    del layer
    assert others == ALIVE


def test_an_error_in_a_hook_names_the_module():
    net = nn.Sequential(nn.Linear(1, 1))

    def wrong(*_):
        raise ValueError("no")

    net[0].register_forward_hook(wrong)
    with pytest.raises(ValueError, match="no") as error:
        net(Tensor([[1.0]]))
    assert error.value.__notes__ == ["  in  0: Linear(in_features=1, out_features=1, bias=True)"]


def test_hooks_run_within_the_record_of_their_module():
    net = nn.Sequential(nn.Tanh(), nn.ReLU())
    net[1].register_forward_hook(lambda module, args, out: out * 2)
    with autograd.record() as tape:
        net(Tensor([1.0]))
    assert [call.module for call in tape.calls][-2:] == ["1", "1"]


# Backward. The numbers of the first two tests were printed by PyTorch 2.13.


def test_a_backward_hook_sees_both_sides_of_a_module():
    layer, log = nn.Linear(2, 1), Log()
    layer.load_state_dict({"weight": [[0.5, 0.25]], "bias": [0.0]})
    layer.register_full_backward_hook(log)
    x = Tensor([[1.0, 1.0]], requires_grad=True)
    (layer(x) * 3).sum().backward()
    assert log.met == [([[[1.5, 0.75]]], [[[3]]])]
    assert x.grad.data.tolist() == [[1.5, 0.75]]
    assert layer.weight.grad.data.tolist() == [[3, 3]]


def test_without_gradients_of_inputs_it_is_called_with_those_of_outputs():
    layer, log = nn.Linear(2, 1), Log()
    layer.register_full_backward_hook(log)
    layer(Tensor([[1.0, 1.0]])).sum().backward()
    assert log.met == [([None], [[[1]]])]


def test_it_is_called_once_for_several_inputs_and_outputs_together():
    layer, log, a, b = Two(), Log(), leaf(1.0), leaf(1.0)
    layer.register_full_backward_hook(log)
    u, v = layer(a, b, 4)
    (u + 5 * v).sum().backward()
    assert log.met == [([[2], [20], None], [[1], [5]])]


def test_what_no_gradient_reaches_is_none():
    layer, log, a, b = Two(), Log(), leaf(1.0), leaf(1.0)
    layer.register_full_backward_hook(log)
    layer(a, b)[0].sum().backward()
    assert log.met == [([[2], None], [[1], None])]
    assert b.grad is None


def test_what_it_returns_goes_on_in_the_place_of_the_gradients():
    layer, a, b = Product(), leaf(2.0), leaf(3.0)
    log = Log()
    layer.register_full_backward_hook(scale)
    layer.register_full_backward_hook(log)
    layer(a, b).sum().backward()
    assert log.met == [([[30], [20]], [[1]])]
    assert (a.grad.item(), b.grad.item()) == (30, 20)


def test_only_the_gradient_that_flows_through_the_module_is_changed():
    layer, a = nn.ReLU(), leaf(2.0)
    layer.register_full_backward_hook(scale)
    (layer(a) + 3 * a).sum().backward()
    assert a.grad.item() == 13


def test_each_call_of_a_module_is_a_passage_of_its_own():
    layer, log, a = Product(), Log(), leaf(2.0)
    layer.register_full_backward_hook(log)
    layer(layer(a, 3.0), 5.0).sum().backward()
    assert log.met == [([[5], None], [[1]]), ([[15], None], [[5]])]


def test_a_second_pass_is_seen_like_the_first():
    layer, log, a = Product(), Log(), leaf(2.0)
    layer.register_full_backward_hook(log)
    out = layer(a, 3.0)
    out.sum().backward(retain_graph=True)
    (out * 2).sum().backward()
    assert log.met == [([[3], None], [[1]]), ([[6], None], [[2]])]


def test_what_one_pass_did_not_reach_is_not_missed_by_the_next():
    layer, a, b = Two(), leaf(1.0), leaf(1.0)
    layer.register_full_backward_hook(scale)
    u, v = layer(a, b)
    u.sum().backward(retain_graph=True)
    (u + v).sum().backward()
    assert (a.grad.item(), b.grad.item()) == (40, 30)


@pytest.mark.parametrize("asked", ["weight", "inner", "out"])
def test_a_pass_that_ends_within_the_module_leaves_nothing_behind(asked):
    layer, log = nn.Linear(1, 1), Log()
    layer.load_state_dict({"weight": [[2.0]], "bias": [0.0]})
    met = {}
    inside = layer.forward
    layer.forward = lambda x: inside(met.setdefault("inner", x))
    layer.register_full_backward_hook(log)
    x = Tensor([[1.0]], requires_grad=True)
    met["out"] = out = layer(x)
    met["weight"] = layer.weight
    autograd.grad((out * 7).sum(), met[asked], retain_graph=True)
    assert log.met == []
    (out * 3).sum().backward()
    assert log.met == [([[[6]]], [[[3]]])]


def test_the_rows_of_a_jacobian_are_not_mixed_up():
    layer, log = Product(), Log()
    layer.register_full_backward_hook(log)
    layer.register_full_backward_hook(scale)
    weights, a = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 7.0])
    rows = jacobian(lambda a: weights @ layer(a, 2 * a))(a)
    assert np.asarray(rows).tolist() == (10 * weights * 4 * a).tolist()
    assert log.met == [([[10, 28], [5, 14]], [[1, 2]]), ([[30, 56], [15, 28]], [[3, 4]])]


def test_second_derivatives_go_through_it():
    layer, a = Product(), leaf(2.0)
    layer.register_full_backward_hook(scale)
    (first,) = autograd.grad(layer(a, a).sum(), [a], create_graph=True)
    assert first.item() == 40
    (second,) = autograd.grad(first.sum(), [a])
    assert second.item() == 20


def test_outputs_in_dicts_are_seen_and_come_out_as_they_were():
    class Named(nn.Module):
        def forward(self, x):
            return {"double": x * 2, "fixed": 1, "pair": (x * 3,)}

    layer, log, a = Named(), Log(), leaf(1.0)
    layer.register_full_backward_hook(log)
    out = layer(a)
    assert (out["fixed"], type(out["pair"])) == (1, tuple)
    (out["double"] + out["pair"][0]).sum().backward()
    assert log.met == [([[5]], [[1], None, [1]])]


def test_a_removed_backward_hook_is_not_called_even_if_its_forward_has_run():
    layer, log, a = nn.ReLU(), Log(), leaf(1.0)
    handle = layer.register_full_backward_hook(log)
    out = layer(a)
    handle.remove()
    out.sum().backward()
    assert log.met == []


def test_without_a_graph_there_is_nothing_to_see():
    layer, log = nn.Linear(1, 1), Log()
    layer.register_full_backward_hook(log)
    with no_grad():
        assert layer(Tensor([[1.0]], requires_grad=True)).is_leaf
    assert log.met == []


# Mistakes


def test_what_is_no_function_is_no_hook():
    assert message(TypeError, lambda: nn.ReLU().register_forward_hook(None)) == (
        "A hook is a function that is called with (module, args, output), not NoneType. Give the "
        "function itself, without calling it."
    )


@pytest.mark.parametrize(
    ("answer", "given"),
    [((None,), "NoneType"), ((1.0, None), "float, NoneType"), ("gradient", "str")],
)
def test_a_backward_hook_answers_with_one_gradient_for_each_input(answer, given):
    def clip(module, grad_input, grad_output):
        return answer

    layer = Product()
    layer.register_full_backward_hook(clip)
    loss = layer(leaf(1.0), leaf(1.0)).sum()
    assert message(TypeError, loss.backward) == (
        f"The backward hook clip returned ({given}). It returns None to leave the gradients as "
        "they are, or a tuple of 2, a Tensor or None for each positional input of the module."
    )
