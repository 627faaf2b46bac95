"""A race as one HTML page: paths from a grid of starts, and a script that shows them."""

from __future__ import annotations

import base64
import html
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from contourpy import contour_generator

from autograd.files import write_whole
from optim.landscapes import Array, Landscape
from optim.runs import COLOURS, DASHES, MARKS, run

if TYPE_CHECKING:
    from optim.races import Race

WIDTH, HEIGHT = 900, 640  # of the picture, in its own units
FINE = 0.5  # by how much a contour line may be off, in these units
TEMPLATE = Path(__file__).with_name("race_page.html")

SHAPES = {  # the marks, as paths around (0, 0)
    "o": "M-8,0a8,8 0 1,0 16,0a8,8 0 1,0 -16,0",
    "s": "M-7,-7h14v14h-14z",
    "^": "M0,-9L9,7H-9z",
    "D": "M0,-10L10,0L0,10L-10,0z",
    "v": "M0,9L9,-7H-9z",
    "P": "M-3,-9h6v6h6v6h-6v6h-6v-6h-6v-6h6z",
    "X": "M-8,-4L-4,-8L0,-4L4,-8L8,-4L4,0L8,4L4,8L0,4L-4,8L-8,4L-4,0z",
    "*": "M0,-10L3,-3L10,-3L4,2L6,9L0,5L-6,9L-4,2L-10,-3L-3,-3z",
}


@dataclass(frozen=True, repr=False)
class Animation:
    """A race to be watched. Notebooks show it; `save` writes it to a file, `str` is its text.

    Attributes:
        title: the landscape, and who races.
        page: the animation as an HTML page, which needs nothing else.
        picture: the whole paths from the race's own start, as SVG.
    """

    title: str
    page: str
    picture: str

    def save(self, path: str | Path) -> str:
        """Write the page to a file, such as "race.html", whole or not at all; return its path."""
        write_whole(path, self.page.encode())
        return str(path)

    def __str__(self) -> str:
        return self.page

    def __repr__(self) -> str:
        return f'<animation of {self.title}; .save("race.html") writes the page to a file>'

    def _repr_html_(self) -> str:
        """The page in a frame of its own, over a picture that is left where frames are removed."""
        title, page = html.escape(self.title), html.escape(self.page)
        picture = base64.b64encode(self.picture.encode()).decode()
        return (
            f'<div class="optimiser-race" style="position:relative;height:{HEIGHT + 450}px">'
            f'<img alt="{title}" width="{WIDTH}" src="data:image/svg+xml;base64,{picture}" '
            'style="max-width:100%">'
            f'<iframe title="{title}" srcdoc="{page}" style="position:absolute;top:0;left:0;'
            'width:100%;height:100%;border:0"></iframe></div>'
        )


