"""However training ends, model and history are kept: Ctrl-C, NaN, errors of anybody's."""

import math
import signal
import threading

import numpy as np
import pytest
from support.training import accuracy, adam, classifier, points, weights

import autograd
import nn
import optim
from nn.data import DataLoader
from nn.losses import MSELoss
from nn.training import Callback, Checkpoint, EarlyStopping, evaluate, fit

CROSS_ENTROPY = nn.CrossEntropyLoss()
X, Y = points(60)


class At(Callback):
    """Does something when a step is made, and notes what it is told."""

    def __init__(self, step, action):
        self.step, self.action, self.told, self.after = step, action, [], {}

    def on_batch_end(self, state):
        self.after[state.step] = weights(state.model)
        if state.step == self.step:
            self.action()

    def on_fit_end(self, state):
        self.told.append(state.error)


def press_ctrl_c():
    signal.raise_signal(signal.SIGINT)


def raise_oops(*_):
    raise LookupError("oops")


def train(model, **settings):
    given = {"data": (X, Y), "loss": CROSS_ENTROPY, "epochs": 5, "batch_size": 20} | settings
    optimizer = given.pop("optimizer", None) or adam(model)
    return fit(model, given.pop("data"), given.pop("loss"), optimizer, **given)


# Ctrl-C


def test_ctrl_c_ends_training_with_model_and_history(capfd):
    model, at = classifier(), At(7, press_ctrl_c)  # step 1 of epoch 3
    history = train(model, callbacks=[at])
    assert history.interrupted
    assert history.epochs == 2
    assert len(history.step_losses) == 7
    assert weights(model) == at.after[7]
    assert at.told == [None]
    assert "interrupted in epoch 3, after 7 steps" in repr(history)
    assert "To go on, call fit again" in capfd.readouterr().err
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_after_ctrl_c_the_last_checkpoint_is_named(tmp_path, capfd):
    train(classifier(), callbacks=[Checkpoint(tmp_path), At(7, press_ctrl_c)])
    assert f"with resume='{tmp_path}/epoch-0002.npz'" in capfd.readouterr().err


def test_ctrl_c_in_the_middle_of_an_update_waits_for_its_end(capfd):
    class Pressed(optim.SGD):
        def update(self, w, g, *rest):
            if len(noted) == 3:
                press_ctrl_c()
            super().update(w, g, *rest)
            noted.append(w.copy())

    noted = []
    model = nn.Linear(4, 2)
    schedule_of = Pressed(model.parameters(), lr=0.1)
    schedule = optim.lr_scheduler.LinearLR(schedule_of, total_iters=9)
    history = train(model, optimizer=schedule_of, schedule=schedule, schedule_each="step")
    assert len(noted) == 4
    assert model.weight.data.tobytes() == noted[3][:8].tobytes()
    assert len(history.step_losses) == schedule.last_epoch == 4
    capfd.readouterr()


@pytest.mark.parametrize("optimizer", ["SGD", "Nesterov", "LBFGS"])
def test_ctrl_c_on_the_way_leaves_all_as_it_was_before_the_batch(optimizer, capfd):
    model = classifier()
    at = At(-1, None)
    before = {}

    def loss(prediction, target):
        if len(at.after) == 4:
            before.update(random=autograd.random.default_generator().bit_generator.state)
            press_ctrl_c()
        return CROSS_ENTROPY(prediction, target)

    class Note(Callback):
        def on_batch_begin(self, state):
            before["begin"] = autograd.random.default_generator().bit_generator.state

    rule = getattr(optim, optimizer)(model.parameters(), lr=0.1)
    history = train(model, loss=loss, optimizer=rule, callbacks=[at, Note()], epochs=3)
    assert history.interrupted
    assert len(history.step_losses) == 4
    assert weights(model) == at.after[4]  # running statistics too
    assert autograd.random.default_generator().bit_generator.state == before["begin"]
    assert before["begin"] != before["random"]  # dropout had drawn
    capfd.readouterr()


def test_ctrl_c_while_data_is_made_does_not_wait(capfd):
    made = []

    class Slow:
        def __iter__(self):
            for i in range(6):
                if i == 3:
                    press_ctrl_c()
                made.append(i)
                yield X, Y

    history = train(classifier(), data=Slow(), batch_size=None)
    assert history.interrupted
    assert made == [0, 1, 2]
    capfd.readouterr()


