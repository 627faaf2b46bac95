"""Why a gradient is as it is, small, zero or missing: `why`."""

from autograd.graph.reasoning.asking import Answer, why

__all__ = ["Answer", "why"]
