"""The planted faults misbehave as they say and the healthy set-ups learn: the tables are true."""

import warnings

import numpy as np
import pytest
from support.faults import FAULTS
from support.healthy import HEALTHY
from support.setups import accuracy, loss_of, outputs, train

from autograd import Tensor
from autograd.random import default_generator

SEEDS = (0, 1)


# What goes wrong with each: true with the fault, false in the same set-up without it


def barely_learns(it):
    before = loss_of(it)
    train(it, 200)
    return loss_of(it) > before / 2


def is_no_better_than_a_line(it):
    train(it, 200)
    return accuracy(it) < 0.75


def hidden(it):
    """What the first activation gives, for all of the data."""
    return it.model[1](it.model[0](Tensor(it.data[0]))).data


def has_dead_units_only(it):
    train(it, 20)
    return not hidden(it).any()


def learns_nothing_but_the_last_bias(it):
    before = [p.data.copy() for p in it.model.parameters()]
    train(it, 50)
    after = [p.data for p in it.model.parameters()]
    stayed = [np.array_equal(a, b) for a, b in zip(before, after, strict=True)]
    return stayed == [True, True, True, False]


def starts_far_above_guessing(it):
    return loss_of(it) > 10 * np.log(10)


def has_a_first_layer_that_stays(it):
    before = it.model[0].weight.data.copy()
    train(it, 5)
    return np.array_equal(it.model[0].weight.data, before)


def answers_depend_on_other_rows(it):
    x = it.data[0][:8].copy()
    before = outputs(it, x)
    x[0] += 1
    return not np.allclose(outputs(it, x)[1:], before[1:])


def neither_drops_nor_follows_batches(it):
    train(it, 5)
    x = Tensor(it.data[0][:8])
    same = np.array_equal(it.model(x).data, it.model(x).data)
    return same and it.model[1].num_batches_tracked.item() == 0


def is_saturated(it):
    return np.mean(np.abs(hidden(it)) > 0.999) > 0.8


def cannot_take_a_step(it):
    try:
        train(it, 1)
    except ValueError:
        return True
    return False


def barely_moves_toward_its_targets(it):
    before = loss_of(it)
    train(it, 200)
    return loss_of(it) > 0.99 * before


def ends_in_nan(it):
    train(it, 20)
    return bool(np.isnan(it.model[0].weight.data).all())


def never_says_yes(it):
    train(it, 200)
    said_yes = outputs(it) > 0
    return not said_yes[it.data[1] == 1].any()


def has_a_head_that_stays(it):
    before = it.model[-1].weight.data.copy()
    train(it, 5)
    return np.array_equal(it.model[-1].weight.data, before)


def gets_worse(it):
    before = loss_of(it)
    train(it, 30)
    return loss_of(it) > before


EVIDENCE = {
    "softmax twice": barely_learns,
    "no activation": is_no_better_than_a_line,
    "dead relus": has_dead_units_only,
    "zero weights": learns_nothing_but_the_last_bias,
    "huge weights": starts_far_above_guessing,
    "detached layer": has_a_first_layer_that_stays,
    "mixed rows": answers_depend_on_other_rows,
    "eval mode": neither_drops_nor_follows_batches,
    "unscaled inputs": is_saturated,
    "labels from one": cannot_take_a_step,
    "huge targets": barely_moves_toward_its_targets,
    "missing values": ends_in_nan,
    "rare class": never_says_yes,
    "new head": has_a_head_that_stays,
    "huge steps": gets_worse,
}


def cases(table, seeds=SEEDS):
    return [pytest.param(row, seed, id=f"{row}-{seed}") for row in table.values() for seed in seeds]


def test_there_are_fifteen_faults_and_twenty_healthy_set_ups():
    assert len(FAULTS) == 15
    assert len(HEALTHY) == 20
    assert EVIDENCE.keys() == FAULTS.keys()


@pytest.mark.parametrize(("fault", "seed"), cases(FAULTS))
def test_a_fault_misbehaves_as_it_says_and_not_without_the_mistake(fault, seed):
    misbehaves = EVIDENCE[fault.name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # losses and optimisers speak of some of these faults
        assert misbehaves(fault.build(seed))
    assert not misbehaves(fault.mended(seed))


@pytest.mark.parametrize(("row", "seed"), cases(HEALTHY))
def test_a_healthy_set_up_learns(row, seed):
    it = row.build(seed)
    before = loss_of(it)
    train(it, 300)
    assert loss_of(it) < before / 2


@pytest.mark.parametrize("fault", FAULTS.values(), ids=str)
def test_without_the_mistake_a_set_up_learns(fault):
    it = fault.mended(0)
    before = loss_of(it)
    train(it, 300)
    # Where classes overlap or targets are noisy, no model comes near 0.
    assert loss_of(it) < 0.75 * before


def contents(it):
    """All numbers of a set-up."""
    return [*it.data, *(p.data for p in it.model.parameters())]


@pytest.mark.parametrize("row", [*FAULTS.values(), *HEALTHY.values()], ids=str)
def test_a_set_up_depends_on_its_seed_alone(row):
    of_everybody = default_generator().bit_generator.state
    first, again, other = (contents(row.build(seed)) for seed in (3, 3, 4))
    assert default_generator().bit_generator.state == of_everybody
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("fault", FAULTS.values(), ids=str)
def test_the_words_for_a_cause_are_words_of_the_cause(fault):
    assert any(word in fault.cause.lower() for word in fault.words)
    assert all(word == word.lower() for word in fault.words)
