"""Execute lessons in place, for whoever edits them: `python notebooks/execute.py [lesson ...]`.

Each runs in a kernel of its own. Outputs are kept, what a cell prints in one piece; times and
versions, which would differ from machine to machine, are not.
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def execute(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(
        notebook, timeout=60, record_timing=False, coalesce_streams=True, resources=place
    )
    start = time.perf_counter()
    client.execute()
    seconds = time.perf_counter() - start
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    nbformat.write(notebook, path)
    print(f"{path.name:30} {seconds:5.1f} s {path.stat().st_size / 1000:6.0f} kB")


if __name__ == "__main__":
    here = Path(__file__).parent
    for lesson in map(Path, sys.argv[1:] or sorted(here.glob("[0-9][0-9]_*.ipynb"))):
        execute(lesson)
