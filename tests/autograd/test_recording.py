"""The record of a program: its calls, their values, names and gradients."""

import gc
import linecache
import weakref

import numpy as np
import pytest
from support.checks import message, operations_of_a_test
from support.operations import CASES
from support.replay import ExpAndSquare, leaf

import autograd
import nn
import optim
from autograd import Function, Tensor, detect_anomaly, functional, grad, no_grad, profile, record
from autograd.broadcasting import sum_to_shape
from autograd.tape import Value


def ops_of(tape):
    return [call.op.__name__ for call in tape.calls]


def names_of(call):
    return [getattr(one, "name", one) for one in call.inputs.values()]


def network():
    autograd.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))


BATCH = np.linspace(-1, 1, 15, dtype=np.float32).reshape(5, 3)
LABELS = np.array([0, 1, 0, 1, 1])


# The calls


PROGRAM = """\
def loss_of(x):
    z = net(x)
    y = z.argmax(axis=1)
    hits = y == labels
    return nll(z, labels)
with record() as tape:
    cost = loss_of(batch)
"""

TABLE = """\
#  module      call                                  result            line
0  0 (Linear)  Affine(x, 0.weight, 0.bias)           (5, 4) float32    t.py:2  z = net(x)
1  1 (Tanh)    Tanh(#0)                              (5, 4) float32    t.py:2  z = net(x)
2  2 (Linear)  Affine(#1, 2.weight, 2.bias)          z (5, 2) float32  t.py:2  z = net(x)
3              ArgMax(z, axis=-1)                    y (5,) int64      t.py:3  y = z.argmax(axis=1)
4              Equal(y, labels)                      hits (5,) bool    t.py:4  hits = y == labels
5              SoftmaxCrossEntropy(z, labels)        (5,) float32      t.py:5  return nll(z, labels)
6              Mean(#5, axis=(-1,), keepdims=False)  cost () float32   t.py:5  return nll(z, labels)
"""


