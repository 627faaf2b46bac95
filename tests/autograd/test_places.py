"""Where in the user's code something happens: frames, lines, names of variables, modules."""

import gc
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest
from support.checks import operations_of_a_test

import nn
from autograd import Function, Tensor, grad, record
from autograd.places import Line, Modules, line_of, parts_of, user_frame, variables
from autograd.watching import Watcher, watch


def called_from(module, function):
    """What `function` answers when code of that module calls it."""
    scope = {} if module is None else {"__name__": module}
    exec("def run(function): return function()", scope)
    return scope["run"](function)


@pytest.mark.parametrize("module", ["autograd", "autograd.engine", "nn.linear", "optim"])
def test_the_library_is_passed_over(module):
    assert called_from(module, user_frame).f_code is called_from.__code__


@pytest.mark.parametrize("module", ["__main__", "train", "nnet", "my.nn", "numpy"])
def test_what_is_not_the_library_is_the_users(module):
    assert called_from(module, user_frame).f_globals["__name__"] == module


def test_a_line_says_where_it_is():
    line = line_of(user_frame())
    assert (line.file, line.function) == (__file__, "test_a_line_says_where_it_is")
    assert line.text == "line = line_of(user_frame())"
    assert str(line) == f"test_places.py:{line.number}"
    assert Path(__file__).read_text().splitlines()[line.number - 1].strip() == line.text


def test_a_line_without_source_has_no_text():
    assert Line("<stdin>", 3, "<module>").text == ""
    assert line_of(None) is None


def lines_of(function):
    """The line of each call that a function makes."""
    with record() as tape:
        function()
    return [call.line.text for call in tape.calls]


def test_a_users_module_is_user_code_and_one_of_the_library_is_not():
    class Twice(nn.Module):
        def forward(self, x):
            return x * 2  # here

    net = nn.Sequential(Twice(), nn.ReLU())

    def run():
        net(Tensor([1.0]))

    assert lines_of(run) == ["return x * 2  # here", "net(Tensor([1.0]))"]


def test_a_users_rule_is_user_code():
    with operations_of_a_test():

        class Cube(Function):
            def forward(x):
                return x**3

            gradients = {
                "x": lambda g, x: g * 3 * x * x,  # here
            }

        x = Tensor(2.0, requires_grad=True)
        y = Cube.apply(x)
        lines = lines_of(lambda: grad(y, x, create_graph=True))
    assert lines == ['"x": lambda g, x: g * 3 * x * x,  # here'] * 3


# Names


class Thing:
    pass


OUTSIDE, UNUSED = Thing(), Thing()


def test_a_functions_variables_are_its_own_those_around_it_and_the_globals_it_uses():
    around = Thing()

    def look(argument):
        inside = Thing()
        assert around is not OUTSIDE
        return inside, variables(sys._getframe())

    argument = Thing()
    inside, found = look(argument)
    things = {name: thing for name, thing in found.items() if type(thing) is Thing}
    assert things == {
        "OUTSIDE": OUTSIDE,
        "around": around,
        "argument": argument,
        "inside": inside,
    }


def test_of_a_module_the_variables_count_that_its_code_names():
    scope = {"__name__": "notebook", "Out": {3: OUTSIDE}, "look": variables, "sys": sys}
    exec("x = 1.5\nfound = look(sys._getframe())", scope)
    assert scope["found"] == {"x": 1.5, "look": variables, "sys": sys}


@pytest.fixture
def uncollected():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
def test_looking_at_variables_keeps_nothing_alive():
    thing = Thing()
    alive = weakref.ref(thing)
    assert variables(sys._getframe())["thing"] is thing
    del thing
    assert alive() is None


def test_what_locals_answered_before_stays_as_it_is():
    thing = Thing()
    answered = locals()
    variables(sys._getframe())
    assert answered["thing"] is thing


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (Tensor([1.0]), ["w"]),
        (np.ones(2), ["w"]),
        ([Tensor([1.0]), 2, np.ones(2)], ["w[0]", "w[2]"]),
        ({"a": Tensor([1.0]), 1: np.ones(2), "n": 3}, ["w['a']", "w[1]"]),
        ([[Tensor([1.0])]], []),
        ([np.ones(2)] * 1001, []),
        (3.0, []),
    ],
)
def test_parts_are_what_a_variable_holds_directly(value, names):
    assert list(parts_of("w", value)) == names


# Modules


class Places(Watcher):
    """Notes in which module each call runs."""

    def __init__(self):
        self.modules, self.seen = Modules(), []

    def called(self, op, inputs, settings, outputs):
        place = self.modules.current
        self.seen.append((op.__name__, place and place.path, str(place)))

    def entered(self, module):
        self.modules.entered(module)

    def left(self, module):
        self.modules.left()


class Block(nn.Module):
    def __init__(self):
        self.layers = [nn.ReLU(), nn.Tanh()]
        self.again = self.layers[0]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return nn.Sigmoid()(self.again(x) + 1)


def test_modules_are_called_by_their_path_within_the_outermost_one():
    places, x = Places(), Tensor([1.0])
    with watch(places):
        nn.Sequential(Block(), nn.ReLU())(x) * 2
        nn.Tanh()(x)
    assert places.seen == [
        ("ReLU", "0.layers.0", "0.layers.0 (ReLU)"),
        ("Tanh", "0.layers.1", "0.layers.1 (Tanh)"),
        ("ReLU", "0.layers.0", "0.layers.0 (ReLU)"),
        ("Add", "0", "0 (Block)"),
        ("Sigmoid", "0.(Sigmoid)", "0.(Sigmoid) (Sigmoid)"),
        ("ReLU", "1", "1 (ReLU)"),
        ("Multiply", None, "None"),
        ("Tanh", "", "Tanh"),
    ]
    paths = [path for path, _ in nn.Sequential(Block(), nn.ReLU()).named_modules()]
    assert {path for _, path, _ in places.seen} - {None, "0.(Sigmoid)"} <= set(paths)
    assert places.modules.kinds == {
        "": "Sequential",
        "0": "Block",
        "0.layers.0": "ReLU",
        "0.layers.1": "Tanh",
        "0.(Sigmoid)": "Sigmoid",
        "1": "ReLU",
    }


def test_a_module_that_ran_before_anybody_listened_is_left_without_harm():
    modules = Modules()
    modules.left()
    assert modules.current is None


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("/home/ada/train.py", "train.py:7"),
        ("/tmp/ipykernel_4711/1045769560.py", "cell, line 7"),
        ("<stdin>", "<stdin>:7"),
    ],
)
def test_a_line_is_written_with_its_file_and_in_a_notebook_with_its_cell(file, shown):
    assert str(Line(file, 7, "train")) == shown
