"""MLPClassifier and MLPRegressor: scikit-learn's interface to a network trained by `fit`.

scikit-learn's own `check_estimator`, and training held against its perceptrons, are in
benchmarks/test_against_sklearn.py.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import autograd
import optim
from nn.activations import Tanh
from nn.data import digits
from nn.estimators import MLPClassifier, MLPRegressor
from nn.functional import softmax

Array = Any

ROOT = Path(__file__).parents[2]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
NAMES = np.array(["sparrow", "gull", "owl"])[(X[:, :3] + 0.3 * X[:, 1:]).argmax(axis=1)]
Y = X[:, 0] * X[:, 1] + X[:, 2]
ENDLESS = {"tol": 0.0, "n_iter_no_change": 1000}  # never stops by itself

both = pytest.mark.parametrize(("kind", "y"), [(MLPClassifier, NAMES), (MLPRegressor, Y)])
unfinished = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def bits(model: Any) -> list[bytes]:
    return [w.tobytes() for w in (*model.coefs_, *model.intercepts_)]


# It learns


@unfinished
def test_digits_are_told_apart() -> None:
    images, labels = digits()
    model = MLPClassifier((50,), learning_rate_init=0.01, max_iter=20, random_state=0)
    model.fit(images[:1300] / 16, labels[:1300])
    assert model.score(images[1300:] / 16, labels[1300:]) > 0.92


@pytest.mark.parametrize("y", [Y, np.stack([Y, -X[:, 3]], axis=1), Y[:, None]])
@unfinished
def test_numbers_are_predicted_in_the_shape_of_the_targets(y: Array) -> None:
    model = MLPRegressor((30,), learning_rate_init=0.02, batch_size=20, random_state=0)
    model.fit(X, y)
    assert model.predict(X).shape == y.shape
    assert model.score(X, y) > 0.95


@unfinished
def test_classes_have_names() -> None:
    model = MLPClassifier(learning_rate_init=0.02, max_iter=60, random_state=0).fit(X, NAMES)
    assert model.classes_.tolist() == ["gull", "owl", "sparrow"]
    predicted, probabilities = model.predict(X), model.predict_proba(X)
    assert (predicted == NAMES).mean() > 0.95
    assert predicted.tolist() == model.classes_[probabilities.argmax(axis=1)].tolist()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), probabilities, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("relu", lambda z: np.maximum(z, 0)),
        ("tanh", np.tanh),
        ("logistic", lambda z: 1 / (1 + np.exp(-z))),
        ("identity", lambda z: z),
    ],
)
@unfinished
def test_the_weights_are_laid_out_as_in_scikit_learn(name: str, function: Any) -> None:
    model = MLPClassifier((5, 7), name, max_iter=2).fit(X, NAMES)
    assert [w.shape for w in model.coefs_] == [(4, 5), (5, 7), (7, 3)]
    (w1, w2, w3), (b1, b2, b3) = model.coefs_, model.intercepts_
    logits = function(function(X @ w1 + b1) @ w2 + b2) @ w3 + b3
    np.testing.assert_allclose(model.predict_proba(X), softmax(logits).data, rtol=1e-4)


def softmax_gradient(x: Array, w: Array, b: Array, y: Array) -> Array:
    e = np.exp(x @ w + b)
    return x.T @ (e / e.sum(axis=1, keepdims=True) - np.eye(3)[y]) / len(x)


def squares_gradient(x: Array, w: Array, b: Array, y: Array) -> Array:
    return x.T @ (x @ w + b - y[:, None]) / len(x)


@pytest.mark.parametrize(
    ("kind", "y", "gradient"),
    [
        (MLPClassifier, X[:, :3].argmax(axis=1), softmax_gradient),
        (MLPRegressor, Y, squares_gradient),
    ],
)
def test_a_step_follows_loss_and_penalty(kind: Any, y: Array, gradient: Any) -> None:
    settings = {"solver": optim.SGD, "learning_rate_init": 0.5, "alpha": 20, "shuffle": False}
    model = kind((), batch_size=40, **settings, random_state=0)
    more = {"classes": [0, 1, 2]} if kind is MLPClassifier else {}
    model.partial_fit(X[:1], y[:1], **more)
    w, b = model.coefs_[0].astype(float), model.intercepts_[0].astype(float)
    first = w - 0.5 * (gradient(X[:40], w, b, y[:40]) + 20 * w / 40)
    model.partial_fit(X[:40], y[:40])
    np.testing.assert_allclose(model.coefs_[0], first, rtol=1e-4, atol=1e-5)
    # A smaller batch, as the last one of an epoch is: the penalty's share is larger.
    b = model.intercepts_[0].astype(float)
    second = first - 0.5 * (gradient(X[40:], first, b, y[40:]) + 20 * first / 20)
    model.partial_fit(X[40:], y[40:])
    np.testing.assert_allclose(model.coefs_[0], second, rtol=1e-4, atol=1e-5)


# Settings


@both
@unfinished
def test_a_seed_gives_the_same_model(kind: Any, y: Array) -> None:
    one, same, other = (kind(max_iter=3, random_state=seed).fit(X, y) for seed in (0, 0, 1))
    assert bits(one) == bits(same)
    assert bits(one) != bits(other)


@unfinished
def test_without_a_seed_the_projects_own_decides() -> None:
    made = []
    for seed in (3, 3, 4):
        autograd.manual_seed(seed)
        made.append(bits(MLPRegressor(max_iter=3).fit(X, Y)))
    assert made[0] == made[1] != made[2]


@both
@unfinished
def test_epochs_one_by_one_are_those_of_fit(kind: Any, y: Array) -> None:
    whole = kind(max_iter=3, batch_size=16, random_state=0, **ENDLESS).fit(X, y)
    steps = kind(batch_size=16, random_state=0)
    more = {"classes": np.unique(y)} if kind is MLPClassifier else {}
    for _ in range(3):
        steps.partial_fit(X, y, **more)
    assert bits(steps) == bits(whole)
    assert steps.loss_curve_ == whole.loss_curve_
    assert steps.n_iter_ == whole.n_iter_ == 3


@unfinished
def test_without_shuffle_batches_come_in_order() -> None:
    settings = {"shuffle": False, "batch_size": 25, "random_state": 0}
    whole = MLPRegressor(max_iter=1, **settings).fit(X, Y)
    steps = MLPRegressor(**settings)
    for rows in (slice(0, 25), slice(25, 50), slice(50, 60)):
        steps.partial_fit(X[rows], Y[rows])
    assert bits(steps) == bits(whole)


def test_a_batch_has_200_examples_if_nothing_is_said() -> None:
    model = MLPRegressor().partial_fit(np.tile(X, (10, 1)), np.tile(Y, 10))
    assert len(model.history_.step_losses) == 3


@both
@unfinished
def test_a_warm_start_goes_on_and_a_cold_one_does_not(kind: Any, y: Array) -> None:
    for warm, epochs in ((True, 20), (False, 10)):
        model = kind(max_iter=10, warm_start=warm, random_state=0, **ENDLESS)
        start = model.fit(X, y).loss_curve_[0]
        model.fit(X, y)
        assert model.n_iter_ == len(model.loss_curve_) == epochs
        assert (model.loss_curve_[-10] < start) == warm


@both
def test_training_ends_when_nothing_gets_better(kind: Any, y: Array) -> None:
    model = kind(learning_rate_init=1e-9, tol=1e-3, n_iter_no_change=4).fit(X, y)
    assert model.n_iter_ == 1 + 4
    assert model.validation_scores_ is None
    assert "loss has not got better" in model.history_.stopped


@both
def test_early_stopping_keeps_the_best_epoch(kind: Any, y: Array) -> None:
    settings = {"early_stopping": True, "validation_fraction": 0.25, "n_iter_no_change": 7}
    model = kind(batch_size=15, learning_rate_init=0.1, tol=0, random_state=0, **settings)
    model.fit(X, y)
    scores = model.validation_scores_
    assert len(scores) == model.n_iter_ == 1 + np.argmax(scores) + 7
    shorter = clone(model).set_params(max_iter=int(np.argmax(scores)) + 1)
    with pytest.warns(ConvergenceWarning):
        shorter.fit(X, y)
    assert bits(shorter) == bits(model)


def test_the_validation_data_has_its_share_of_each_class() -> None:
    model = MLPClassifier(early_stopping=True, validation_fraction=0.5, random_state=0)
    model._random = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 20)
    (_, train), (_, validation) = model._split(X, labels)
    assert np.bincount(train).tolist() == np.bincount(validation).tolist() == [10, 10, 10]


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_epochs_that_do_not_suffice_are_warned_of(kind: Any) -> None:
    with pytest.warns(
        ConvergenceWarning,
        match=f"{kind.__name__}: after max_iter=2 epochs the "
        "loss still got better. Give a larger max_iter",
    ):
        kind(max_iter=2).fit(X, (X[:, 0] > 0) + 0)


@pytest.mark.parametrize(
    "settings",
    [
        *({"solver": "sgd"}, {"solver": optim.RMSprop}, {"solver": "adam"}),
        *({"activation": "logistic"}, {"activation": "identity"}, {"activation": Tanh}),
        *({"hidden_layer_sizes": 10}, {"hidden_layer_sizes": ()}, {"hidden_layer_sizes": [8, 8]}),
        *({"batch_size": 7}, {"batch_size": 1000}, {"shuffle": False}, {"alpha": 0}),
        {"random_state": np.random.RandomState(0)},
    ],
    ids=str,
)
@unfinished
def test_settings_train(settings: Any) -> None:
    defaults = {"learning_rate_init": 0.05, "max_iter": 20, "random_state": 0}
    model = MLPRegressor(**defaults | settings).fit(X, Y)
    assert model.loss_curve_[-1] < 0.8 * model.loss_curve_[0]


def test_the_bar_is_shown_if_asked_for(capfd: Any) -> None:
    MLPRegressor(learning_rate_init=1e-9, n_iter_no_change=1, tol=1).fit(X, Y)
    assert capfd.readouterr().err == ""
    MLPRegressor(learning_rate_init=1e-9, n_iter_no_change=1, tol=1, verbose=True).fit(X, Y)
    assert "loss=" in capfd.readouterr().err


# As a part of scikit-learn


@unfinished
def test_pipelines_and_searches_take_it() -> None:
    model = make_pipeline(StandardScaler(), MLPClassifier((10,), max_iter=30, random_state=0))
    model.set_params(mlpclassifier__learning_rate_init=0.1)
    x = 100 + 9 * X
    assert cross_val_score(model, x, NAMES, cv=3).mean() > 0.7
    grid = {"mlpclassifier__learning_rate_init": [1e-6, 0.1]}
    search = GridSearchCV(model, grid, cv=3).fit(x, NAMES)
    assert search.best_params_ == {"mlpclassifier__learning_rate_init": 0.1}


@both
@unfinished
def test_copies_are_models_of_their_own(kind: Any, y: Array) -> None:
    model = kind((6,), alpha=0.5, max_iter=2).fit(X, y)
    assert model.get_params()["alpha"] == 0.5
    copied = pickle.loads(pickle.dumps(model))
    assert copied.predict(X).tolist() == model.predict(X).tolist()
    before = bits(model)
    copied.partial_fit(X, y)
    assert bits(copied) != before == bits(model)
    assert not hasattr(clone(model), "model_")


def test_scikit_learn_need_not_be_there_to_import_nn() -> None:
    program = """
