"""The search for hyper-parameters: by grid or at random, coarse to fine, resumable, in parallel.

space = {"lr": tuning.LogUniform(1e-4, 1), "hidden": [32, 64, 128]}
results = tuning.random_search(train_and_score, space, n=50, seed=0, results="search.jsonl")
print(results)
"""

from nn.tuning.refining import refine
from nn.tuning.results import Results, Trial, read_results
from nn.tuning.searches import grid_search, random_search
from nn.tuning.spaces import (
    Choice,
    Distribution,
    IntUniform,
    LogUniform,
    OneMinusLogUniform,
    Uniform,
)

__all__ = [
    "Choice",
    "Distribution",
    "IntUniform",
    "LogUniform",
    "OneMinusLogUniform",
    "Results",
    "Trial",
    "Uniform",
    "grid_search",
    "random_search",
    "read_results",
    "refine",
]
