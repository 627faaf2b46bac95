"""summary: a network as a table."""

import numpy as np
import pytest
from support.checks import message

import autograd
import nn
from autograd import Tensor, no_grad
from autograd.random import draw
from nn.composition import Flatten, Residual
from nn.parameter import Buffer
from nn.summaries import summary

# 784·100 + 100 = 78,500 and 100·10 + 10 = 1,010; 4 bytes each.
TABLE = """\
Layer        Output shape  Parameters  Trainable     Memory  Output memory
──────────────────────────────────────────────────────────────────────────
Sequential   (1, 10)                –  –                  –              –
  0: Linear  (1, 100)          78,500  yes        306.6 KiB          400 B
  1: ReLU    (1, 100)               –  –                  –          400 B
  2: Linear  (1, 10)            1,010  yes          3.9 KiB           40 B
──────────────────────────────────────────────────────────────────────────
79,510 parameters: 79,510 trainable, 0 fixed
310.6 KiB of parameters and buffers, 840 B of outputs, for an input of (1, 784)"""

TABLE_OF_TWO = """\
Layer                  Output shape       Parameters  Trainable  Memory  Output memory
──────────────────────────────────────────────────────────────────────────────────────
Two                    (1, 4), (1, 3, 2)           –  –            16 B           24 B
  encode: Linear       (1, 4) ×2                  20  yes          80 B           32 B
  decode: Linear       (1, 4)                      4  no           16 B           16 B
  blocks.0: Residual   (1, 4)                      –  –               –           16 B
    layer: Sequential  (1, 4)                      –  –               –              –
      0: Linear        (1, 4)                     20  yes          80 B           16 B
      1: Dropout       (1, 4)                      –  –               –              –
  flat: Flatten        (1, 4)                      –  –               –           16 B
  unused: Linear       not called                  2  no            8 B              –
──────────────────────────────────────────────────────────────────────────────────────
46 parameters: 40 trainable, 6 fixed
200 B of parameters and buffers, 120 B of outputs, for an input of (1, 4), (1, 3, 2)
encode is used 2 times, and counts once
decode.weight is encode.weight, and counts once"""


def digits():
    return nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))


class Two(nn.Module):
    """Two inputs, two outputs, shared layers and parameters, one that is not used."""

    def __init__(self):
        self.encode = nn.Linear(4, 4)
        self.decode = nn.Linear(4, 4)
        self.decode.weight = self.encode.weight
        self.decode.bias.requires_grad = False
        self.blocks = [Residual(nn.Sequential(nn.Linear(4, 4), nn.Dropout()))]
        self.flat = Flatten()
        self.unused = nn.Linear(1, 1).requires_grad_(False)
        self.mask = Buffer(np.ones(4, np.float32))

    def forward(self, x, y):
        x = self.encode(self.encode(x))
        for block in self.blocks:
            x = block(x)
        return self.flat(self.decode(x) * self.mask), y * 2


class Restless(nn.Module):
    """Changes whatever it can when it runs."""

    def __init__(self):
        self.running = Buffer([0.0])
        self.replaced = Buffer([0.0])
        self.layer = nn.Linear(2, 2)
        self.generator = np.random.default_rng(5)
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        self.last = x
        self.replaced = Tensor([1.0])
        with no_grad():
            self.running += 1
        noise = draw("random", x.shape) + draw("random", x.shape, generator=self.generator)
        return self.layer(x) + noise


def test_the_table_of_a_network_for_digits():
    assert str(summary(digits(), (784,))) == TABLE


def test_the_numbers_can_be_read():
    found = summary(digits(), (784,))
    assert [row.parameters for row in found.rows] == [0, 78_500, 0, 1_010]
    assert (found.parameters, found.trainable) == (79_510, 79_510)
    assert (found.state_bytes, found.output_bytes) == (4 * 79_510, 4 * 210)
    assert found.input_shapes == [(1, 784)]
    assert found.rows[1].output_shapes == ((1, 100),)


def test_what_is_there_twice_counts_once_and_is_said_so():
    found = summary(Two(), ((4,), (3, 2)))
    assert str(found) == TABLE_OF_TWO
    assert found.parameters == sum(p.size for p in Two().parameters())


