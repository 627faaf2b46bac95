"""Optimisers: update rules that turn gradients into better weights.

optimizer = optim.Adam(model.parameters(), lr=1e-3)
optimizer.zero_grad()
loss.backward()
optimizer.step()
"""

from optim.adam import Adam
from optim.optimizer import Optimizer
from optim.rmsprop import RMSprop
from optim.sgd import SGD

__all__ = ["SGD", "Adam", "Optimizer", "RMSprop"]
