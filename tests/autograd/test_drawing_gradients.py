"""What drawings show of numbers: values, gradients by colour, local gradients, what is missing."""

import itertools
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from support.drawings import SVG, contrast, luminance, parts_of_kind, texts_in
from support.graphs import leaf, square_of_product

import autograd
import nn
from autograd import Tensor
from autograd.graph import draw
from autograd.graph.colouring import ON_DARK, SCALE, STATUSES, colour_of, text_on
from autograd.graph.numbers import brief, brief_gradient, number, size_of


def svg_of(*args, **options):
    return ElementTree.fromstring(draw(*args, **options).pipe("svg"))


def node(svg, start):
    """The texts in a drawn node, and its shapes, by the beginning of its title."""
    titles = parts_of_kind(svg, "node").items()
    part = next(one for title, one in titles if title.startswith(start))
    shapes = [one for kind in ("path", "polygon", "ellipse") for one in part.iter(f"{SVG}{kind}")]
    return texts_in(part), shapes


def scalars():
    return [Tensor(x, requires_grad=True) for x in (1.0, 2.0, -3.0)]


# Numbers


def test_values_and_gradients_stand_in_the_boxes():
    svg = svg_of(square_of_product, *scalars(), values=True, gradients=True)
    lines, _ = node(svg, "leaf z")
    assert lines == ["z", "() float32", "= −3", "∇ −54"]
    lines, _ = node(svg, "result () float32, gradient −18")
    assert lines == ["() float32", "= −9", "∇ −18"]


def test_nothing_of_it_stands_there_unasked():
    shown = texts_in(svg_of(square_of_product, *scalars()))
    assert not [line for line in shown if "∇" in line or "=" in line or "size" in line]
    shown = texts_in(svg_of(square_of_product, *scalars(), values=True))
    assert "= −3" in shown
    assert not [line for line in shown if "∇" in line]


def test_local_gradients_stand_at_the_arrows():
    x, y = (Tensor(np.float32(v), requires_grad=True) for v in ([1, 2], [3, 4]))
    shown = texts_in(svg_of(lambda x, y: autograd.tanh(x / y).sum(), x, y, local_gradients=True))
    at = shown.index("∂ = 1 / right")
    assert shown[at - 1 : at + 2] == ["left", "∂ = 1 / right", "= [0.3333, 0.25]"]
    assert [line for line in shown if line.startswith("∂ = ")][1] == "∂ = −out / right"
    assert "Jacobian = [1, 1]" in shown


def test_a_local_gradient_that_is_a_number_is_written_once():
    shown = texts_in(svg_of(lambda x, y: x - y, leaf(), leaf(), local_gradients=True))
    assert [line for line in shown if "= " in line] == ["∂ = 1", "∂ = −1"]


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.float32(0.1), "0.1"),
        (np.array(-0.0), "0"),
        (np.array(123456), "123456"),
        (np.array(1.5e-9), "1.5e−9"),
        (np.array(2.5e12), "2.5e12"),
        (np.array(54321.0), "54321"),
        (np.array(True), "True"),
        (np.array([1, -2]), "[1, −2]"),
        (np.arange(5.0), "0 … 4, mean 2"),
        (np.arange(4).reshape(2, 2), "[[0, 1], [2, 3]]"),
        (np.ones((3, 3)), "all 1"),
        (np.array([True, False, True, True, True]), "80 % True"),
        (np.array([np.nan] * 5), "5 of 5 not finite"),
        (np.array([np.inf, 1, 2, 3, np.nan]), "2 of 5 not finite, 1 … 3, mean 2"),
        (np.array([np.nan, 1]), "[nan, 1]"),
        (np.zeros((0, 3)), "no entries"),
    ],
)
def test_arrays_are_written_in_a_few_characters(array, text):
    assert brief(array) == text


def test_a_gradient_has_its_size_in_the_place_of_the_mean():
    assert brief_gradient(np.array([3.0, -4, 0, 0, 0])) == "−4 … 3, size 2.24"
    assert brief_gradient(np.array(3.0)) == "3"


@pytest.mark.parametrize(
    ("gradient", "size"),
    [
        ([3.0, 4.0], np.sqrt(12.5)),
        ([0.0, 0.0], 0),
        ([], 0),
        ([1e300, 1e300], 1e300),  # whose squares overflow
        (np.float32([1e-30, 1e-30]), 1e-30),  # and underflow
        ([np.inf, 1], np.inf),
    ],
)
def test_the_size_of_a_gradient_is_its_root_mean_square(gradient, size):
    np.testing.assert_allclose(size_of(gradient), size, rtol=1e-6)


def test_a_number_keeps_its_digits():
    assert [number(x) for x in (0.123456, 1234.5, 99999.0, 1e6)] == [
        "0.1235",
        "1234",
        "99999",
        "1e6",
    ]


# Colours


@pytest.mark.parametrize(
    ("size", "rank"),
    [(0.0, 0), (1e-9, 0), (1e-7, 1), (1e-5, 2), (0.1, 3), (1.0, 3), (50, 4), (5e3, 5), (1e5, 6)],
)
def test_colours_follow_the_size_from_vanishing_to_exploding(size, rank):
    assert colour_of(size) == SCALE[rank][1]
    assert colour_of(np.nan) == colour_of(np.inf) == SCALE[-1][1]


def test_colours_tell_the_order_in_greys_too_and_can_be_read():
    greys = [luminance(colour) for _, colour, _ in SCALE]
    for lighter, darker in itertools.pairwise(greys):
        assert lighter - darker > 0.04
    for colour in [
        *(colour for _, colour, _ in SCALE),
        *(s["fillcolor"] for s in STATUSES.values()),
    ]:
        assert contrast(colour, text_on(colour)) > 4.5  # WCAG's least for text
    assert text_on(SCALE[0][1]) not in ON_DARK


