"""Progress bars where somebody looks: in a terminal and in a notebook, and nowhere else."""

from __future__ import annotations

import sys
import warnings
from typing import Any


def progress_bar(wanted: bool | None = None, **settings: Any) -> Any:
    """A bar on standard error, as `tqdm.tqdm(**settings)` makes it; one that shows nothing if not.

    Args:
        wanted: True or False; None for a bar in a terminal and in a notebook only.
        settings: of tqdm, such as total, desc and unit.
    """
    with warnings.catch_warnings():
        # In a notebook without ipywidgets the bar is made of text, which is as good.
        warnings.filterwarnings("ignore", message="IProgress not found")
        from tqdm.auto import tqdm
    return tqdm(disable=not (somebody_looks() if wanted is None else wanted), **settings)


def somebody_looks() -> bool:
    """Whether standard error is a terminal, or this is a notebook."""
    return in_notebook() or (sys.stderr is not None and sys.stderr.isatty())


def in_notebook() -> bool:
    """Whether this runs in a notebook, which shows pictures and progress bars in its pages."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None
