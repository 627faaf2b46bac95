"""Looking at graphs: what a description holds, and that drawings show it, everywhere."""

import base64
import os
import re
import signal
import subprocess
import sys
import threading
import time
import webbrowser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from support.checks import message, operations_of_a_test

import autograd
from autograd import Elementwise, Function, Tensor, no_grad
from autograd.graph import Drawing, canvas, describe, draw, drawing

float32 = np.float32


def leaf(*shape, name=None):
    return Tensor(np.ones(shape, float32), requires_grad=True, name=name)


def square_of_product(x, y, z):
    return ((x + y) * z) ** 2


W1, b1 = leaf(16, 4), leaf(16)
W2, b2 = leaf(3, 16), leaf(3)


def loss_of_network(x, labels):
    hidden = autograd.relu(autograd.affine(x, W1, b1))
    return autograd.softmax_cross_entropy(autograd.affine(hidden, W2, b2), labels).mean()


def network_loss():
    return loss_of_network, Tensor(np.ones((8, 4), float32)), np.zeros(8, np.int64)


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


def doubled(x, times=12):
    for _ in range(times):
        x = x + x
    return x


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
    array = np.ones(3, float32)
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


def test_results_may_be_named_too():
    def f(x):
        h = x * 2
        h.name = "hidden"
        return h + 1

    assert list(named(describe(f, leaf()))) == ["x", "hidden"]


# A result and its history


def test_a_history_has_what_gradients_flow_through():
    function, x, labels = network_loss()
    for parameter, name in ((W1, "W1"), (b1, "b1"), (W2, "W2"), (b2, "b2")):
        parameter.name = name
    loss = function(x, labels)
    loss.name = "loss"
    graph = describe(loss)
    assert labels_of(graph) == ["Affine", "ReLU", "Affine", "SoftmaxCrossEntropy", "Mean"]
    assert list(named(graph)) == ["W1", "b1", "W2", "b2", "loss"]
    assert list(inputs_of(graph, graph.calls[3])) == ["logits"]
    assert [v.shape for v in graph.variables if v.kind == "result"] == [
        (8, 16),
        (8, 16),
        (8, 3),
        (8,),
        (),
    ]
    assert graph.outputs == (named(graph)["loss"].key,)


def test_a_history_knows_the_numbers_that_were_kept_until_they_are_released():
    y = (leaf(3, 2) * 2).sum(axis=0)
    graph = describe(y)
    assert labels_of(graph) == ["× 2", "Sum"]
    assert graph.calls[1].settings == ("axis=0",)
    assert [v.name for v in graph.variables] == [None] * 3
    y.backward(np.ones(2, float32))
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


# Drawings

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"


def parsed(svg):
    return ElementTree.fromstring(svg)


def texts(svg):
    return ["".join(one.itertext()) for one in parsed(svg).iter(f"{SVG}text")]


def parts(svg, kind):
    """The drawn nodes or edges, by title."""
    groups = parsed(svg).iter(f"{SVG}g")
    return {g.find(f"{SVG}title").text: g for g in groups if g.get("class") == kind}


@pytest.fixture(scope="module")
def network_svg():
    return draw(*network_loss()).pipe("svg", encoding="utf-8")


def test_a_drawing_shows_names_shapes_dtypes_and_operations(network_svg):
    shown = texts(network_svg)
    for text in ("W1", "(16, 4) float32", "labels", "(8,) int64", "Affine", "Mean", "weight"):
        assert text in shown
    assert shown.count("Affine") == 2
    assert "leaf W1 (16, 4) float32" in parts(network_svg, "node")
    assert len(parsed(network_svg).findall(".//*[@class='edge']")) == 15


def test_the_kinds_differ_in_shape_and_outline(network_svg):
    nodes = parts(network_svg, "node")
    ellipses = [title for title, g in nodes.items() if g.find(f".//{SVG}ellipse") is not None]
    assert len(ellipses) == 4  # titles of the two Affine are the same
    outline = {
        title: g.find(f".//{SVG}path") for title, g in nodes.items() if title not in ellipses
    }
    assert float(outline["leaf W1 (16, 4) float32"].get("stroke-width")) > 2
    assert outline["constant labels (8,) int64"].get("stroke-dasharray")
    assert not outline["result (8, 3) float32"].get("stroke-dasharray")
    assert len(nodes["result () float32"].findall(f".//{SVG}path")) == 2


