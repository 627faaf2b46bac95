"""What a description of a graph holds: variables, calls, edges, labels and names."""

import numpy as np
import pytest
from support.checks import message, operations_of_a_test
from support.graphs import doubled, leaf, network_loss, square_of_product

import autograd
from autograd import Function, Tensor, no_grad
from autograd.graph import describe


def labels_of(graph):
    return [call.label for call in graph.calls]


def named(graph):
    return {variable.name: variable for variable in graph.variables if variable.name}


def inputs_of(graph, call):
    """The variables that a call takes, by the operation's names for its inputs."""
    by_key = {variable.key: variable for variable in graph.variables}
    return {e.name: by_key[e.source] for e in graph.edges if e.target == call.key}


def outputs_of(graph, call):
    by_key = {variable.key: variable for variable in graph.variables}
    return {e.name: by_key[e.target] for e in graph.edges if e.source == call.key}


# What a description holds


def test_variables_and_functions_are_nodes_of_two_kinds():
    graph = describe(square_of_product, leaf(), leaf(), leaf())
    assert labels_of(graph) == ["+", "×", "** 2"]
    assert [variable.kind for variable in graph.variables].count("leaf") == 3
    assert [variable.kind for variable in graph.variables].count("result") == 3
    add, multiply, square = graph.calls
    assert [v.name for v in inputs_of(graph, add).values()] == ["x", "y"]
    assert inputs_of(graph, multiply) == {
        "x": outputs_of(graph, add)["out"],
        "y": named(graph)["z"],
    }
    assert inputs_of(graph, square)["x"] == outputs_of(graph, multiply)["out"]
    assert graph.outputs == (outputs_of(graph, square)["out"].key,)
    assert graph.title == "square_of_product"


def test_a_network_shows_its_parameters_data_and_shapes():
    graph = describe(*network_loss())
    shown = {name: (v.kind, v.shape, v.dtype, v.requires_grad) for name, v in named(graph).items()}
    assert shown == {
        "x": ("constant", (8, 4), "float32", False),
        "labels": ("constant", (8,), "int64", False),
        "W1": ("leaf", (16, 4), "float32", True),
        "b1": ("leaf", (16,), "float32", True),
        "W2": ("leaf", (3, 16), "float32", True),
        "b2": ("leaf", (3,), "float32", True),
        "hidden": ("result", (8, 16), "float32", True),  # as the function calls it
    }
    assert labels_of(graph) == ["Affine", "ReLU", "Affine", "SoftmaxCrossEntropy", "Mean"]
    assert [tuple(v.shape for v in outputs_of(graph, call).values()) for call in graph.calls] == [
        ((8, 16),),
        ((8, 16),),
        ((8, 3),),
        ((8,),),
        ((),),
    ]
    second = inputs_of(graph, graph.calls[2])
    assert (second["weight"].name, second["bias"].name) == ("W2", "b2")


@pytest.mark.parametrize("see", [lambda x: (doubled, x), lambda x: (doubled(x),)])
def test_twelve_doublings_are_twelve_additions_and_thirteen_variables(see):
    graph = describe(*see(leaf()))
    assert len(graph.calls) == 12
    assert len(graph.variables) == 13
    assert len(graph.edges) == 36


def test_calls_stand_in_topological_order():
    def braided(x, y):
        for _ in range(5):
            x, y = x * y, y - x
        return x + y

    for graph in (describe(braided, leaf(), leaf()), describe(braided(leaf(), leaf()))):
        made = {v.key for v in graph.variables if v.kind == "leaf"}
        for call in graph.calls:
            assert {v.key for v in inputs_of(graph, call).values()} <= made
            made |= {v.key for v in outputs_of(graph, call).values()}


def test_a_value_used_again_is_one_variable():
    array = np.ones(3, np.float32)
    graph = describe(lambda x: x * array + array * x, leaf(3))
    assert [v.name for v in graph.variables] == ["x", "array", None, None, None]


def test_nothing_is_shown_of_outputs_that_are_kept_for_rules():
    graph = describe(*network_loss())
    assert list(outputs_of(graph, graph.calls[3])) == ["nll"]


def test_a_function_with_several_outputs_has_an_edge_to_each():
    with operations_of_a_test():

        class SumAndDifference(Function):
            outputs = ("sum", "difference")

            def forward(x, y):
                return x + y, x - y

            gradients = {
                ("x", "sum"): lambda g: g,
                ("y", "sum"): lambda g: g,
                ("x", "difference"): lambda g: g,
                ("y", "difference"): lambda g: -g,
            }

        def product(x, y):
            s, d = SumAndDifference.apply(x, y)
            return s * d

        for graph in (describe(product, leaf(2), leaf(2)), describe(product(leaf(2), leaf(2)))):
            both, multiply = graph.calls
            assert both.label == "SumAndDifference"
            made = outputs_of(graph, both)
            assert list(made) == ["sum", "difference"]
            assert inputs_of(graph, multiply) == {"x": made["sum"], "y": made["difference"]}