def test_training_goes_on_after_ctrl_c_as_if_nothing_had_been(capfd):
    batches = [(X[:30], Y[:30]), (X[30:], Y[30:])]
    whole, broken = (nn.Linear(4, 2, generator=np.random.default_rng(0)) for _ in range(2))
    train(whole, data=batches, batch_size=None, epochs=4)
    optimizer = adam(broken)
    first = train(
        broken, data=batches, batch_size=None, epochs=4, optimizer=optimizer,
        callbacks=[At(4, press_ctrl_c)],
    )  # fmt: skip
    train(broken, data=batches, batch_size=None, epochs=2, optimizer=optimizer)
    assert first.interrupted
    assert weights(broken) == weights(whole)
    capfd.readouterr()


def test_early_stopping_gives_the_best_weights_also_after_ctrl_c(capfd):
    model = classifier()
    best = []

    class Spoil(Callback):
        def on_epoch_begin(self, state):
            if state.epoch == 3:
                best.append(weights(state.model))
                for group in state.optimizer.param_groups:
                    group["lr"] = 50.0

    train(
        model, validation=(X, Y), epochs=9,
        callbacks=[EarlyStopping(patience=8), Spoil(), At(14, press_ctrl_c)],
    )  # fmt: skip
    assert weights(model) == best[0]
    capfd.readouterr()


def test_after_an_error_early_stopping_leaves_the_weights_as_they_are():
    model, at = classifier(), At(14, raise_oops)
    with pytest.raises(LookupError):
        train(model, validation=(X, Y), callbacks=[EarlyStopping(), at])
    assert weights(model) == at.after[14]


def test_in_another_thread_there_is_no_ctrl_c_and_training_works():
    found = []
    thread = threading.Thread(target=lambda: found.append(train(classifier())))
    thread.start()
    thread.join()
    assert found[0].epochs == 5


# Not a number


class Bad(nn.Module):
    """Its results are NaN where a switch says so; until then it is a layer with dropout."""

    def __init__(self, after):
        self.layer, self.drop = nn.Linear(4, 2), nn.Dropout(0.5)
        self.calls, self.after = 0, after
        self.masks = []

    def forward(self, x):
        self.calls += 1
        h = self.drop(self.layer(x))
        self.masks.append((h.data == 0).tobytes())
        return autograd.log(h - 100) if self.calls > self.after else h


@pytest.mark.filterwarnings("ignore:invalid value encountered in log")
def test_a_loss_that_is_nan_stops_before_weights_change_and_says_where_it_began():
    autograd.manual_seed(0)
    model, at = Bad(after=4), At(-1, None)
    with pytest.raises(FloatingPointError) as caught:
        train(model, callbacks=[at])
    text = str(caught.value)
    assert text.startswith(
        "fit: the loss is nan. No weight was changed by this batch.\nWhere it began:\n  Log made N"
    )
    assert "module  Bad" in text
    assert "test_training_endings.py" in text
    assert "autograd.log(h - 100)" in text
    assert "there is no logarithm of negative numbers" in text
    assert weights(model) == at.after[4]
    assert model.masks[-1] == model.masks[-2]  # the same dropout when it was run again
    assert len(model.masks) == 6
    assert len(caught.value.history.step_losses) == 4
    assert at.told == [caught.value]


@pytest.mark.filterwarnings("ignore:invalid value encountered in log")
def test_the_second_of_accumulated_batches_is_run_again_with_its_own_dropout():
    model = Bad(after=3)
    with pytest.raises(FloatingPointError, match="Log made NaN"):
        train(model, accumulate=2, data=[(X[:20], Y[:20]), (X[:10], Y[:10])] * 2, batch_size=None)
    assert model.masks[-1] == model.masks[2]  # of the first, where it now begins


def test_data_with_nan_leaves_running_statistics_and_random_numbers_as_they_were():
    model, at = classifier(), At(-1, None)
    x = X.copy()
    x[45, 2] = np.nan
    states = []

    class Note(Callback):
        def on_batch_begin(self, state):
            states.append(autograd.random.default_generator().bit_generator.state)

    with pytest.raises(FloatingPointError, match="Affine was given NaN"):
        train(model, data=(x, Y), shuffle=False, callbacks=[at, Note()])
    assert len(states) == 3
    assert weights(model) == at.after[2]
    assert autograd.random.default_generator().bit_generator.state == states[-1]


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
@pytest.mark.parametrize("settings", [{}, {"clip_norm": 1.0}, {"accumulate": 2}])
def test_a_gradient_that_is_not_finite_stops_before_weights_change(settings):
    model = nn.Sequential(nn.Linear(4, 2), nn.Linear(2, 1))

    def loss(prediction, target):
        return (prediction * 0).sqrt().mean()

    before = weights(model)
    with pytest.raises(FloatingPointError, match=r"finite, but the gradient of 0\.weight is not"):
        train(model, loss=loss, **settings)
    assert weights(model) == before
    with pytest.raises(FloatingPointError, match="Sqrt, backward, made an infinity"):
        train(model, loss=loss, **settings)


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_a_gradient_is_looked_at_wherever_it_lies():
    model, held = nn.Linear(4, 2), []

    class Hold(Callback):
        """Whose gradients are held gets new ones beside the optimiser's buffer."""

        def on_batch_end(self, state):
            held.append([weights(state.model), [p.grad.data for p in state.model.parameters()]])

    def loss(prediction, target):
        mean = CROSS_ENTROPY(prediction, target)
        return mean + (prediction * 0).sum().sqrt() if held else mean

    with pytest.raises(FloatingPointError, match="finite, but the gradient of weight is not"):
        train(model, loss=loss, callbacks=[Hold()])
    assert weights(model) == held[0][0]


