"""Export to ONNX: every operation of the table, whole networks at any batch size, refusals.

The files are run by the reference program of the package onnx, which is NumPy; onnxruntime runs
the same in benchmarks/test_onnx.py.
"""

import sys

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator
from support.checks import message, operations_of_a_test
from support.onnx_files import NETWORKS, REFUSED, calls, check_call, check_network, network

import autograd
import nn
from autograd import Function, Tensor
from nn.io import export_onnx
from nn.io.onnx.operators import OPERATORS


def run(path, inputs):
    reference = ReferenceEvaluator(str(path))
    named = dict(zip(reference.input_names, inputs, strict=True))
    with np.errstate(all="ignore"):
        return reference.run(None, named)[0]


@pytest.mark.parametrize("case", calls(), ids=repr)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_an_operation_gives_the_same_numbers(case, tmp_path):
    check_call(case, tmp_path / "x.onnx", run)


def test_every_row_of_the_onnx_table_is_an_operation_with_rows_in_the_table_of_operations():
    assert {case.op.__name__ for case in calls()} == set(OPERATORS)


@pytest.mark.parametrize("op", REFUSED)
def test_only_some_rows_of_an_operation_are_refused(op, tmp_path):
    own = [case for case in calls() if case.op.__name__ == op]
    assert {check_call(case, tmp_path / "x.onnx", run) for case in own} == {True, False}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_gives_the_same_numbers_for_any_batch(name, tmp_path):
    check_network(name, tmp_path / "x.onnx", run, 1e-5)


# What the file says


def exported_model(model, example, tmp_path):
    path = tmp_path / "new" / "x.onnx"
    export_onnx(model, path, example)
    return onnx.load(path)


def test_parameters_keep_their_names_and_values(tmp_path):
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2, bias=False))
    graph = exported_model(model, (3,), tmp_path).graph
    kept = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
    state = model.state_dict()
    assert kept.keys() == state.keys()
    assert all(np.array_equal(kept[name], state[name]) for name in state)
    # Part of a larger network it has its own names.
    part = exported_model(nn.Sequential(nn.Tanh(), model[:1])[1], (3,), tmp_path).graph
    assert [one.name for one in part.initializer] == ["0.weight", "0.bias"]


def test_nodes_say_the_layer_and_the_batch_is_open(tmp_path):
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    proto = exported_model(model, (3,), tmp_path)
    graph = proto.graph
    assert [node.name for node in graph.node] == ["0/Gemm", "1/Relu", "2/Gemm", "output"]
    (given,), (result,) = graph.input, graph.output
    shapes = [
        [d.dim_param or d.dim_value for d in one.type.tensor_type.shape.dim]
        for one in (given, result)
    ]
    assert (given.name, result.name) == ("input", "output")
    assert shapes == [["batch", 3], ["batch", 2]]
    assert [one.version for one in proto.opset_import] == [20]
    assert proto.producer_name == "readable-autograd"


def test_checks_of_values_and_dead_ends_are_left_out(tmp_path):
    class Net(nn.Module):
        def __init__(self):
            self.layer, self.unused = nn.Linear(3, 2), nn.Linear(2, 5)

        def forward(self, x):
            self.unused(self.layer(x))
            assert not autograd.sort(x).any(axis=-1).data.all() or True
            return self.layer(x)

    graph = exported_model(Net(), (3,), tmp_path).graph
    assert [node.op_type for node in graph.node] == ["Gemm", "Identity"]
    assert [one.name for one in graph.initializer] == ["layer.weight", "layer.bias"]


def test_a_shared_layer_has_its_weights_once(tmp_path):
    layer = nn.Linear(3, 3)
    graph = exported_model(nn.Sequential(layer, nn.Tanh(), layer), (3,), tmp_path).graph
    assert [one.name for one in graph.initializer] == ["0.weight", "0.bias"]
    assert [node.op_type for node in graph.node] == ["Gemm", "Tanh", "Gemm", "Identity"]


def test_floating_data_takes_the_dtype_of_the_parameters(tmp_path):
    graph = exported_model(nn.Linear(3, 1), np.ones((5, 3)), tmp_path).graph
    assert graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.FLOAT