import sys
sys.modules["sklearn"] = None
import nn, nn.metrics
try:
    import nn.estimators
except ImportError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        "nn.MLPClassifier and nn.MLPRegressor are estimators of scikit-learn, which is missing or "
        'older than 1.6. Install it: pip install -e ".[sklearn]". nn.MLP and nn.fit do without.\n'
    )


# Errors

SETTINGS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"max_iter": 0}, ValueError, "max_iter is a positive whole number, not 0."),
    ({"max_iter": 10.0}, TypeError, "max_iter is a positive whole number, not 10.0 (float)."),
    ({"n_iter_no_change": 0}, ValueError, "n_iter_no_change is a positive whole number, not 0."),
    ({"tol": -1}, ValueError, "tol is not negative, as -1 is."),
    ({"alpha": -0.1}, ValueError, "alpha is not negative, as -0.1 is."),
    ({"learning_rate_init": 0}, ValueError, "learning_rate_init is a positive number, not 0."),
    ({"batch_size": 0}, ValueError, "batch_size is a positive whole number, not 0."),
    ({"validation_fraction": 1}, ValueError, "validation_fraction is between 0 and 1, not 1."),
    (
        {"solver": "lbfgs"},
        ValueError,
        "solver is 'adam' or 'sgd', or a function that makes an optimizer, such as optim.RMSprop; "
        "not 'lbfgs'.",
    ),
]


