"""What a description holds on request: values, gradients, local gradients, formulas, statuses."""

import gc
import json

import numpy as np
import pytest
from support.checks import message, operations_of_a_test
from support.graphs import leaf, network_loss, square_of_product

import autograd
import nn
from autograd import Function, Tensor, record
from autograd.graph import describe

EVERYTHING = {"values": True, "gradients": True, "local_gradients": True, "formulas": True}


def scalars():
    return [Tensor(x, requires_grad=True) for x in (1.0, 2.0, -3.0)]


def network():
    autograd.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))
    x = Tensor(np.linspace(-1, 1, 24, dtype=np.float32).reshape(6, 4))
    return net, x, np.arange(6) % 3


def loss_of(net, x, labels):
    return autograd.softmax_cross_entropy(net(x), labels).mean()


def named(graph):
    return {one.name: one for one in graph.variables if one.name}


def statuses(graph):
    return {name: one.gradient_status for name, one in named(graph).items()}


def call_of(graph, op):
    return next(call for call in graph.calls if call.op.__name__ == op)


# Values and gradients


def test_nothing_is_held_that_nobody_asked_for():
    graph = describe(square_of_product, *scalars())
    assert {(one.value, one.gradient) for one in graph.variables} == {(None, None)}
    assert {(e.gradient, e.local_gradient, e.formula) for e in graph.edges} == {(None, None, None)}
    assert {call.formula for call in graph.calls} == {None}
    assert graph.note == ""


def test_the_values_are_those_of_the_run():
    graph = describe(square_of_product, *scalars(), values=True)
    assert [float(one.value) for one in graph.variables] == [1, 2, 3, -3, -9, 81]
    assert graph.variables[0].gradient is None


def test_the_gradients_are_those_of_the_chain_rule():
    # ((x + y) z)², at 1, 2, −3: u = (x + y) z = −9, d/du = 2u = −18, then times z or x + y.
    graph = describe(square_of_product, *scalars(), gradients=True)
    assert [float(one.gradient) for one in graph.variables] == [54, 54, 54, -54, -18, 1]
    sent = {
        (e.name, graph.call[e.target].label): e.gradient for e in graph.edges if "v" in e.source
    }
    assert {key: float(g) for key, g in sent.items()} == {
        ("x", "+"): 54,
        ("y", "+"): 54,
        ("x", "×"): 54,
        ("y", "×"): -54,
        ("x", "** 2"): -18,
    }


def test_the_gradients_of_a_network_equal_the_engine_s():
    net, x, labels = network()
    graph = describe(loss_of, net, x, labels, gradients=True, values=True)
    loss = loss_of(net, x, labels)
    loss.backward()
    found = named(graph)
    for name, parameter in net.named_parameters():
        np.testing.assert_array_equal(found[name].gradient, parameter.grad.data)
        np.testing.assert_array_equal(found[name].value, parameter.data)
    assert float(graph.variable[graph.outputs[0]].value) == loss.item()


def test_what_a_variable_receives_is_the_sum_of_what_its_uses_send():
    x = leaf(3)
    graph = describe(lambda x: (x * x + x.exp()).sum(), x, gradients=True)
    sent = [edge.gradient for edge in graph.edges_from[named(graph)["x"].key]]
    assert len(sent) == 3
    np.testing.assert_allclose(np.sum(sent, axis=0), named(graph)["x"].gradient, rtol=1e-6)
    np.testing.assert_allclose(named(graph)["x"].gradient, 2 * x.data + np.exp(x.data), rtol=1e-6)


def test_the_user_s_gradients_and_graphs_stay_as_they_are():
    x, before = leaf(2), leaf(2)
    x.grad = Tensor(np.float32([5, 6]))
    held = x.grad
    earlier = before * 3  # its graph is the user's, and is still to be used
    seen = []

    def f(x):
        y = x * earlier
        y.retain_grad()
        seen.append(y)
        return y.sum()

    describe(f, x, gradients=True)
    assert x.grad is held
    assert held.data.tolist() == [5, 6]
    assert before.grad is None
    assert seen[0].grad is None
    earlier.backward(np.float32([1, 1]))
    assert before.grad.data.tolist() == [3, 3]


def test_a_pass_that_the_function_runs_is_the_one_that_is_shown():
    def f(x):
        loss = (x * 2).sum()
        (loss * 10).backward()
        return loss

    x = leaf(2)
    assert describe(f, x, gradients=True).variables[0].gradient.tolist() == [20, 20]
    assert x.grad.data.tolist() == [20, 20]  # as the function wanted it


