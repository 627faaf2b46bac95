"""A recorded function as the text of a plain NumPy program, which is also what runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from autograd.tracing.calls import Entry
from autograd.tracing.writing import Section, Writer, form, indented

_PROGRAM = '''\
"""{title}, as plain NumPy calls: recorded once, for these shapes and dtypes."""

import numpy as np


def program({outside}):
    """{about}"""
{setup}

    def forward({inputs}):
{forward}

    def backward({upstream}):
{backward}

    return forward, backward
'''


class Recorded(NamedTuple):
    """What a program is written from.

    Attributes:
        title: what was recorded.
        inputs, outputs: the arrays that forward takes and answers.
        upstream, gradients: the arrays that backward takes and answers.
        forward, backward: the calls of each.
    """

    title: str
    inputs: Sequence[Entry]
    outputs: Sequence[Entry]
    upstream: Sequence[Entry]
    gradients: Sequence[Entry]
    forward: Sequence[Section]
    backward: Sequence[Section]


class Program(Writer):
    """The text of a recorded function, and what it needs from outside.

    Attributes:
        text: Python source, which defines `program(*outside)` and runs with NumPy alone.
        outside: what `program` takes, by name: entries of what was given, constant arrays, random
            generators.
    """

    def __init__(self, recorded: Recorded) -> None:
        super().__init__()
        self.text = self._write(recorded)

    def _write(self, r: Recorded) -> str:
        for one in (*r.inputs, *r.upstream):
            self._buffer(one)
        inputs, upstream = self._parameters(r.inputs), self._parameters(r.upstream)
        forward = self._copied(inputs) + self._statements(r.forward)
        forward.append(f"return {self._expression(tuple(r.outputs))}")
        backward = self._copied(upstream) + self._statements(r.backward)
        backward.append(f"return {self._expression(tuple(r.gradients))}")
        shapes = ", ".join(f"{self._name(x)} {form(x)}" for x in r.inputs)
        about = f"Answers forward({shapes})" + (" and backward." if r.gradients else ".")
        if self.outside:
            facts = [f"{name}: {form(one)}" for name, one in self.outside.items()]
            about += f"\n\n{indented(facts, 4)}\n    "
        return _PROGRAM.format(
            title=r.title,
            outside=", ".join(self.outside),
            about=about,
            setup=indented(self._setup, 4),
            inputs=", ".join(inputs.values()),
            forward=indented(forward, 8),
            upstream=", ".join(upstream.values()),
            backward=indented(backward, 8),
        )

    def _parameters(self, arrays: Sequence[Entry]) -> dict[str, str]:
        """For each array that is copied in, by name, the parameter that it comes from."""
        return {self._name(one): self._new_name(f"new_{self._name(one)}") for one in arrays}

    def _copied(self, parameters: dict[str, str]) -> list[str]:
        return [f"{name}[...] = {parameter}" for name, parameter in parameters.items()]
