"""How large graphs are folded: modules, repeated blocks, stretches; and what stays true."""

import graphlib

import numpy as np
import pytest
from support.checks import message
from support.graphs import doubled, leaf

import autograd
import nn
from autograd import Tensor
from autograd.graph import describe, draw
from autograd.graph.grouping import MOST_BOXES, fold
from autograd.graph.repeats import find_repeats, span


class Block(nn.Module):
    def __init__(self, width):
        self.inner, self.outer = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x):
        return x + self.outer(autograd.relu(self.inner(x)))


class Residual(nn.Module):
    def __init__(self, blocks, width=4):
        self.stem, self.head = nn.Linear(3, width), nn.Linear(width, 2)
        self.blocks = [Block(width) for _ in range(blocks)]

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def batch():
    return Tensor(np.ones((5, 3), np.float32))


def loss_of(net, x):
    return (net(x) ** 2).mean()


def chained(x, ws):
    for w in ws:
        x = autograd.tanh(x * w)
    return x


def titles(picture):
    return [frame.title for frame in picture.folded.values()]


def frame_titles(picture):
    return [frame.title for frame in picture.root.frames() if picture.is_drawn(frame)]


def names(picture):
    return {one.name for one in picture.graph.variables if one.name}


def check(graph, picture):
    """What holds of every picture: it hangs together, has no circle, and loses no ending."""
    shown = picture.graph
    boxes = {*shown.variable, *shown.call, *picture.folded}
    ends = [(edge.source, edge.target) for edge in shown.edges]
    assert {key for pair in ends for key in pair} <= boxes
    for source, target in ends:
        assert source != target
    assert {graph.variable[key].shape for key in graph.outputs} == {
        shown.variable[key].shape for key in shown.outputs
    }
    arriving = {key: set() for key in boxes}
    for source, target in ends:
        arriving[target].add(source)
    graphlib.TopologicalSorter(arriving).prepare()  # raises an error where there is a circle
    for whole, folded in zip(graph.outputs, shown.outputs, strict=True):
        starts = {one.key for one in shown.variables if one.is_leaf}
        assert before(whole, graph.edges) & starts == before(folded, shown.edges) & starts


def before(key, edges):
    """Everything that a way leads from to a box."""
    found, todo = {key}, [key]
    arriving = {}
    for edge in edges:
        arriving.setdefault(edge.target, []).append(edge.source)
    while todo:
        more = set(arriving.get(todo.pop(), ())) - found
        found |= more
        todo += more
    return found


# What is small stays as it is


def test_a_graph_of_up_to_60_boxes_is_shown_whole():
    graph = describe(doubled, leaf(), 29)
    picture = fold(graph)
    assert picture.boxes == 59
    assert (picture.graph, picture.note) == (graph, "")
    assert fold(describe(doubled, leaf(), 30)).boxes < 10


def test_one_call_is_a_picture_too():
    picture = fold(describe(lambda x: x * 2, leaf()))
    assert (picture.boxes, picture.folded) == (3, {})


# Modules


@pytest.mark.parametrize(
    ("depth", "folded"),
    [
        (0, ["Residual"]),
        (1, ["stem · Linear", "blocks.0 · Block", "blocks.1 · Block", "head · Linear"]),
        (
            2,
            [
                *("blocks.0.inner · Linear", "blocks.0.outer · Linear"),
                *("blocks.1.inner · Linear", "blocks.1.outer · Linear"),
            ],
        ),
        (3, []),
    ],
)
def test_depth_says_how_many_levels_of_modules_are_open(depth, folded):
    graph = describe(loss_of, Residual(2), batch())
    picture = fold(graph, depth)
    assert titles(picture) == folded
    assert bool(picture.note) == bool(folded)
    check(graph, picture)


def test_a_folded_module_takes_its_parameters_along_but_not_the_data():
    picture = fold(describe(loss_of, Residual(2), batch()), 1)
    assert names(picture) == {"x"}
    edges = {(e.source, e.target) for e in picture.graph.edges}
    (x,) = (one.key for one in picture.graph.variables if one.name == "x")
    stem = next(key for key, frame in picture.folded.items() if frame.label == "stem")
    assert (x, stem) in edges


def test_frames_hold_their_parameters_and_what_stays_within():
    picture = fold(describe(loss_of, Residual(1), batch()))
    held = {
        frame.title: {
            picture.graph.variable[key].name
            for key in picture.directly_in(frame)
            if key in picture.graph.variable
        }
        for frame in picture.root.frames()
    }
    assert held["stem · Linear"] == {"stem.weight", "stem.bias"}
    assert held["blocks.0 · Block"] == {None}
    assert "x" in held[""]


def test_a_frame_around_one_thing_is_not_drawn():
    net = nn.Sequential(nn.Linear(3, 2), nn.Tanh())
    assert frame_titles(fold(describe(net, batch()))) == ["", "Sequential", "0 · Linear"]