def test_of_several_results_the_one_number_is_where_the_pass_starts():
    graph = describe(lambda x: (x * 2, (x * 3).sum()), leaf(2), gradients=True)
    assert named(graph)["x"].gradient.tolist() == [3, 3]


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda x: x * 2, "returns results of shape (2,). Return one number, as by .sum()"),
        (lambda x: (x.sum(), x.prod()), "returns results of shape (), ()."),
    ],
)
def test_without_one_number_to_start_from_an_error_says_what_to_return(function, text):
    assert text in message(ValueError, lambda: describe(function, leaf(2), gradients=True))
    describe(function, leaf(2), values=True)


# Local gradients and formulas


def test_local_gradients_are_derivatives_in_numbers():
    x = Tensor(np.float64([[1, 2]]), requires_grad=True)
    w = Tensor(np.eye(2), requires_grad=True)
    graph = describe(lambda x, w: (x @ w).exp().sum(), x, w, local_gradients=True)
    assert [call.label for call in graph.calls] == ["@", "Exp", "Sum"]
    (of_x, of_w), (of_exp,), (of_sum,) = (graph.edges_to[call.key] for call in graph.calls)
    # Of anything but an elementwise call, (*output shape, *input shape).
    np.testing.assert_array_equal(of_x.local_gradient, np.eye(2).reshape(1, 2, 1, 2))
    # out[0, j] = Σ x[0, i] w[i, j], so ∂out[0, j]/∂w[i, k] = x[0, i] where j = k.
    jacobian = np.einsum("i,jk->jik", [1, 2], np.eye(2)).reshape(1, 2, 2, 2)
    np.testing.assert_array_equal(of_w.local_gradient, jacobian)
    np.testing.assert_allclose(of_exp.local_gradient, np.exp([[1, 2]]))  # entry by entry
    np.testing.assert_array_equal(of_sum.local_gradient, [[1, 1]])


@pytest.mark.parametrize(("n", "shown"), [(20, True), (21, False)])
def test_a_jacobian_is_shown_up_to_400_entries(n, shown):
    graph = describe(lambda x: autograd.softmax(x).sum(), leaf(n), local_gradients=True)
    edge = graph.edges_to["f0"][0]
    assert (edge.local_gradient is not None) == shown
    assert graph.edges_to["f1"][0].local_gradient.shape == (n,)


def test_formulas_are_those_of_the_calls_and_of_their_rules():
    graph = describe(lambda x, w: (x @ w / x).sum(), leaf(2, 2), leaf(2, 2), formulas=True)
    assert [str(call.formula) for call in graph.calls] == ["x @ y", "x / y", "Σ[−2, −1] x"]
    rules = {(e.target, e.name): str(e.formula) for e in graph.edges if e.formula}
    assert rules["f0", "x"] == "g @ yᵀ"
    assert rules["f1", "x"] == "1 / y"
    assert "2" not in rules["f1", "y"]


def test_calls_know_the_module_and_the_source_line():
    graph = describe(loss_of, *network())
    affine, loss = graph.calls[0], call_of(graph, "SoftmaxCrossEntropy")
    assert (affine.module, affine.module_kind) == ("0", "Linear")
    assert (loss.module, loss.module_kind) == (None, None)
    assert loss.line.text == "return autograd.softmax_cross_entropy(net(x), labels).mean()"
    assert graph.modules == {"": "Sequential", "0": "Linear", "1": "Tanh", "2": "Linear"}


def test_several_outputs_are_no_trouble():
    with operations_of_a_test():

        class Halves(Function):
            outputs = ("lower", "upper")

            def forward(x):
                return x[:1], x[1:]

            gradients = {
                ("x", "lower"): lambda g, upper: np.concatenate([g, upper * 0]),
                ("x", "upper"): lambda g, lower: np.concatenate([lower * 0, g]),
            }

        graph = describe(lambda x: Halves.apply(x)[1].sum(), leaf(2), **EVERYTHING)
    lower, upper = graph.outputs_of(graph.calls[0]).values()
    assert named(graph)["x"].gradient.tolist() == [0, 1]
    assert (lower.gradient_status, upper.gradient_status) == ("not computed", "computed")


# Statuses


def dead(x):
    return autograd.relu(x - 10).sum()


