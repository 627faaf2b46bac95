"""The step-through page in a browser: by keys to the end, its numbers, its light, no complaints."""

import re
import time

import numpy as np
import pytest
from support.browser import MISSING, Browser

import autograd
from autograd import Tensor
from autograd.graph.stepping import step_through

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


@pytest.fixture(scope="module")
def browser():
    with Browser() as window:
        yield window


def leaf(*shape, seed=0, name=None):
    values = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    return Tensor(values, requires_grad=True, name=name)


W1, b1, W2, b2 = leaf(4, 2), leaf(4, seed=1), leaf(1, 4, seed=2), leaf(1, seed=3)


def loss_of(x, target):
    hidden = np.tanh(autograd.affine(x, W1, b1))
    error = autograd.affine(hidden, W2, b2) - target
    return (error * error).mean()


DATA = (
    Tensor(np.random.default_rng(4).normal(size=(5, 2)).astype(np.float32)),
    np.ones((5, 1), np.float32),
)
LAST = 13  # six calls, both ways, between start and end


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    path = tmp_path_factory.mktemp("pages") / "a network.html"
    step_through(loss_of, *DATA).save(path)
    return path


@pytest.fixture
def page(browser, network):
    browser.without_scripts(False)
    browser.prefer("light")
    browser.resize(1280, 720)
    browser.open(network)
    yield browser
    assert browser.complaints() == []


def text(browser, selector):
    return browser.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)


def count(browser, selector):
    return browser.run("return document.querySelectorAll(arguments[0]).length", selector)


def step(browser):
    return int(browser.run("return document.querySelector('input[type=range]').value"))


def in_view(browser):
    """Whether the current node is within the part of the drawing that is seen."""
    return browser.run(
        "const [node, pane] = ['.node.now', '.graph'].map("
        "  selector => document.querySelector(selector).getBoundingClientRect());"
        "return pane.top <= node.top && node.bottom <= pane.bottom"
    )


CELLS = """
return [...document.querySelectorAll(arguments[0])].map(card => {
  const cells = [...card.querySelectorAll("td, .scalar")];
  return [card.querySelector(".caption").innerText, cells.map(cell => cell.title)];
});
"""


def numbers(browser, selector):
    """What stands over each card, and its entries as pointing at them tells them, exactly."""
    return [
        (caption, [float(one.rpartition("= ")[2].replace("−", "-")) for one in titles])
        for caption, titles in browser.run(CELLS, selector)
    ]


def same(entries, array):
    """Whether the entries are those of a float32 array, to the last digit; one may be for all."""
    shown = entries * array.size if len(entries) == 1 else entries
    return np.float32(shown).tolist() == array.reshape(-1).tolist()


def test_by_keys_to_the_end_where_the_engines_gradients_are(page):
    badges = [text(page, ".badge")]
    for _ in range(LAST):
        page.press("ArrowRight")
        badges.append(text(page, ".badge"))
        assert count(page, ".node.now") == (badges[-1] != "End")
    forward, back = ([f"{way} {i} of 6" for i in range(1, 7)] for way in ("Forward", "Backward"))
    assert badges == ["Start", *forward, *back, "End"]
    page.press("ArrowRight")
    assert step(page) == LAST
    expected = autograd.grad(loss_of(*DATA), (W1, b1, W2, b2))
    found = numbers(page, ".card.gradient")
    assert [caption for caption, _ in found] == ["∇ W1", "∇ b1", "∇ W2", "∇ b2"]
    for (_, entries), gradient in zip(found, expected, strict=True):
        assert same(entries, gradient.data)


def test_each_step_shows_what_the_engine_sent(page):
    with autograd.record() as tape:
        autograd.grad(loss_of(*DATA), (W1, b1, W2, b2))
    page.press("End", *["ArrowLeft"] * 6)
    for call in reversed(tape.calls):
        sent = numbers(page, ".card.sent")
        assert [caption.split()[0] for caption, _ in sent] == list(call.gradients)
        for (_, entries), gradient in zip(sent, call.gradients.values(), strict=True):
            assert same(entries, gradient)
        page.press("ArrowRight")
    assert text(page, ".badge") == "End"


def test_keys_lead_to_both_ends_and_back(page):
    page.press("End")
    assert step(page) == LAST
    page.press("ArrowLeft")
    assert step(page) == LAST - 1
    page.press("Home")
    assert step(page) == 0
    page.press("ArrowLeft")
    assert step(page) == 0


