"""Tracing: the NumPy calls that a function makes, recorded once and replayed as a plain program."""

from autograd.tracing.errors import TracingError
from autograd.tracing.static import StaticGraph, trace

__all__ = ["StaticGraph", "TracingError", "trace"]
