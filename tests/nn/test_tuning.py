"""The search for hyper-parameters: what is tried, what is kept, and what comes of it."""

import sys
from functools import partial

import numpy as np
import pytest
from support.objectives import bowl, picky

import autograd
from nn.tuning import (
    Choice,
    IntUniform,
    LogUniform,
    OneMinusLogUniform,
    Uniform,
    grid_search,
    random_search,
    refine,
)

SPACE = {"lr": LogUniform(1e-4, 1), "hidden": IntUniform(8, 64), "act": ["relu", "tanh"]}


# The scales


@pytest.mark.parametrize(
    ("values", "quarters"),
    [
        (Uniform(-2, 6), [-2, 0, 2, 4, 6]),
        (LogUniform(1e-4, 1), [1e-4, 1e-3, 1e-2, 1e-1, 1]),
        (OneMinusLogUniform(0.9, 0.999), [0.9, 1 - 10**-1.5, 0.99, 1 - 10**-2.5, 0.999]),
        (IntUniform(1, 4), [1, 2, 3, 4, 4]),
        (Choice(["a", "b"]), ["a", "a", "b", "b", "b"]),
    ],
)
def test_the_unit_interval_is_laid_out_on_each_scale(values, quarters):
    at = [values.at(u) for u in (0, 0.25, 0.5, 0.75, 1)]
    if isinstance(quarters[0], str):
        assert at == quarters
    else:
        np.testing.assert_allclose(at, quarters, rtol=1e-12)


@pytest.mark.parametrize(
    "values", [Uniform(-2, 6), LogUniform(1e-7, 3), OneMinusLogUniform(0, 0.9999)], ids=repr
)
def test_a_place_is_where_its_value_is_and_bounds_hold(values):
    for u in np.linspace(0, 1, 101):
        assert values.low <= values.at(u) <= values.high
        assert values.place(values.at(u)) == pytest.approx(u, abs=1e-9)


def test_each_decade_of_a_log_scale_is_as_likely_and_each_whole_number_too():
    draws = np.random.default_rng(0).random(8000)
    rates = np.array([LogUniform(1e-4, 1).at(u) for u in draws])
    np.testing.assert_allclose(np.histogram(rates, [1e-4, 1e-3, 1e-2, 0.1, 1])[0], 2000, atol=150)
    betas = np.array([OneMinusLogUniform(0.9, 0.999).at(u) for u in draws])
    np.testing.assert_allclose(np.histogram(betas, [0.9, 0.99, 0.999])[0], 4000, atol=200)
    sizes = [IntUniform(3, 6).at(u) for u in draws]
    np.testing.assert_allclose(np.bincount(sizes)[3:], 2000, atol=150)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (LogUniform(1e-3, 1), [1e-3, 1e-2, 1e-1, 1]),
        (IntUniform(1, 3), [1, 2, 3]),  # fewer than asked for
        (IntUniform(10, 40), [10, 20, 30, 40]),
        (Choice([5, 7]), [5, 7]),
    ],
)
def test_a_grid_has_evenly_spaced_values_with_both_ends(values, expected):
    np.testing.assert_allclose(values.grid(4), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: LogUniform(0, 1), ValueError, "low is above 0, as 0 has no logarithm; this is 0"),
        (lambda: LogUniform(1, 1e-4), ValueError, "low is below high, and they are 1.0 and 0.0001"),
        (lambda: Uniform(1, 1), ValueError, r"A single value is a list of one: \[1.0\]"),
        (lambda: Uniform(0, np.inf), ValueError, "high is finite, not inf"),
        (lambda: Uniform("0", 1), TypeError, "Uniform: low is a number, not '0'"),
        (lambda: IntUniform(1, 2.5), TypeError, "IntUniform: high is a whole number, not 2.5"),
        (lambda: OneMinusLogUniform(0.9, 1), ValueError, "high is from 0 to below 1, not 1"),
        (
            lambda: OneMinusLogUniform(1e-3, 0.1),
            ValueError,
            r"write OneMinusLogUniform\(0.9, 0.999",
        ),
        (lambda: Choice("relu"), TypeError, r"For a single one write \['relu'\]"),
        (lambda: Choice([]), ValueError, "at least one value"),
    ],
)
def test_a_scale_that_makes_no_sense_is_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()


# What is tried


def test_grid_search_tries_every_combination():
    found = grid_search(lambda lr, act: 0.0, {"lr": LogUniform(0.01, 1), "act": ["a", "b"]}, 3)
    tried = [tuple(trial.params.values()) for trial in found]
    expected = [(lr, act) for lr in (0.01, 0.1, 1) for act in "ab"]
    assert [(pytest.approx(lr), act) for lr, act in expected] == tried


def test_where_one_parameter_matters_random_search_tries_more_values_of_it():
    def objective(matters, idle):
        return (matters - 0.37) ** 2

    space = {"matters": Uniform(0, 1), "idle": Uniform(0, 1)}
    at_random = random_search(objective, space, 9)
    on_grid = grid_search(objective, space, 3)
    values = [{trial.params["matters"] for trial in found} for found in (at_random, on_grid)]
    assert [len(found) for found in (at_random, on_grid)] == [9, 9]
    assert [len(one) for one in values] == [9, 3]


