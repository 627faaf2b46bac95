"""Compiled functions answer and do what the function does, call after call, to the last bit."""

import copy
from functools import partial

import numpy as np
import pytest
from support.operations import CASES, several
from support.twins import assert_equal, compiled, counted, leaf, rows

import autograd
import nn
from autograd import Tensor, no_grad
from autograd.compiling import compile

# Every operation


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_a_replay_is_what_the_operation_gives_forward_and_backward(case):
    def results_and_gradients(*inputs):
        results = [one for one in several(case.apply(*inputs)) if isinstance(one, Tensor)]
        reached = [one for one in results if one.requires_grad]
        leaves = [one for one in inputs if one.requires_grad]
        if not reached:
            return results, []
        ones = [np.ones_like(one.data) for one in reached]
        return results, autograd.grad(reached, leaves, ones, allow_unused=True)

    def tensors(flip):
        found = []
        for a in case.draw(np.float32):
            a = np.flip(a).copy() if flip and a.dtype.kind == "f" else a
            found.append(Tensor(a, requires_grad=a.dtype.kind == "f"))
        return found

    function, calls = counted(results_and_gradients)
    compiled = compile(function)
    for flip in (False, True):
        assert_equal(compiled(*tensors(flip)), results_and_gradients(*tensors(flip)), repr(flip))
    assert calls.count == 1


# Arguments and answers


SPECIAL = np.array([-0.0, 0.0, np.nan, -np.inf, np.inf, -1.5, 2.5, 1e-40], np.float32)

SHORTCUTS = {  # where the program spells a call otherwise, because NumPy takes less time for that
    "max with 0": (lambda x: np.maximum(x, 0), "filled"),
    "max with −0": (lambda x: np.maximum(x, -0.0), "filled"),
    "min with a number": (lambda x: np.minimum(1.5, x), "filled"),
    "max with 0 and with −0": (lambda x: np.maximum(x, 0.0) + 1 / np.maximum(x, -0.0), "filled_2"),
    "max of short rows": (lambda x: x.max(axis=-1, keepdims=True), "turned"),
    "min of short rows": (lambda x: x.min(axis=1), "turned"),
    "sum over a middle axis": (lambda x: x.reshape(4, 10, 4).sum(axis=1), "turned"),
    "product over an axis": (lambda x: x.reshape(10, 4, 2, 2).prod(axis=(1,)), "turned"),
    "column times row": (lambda x: x[:, :1] @ x.reshape(1, 160), "np.dot("),
    "column times column": (lambda x: x[2:3].T @ x[:, 1:2].T, "np.dot("),
    "rows times columns": (lambda x: x @ x.T, "np.matmul("),
    "column times a list": (lambda x: x[:, :1] @ [[2, 3]], "np.matmul("),
    "columns times rows": (lambda x: x[:, :1, None] @ x[:, None, :] + 0.0, "np.matmul("),
    "of two dtypes": (lambda x: x[:, :1] @ x[:1].astype("d"), "np.dot("),
    "of whole numbers": (lambda x: (x[:, :1] > 0) @ np.arange(3)[None], "np.dot("),
}


@pytest.mark.parametrize("name", SHORTCUTS)
def test_shortcuts_give_the_same_bits(name):
    function, sign = SHORTCUTS[name]
    step = compile(lambda x: function(x.data))
    rng = np.random.default_rng(0)
    for _ in range(3):
        x = Tensor(rng.choice(SPECIAL, (20, 8)))
        with np.errstate(all="ignore"):
            found, expected = step(x), function(x.data)
        np.testing.assert_array_equal(found.view(np.int32), expected.view(np.int32))
    assert sign in step.source()


ORDERS = {  # of sums: how the program makes them
    "over a middle axis": (lambda x: x.sum(axis=1), "turned"),
    "over the last axis": (lambda x: x.sum(axis=2), "np.add.reduce(x,"),
    "over the axis along which memory goes": (
        lambda x: x.transpose(0, 2, 1).sum(axis=1),
        "np.add.reduce(view,",
    ),
}


@pytest.mark.parametrize("name", ORDERS)
def test_sums_are_added_up_in_the_same_order(name):
    function, sign = ORDERS[name]
    step = compile(lambda x: function(x.data))
    for i in range(3):
        x = Tensor(np.random.default_rng(i).standard_normal((16, 24, 20), np.float32))
        np.testing.assert_array_equal(step(x), function(x.data))
    assert sign in step.source()


