"""To go on from a checkpoint is, to the last bit, as if training had never ended."""

import math

import numpy as np
import pytest
from support.training import accuracy, adam, classifier, points, weights

import autograd
import nn
import optim
from nn.data import DataLoader
from nn.training import Callback, Checkpoint, EarlyStopping, fit
from optim import lr_scheduler

CROSS_ENTROPY = nn.CrossEntropyLoss()
STEPS = 4  # in an epoch
X, Y = points(80)


class Crash(Callback):
    """The program dies in the middle of an epoch."""

    def __init__(self, epoch=math.inf):
        self.epoch = epoch

    def on_batch_end(self, state):
        if state.epoch == self.epoch and state.step % STEPS == 2:
            raise SystemError("power failure")


def run(path, crash=math.inf, resume=None, own=False, shuffled=True, patience=10, seed=1):
    """Train as a program would that is started anew; returns all that training has made."""
    model = classifier(seed, own)
    optimizer = adam(model)
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, 0.05, total_steps=6 * STEPS)
    data = DataLoader(X[:60], Y[:60], batch_size=15, shuffle=True, generator=7 if own else None)
    if not shuffled:
        data = [(X[i : i + 15], Y[i : i + 15]) for i in range(0, 60, 15)]
    stopping = EarlyStopping(patience=patience)
    saving = Checkpoint(path)
    autograd.manual_seed(11)
    history = fit(
        model, data, CROSS_ENTROPY, optimizer, epochs=6, validation=(X[60:], Y[60:]),
        metrics=[accuracy], schedule=schedule, schedule_each="step",
        callbacks=[saving, Crash(crash), stopping], resume=resume,
    )  # fmt: skip
    history.numbers.pop("seconds")
    memory = optimizer.state_dict()["state"].values()
    return {
        "weights": weights(model),
        "numbers": history.numbers,
        "steps": history.step_losses,
        "memory": [{k: np.asarray(v).tobytes() for k, v in one.items()} for one in memory],
        "schedule": schedule.state_dict(),
        "best": (stopping.best, stopping.best_epoch),
        "random": autograd.random.default_generator().bit_generator.state,
        "stopped": history.stopped,
    }


@pytest.mark.parametrize(
    "settings",
    [{}, {"own": True}, {"shuffled": False}],
    ids=["one generator", "generators of their own", "batches without a state"],
)
def test_six_epochs_are_three_a_crash_in_the_fourth_and_three_more(tmp_path, settings):
    at_once = run(tmp_path / "at_once.npz", **settings)
    crashed = tmp_path / "crashed.npz"
    with pytest.raises(SystemError, match="power failure"):
        run(crashed, crash=4, **settings)
    for seed in (1, 2):  # of what the file replaces: what were not in it would show
        resumed = run(tmp_path / "new.npz", resume=crashed, seed=seed, **settings)
        assert resumed == at_once
    assert len(at_once["steps"]) == 6 * STEPS


def test_early_stopping_goes_on_counting(tmp_path):
    at_once = run(tmp_path / "at_once.npz", patience=2)
    with pytest.raises(SystemError):
        run(tmp_path / "c.npz", crash=3, patience=2)
    assert run(tmp_path / "c.npz", resume=tmp_path / "c.npz", patience=2) == at_once


SCHEDULES = {
    "StepLR": lambda o: lr_scheduler.StepLR(o, 2),
    "MultiStepLR": lambda o: lr_scheduler.MultiStepLR(o, [2, 4]),
    "LambdaLR": lambda o: lr_scheduler.LambdaLR(o, lambda t: 0.9**t),
    "TableLR": lambda o: lr_scheduler.TableLR(o, {1: 0.1, 3: 0.05, 5: 0.01}),
    "ReduceLROnPlateau": lambda o: lr_scheduler.ReduceLROnPlateau(o, patience=0, threshold=0.0),
    "CosineAnnealingWarmRestarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 2),
    "SequentialLR": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.ConstantLR(o, 0.1, 2), lr_scheduler.ExponentialLR(o, 0.9)], [2]
    ),
}
OPTIMISERS = {
    "SGD": {"lr": 0.1, "momentum": 0.9},
    "Nesterov": {},
    "LBFGS": {"max_iter": 4},
}
for _name in ("Adam", "NAdam", "RAdam", "Adamax", "Adagrad", "Adadelta", "RMSprop", "Rprop"):
    OPTIMISERS[_name] = {}


@pytest.mark.parametrize(
    ("rule", "schedule"),
    [("SGD", name) for name in SCHEDULES] + [(name, "ReduceLROnPlateau") for name in OPTIMISERS],
)
def test_so_it_is_with_every_optimiser_and_schedule(tmp_path, rule, schedule):
    def train(name, crash=math.inf, resume=None):
        model = classifier()
        optimizer = getattr(optim, rule)(model.parameters(), **OPTIMISERS[rule])
        autograd.manual_seed(3)
        history = fit(
            model, (X[:60], Y[:60]), CROSS_ENTROPY, optimizer, epochs=5, batch_size=15,
            validation=(X[60:], Y[60:]), schedule=SCHEDULES[schedule](optimizer), resume=resume,
            callbacks=[Crash(crash), Checkpoint(tmp_path / name)],
        )  # fmt: skip
        return weights(model), history.step_losses, history["lr"]

    at_once = train("at_once.npz")
    with pytest.raises(SystemError):
        train("crashed.npz", crash=4)
    assert train("resumed.npz", resume=tmp_path / "crashed.npz") == at_once
