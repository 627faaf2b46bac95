"""Optimisers: update rules that turn gradients into better weights.

optimizer = optim.Adam(model.parameters(), lr=1e-3)
optimizer.zero_grad()
loss.backward()
optimizer.step()

What not every program uses is loaded when it is first asked for (see `LATER`).
"""

from typing import TYPE_CHECKING

from autograd.later import attribute_loader
from optim.adam import Adam, AdamW
from optim.optimizer import Optimizer
from optim.rmsprop import RMSprop
from optim.sgd import SGD

__all__ = [
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "ExponentiallyWeightedAverage",
    "NAdam",
    "Nesterov",
    "Newton",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Race",
    "RateSearch",
    "Rprop",
    "WeightAverage",
    "accumulate",
    "add_grad_noise_",
    "clip_grad_norm_",
    "clip_grad_value_",
    "find_lr",
    "grad_norm",
    "landscapes",
    "lr_scheduler",
    "race",
]

LATER = {  # by name, the module that has it, or that it is
    "LBFGS": "optim.lbfgs",
    "Adadelta": "optim.adadelta",
    "Adagrad": "optim.adagrad",
    "Adamax": "optim.adamax",
    "ExponentiallyWeightedAverage": "optim.averaging",
    "NAdam": "optim.nadam",
    "Nesterov": "optim.nesterov",
    "Newton": "optim.newton",
    "RAdam": "optim.radam",
    "Race": "optim.races",
    "RateSearch": "optim.search",
    "Rprop": "optim.rprop",
    "WeightAverage": "optim.averaging",
    "accumulate": "optim.accumulation",
    "add_grad_noise_": "optim.clip",
    "clip_grad_norm_": "optim.clip",
    "clip_grad_value_": "optim.clip",
    "find_lr": "optim.search",
    "grad_norm": "optim.clip",
    "landscapes": "optim.landscapes",
    "lr_scheduler": "optim.lr_scheduler",
    "race": "optim.races",
}

if TYPE_CHECKING:
    from optim import landscapes, lr_scheduler
    from optim.accumulation import accumulate
    from optim.adadelta import Adadelta
    from optim.adagrad import Adagrad
    from optim.adamax import Adamax
    from optim.averaging import ExponentiallyWeightedAverage, WeightAverage
    from optim.clip import add_grad_noise_, clip_grad_norm_, clip_grad_value_, grad_norm
    from optim.lbfgs import LBFGS
    from optim.nadam import NAdam
    from optim.nesterov import Nesterov
    from optim.newton import Newton
    from optim.races import Race, race
    from optim.radam import RAdam
    from optim.rprop import Rprop
    from optim.search import RateSearch, find_lr
else:
    __getattr__ = attribute_loader(__name__, LATER)
