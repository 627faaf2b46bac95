"""Calls with the wrong arguments, and conversions to another dtype."""

import copy

import numpy as np
import pytest
from support.checks import message

import nn
import optim
from autograd import Tensor
from nn.parameter import Buffer


class Pair(nn.Module):
    def forward(self, x: Tensor, y: Tensor, *, scale: float = 1.0) -> Tensor:
        return x * y * scale


X = Tensor(np.ones((3, 2), np.float32))

WRONG = [
    (
        lambda: Pair()(X),
        "Pair was called with (Tensor (3, 2) float32), and its forward takes (x, y, *, scale=1.0): "
        "missing a required argument: 'y'.",
    ),
    (
        lambda: Pair()(X, [1, 2], 2.0),
        "Pair was called with (Tensor (3, 2) float32, list, float), and its forward takes "
        "(x, y, *, scale=1.0): too many positional arguments.",
    ),
    (
        lambda: Pair()(X, 1, size=None),
        "Pair was called with (Tensor (3, 2) float32, 1, size=None), and its forward takes "
        "(x, y, *, scale=1.0): got an unexpected keyword argument 'size'.",
    ),
    (
        lambda: nn.Linear(2, 1)(),
        "Linear was called with (), and its forward takes (x): missing a required argument: 'x'.",
    ),
]


@pytest.mark.parametrize(("wrong", "expected"), WRONG)
def test_wrong_arguments_are_answered_with_what_forward_takes(wrong, expected):
    assert message(TypeError, wrong) == expected


def test_the_module_that_was_called_wrongly_is_named_not_those_around_it():
    net = nn.Sequential(nn.Linear(2, 2), Pair())
    with pytest.raises(TypeError, match=r"^Pair was called with \(Tensor \(3, 2\)") as error:
        net(X)
    assert error.value.__notes__ == ["  in  Pair()"]


def test_other_type_errors_are_left_as_they_are():
    class Wrong(nn.Module):
        def forward(self, x):
            return len(5)

    assert message(TypeError, lambda: Wrong()(X)) == "object of type 'int' has no len()"


def test_dim_is_taken_for_axis_by_every_layer():
    assert nn.Softmax(dim=1).axis == 1
    assert nn.LogSoftmax(dim=0).axis == 0

    class Mine(nn.Module):
        def __init__(self, start_axis, embedding_dim):
            self.found = start_axis, embedding_dim

    assert Mine(start_dim=1, embedding_dim=2).found == (1, 2)
    with pytest.raises(TypeError, match="unexpected keyword argument 'dim'"):
        nn.Linear(1, 1, dim=1)


# Dtype


class Mixed(nn.Module):
    def __init__(self):
        self.layer = nn.Linear(2, 1)
        self.count = Buffer(np.array(3))
        self.mean = Buffer(np.zeros(2, np.float32))


@pytest.mark.parametrize(
    ("convert", "dtype"),
    [
        (lambda m: m.double(), "float64"),
        (lambda m: m.double().float(), "float32"),
        (lambda m: m.half(), "float16"),
        (lambda m: m.to("float64"), "float64"),
        (lambda m: m.to(np.float16), "float16"),
        (lambda m: m.to(float), "float64"),
    ],
)
def test_floating_parameters_and_buffers_are_converted_and_stay_the_same_objects(convert, dtype):
    module = Mixed()
    before = [*module.parameters(), *module.buffers()]
    weight = module.layer.weight.data.copy()
    assert convert(module) is module
    assert all(
        a is b for a, b in zip([*module.parameters(), *module.buffers()], before, strict=True)
    )
    assert [str(t.dtype) for t in before] == [dtype, dtype, "int64", dtype]
    assert np.array_equal(module.layer.weight.data, weight.astype(dtype).astype(weight.dtype))
    assert module.layer.weight.requires_grad
    assert module.layer.weight.name == "layer.weight"


def test_gradients_are_converted_along():
    layer = nn.Linear(2, 1)
    layer(X).sum().backward()
    layer.double()
    assert layer.weight.grad.dtype == np.float64
    assert layer.weight.grad.data.tolist() == [[3, 3]]
    layer(X.astype("float64")).sum().backward()
    assert layer.weight.grad.data.tolist() == [[6, 6]]


def test_nothing_is_copied_where_nothing_changes():
    layer = nn.Linear(2, 1)
    array = layer.weight.data
    assert layer.float().weight.data is array


def test_what_an_optimizer_holds_is_not_converted():
    model = nn.Sequential(nn.Linear(2, 1))
    model.extra = nn.Parameter(np.zeros(1))
    optimizer = optim.SGD(model[0].parameters(), lr=0.1)
    assert message(RuntimeError, model.half) == (
        "to('float16'): an optimizer keeps '0.weight' in its own memory, of float32. Convert "
        "before the optimizer is made; or convert a copy, copy.deepcopy(model).to('float16'), and "
        "make an optimizer for that."
    )
    assert model.extra.dtype == np.float64
    twin = copy.deepcopy(model).to("float16")
    assert twin[0].weight.dtype == np.float16
    model[0](X).sum().backward()
    optimizer.step()
    assert model.float()[0].weight.dtype == np.float32


def test_an_optimizer_made_after_it_trains_what_was_converted():
    model = nn.Linear(2, 1).double()
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    before = model.weight.data.copy()
    model(X.astype("float64")).sum().backward()
    optimizer.step()
    assert np.allclose(model.weight.data, before - 1.5, rtol=0, atol=1e-15)


@pytest.mark.parametrize("wrong", ["cuda", "int32", None, bool])
def test_there_are_no_devices_and_no_whole_parameters(wrong):
    assert message(TypeError, lambda: nn.Linear(1, 1).to(wrong)) == (
        f"to(dtype) takes a floating dtype, such as 'float64', not {wrong!r}. There are no devices "
        "to move to: NumPy computes on the CPU, so leave a .to(device) out."
    )


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: nn.ReLU(np.zeros(3)),
            r"ReLU is made by ReLU\(\): too many positional arguments\.",
        ),
        (
            lambda: nn.Linear(3),
            r"Linear is made by Linear\(in_features, out_features, bias=True, .*"
            r"missing a required argument: 'out_features'\.",
        ),
        (
            lambda: nn.Dropout(rate=0.5),
            r"Dropout is made by Dropout\(p=0.5, generator=None\): got an "
            "unexpected keyword argument 'rate'",
        ),
    ],
)
def test_what_a_layer_does_not_take_is_explained(make, words):
    with pytest.raises(TypeError, match=words):
        make()