def test_what_lies_in_memory_for_a_parameter_without_gradient_is_no_alarm():
    model = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
    optimizer = adam(model)
    model[0].requires_grad_(False)
    optimizer._flats[0][1].gradients[:] = np.nan
    assert train(model, optimizer=optimizer, epochs=1).epochs == 1


def test_large_gradients_are_no_alarm():
    model = nn.Linear(4, 2)
    before = weights(model)
    optimizer = optim.SGD(model.parameters(), lr=1e-30)
    train(model, loss=lambda p, t: p.mean() * 1e25, optimizer=optimizer, epochs=1)
    assert weights(model) != before


@pytest.mark.filterwarnings("ignore:invalid value encountered")
def test_an_infinite_loss_within_a_line_search_is_none():
    model = nn.Linear(1, 1)
    evaluations = []

    def loss(prediction, target):
        evaluations.append(1)
        mean = ((prediction - target) ** 2).mean()
        return mean * math.inf if len(evaluations) == 2 else mean

    x = np.linspace(-1, 1, 9, dtype=np.float32)[:, None]
    optimizer = optim.LBFGS(model.parameters(), line_search_fn="strong_wolfe")
    history = fit(model, [(x, 2 * x)], loss, optimizer, epochs=3)
    assert history.epochs == 3
    assert evaluate(model, (x, 2 * x), MSELoss())["loss"] < 1e-6


# Errors


@pytest.mark.parametrize("who", ["callback", "loss", "data", "metric", "model"])
def test_an_error_of_anybody_s_has_the_history_so_far_and_says_when(who):
    count = []

    def fails_at_last(*values):
        count.append(1)
        if len(count) == 7:
            raise_oops()
        return values

    def batches():
        for i in range(0, 60, 20):
            fails_at_last()
            yield X[i : i + 20], Y[i : i + 20]

    class Data:
        def __iter__(self):
            return batches()

    class Failing(nn.Linear):
        def forward(self, x):
            fails_at_last()
            return super().forward(x)

    model = Failing(4, 2) if who == "model" else nn.Linear(4, 2)
    settings = {
        "callback": {"callbacks": [At(7, raise_oops)]},
        "loss": {"loss": lambda p, t: CROSS_ENTROPY(*fails_at_last(p, t))},
        "data": {"data": Data(), "batch_size": None},
        "metric": {"metrics": [lambda p, t: accuracy(*fails_at_last(p, t))]},
        "model": {},
    }[who]
    if who == "metric":
        settings = {"metrics": {"acc": settings["metrics"][0]}}
    with pytest.raises(LookupError, match="oops") as caught:
        train(model, **settings)
    history = caught.value.history
    assert history.epochs == 2
    assert 6 <= len(history.step_losses) <= 7
    assert any("epoch 3, after" in note for note in caught.value.__notes__)
    assert not history.interrupted


def test_all_callbacks_are_told_of_the_end_also_if_one_fails():
    ends = [At(-1, None) for _ in range(2)]

    class Broken(Callback):
        def on_fit_end(self, state):
            raise_oops()

    with pytest.raises(LookupError):
        train(classifier(), callbacks=[ends[0], Broken(), ends[1]], epochs=1)
    assert [one.told for one in ends] == [[None], [None]]


def test_a_loader_that_prefetches_ends_with_the_training(capfd):
    loader = DataLoader(X, Y, batch_size=10, prefetch=2)
    train(classifier(), data=loader, batch_size=None, callbacks=[At(2, press_ctrl_c)])
    with pytest.raises(LookupError):
        train(classifier(), data=loader, batch_size=None, callbacks=[At(2, raise_oops)])
    capfd.readouterr()
    names = [thread.name for thread in threading.enumerate()]
    assert "prefetch" not in names
