"""Each lesson is committed as it opens on a web page: with outputs, whole, and of a modest size.

That it runs is tested too: pytest executes the notebooks themselves (see pyproject.toml).
"""

import json
import re

import pytest
from support.lessons import PATHS, cells

# A path of a machine, or a place in memory, would be another at the next execution.
MACHINE = re.compile(
    r"/(home|root|tmp|Users|work|usr|opt)/|[A-Z]:\\\\|site-packages| at 0x[0-9a-f]{6}"
)

pytestmark = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def outputs(path):
    return [output for cell in cells(path) for output in cell.outputs]


def test_is_executed_from_top_to_bottom(path):
    counts = [cell.count for cell in cells(path) if cell.kind == "code"]
    assert counts == list(range(1, len(counts) + 1))


def test_has_neither_errors_nor_warnings(path):
    for output in outputs(path):
        assert output["output_type"] != "error"
        assert output.get("name") != "stderr", output["text"]


def test_what_a_cell_prints_is_in_one_piece(path):
    """However quickly the kernel sent it: else the same lesson would be another file each time."""
    for cell in cells(path):
        streams = [output["name"] for output in cell.outputs if output["output_type"] == "stream"]
        assert len(streams) == len(set(streams)), cell.text


def test_is_below_a_megabyte(path):
    assert path.stat().st_size < 1_000_000


def test_tells_nothing_of_the_machine(path):
    for output in outputs(path):
        words = {kind: text for kind, text in output.get("data", {}).items() if "png" not in kind}
        found = MACHINE.search(json.dumps([words, output.get("text", "")]))
        assert found is None, found
    notebook = json.loads(path.read_text("utf-8"))
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert all(cell["metadata"].keys() <= {"tags"} for cell in notebook["cells"])


def test_has_pictures_and_says_what_they_show(path):
    lesson = cells(path)
    pictures = [
        i
        for i, cell in enumerate(lesson)
        if any(kind.startswith("image/") for out in cell.outputs for kind in out.get("data", {}))
    ]
    assert len(pictures) >= 2
    for i in pictures:
        around = lesson[i - 1 : i] + lesson[i + 1 : i + 2]
        assert any(cell.kind == "markdown" for cell in around), lesson[i].text


def test_has_its_parts(path):
    texts = [cell.text for cell in cells(path) if cell.kind == "markdown"]
    headings = re.findall(r"^(#+ .*)", "\n".join(texts), re.MULTILINE)
    assert texts[0].startswith("# ")
    assert "You need" in texts[0]
    assert 5 <= sum(bool(re.match(r"## \d+ · ", heading)) for heading in headings) <= 12
    assert "What you can now do" in headings[-1]
    assert "## Exercises" in headings
