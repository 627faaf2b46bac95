"""Races: their paths, their picture, and their page."""

import base64
import html
import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from support.browser import MISSING, Browser

import optim
from optim import race, race_page
from optim.landscapes import LANDSCAPES, Landscape, beale, ravine, saddle

RUNNERS = {
    "SGD": lambda params: optim.SGD(params, lr=0.01),
    "Adam": lambda params: optim.Adam(params, lr=0.1),
}

# Paths


def test_gradient_descent_goes_as_the_formula_says():
    alpha = 0.03
    found = race(ravine, {"SGD": lambda p: optim.SGD(p, lr=alpha)}, start=(-3.0, 1.0), steps=20)
    t = np.arange(21)
    expected = np.stack([-3 * (1 - alpha) ** t, (1 - 50 * alpha) ** t], axis=1)
    np.testing.assert_allclose(found.paths["SGD"], expected, rtol=1e-12)
    np.testing.assert_allclose(
        found.heights["SGD"], 0.5 * (expected[:, 0] ** 2 + 50 * expected[:, 1] ** 2), rtol=1e-12
    )


def test_each_runs_alone_from_the_same_start():
    together = race(beale, RUNNERS, steps=15)
    assert together.start == beale.start
    for name, make in RUNNERS.items():
        alone = race(beale, {name: make}, steps=15)
        np.testing.assert_array_equal(together.paths[name], alone.paths[name])
        np.testing.assert_array_equal(together.paths[name][0], beale.start)
        assert together.paths[name].shape == (16, 2)


# What evaluates more than once or differentiates by itself
DOWNHILL = {
    "Nesterov": lambda p: optim.Nesterov(p, lr=0.005, momentum=0.9),
    "Newton": lambda p: optim.Newton(p, line_search_fn="strong_wolfe"),
    "L-BFGS": lambda p: optim.LBFGS(p, line_search_fn="strong_wolfe"),
}


@pytest.mark.parametrize("name", DOWNHILL)
def test_optimisers_of_all_kinds_can_race(name):
    found = race(ravine, {name: DOWNHILL[name]}, steps=60)
    assert found.heights[name][-1] < 0.05 * found.heights[name][0]


def test_beale_is_won_from_its_start():
    found = race(beale, {"L-BFGS": DOWNHILL["L-BFGS"]}, steps=30)
    np.testing.assert_allclose(found.paths["L-BFGS"][-1], beale.minima[0], rtol=1e-6)


def test_a_path_that_leaves_all_bounds_ends():
    found = race(ravine, {"too fast": lambda p: optim.SGD(p, lr=0.1)}, steps=60)
    path = found.paths["too fast"]
    gone = np.isnan(path).all(axis=1)
    first = int(np.argmax(gone))
    assert 1 < first < 60
    assert gone[first:].all()
    assert np.isfinite(path[:first]).all()
    np.testing.assert_array_equal(np.isnan(found.heights["too fast"]), gone)


def test_newtons_path_ends_where_its_hessian_is_singular():
    plane = Landscape("plane", "x", lambda x, y: x + 0 * y, (), (0.0, 0.0), ((-1.0, 1.0),) * 2)
    found = race(plane, {"Newton": optim.Newton}, steps=3)
    np.testing.assert_array_equal(found.paths["Newton"][0], [0.0, 0.0])
    assert np.isnan(found.paths["Newton"][1:]).all()


# The picture


def test_the_plot_has_a_path_for_each_told_apart_by_line_and_mark():
    import matplotlib.pyplot as plt

    found = race(beale, RUNNERS, steps=30)
    axes = found.plot()
    lines = {line.get_label(): line for line in axes.lines}
    for name in RUNNERS:
        np.testing.assert_array_equal(lines[name].get_xydata(), found.paths[name])
    assert lines["SGD"].get_marker() != lines["Adam"].get_marker()
    assert lines["SGD"].is_dashed() != lines["Adam"].is_dashed()
    np.testing.assert_array_equal(lines["start"].get_xydata(), [beale.start])
    assert beale.minima[0] in [tuple(line.get_xydata()[0]) for line in axes.lines]
    assert (axes.get_xlim(), axes.get_ylim()) == beale.window
    plt.close(axes.figure)


@pytest.mark.parametrize("landscape", LANDSCAPES, ids=[x.name for x in LANDSCAPES])
def test_every_landscape_can_be_drawn_with_what_diverges(landscape):
    import matplotlib.pyplot as plt

    wild = {**RUNNERS, "wild": lambda p: optim.SGD(p, lr=10.0)}
    found = race(landscape, wild, steps=5)
    plt.close(found.plot().figure)
    assert str(found.animation(starts=2)).startswith("<!doctype html>")


# The page


def data_of(page):
    (text,) = re.findall(r'<script type="application/json" id="race">(.*?)</script>', page)
    return json.loads(text)


@pytest.fixture(scope="module")
def page():
    return str(race(beale, RUNNERS, start=(1.0, 1.5), steps=12).animation(starts=3))