def test_a_module_that_is_used_again_is_a_box_for_each_use():
    shared, other = nn.Linear(3, 3), nn.Tanh()
    net = nn.Sequential(shared, other, shared)
    graph = describe(net, batch())
    picture = fold(graph, 1)
    assert titles(picture) == ["0 · Linear", "1 · Tanh", "0 · Linear"]
    check(graph, picture)


def test_by_default_modules_fold_until_about_60_boxes_are_left():
    graph = describe(loss_of, Residual(20), batch())
    picture = fold(graph, identical=False)
    assert picture.boxes <= MOST_BOXES
    assert titles(picture) == [
        "stem · Linear",
        *(f"blocks.{i} · Block" for i in range(20)),
        "head · Linear",
    ]
    assert picture.note.startswith("82 of 84 calls are folded.")
    check(graph, picture)


def test_what_a_folded_frame_gives_several_boxes_stays_one_variable():
    class Two(nn.Module):
        def forward(self, x):
            y = x * 2
            return y + y * y

    graph = describe(lambda net, x: net(x) * net(x + 1), Two(), leaf(2))
    picture = fold(graph, 0)
    check(graph, picture)
    assert titles(picture) == ["Two", "Two"]


@pytest.mark.parametrize("depth", [-1, "2", 1.5])
def test_a_depth_that_is_no_number_of_levels_is_an_error(depth):
    text = message(ValueError, lambda: draw(doubled, leaf(), depth=depth))
    assert f"0, 1, 2, … It cannot be {depth!r}." in text


# Repeated blocks


def test_twelve_residual_blocks_are_one_block_times_twelve():
    graph = describe(loss_of, Residual(12), batch())
    picture = fold(graph)
    check(graph, picture)
    assert "blocks.0…11 · Block × 12" in frame_titles(picture)
    assert "blocks.0…11.inner.weight" in names(picture)
    assert [call.op.__name__ for call in picture.graph.calls] == [
        *("Affine", "Affine", "ReLU", "Affine", "Add", "Affine", "Square", "Mean")
    ]
    assert picture.note.startswith("44 of 52 calls are folded. Of identical blocks")


def test_a_chain_of_5000_calls_is_one_call_times_5000():
    graph = describe(doubled, Tensor(0.0, requires_grad=True), 5000)
    picture = fold(graph)
    check(graph, picture)
    assert frame_titles(picture) == ["", "× 5000"]
    assert picture.boxes == 3
    assert picture.graph.variables[0].name == "x"


def test_blocks_with_parameters_of_their_own_are_alike():
    graph = describe(chained, leaf(), [leaf(name=f"w{i}") for i in range(100)])
    picture = fold(graph)
    check(graph, picture)
    assert names(picture) == {"x", "w0…w99"}
    assert [call.label for call in picture.graph.calls] == ["×", "Tanh"]
    (frame,) = (one for one in picture.root.frames() if one.times > 1)
    held = {
        picture.graph.variable[key].name
        for key in picture.directly_in(frame)
        if key in picture.graph.variable
    }
    assert "w0…w99" in held
    assert "x" not in held  # it goes into the first block only


def test_a_block_gives_results_to_what_collects_them():
    def collect(x, w):
        found = []
        for _ in range(50):
            x = autograd.tanh(x * w)
            found.append(x)
        return autograd.stack(found)

    graph = describe(collect, leaf(), leaf())
    picture = fold(graph)
    check(graph, picture)
    stack = next(call for call in picture.graph.calls if call.label == "Stack")
    assert [edge.name for edge in picture.graph.edges_to[stack.key]] == ["arrays[…]"]


def repeats_of(function, *args):
    graph = describe(function, *args)
    return [(one.start, one.length, one.times) for one in find_repeats(graph)]


def alternating(x, ws):
    for i, w in enumerate(ws):
        x = autograd.tanh(x * w) if i % 2 else autograd.exp(x + w)
    return x


def widening(x, n):
    for _ in range(n):
        x = autograd.concatenate([x, x])
    return x


def far_skips(x, n):
    before = [autograd.exp(x * float(i)) for i in range(n)]
    for one in reversed(before):
        x = autograd.tanh(x + one)
    return x