@pytest.mark.parametrize(
    ("function", "status", "at"),
    [
        (lambda x: (x * 2).sum(), "computed", ()),
        (dead, "exactly zero", ()),
        (lambda x: (x * 2).detach().sum(), "blocked", ("Detach",)),
        (lambda x: x.argmax() + Tensor(1.0), "blocked", ("ArgMax",)),
        (lambda x: (x > 0).astype("float32").sum(), "blocked", ("> 0",)),
        (lambda x: x.astype("int64").sum(), "blocked", ("AsPlain",)),
        (lambda x: (x.detach() * (x > 0)).sum(), "blocked", ("Detach", "> 0")),
        (lambda x: (x * (x > 0)).sum(), "computed", ()),  # one way is open
        (autograd.no_grad()(lambda x: x.sum()), "blocked", ("Sum",)),
        (lambda x: (x * 2, (leaf(2) * 3).sum())[1], "not computed", ()),
    ],
)
def test_the_status_says_whether_a_gradient_came_and_if_not_why(function, status, at):
    graph = describe(function, leaf(2, name="watched"), gradients=True)
    watched = named(graph)["watched"]
    assert watched.gradient_status == status
    assert {graph.call[key].label for key in watched.blocked_at} == set(at)


def test_a_blocked_variable_is_known_without_a_backward_pass():
    graph = describe(lambda x, y: (x.detach() * y).sum(), leaf(2), leaf(2))
    assert statuses(graph) == {"x": "blocked", "y": "not computed"}


def test_constants_and_what_lies_beyond_a_cut_want_no_gradient():
    x = leaf(2)
    graph = describe(lambda x, c: (x.detach() * c * x).sum(), x, Tensor([1.0, 2.0]), gradients=True)
    assert statuses(graph) == {"x": "computed", "c": "not computed"}
    cut = call_of(graph, "Detach")
    assert graph.outputs_of(cut)["out"].gradient_status == "not computed"
    assert [(e.target, e.is_cut) for e in graph.edges_from["v0"]] == [("f0", True), ("f2", False)]


def test_a_cut_is_no_matter_where_no_output_depends_on_it():
    def f(x):
        x.argmax()
        return (x * 2).sum()

    assert statuses(describe(f, leaf(2)))["x"] == "not computed"
    graph = describe(lambda x, y: (x.argmax(), y * 2)[1], leaf(2), leaf(2))
    assert statuses(graph) == {"x": "not computed", "y": "not computed"}


# Records


def recorded():
    net, x, labels = network()
    with record() as tape:
        scores = net(x)
        hits = scores.argmax(axis=1) == labels
        cost = autograd.softmax_cross_entropy(scores, labels).mean()
        cost.backward()
    return net, tape, cost, hits


def test_a_result_with_its_tape_shows_what_it_was_computed_from():
    net, tape, cost, hits = recorded()
    graph = describe(cost, tape, values=True, gradients=True)
    assert graph.title == "cost"
    assert [call.op.__name__ for call in graph.calls] == [
        *("Affine", "Tanh", "Affine", "SoftmaxCrossEntropy", "Mean")
    ]
    assert {"scores", "cost", "0.weight", "x", "labels"} <= set(named(graph))
    for name, parameter in net.named_parameters():
        np.testing.assert_array_equal(named(graph)[name].gradient, parameter.grad.data)
    assert named(graph)["0.weight"].value is not None
    other = describe(hits, tape)
    assert {one.gradient for one in other.variables} == {None}  # nobody asked
    assert [call.label for call in other.calls] == ["Affine", "Tanh", "Affine", "ArgMax", "="]


def test_a_tape_shows_all_of_it():
    graph = describe(recorded()[1])
    assert len(graph.calls) == 7
    assert {graph.variable[key].name for key in graph.outputs} == {"hits", "cost"}


def test_the_record_survives_release_and_update():
    net, tape, cost, _ = recorded()
    before = net[0].weight.data.copy()
    net[0].weight.copy_(before * 0)
    graph = describe(cost, tape, values=True, formulas=True, local_gradients=True)
    np.testing.assert_array_equal(named(graph)["0.weight"].value, before)
    assert graph.calls[0].formula is not None


def test_a_record_without_a_backward_pass_says_so():
    x = leaf(2)
    with record() as tape:
        y = (x * 2).sum()
    graph = describe(y, tape, gradients=True)
    assert "no backward pass ran within the record" in graph.note
    assert describe(y, tape).note == ""


# A Tensor alone


