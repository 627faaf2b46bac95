"""Compiled steps in all kinds of loops, and with changes from outside between the steps."""

import numpy as np
import pytest
from support.twins import assert_same_training, batches, classification, mlp, training

import autograd
import nn
import optim
from autograd import Tensor, TracingError
from autograd.compiling import compile
from nn import functional


def test_a_schedule_between_the_steps():
    def make():
        model = mlp()
        made = classification(model, optim.SGD(model.parameters(), lr=0.1, momentum=0.9))
        made.schedule = optim.lr_scheduler.OneCycleLR(made.optimizers[0], 0.5, total_steps=20)
        return made

    assert_same_training(make, each=lambda made, i: made.schedule.step())


def test_frozen_layers_and_parameters_that_thaw():
    def make():
        model = mlp()
        model[0].requires_grad_(False)
        return classification(model, optim.Adam(model.parameters(), lr=0.01))

    def thaw(made, i):
        if i == 5:
            made.model[0].requires_grad_(True)

    assert_same_training(make, each=thaw, recordings=2, runs=5)


def test_modes_hyperparameters_and_weights_set_between_the_steps():
    def make():
        model = mlp(nn.Dropout(0.5))
        return classification(model, optim.SGD(model.parameters(), lr=0.1))

    def change(made, i):
        if i == 3:
            made.model.eval()
        if i == 5:
            made.optimizers[0].param_groups[0]["momentum"] = 0.9
        if i == 7:
            made.model.load_state_dict({k: v * 0.5 for k, v in made.model.state_dict().items()})
        if i == 9:
            made.model.train()

    assert_same_training(make, each=change, recordings=4, runs=6)


def test_an_optimizer_loaded_between_the_steps():
    saved = []

    def make():
        model = mlp()
        return classification(model, optim.Adam(model.parameters(), lr=0.01))

    def load(made, i):
        if i == 2:
            saved[:] = [made.optimizers[0].state_dict()]
        if i == 6:
            made.optimizers[0].load_state_dict(saved[0])

    assert_same_training(make, each=load)


def test_parameters_that_are_not_equally_old_any_more():
    def make():
        model = mlp()
        return classification(model, optim.Adam(model.parameters(), lr=0.01))

    def age(made, i):
        if i == 5:
            state = made.optimizers[0].state_dict()
            state["state"][1]["step"] = 40
            made.optimizers[0].load_state_dict(state)

    assert_same_training(make, each=age, recordings=2, runs=4)


def test_a_step_outside_that_ages_only_some_parameters():
    def make():
        model = mlp()
        return classification(model, optim.Adam(model.parameters(), lr=0.01))

    def age(made, i):
        if i == 5:
            made.optimizers[0].zero_grad()
            made.model[2].bias.grad = np.ones(3, np.float32)
            made.optimizers[0].step()

    assert_same_training(make, each=age, recordings=2, runs=5)


def test_without_zero_grad_gradients_add_up():
    def make():
        model = mlp()
        optimizer = optim.SGD(model.parameters(), lr=0.1)

        def step(x, y):
            loss = functional.cross_entropy(model(x), y)
            loss.backward()
            return loss

        return training(model, optimizer, step=step)

    def update(made, i):
        if i % 3 == 2:
            made.optimizers[0].step()
            made.optimizers[0].zero_grad()

    assert_same_training(make, each=update, recordings=2, runs=2)


def test_two_backward_passes_in_a_step():
    def make():
        model = mlp()
        optimizer = optim.Adam(model.parameters(), lr=0.01)

        def step(x, y):
            optimizer.zero_grad()
            for part in (slice(0, 12), slice(12, 20)):
                (functional.cross_entropy(model(x[part]), y[part]) * 0.5).backward()
            optimizer.step()

        return training(model, optimizer, step=step)

    assert_same_training(make)


