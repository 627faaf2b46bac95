"""`fit` replays recorded steps where that is as good, to the last bit; and says where it does."""

import functools

import numpy as np
import pytest
from support.training import accuracy, adam, classifier, points, weights

import autograd
import nn
import optim
from autograd.compiling.compiled import Compiled
from nn.batch_norm import BatchRenorm1d
from nn.data import DataLoader
from nn.training import Callback, Checkpoint, EarlyStopping, fit

X, Y = points(70)
CROSS_ENTROPY = nn.CrossEntropyLoss()
ONE_HOT = np.eye(2, dtype=np.float32)[Y]


def dense(*between, out=2):
    return nn.Sequential(nn.Linear(4, 8), *between, nn.Linear(8, out))


# What is trained: a model, a loss, and targets
KINDS = {
    "batch norm and dropout": (classifier, CROSS_ENTROPY, Y),
    "a generator of its own": (lambda: classifier(own=True), CROSS_ENTROPY, Y),
    "MLP": (lambda: nn.MLP([4, 8, 6, 2]), CROSS_ENTROPY, Y),
    "renormalised, noisy": (
        lambda: dense(BatchRenorm1d(8), nn.GELU(), nn.GaussianNoise(0.1), nn.AlphaDropout(0.2)),
        CROSS_ENTROPY,
        Y,
    ),
    "layer norm, residual": (
        lambda: dense(nn.Residual(nn.Linear(8, 8)), nn.LayerNorm(8), nn.SiLU()),
        nn.CrossEntropyLoss(weight=[0.2, 0.8], label_smoothing=0.1),
        Y,
    ),
    "weight norm": (lambda: nn.weight_norm(nn.Linear(4, 2)), CROSS_ENTROPY, Y),
    "regression": (lambda: dense(nn.Tanh()), nn.MSELoss(), ONE_HOT),
    "probabilities": (
        lambda: dense(nn.ReLU(), out=1),
        nn.BCEWithLogitsLoss(),
        Y[:, None].astype(np.float32),
    ),
    "a function as loss": (lambda: dense(nn.ReLU()), nn.functional.huber_loss, ONE_HOT),
    "a part of a function": (
        lambda: dense(nn.ReLU()),
        functools.partial(nn.functional.cross_entropy, label_smoothing=0.2),
        Y,
    ),
}


def everything(kind, compile, batch_size=20, epochs=8, rule=adam, settings=lambda _: {}, data=None):
    """Train from one seed; all that it has made, to be compared to the last bit."""
    make, loss, target = KINDS[kind]
    autograd.manual_seed(1)
    model = make()
    optimizer = rule(model)
    autograd.manual_seed(2)
    given = {"batch_size": batch_size} if data is None else {}
    history = fit(
        model, (X[:60], target[:60]) if data is None else data(target), loss, optimizer,
        epochs=epochs, validation=(X[60:], target[60:]), compile=compile,
        **given, **settings(optimizer),
    )  # fmt: skip
    history.numbers.pop("seconds")
    memory = optimizer.state_dict()["state"].values()
    found = {
        "weights": weights(model),
        "numbers": history.numbers,
        "steps": history.step_losses,
        "gradients": [p.grad.data.tobytes() for p in model.parameters()],
        "memory": [{k: np.asarray(v).tobytes() for k, v in one.items()} for one in memory],
        "random": repr(autograd.random.default_generator().bit_generator.state),
    }
    return found, history


# The same to the last bit


@pytest.mark.parametrize("kind", KINDS)
def test_a_compiled_training_is_the_eager_one(kind):
    eager, history = everything(kind, False, epochs=9)
    assert history.replays == 0
    asked, history = everything(kind, True, epochs=9)
    assert asked == eager
    assert history.replays == 27 - 3  # of which the optimiser looks at the gradients itself
    by_itself, history = everything(kind, None, epochs=9)
    assert by_itself == eager
    assert history.replays == 27 - 21
    assert history.eager is None
    assert history.compiled == "6 of 27 steps"


class Thaw(Callback):
    """A layer learns from the third epoch on."""

    def on_epoch_begin(self, state):
        state.model[0].requires_grad_(state.epoch > 2)


class Nudge(Callback):
    """Weights, gradients and rates are changed between two steps."""

    def on_batch_end(self, state):
        if state.step == 7:
            for parameter in state.model.parameters():
                parameter.data = parameter.data * 0.9
        if state.step == 9:
            state.optimizer.zero_grad()
        if state.step % 5 == 0:
            state.optimizer.param_groups[0]["lr"] *= 0.9


class Keep(Callback):
    """Somebody who holds gradients has the next step run as it is."""

    def __init__(self):
        self.held = []

    def on_batch_end(self, state):
        if state.step == 10:
            self.held = [p.grad for p in state.model.parameters()]
        if state.step == 12:
            self.held = []


class Largest:
    """A metric that keeps what it is given."""

    name = "largest"

    def reset(self):
        self.seen = []

    def update(self, prediction, target):
        self.seen.append(prediction)

    def compute(self):
        return max(float(one.max()) for one in self.seen)