def test_tensors_arrays_and_containers_of_them_are_inputs_other_arguments_constants():
    def function(pair, scale=1.0, *, options):
        x, y = pair
        return {"sum": (x * scale + y).sum(), "kept": [options["power"], x ** options["power"]]}

    twin = compiled(function)
    for i, (scale, power) in enumerate([(1.0, 2), (1.0, 2), (2.0, 2), (2.0, 3), (1.0, 2)]):
        pair = (Tensor(rows(seed=i)), rows(seed=i + 10))
        given = {"scale": scale, "options": {"power": power}}
        assert_equal(twin.compiled(pair, **given), function(pair, **given))
    assert twin.calls.count == 3


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (rows(5), rows(4)),
        (rows(5), rows(5, np.float64)),
        (rows(5), rows(5)[::-1]),
        (rows(5), Tensor(rows(5))),
        (Tensor(rows(5)), Tensor(rows(5), requires_grad=True)),
        (1, True),
        (1, 1.0),
        ([rows(5)], (rows(5),)),
        ([rows(5)], rows(5)),
        (None, 0),
    ],
    ids=repr,
)
def test_what_makes_another_recording(first, second):
    def function(x):
        return np.ones(2) * 3 if x is None else autograd.stack([Tensor(rows())]).sum(), x

    twin = compiled(function)
    for x in (first, second, first, second):
        twin.compiled(x)
    assert twin.calls.count == 2


def test_the_same_form_is_one_recording_whatever_the_values():
    twin = compiled(lambda x, y: x * y)
    for i in range(4):
        x = rows(seed=i)
        np.testing.assert_array_equal(twin.compiled(x, Tensor(x)).data, x * x)
    assert twin.calls.count == 1


def test_answers_are_copies_without_history():
    weight = leaf(2, 3)
    double = compile(lambda x: (x * weight, x.data if isinstance(x, Tensor) else x))
    first, kept = double(Tensor(rows(2)))[0], rows(2) * weight.data
    second = double(Tensor(rows(2, seed=1)))[0]
    np.testing.assert_array_equal(first.data, kept)
    assert not first.requires_grad
    assert not np.shares_memory(first.data, second.data)


def test_arguments_get_gradients_as_leaves_do():
    def function(x, y):
        ((x * x) @ y.T).sum().backward()
        return x.grad

    twin = compiled(function)
    for _ in range(3):
        ours = [Tensor(rows(), requires_grad=True), Tensor(rows(seed=2), requires_grad=True)]
        eager = [Tensor(rows(), requires_grad=True), Tensor(rows(seed=2), requires_grad=True)]
        held = None
        for _ in range(2):  # the second time they are added to
            assert_equal(twin.compiled(*ours), function(*eager))
            assert_equal([x.grad for x in ours], [x.grad for x in eager])
            assert held is None or ours[0].grad is held
            held = ours[0].grad
    assert twin.calls.count == 2


def test_an_argument_may_forget_its_gradient():
    def function(x):
        x.grad = None
        (x**3).sum().backward()

    twin = compiled(function)
    ours, eager = Tensor(rows(), requires_grad=True), Tensor(rows(), requires_grad=True)
    for _ in range(4):
        twin.compiled(ours)
        function(eager)
        np.testing.assert_array_equal(ours.grad.data, eager.grad.data)
    assert twin.calls.count == 2


def test_a_parameter_may_be_an_argument_too():
    weight = leaf(2, 3)
    both = compile(lambda w, x: (w * weight * x).sum().backward())
    for _ in range(3):
        weight.grad = None
        both(weight, rows(2))
        np.testing.assert_allclose(weight.grad.data, 2 * weight.data * rows(2), rtol=1e-6)


def test_methods_partials_models_and_decorated_functions_can_be_compiled():
    autograd.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 2), nn.Tanh())

    class Trainer:
        def __init__(self):
            self.model = model

        def loss(self, x, scale=1.0):
            return (self.model(x) * scale).sum()

    @compile(fallback="eager")
    def decorated(x):
        """Its docstring."""
        return model(x)

    assert decorated.__doc__ == "Its docstring."
    for fn in (model, Trainer().loss, partial(Trainer().loss, scale=2.0), no_grad()(model.forward)):
        again = compile(fn)
        for i in range(3):
            x = rows(seed=i)
            assert_equal(again(x), fn(x))
        assert again.stats()["recordings"] == 1


def test_a_method_may_be_compiled_in_its_class_and_copied_with_its_object():
    class Trainer:
        def __init__(self, scale):
            self.weight = leaf(2, 3)
            self.scale = scale

        @compile
        def step(self, x):
            self.weight.grad = None
            loss = (self.weight * x * self.scale).sum()
            loss.backward()
            return loss

    first, second = Trainer(1.0), Trainer(2.0)
    for i in range(3):
        for one in (first, second):
            one.step(rows(2, seed=i))
            expected = rows(2, seed=i) * np.float32(one.scale)
            np.testing.assert_array_equal(one.weight.grad.data, expected)
    first.function = compile(lambda x: x * 2)
    again = copy.deepcopy(first)
    assert_equal(again.function(rows()), first.function(rows()))


def test_a_compiled_function_within_another_is_a_part_of_it():
    inner = compile(lambda x: x * 2)
    outer = compile(lambda x: inner(x) + 1)
    for i in range(3):
        np.testing.assert_array_equal(outer(rows(seed=i)).data, rows(seed=i) * 2 + 1)
    with pytest.raises(RuntimeError, match="has no recording yet"):
        inner.source()
