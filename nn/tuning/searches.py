"""Grid search and random search: which hyper-parameters are tried."""

from __future__ import annotations

import inspect
import itertools
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from nn.checks import whole_number
from nn.tuning.journal import described
from nn.tuning.results import Results, Trial
from nn.tuning.running import Search, takes_seed
from nn.tuning.spaces import Choice, Distribution, Space, as_distributions

Objective = Callable[..., Any]
File = str | os.PathLike[str]


def random_search(
    objective: Objective,
    space: Space,
    n: int,
    *,
    seed: int = 0,
    mode: str = "min",
    results: File | None = None,
    jobs: int = 1,
    retry_failed: bool = False,
) -> Results:
    """Try n hyper-parameters drawn at random.

    Where only few of the hyper-parameters matter, of n trials each of those few has n different
    values, against the few of a grid. Source: Bergstra and Bengio, "Random Search for
    Hyper-Parameter Optimization", Journal of Machine Learning Research 13 (2012).

    Args:
        objective: a function that takes the hyper-parameters by name, trains, and returns the
            score, a number. If it has a parameter `seed`, it gets the trial's own. The project's
            random numbers are seeded with it in any case. `fit` in it is best told progress=False.
        space: by name a distribution, or a list of values, all equally likely.
        n: how many trials.
        seed: a whole number from 0. Trial i is the same whatever n, and whatever the number of
            jobs.
        mode: "min" if low scores are good, as of a loss; "max" for an accuracy.
        results: a file to which each trial is written when it is finished, as a line of JSON. If it
            is there, the search goes on: finished trials are not repeated, and n may have grown.
        jobs: how many trials at a time: 1 in this process; otherwise by joblib, −1 for as many as
            there are processors. Under `joblib.parallel_config(backend)` it is that backend's
            workers that run them. Where they are threads, they share the project's random numbers,
            and only an objective that makes its own from `seed` is repeatable.
        retry_failed: whether trials that are in the file as failed are tried again.

    Returns:
        The results, sorted: print them, or look at `.best` and `.plot()`.

    A trial fails if it raises an exception or if its score is not finite; it is noted with its
    error, and the search goes on. Ctrl-C ends it, and what is finished is returned.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, names in the space that the objective
            does not take, or a results file of another search.

    Example:
        space = {"lr": LogUniform(1e-4, 1), "beta": OneMinusLogUniform(0.9, 0.999)}
        random_search(lambda lr, beta: train(lr, beta), space, n=25)
    """
    distributions = as_distributions(space)
    count = whole_number(n, "random_search", "n")
    _check("random_search", objective, distributions, seed, mode)
    trials = []
    for i in range(count):
        numbers, own = _sequence(seed, i).spawn(2)
        draw = np.random.default_rng(numbers)
        # By name, so that the order in which the space is written does not matter.
        params = {name: distributions[name].at(draw.random()) for name in sorted(distributions)}
        params = {name: params[name] for name in distributions}
        trials.append(Trial(i, params, _seed_of(own)))
    head = {"kind": "random", "mode": mode, "seed": int(seed), "space": _described(distributions)}
    search = Search(objective, distributions, mode, retry_failed)
    return search.run(trials, head, results, jobs)


def grid_search(
    objective: Objective,
    space: Space,
    points: int | None = None,
    *,
    seed: int = 0,
    mode: str = "min",
    results: File | None = None,
    jobs: int = 1,
    retry_failed: bool = False,
) -> Results:
    """Try every combination of values, the last name's varying fastest.

    Args:
        space: by name a list of values; or a distribution, of which `points` values are tried,
            evenly spaced on its scale, both ends included.
        points: how many values of each distribution; at least 2.

    All else is as for `random_search`.

    Example:
        grid_search(train_and_score, {"lr": LogUniform(1e-3, 1), "hidden": [32, 64]}, points=4)
    """
    distributions = as_distributions(space)
    _check("grid_search", objective, distributions, seed, mode)
    scaled = [name for name, values in distributions.items() if not isinstance(values, Choice)]
    if scaled and (points is None or whole_number(points, "grid_search", "points") < 2):
        raise ValueError(
            f"grid_search: of {', '.join(scaled)} the space has a range, so say how many values "
            "of it are tried: points=5. At least 2, the ends."
        )
    axes = [values.grid(points or 2) for values in distributions.values()]
    trials = [
        Trial(i, dict(zip(distributions, values, strict=True)), _seed_of(_sequence(seed, i)))
        for i, values in enumerate(itertools.product(*axes))
    ]
    head = {"kind": "grid", "mode": mode, "seed": int(seed), "space": _described(distributions)}
    if scaled:
        head["points"] = points
    search = Search(objective, distributions, mode, retry_failed)
    return search.run(trials, head, results, jobs)


def _sequence(seed: int, trial: int) -> np.random.SeedSequence:
    """Random numbers of a trial's own, whatever the other trials do."""
    return np.random.SeedSequence(seed, spawn_key=(trial,))


def _seed_of(sequence: np.random.SeedSequence) -> int:
    return int(sequence.generate_state(1)[0])


def _described(space: dict[str, Distribution]) -> dict[str, str]:
    return {name: described(space[name]) for name in sorted(space)}


def _check(who: str, objective: Any, space: dict[str, Distribution], seed: Any, mode: str) -> None:
    if not callable(objective):
        raise TypeError(
            f"{who}: the objective is a function that returns a score, not "
            f"{type(objective).__name__}. Give the function itself, without calling it: "
            f"{who}(objective, space, …)."
        )
    if mode not in ("min", "max"):
        raise ValueError(f'{who}: mode is "min" or "max", not {mode!r}.')
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"{who}: seed is a whole number from 0, not {seed!r}.")
    if "seed" in space:
        raise ValueError(
            f"{who}: the space has the name 'seed', which is kept for the trial's own seed. Call "
            "it otherwise; to repeat trials with several seeds, search over repeat=[0, 1, 2]."
        )
    try:
        signature = inspect.signature(objective)
    except ValueError:  # some functions written in C do not say what they take
        return
    try:
        signature.bind(**dict.fromkeys(space), **({"seed": 0} if takes_seed(objective) else {}))
    except TypeError as error:
        raise TypeError(
            f"{who}: the objective gets the hyper-parameters by name, and takes {signature}; the "
            f"space has ({', '.join(space)}): {error}. The names must be the same."
        ) from None