def test_the_light_moves_through_drawing_and_source(page):
    assert count(page, ".node.later") == 6
    page.press("ArrowRight", "ArrowRight")
    assert text(page, ".row.now").strip() == "hidden = np.tanh(autograd.affine(x, W1, b1))"
    assert page.run("return document.querySelector('.node.now').classList.contains('c1')")
    assert count(page, ".node.later") == 4
    assert count(page, ".edge.lit") == 1
    assert count(page, ".edge.back") == 0
    page.press("End")
    assert count(page, ".node.returned") == 10  # six calls and four leaves
    assert count(page, ".node.aside") == 2  # the data
    page.press("ArrowLeft")
    assert count(page, ".edge.lit.back") == 2  # to the weights and the bias, not to the data
    assert count(page, ".edge.lit .head") == 2


def test_values_and_gradients_appear_in_the_drawing_in_their_turn(page):
    shown = """
      return [...document.querySelectorAll(".node.c5 text")]
        .filter(one => getComputedStyle(one).opacity !== "0").map(one => one.textContent)"""

    assert page.run(shown) == ["Mean", "#6"]
    page.press(*["ArrowRight"] * 6)
    value = f"{loss_of(*DATA).item():.4g}"
    assert page.run(shown) == ["Mean", "#6", value]
    page.press("ArrowRight")
    assert page.run(shown) == ["Mean", "#6", value, "∇ 1"]


def test_a_click_on_a_node_leads_to_its_step(page):
    page.click(".node.c3")
    assert text(page, ".badge") == "Forward 4 of 6"
    page.press("End")
    page.click(".node.c3")
    assert text(page, ".badge") == "Backward 3 of 6"
    page.press("Home")
    page.click(".node.v1")  # W1
    assert text(page, ".badge") == "Forward 1 of 6"


def test_the_slider_leads_to_any_step(page):
    page.run(
        "const slider = document.querySelector('input[type=range]'); slider.value = 7;"
        "slider.dispatchEvent(new Event('input'))"
    )
    assert text(page, ".badge") == "Backward 1 of 6"
    assert page.run("return document.querySelector('.place').textContent") == "step 7 of 13"


def test_it_plays_and_pauses(page):
    page.click("button.play")
    assert text(page, "button.play") == "⏸ Pause"
    deadline = time.monotonic() + 10
    while step(page) < 1 and time.monotonic() < deadline:
        time.sleep(0.1)
    page.click("button.play")
    paused = step(page)
    assert paused >= 1
    assert text(page, "button.play") == "▶ Play"


def test_screen_readers_are_told_each_step(page):
    page.press("End", "ArrowLeft")
    said = page.run("return document.querySelector('[role=status]').textContent")
    assert said.startswith("Backward 6 of 6: #1 = affine(x, W1, b1). Upstream gradient (5, 4), ")
    assert said == page.run(
        "return document.querySelector('input[type=range]').getAttribute('aria-valuetext')"
    )
    unnamed = page.run(
        "return [...document.querySelectorAll('button, input, table.heat')]"
        ".filter(one => !one.getAttribute('aria-label')).length"
    )
    assert unnamed == 0


def test_formulas_are_mathematics(page):
    page.press("End", *["ArrowLeft"] * 5)
    drawn = page.run(
        "const math = document.querySelector('.card.local math');"
        "return [math.namespaceURI, math.getBoundingClientRect().width]"
    )
    assert drawn[0] == "http://www.w3.org/1998/Math/MathML"
    assert drawn[1] > 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_light_and_in_dark(page, scheme):
    page.prefer(scheme)
    colours = page.run(
        "const style = getComputedStyle(document.querySelector('.step-through'));"
        "return [style.color, style.backgroundColor]"
    )
    ink, paper = (np.mean([int(v) for v in re.findall(r"\d+", c)[:3]]) for c in colours)
    assert (ink < 60 and paper > 200) if scheme == "light" else (ink > 200 and paper < 60)


def test_all_is_seen_on_a_projector(page):
    page.press(*["ArrowRight"] * 9)
    beyond = page.run(
        "const root = document.documentElement;"
        "return [root.scrollWidth - innerWidth, root.scrollHeight - innerHeight]"
    )
    assert beyond == [0, 0]
    assert in_view(page)


