"""What a training measures and shows: metrics, history, curves, progress, what callbacks see."""

import math

import matplotlib as mpl
import numpy as np
import pytest
from support.training import accuracy, adam, classifier, points

import autograd
import nn
import optim
from nn.losses import MSELoss
from nn.training import Callback, History, fit, predict

mpl.use("Agg")

CROSS_ENTROPY = nn.CrossEntropyLoss()


def line(n):
    x = np.linspace(-1, 1, n, dtype=np.float32)[:, None]
    return x, 3 * x - 1


# Metrics


class Largest:
    """A streaming metric."""

    name = "largest"

    def reset(self):
        self.value = -math.inf

    def update(self, prediction, target):
        assert isinstance(prediction, np.ndarray)
        self.value = max(self.value, float(target.max()))

    def compute(self):
        return np.float32(self.value)


def test_metrics_stream_over_the_batches_of_each_epoch_and_of_validation_apart():
    x, y = line(20)
    model = nn.Linear(1, 1)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    history = fit(
        model, (x, y), MSELoss(), optimizer, epochs=2, batch_size=8, validation=(x, y + 5),
        metrics=[Largest()],
    )  # fmt: skip
    assert history["largest"] == [2.0, 2.0]
    assert history["val_largest"] == [7.0, 7.0]


def test_a_function_is_averaged_over_the_examples_and_so_is_the_loss():
    x, y = line(20)
    model = nn.Linear(1, 1)
    optimizer = optim.SGD(model.parameters(), lr=0.0)
    history = fit(
        model, (x, y), MSELoss(), optimizer, epochs=1, batch_size=8, shuffle=False,
        metrics={"mse": lambda p, t: ((p - t) ** 2).mean()},
    )  # fmt: skip
    expected = float(((predict(model, x) - y) ** 2).mean())
    assert history["mse"][0] == pytest.approx(expected, rel=1e-6)
    assert history["loss"][0] == pytest.approx(expected, rel=1e-6)


# History


def trained(epochs=3, **settings):
    x, y = points(40)
    autograd.manual_seed(0)
    model = classifier()
    return fit(
        model, (x[:20], y[:20]), CROSS_ENTROPY, adam(model), epochs=epochs, metrics=[accuracy],
        validation=(x[20:], y[20:]), **settings,
    )  # fmt: skip


def test_the_history_has_a_list_for_each_number():
    history = trained()
    columns = ["loss", "accuracy", "val_loss", "val_accuracy", "lr", "seconds"]
    assert list(history.numbers) == columns
    assert all(len(history[name]) == 3 for name in columns)
    assert history.epochs == 3
    assert history.last()["loss"] == history["loss"][2]
    with pytest.raises(KeyError, match=r"no 'f1'\. It has loss, accuracy, val_loss"):
        history["f1"]


def test_a_history_prints_as_a_table_with_the_best_epoch():
    history = History()
    history.add({"loss": 1.5, "lr": 0.1})
    history.add({"loss": 0.25, "lr": 0.01})
    history.add({"loss": 0.5, "lr": 0.001})
    assert repr(history).splitlines() == [
        "epoch  loss     lr",
        "    1   1.5    0.1",
        "    2  0.25   0.01",
        "    3   0.5  0.001",
        "lowest loss: 0.25 in epoch 2",
    ]
    html = history._repr_html_()
    assert html.count("<tr>") == 4
    assert ">0.25<" in html


def test_a_long_table_shows_the_first_and_the_last_epochs():
    history = History()
    for i in range(100):
        history.add({"loss": 1 / (i + 1)})
    rows = [line.split()[0] for line in repr(history).splitlines()]
    assert rows[:7] == ["epoch", "1", "2", "3", "4", "5", "…"]
    assert rows[-2] == "100"
    assert len(rows) == 30 + 2


def test_an_empty_history_says_so():
    assert repr(History()) == "epoch"
    with pytest.raises(ValueError, match="after training for an epoch"):
        History().plot()


def test_the_plot_has_axes_for_loss_and_metrics_with_both_curves():
    import matplotlib.pyplot as plt

    history = trained()
    axes = history.plot()
    assert [ax.get_title() for ax in axes] == ["loss", "accuracy"]
    drawn = [list(one.get_ydata()) for one in axes[1].lines]
    assert drawn == [history["accuracy"], history["val_accuracy"]]
    assert [list(one.get_xdata()) for one in axes[0].lines] == [[1, 2, 3]] * 2
    with pytest.raises(ValueError, match=r"2 panels to draw \(loss, accuracy\), and ax has 1"):
        history.plot(axes[0])
    plt.close("all")


# Progress


def test_the_bar_is_a_line_for_each_epoch_if_wanted_and_nothing_where_nobody_looks(capfd):
    trained(2)
    assert capfd.readouterr().err == ""
    trained(2, progress=True)
    text = capfd.readouterr().err.replace("\r", "\n")
    last = [line for line in text.splitlines() if "val_accuracy=" in line]
    assert {line.split(":")[0] for line in last} == {"epoch 1/2", "epoch 2/2"}
    assert "loss=" in last[-1]
    trained(2, progress=False)
    assert capfd.readouterr() == ("", "")


def test_many_epochs_are_one_line(capfd):
    trained(31, batch_size=10, progress=True)
    text = capfd.readouterr().err
    assert text.count("\n") == 1  # each state of the bar begins with a carriage return
    shown = text.strip().split("\r")
    assert shown[0].startswith("epoch  1/31:   0%")
    assert shown[-1].startswith("epoch 31/31: 100%")
    assert all(name in shown[-1] for name in ("62/62", "loss=", "accuracy=", "val_accuracy="))


def test_callbacks_see_the_training_as_it_goes():
    seen = []

    class Diary(Callback):
        def on_fit_begin(self, state):
            seen.append(("begin", state.epoch, state.epochs, state.names[0]))

        def on_epoch_begin(self, state):
            assert all(module.training for module in state.model.modules())
            seen.append(("epoch", state.epoch))

        def on_batch_begin(self, state):
            seen.append(("batch", state.step, len(state.batch[1])))

        def on_batch_end(self, state):
            assert state.loss == state.history.step_losses[-1]
            assert all(p.grad is not None for p in state.model.parameters())
            seen.append(("step", state.step))

        def on_epoch_end(self, state):
            seen.append(("end", state.history.epochs))

        def on_fit_end(self, state):
            seen.append(("over", state.error))

    trained(2, batch_size=12, callbacks=Diary())
    epochs = [
        [
            *[("epoch", i + 1), ("batch", 2 * i, 12), ("step", 2 * i + 1)],
            *[("batch", 2 * i + 1, 8), ("step", 2 * i + 2), ("end", i + 1)],
        ]
        for i in range(2)
    ]
    assert seen == [("begin", 0, 2, "loss"), *epochs[0], *epochs[1], ("over", None)]
