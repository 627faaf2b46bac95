"""Learning-rate schedules: how fast to learn, and when to slow down.

optimizer = optim.SGD(model.parameters(), lr=0.1)
schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
for epoch in range(epochs):
    ...  # train: optimizer.step() for each batch
    schedule.step()
"""

from optim.lr_scheduler.base import FactorLR, LRScheduler
from optim.lr_scheduler.combined import ChainedScheduler, SequentialLR
from optim.lr_scheduler.cycles import CosineAnnealingWarmRestarts, CyclicLR, OneCycleLR
from optim.lr_scheduler.factors import (
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from optim.lr_scheduler.plateau import ReduceLROnPlateau
from optim.lr_scheduler.plotting import curve, plot
from optim.lr_scheduler.textbook import (
    GeometricLR,
    InverseLR,
    InverseSqrtLR,
    InverseTimeLR,
    TableLR,
    WarmupLR,
)

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "FactorLR",
    "GeometricLR",
    "InverseLR",
    "InverseSqrtLR",
    "InverseTimeLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
    "TableLR",
    "WarmupLR",
    "curve",
    "plot",
]
