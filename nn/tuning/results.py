"""What a search has found: trials, the best first, as a table and as a picture."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

from nn.tuning.journal import Record, plain, read
from nn.tuning.spaces import Distribution

MOST_ROWS = 20  # that a table shows
MOST_LETTERS = 60  # of an error in a table


@dataclass(frozen=True)
class Trial:
    """One choice of hyper-parameters, and what came of it.

    Attributes:
        number: which it is, from 0.
        params: the hyper-parameters by name.
        seed: of its random numbers. objective(**params, seed=seed) repeats it.
        score: what the objective returned; None if it failed.
        error: why it failed, in a line; None if it did not.
        traceback: the same in full.
        seconds: how long it took.
    """

    number: int
    params: dict[str, Any]
    seed: int
    score: float | None = None
    error: str | None = None
    traceback: str | None = field(default=None, compare=False)
    seconds: float = field(default=0.0, compare=False)

    def record(self) -> Record:
        """It as a line of the results file."""
        return {
            "trial": self.number,
            "score": self.score,
            "params": {name: plain(value) for name, value in self.params.items()},
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
            **({"error": self.error, "traceback": self.traceback} if self.error else {}),
        }


class Results:
    """The finished trials of a search, the best first; those that failed come last.

    Attributes:
        trials: the list of them. The results themselves are a sequence of the same.
        mode: "min" or "max", what is best.
        space: what was searched, by name; empty where it was read from a file.
        interrupted: whether Ctrl-C ended the search.
    """

    def __init__(
        self,
        trials: list[Trial],
        mode: str,
        space: dict[str, Distribution],
        interrupted: bool = False,
    ) -> None:
        sign = {"min": 1, "max": -1}[mode]

        def rank(trial: Trial) -> tuple[bool, float, int]:
            return trial.score is None, sign * (trial.score or 0.0), trial.number

        self.trials = sorted(trials, key=rank)
        self.mode, self.space, self.interrupted = mode, space, interrupted

    @property
    def scored(self) -> list[Trial]:
        """The trials that did not fail, the best first."""
        return [trial for trial in self.trials if trial.score is not None]

    @property
    def failed(self) -> list[Trial]:
        """The trials that failed."""
        return [trial for trial in self.trials if trial.score is None]

    @property
    def best(self) -> Trial:
        """The trial with the best score. Raises ValueError if there is none."""
        if not self.scored:
            first = f" The first error: {self.trials[0].error}" if self.trials else ""
            raise ValueError(
                f"There is no best trial: of {len(self.trials)} finished ones, none has a "
                f"score.{first}"
            )
        return self.scored[0]

    def plot(self, ax: Any = None) -> Any:
        """Draw the score over each hyper-parameter; returns an array of axes, one for each.

        A hyper-parameter has a log axis where it was searched on a log scale. The star is the best
        trial; the crosses at the edge where scores are bad are those that failed.

        Args:
            ax: as many axes as there are hyper-parameters.

        Raises ValueError if no trial has a score, or the axes are not as many.
        """
        from nn.tuning.pictures import scores

        return scores(self, ax)

    def __len__(self) -> int:
        return len(self.trials)

    def __iter__(self) -> Iterator[Trial]:
        return iter(self.trials)

    def __getitem__(self, i: int) -> Trial:
        return self.trials[i]

    def __repr__(self) -> str:
        table = self._cells()
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join(f"{cell:>{width}}" for cell, width in zip(row[:-1], widths, strict=False))
            + f"  {row[-1]}"
            for row in table
        ]
        return "\n".join([*(line.rstrip() for line in lines), *self._remarks()])

    def _repr_html_(self) -> str:
        style = 'style="text-align:right"'
        rows = []
        for i, row in enumerate(self._cells()):
            tag = "td" if i else "th"
            rows.append("".join(f"<{tag} {style}>{escape(cell)}</{tag}>" for cell in row))
        remarks = "".join(f"<p>{escape(remark)}</p>" for remark in self._remarks())
        return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>{remarks}"

    def _cells(self) -> list[list[str]]:
        names = list(self.trials[0].params) if self.trials else []
        head = ["trial", "score", *names, "seconds", "error" if self.failed else ""]
        return [
            head,
            *(
                [
                    str(trial.number),
                    "failed" if trial.score is None else f"{trial.score:.5g}",
                    *(_short(trial.params[name]) for name in names),
                    f"{trial.seconds:.1f}",
                    (trial.error or "")[:MOST_LETTERS],
                ]
                for trial in self.trials[:MOST_ROWS]
            ),
        ]

    def _remarks(self) -> list[str]:
        remarks = []
        if len(self.trials) > MOST_ROWS:
            remarks.append(f"… and {len(self.trials) - MOST_ROWS} more, in .trials")
        if self.failed:
            remarks.append(f"{len(self.failed)} of {len(self.trials)} trials failed")
        if self.interrupted:
            remarks.append("interrupted; the same call with the same results file goes on")
        return remarks


def read_results(path: str | os.PathLike[str]) -> Results:
    """The results in a file, also of a search that is still running.

    Hyper-parameters are as JSON has them: what is neither number nor text stands there by its name.

    Raises ValueError if it is no results file of a search, OSError if it cannot be read.
    """
    head, records = read(path)
    last = {r["trial"]: r for r in records}  # one that was tried again stands there twice
    names = ("params", "seed", "score", "error", "traceback", "seconds")
    trials = [Trial(i, **{name: r[name] for name in names if name in r}) for i, r in last.items()]
    return Results(trials, head["mode"], {})


def _short(value: Any) -> str:
    shown = plain(value)
    return f"{shown:.4g}" if isinstance(shown, float) else str(shown)
