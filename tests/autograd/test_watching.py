"""Listening: what a watcher is told, and in which order."""

import numpy as np
import pytest
from support.replay import leaf

import nn
from autograd import functional, no_grad
from autograd.watching import Watcher, watch


class Diary(Watcher):
    """Writes down everything, in order."""

    def __init__(self):
        self.lines = []

    def calling(self, op):
        self.lines.append(f"calling {op.__name__}")

    def called(self, op, inputs, settings, outputs):
        self.lines.append(f"called {op.__name__}")

    def sending(self, node):
        self.lines.append(f"sending {type(node).__name__}")

    def sent(self, node, upstream, gradients, batch):
        self.lines.append(f"sent {type(node).__name__}" + f" {batch}" * bool(batch))

    def entered(self, module):
        self.lines.append(f"entered {type(module).__name__}")

    def left(self, module):
        self.lines.append(f"left {type(module).__name__}")


def test_everything_is_told_in_order():
    diary, x = Diary(), leaf([1, 2])
    with watch(diary):
        x.tanh().sum().backward()
    assert diary.lines == [
        *("calling Tanh", "called Tanh", "calling Sum", "called Sum"),
        *("sending Sum", "sent Sum", "sending Tanh", "sent Tanh"),
    ]


def test_a_call_that_fails_is_begun_and_not_finished():
    diary = Diary()
    with watch(diary), pytest.raises(ValueError, match="do not broadcast"):
        leaf([1, 2]) + leaf([1, 2, 3])
    assert diary.lines == ["calling Add"]


def test_modules_are_entered_and_left():
    diary = Diary()
    with watch(diary), no_grad():
        nn.Sequential(nn.ReLU())(leaf([1]))
    assert diary.lines == [
        *("entered Sequential", "entered ReLU", "calling ReLU", "called ReLU"),
        *("left ReLU", "left Sequential"),
    ]


def test_a_module_is_left_also_when_it_fails():
    diary = Diary()
    with watch(diary), pytest.raises(ValueError, match="takes rows of 2"):
        nn.Linear(2, 1)(np.zeros((4, 3), np.float32))
    assert diary.lines == ["entered Linear", "calling Affine", "left Linear"]


def test_those_who_listen_already_go_on_listening():
    outer, inner, x = Diary(), Diary(), leaf([1])
    with watch(outer):
        with watch(inner):
            nn.ReLU()(x)
        y = x.exp()
    y.sum()
    assert outer.lines == [*inner.lines, "calling Exp", "called Exp"]


def test_ends_are_told_from_the_innermost_outwards():
    told = []

    class Named(Watcher):
        def __init__(self, name):
            self.name = name

        def calling(self, op):
            told.append(f"{self.name} calling")

        def called(self, op, inputs, settings, outputs):
            told.append(f"{self.name} called")

    with watch(Named("outer")), watch(Named("inner")):
        leaf([1]).exp()
    assert told == ["outer calling", "inner calling", "inner called", "outer called"]


def test_a_pass_of_many_gradients_says_how_many():
    diary = Diary()
    with watch(diary):
        functional.jacobian(lambda x: x.tanh())(np.ones(3))
    assert "sent Tanh 3" in diary.lines