def frozen_in_the_middle(x, n):
    for i in range(n):
        x = x * Tensor(1.0, requires_grad=i != n // 2)
    return x


def fed_in_order(x, ws):
    before = [autograd.exp(w) for w in ws]
    for one in before:
        x = x * one
    return x


def back_to_the_middle(x, n):
    values = [x]
    for i in range(n):
        values.append(autograd.tanh(values[i // 2]))
    return values[-1]


def apart_then_chained(ws, n):
    results = [autograd.tanh(w) for w in ws]
    for _ in range(n):
        results.append(autograd.tanh(results[-1]))
    return results[-1]


def half_without_history(x, n):
    for i in range(n):
        with autograd.no_grad() if i >= n // 2 else autograd.enable_grad():
            x = autograd.tanh(x)
    return x


@pytest.mark.parametrize(
    ("function", "args", "found"),
    [
        (doubled, (leaf(), 2), []),  # two are no row
        (doubled, (leaf(), 3), [(0, 1, 3)]),
        (alternating, (leaf(), [leaf() for _ in range(8)]), [(0, 4, 4)]),
        (widening, (leaf(2), 6), []),  # another shape each time
        (far_skips, (leaf(), 5), []),  # the first row differs in its numbers, the second in wires
        (fed_in_order, (leaf(), [leaf() for _ in range(5)]), [(0, 1, 5)]),
        (back_to_the_middle, (leaf(), 12), []),
        (apart_then_chained, ([leaf() for _ in range(4)], 4), [(0, 1, 4), (4, 1, 4)]),
        (half_without_history, (leaf(), 8), [(0, 1, 4), (4, 1, 4)]),
        (frozen_in_the_middle, (leaf(), 9), [(0, 1, 4), (5, 1, 4)]),
    ],
)
def test_only_what_looks_alike_and_is_wired_alike_is_repeated(function, args, found):
    assert repeats_of(function, *args) == found


def test_blocks_whose_numbers_are_shown_are_not_alike():
    drawing = draw(loss_of, Residual(12), batch(), gradients=True)
    assert "× 12" not in drawing.source
    assert "blocks.11" in drawing.source
    assert "× 12" in draw(loss_of, Residual(12), batch()).source


@pytest.mark.parametrize(
    ("first", "last", "both"),
    [
        ("blocks.0.weight", "blocks.11.weight", "blocks.0…11.weight"),
        ("w", "w", "w"),
        ("ws[0]", "ws[99]", "ws[0]…ws[99]"),
        ("1.1", "11.11", "1…11.1…11"),
    ],
)
def test_names_that_differ_in_one_part_are_written_as_one(first, last, both):
    assert span(first, last) == both


# Stretches


@pytest.mark.parametrize("calls", [100, 5000])
def test_what_has_no_blocks_is_cut_into_stretches(calls):
    graph = describe(chained, leaf(), [leaf() for _ in range(calls // 2)])
    picture = fold(graph, identical=False)
    check(graph, picture)
    assert 20 < picture.boxes <= MOST_BOXES
    assert sum(sum(1 for _ in frame.calls()) for frame in picture.folded.values()) == calls
    assert titles(picture)[3].count("Multiply") == 1
    assert picture.note == f"{calls:,} of {calls:,} calls are folded."


def test_stretches_of_layers_are_named_after_the_first_and_the_last():
    net = nn.Sequential(*(nn.Linear(3, 3) for _ in range(200)))
    graph = describe(net, batch())
    picture = fold(graph, identical=False)
    check(graph, picture)
    assert titles(picture)[0] == "0…9 · 10 × Linear"
    assert frame_titles(picture) == ["", "Sequential"]


def test_results_that_go_the_same_way_are_one_arrow():
    def web(x):
        values = [x]
        for i in range(400):
            values.append(autograd.tanh(values[i // 2] * float(i)))
        return autograd.stack(values).sum()

    graph = describe(web, leaf())
    picture = fold(graph, identical=False)
    check(graph, picture)
    assert 20 < picture.boxes <= MOST_BOXES


class Layer(nn.Module):
    """Calls some of its parts, some of them twice."""

    def __init__(self, rng, depth):
        self.parts = [Layer(rng, depth - 1) for _ in range(2)] if depth else [nn.Tanh()]
        self.weights = [nn.Parameter(np.ones(2, np.float32)) for _ in range(2)]
        self.order = rng.integers(0, 2 if depth else 1, 3)
        self.kinds = rng.integers(0, 3, 3)

    def forward(self, x):
        values = [x]
        for i, kind in zip(self.order, self.kinds, strict=True):
            y = self.parts[i](values[-1])
            values.append(y * self.weights[i % 2] if kind else y + values[kind - 1])
        return values[-1] * values[1]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_folded_the_ways_through_the_graph_are_the_same(seed):
    rng = np.random.default_rng(seed)
    net = nn.Sequential(*(Layer(rng, depth) for depth in (2, 2, 1, 0, 0, 0)))
    data = Tensor(np.zeros(2, np.float32))
    graph = describe(lambda net, x: (net(x), x * 2, net(x * 3).sum()), net, data)
    assert len(graph.calls) > 150
    for identical in (True, False):
        picture = fold(graph, identical=identical)
        assert picture.boxes <= MOST_BOXES
        check(graph, picture)
    for depth in range(5):
        check(graph, fold(graph, depth))


def test_folding_takes_no_notice_of_what_is_not_in_the_record():
    graph = describe(chained(leaf(), [leaf() for _ in range(200)]))
    assert graph.modules == {}
    assert fold(graph).boxes < 10


def test_the_frames_of_a_picture_are_those_of_the_modules():
    picture = fold(describe(loss_of, Residual(2), batch()))
    levels = {(one.what, one.level, one.label) for one in picture.root.frames()}
    assert {("module", 0, ""), ("module", 1, "blocks.1"), ("module", 2, "blocks.1.inner")} < levels