def animation(race: Race, starts: int) -> Animation:
    """The race with its page; see Race.animation."""
    if isinstance(starts, bool) or not isinstance(starts, int) or starts < 2:
        raise ValueError(f"animation: starts is a whole number of at least 2, not {starts!r}.")
    landscape, names = race.landscape, list(race.paths)
    steps = len(race.paths[names[0]]) - 1
    (left, right), (bottom, top) = landscape.window
    x, y = np.linspace(left, right, starts), np.linspace(bottom, top, starts)
    grid = [np.array([a, b]) for b in y for a in x]
    runs = [list(race.paths.values())]
    runs += [
        [run(landscape, name, make, start, steps) for name, make in race.makers.items()]
        for start in grid
    ]
    data: dict[str, Any] = {
        "names": names,
        "steps": steps,
        "starts": [[round(float(v), 4) for v in s] for s in (np.array(race.start), *grid)],
        "columns": starts,
        "window": landscape.window,
        "paths": [[_pixels(path, landscape) for path in paths] for paths in runs],
        "heights": [[_heights(path, landscape) for path in paths] for paths in runs],
    }
    title = f"{landscape.name}: {', '.join(names)}"
    parts = {
        "title": html.escape(title),
        "formula": html.escape(f"{landscape.name}: {landscape.formula}"),
        "size": f"{WIDTH} {HEIGHT}",
        "last": str(steps),
        "columns": str(starts - 1),
        "contours": _contours(landscape),
        "ticks": _ticks(landscape),
        "minima": _minima(landscape),
        "paths": "".join(_line(i, path) for i, path in enumerate(data["paths"][0])),
        "start": "translate({},{})".format(*_pixels(np.array([race.start]), landscape)),
        "rows": "".join(
            _row(i, name, heights[-1])
            for i, (name, heights) in enumerate(zip(names, data["heights"][0], strict=True))
        ),
        "data": json.dumps(data, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c"),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace("{{" + name + "}}", part)
    return Animation(title, text, _picture(text, names))


def _picture(page: str, names: list[str]) -> str:
    """The page's map with its style and a legend, as an image of its own."""
    style, lines = (
        re.search(pattern, page, re.DOTALL)[1]  # type: ignore[index]  # the template has both
        for pattern in (r"<style>(.*?)</style>", r'<svg id="map"[^>]*>(.*?)</svg>')
    )
    legend = "".join(
        f'<g class="runner" style="--own:{COLOURS[i % 8]}" transform="translate({WIDTH - 190},'
        f'{12 + 26 * i})">{_key(i)}<text x="80" y="12" class="y">{html.escape(name)}</text></g>'
        for i, name in enumerate(names)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" id="map" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="system-ui, sans-serif">'
        f"<style>{style}</style>"
        f'<rect width="100%" height="100%" style="fill:var(--paper)"/>{lines}{legend}</svg>'
    )


def _pixels(path: Array, landscape: Landscape) -> list[float]:
    """x and y in the picture, one after the other, up to where the path has left all bounds."""
    path = path[np.isfinite(path).all(axis=1)]
    (left, right), (bottom, top) = landscape.window
    x = (path[:, 0] - left) / (right - left) * WIDTH
    y = (top - path[:, 1]) / (top - bottom) * HEIGHT
    near = np.clip(np.stack([x, y], axis=1), -5 * WIDTH, 5 * WIDTH)  # far outside, any will do
    numbers: list[float] = near.ravel().round(1).tolist()
    return [int(v) if v == int(v) else v for v in numbers]


def _heights(path: Array, landscape: Landscape) -> list[float]:
    path = path[np.isfinite(path).all(axis=1)]
    return [float(f"{h:.3g}") for h in landscape.function(*path.T)]


def _contours(landscape: Landscape) -> str:
    x, y, heights = landscape.grid()
    lines = contour_generator(x, y, heights)
    found = []
    for level in landscape.contour_levels():
        for line in lines.lines(level):
            points = _thinned(np.reshape(_pixels(np.asarray(line), landscape), (-1, 2)))
            found.append("M" + "L".join(f"{a:g},{b:g}" for a, b in points))
    return "".join(found)


def _thinned(line: Array) -> Array:
    """The points of a line that it is not FINE without (Douglas and Peucker, 1973)."""
    if len(line) < 3:
        return line
    chord, away = line[-1] - line[0], line - line[0]
    length = float(np.hypot(*chord))
    far = np.hypot(*away.T)  # of a line that is closed
    if length:
        far = np.abs(away[:, 0] * chord[1] - away[:, 1] * chord[0]) / length
    i = int(far.argmax())
    if far[i] <= FINE:
        return line[[0, -1]]
    return np.concatenate([_thinned(line[: i + 1])[:-1], _thinned(line[i:])])


def _ticks(landscape: Landscape) -> str:
    (left, right), (bottom, top) = landscape.window
    across = "".join(
        f'<text x="{share * WIDTH:g}" y="{HEIGHT - 8}">{_tick(left, right, share)}</text>'
        for share in (0.25, 0.5, 0.75)
    )
    along = "".join(
        f'<text x="6" y="{(1 - share) * HEIGHT:g}" class="y">{_tick(bottom, top, share)}</text>'
        for share in (0.25, 0.5, 0.75)
    )
    return across + along


def _tick(low: float, high: float, share: float) -> str:
    return f"{low + share * (high - low):g}".replace("-", "−")


def _minima(landscape: Landscape) -> str:
    places = (_pixels(np.array([minimum]), landscape) for minimum in landscape.minima)
    return "".join(f'<path d="M{x},{y}m-11,0h22m-11,-11v22"/>' for x, y in places)


def _line(i: int, pixels: list[float]) -> str:
    points = " ".join(map(str, pixels))
    end = "translate({},{})".format(*pixels[-2:])
    return (
        f'<g class="runner" style="--own:{COLOURS[i % 8]}"><polyline points="{points}"'
        f'{_dashes(i)}/><path class="mark" d="{SHAPES[MARKS[i % 8]]}" transform="{end}"/></g>'
    )


def _row(i: int, name: str, height: Any) -> str:
    return (
        f'<tr style="--own:{COLOURS[i % 8]}"><th scope="row"><svg class="runner" '
        f'viewBox="0 0 70 24" aria-hidden="true">{_key(i)}</svg>'
        f'{html.escape(name)}</th><td class="height">{height:g}</td></tr>'
    )


def _key(i: int) -> str:
    """A runner's line and mark, 70 by 24, as a legend has them."""
    return (
        f'<polyline points="0 12 70 12"{_dashes(i)}/>'
        f'<path class="mark" d="{SHAPES[MARKS[i % 8]]}" transform="translate(35,12)"/>'
    )


def _dashes(i: int) -> str:
    dashes = DASHES[i % 8]
    return f' stroke-dasharray="{" ".join(map(str, dashes))}"' if dashes else ""