@both
@pytest.mark.parametrize(("settings", "error", "text"), SETTINGS, ids=str)
def test_settings_are_looked_at_when_it_is_fitted(
    kind: Any, y: Array, settings: Any, error: Any, text: str
) -> None:
    model = kind(**settings)
    with pytest.raises(error) as caught:
        model.fit(X, y)
    assert str(caught.value) == f"{kind.__name__}: {text}"
    with pytest.raises(error):
        model.partial_fit(X, y, *([NAMES] if kind is MLPClassifier else []))
    with pytest.raises(NotFittedError):
        model.predict(X)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"activation": "rellu"}, r"there is no activation 'rellu'. Did you mean 'relu'\?"),
        ({"hidden_layer_sizes": (10, 0)}, r"sizes\[2\] is a positive whole number, not 0"),
    ],
)
def test_the_network_says_what_is_wrong_with_it(settings: Any, text: str) -> None:
    model = MLPRegressor(**settings)
    with pytest.raises(ValueError, match=text):
        model.fit(X, Y)
    with pytest.raises(NotFittedError):
        model.predict(X)


def test_one_class_is_nothing_to_tell_apart() -> None:
    with pytest.raises(ValueError, match=r"all 60 examples are of one class, gull, and there"):
        MLPClassifier().fit(X, ["gull"] * 60)


def test_partial_fit_is_told_the_classes_first() -> None:
    with pytest.raises(ValueError, match=r"told all classes that will come: partial_fit\(X, y, cl"):
        MLPClassifier().partial_fit(X, NAMES)


@unfinished
def test_classes_unknown_when_training_goes_on_are_refused() -> None:
    model = MLPClassifier(max_iter=1, warm_start=True).fit(X, NAMES)
    for go_on in (model.fit, model.partial_fit):
        with pytest.raises(ValueError, match="unseen labels"):
            go_on(X[:2], ["gull", "hawk"])


@both
@unfinished
def test_other_features_are_refused_when_training_goes_on(kind: Any, y: Array) -> None:
    model = kind(max_iter=1, warm_start=True).fit(X, y)
    for use in (model.fit, model.partial_fit, lambda x, _: model.predict(x)):
        with pytest.raises(ValueError, match="X has 3 features, but"):
            use(X[:, :3], y)
    assert model.n_features_in_ == 4


@both
def test_before_fit_there_is_nothing(kind: Any, y: Array) -> None:
    with pytest.raises(NotFittedError):
        kind().predict(X)
    with pytest.raises(NotFittedError):
        _ = kind().coefs_
