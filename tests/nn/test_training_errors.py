"""What `fit` says to what it cannot do: each message has the fix."""

from types import SimpleNamespace

import numpy as np
import pytest
from support.training import accuracy, adam, points

import nn
import optim
from autograd import Tensor
from nn.data import DataLoader
from nn.training import Callback, EarlyStopping, evaluate, fit, predict

X, Y = points(20)
LOSS = nn.CrossEntropyLoss()
MODEL = nn.Linear(4, 2)
SGD = optim.SGD(MODEL.parameters(), lr=0.1)
STEPS = optim.lr_scheduler.OneCycleLR(adam(MODEL), 0.1, total_steps=10)
CYCLE = optim.lr_scheduler.OneCycleLR(SGD, 0.1, total_steps=20, cycle_momentum=False)
PLATEAU = optim.lr_scheduler.ReduceLROnPlateau(SGD)
ORDER = "fit(model, data, loss, optimizer, epochs=…): "


class Confusion:
    name = "confusion"

    def reset(self): ...
    def update(self, prediction, target): ...
    def compute(self):
        return np.eye(2)


WRONG = {
    # Arguments in another order, or of another kind
    "loss for model": (
        {"model": LOSS},
        TypeError,
        ORDER + "the model is a Module; this is CrossEntropyLoss.",
    ),
    "class for model": (
        {"model": nn.Linear},
        TypeError,
        ORDER + "the model is a Module; this is the class Linear. Make one: Linear(…).",
    ),
    "function for model": (
        {"model": lambda x: x},
        TypeError,
        ORDER + "the model is a Module; this is function.",
    ),
    "loss for data": (
        {"data": LOSS},
        TypeError,
        "fit(model, data, loss, optimizer, epochs=…): data is (x, y), arrays with an example in "
        "each row; a DataLoader; or an iterable of batches (x, y). This is CrossEntropyLoss.",
    ),
    "x alone": ({"data": X}, TypeError, "This is ndarray."),
    "class for loss": (
        {"loss": nn.CrossEntropyLoss},
        TypeError,
        ORDER + "the loss CrossEntropyLoss is a class; make one: CrossEntropyLoss().",
    ),
    "optimizer for loss": (
        {"loss": SGD},
        TypeError,
        "the loss is a function of prediction and target, such as nn.CrossEntropyLoss() or "
        "nn.functional.mse_loss; this is SGD.",
    ),
    "loss for optimizer": (
        {"optimizer": LOSS},
        TypeError,
        ORDER + "the optimizer is one of optim; this is CrossEntropyLoss.",
    ),
    "class for optimizer": (
        {"optimizer": optim.Adam},
        TypeError,
        "this is the class Adam. Make one: (model.parameters(), …).",
    ),
    "schedule for optimizer": (
        {"optimizer": CYCLE},
        TypeError,
        "this is OneCycleLR. It goes to schedule=.",
    ),
    # The optimiser and the model
    "another model's optimizer": (
        {"optimizer": adam(nn.Linear(4, 2))},
        ValueError,
        "fit: Adam holds none of the model's 2 parameters, so the model would never learn. Was the "
        "model, or a copy of it, made after the optimizer? Make the optimizer after the model is "
        "complete: optimizer = optim.Adam(model.parameters(), lr=1e-3).",
    ),
    # Numbers
    "epochs": ({"epochs": 2.5}, TypeError, "fit: epochs is a positive whole number, not 2.5"),
    "no epochs": ({"epochs": 0}, ValueError, "fit: epochs is a positive whole number, not 0."),
    "accumulate": ({"accumulate": 0}, ValueError, "accumulate is a positive whole number"),
    "clip_norm": ({"clip_norm": -1}, ValueError, "fit: clip_norm is above 0 and finite, not -1;"),
    "clip_value": ({"clip_value": "1"}, TypeError, "fit: clip_value is a number or None, not '1'."),
    "clipped Newton": (
        {"optimizer": optim.Newton(MODEL.parameters()), "clip_norm": 1.0},
        ValueError,
        "fit: Newton makes gradient and Hessian itself, so that clip_norm cannot be had with it.",
    ),
    # Data
    "no batches": ({"data": []}, ValueError, "fit: the data has no batches."),
    "no validation batches": (
        {"validation": []},
        ValueError,
        "fit, validation: the data has no batches.",
    ),
    "used up": (
        {"data": iter([(X, Y)])},
        TypeError,
        "fit: a list_iterator is used up after one epoch, and there are 2. Give a DataLoader, a "
        "list of batches, or (x, y).",
    ),
    "validation by share": (
        {"validation": 0.2},
        TypeError,
        "This is float. A share is split off by nn.data.train_dev_test_split.",
    ),
    "a table": (
        {"data": SimpleNamespace(x=X, y=Y)},
        TypeError,
        "This is SimpleNamespace. Give its arrays: data.x, data.y.",
    ),
    "validation used up": (
        {"validation": iter([(X, Y)])},
        TypeError,
        "fit, validation: a list_iterator is used up after one epoch",
    ),
    "no targets": (
        {"data": DataLoader(X, batch_size=5)},
        TypeError,
        "fit: a batch is a pair (x, y) of inputs and targets, and this is ndarray. Arrays of all "
        "examples are given as a tuple, (x, y); and DataLoader(x, y, …), with the targets, gives "
        "pairs.",
    ),
    "three": ({"data": [(X, Y, Y)]}, TypeError, "and this is tuple of 3."),
    "unequal": ({"data": (X, Y[:5])}, ValueError, "unequal numbers of examples: 20, 5."),
    "batch_size of a loader": (
        {"data": DataLoader(X, Y, batch_size=5), "batch_size": 5},
        ValueError,
        "fit: batch_size is for data given as (x, y). This DataLoader makes its batches itself: "
        "say it there.",
    ),
    "labels that are no numbers of classes": (
        {"data": (X, Y.astype(float))},
        (TypeError, ValueError),
        "float",
    ),
    # The loss's result
    "no mean": (
        {"loss": nn.CrossEntropyLoss(reduction="none"), "batch_size": 4},
        ValueError,
        "fit: the loss function returned (4,) numbers, and training follows one. Take the mean: "
        'loss.mean(), or reduction="mean".',
    ),
    "a number": (
        {"loss": lambda p, t: float(LOSS(p, t))},
        TypeError,
        "fit: the loss function returned float, and not a Tensor. Compute it with operations on "
        "the prediction, and leave out float(), .item() and .numpy().",
    ),
    # Schedules
    "schedule class": (
        {"schedule": optim.lr_scheduler.StepLR},
        TypeError,
        "this is the class StepLR. Make one: StepLR(optimizer, …).",
    ),
    "another optimizer's schedule": (
        {"schedule": STEPS},
        ValueError,
        "fit: the schedule OneCycleLR sets the rates of another optimizer. Make it for this one:",
    ),
    "plateau without validation": (
        {"schedule": PLATEAU},
        ValueError,
        "fit: ReduceLROnPlateau watches the validation loss of each epoch: give validation=(x, y).",
    ),
    "plateau of steps": (
        {"schedule": PLATEAU, "schedule_each": "step", "validation": (X, Y)},
        ValueError,
        'give schedule_each="epoch".',
    ),
    "schedule_each": (
        {"schedule_each": "batch"},
        ValueError,
        'fit: schedule_each is "epoch" or "step", not \'batch\'.',
    ),
    "cycle of steps for each epoch": (
        {"schedule": CYCLE, "batch_size": 2},
        ValueError,
        "fit: OneCycleLR is planned for 20 steps, as many as there are batches, but would be "
        'stepped once in each epoch. Give schedule_each="step".',
    ),
    "cycle too short": (
        {"schedule": CYCLE, "schedule_each": "step", "batch_size": 1},
        ValueError,
        "fit: OneCycleLR is planned for 20 steps, and 2 epochs have 40. Make it with "
        "total_steps=40.",
    ),
    # Metrics
    "metric class": (
        {"metrics": [Confusion]},
        TypeError,
        "fit: 'Confusion' is the name of a metric; make one, as in [nn.metrics.Accuracy()].",
    ),
    "nameless metric": (
        {"metrics": [lambda p, t: 1.0]},
        TypeError,
        'has no name for the history. Give it one in a dict: metrics={"name": metric}.',
    ),
    "metric by word": ({"metrics": ["f1"]}, TypeError, "'f1' is the name of a metric; make one"),
    "metrics by word": ({"metrics": "accuracy"}, TypeError, "fit: metrics is a list, such as"),
    "no metric": ({"metrics": {"a": 3}}, TypeError, "fit: the metric 'a' is 3. A metric is an obj"),
    "two of a name": (
        {"metrics": [accuracy, accuracy]},
        ValueError,
        "fit: a metric cannot be called 'accuracy', as another column of the history is.",
    ),
    "the loss's name": ({"metrics": {"loss": accuracy}}, ValueError, "cannot be called 'loss'"),
    "many numbers": (
        {"metrics": [Confusion()]},
        TypeError,
        "fit: the metric 'confusion' gives (2, 2) numbers, and the history takes one.",
    ),
    # Callbacks
    "callback class": (
        {"callbacks": [EarlyStopping]},
        TypeError,
        "fit: callbacks are of class Callback; this is the class EarlyStopping; make one: "
        "EarlyStopping(…).",
    ),
    "no list of callbacks": (
        {"callbacks": None},
        TypeError,
        "fit: callbacks is a list of them, not None.",
    ),
    "function for callback": ({"callbacks": [print]}, TypeError, "this is builtin_function_or_met"),
    "validation missing": (
        {"callbacks": [EarlyStopping()]},
        ValueError,
        "EarlyStopping: 'val_loss' is watched, and there is no validation data. Give "
        "validation=(x, y), or watch 'loss'.",
    ),
    "unknown monitor": (
        {"callbacks": [EarlyStopping("val_acc", mode="max")], "validation": (X, Y)},
        ValueError,
        "EarlyStopping: there is no 'val_acc' to watch. There will be loss, val_loss, lr, seconds.",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_fit_says(case):
    settings, kind, words = WRONG[case]
    given = {"model": MODEL, "data": (X, Y), "loss": LOSS, "optimizer": SGD, "epochs": 2} | settings
    before = MODEL.weight.data.copy()
    with pytest.raises(kind) as caught:
        fit(**given)
    assert words in str(caught.value)
    if case != "many numbers":
        assert MODEL.weight.data.tobytes() == before.tobytes()


def test_a_layer_exchanged_after_the_optimizer_was_made():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    optimizer = adam(model)
    model[2] = nn.Linear(8, 2)
    with pytest.raises(ValueError, match=r"Adam lacks 2.weight, 2.bias, and holds 2 parameters th"):
        fit(model, (X, Y), LOSS, optimizer, epochs=1)


def test_an_optimizer_may_hold_more_than_the_model():
    model, other = nn.Linear(4, 2), nn.Linear(4, 2)
    optimizer = optim.SGD([*model.parameters(), *other.parameters()], lr=0.1)
    assert fit(model, (X, Y), LOSS, optimizer, epochs=1).epochs == 1


def test_some_layers_may_be_left_out_and_the_loss_may_have_parameters_of_its_own():
    class Scaled(nn.Module):
        def __init__(self):
            self.scale = nn.Parameter(np.ones(1, np.float32))

        def forward(self, prediction, target):
            return LOSS(prediction * self.scale, target)

    model, loss = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 2)), Scaled()
    before = model[0].weight.data.copy()
    optimizer = adam(nn.Sequential(model[1], loss))
    fit(model, (X, Y), loss, optimizer, epochs=1)
    assert model[0].weight.data.tobytes() == before.tobytes()
    assert loss.scale.item() != 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: EarlyStopping(patience=0), "patience is a positive whole number"),
        (lambda: EarlyStopping("val_f1"), "is 'val_f1' better when it is high or when it is low?"),
        (lambda: EarlyStopping(mode="up"), "mode is 'min' or 'max', not 'up'"),
        (lambda: EarlyStopping(min_delta=-1), "min_delta is a number of at least 0, not -1"),
    ],
)
def test_early_stopping_is_checked_when_it_is_made(make, words):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        make()
    assert words in str(caught.value)


def test_a_callback_s_method_that_nobody_would_call():
    with pytest.raises(
        TypeError, match=r"on_epoch_ends would never be called.*Is on_epoch_end mea"
    ):

        class Mine(Callback):
            def on_epoch_ends(self, state): ...


def test_what_evaluate_and_predict_say():
    with pytest.raises(TypeError, match="the model is a Module; this is tuple"):
        evaluate((X, Y), MODEL, LOSS)
    with pytest.raises(ValueError, match="evaluate: the data has no batches"):
        evaluate(MODEL, [], LOSS)
    with pytest.raises(TypeError, match="takes the inputs alone; this is a tuple"):
        predict(MODEL, (X, Y))
    with pytest.raises(ValueError, match="there are no examples"):
        predict(MODEL, X[:0])
    with pytest.raises(TypeError, match="the model is a Module; this is ndarray"):
        predict(X, MODEL)

    class Two(nn.Module):
        def forward(self, x):
            return x, x

    with pytest.raises(TypeError, match="the model gives tuple, and not one array"):
        predict(Two(), Tensor(X))
