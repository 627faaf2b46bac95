"""Optimisers of next to nothing, for tests of what acts on optimisers."""

import numpy as np

import optim
from autograd import Tensor


def two_groups(kind=optim.SGD):
    tensors = [Tensor(np.zeros(1), requires_grad=True) for _ in range(2)]
    groups = [{"params": tensors[:1]}, {"params": tensors[1:], "lr": 0.03}]
    settings = {"momentum": 0.9} if kind is optim.SGD else {}
    return kind(groups, lr=0.1, **settings)


def one_group(lr=0.1, **settings):
    return optim.SGD([Tensor(np.zeros(1), requires_grad=True)], lr=lr, **settings)


def train(optimizer):
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = Tensor(np.ones_like(parameter.data))
    optimizer.step()