def test_of_a_result_alone_what_is_left_is_shown_and_how_to_get_the_rest():
    x, w = leaf(2, name="x"), leaf(2, name="w")
    y = (x * w).exp().sum()
    graph = describe(y, **EVERYTHING)
    assert [one.value is not None for one in graph.variables] == [True, True, False, True, True]
    np.testing.assert_allclose(graph.variables[3].value, np.exp([1, 1]))
    assert str(graph.calls[1].formula) == "e^x"
    np.testing.assert_allclose(graph.edges_to["f1"][0].local_gradient, np.exp([1, 1]))
    assert "was not recorded, so only what the graph still keeps is shown" in graph.note
    assert "with autograd.record() as tape" in graph.note
    assert named(graph)["x"].gradient is None
    assert describe(y).note == ""


def test_after_backward_it_shows_the_leaves_gradients():
    x = leaf(2, name="x")
    y = (x * 3).sum()
    y.backward()
    graph = describe(y, **EVERYTHING)
    assert named(graph)["x"].gradient.tolist() == [3, 3]
    x.grad.data[:] = 0
    assert named(graph)["x"].gradient.tolist() == [3, 3]  # a copy
    assert {call.formula for call in graph.calls} == {None}  # released


def test_lists_of_inputs_keep_their_values():
    y = (autograd.stack([leaf(2) * 2, leaf(2) * 3]) ** 2).sum()
    values = [one.value for one in describe(y, values=True).variables]
    assert sum(value is not None for value in values) >= 3


# As plain data


def test_a_description_is_json():
    graph = describe(loss_of, *network(), **EVERYTHING)
    data = graph.as_dict()
    assert json.loads(graph.to_json()) == data
    assert list(data) == ["title", "variables", "calls", "edges", "outputs", "modules", "note"]
    first = data["calls"][0]
    assert first["op"] == "Affine"
    assert first["line"]["file"] == __file__
    assert first["formula"]["text"] == str(graph.calls[0].formula)
    for one, variable in zip(data["variables"], graph.variables, strict=True):
        assert (one["key"], tuple(one["shape"])) == (variable.key, variable.shape)
        np.testing.assert_array_equal(one["value"], variable.value)
        if variable.gradient is not None:
            np.testing.assert_array_equal(one["gradient"], variable.gradient)


def test_json_has_no_word_for_what_is_not_finite():
    x = Tensor([0.0, -1.0, np.nan], requires_grad=True)
    with np.errstate(all="ignore"):
        graph = describe(lambda x: (1 / x).sum(), x, values=True)
    data = json.loads(graph.to_json(indent=1), parse_constant=pytest.fail)
    assert data["variables"][0]["value"] == [0.0, -1.0, "nan"]
    assert data["variables"][1]["value"] == ["inf", -1.0, "nan"]


# Wrong calls


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda: describe(leaf() * 2, 3), TypeError, "A Tensor is shown by itself: nothing but"),
        (lambda: describe(recorded()[1], 3), TypeError, "A Tape is shown by itself"),
        (lambda: describe(leaf() * 2, recorded()[1]), LookupError, "No call of this record took"),
        (lambda: describe(empty_tape()), ValueError, "This tape has recorded no call"),
        (lambda: describe(leaf() * 2, leaf()), TypeError, "(function, x, y)"),
    ],
)
def test_wrong_calls_are_told_what_to_write(call, kind, text):
    assert text in message(kind, call)


def empty_tape():
    with record() as tape:
        pass
    return tape


def test_a_network_keeps_its_size_in_the_description():
    graph = describe(*network_loss(), **EVERYTHING)
    assert all(one.value.shape == one.shape for one in graph.variables)
    wanting = [one for one in graph.variables if one.requires_grad]
    assert all(one.gradient.shape == one.shape for one in wanting)


# A recorded loss finds its record


def test_a_recorded_loss_is_described_with_its_values_without_naming_the_tape():
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    with autograd.record() as outer:
        before = w * 3
        with autograd.record() as inner:
            loss = (w * w).sum()
            loss.backward()
    assert describe(loss, gradients=True) == describe(loss, inner, gradients=True)
    assert describe(before) == describe(before, outer)
    assert [call.op.__name__ for call in describe(loss).calls] == ["Multiply", "Sum"]
    assert describe(loss).note == ""


def test_without_its_tape_a_loss_has_what_is_left():
    w = Tensor([1.0, 2.0], requires_grad=True)
    with autograd.record():
        loss = (w * w).sum()
    gc.collect()  # nobody held the tape
    assert "record" in describe(loss, values=True).note