def test_arrows_without_gradient_are_dashed(network_svg):
    edges = parts(network_svg, "edge")
    assert edges["labels of SoftmaxCrossEntropy"].find(f".//{SVG}path").get("stroke-dasharray")
    assert not edges["logits of SoftmaxCrossEntropy"].find(f".//{SVG}path").get("stroke-dasharray")


def luminance(colour):
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def contrast(one, other):
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("page", ["#FFFFFF", "#111418"])
def test_a_drawing_reads_on_light_and_on_dark_pages(network_svg, page):
    assert parsed(network_svg).find(f"{SVG}g/{SVG}polygon") is None  # no background of its own
    assert contrast(drawing.EDGE["color"], page) > 3  # WCAG's least for lines
    for style in drawing.KINDS.values():
        assert contrast("#1A1A1A", style["fillcolor"]) > 7  # and the best grade for text
        assert max(contrast(style["color"], page), contrast(style["fillcolor"], page)) > 3
    assert contrast(drawing.CALL["fontcolor"], drawing.CALL["fillcolor"]) > 7
    assert contrast(drawing.CALL["fillcolor"], drawing.KINDS["leaf"]["fillcolor"]) > 4.5  # in grey


AWKWARD = {
    'a "quoted" name': None,
    "it's": None,
    "<b>bold</b> & <br/>": None,
    "<TABLE>": None,
    "&lt; &amp;lt; &#92;": None,
    r"\N and \n and \\": "∖N and ∖n and ∖∖",  # another character that looks the same
    "v0:n -> f0; }": None,
    'charset="latin-1"': None,
    "Δθ · 権重 · 🎲 · é": None,
    "two\nlines\x00": "two�lines�",
    "long" * 40: ("long" * 40)[:39] + "…",
}


def test_names_are_shown_as_they_are():
    names = list(AWKWARD)

    def total(xs):
        return autograd.stack(xs).sum()

    svg = draw(total, [leaf(name=name) for name in names]).pipe("svg", encoding="utf-8")
    assert set(texts(svg)) >= {shown or name for name, shown in AWKWARD.items()}
    titles = parts(svg, "node")
    for name in names:
        assert f"leaf {canvas.one_line(name)} () float32".replace("\\", "∖") in titles


def test_several_outputs_are_told_apart_on_their_edges():
    with operations_of_a_test():

        class Halves(Elementwise):
            outputs = ("lower", "upper")
            constant_outputs = ("lower", "upper")
            inputs = ("x",)

            def forward(x):
                return np.floor(x / 2), np.ceil(x / 2)

        shown = texts(draw(lambda x: Halves.apply(x), leaf()).pipe("svg", encoding="utf-8"))
    assert "lower" in shown
    assert "upper" in shown


def test_operands_whose_order_matters_are_told_apart():
    def told(function):
        shown = texts(draw(function, leaf(2, 2), leaf(2, 2)).pipe("svg", encoding="utf-8"))
        return {"left", "right"} & set(shown)

    assert told(lambda x, y: x - y) == {"left", "right"}
    assert told(lambda x, y: x + y) == set()


def test_a_graph_of_a_thousand_nodes_is_drawn():
    svg = draw(doubled, Tensor(0.0, requires_grad=True), 333).pipe("svg", encoding="utf-8")
    assert texts(svg).count("+") == 333


# Files


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("graph.svg", b"<?xml"),
        ("graph.png", b"\x89PNG\r\n\x1a\n"),
        ("graph.PDF", b"%PDF-"),
        ("graph.dot", b"// Computation graph of square_of_product: 3 calls"),
        ("new/folder/graph.gv", b"// Computation graph"),
    ],
)
def test_the_suffix_says_the_format(tmp_path, monkeypatch, capfd, name, start):
    monkeypatch.setenv("PATH", "")  # no program is needed
    saved = draw(square_of_product, leaf(), leaf(), leaf()).save(tmp_path / name)
    assert Path(saved).read_bytes().startswith(start)
    assert os.listdir(Path(saved).parent) == [Path(name).name]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", ["graph.jpg", "graph", "graph.svg.bak"])
