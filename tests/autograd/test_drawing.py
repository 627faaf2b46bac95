"""What a drawing of a graph shows, how it is saved, and how notebooks show it."""

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
from support.drawings import SVG, contrast, parts_of_kind, texts_in
from support.graphs import doubled, leaf, network_loss, square_of_product

import autograd
import nn
from autograd import Elementwise, Tensor
from autograd.graph import Drawing, canvas, draw, drawing


def parsed(svg):
    return ElementTree.fromstring(svg)


def texts(svg):
    return texts_in(parsed(svg))


def parts(svg, kind):
    return parts_of_kind(parsed(svg), kind)


@pytest.fixture(scope="module")
def network_svg():
    return draw(*network_loss()).pipe("svg", encoding="utf-8")


def test_a_drawing_shows_names_shapes_dtypes_and_operations(network_svg):
    shown = texts(network_svg)
    for text in ("W1", "(16, 4) float32", "labels", "(8,) int64", "Affine", "Mean", "weight"):
        assert text in shown
    assert shown.count("Affine") == 2
    assert shown.count("labels") == 1  # the variable says it, so its arrow needs not
    assert "leaf W1 (16, 4) float32" in parts(network_svg, "node")
    assert len(parsed(network_svg).findall(".//*[@class='edge']")) == 15


def test_the_kinds_differ_in_shape_and_outline(network_svg):
    nodes = parts(network_svg, "node")
    ellipses = [title for title, g in nodes.items() if g.find(f".//{SVG}ellipse") is not None]
    assert len(ellipses) == 5
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


@pytest.mark.parametrize("page", ["#FFFFFF", "#111418"])
def test_a_drawing_reads_on_light_and_on_dark_pages(network_svg, page):
    assert parsed(network_svg).find(f"{SVG}g/{SVG}polygon") is None  # no background of its own
    assert contrast(drawing.EDGE["color"], page) > 3  # WCAG's least for lines
    for style in drawing.KINDS.values():
        assert contrast("#1A1A1A", style["fillcolor"]) > 7  # and the best grade for text
        assert max(contrast(style["color"], page), contrast(style["fillcolor"], page)) > 3
    assert max(contrast(drawing.FOLDED[c], page) for c in ("color", "fillcolor")) > 3
    assert contrast("#1A1A1A", drawing.FOLDED["fillcolor"]) > 7
    assert contrast(drawing.CUT["color"], page) > 3
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


def test_a_graph_of_a_thousand_nodes_is_drawn_in_full_if_depth_asks_for_it():
    drawing = draw(doubled, Tensor(0.0, requires_grad=True), 333, depth=1)
    assert texts(drawing.pipe("svg", encoding="utf-8")).count("+") == 333


def test_a_chain_of_5000_calls_is_drawn_folded_with_a_note():
    svg = draw(doubled, Tensor(0.0, requires_grad=True), 5000).pipe("svg", encoding="utf-8")
    shown = texts(svg)
    assert shown.count("+") == 1
    assert "× 5000" in shown
    assert "4,999 of 5,000 calls are folded" in " ".join(shown)
    assert "4,999 of 5,000 calls are folded" in parsed(svg).get("aria-label")


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

    def disk_full(file):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
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
        return [element.get("id") for element in svg.iter() if element.get("id")]

    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    one, other = ids(draw(net, leaf(1, 2))), ids(draw(doubled, leaf(), 2))
    assert len(one) > 3
    assert len(set(one + other)) == len(one) + len(other)


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


def test_what_graphviz_cannot_read_is_an_error_not_left_out():
    picture = draw(doubled, leaf())
    picture.node("more", "<<FONT></FONT>>")
    assert "syntax error" in message(RuntimeError, lambda: picture.pipe("svg"))


def test_drawing_libraries_are_imported_when_a_drawing_is_asked_for():
    check = (
        "import sys, autograd\n"
        "assert not {'graphviz', 'pygraphviz', 'autograd.graph'} & set(sys.modules)\n"
        "assert autograd.graph.draw.__name__ == 'draw'\n"
        "assert 'pygraphviz' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", check], check=True)