def test_boxes_have_the_colours_of_their_gradients():
    def f(x, y):
        return (x * 1e-9 + y * 1e6).sum()

    drawn = draw(f, leaf(2), leaf(2), gradients=True)
    fills = dict(re.findall(r'<B>(\w)</B>.*? fillcolor="(#\w+)"', drawn.source))
    assert fills == {"x": SCALE[0][1], "y": SCALE[-1][1]}


def test_a_legend_says_what_the_colours_mean():
    shown = texts_in(svg_of(square_of_product, *scalars(), gradients=True))
    assert "size of the gradient ∇: the root mean square of its entries" in shown
    assert [x for x in shown if x in ("vanishing", "exploding")] == ["vanishing", "exploding"]
    assert [x for x in shown if x.startswith("≤") or x == "above"] == [
        *("≤ 1e−8", "≤ 1e−6", "≤ 0.0001", "≤ 1", "≤ 100", "≤ 10000", "above")
    ]


# What has no gradient


def troubled(dead, cut, unused, alive, x):
    detached = (cut * 2).detach()
    unused * 2
    return (autograd.relu(dead * x - 10) + detached * alive).sum()


@pytest.fixture(scope="module")
def troubled_svg():
    args = [leaf(2) for _ in range(4)]
    return svg_of(troubled, *args, Tensor([1.0, 1.0]), gradients=True)


def test_every_reason_has_its_looks_and_words(troubled_svg):
    zero, shapes = node(troubled_svg, "leaf dead")
    assert zero[-1] == "∇ exactly zero"
    assert shapes[0].tag == f"{SVG}polygon"  # square corners
    blocked, shapes = node(troubled_svg, "leaf cut")
    assert blocked[-1] == "∇ blocked at Detach"
    assert shapes[0].get("stroke-dasharray") == "5,2"
    missing, shapes = node(troubled_svg, "leaf unused")
    assert missing[-1] == "∇ not computed"
    assert shapes[0].get("stroke-dasharray") == "1,5"
    alive, shapes = node(troubled_svg, "leaf alive")
    assert alive[-1] == "∇ [2, 2]"
    assert shapes[0].get("stroke-dasharray") is None
    marked, _ = node(svg_of(lambda x: x > 0, leaf(2), gradients=True), "leaf x")
    assert marked[-1] == "∇ blocked at > 0"
    constant, _ = node(troubled_svg, "constant x")
    assert constant == ["x", "(2,) float32"]  # it wants none


def test_a_call_that_cuts_gradients_off_is_an_octagon_at_a_barred_arrow(troubled_svg):
    _, shapes = node(troubled_svg, "Detach")
    assert len(shapes[0].get("points").split()) == 9  # back to the first corner
    _, shapes = node(troubled_svg, "ReLU")
    assert shapes[0].tag == f"{SVG}ellipse"
    cut = parts_of_kind(troubled_svg, "edge")["x of Detach"]
    assert cut.find(f".//{SVG}path").get("stroke-dasharray")
    assert cut.find(f".//{SVG}path").get("stroke") == "#d33a2c"


def test_those_who_do_not_see_it_are_told(troubled_svg):
    label = troubled_svg.get("aria-label")
    assert "Without a gradient: cut (blocked), unused (not computed), dead (exactly zero)" in label
    assert "leaf dead (2,) float32, gradient exactly zero" in parts_of_kind(troubled_svg, "node")
    plain = svg_of(troubled, *(leaf(2) for _ in range(4)), Tensor([1.0, 1.0]))
    assert "Without a gradient" not in plain.get("aria-label")


# Frames and folded boxes


def small_net():
    autograd.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1))


def frames(svg):
    return list(parts_of_kind(svg, "cluster"))


def test_modules_are_frames():
    svg = svg_of(lambda net, x: net(x).sum(), small_net(), leaf(2, 3))
    assert frames(svg) == ["Sequential", "0 · Linear", "2 · Linear"]


def test_a_folded_module_is_one_box_with_the_range_of_its_gradients():
    net, x = small_net(), leaf(2, 3)
    svg = svg_of(lambda net, x: net(x).sum(), net, x, gradients=True, depth=1)
    lines, _ = node(svg, "2 · Linear")
    # ∂/∂bias is the number of rows, 2; ∂/∂out is 1; ∂/∂weight and ∂/∂x are the engine's.
    hidden = autograd.relu(net[0](x))
    sizes = sorted([2.0, 1.0, size_of(hidden.data.sum(axis=0)), size_of(net[2].weight.data)])
    assert lines == ["2 · Linear", "1 call", f"∇ sizes {number(sizes[0])} … {number(sizes[-1])}"]
    assert frames(svg) == ["Sequential"]


def test_a_folded_box_has_the_colour_of_the_largest_gradient_in_it():
    scale = nn.Sequential(type("Scale", (nn.Module,), {"forward": lambda self, x: x * 1e-9 * 1})())
    drawn = draw(lambda net, x: net(x).sum() * 2, scale, leaf(2), gradients=True, depth=1)
    (fill,) = re.findall(r'0 · Scale</B>.*? fillcolor="(#\w+)"', drawn.source)
    assert fill == colour_of(2.0)


def test_paths_and_kinds_of_modules_are_escaped():
    net = small_net()
    odd = type('<B> & "quoted"', (nn.Module,), {"forward": lambda self, x: x * 2 + 1})
    setattr(net, "\\N<i>", odd())
    svg = svg_of(lambda net, x: getattr(net, "\\N<i>")(x), net, leaf(2))
    assert '<B> & "quoted"' in frames(svg)
