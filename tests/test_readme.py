"""What README shows runs as it stands."""

import re
import subprocess
import sys
from pathlib import Path

from support.people import write_people

ROOT = Path(__file__).parent.parent


def test_the_python_blocks_run_one_after_the_other(tmp_path):
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
    assert len(blocks) == 10
    write_people(tmp_path / "people.csv")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(blocks)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "f.svg").exists()


def test_the_way_back_that_is_shown_is_the_one_that_runs():
    from autograd import Tensor

    x, y = Tensor(2.0, requires_grad=True), Tensor(3.0, requires_grad=True)
    text = (x * y).grad_fn.plan.pull_source
    indented = "".join(f"   {line}" for line in text.splitlines(keepends=True))
    assert indented in (ROOT / "README.md").read_text()


def test_links_lead_to_files():
    text = (ROOT / "README.md").read_text()
    targets = re.findall(r"\]\(([^)#:]+)\)", text)
    assert targets
    assert [t for t in targets if not (ROOT / t).exists()] == []