def test_the_page_holds_the_paths_from_the_own_start_and_from_a_grid(page):
    data = data_of(page)
    grid = [[a, b] for b in (-4.5, 0.0, 4.5) for a in (-4.5, 0.0, 4.5)]
    assert data["starts"] == [[1.0, 1.5], *grid]
    assert data["columns"] == 3
    for start, paths, heights in zip(data["starts"], data["paths"], data["heights"], strict=True):
        found = race(beale, RUNNERS, start=start, steps=12)
        for name, pixels, values in zip(data["names"], paths, heights, strict=True):
            path = found.paths[name]
            path = path[np.isfinite(path).all(axis=1)]
            shown = np.reshape(pixels, (-1, 2))
            width, height = 900, 640
            x, y = (path[:, 0] + 4.5) / 9 * width, (4.5 - path[:, 1]) / 9 * height
            inside = (np.abs(x) < width) & (np.abs(y) < height)
            np.testing.assert_allclose(shown[inside], np.stack([x, y], 1)[inside], atol=0.051)
            np.testing.assert_allclose(values, found.heights[name][: len(path)], rtol=6e-3)


def test_the_page_needs_nothing_from_elsewhere(page):
    assert "http" not in page
    assert not re.search(r"\b(src|href|import|fetch|url)\b\s*[=(]", page)
    assert "{{" not in page


def test_the_page_can_be_used_without_a_pointer_and_without_colours(page):
    for control in ('<button type="button" id="play">', '<label for="step">', '<label for="x">'):
        assert control in page
    assert page.count('type="range"') == 3
    assert "prefers-color-scheme: dark" in page
    first, second = re.findall(r'<g class="runner".*?</g>', page)
    looks = [re.sub(r'(points|transform|style)=".*?"', "", group) for group in (first, second)]
    assert looks[0] != looks[1]  # dashes and marks differ
    assert "stroke-dasharray" in second


def test_without_scripts_the_page_shows_the_whole_paths(page):
    data = data_of(page)
    for i, group in enumerate(re.findall(r'<g class="runner".*?</g>', page)):
        points = re.search(r'points="(.*?)"', group)[1]
        assert [float(v) for v in points.split()] == data["paths"][0][i]
    rows = re.findall(r'</svg>(\w+)</th><td class="height">(.*?)</td>', page)
    assert [(name, float(height)) for name, height in rows] == [
        (name, heights[-1]) for name, heights in zip(data["names"], data["heights"][0], strict=True)
    ]


def test_every_part_that_the_script_asks_for_is_there(page):
    asked = set(re.findall(r'byId\("(\w+)"\)', page))
    assert {"map", "play", "step", "x", "y", "race"} <= asked
    assert asked <= set(re.findall(r'id="(\w+)"', page))


def test_a_path_that_left_is_shorter_on_the_page():
    found = race(ravine, {"too fast": lambda p: optim.SGD(p, lr=0.1)}, steps=60)
    data = data_of(str(found.animation(starts=2)))
    kept = int(np.isfinite(found.paths["too fast"][:, 0]).sum())
    assert len(data["heights"][0][0]) == kept
    assert len(data["paths"][0][0]) == 2 * kept


def test_names_are_text_and_not_markup():
    name = "</script><b>&"
    shown = race(saddle, {name: RUNNERS["SGD"]}, steps=2).animation(starts=2)
    page = str(shown)
    assert data_of(page)["names"] == [name]
    assert "<b>" not in page
    assert "&lt;/script&gt;&lt;b&gt;&amp;" in page
    assert "<b>" not in shown._repr_html_()
    assert ElementTree.fromstring(shown.picture).findall(".//{*}text")[-1].text == name


def test_the_page_is_written_where_asked(tmp_path):
    target, again = tmp_path / "race.html", tmp_path / "again.html"
    shown = race(saddle, RUNNERS, steps=2).animation(target, starts=2)
    assert shown.save(again) == str(again)
    for path in (target, again):
        assert path.read_text(encoding="utf-8") == str(shown) == shown.page


def heights_above(landscape, text):
    """The landscape's heights at the points of a path on the page."""
    (left, right), (bottom, top) = landscape.window
    x, y = np.array([float(v) for v in re.findall(r"[-\d.]+", text)]).reshape(-1, 2).T
    return landscape.function(left + x / 900 * (right - left), top - y / 640 * (top - bottom))


@pytest.mark.parametrize("landscape", LANDSCAPES, ids=[x.name for x in LANDSCAPES])
def test_contour_lines_have_few_points_and_stay_level(landscape):
    page = str(race(landscape, RUNNERS, steps=1).animation(starts=2))
    lines = re.search(r'class="contours" d="M(.*?)"', page)[1].split("M")
    assert sum(map(len, lines)) < 25_000  # unthinned 80,000 to 140,000
    assert len(lines) >= len(landscape.contour_levels())
    levels = landscape.contour_levels()
    slope = np.hypot(*np.gradient(landscape.grid()[2], 900 / 199, 640 / 199)).max()
    for line in lines:
        heights = heights_above(landscape, line)
        level = levels[np.abs(levels - np.median(heights)).argmin()]
        assert np.abs(heights - level).max() < 0.1 * slope  # points are rounded to 0.1