def test_what_has_no_derivative_is_shown_and_marked():
    def penalty(x):
        return (x * (x > 0.5)).sum()

    graph = describe(penalty, leaf(4))
    assert labels_of(graph) == ["> 0.5", "×", "Sum"]
    mask = outputs_of(graph, graph.calls[0])["out"]
    assert (mask.kind, mask.dtype, mask.requires_grad) == ("result", "bool", False)
    without = [(e.source, e.target) for e in graph.edges if not e.has_gradient]
    assert without == [("v0", "f0"), ("f0", mask.key), (mask.key, "f1")]


def test_no_gradient_flows_to_an_input_without_a_rule():
    graph = describe(lambda chosen, x: autograd.where(chosen, x, 0), leaf(2), leaf(2))
    flows = {edge.name: edge.has_gradient for edge in graph.edges}
    assert flows == {"condition": False, "x": True, "out": True}


def test_within_no_grad_no_gradient_flows():
    graph = describe(no_grad()(square_of_product), leaf(), leaf(), leaf())
    assert len(graph.calls) == 3
    assert not any(edge.has_gradient for edge in graph.edges)


def test_a_derivative_hangs_together_with_the_leaf_that_it_comes_from():
    def second_derivative(x):
        slope = autograd.grad(autograd.tanh(x), x, create_graph=True)
        return autograd.grad(slope, x, create_graph=True)

    graph = describe(second_derivative, leaf())
    assert [v.name for v in graph.variables if v.kind == "leaf"] == ["x"]
    made = {edge.target for edge in graph.edges if edge.source.startswith("f")}
    assert graph.outputs[0] in made


def test_a_derivative_of_what_was_computed_before_leads_to_its_leaf():
    x = leaf()
    y = x**3
    graph = describe(lambda: autograd.grad(y, x, create_graph=True))
    assert [(v.kind, v.name) for v in graph.variables if v.kind == "leaf"] == [("leaf", "x")]


# How calls are labelled


@pytest.mark.parametrize(
    ("function", "label"),
    [
        (lambda x: x * 2, "× 2"),
        (lambda x: 2.0 * x, "2 ×"),
        (lambda x: x - 0.1, "− 0.1"),
        (lambda x: 1 - x, "1 −"),
        (lambda x: x + -3, "+ −3"),
        (lambda x: x * 1.0001, "× 1.0001"),
        (lambda x: x / np.float64(4), "/ 4"),
        (lambda x: x**3, "** 3"),
        (lambda x: x**2, "** 2"),
        (lambda x: x >= 0, "≥ 0"),
        (lambda x: x @ x, "@"),
        (lambda x: -x, "Negative"),
        (lambda x: x[0], "[0]"),
        (lambda x: x[..., 1:], "[..., 1:]"),
        (lambda x: x[::2, None], "[::2, None]"),
        (lambda x: x[np.array([0, 1])], "[(2,) int64]"),
    ],
)
def test_operators_are_written_as_such_with_the_numbers_they_take(function, label):
    (call,) = describe(function, leaf(2, 2)).calls
    assert (call.label, call.settings) == (label, ())


@pytest.mark.parametrize(
    ("function", "settings"),
    [
        (lambda x: x.sum(), ()),
        (lambda x: x.sum(axis=0), ("axis=0",)),
        (lambda x: x.sum(axis=-1, keepdims=True), ("axis=1", "keepdims=True")),
        (lambda x: x.var(axis=(0, 1), ddof=1), ("ddof=1",)),
        (lambda x: autograd.softmax(x), ()),
        (lambda x: autograd.softmax(x, axis=0), ("axis=0",)),
        (lambda x: x.reshape(-1), ("shape=(4,)",)),
        (lambda x: x.T, ()),
        (lambda x: autograd.expand_dims(x, 2), ("axis=2",)),
        (lambda x: autograd.stack([x, x], axis=2), ("axis=2",)),
        (lambda x: autograd.concatenate([x, x]), ()),
        (lambda x: autograd.concatenate([x, x], axis=1), ("axis=1",)),
        (lambda x: x.clip(0), ("min=0",)),
        (lambda x: np.maximum(x, 0.5), ("y=0.5",)),
        (lambda x: x.astype("float64"), ("dtype=float64",)),
    ],
)
def test_settings_are_shown_where_they_differ_from_the_default(function, settings):
    (call,) = describe(function, leaf(2, 2)).calls
    assert call.settings == settings


