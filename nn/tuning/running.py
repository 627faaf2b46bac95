"""Running trials: one after the other or several at a time, written down as they finish."""

from __future__ import annotations

import contextlib
import inspect
import itertools
import os
import time
import traceback
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from math import isclose, isfinite
from types import FrameType
from typing import Any

import autograd.random
from autograd.places import warn
from nn.bars import progress_bar
from nn.training.interrupts import Interrupts
from nn.tuning.journal import Journal, Record
from nn.tuning.results import Results, Trial
from nn.tuning.spaces import Distribution

OUTCOME = ("score", "error", "traceback", "seconds")  # what a run adds to a trial


@dataclass(frozen=True)
class Search:
    """How trials are run; see `random_search` for what its fields mean."""

    objective: Callable[..., Any]
    space: dict[str, Distribution]
    mode: str
    retry_failed: bool

    def run(
        self, trials: list[Trial], head: Record, path: str | os.PathLike[str] | None, jobs: int
    ) -> Results:
        """Run those trials that the file does not have."""
        _check_jobs(jobs)
        journal = None if path is None else Journal(path, head)
        with contextlib.nullcontext() if journal is None else contextlib.closing(journal):
            finished = self._finished(trials, journal.records if journal else [])
            left = [trial for trial in trials if trial.number not in finished]
            interrupted = self._run(left, finished, journal, jobs)
        results = Results(list(finished.values()), self.mode, self.space, interrupted)
        if interrupted:
            way = "search again with results=file" if path is None else "the same call goes on"
            warn(
                f"The search was interrupted after {len(finished)} of {len(trials)} trials; {way}."
            )
        elif not results.scored:
            warn(f"All {len(results)} trials failed; the first with {results[0].error}")
        return results

    def _finished(self, trials: list[Trial], records: list[Record]) -> dict[int, Trial]:
        """By number the trials that need not run, from the lines of a results file."""
        planned = {trial.number: trial.record() for trial in trials}
        finished: dict[int, Trial] = {}
        for record in records:
            own = planned.get(record["trial"])
            if own is None or (self.retry_failed and record.get("score") is None):
                continue
            if not _same(record, own):
                raise ValueError(
                    f"The results file has trial {record['trial']} with {record.get('params')}, "
                    f"seed {record.get('seed')}; here it has {own['params']}, seed {own['seed']}. "
                    "Was the file edited, or the space written in another order? Name another file."
                )
            outcome = {name: record[name] for name in OUTCOME if name in record}
            finished[own["trial"]] = replace(trials[own["trial"]], **outcome)
        return finished

    def _run(
        self, left: list[Trial], finished: dict[int, Trial], journal: Journal | None, jobs: int
    ) -> bool:
        """Run what is left; returns whether Ctrl-C ended it."""
        total = len(left) + len(finished)
        outcomes = _outcomes(self.objective, left, jobs)
        bar = progress_bar(total=total, initial=len(finished), unit="trial")
        try:
            with _Noted() as interrupts, bar, contextlib.closing(outcomes):
                for trial in outcomes:
                    interrupts.hold()  # so that file and results have the same trials
                    if interrupts.came:
                        raise KeyboardInterrupt
                    if journal is not None:
                        journal.add(trial.record())
                    finished[trial.number] = trial
                    interrupts.release()
                    bar.set_postfix_str(self._standing(finished), refresh=False)
                    bar.update()
        except KeyboardInterrupt:
            return True
        return False

    def _standing(self, finished: dict[int, Trial]) -> str:
        scores = [trial.score for trial in finished.values() if trial.score is not None]
        failed = len(finished) - len(scores)
        best = f"best {(min if self.mode == 'min' else max)(scores):.5g}" if scores else ""
        return ", ".join(filter(None, [best, f"{failed} failed" if failed else ""]))


def _same(record: Record, own: Record) -> bool:
    """Whether two records are of one trial; machines may differ in a number's last digit."""
    there, here = record.get("params", {}), own["params"]
    if record.get("seed") != own["seed"] or there.keys() != here.keys():
        return False
    return all(
        isclose(there[name], value) if isinstance(value, float) else there[name] == value
        for name, value in here.items()
    )


class _Noted(Interrupts):
    """It also knows that Ctrl-C came. An objective may have caught it, as `fit` does, and have gone
    on to return the score of a network half trained.
    """

    came = False

    def _arrived(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        super()._arrived(number, frame)


def attempt(objective: Callable[..., Any], trial: Trial) -> Trial:
    """Run a trial; returns it with its score, or with its error."""
    before, start = autograd.random._generator, time.perf_counter()
    outcome: dict[str, Any] = {}
    try:
        autograd.random.manual_seed(trial.seed)
        own = {"seed": trial.seed} if takes_seed(objective) else {}
        outcome["score"] = _score(objective(**trial.params, **own))
    except Exception as error:
        outcome["error"] = f"{type(error).__name__}: {error}".splitlines()[0]
        outcome["traceback"] = traceback.format_exc()
    finally:
        autograd.random._generator = before
    return replace(trial, seconds=time.perf_counter() - start, **outcome)


def takes_seed(objective: Callable[..., Any]) -> bool:
    """Whether a function has a parameter of the name `seed`."""
    try:
        return "seed" in inspect.signature(objective).parameters
    except ValueError:  # some functions written in C do not say what they take
        return False


def _score(returned: Any) -> float:
    if returned is None:
        raise TypeError("the objective returned None, not a score; does it end with return?")
    score = float(returned.item() if hasattr(returned, "item") else returned)
    if not isfinite(score):
        raise FloatingPointError(f"the score is {score}")
    return score


def _outcomes(objective: Callable[..., Any], trials: list[Trial], jobs: int) -> Generator[Trial]:
    """The trials as they finish."""
    if jobs == 1:
        yield from (attempt(objective, trial) for trial in trials)
        return
    from joblib import Parallel, delayed, effective_n_jobs

    calls = (delayed(attempt)(objective, trial) for trial in trials)
    try:
        unordered = Parallel(n_jobs=jobs, return_as="generator_unordered")
    except ValueError:  # the backend gives nothing back before all is done
        unordered = None
    if unordered is not None:
        yield from unordered(calls)
        return
    with Parallel(n_jobs=jobs) as together:  # so in rounds
        while some := list(itertools.islice(calls, effective_n_jobs(jobs))):
            yield from together(some)


def _check_jobs(jobs: Any) -> None:
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs == 0:
        raise ValueError(
            f"jobs is how many trials run at a time, 1 or more, or −1 for all processors; not "
            f"{jobs!r}."
        )
    if jobs != 1:
        try:
            import joblib  # noqa: F401
        except ImportError:
            raise ImportError(
                f'jobs={jobs} needs joblib, which is not installed: pip install "joblib>=1.4", or '
                "this package with its extra [search]. jobs=1 does without."
            ) from None
