"""Compiled steps of models whose layers are frozen and thawed, with gradients from before."""

import numpy as np
import pytest
from support.twins import assert_same_training, batches, mlp, training

import optim
from nn import functional


def freezes(made, i):
    made.model[0].requires_grad_(i < 3 or i in (7, 8))


def freezes_for_good(made, i):
    made.model[0].requires_grad_(i < 3)


def gives_what_is_frozen_a_gradient(made, i):
    freezes(made, i)
    if i == 4:
        made.model[0].weight.grad = np.ones((8, 6), np.float32)


# For each way to clear gradients: how many recordings there are, and how often the function runs.
CASES = [
    (freezes, "all", 4, 7),
    (freezes, "the head's", 4, 5),
    (freezes_for_good, "all", 3, 5),
    (freezes_for_good, "the head's", 3, 4),
    (gives_what_is_frozen_a_gradient, "all", 5, 8),
    (gives_what_is_frozen_a_gradient, "the head's", 4, 5),
]


@pytest.mark.filterwarnings("ignore:Adam.step. backward has added")
@pytest.mark.parametrize("clips", [False, True], ids=["", "clips"])
@pytest.mark.parametrize(("each", "cleared", "recordings", "runs"), CASES)
def test_freezing_and_thawing(each, cleared, recordings, runs, clips):
    def make():
        model = mlp()
        optimizer = optim.Adam(model.parameters(), lr=0.01)
        head = model if cleared == "all" else model[2]

        def step(x, y):
            for p in head.parameters():
                p.grad = None
            loss = functional.cross_entropy(model(x), y)
            loss.backward()
            if clips:
                optim.clip_grad_norm_(model.parameters(), 0.05)
            optimizer.step()
            return loss

        return training(model, optimizer, step=step)

    given = list(batches(14))
    assert_same_training(make, given, each=each, recordings=recordings, runs=runs)
