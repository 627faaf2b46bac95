"""Ensembles: the average of predictions, and bagging."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from support.checks import message

import autograd
import nn
import optim
from autograd import Tensor
from nn.ensembles import Ensemble, bagging

X = Tensor(np.random.default_rng(0).standard_normal((6, 3)))


def models(n, outputs=2, dtype=np.float64):
    return [
        nn.Linear(3, outputs, dtype=dtype, generator=np.random.default_rng(i)) for i in range(n)
    ]


def test_gives_the_average_of_the_members():
    members = models(4)
    expected = np.mean([one(X).data for one in members], axis=0)
    np.testing.assert_allclose(Ensemble(members)(X).data, expected, rtol=1e-14)


def test_averages_probabilities_if_asked():
    members = models(3)
    raised = [np.exp(one(X).data) for one in members]
    expected = np.mean([e / e.sum(axis=-1, keepdims=True) for e in raised], axis=0)
    found = Ensemble(members, softmax=True)(X).data
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    np.testing.assert_allclose(found.sum(axis=-1), 1, rtol=1e-14)


def test_float32_stays_float32():
    x = Tensor(np.ones((2, 3), np.float32))
    assert Ensemble(models(3, dtype=np.float32))(x).dtype == np.float32


class Given(nn.Module):
    """A model that predicts what it was given."""

    def __init__(self, predictions):
        self.predictions = predictions

    def forward(self, x):
        return Tensor(self.predictions)


NUMBERS = st.floats(-100, 100)


@given(arrays(np.float64, (4, 5), elements=NUMBERS), arrays(np.float64, 5, elements=NUMBERS))
def test_jensen_the_squared_error_is_at_most_the_members_mean(predictions, target):
    ensemble = Ensemble([Given(row) for row in predictions])
    errors = [np.mean((row - target) ** 2) for row in predictions]
    own = np.mean((ensemble(None).data - target) ** 2)
    assert own <= np.mean(errors) * (1 + 1e-12) + 1e-12
    # What is won is the spread of the members about their mean: an identity.
    assert own == pytest.approx(np.mean(errors) - predictions.var(axis=0).mean(), abs=1e-8)


@given(
    arrays(np.float64, (4, 3, 5), elements=st.floats(-5, 5)),
    st.lists(st.integers(0, 4), min_size=3, max_size=3),
)
def test_jensen_so_is_the_cross_entropy_of_averaged_probabilities(logits, labels):
    rows = np.arange(3)
    losses = [nn.functional.cross_entropy(Tensor(one), labels).item() for one in logits]
    probabilities = Ensemble([Given(one) for one in logits], softmax=True)(None).data
    assert -np.log(probabilities[rows, labels]).mean() <= np.mean(losses) + 1e-12


def test_is_a_module_that_trains_saves_and_switches_modes():
    ensemble = Ensemble(models(2))
    assert [name for name, _ in ensemble.named_parameters()] == [
        *("models.0.weight", "models.0.bias", "models.1.weight", "models.1.bias"),
    ]
    ensemble(X).sum().backward()
    assert all(p.grad is not None for p in ensemble.parameters())
    other = Ensemble(models(2)[::-1])
    other.load_state_dict(ensemble.state_dict())
    assert np.array_equal(other(X).data, ensemble(X).data)
    assert not any(module.training for module in ensemble.eval().modules())
    assert "softmax=True" in repr(Ensemble(models(1), softmax=True))


# Bagging

DATA = (np.arange(50.0)[:, None], 2 * np.arange(50.0)[:, None])


def samples(n=3, data=DATA, generator=None):
    """What bagging gives to its training function."""
    seen = []
    ensemble = bagging(
        lambda: nn.Linear(1, 1), lambda model, *s: seen.append((model, s)), n, data, generator
    )
    assert ensemble.models == [model for model, _ in seen]
    return [sample for _, sample in seen]


def test_each_model_gets_a_sample_of_its_own_with_rows_together():
    drawn = samples()
    for x, y in drawn:
        assert x.shape == y.shape == (50, 1)
        assert np.array_equal(2 * x, y)
        assert set(x[:, 0]) <= set(range(50))
    assert len({x.tobytes() for x, _ in drawn}) == 3


def test_examples_are_drawn_with_return():
    """The share of examples in a sample is near 1 − 1/e = 0.632 (Breiman 1996)."""
    data = (np.arange(10_000),)
    shares = [len(np.unique(one)) / 10_000 for (one,) in samples(4, data, np.random.default_rng(0))]
    assert np.allclose(shares, 1 - np.exp(-1), atol=0.01)


def test_seeds_reproduce():
    def drawn(generator=None):
        return [x.tobytes() for x, _ in samples(2, generator=generator)]

    assert drawn(np.random.default_rng(5)) == drawn(np.random.default_rng(5))
    assert drawn(np.random.default_rng(5)) != drawn(np.random.default_rng(6))
    autograd.manual_seed(1)
    first = drawn()
    autograd.manual_seed(1)
    assert drawn() == first
    assert drawn() != first


def test_bagging_trains_an_ensemble_that_errs_less_than_its_members():
    rng = np.random.default_rng(0)
    x = rng.uniform(-3, 3, (40, 1))
    y = np.sin(x) + 0.3 * rng.standard_normal(x.shape)
    grid = np.linspace(-3, 3, 50)[:, None]

    def make():
        return nn.Sequential(
            nn.Linear(1, 20, dtype=float, generator=rng),
            nn.Tanh(),
            nn.Linear(20, 1, dtype=float, generator=rng),
        )

    def train(model, x, y):
        optimizer = optim.Adam(model.parameters(), lr=0.05)
        for _ in range(80):
            optimizer.zero_grad()
            ((model(Tensor(x)) - y) ** 2).mean().backward()
            optimizer.step()

    ensemble = bagging(make, train, 5, (x, y), rng)
    errors = [np.mean((one(Tensor(grid)).data - np.sin(grid)) ** 2) for one in ensemble.models]
    own = np.mean((ensemble(Tensor(grid)).data - np.sin(grid)) ** 2)
    assert len(ensemble.models) == 5
    assert max(errors) < 0.3
    assert own < np.mean(errors)


ONE = nn.Linear(3, 1)


def trained(*_):
    raise AssertionError("nothing is to be trained")


SAME = (
    "Ensemble: the same object is there several times, and would only repeat itself. Make each "
    "model anew: [make_model() for _ in range(n)]."
)
WRONG = {
    "one model": (
        lambda: Ensemble(ONE),
        TypeError,
        "Ensemble takes a list of models, Ensemble([first, second]), not Linear.",
    ),
    "no models": (lambda: Ensemble([]), ValueError, "Ensemble: give at least one model."),
    "no module": (lambda: Ensemble([ONE, 3]), TypeError, "Ensemble: model 1 is of type int."),
    "one several times": (lambda: Ensemble([ONE] * 3), ValueError, SAME),
    "softmax as a word": (
        lambda: Ensemble([ONE], "mean"),
        TypeError,
        "Ensemble: softmax is True or False, not 'mean'.",
    ),
    "unlike shapes": (
        lambda: Ensemble([*models(1), *models(1, outputs=4)])(X),
        ValueError,
        "Ensemble: the models give unlike shapes, (6, 2), (6, 4), which have no average.",
    ),
    "bagging one object": (lambda: bagging(lambda: ONE, trained, 2, DATA), ValueError, SAME),
    "bagging no times": (
        lambda: bagging(nn.Module, trained, 0, DATA),
        ValueError,
        "bagging: n is a positive whole number, not 0.",
    ),
    "bagging an array": (
        lambda: bagging(nn.Module, trained, 2, DATA[0]),
        TypeError,
        "bagging: data is a tuple of arrays with examples along the first axis, (x, y); this is "
        "ndarray.",
    ),
    "bagging unequal lengths": (
        lambda: bagging(nn.Module, trained, 2, (DATA[0], DATA[1][:7])),
        ValueError,
        "bagging: the arrays have one example for each example of the others, and at least one; "
        "these have 50, 7.",
    ),
    "bagging nothing": (
        lambda: bagging(nn.Module, trained, 2, ()),
        ValueError,
        "bagging: the arrays have one example for each example of the others, and at least one; "
        "these have no arrays.",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_calls_are_answered(case):
    call, kind, text = WRONG[case]
    assert message(kind, call) == text