# What fit is given beside, and how many of 24 steps are then not replayed
OPTIONS = {
    "norm clipped": (lambda o: {"clip_norm": 0.1}, 3),
    "values clipped": (lambda o: {"clip_norm": 1.0, "clip_value": 0.01}, 3),
    "metrics": (lambda o: {"metrics": [accuracy, Largest(), nn.metrics.F1()]}, 3),
    "a rate for each step": (
        lambda o: {
            "schedule": optim.lr_scheduler.OneCycleLR(o, 0.05, total_steps=24),
            "schedule_each": "step",
        },
        3,
    ),
    "a rate for each epoch": (
        lambda o: {"schedule": optim.lr_scheduler.ReduceLROnPlateau(o, patience=0, threshold=0.5)},
        3,
    ),
    "best weights": (lambda o: {"callbacks": EarlyStopping(patience=20)}, 3),
    "changes in between": (lambda o: {"callbacks": Nudge()}, 4),
    "gradients held": (lambda o: {"callbacks": Keep()}, 5),
    "a layer that thaws": (lambda o: {"callbacks": Thaw()}, 5),
    "watched now and then": (lambda o: {"callbacks": nn.HealthMonitor(every=6)}, 6),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_whatever_fit_does_beside(option):
    settings, eagerly = OPTIONS[option]
    eager, _ = everything("batch norm and dropout", False, settings=settings)
    compiled, history = everything("batch norm and dropout", True, settings=settings)
    assert compiled == eager
    assert history.replays == 24 - eagerly


def test_each_form_of_batches_is_recorded_once(monkeypatch):
    # Not again for the gradients that the first step finds none of, nor while Adam looks at steps.
    made = []
    recorded = Compiled._recorded
    monkeypatch.setattr(Compiled, "_recorded", lambda *a: made.append(1) or recorded(*a))
    _, history = everything("MLP", True)
    assert (history.replays, len(made)) == (24 - 3, 1)
    _, history = everything("MLP", True, data=DATA["a smaller last batch"])
    assert (history.replays, len(made)) == (24 - 3, 1 + 2)


def test_one_step_for_several_batches():
    def settings(_):
        return {"accumulate": 2, "clip_norm": 0.1}

    eager, _ = everything("batch norm and dropout", False, settings=settings)
    compiled, history = everything("batch norm and dropout", True, settings=settings)
    assert len(history.step_losses) == 16
    assert history.replays == 16 - 3  # steps of two batches, and of the one that is left
    assert compiled == eager


RULES = {
    "SGD": {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-3},
    "AdamW": {"weight_decay": 0.1},
    "Adam": {"amsgrad": True, "maximize": True},
}
for _name in ("NAdam", "RAdam", "Adamax", "Adagrad", "Adadelta", "RMSprop", "Rprop"):
    RULES[_name] = {}


@pytest.mark.parametrize("name", RULES)
def test_with_every_update_rule(name):
    def rule(model):
        last = {"params": model[-1].parameters(), "lr": 0.02}
        first = {"params": model[0].parameters()}
        return getattr(optim, name)([first, last], **RULES[name])

    eager, _ = everything("regression", False, rule=rule)
    compiled, history = everything("regression", True, rule=rule)
    assert compiled == eager
    assert history.replays >= 24 - 4


DATA = {
    "a smaller last batch": lambda y: DataLoader(X[:50], y[:50], batch_size=20, shuffle=True),
    "made ahead": lambda y: DataLoader(X[:60], y[:60], batch_size=20, shuffle=True, prefetch=2),
    "transformed": lambda y: DataLoader(
        X[:60], y[:60], batch_size=20, shuffle=True, prefetch=1,
        transform=lambda x, generator: x + generator.standard_normal(x.shape, np.float32),
    ),
    "a list of Tensors": lambda y: [
        (autograd.Tensor(X[i : i + 20]), autograd.Tensor(y[i : i + 20])) for i in range(0, 60, 20)
    ],
    "views in other orders": lambda y: [
        (np.asfortranarray(X[:20]), y[:20]), (X[40:20:-1], y[40:20:-1]), (X[20:60:2], y[20:60:2])
    ],
}  # fmt: skip


@pytest.mark.parametrize("data", DATA)
def test_whatever_the_data_come_as(data):
    eager, _ = everything("batch norm and dropout", False, data=DATA[data])
    for compile in (True, None):
        compiled, history = everything("batch norm and dropout", compile, data=DATA[data])
        assert compiled == eager
        assert history.replays > 0 or compile is None


# Checkpoints


class Crash(Callback):
    """The program dies, if it is to."""

    def __init__(self, dies):
        self.dies = dies

    def on_batch_end(self, state):
        if self.dies and state.step == 14:
            raise SystemError("power failure")


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("after", [True, False])
def test_a_training_goes_on_compiled_or_not_after_one_that_was_or_was_not(tmp_path, before, after):
    def run(compile, resume=None, dies=False):
        def settings(optimizer):
            schedule = optim.lr_scheduler.OneCycleLR(optimizer, 0.05, total_steps=24)
            saving = [Checkpoint(tmp_path / "run.npz"), Crash(dies)]
            given = {"schedule": schedule, "schedule_each": "step", "resume": resume}
            return {**given, "callbacks": saving}

        return everything("batch norm and dropout", compile, settings=settings)[0]

    at_once = run(False)
    with pytest.raises(SystemError):
        run(before, dies=True)
    assert run(after, resume=tmp_path / "run.npz") == at_once
