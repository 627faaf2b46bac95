"""Stepping through a computation: one page, first forward and then backward, one call a step."""

from autograd.graph.stepping.page import StepThrough
from autograd.graph.stepping.running import step_through

__all__ = ["StepThrough", "step_through"]
