"""`fit` is the loop it replaces; `evaluate` and `predict` leave nothing behind."""

import numpy as np
import pytest
from support.training import accuracy, adam, classifier, points, weights

import autograd
import nn
import optim
from autograd import Tensor
from nn.data import DataLoader
from nn.losses import MSELoss
from nn.training import evaluate, fit, predict

CROSS_ENTROPY = nn.CrossEntropyLoss()


def line(n=40):
    x = np.linspace(-1, 1, n, dtype=np.float32)[:, None]
    return x, 3 * x - 1


# The loop


def test_it_does_to_the_last_bit_what_the_loop_by_hand_does():
    x, y = points()
    by_hand, ours = classifier(), classifier()

    optimizer = adam(by_hand)
    autograd.manual_seed(5)
    for _ in range(3):
        by_hand.train()
        for images, labels in DataLoader(x, y, batch_size=16, shuffle=True):
            optimizer.zero_grad()
            loss = CROSS_ENTROPY(by_hand(Tensor(images)), labels)
            loss.backward()
            optimizer.step()

    optimizer = adam(ours)
    autograd.manual_seed(5)
    history = fit(ours, (x, y), CROSS_ENTROPY, optimizer, epochs=3, batch_size=16)
    assert weights(ours) == weights(by_hand)
    assert history.step_losses[-1] == loss.item()
    assert len(history.step_losses) == 12


def test_clipping_schedule_and_accumulation_are_those_of_the_loop_by_hand():
    x, y = points(64)
    batches = [(x[i : i + 16], y[i : i + 16]) for i in range(0, 64, 16)]
    by_hand, ours = classifier(), classifier()

    optimizer = adam(by_hand)
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=4)
    autograd.manual_seed(5)
    for _ in range(2):
        for two in (batches[:2], batches[2:]):
            optimizer.zero_grad()
            with optim.accumulate(by_hand.parameters()) as total:
                for images, labels in two:
                    total.add(CROSS_ENTROPY(by_hand(images), labels), len(images))
            optim.clip_grad_norm_(by_hand.parameters(), 0.5)
            optim.clip_grad_value_(by_hand.parameters(), 0.1)
            optimizer.step()
            schedule.step()

    optimizer = adam(ours)
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=4)
    autograd.manual_seed(5)
    history = fit(
        ours,
        batches,
        CROSS_ENTROPY,
        optimizer,
        epochs=2,
        schedule=schedule,
        schedule_each="step",
        accumulate=2,
        clip_norm=0.5,
        clip_value=0.1,
    )
    assert weights(ours) == weights(by_hand)
    assert history.step_losses[-1] == total.loss


def test_the_last_group_of_batches_may_be_smaller():
    x, y = points(50)
    history = fit(
        model := classifier(), (x, y), CROSS_ENTROPY, adam(model), epochs=1, batch_size=10,
        accumulate=2,
    )  # fmt: skip
    assert len(history.step_losses) == 3


@pytest.mark.parametrize(
    ("name", "settings", "epochs"),
    [
        ("SGD", {"lr": 0.5}, 60),
        ("Nesterov", {"lr": 0.1}, 200),
        ("LBFGS", {}, 3),
        ("LBFGS", {"line_search_fn": "strong_wolfe"}, 3),
        ("Newton", {}, 1),
    ],
)
def test_every_kind_of_optimiser_finds_the_line(name, settings, epochs):
    model = nn.Linear(1, 1)
    optimizer = getattr(optim, name)(model.parameters(), **settings)
    history = fit(model, line(), MSELoss(), optimizer, epochs=epochs, batch_size=40)
    assert history.step_losses[0] > 0.1
    assert model.weight.item() == pytest.approx(3, abs=1e-3)
    assert model.bias.item() == pytest.approx(-1, abs=1e-3)
    assert len(history.step_losses) == epochs


def test_a_schedule_goes_on_with_each_epoch_and_the_history_has_the_rate_that_was_used():
    model = nn.Linear(1, 1)
    optimizer = optim.SGD(model.parameters(), lr=1.0)
    schedule = optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.5)
    history = fit(model, line(), MSELoss(), optimizer, epochs=3, schedule=schedule)
    assert history["lr"] == [1.0, 0.5, 0.25]


def test_a_plateau_is_one_of_the_validation_loss():
    model = nn.Linear(1, 1)
    optimizer = optim.SGD(model.parameters(), lr=1e-2)
    schedule = optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, threshold=0.0)
    history = fit(
        model, line(), MSELoss(), optimizer, epochs=4, schedule=schedule,
        validation=(np.zeros((4, 1), np.float32), np.full((4, 1), 100, np.float32)),
    )  # fmt: skip
    rises = [b >= a for a, b in zip(history["val_loss"], history["val_loss"][1:], strict=False)]
    assert schedule.best == min(history["val_loss"])
    assert any(rises)
    assert history["lr"][-1] < 1e-2