def test_a_layer_with_some_parameters_frozen_learns_in_part():
    layer = nn.Linear(2, 1)
    layer.bias.requires_grad = False
    assert "in part" in str(summary(layer, (2,)))
    assert summary(layer, (2,)).trainable == 2


def test_a_notebook_shows_a_table():
    class Odd(nn.Module):
        def forward(self, x):
            return x

    Odd.__name__ = "<Odd>"
    shown = summary(nn.Sequential(nn.Linear(2, 1), Odd()), (2,))._repr_html_()
    assert shown.count("<tr>") == 4
    assert "1: &lt;Odd&gt;" in shown
    assert "padding-left:2.5em" in shown
    assert "3 parameters: 3 trainable, 0 fixed" in shown


@pytest.mark.parametrize(
    "given", [784, (784,), [784], np.ones((1, 784), np.float32), Tensor(np.zeros((1, 784), "f4"))]
)
def test_takes_the_shape_of_one_example_or_data(given):
    assert summary(digits(), given).parameters == 79_510


def test_data_keep_their_batch():
    x = np.ones((5, 2), np.float32)
    assert summary(nn.Linear(2, 3), x).rows[0].output_shapes == ((5, 3),)
    assert summary(Two(), (np.ones((5, 4), np.float32), np.ones(5))).rows[0].output_shapes == (
        *((5, 4), (5,)),
    )


def test_runs_in_the_dtype_of_the_parameters():
    assert summary(nn.Linear(2, 3).half(), (2,)).output_bytes == 3 * 2


def test_numbers_that_only_stand_for_an_input_raise_no_warnings():
    assert summary(nn.Sequential(lambda x: np.log(x - 1)), (2,)).parameters == 0


def test_leaves_everything_as_it_was():
    autograd.manual_seed(3)
    expected = draw("random", (2,)).tolist()
    own = np.random.default_rng(5).random(3).tolist()
    model = nn.Sequential(Restless(), nn.Dropout(), nn.Linear(2, 1))
    model[1].eval()
    met = []
    model[2].register_forward_hook(lambda *_: met.append(1))
    before = {id(m): dict(vars(m)) for m in model.modules()}
    autograd.manual_seed(3)
    summary(model, (2,))
    assert {id(m): vars(m) for m in model.modules()} == before
    assert [m.training for m in model] == [True, False, True]
    assert (model[0].running.item(), model[0].calls, met) == (0, 0, [])
    assert not hasattr(model[0], "last")
    assert draw("random", (2,)).tolist() == expected
    assert model[0].generator.random(3).tolist() == own
    assert all(p.grad is None for p in model.parameters())
    model(Tensor([[1.0, 1.0]]))
    assert met == [1], "the hook is there again"


def test_runs_in_evaluation_mode_without_a_graph():
    class Asks(nn.Module):
        def __init__(self):
            self.found = []

        def forward(self, x):
            self.found.append((self.training, autograd.is_grad_enabled()))
            return x

    model = Asks()
    summary(model, (2,))
    assert model.found == [(False, False)]


def test_an_input_that_does_not_fit_gives_the_layers_own_error_and_changes_nothing():
    model = nn.Sequential(Flatten(), nn.Linear(784, 10), Restless())
    with pytest.raises(ValueError, match="takes rows of 784 numbers, and x has rows of 60"):
        summary(model, (6, 10))
    assert all(module.training for module in model.modules())
    assert all(module._hooks is None for module in model.modules())


WRONG = [
    (nn.Linear, (2,), "summary(model, input_shape) takes a Module, not the class Linear."),
    (print, (2,), "summary(model, input_shape) takes a Module, not builtin_function_or_method."),
    *(
        (
            nn.ReLU(),
            given,
            "summary(model, input_shape) takes the shape of one example, as (784,), a tuple of "
            f"shapes for a network with several inputs, or data; not {given!r}.",
        )
        for given in ["784", (2.5,), ((2,), 3.0), (-1, 784), None]
    ),
]


@pytest.mark.parametrize(("model", "given", "expected"), WRONG)
def test_what_it_does_not_take(model, given, expected):
    assert message(TypeError, lambda: summary(model, given)) == expected