def test_two_optimizers_in_a_step():
    def make():
        first, second = mlp(), nn.Linear(3, 1)
        optimizers = [optim.Adam(first.parameters()), optim.SGD(second.parameters(), lr=0.1)]

        def step(x, y):
            for one in optimizers:
                one.zero_grad()
            loss = (second(first(x)) ** 2).mean()
            loss.backward()
            for one in optimizers:
                one.step()
            return {"loss": loss, "of": [len(x), "rows"]}

        return training(nn.Sequential(first, second), *optimizers, step=step)

    assert_same_training(make)


def test_zero_grad_after_the_step():
    def make():
        model = mlp()
        optimizer = optim.SGD(model.parameters(), lr=0.1)

        def step(x, y):
            loss = functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            return loss

        return training(model, optimizer, step=step)

    assert_same_training(make)


def test_batches_of_two_sizes_are_two_recordings():
    given = [(x[:n], y[:n]) for (x, y), n in zip(batches(9), [20, 20, 7] * 3, strict=True)]

    def make():
        model = mlp()
        return classification(model, optim.Adam(model.parameters()))

    assert_same_training(make, given, recordings=2, runs=3)


def test_a_penalty_on_the_gradient_of_the_input():
    def make():
        model = mlp(nn.Tanh())
        optimizer = optim.Adam(model.parameters(), lr=0.01)

        def step(x, y):
            optimizer.zero_grad()
            inputs = Tensor(x, requires_grad=True)
            loss = functional.cross_entropy(model(inputs), y)
            (slope,) = autograd.grad(loss, [inputs], create_graph=True)
            (loss + (slope**2).sum()).backward()
            optimizer.step()
            return loss

        return training(model, optimizer, step=step)

    assert_same_training(make)


def test_a_moving_average_of_the_weights_within_the_step():
    def make():
        model = mlp()
        averages = [Tensor(p.data.copy()) for p in model.parameters()]
        made = classification(model, optim.SGD(model.parameters(), lr=0.1))
        train = made.step

        def step(x, y):
            train(x, y)
            with autograd.no_grad():
                for average, p in zip(averages, model.parameters(), strict=True):
                    average.copy_(average * 0.9 + p * 0.1)
            return [average * 1.0 for average in averages]

        return training(model, *made.optimizers, step=step)

    assert_same_training(make)


def test_a_closure_of_a_usual_optimizer():
    def make():
        model = mlp()
        optimizer = optim.SGD(model.parameters(), lr=0.1)

        def step(x, y):
            def closure():
                optimizer.zero_grad()
                loss = functional.cross_entropy(model(x), y)
                loss.backward()
                return loss

            return optimizer.step(closure)

        return training(model, optimizer, step=step)

    assert_same_training(make)


def test_a_parameter_that_shares_its_memory():
    def make():
        model = mlp()
        everywhere = np.ones((9, 6), np.float32)
        model[0].weight = nn.Parameter(everywhere[1:])
        return classification(model, optim.Adam(model.parameters(), lr=0.01))

    assert_same_training(make)


def test_what_comes_after_the_update_of_large_parameters_sees_it():
    def make():
        model = nn.Linear(600, 300)
        optimizer = optim.Adam(model.parameters(), lr=0.01)

        def step(x, y):
            optimizer.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            optimizer.step()
            return (model.weight * model.weight).sum(axis=0)

        return training(model, optimizer, step=step)

    assert_same_training(make, list(batches(4, rows=4, features=600)))


def test_large_parameters_are_put_back_when_what_comes_after_is_refused():
    model = nn.Linear(600, 300)
    optimizer = optim.Adam(model.parameters(), lr=0.01)

    def step(x, y):
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return model.weight.data[0, 0] > 0 and loss.item()

    before = model.weight.data.copy()
    with pytest.raises(TracingError):
        compile(step)(*next(batches(1, rows=4, features=600)))
    np.testing.assert_array_equal(model.weight.data, before)
    assert optimizer.state_dict()["state"] == {}


def test_large_parameters_that_eager_updates_in_pieces():
    def make():
        model = nn.Linear(600, 300)
        return classification(model, optim.Adam(model.parameters(), lr=0.01))

    assert_same_training(make, list(batches(4, rows=4, features=600)))