def test_a_trial_is_the_same_whatever_else_is_searched():
    few, many = (random_search(bowl, SPACE, n, seed=3) for n in (4, 9))
    backwards = random_search(bowl, dict(reversed(SPACE.items())), 9, seed=3)
    by_number = sorted(many, key=lambda trial: trial.number)
    assert sorted(few, key=lambda trial: trial.number) == by_number[:4]
    assert many.trials == backwards.trials
    other = random_search(bowl, SPACE, 9, seed=4)
    assert not {t.params["lr"] for t in many} & {t.params["lr"] for t in other}
    assert not {t.seed for t in many} & {t.seed for t in other}
    assert len({trial.seed for trial in many}) == 9


def test_a_trial_has_random_numbers_of_its_own_and_leaves_those_outside_alone():
    def objective(x, seed):
        return float(autograd.random.draw("random", ()))

    autograd.manual_seed(7)
    expected = autograd.random.draw("random", (3,))
    autograd.manual_seed(7)
    first, second = (random_search(objective, {"x": Uniform(0, 1)}, 3) for _ in range(2))
    np.testing.assert_array_equal(autograd.random.draw("random", (3,)), expected)
    assert first.trials == second.trials
    assert len({trial.score for trial in first}) == 3
    autograd.manual_seed(first.best.seed)
    assert objective(**first.best.params, seed=None) == first.best.score


def test_an_objective_with_a_parameter_seed_is_given_the_trials_own():
    found = random_search(lambda x, seed: float(seed), {"x": [1]}, 3)
    assert [trial.score for trial in found] == sorted(trial.seed for trial in found)


# What comes of it


@pytest.mark.parametrize(("mode", "scores"), [("min", [1, 2, 2, 5]), ("max", [5, 2, 2, 1])])
def test_the_best_come_first_ties_as_they_were_tried_and_failures_last(mode, scores):
    found = grid_search(lambda x: float(x) if x else 1 / 0, {"x": [2, 0, 5, 1, 2.0]}, mode=mode)
    assert [trial.score for trial in found] == [*scores, None]
    assert [trial.number for trial in found if trial.score == 2] == [0, 4]
    assert found.best is found[0]
    assert found[-1].error == "ZeroDivisionError: division by zero"


def test_the_table_says_it_all():
    found = random_search(picky, {"x": Uniform(0, 1)}, 4, seed=2)
    lines = str(found).splitlines()
    assert lines[0].split() == ["trial", "score", "x", "seconds", "error"]
    best = found.best
    shown = [str(best.number), f"{best.score:.5g}", f"{best.params['x']:.4g}"]
    assert lines[1].split()[:3] == shown
    failed = found.failed[0]
    assert f"ValueError: {failed.params['x']:.3f} is" in str(found)
    assert "too large" in failed.traceback
    assert lines[-1] == f"{len(found.failed)} of 4 trials failed"
    page = found._repr_html_()
    assert page.count("<tr>") == 5
    assert ">score<" in page


def test_a_long_table_ends_and_markup_is_escaped():
    found = grid_search(lambda x: float(len(x)), {"x": [f"<{'i' * i}>" for i in range(25)]})
    assert "… and 5 more, in .trials" in str(found)
    assert "&lt;iii&gt;" in found._repr_html_()
    assert "<iii>" not in found._repr_html_()


@pytest.mark.parametrize(
    ("returned", "error"),
    [
        (float("nan"), "FloatingPointError: the score is nan"),
        (float("inf"), "FloatingPointError: the score is inf"),
        (None, "TypeError: the objective returned None, not a score; does it end with return?"),
    ],
)
def test_what_is_no_score_is_a_failure(returned, error):
    with pytest.warns(UserWarning, match="All 2 trials failed; the first with"):
        found = grid_search(lambda x: returned, {"x": [1, 2]})
    assert [trial.error for trial in found] == [error] * 2
    with pytest.raises(ValueError, match="of 2 finished ones, none has a score"):
        found.best


@pytest.mark.parametrize("score", [np.float32(0.25), np.array(0.25), autograd.Tensor(0.25)])
def test_a_score_may_be_any_number(score):
    assert grid_search(lambda x: score, {"x": [1]}).best.score == 0.25


def test_refining_leads_from_coarse_to_fine():
    coarse = random_search(bowl, SPACE, 40)
    space = refine(coarse, around=3)
    assert space["act"] == Choice(["tanh"])
    lr, best = space["lr"], coarse.best.params["lr"]
    assert 1e-4 < lr.low < best < lr.high < 1
    assert lr.high / lr.low < 30  # of four decades
    assert isinstance(space["hidden"], IntUniform)
    fine = random_search(bowl, space, 20)
    assert fine.best.score < coarse.best.score
    narrower = grid_search(bowl, refine(fine, around=1), points=3)
    assert abs(np.log10(narrower.best.params["lr"]) + 2) < 0.1


