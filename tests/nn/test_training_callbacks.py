"""Callbacks that come with the project: early stopping, TensorBoard. (Checkpoints have a file.)"""

import math
import sys

import numpy as np
import pytest
from support.training import accuracy, adam, classifier, points

import nn
import optim
from nn.training import Callback, Checkpoint, EarlyStopping, TensorBoard, fit

X, Y = points(60)


def train(model, **settings):
    given = {"loss": nn.CrossEntropyLoss(), "epochs": 5, "batch_size": 20} | settings
    return fit(model, (X, Y), given.pop("loss"), adam(model), **given)


# Early stopping


class Given(Callback):
    """The model's one weight in each epoch, and the history's `val_loss` with it."""

    def __init__(self, losses):
        self.losses = losses

    def on_epoch_begin(self, state):
        state.model.weight.data = np.full((1, 1), self.losses[state.epoch - 1], np.float32)


@pytest.mark.parametrize(
    ("losses", "settings", "epochs", "best"),
    [
        ([5, 4, 3, 4, 5, 6, 1], {"patience": 3}, 6, 3),
        ([5, 4, 3, 4, 5, 2, 1], {"patience": 3}, 7, 7),
        ([5, 5, 5, 5], {"patience": 2}, 3, 1),
        ([5.0, 4.9, 4.8, 4.7], {"patience": 2, "min_delta": 0.5}, 3, 1),
        ([1, 3, 2, 2], {"patience": 2, "monitor": "val_size", "mode": "max"}, 4, 2),
        ([5, 4, math.nan, math.nan], {"patience": 2}, 4, 2),
    ],
)
@pytest.mark.parametrize("restore", [True, False])
def test_early_stopping_waits_and_then_gives_the_best_weights(
    losses, settings, epochs, best, restore
):
    model = nn.Linear(1, 1, bias=False)
    one = np.ones((1, 1), np.float32)
    stopping = EarlyStopping(restore_best=restore, **settings)

    def loss(prediction, target):
        weight = prediction.sum()
        return weight * 0 if model.training else weight  # training sees no NaN

    if math.nan in losses:
        losses = [x if x == x else 99 for x in losses]
        settings = {}
    history = fit(
        model, [(one, one)], loss, optim.SGD(model.parameters(), lr=0.0), epochs=len(losses),
        validation=[(one, one)], metrics={"size": lambda p, t: p.item()},
        callbacks=[Given(losses), stopping],
    )  # fmt: skip
    assert history.epochs == epochs
    assert (stopping.best_epoch, stopping.best) == (best, pytest.approx(losses[best - 1]))
    kept = losses[best - 1] if restore else losses[epochs - 1]
    assert model.weight.item() == pytest.approx(kept)
    assert (history.stopped is None) == (epochs - best < stopping.patience)


def test_the_same_early_stopping_begins_anew_with_another_training():
    stopping = EarlyStopping(patience=1, monitor="loss")
    for loss in (3.0, 5.0):
        history = train(
            nn.Linear(4, 2), callbacks=[stopping], loss=lambda p, t, loss=loss: p.mean() * 0 + loss
        )
        assert history.epochs == 2
        assert stopping.best == loss
    assert "loss has not got better than 5 for 1 epochs (best in epoch 1)" in repr(history)


def test_a_callback_may_stop_the_training():
    class Enough(Callback):
        def on_epoch_end(self, state):
            if state.history["accuracy"][-1] > 0:
                state.stop("good enough")

    history = train(classifier(), metrics=[accuracy], callbacks=[Enough()])
    assert history.epochs == 1
    assert history.stopped == "good enough"


# TensorBoard


def events(folder):
    """What the event files hold: (tag, step, value), read by the format's description."""
    proto = pytest.importorskip("tensorboardX.proto.event_pb2")
    for file in sorted(folder.iterdir()):
        content = file.read_bytes()
        while content:  # length (8 bytes), its check sum (4), the event, its check sum (4)
            size = int.from_bytes(content[:8], "little")
            event = proto.Event.FromString(content[12 : 12 + size])
            yield from ((v.tag, event.step, v.simple_value) for v in event.summary.value)
            content = content[16 + size :]


def test_tensorboard_files_have_the_numbers(tmp_path):
    pytest.importorskip("tensorboardX")
    path = tmp_path / "c.npz"
    logs = [TensorBoard(tmp_path / "log"), Checkpoint(path)]
    history = train(classifier(), epochs=2, callbacks=logs)
    found = list(events(tmp_path / "log"))
    steps = [(step, value) for tag, step, value in found if tag == "step_loss"]
    assert steps == [(i + 1, pytest.approx(x)) for i, x in enumerate(history.step_losses)]
    losses = [(step, value) for tag, step, value in found if tag == "loss"]
    assert [step for step, _ in losses] == [3, 6]
    assert [value for _, value in losses] == pytest.approx(history["loss"])
    train(
        classifier(), epochs=3, resume=path,
        callbacks=[TensorBoard(tmp_path / "more"), Checkpoint(path)],
    )  # fmt: skip
    steps = [step for tag, step, _ in events(tmp_path / "more") if tag == "step_loss"]
    assert steps == [7, 8, 9]


def test_without_its_library_tensorboard_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ImportError, match=r'pip install -e "\.\[tensorboard\]"'):
        TensorBoard("runs")