def test_without_scripts_the_drawing_and_a_table_remain(browser, network):
    browser.without_scripts()
    try:
        browser.open(network)
        seen = "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
        seen += "return box.width * box.height"
        assert browser.run(seen, ".without-script img") > 10_000
        assert browser.run(seen, ".without-script table") > 10_000
        assert count(browser, "tbody tr") == LAST + 1
        assert count(browser, "button") == 0
    finally:
        browser.without_scripts(False)


def test_several_pages_in_one_document_keep_to_themselves(browser, tmp_path):
    one = step_through(loss_of, *DATA).to_html()
    other = step_through(lambda x: (x * x).sum(), leaf(3)).to_html()
    path = tmp_path / "notebook.html"
    start = "<!doctype html><meta charset='utf-8'><body><p>A notebook</p>"
    path.write_text(start + one + other + one, encoding="utf-8")
    browser.open(path)
    clicked = """
      const roots = [...document.querySelectorAll(".step-through")];
      roots[2].querySelector("button.play + button").click();
      return roots.map(root => Number(root.querySelector("input").value))"""
    assert browser.run(clicked) == [0, 0, 1]
    assert count(browser, ".bar") == 3
    ids = "const ids = [...document.querySelectorAll('[id]')].map(one => one.id); return ids"
    assert browser.run(ids) == []
    margins = "return getComputedStyle(document.querySelector('p')).marginTop"
    assert browser.run(margins) == "16px"  # the page's own paragraphs are as they were
    leaked = "return arguments[0].filter(name => typeof window[name] === 'function')"
    assert browser.run(leaked, ["make", "table", "entries", "decimal", "shape", "go"]) == []
    assert browser.complaints() == []


def test_numbers_are_told_as_python_prints_them(browser, tmp_path):
    values = {
        "single": np.array([0.1, 1 / 3, 1e-9, -2.5e10], np.float32),
        "double": np.array([0.1, 1 / 3, 1e-9, -2.5e10]),
        "whole": np.array([2**40 + 1, -3]),
        "odd": np.array([np.nan, np.inf, -np.inf]),
    }
    arguments = [Tensor(value, name=name) for name, value in values.items()]
    path = tmp_path / "numbers.html"
    with np.errstate(invalid="ignore"):
        step_through(lambda *all_: sum((x.sum() for x in all_), Tensor(0.0)), *arguments).save(path)
    browser.open(path)
    told = {
        caption: [one.rpartition("= ")[2] for one in titles]
        for caption, titles in browser.run(CELLS, ".card.input")
    }
    assert told["single"] == ["0.1", "0.33333334", "1e−9", "−25000000000"]
    assert told["double"] == ["0.1", "0.3333333333333333", "1e−9", "−25000000000"]
    assert told["whole"] == ["1099511627777", "−3"]
    assert told["odd"] == ["nan", "∞", "−∞"]
    assert browser.complaints() == []


def test_names_and_source_stay_text(browser, tmp_path):
    names = (
        '"><img src=x onerror="window.pwned = 1">',
        "</script><script>window.pwned = 1</script>",
    )

    def evil(*values):  # </script><script>window.pwned = 1</script>
        return autograd.stack(list(values)).sum()  # <img src=x onerror="window.pwned = 1">

    path = tmp_path / "evil.html"
    step_through(evil, *(leaf(name=name) for name in names)).save(path)
    browser.open(path)
    browser.press("End")
    assert browser.run("return window.pwned ?? null") is None
    assert count(browser, "img") == 1
    captions = [caption for caption, _ in numbers(browser, ".card.gradient")]
    assert captions == [f"∇ {name}" for name in names]
    assert browser.complaints() == []


def test_sixty_calls_and_one(browser, tmp_path):
    def many(x):
        for _ in range(60):
            x = np.tanh(x * 1.5)
        return x

    for function, calls in ((many, 120), (lambda x: x * 2, 1)):
        path = tmp_path / f"{calls}.html"
        step_through(function, leaf()).save(path)
        browser.open(path)
        browser.press("End")
        assert text(browser, ".badge") == "End"
        browser.press("ArrowLeft")
        assert text(browser, ".badge") == f"Backward {calls} of {calls}"
        assert in_view(browser)  # it has been scrolled to
    assert browser.complaints() == []