def test_a_thinned_line_is_nowhere_far_from_the_line():
    turn = np.linspace(0, 2 * np.pi, 400)
    circle = 300 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    few = race_page._thinned(circle)
    assert len(few) == 65
    np.testing.assert_array_equal(few[[0, -1]], circle[[0, -1]])
    middles = (few[1:] + few[:-1]) / 2  # where chords of a circle are farthest from it
    assert np.hypot(*middles.T).min() > 300 - race_page.FINE - 1e-9


# In notebooks


def test_a_notebook_shows_the_page_in_a_frame_and_without_frames_a_picture(page):
    found = race(beale, RUNNERS, start=(1.0, 1.5), steps=12).animation(starts=3)
    assert repr(found) == (
        '<animation of Beale: SGD, Adam; .save("race.html") writes the page to a file>'
    )
    shown = found._repr_html_()
    (frame,) = re.findall(r"<iframe.*?</iframe>", shown, re.DOTALL)
    assert html.unescape(re.search(r'srcdoc="(.*?)"', frame, re.DOTALL)[1]) == page
    left = shown.replace(frame, "")
    assert not re.search(r"<script| id=", left)  # so that several do not meet
    svg = base64.b64decode(re.search(r'<img .*src="data:image/svg\+xml;base64,(.*?)"', left)[1])
    root = ElementTree.fromstring(svg.decode())
    drawn = [one.get("points") for one in root.findall(".//{*}polyline")]
    for points, path in zip(drawn, data_of(page)["paths"][0], strict=False):
        assert [float(v) for v in points.split()] == path
    assert [one.text for one in root.findall(".//{*}text")][-2:] == list(RUNNERS)


@pytest.mark.skipif(bool(MISSING), reason=MISSING)
def test_two_animations_in_one_notebook_play_each_by_itself(tmp_path):
    both = [race(one, RUNNERS, steps=4).animation(starts=2) for one in (beale, saddle)]
    notebook = tmp_path / "notebook.html"
    shown = "".join(one._repr_html_() for one in both)
    notebook.write_text(f'<!doctype html><meta charset="utf-8">{shown}', encoding="utf-8")
    script = """
        const frames = [...document.querySelectorAll("iframe")];
        const [first, second] = frames.map(frame => frame.contentDocument);
        const step = first.getElementById("step");
        step.value = 1;
        step.dispatchEvent(new Event("input"));
        const drawn = one => one.querySelector("#runners polyline").getAttribute("points");
        const room = one => one.documentElement.clientHeight - one.documentElement.offsetHeight;
        return [drawn(first), drawn(second), room(first), room(second)];
    """
    with Browser() as window:
        window.open(notebook)
        first, second, *room = window.run(script)
        assert window.complaints() == []
    data = [data_of(str(one))["paths"][0][0] for one in both]
    assert [float(v) for v in first.split()] == data[0][:4]
    assert [float(v) for v in second.split()] == data[1]
    assert max(map(abs, room)) <= 1  # the frames are as high as what is in them


# Wrong calls

WRONG = {
    "landscape": (
        lambda: race(lambda p: p.sum(), RUNNERS),
        TypeError,
        "race takes a landscape, such as optim.landscapes.beale, first; this is function.",
    ),
    "nobody": (
        lambda: race(beale, {}),
        ValueError,
        'race takes optimisers by name, as functions that make them: {"SGD": lambda params: '
        "optim.SGD(params, lr=0.01)}.",
    ),
    "no names": (
        lambda: race(beale, [optim.SGD]),
        ValueError,
        'race takes optimisers by name, as functions that make them: {"SGD": lambda params: '
        "optim.SGD(params, lr=0.01)}.",
    ),
    "no optimiser": (
        lambda: race(beale, {"SGD": 0.1}),
        TypeError,
        "race: 'SGD' is to be a function that makes an optimiser for a list of parameters, lambda "
        "params: optim.SGD(params, lr=0.01), and not 0.1.",
    ),
    "start": (
        lambda: race(beale, RUNNERS, start=(1.0, 2.0, 3.0)),
        ValueError,
        "race: the start is two finite numbers, x and y, and not (1.0, 2.0, 3.0).",
    ),
    "start of nothing": (
        lambda: race(beale, RUNNERS, start=(1.0, float("nan"))),
        ValueError,
        "race: the start is two finite numbers, x and y, and not (1.0, nan).",
    ),
    "steps": (
        lambda: race(beale, RUNNERS, steps=0),
        ValueError,
        "race: steps is a whole number of at least 1, not 0.",
    ),
    "starts": (
        lambda: race(beale, RUNNERS, steps=1).animation(starts=1),
        ValueError,
        "animation: starts is a whole number of at least 2, not 1.",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), WRONG.values(), ids=WRONG.keys())
def test_wrong_calls_say_what_to_do(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