# Names


class Model:
    """Has parameters and a forward, as a network has."""

    def __init__(self):
        self.weight = leaf(2, name="its own name")

    def named_parameters(self):
        yield "layer.0.weight", self.weight

    def forward(self, batch):
        return batch * self.weight

    def __call__(self, *args):
        return self.forward(*args)


model = Model()
other_model = Model()


@pytest.mark.parametrize(
    ("function", "args", "names"),
    [
        (lambda x, y: x * y, (leaf(2), leaf(2)), ["x", "y"]),
        (lambda x: x * W_global, (leaf(2),), ["x", "W_global"]),
        (lambda x: x + x, (leaf(2, name="speed"),), ["speed"]),
        (lambda *many: many[0] * many[1], (leaf(2), leaf(2)), ["many[0]", "many[1]"]),
        (
            lambda weights: weights[0] * weights[1],
            ([leaf(2), leaf(2)],),
            ["weights[0]", "weights[1]"],
        ),
        (lambda weights: weights["a"] * 2, ({"a": leaf(2)},), ["weights['a']"]),
        (lambda x, row=[1.0, 2.0]: x * row, (leaf(2),), ["x", "row"]),
        (model, (leaf(2),), ["batch", "layer.0.weight"]),
        (model.forward, (leaf(2),), ["batch", "layer.0.weight"]),
        (lambda net, x: net(x), (model, leaf(2)), ["x", "layer.0.weight"]),
        (lambda x: model(x), (leaf(2),), ["x", "layer.0.weight"]),
        (
            lambda x: model(x) * other_model(x),
            (leaf(2),),
            ["x", "model.layer.0.weight", "other_model.layer.0.weight"],
        ),
        (np.exp, (leaf(2),), ["x"]),
    ],
)
def test_variables_have_the_names_that_the_code_gives_them(function, args, names):
    assert list(named(describe(function, *args))) == names


W_global = leaf(2)


def test_results_are_called_as_the_function_calls_them_if_that_tells_them_apart():
    def f(x):
        a = x * 2
        b = a + 1
        for _ in range(2):
            b = b * a
        return b

    assert list(named(describe(f, leaf()))) == ["x", "a"]


def test_results_may_be_named_too():
    def f(x):
        h = x * 2
        h.name = "hidden"
        return h + 1

    assert list(named(describe(f, leaf()))) == ["x", "hidden"]


# A result and its history


def test_a_history_has_what_gradients_flow_through():
    weight, bias = leaf(3, 4, name="weight"), leaf(3, name="bias")
    logits = autograd.affine(np.ones((8, 4), np.float32), weight, bias)
    loss = autograd.softmax_cross_entropy(logits, np.zeros(8, int)).mean()
    loss.name = "loss"
    graph = describe(loss)
    assert labels_of(graph) == ["Affine", "SoftmaxCrossEntropy", "Mean"]
    assert list(named(graph)) == ["weight", "bias", "loss"]
    assert list(inputs_of(graph, graph.calls[1])) == ["logits"]
    results = [v.shape for v in graph.variables if v.kind == "result"]
    assert results == [(8, 3), (8,), ()]
    assert graph.outputs == (named(graph)["loss"].key,)


def test_a_history_knows_the_numbers_that_were_kept_until_they_are_released():
    y = (leaf(3, 2) * 2).sum(axis=0)
    graph = describe(y)
    assert labels_of(graph) == ["× 2", "Sum"]
    assert graph.calls[1].settings == ("axis=0",)
    assert [v.name for v in graph.variables] == [None] * 3
    y.backward(np.ones(2, np.float32))
    assert labels_of(describe(y)) == ["× …", "Sum"]


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (
            lambda: describe(leaf(2)),
            ValueError,
            "(2,) float32, has no history to show: it is a leaf",
        ),
        (lambda: describe(Tensor([1.0]) * 2), ValueError, "the function that computes it"),
        (lambda: describe(lambda x: x + 1, 2.0), ValueError, "make at least one of them a Tensor"),
        (lambda: describe(leaf() * 2, leaf()), TypeError, "(function, x, y)"),
        (lambda: describe("loss"), TypeError, "This is 'loss' (str)."),
    ],
)
def test_where_there_is_no_graph_an_error_says_what_to_give(call, kind, text):
    assert text in message(kind, call)
