"""Compiled training steps do what eager ones do, to the last bit: in whatever way one trains."""

import numpy as np
import pytest
from support.twins import assert_same_training, batches, classification, mlp, training

import nn
import optim
from nn import functional

OPTIMIZERS = {
    "SGD": lambda p: optim.SGD(p, lr=0.1),
    "SGD, momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
    "SGD, nesterov": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "SGD, maximize": lambda p: optim.SGD(p, lr=0.01, maximize=True),
    "Adam": lambda p: optim.Adam(p, lr=0.01),
    "Adam, amsgrad": lambda p: optim.Adam(p, lr=0.01, amsgrad=True, weight_decay=0.1),
    "AdamW": lambda p: optim.AdamW(p, lr=0.01),
    "Adamax": lambda p: optim.Adamax(p, lr=0.01),
    "NAdam": lambda p: optim.NAdam(p, lr=0.01),
    "RAdam": lambda p: optim.RAdam(p, lr=0.01),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.01),
    "RMSprop, centered": lambda p: optim.RMSprop(p, lr=0.01, momentum=0.9, centered=True),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.1),
    "Adadelta": lambda p: optim.Adadelta(p, lr=1.0),
    "Rprop": lambda p: optim.Rprop(p, lr=0.01),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer(name):
    def make():
        model = mlp()
        return classification(model, OPTIMIZERS[name](model.parameters()))

    assert_same_training(make)


MODELS = {
    "tanh": lambda: mlp(nn.Tanh()),
    "dropout": lambda: mlp(nn.Dropout(0.3)),
    "dropout, own generator": lambda: mlp(nn.Dropout(0.3, np.random.default_rng(5))),
    "alpha dropout": lambda: mlp(nn.AlphaDropout(0.2)),
    "batch norm": lambda: mlp(nn.BatchNorm1d(8)),
    "layer norm": lambda: mlp(nn.LayerNorm(8)),
    "GELU": lambda: mlp(nn.GELU()),
    "one layer twice": lambda: mlp(*[nn.Linear(8, 8), nn.Tanh()] * 2),
}


@pytest.mark.parametrize("name", MODELS)
def test_every_kind_of_layer(name):
    def make():
        model = MODELS[name]()
        return classification(model, optim.Adam(model.parameters(), lr=0.01))

    assert_same_training(make)


CHANGES = {
    "the norm, clipped": lambda m: optim.clip_grad_norm_(m.parameters(), 0.5),
    "the norm, wide enough": lambda m: optim.clip_grad_norm_(m.parameters(), 1e6),
    "the largest entry": lambda m: optim.clip_grad_norm_(m.parameters(), 0.1, float("inf")),
    "each entry": lambda m: optim.clip_grad_value_(m.parameters(), 0.01),
    "noise": lambda m: optim.add_grad_noise_(m.parameters(), 3),
}


@pytest.mark.parametrize("name", CHANGES)
def test_gradients_changed_between_backward_and_step(name):
    def make():
        model = mlp()
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        return classification(model, optimizer, CHANGES[name])

    assert_same_training(make)


def test_gradients_replaced_by_assignment():
    def halve(model):
        for p in model.parameters():
            p.grad = p.grad * 0.5

    def make():
        model = mlp()
        return classification(model, optim.Adam(model.parameters()), halve)

    assert_same_training(make)


def test_several_groups_and_dtypes():
    def make():
        first, last = nn.Linear(6, 8), nn.Linear(8, 3, dtype=np.float64)
        groups = [
            {"params": first.parameters(), "lr": 0.01},
            {"params": [last.weight], "weight_decay": 0.0},
            {"params": [last.bias]},
        ]
        optimizer = optim.AdamW(groups, lr=0.02)
        model = nn.Sequential(first, nn.ReLU(), last)

        def step(x, y):
            optimizer.zero_grad()
            hidden = model[1](first(x)).astype(np.float64)
            loss = functional.cross_entropy(last(hidden), y)
            loss.backward()
            optimizer.step()
            return loss

        return training(model, optimizer, step=step)

    assert_same_training(make)


def test_half_precision():
    def make():
        model = mlp().half()
        return classification(model, optim.Adam(model.parameters(), lr=0.01, eps=1e-4))

    assert_same_training(make, list(batches(dtype=np.float16)))