def run_as_file(text, name, **scope):
    """Run a program as Python runs a file of that name; its variables."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    scope["__name__"] = "__main__"
    exec(compile(text, name, "exec"), scope)
    return scope


def test_a_tape_reads_as_a_table():
    scope = {"net": network(), "nll": nn.functional.cross_entropy, "record": record}
    tape = run_as_file(PROGRAM, "t.py", batch=BATCH, labels=LABELS, **scope)["tape"]
    assert str(tape) + "\n" == TABLE
    assert repr(tape) == "<Tape of 7 calls; print(tape) shows them>"


def test_every_call_is_there_whether_or_not_it_has_a_derivative():
    x = leaf([1.0, -2.0])
    with record() as tape:
        (x > 0) & (x < 3)
        x.argmax()
        x.detach().exp()
        x.astype(int)
        with no_grad():
            x * 2
    assert ops_of(tape) == [
        *("Greater", "Less", "And", "ArgMax", "Detach", "Exp", "AsPlain", "Multiply")
    ]
    assert not any(call.outputs["out"].requires_grad for call in tape.calls)


def test_inputs_settings_and_outputs_have_the_operations_names():
    x, w = leaf([[1.0, 2.0]]), np.ones((1, 2))
    with record() as tape:
        autograd.concatenate([x, w], axis=0).sum(axis=0)
        x * 3
        x - [1.0, 2.0]
        ExpAndSquare.apply(x)
    joined, added, times, listed, both = tape.calls
    assert list(joined.inputs) == ["arrays[0]", "arrays[1]"]
    assert joined.settings == {"axis": -2}
    assert (list(added.inputs), added.settings) == (["x"], {"axis": (-2,), "keepdims": False})
    assert times.inputs["y"] == 3
    assert listed.inputs["y"].array.tolist() == [1.0, 2.0]
    assert list(both.outputs) == ["e", "s"]
    assert both.outputs["s"].array.tolist() == [[1.0, 4.0]]


def test_a_call_that_fails_is_not_recorded():
    x = leaf([1.0, 2.0])
    with record() as tape:
        with pytest.raises(ValueError, match="do not broadcast"):
            x + np.ones(3)
        x * 2
    assert ops_of(tape) == ["Multiply"]


def test_calls_know_their_module():
    with record() as tape:
        logits = network()(BATCH)
        nn.CrossEntropyLoss()(logits, LABELS) * 2
    assert [(call.module, call.module_kind) for call in tape.calls] == [
        ("0", "Linear"),
        ("1", "Tanh"),
        ("2", "Linear"),
        ("", "CrossEntropyLoss"),
        ("", "CrossEntropyLoss"),
        (None, None),
    ]
    assert tape.modules == {"": "Sequential", "0": "Linear", "1": "Tanh", "2": "Linear"}


# Values


def test_the_same_tensor_is_the_same_value():
    x = leaf([1.0, 2.0])
    with record() as tape:
        y = x * x
        z = y + x
    assert tape.calls[0].inputs["x"] is tape.calls[0].inputs["y"] is tape.calls[1].inputs["y"]
    assert tape.calls[1].inputs["x"] is tape.calls[0].outputs["out"] is tape.value_of(y)
    value = tape.value_of(z)
    assert (value.shape, value.dtype, value.requires_grad) == ((2,), np.float64, True)
    assert (value.is_leaf, value.made_by, tape.value_of(x).made_by) == (False, 1, None)
    assert tape.value_of(x).is_leaf


def test_a_result_without_history_is_no_leaf_of_the_record():
    x = leaf([1.0])
    with record() as tape, no_grad():
        y = x * 2
    assert (y.is_leaf, tape.value_of(y).is_leaf) == (True, False)


def test_a_result_from_before_is_no_leaf():
    y = leaf([1.0]) * 2
    with record() as tape:
        y + 1
    assert (tape.value_of(y).is_leaf, tape.value_of(y).requires_grad) == (False, True)


def writes(p):
    with no_grad():
        p -= 1.0
    return p


@pytest.mark.parametrize(
    "write",
    [
        writes,
        lambda p: p.copy_(p.data - 1),
        lambda p: np.subtract(p.data, 1, out=p.data),  # behind the project's back
    ],
)
def test_values_are_those_at_the_time_of_the_call(write):
    p = leaf([1.0, 2.0])
    with record() as tape:
        p * 2
        p.reshape(2, 1)
        write(p)
        p * 2
    before, view, after = tape.calls
    assert before.inputs["x"].array.tolist() == [1.0, 2.0]
    assert view.outputs["out"].array.tolist() == [[1.0], [2.0]]
    assert after.inputs["x"].array.tolist() == [0.0, 1.0]
    assert tape.value_of(p) is after.inputs["x"] is not before.inputs["x"]


def test_values_cannot_be_written():
    x = leaf([1.0])
    with record() as tape:
        y = x * 2
        y.backward()
    call = tape.call_of(y)
    arrays = [call.inputs["x"].array, call.outputs["out"].array]
    arrays += [call.gradients["x"], call.upstream["out"]]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


# Names


def test_values_are_called_as_the_users_variables():
    offset = np.ones(2)

    def energy(velocity, weights):
        squared = velocity * velocity
        total = squared @ weights[0] + offset
        return total.sum(), OUTSIDE * total

    with record() as tape:
        energy(leaf([1.0, 2.0]), [leaf([[1.0, 0.0], [0.0, 1.0]])])
    names = [names_of(call) for call in tape.calls]
    assert names == [
        ["velocity", "velocity"],
        ["squared"],
        [None, "weights[0]"],
        [None],
        [None, "offset"],
        ["total"],
        ["OUTSIDE", "total"],
    ]


OUTSIDE = leaf([3.0, 3.0])


def test_names_that_were_given_come_first():
    x, net = leaf([1.0], name="speed"), nn.Module()
    with record() as tape:
        h = x * 2
        y = h + 1
        h.name = "hidden"  # after its last use
        net.state = x * 3
        net.state.name = "state"  # no variable holds it
        z = net.state + 1
    assert [tape.value_of(one).name for one in (x, h, y)] == ["speed", "hidden", "y"]
    assert [tape.value_of(one).variable for one in (x, h, y)] == ["x", "h", "y"]
    assert tape.call_of(z).inputs["x"].given_name == "state"


def test_of_several_variables_the_first_names_a_value():
    with record() as tape:
        y = leaf([1.0]) * 2
        y + 1
        another = y
        y = another + 2
    assert [tape.value_of(one).name for one in (another, y)] == ["y", "y"]


def test_in_a_loop_every_value_has_the_variable_that_held_it():
    y, a = leaf([1.0]), 2.0
    with record() as tape:
        for _ in range(3):
            y = y * a
    assert [call.outputs["out"].name for call in tape.calls] == ["y"] * 3


def test_what_the_library_calls_its_arguments_is_no_name():
    with record() as tape:
        nn.functional.mse_loss(leaf([1.0]) * 2, np.ones(1))
    assert [one.name for call in tape.calls for one in call.outputs.values()] == [None] * 4


# Backward


def test_calls_keep_what_backward_brought_and_sent():
    net = network()
    with record() as tape:
        loss = nn.functional.cross_entropy(net(BATCH), LABELS)
        loss.backward()
    for path, parameter in net.named_parameters():
        np.testing.assert_array_equal(tape.value_of(parameter).gradient, parameter.grad.data, path)
    assert tape.call_of(loss).upstream["out"] == 1
    for earlier in tape.calls:
        for value in earlier.outputs.values():
            users = [c for c in tape.calls if value in c.inputs.values()]
            sent = [c.gradients[n] for c in users for n, v in c.inputs.items() if v is value]
            if sent:
                np.testing.assert_array_equal(value.gradient, sum(sent))


def test_gradients_have_their_inputs_shape_and_sum_up_over_uses():
    x, b = leaf([[1.0, 2.0], [3.0, 4.0]]), leaf([1.0, 1.0], np.float32)
    with record() as tape:
        total = x + b
        (total * x).sum().backward()
    add, multiply, _ = tape.calls
    assert add.gradients["y"].tolist() == [4.0, 6.0]
    assert add.gradients["y"].dtype == np.float32
    assert add.gradients["x"].tolist() == x.data.tolist()
    assert multiply.gradients["y"].tolist() == total.data.tolist()
    assert tape.value_of(x).gradient.tolist() == (total.data + x.data).tolist()
    np.testing.assert_array_equal(tape.value_of(x).gradient, x.grad.data)


def test_with_several_outputs_each_has_its_upstream():
    x = leaf([1.0, 2.0])
    with record() as tape:
        e, s = ExpAndSquare.apply(x)
        (s * 3).sum().backward()
    call = tape.call_of(e)
    assert call is tape.call_of(s)
    assert {name: g.tolist() for name, g in call.upstream.items()} == {"s": [3.0, 3.0]}
    assert call.gradients["x"].tolist() == [6.0, 12.0]


def test_a_call_keeps_what_the_last_pass_brought():
    x = leaf([1.0, 2.0])
    with record() as tape:
        y = x * 3
        for scale in (1.0, 10.0):
            y.backward(np.full(2, scale), retain_graph=True)
    assert tape.calls[0].gradients["x"].tolist() == [30.0, 30.0]
    assert tape.value_of(x).gradient.tolist() == [30.0, 30.0]
    assert x.grad.data.tolist() == [33.0, 33.0]


def test_what_the_last_pass_through_a_call_did_not_bring_is_gone():
    x, y = leaf([1.0]), leaf([2.0])
    with record() as tape:
        z = x * y
        z.backward(retain_graph=True)
        grad(z, x)
    assert list(tape.calls[0].gradients) == ["x"]
    assert tape.value_of(y).gradient is None


def test_passes_of_many_gradients_and_after_the_record_are_not_seen():
    x = leaf([1.0, 2.0])
    with record() as tape:
        functional.jacobian(lambda x: x * x)(x)
        y = (x * 3).sum()
    y.backward()
    assert [(call.upstream, call.gradients) for call in tape.calls] == [({}, {})] * len(tape.calls)
    assert tape.value_of(x).gradient is None


def test_hooks_come_before_what_a_call_receives():
    x = leaf([1.0])
    with record() as tape:
        y = x * 3
        y.register_hook(lambda g: Tensor(g.data * 100))
        (y * 1).backward()
    assert tape.calls[0].upstream["out"].tolist() == [100.0]
    assert tape.value_of(y).gradient.tolist() == [100.0]


def test_calls_made_by_a_backward_pass_are_marked():
    x = leaf([1.0, 2.0])
    with record() as tape:
        slope = grad((x * x).sum(), x, create_graph=True)
        (slope * slope).sum().backward()
    made = [(call.op.__name__, call.in_backward) for call in tape.calls]
    forward = [("Multiply", False), ("Sum", False)]
    assert (made[:2], made[-2:]) == (forward, forward)
    assert made[2:-2]
    assert all(marked for _, marked in made[2:-2])
    # ∂/∂x Σ (2x)² = 8x
    assert x.grad.data.tolist() == [8.0, 16.0]


def test_transforms_are_recorded_as_well():
    with record() as tape:
        functional.grad(lambda x: (x * x).sum())(np.array([1.0, 2.0]))
    multiply = next(call for call in tape.calls if call.op.__name__ == "Multiply")
    assert multiply.gradients["x"].tolist() == [1.0, 2.0]


def test_a_checkpoints_calls_are_there_once_and_receive_their_gradients():
    x = leaf([1.0, 2.0])
    with record() as tape:
        autograd.checkpoint(lambda x: (x * x).exp(), x).sum().backward()
    assert ops_of(tape) == ["Multiply", "Exp", "Sum"]
    np.testing.assert_array_equal(tape.value_of(x).gradient, x.grad.data)
    assert tape.calls[0].local_gradients()["x"].tolist() == [1.0, 2.0]


# Local gradients


def test_local_gradients_outlive_the_graph_and_the_parameters():
    net = network()
    optimizer = optim.SGD(net.parameters(), lr=0.5)
    with record() as tape:
        hidden = net(BATCH)
        expected = [
            {k: v.copy() for k, v in node.local_gradient_values().items()}
            for node in (hidden.grad_fn, hidden.grad_fn.edges[0], hidden.grad_fn.edges[0].edges[0])
        ]
        hidden.sum().backward()
        optimizer.step()
    for call, wanted in zip(tape.calls[2::-1], expected, strict=True):
        found = call.local_gradients()
        assert list(found) == list(wanted)
        for name in wanted:
            np.testing.assert_array_equal(found[name], wanted[name])


def test_local_gradients_of_many_inputs_are_by_position():
    x, y = leaf([1.0]), leaf([2.0])
    with record() as tape:
        autograd.concatenate([x, np.ones(1), y])
    found = tape.calls[0].local_gradients()
    assert {name: jacobian.tolist() for name, jacobian in found.items()} == {
        "arrays[0]": [[1.0], [0.0], [0.0]],
        "arrays[2]": [[0.0], [0.0], [1.0]],
    }


def test_local_gradients_of_a_kept_list_are_those_at_the_time():
    with operations_of_a_test():

        class ProductOfAll(Function):
            def forward(*arrays):
                return np.prod(np.stack(arrays), axis=0)

            gradients = {"arrays": lambda g, arrays, out: [g * out / one for one in arrays]}

        x, y = leaf([2.0]), leaf([5.0])
        with record() as tape:
            ProductOfAll.apply(x, y)
        x.data = [3.0]
        found = tape.calls[0].local_gradients()
    assert {name: one.item() for name, one in found.items()} == {"arrays[0]": 5, "arrays[1]": 2}


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_every_operation_sends_upstream_times_local_gradients(case):
    inputs = [Tensor(a, requires_grad=a.dtype.kind == "f") for a in case.draw()]
    with record() as tape, detect_anomaly(), profile() as p:
        results = case.apply(*inputs)
        wanting = [y for y in results if y.requires_grad]
        rng = np.random.default_rng(1)
        autograd.grad(
            wanting,
            [x for x in inputs if x.requires_grad],
            [rng.standard_normal(y.shape) for y in wanting],
            allow_unused=True,
        )
    assert sum(row.calls for row in p.rows) == len(tape.calls)
    assert len(str(tape).splitlines()) == len(tape.calls) + 1
    for y in results if tape.calls else ():  # a function may answer what it was given
        np.testing.assert_array_equal(tape.value_of(y).array, y.data)
    for call in tape.calls:
        if len(call.upstream) == len(call.outputs) == len(call.op.signature.outputs) == 1:
            (g,) = call.upstream.values()
            for name, local in call.local_gradients().items():
                if call.op.signature.elementwise:
                    expected = sum_to_shape(g * local, call.inputs[name].shape)
                else:
                    expected = np.tensordot(g, local, g.ndim)
                np.testing.assert_allclose(call.gradients[name], expected, rtol=1e-10, atol=1e-12)


# What it costs and what it leaves


def trained(watching):
    net = network()
    optimizer = optim.Adam(net.parameters(), lr=0.1)
    for _ in range(3):
        with watching():
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(BATCH), LABELS)
            loss.backward()
            optimizer.step()
    return net.state_dict(), net


def test_recording_changes_no_result():
    (plain, _), (recorded, net) = trained(no_listening), trained(record)
    for name in plain:
        np.testing.assert_array_equal(plain[name], recorded[name])
    assert all(p.data.flags.writeable and p.grad.data.flags.writeable for p in net.parameters())


class no_listening:
    def __enter__(self):
        pass

    def __exit__(self, *_):
        pass


@pytest.fixture
def uncollected():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def step(x):
    hidden = [x * 2.0]
    hidden.append(hidden[0].exp())
    loss = (hidden[1] * hidden[0]).sum()
    loss.backward()
    return [weakref.ref(one) for one in (*hidden, loss, loss.grad_fn)]


@pytest.mark.usefixtures("uncollected")
def test_the_graph_goes_although_the_tape_stays_and_all_goes_with_the_tape():
    with record() as tape:
        x = leaf([1.0, 2.0])
        graph = step(x)
        graph.append(weakref.ref(x))
        y = x + 1
        graph += [weakref.ref(y), weakref.ref(y.grad_fn)]
    del x, y
    assert [one() for one in graph] == [None] * len(graph)
    assert tape.calls[0].gradients["x"].shape == (2,)
    kept = [weakref.ref(tape)]
    kept += [weakref.ref(v.array) for call in tape.calls for v in call.outputs.values()]
    assert all(one() is not None for one in kept)
    del tape
    assert [one() for one in kept] == [None] * len(kept)


@pytest.mark.usefixtures("uncollected")
def test_nothing_stays_after_an_error_either():
    x = leaf([1.0, 2.0])

    alive = []

    def run():
        with record() as tape:
            y = x * 2
            alive.extend([weakref.ref(tape), weakref.ref(y)])
            y + np.ones(3)

    with pytest.raises(ValueError, match="do not broadcast") as caught:
        run()
    del caught
    assert [one() for one in alive] == [None, None]


# Asking for what is not there


def test_a_new_tensor_in_the_place_of_one_that_is_gone_is_another():
    with record() as tape:
        places = [id(x) for x in [leaf([1.0]) for _ in range(100)] if (x * 2).size]
    new = [x for x in [leaf([1.0]) for _ in range(100)] if id(x) in places]
    assert new
    assert [tape.look_up(x) for x in new] == [None] * len(new)


def test_errors_say_what_to_do():
    x, other = leaf([1.0], name="x"), leaf([2.0])
    with record() as tape:
        with no_grad():
            x * 2
        copied = tape.value_of(x).array
    assert message(LookupError, lambda: tape.call_of(x)) == (
        "the Tensor 'x' (1,) float64 came from outside: no call of this record made it. If it is a "
        "result, compute it within `with autograd.record() as tape:`."
    )
    assert message(LookupError, lambda: tape.value_of(other)) == (
        "No call of this record took or made the Tensor (1,) float64. Compute with it within "
        "`with autograd.record() as tape:`, and ask for the very object, not for a copy."
    )
    assert message(LookupError, lambda: tape.value_of(copied)).startswith("No call of this record")
    assert message(RuntimeError, tape.calls[0].local_gradients) == (
        "Multiply (call 0) recorded no history, so it has no local gradients: none of its inputs "
        "requires a gradient that the operation has, or it ran within no_grad()."
    )


def test_a_value_shows_what_it_is():
    x = leaf([1.0])
    with record() as tape:
        autograd.exp(x * 1)
    assert [repr(one) for one in tape.calls[0].inputs.values()] == ["<Value 'x' (1,) float64>", "1"]
    assert repr(tape.calls[0].outputs["out"]) == "<Value (1,) float64>"
    assert isinstance(tape.calls[1].inputs["x"], Value)
    assert str(tape.calls[1]) == "Exp(#0)"


def test_a_call_is_written_in_one_line():
    with record() as tape:
        leaf(np.ones((3, 3)))[np.array([[0, 1], [1, 2]])] * 0.125
    assert [str(call) for call in tape.calls] == [
        "GetItem((3, 3), key=array([[0, 1], [1, 2]]))",
        "Multiply(#0, 0.125)",
    ]


class OtherArray:
    """As little of an array as a record needs, from another library."""

    def __init__(self, values):
        self.values, self.shape, self.dtype = values, values.shape, values.dtype

    def __array_function__(self, *_):
        raise NotImplementedError

    def __array_ufunc__(self, ufunc, method, *inputs, **_):
        return OtherArray(ufunc(*(getattr(x, "values", x) for x in inputs)))


def test_arrays_of_other_libraries_are_kept_as_they_are():
    array = OtherArray(np.ones(2))
    with record() as tape:
        y = Tensor.at(None, array) * 2
    assert tape.calls[0].inputs["x"].array is array
    assert tape.value_of(y).array is y.data


def test_calls_say_their_formulas_also_after_the_release():
    x = leaf([1.0, 2.0])
    with record() as tape:
        y = x.tanh() / 2
        hits = y > 0
        y.sum().backward()
    assert [str(call.formula()) for call in tape.calls] == ["tanh(x)", "x / y", "x > y", "Σ[−1] x"]
    assert tape.call_of(hits).formula().latex == "x > y"
    first = tape.calls[0].local_gradient_formulas()
    assert {name: str(formula) for name, formula in first.items()} == {"x": "1 − out · out"}
    with pytest.raises(RuntimeError, match="recorded no history"):
        tape.call_of(hits).local_gradient_formulas()
