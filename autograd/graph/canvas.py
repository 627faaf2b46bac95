"""A Graphviz drawing that is laid out by pygraphviz's engine, saves itself and shows itself."""

from __future__ import annotations

import base64
import hashlib
import html
import os
import re
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import graphviz

from autograd.files import write_whole

LAYOUT_SECONDS = 60  # after which a layout is given up
SUFFIXES = {".svg": "svg", ".png": "png", ".pdf": "pdf", ".dot": "source", ".gv": "source"}

# The layout runs in a process of its own, which can be stopped at any time, and which keeps to
# itself what the libraries write to stderr.
LAYOUT = """
import sys, pygraphviz
graph = pygraphviz.AGraph().from_string(sys.stdin.buffer.read())
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog=sys.argv[2]))
"""


class Drawing(graphviz.Digraph):  # type: ignore[misc]  # graphviz comes without types
    """A graphviz.Digraph that needs no `dot` program; its `comment` describes it in words."""

    def pipe(self, format: str | None = None, *, encoding: str | None = None) -> Any:
        """The drawing in a format of Graphviz's ("svg", "png", "pdf"): bytes, or text if encoded.

        Raises TimeoutError if the layout takes longer than a minute, and RuntimeError with
        Graphviz's words if it fails.
        """
        format = format or self.format
        svg = format == "svg"
        picture = self._svg() if svg else _laid_out(self.source, format, self.engine)
        return picture if encoding is None else picture.decode(encoding)

    def _svg(self) -> bytes:
        marked = self.copy()
        # Several drawings may stand in one page, where the ids of their parts must differ.
        content = hashlib.sha256(self.source.encode()).hexdigest()[:12]
        marked.body.append(f'\tid="graph-{content}"\n')  # last, or it would be each frame's too
        svg = _laid_out(marked.source, "svg", self.engine).decode()
        # Graphviz titles the parts by their keys in the source; their tooltips say what they are.
        svg = re.sub(
            r"<title>[^<]*</title>(\s*<g [^>]*><a xlink:title=\"([^\"]*)\">)",
            r"<title>\2</title>\1",
            svg,
        )
        words = html.escape(self.comment or "Drawing")
        return svg.replace("<svg ", f'<svg role="img" aria-label="{words}" ', 1).encode()

    def save(self, path: str | os.PathLike[str]) -> str:
        """Write the drawing to a file, in the format that its suffix names; return its path.

        The formats are .svg, .png, .pdf, and .dot or .gv for the text that Graphviz reads. Folders
        are made as needed, and a file is there whole or not at all.

        Raises:
            ValueError: the suffix names no format.
        """
        path = Path(path)
        format = SUFFIXES.get(path.suffix.lower())
        if format is None:
            raise ValueError(
                "A drawing is saved in the format that the file's suffix names, one of "
                f"{', '.join(SUFFIXES)}; {path.name!r} has "
                f"{repr(path.suffix) if path.suffix else 'no suffix'}."
            )
        content = self.source.encode() if format == "source" else self.pipe(format)
        write_whole(path, content)
        return str(path)

    def render(self, filename: str | os.PathLike[str], format: str | None = None) -> str:
        """`save`, under graphviz's name for it. A format that is given is added as the suffix."""
        return self.save(filename if format is None else f"{os.fspath(filename)}.{format}")

    def view(self) -> str:
        """Open the drawing in the browser; return the path of its file, a temporary one."""
        path = self.save(Path(tempfile.mkdtemp(), "graph.svg"))
        webbrowser.open(Path(path).as_uri())
        return path

    def __repr__(self) -> str:
        return f'<{self.comment or "Drawing"}; .save("graph.svg") writes it to a file>'

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> dict[str, str]:
        svg = self.pipe("svg", encoding="utf-8")
        bundle = {"text/html": _image(svg, self.comment or "Drawing"), "image/svg+xml": svg}
        bundle["text/plain"] = repr(self)
        wanted = set(bundle if include is None else include) - set(exclude or ())
        return {kind: content for kind, content in bundle.items() if kind in wanted}


def one_line(text: str) -> str:
    """`text` with a � for each line break and whatever else cannot be shown."""
    return "".join(c if c.isprintable() else "�" for c in text)


def escape(text: str, longest: int | None = None) -> str:
    """`text` as Graphviz takes it in labels and tooltips: whatever is in it, shown as it is.

    What is longer than `longest` characters is cut. A backslash becomes ∖, which looks the same:
    Graphviz would read on after it, however it is written.
    """
    text = one_line(text)
    if longest is not None and len(text) > longest:
        text = text[: longest - 1] + "…"
    return html.escape(text).replace("\\", "∖")


def _image(svg: str, words: str) -> str:
    """An HTML image with the drawing in it: what sanitizers of untrusted notebooks let through."""
    data = base64.b64encode(svg.encode()).decode()
    width, height = (
        round(float(points) * 4 / 3) for points in re.findall(r'(?:width|height)="([\d.]+)pt"', svg)
    )
    return (
        f'<img alt="{html.escape(words)}" src="data:image/svg+xml;base64,{data}" '
        f'width="{width}" height="{height}" style="max-width: 100%; height: auto">'
    )


def _laid_out(source: str, format: str, engine: str) -> bytes:
    pipe = subprocess.PIPE
    command = [sys.executable, "-P", "-c", LAYOUT, format, engine]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            picture, said = process.communicate(source.encode(), LAYOUT_SECONDS)
        except subprocess.TimeoutExpired:
            raise TimeoutError(
                f"The layout of this drawing ({source.count(chr(10))} lines of DOT) took longer "
                f"than {LAYOUT_SECONDS} s and was stopped. Draw a part of the graph, such as one "
                "layer, or open fewer modules, by a smaller depth or none; "
                'drawing.save("graph.dot") needs no layout.'
            ) from None
        finally:  # an interrupt ends it too
            process.kill()
            process.wait()
    lines = said.decode(errors="replace").splitlines()
    reasons = [line for line in lines if line.startswith("Error")]
    if process.returncode or reasons:  # Graphviz goes on without what it cannot read
        reasons = reasons or lines[-1:]
        raise RuntimeError("\n".join((f"Graphviz did not draw this as {format}.", *reasons)))
    return picture
