"""Neural networks: modules that hold parameters, losses, initial values, data."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from nn import data, functional, init
from nn.activations import (
    CELU,
    ELU,
    GELU,
    GLU,
    SELU,
    Arctan,
    BinaryStep,
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    RReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softmin,
    Softplus,
    Softshrink,
    Softsign,
    Tanh,
    Tanhshrink,
    Threshold,
)
from nn.batch_norm import BatchNorm1d, BatchRenorm1d
from nn.bilinear import Bilinear
from nn.composition import Flatten, Identity, Lambda, Residual, Unflatten
from nn.containers import ModuleDict, ModuleList, Sequential
from nn.cosine import CosineLinear
from nn.dropout import AlphaDropout, DropConnectLinear, Dropout
from nn.embedding import Embedding
from nn.linear import Linear
from nn.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CosineEmbeddingLoss,
    CosineProximityLoss,
    CosineSimilarity,
    CrossEntropyLoss,
    GaussianNLLLoss,
    HingeEmbeddingLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MarginRankingLoss,
    MSELoss,
    MultiClassHingeLoss,
    MultiLabelSoftMarginLoss,
    MultiMarginLoss,
    NLLLoss,
    PoissonNLLLoss,
    RMSELoss,
    SmoothL1Loss,
    SoftMarginLoss,
    TripletMarginLoss,
)
from nn.maxout import Maxout
from nn.mlp import MLP
from nn.module import Module
from nn.noise import GaussianDropout, GaussianNoise
from nn.normalization import GroupNorm, LayerNorm, RMSNorm
from nn.parameter import Buffer, Parameter
from nn.perceptron import Perceptron
from nn.weight_norm import remove_weight_norm, weight_norm

LATER = {  # by name, the module that has it, or that it is; loaded when first asked for
    "Ensemble": "nn.ensembles",
    "bagging": "nn.ensembles",
    "constraints": "nn.constraints",
    "io": "nn.io",
    "regularizers": "nn.regularizers",
    "summary": "nn.summaries",
}

if TYPE_CHECKING:
    from nn import constraints, io, regularizers
    from nn.ensembles import Ensemble, bagging
    from nn.summaries import summary
else:

    def __getattr__(name):
        if name not in LATER:
            raise AttributeError(f"module 'nn' has no attribute {name!r}")
        module = importlib.import_module(LATER[name])
        if module.__name__ != f"nn.{name}":
            globals()[name] = getattr(module, name)  # from now on without a detour
            return globals()[name]
        return module


__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "MLP",
    "SELU",
    "AlphaDropout",
    "Arctan",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchRenorm1d",
    "Bilinear",
    "BinaryStep",
    "Buffer",
    "CosineEmbeddingLoss",
    "CosineLinear",
    "CosineProximityLoss",
    "CosineSimilarity",
    "CrossEntropyLoss",
    "DropConnectLinear",
    "Dropout",
    "Embedding",
    "Ensemble",
    "Flatten",
    "GaussianDropout",
    "GaussianNLLLoss",
    "GaussianNoise",
    "GroupNorm",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "Identity",
    "KLDivLoss",
    "L1Loss",
    "Lambda",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "MSELoss",
    "MarginRankingLoss",
    "Maxout",
    "Mish",
    "Module",
    "ModuleDict",
    "ModuleList",
    "MultiClassHingeLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "PReLU",
    "Parameter",
    "Perceptron",
    "PoissonNLLLoss",
    "RMSELoss",
    "RMSNorm",
    "RReLU",
    "ReLU",
    "ReLU6",
    "Residual",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "Softmax",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
    "TripletMarginLoss",
    "Unflatten",
    "bagging",
    "constraints",
    "data",
    "functional",
    "init",
    "io",
    "regularizers",
    "remove_weight_norm",
    "summary",
    "weight_norm",
]
