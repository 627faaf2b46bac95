"""From coarse to fine: the space around the best trials of a search."""

from __future__ import annotations

from nn.checks import whole_number
from nn.tuning.journal import plain
from nn.tuning.results import Results
from nn.tuning.spaces import Choice, Distribution


def refine(results: Results, around: int = 5) -> dict[str, Distribution]:
    """A narrower space, around the best trials: to be searched next, with another results file.

    Of a scale it is the part where the best trials lie, with the distance to a neighbour on either
    side; of a choice, the values that they have.

    Args:
        results: of a search, not read from a file, which does not have the space.
        around: how many of the best trials.

    Raises:
        TypeError, ValueError: `around` is no positive whole number, no trial has a score, or the
            results have no space.

    Source: Ng, Deep Learning Specialization, course 2, "Hyperparameter tuning": coarse to fine.
    """
    around = whole_number(around, "refine", "around")
    if not results.space:
        raise ValueError(
            "refine: these results were read from a file, which does not hold the space that was "
            "searched. Call the search again with that file: finished trials are not repeated."
        )
    chosen = [results.best, *results.scored[1:around]]
    space: dict[str, Distribution] = {}
    for name, values in results.space.items():
        best = [trial.params[name] for trial in chosen]
        if isinstance(values, Choice):
            kept = [plain(value) for value in best]
            space[name] = Choice([value for value in values.values if plain(value) in kept])
            continue
        tried = {trial.params[name] for trial in results.trials}
        neighbour = 1 / max(len(tried) - 1, 1)
        places = [values.place(value) for value in best]
        space[name] = values.between(
            max(min(places) - neighbour, 0), min(max(places) + neighbour, 1)
        )
    return space