def test_a_refined_grid_reaches_to_the_neighbours_of_the_best():
    coarse = grid_search(lambda x: abs(x - 1e-2), {"x": LogUniform(1e-4, 1)}, 5)
    fine = refine(coarse, around=1)["x"]
    np.testing.assert_allclose([fine.low, fine.high], [1e-3, 1e-1])
    edge = refine(grid_search(lambda x: x, {"x": Uniform(0, 4)}, 5), around=1)["x"]
    assert (edge.low, edge.high) == (0, 1)


# What is looked at


def test_the_bar_is_shown_in_a_terminal_only(monkeypatch, capsys):
    search = partial(random_search, picky, {"x": Uniform(0, 1)}, 6)
    search()
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    found = search()
    shown = capsys.readouterr().err
    assert "6/6" in shown
    assert f"best {found.best.score:.5g}, {len(found.failed)} failed" in shown


@pytest.fixture
def plt():
    import matplotlib.pyplot as plt

    before = dict(plt.rcParams)
    yield plt
    assert dict(plt.rcParams) == before
    plt.close("all")


@pytest.mark.parametrize("mode", ["min", "max"])
def test_the_plot_has_each_trial_over_each_parameter(plt, mode):
    def objective(lr, beta, hidden, act):
        if lr > 0.1:
            raise FloatingPointError("NaN")
        return bowl(lr, hidden, act)

    space = {**SPACE, "beta": OneMinusLogUniform(0.9, 0.999)}
    found = random_search(objective, space, 20, mode=mode)
    panels = found.plot()
    names = [panel.get_xlabel() for panel in panels]
    assert names == ["lr", "hidden", "act", "1 − beta"]
    lr, hidden, act, beta = panels
    assert [panel.get_xscale() for panel in panels] == ["log", "linear", "linear", "log"]
    assert beta.xaxis_inverted()
    scores = [trial.score for trial in found.scored]
    xs = {
        lr: [t.params["lr"] for t in found],
        hidden: [t.params["hidden"] for t in found],
        beta: [1 - t.params["beta"] for t in found],
    }
    for panel in panels:
        dots, star, crosses = (line.get_xydata() for line in panel.lines)
        np.testing.assert_array_equal(dots[:, 1], scores)
        np.testing.assert_array_equal(star[0], dots[0])
        assert (crosses[:, 1] > 0.9).all() == (mode == "min")  # where scores are bad
        if panel is not act:
            np.testing.assert_array_equal([*dots[:, 0], *crosses[:, 0]], xs[panel])
    assert [label.get_text() for label in act.get_xticklabels()] == ["relu", "tanh"]
    nearest = np.rint(act.lines[0].get_xdata())
    assert [["relu", "tanh"][int(x)] for x in nearest] == [t.params["act"] for t in found.scored]


def test_the_plot_goes_where_it_is_told(plt):
    found = random_search(bowl, SPACE, 5)
    axes = plt.subplots(1, 3)[1]
    assert (found.plot(axes) == axes).all()
    assert len(plt.get_fignums()) == 1
    with pytest.raises(ValueError, match=r"3 panels to draw \(lr, hidden, act\), and ax has 1"):
        found.plot(axes[0])


# What is said of wrong calls


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: random_search(bowl, {"lr": [1], "hiden": [2], "act": ["relu"]}, 3),
            TypeError,
            r"takes \(lr, hidden, act\); the space has \(lr, hiden, act\).*'hidden'.* be the same",
        ),
        (
            lambda: random_search(lambda params: 0, {"lr": [1]}, 3),
            TypeError,
            "missing a required argument: 'params'",
        ),
        (lambda: random_search(bowl(1, 1, "relu"), SPACE, 3), TypeError, "without calling it"),
        (lambda: random_search(bowl, {}, 3), ValueError, "The space is empty"),
        (lambda: random_search(bowl, [1], 3), TypeError, "A space is a dict by name"),
        (lambda: random_search(bowl, {"lr": 0.1}, 3), TypeError, r"'lr' in the space.*\[0.1\]"),
        (lambda: random_search(bowl, SPACE, 0), ValueError, "n is a positive whole number"),
        (lambda: random_search(bowl, SPACE, 3, seed=-1), ValueError, "seed is a whole number"),
        (lambda: random_search(bowl, SPACE, 3, mode="best"), ValueError, '"min" or "max", not'),
        (lambda: random_search(bowl, SPACE, 3, jobs=0), ValueError, "−1 for all processors"),
        (lambda: grid_search(bowl, SPACE), ValueError, "of lr, hidden the space has a range"),
        (lambda: grid_search(bowl, SPACE, 1), ValueError, "At least 2, the ends"),
        (lambda: grid_search(bowl, {"seed": [1]}), ValueError, "kept for the trial's own seed"),
        (lambda: refine(random_search(bowl, SPACE, 2), 0), ValueError, "around is a positive"),
    ],
)
def test_a_wrong_call_is_told_what_to_write(call, error, words):
    with pytest.raises(error, match=words):
        call()