@pytest.mark.parametrize("form", [tuple, list, "loader", "tensors"])
def test_data_may_have_several_forms(form):
    x, y = line(32)
    data = {
        tuple: (x, y),
        list: [(x[:16], y[:16]), [x[16:], y[16:]]],
        "loader": DataLoader(x, y, batch_size=16),
        "tensors": (Tensor(x), Tensor(y)),
    }[form]
    settings = {"batch_size": 16, "shuffle": False} if isinstance(data, tuple) else {}
    model = nn.Linear(1, 1, generator=np.random.default_rng(0))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    history = fit(model, data, MSELoss(), optimizer, epochs=2, **settings)
    reference = nn.Linear(1, 1, generator=np.random.default_rng(0))
    optimizer = optim.SGD(reference.parameters(), lr=0.1)
    fit(reference, [(x[:16], y[:16]), (x[16:], y[16:])], MSELoss(), optimizer, epochs=2)
    assert weights(model) == weights(reference)
    assert len(history.step_losses) == 4


def test_a_seed_decides_the_order_of_arrays():
    x, y = points()
    models = [classifier() for _ in range(3)]
    for model, seed in zip(models, (3, 3, 4), strict=True):
        autograd.manual_seed(0)
        fit(model, (x, y), CROSS_ENTROPY, adam(model), epochs=1, generator=seed)
    assert weights(models[0]) == weights(models[1]) != weights(models[2])


# Evaluation


def test_validation_is_in_evaluation_mode_without_graph_and_trains_nothing():
    modes, graphs = [], []

    class Spy(nn.Module):
        def forward(self, x):
            modes.append(self.training)
            graphs.append(autograd.is_grad_enabled())
            return x

    x, y = points(40)
    autograd.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 2), Spy())
    optimizer = adam(model)
    with_it = fit(
        model, (x[:20], y[:20]), CROSS_ENTROPY, optimizer, epochs=2, batch_size=20,
        validation=(x[20:], y[20:]),
    )  # fmt: skip
    assert modes == graphs == [True, False, True, False]
    found = evaluate(model, (x[20:], y[20:]), CROSS_ENTROPY)
    assert found["loss"] == with_it["val_loss"][-1]


def test_evaluate_is_the_mean_over_examples_whatever_the_batches():
    x, y = points(50)
    model = classifier()
    whole = evaluate(model, (x, y), CROSS_ENTROPY, [accuracy], batch_size=50)
    parts = evaluate(model, (x, y), CROSS_ENTROPY, [accuracy], batch_size=7)
    loader = evaluate(model, DataLoader(x, y, batch_size=13), CROSS_ENTROPY, [accuracy])
    model.eval()
    with autograd.no_grad():
        expected = CROSS_ENTROPY(model(x), y).item()
    for found in (whole, parts, loader):
        assert found["loss"] == pytest.approx(expected, rel=1e-6)
        assert found["accuracy"] == whole["accuracy"]


def test_evaluate_and_predict_put_each_module_back_in_its_mode_also_if_they_fail():
    x, y = points()
    model = classifier()
    model.train()
    list(model.children())[1].eval()
    before = [module.training for module in model.modules()]
    evaluate(model, (x, y), CROSS_ENTROPY)
    predict(model, x)
    with pytest.raises(ValueError, match="4"):
        predict(model, x[:, :3])
    assert [module.training for module in model.modules()] == before
    assert True in before
    assert False in before
    assert autograd.is_grad_enabled()


def test_fit_trains_in_training_mode_and_puts_each_module_back_in_its_mode():
    x, y = points()
    models = classifier(), classifier().eval()
    for model in models:
        autograd.manual_seed(0)
        fit(model, (x, y), CROSS_ENTROPY, adam(model), epochs=1)
    assert weights(models[0]) == weights(models[1])
    assert [models[0].training, models[1].training, models[1][1].training] == [True, False, False]


def test_predict_gives_an_array_with_a_row_for_each_example():
    x, _ = points(50)
    model = classifier()
    model.eval()
    expected = model(x).data
    for size in (50, 7):
        found = predict(model.train(), x, batch_size=size)
        assert isinstance(found, np.ndarray)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert predict(model, Tensor(x)).tobytes() == predict(model, x).tobytes()
    assert predict(model, x[:1].tolist()).shape == (1, 2)