def test_another_suffix_is_an_error_that_lists_the_formats(tmp_path, name):
    text = message(ValueError, lambda: draw(doubled, leaf()).save(tmp_path / name))
    assert ".svg, .png, .pdf, .dot, .gv" in text
    assert repr(name) in text
    assert not list(tmp_path.iterdir())


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "graph.dot"
    path.write_text("what was there before")

    def disk_full(self, content):
        with open(self, "wb") as file:
            file.write(content[:10])
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "write_bytes", disk_full)
    with pytest.raises(OSError, match="No space"):
        draw(doubled, leaf()).save(path)
    assert path.read_text() == "what was there before"
    assert os.listdir(tmp_path) == ["graph.dot"]


def test_it_is_a_graphviz_object(tmp_path, monkeypatch):
    picture = draw(doubled, leaf(), 1)
    picture.node("note", "a note")
    assert isinstance(picture.copy(), Drawing)
    assert "a note" in texts(picture.pipe(encoding="utf-8"))
    assert picture.render(tmp_path / "mlp", format="png") == str(tmp_path / "mlp.png")
    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    assert [Path(picture.view()).as_uri()] == opened


# Notebooks


def test_a_notebook_gets_an_image_that_survives_sanitizers():
    picture = draw(*network_loss())
    bundle = picture._repr_mimebundle_()
    assert list(bundle) == ["text/html", "image/svg+xml", "text/plain"]
    image = ElementTree.fromstring(bundle["text/html"].replace('auto">', 'auto"/>'))
    assert image.tag == "img"
    kind, data = image.get("src").split(",")
    assert kind == "data:image/svg+xml;base64"
    svg = base64.b64decode(data).decode()
    assert svg == bundle["image/svg+xml"]
    points = re.findall(r"(\d+)pt", parsed(svg).get("width") + parsed(svg).get("height"))
    pixels = [round(int(n) * 4 / 3) for n in points]
    assert [int(image.get("width")), int(image.get("height"))] == pixels
    words = image.get("alt")
    assert words == parsed(svg).get("aria-label")
    assert words.startswith("Computation graph of loss_of_network: 5 calls (2 × Affine, ReLU, ")
    assert words in bundle["text/plain"]
    assert list(picture._repr_mimebundle_(include=["image/svg+xml"])) == ["image/svg+xml"]
    assert "text/html" not in picture._repr_mimebundle_(exclude=["text/html"])


def test_two_drawings_in_one_page_share_no_ids():
    def ids(picture):
        svg = parsed(picture.pipe("svg", encoding="utf-8"))
        return {element.get("id") for element in svg.iter() if element.get("id")}

    one, other = ids(draw(doubled, leaf(), 1)), ids(draw(doubled, leaf(), 2))
    assert len(one) > 3
    assert not one & other


# The layout


def test_a_layout_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(canvas, "LAYOUT", "while True: pass")
    monkeypatch.setattr(canvas, "LAYOUT_SECONDS", 0.2)
    text = message(TimeoutError, lambda: draw(doubled, leaf()).pipe("svg"))
    assert "took longer than 0.2 s and was stopped" in text


def test_an_interrupt_stops_the_layout(monkeypatch, tmp_path):
    started = tmp_path / "pid"
    monkeypatch.setattr(
        canvas,
        "LAYOUT",
        f"import os, pathlib, time; pathlib.Path({str(started)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(60)",
    )

    def interrupt():
        while not (started.exists() and started.read_text()):
            time.sleep(0.01)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        draw(doubled, leaf()).pipe("svg")
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


def test_what_graphviz_says_is_passed_on():
    text = message(RuntimeError, lambda: draw(doubled, leaf()).pipe("jpq"))
    assert text.startswith(
        'Graphviz did not draw this as jpq.\nError: Format: "jpq" not recognized.'
    )
    assert "Fontconfig" not in text


def test_drawing_libraries_are_imported_when_a_drawing_is_asked_for():
    check = (
        "import sys, autograd\n"
        "assert not {'graphviz', 'pygraphviz', 'autograd.graph'} & set(sys.modules)\n"
        "assert autograd.graph.draw.__name__ == 'draw'\n"
        "assert 'pygraphviz' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", check], check=True)