def test_a_parameter_may_be_called_as_the_input_is(tmp_path):
    class Net(nn.Module):
        def __init__(self):
            self.input = nn.Parameter([2.0])

        def forward(self, x):
            return x * self.input

    path = tmp_path / "x.onnx"
    export_onnx(Net(), path, (1,))
    assert run(path, [np.array([[3.0]], np.float32)]).tolist() == [[6.0]]


def test_a_file_that_onnx_itself_would_not_accept_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setitem(OPERATORS, "ReLU", lambda s: s.add("NoSuchOperator", s["x"]))
    with pytest.raises(onnx.checker.ValidationError, match="NoSuchOperator"):
        export_onnx(nn.ReLU(), tmp_path / "x.onnx", (3,))
    assert list(tmp_path.iterdir()) == []


# What stays as it was


def test_nothing_in_the_model_changes(tmp_path):
    model = network("batch norm").train()
    model[2].eval()
    before = {name: array.tobytes() for name, array in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    model(Tensor(np.ones((2, 4), np.float32))).sum().backward()
    gradients = [p.grad.data.copy() for p in model.parameters()]
    before = {name: array.tobytes() for name, array in model.state_dict().items()}
    autograd.manual_seed(3)
    export_onnx(model, tmp_path / "x.onnx", (4,))
    drawn = autograd.random.draw("random", (2,))
    autograd.manual_seed(3)
    assert np.array_equal(drawn, autograd.random.draw("random", (2,)))
    assert [module.training for module in model.modules()] == modes
    assert {name: array.tobytes() for name, array in model.state_dict().items()} == before
    for p, g in zip(model.parameters(), gradients, strict=True):
        assert np.array_equal(p.grad.data, g)


def test_after_a_refusal_the_model_trains_on(tmp_path):
    model = nn.Sequential(nn.Dropout(0.5), autograd.sort)
    with pytest.raises(ValueError, match="Rearrange"):
        export_onnx(model, tmp_path / "x.onnx", (4,))
    assert model.training
    assert model[0].training
    assert list(tmp_path.iterdir()) == []
    model(Tensor(np.ones((2, 4))))  # draws random numbers again


# Refusals


class Forward(nn.Module):
    """A module made of one function."""

    def __init__(self, function):
        self.function = function
        self.weight = nn.Parameter([[1.0, 2.0, 3.0]])

    def forward(self, x):
        return self.function(self, x)


with operations_of_a_test():

    class Exp(Function):
        """A namesake of an operation."""

        def forward(x):
            return x + 1

        gradients = {"x": lambda g: g}


FROM_DATA = (
    "it takes numbers that depend on the data, or on the size of the batch, and were not computed "
    "by operations; in the file they would be constants"
)
FROM_INDEX = "GetItem.*its index depends on the data, and is neither an input nor the result of an"
REFUSALS = {
    "a number from the data": (lambda _, x: x / float(x.data.max()), f"Divide.*{FROM_DATA}"),
    "a number from the batch": (lambda _, x: x.sum(axis=0) / len(x), f"Divide.*{FROM_DATA}"),
    "an array from the data": (lambda _, x: x - x.data.mean(axis=0), f"Subtract.*{FROM_DATA}"),
    "an index from the data": (
        lambda m, x: m.weight[:, np.array([len(x) - 2, 0])],
        FROM_INDEX,
    ),
    "a view of the numbers of rows": (
        lambda m, x: m.weight.T[autograd.clip(x.abs().astype(int), 0, 2)[::-1]],
        FROM_INDEX,
    ),
    "a number for an index from the data": (
        lambda _, x: x[:, : 1 + len(x) % 2],
        "GetItem.*a part of the index key depends on the data, or on the size of the batch",
    ),
    "other operations": (
        lambda _, x: x.exp() if len(x) == 2 else x.tanh(),
        "calls other operations for other data.*First Exp.* at test_onnx.py:.*, then Tanh",
    ),
    "one by one": (
        lambda _, x: autograd.stack([x[i] * 2 for i in range(len(x))]),
        "calls other operations for other data",
    ),
    "other operands": (
        lambda _, x: [x + 1, x * 2][len(x) % 2] - 1,
        "Subtract.*what it takes depends on the data, or on the size of the batch",
    ),
    "no operation": (lambda _, x: Tensor(x.data * 2), "no operation made the model's result"),
    "random numbers": (
        lambda _, x: nn.functional.dropout(x),
        "draws random numbers in evaluation mode",
    ),
    "no such operator": (lambda _, x: autograd.sort(x), "Rearrange has no place in the file: ONNX"),
    "a setting of the batch": (
        lambda _, x: autograd.clip(x, 0, len(x)),
        "Clip.*its max depends on the data, or on the size of the batch",
    ),
    "two open lengths": (
        lambda _, x: (x @ x.T).reshape(1, 1, len(x), len(x)),
        "Reshape.*two lengths of the new shape depend on the size of the batch",
    ),
    "a length beside the batch": (
        lambda m, x: autograd.broadcast_to(m.weight, (len(x) + 1, 3)),
        "BroadcastTo.*a length depends on the size of the batch, and is not that size",
    ),
    "an operation of the user's": (lambda _, x: Exp.apply(x), "Exp has no place in the file: ONNX"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_no_file_can_hold_is_refused(case, tmp_path):
    function, reason = REFUSALS[case]
    with pytest.raises(ValueError, match=f"(?s){reason}"):
        export_onnx(Forward(function), tmp_path / "x.onnx", (3,))
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_names_operation_module_and_line(tmp_path):
    model = nn.Sequential(nn.Linear(3, 3), Forward(lambda _, x: autograd.sort(x)))
    line = sys._getframe().f_lineno - 1
    with pytest.raises(ValueError, match="Rearrange") as caught:
        export_onnx(model, tmp_path / "x.onnx", (3,))
    assert str(caught.value) == (
        "export_onnx: Rearrange has no place in the file: ONNX has no such operator, or the table "
        "in nn/io/onnx/operators.py has no row.\n"
        "  in    1 (Forward)\n"
        f"  line  test_onnx.py:{line}  "
        "model = nn.Sequential(nn.Linear(3, 3), Forward(lambda _, x: autograd.sort(x)))\n"
        "  fix   write it with other operations, or compute it outside of the model"
    )


EXAMPLE = (
    "export_onnx: the example is the shape of one example without the batch, such as (784,), or a "
    "batch of data, or a list with one of these for each input; this is "
)
WRONG = {
    "a number for a shape": ((nn.Linear(3, 1), "x.onnx", 3), TypeError, f"{EXAMPLE}3."),
    "no examples": (
        (nn.Linear(3, 1), "x.onnx", np.ones((0, 3))),
        TypeError,
        f"{EXAMPLE}array([], shape=(0, 3), dtype=float64).",
    ),
    "suffix": (
        (nn.Linear(3, 1), "x.pb", (3,)),
        ValueError,
        "export_onnx: the file's name ends in .onnx; this is 'x.pb'.",
    ),
    "no model": (
        ("x.onnx", nn.Linear(3, 1), (3,)),
        TypeError,
        "export_onnx(model, path, example) takes a model, and then the file; these are str and "
        "Linear.",
    ),
    "example first": (
        (nn.Linear(3, 1), (3,), "x.onnx"),
        TypeError,
        "export_onnx(model, path, example) takes a model, and then the file; these are Linear and "
        "tuple.",
    ),
    "two results": (
        (Forward(lambda _, x: (x, x)), "x.onnx", (3,)),
        TypeError,
        "export_onnx: Forward gives tuple, and not one Tensor. Wrap it in a module whose forward "
        "returns the Tensor that you want.",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_calls_are_answered(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given, kind, text = WRONG[case]
    assert message(kind, lambda: export_onnx(*given)) == text
    assert list(tmp_path.iterdir()) == []


def test_another_size_than_the_layer_takes_is_the_layers_own_error(tmp_path):
    with pytest.raises(ValueError, match="rows of 3 numbers, and x has rows of 4"):
        export_onnx(nn.Linear(3, 1), tmp_path / "x.onnx", (4,))


def test_a_missing_library_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert message(
        ImportError, lambda: export_onnx(nn.Linear(3, 1), tmp_path / "x.onnx", (3,))
    ) == ('ONNX files need the package onnx. Install it: pip install -e ".[onnx]".')
