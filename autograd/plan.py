"""The way back through a node, written out as plain Python for the inputs that want a gradient."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from autograd import errors
from autograd.codegen import compile_text, fact_text, tuple_text, value_names
from autograd.rules import MINUS, ONE, Rule, Signature
from autograd.upstream import add_to, fitted, hand_over

_PULL = """\
def {name}(g, kept):
    {unpack}
    return {result}
"""

# `pull` and `upstream.hand_over` in one, for the replay that nothing complicates.
_SEND = """\
def send(node, g, arrived, ours, retain):
    kept = node.kept
    if kept is None:
        kept = recall(node)
    {unpack}
    {result}
    if not retain:
        node.kept = None
    {edges} = node.edges
"""

_HAND_OVER = """\
    if type({g}) is not ndarray:  # NumPy answers 0-d results as scalars
        {g} = array_of({g}) if isinstance({g}, NUMPY_SCALAR) else fitted(node, {i}, {g})
    if {g}.shape != {edge}.shape or {g}.dtype is not {edge}.dtype:
        {g} = fitted(node, {i}, {g})
    held = arrived.get({edge})
    if held is None:
        arrived[{edge}] = {g}
    else:
        add_to(arrived, ours, {edge}, held, {g})
"""

_SEND_ANY = """\
def send(node, g, arrived, ours, retain):
    sent = node.plan.pull(g, recall(node))
    if not retain:
        node.kept = None
    hand_over(node, sent, arrived, ours)
"""


class Plan:
    """How gradients get back through a node, for one choice of inputs that want one.

    Attributes:
        wanted: names of those inputs, in order (positions, where any number is taken).
        kept_names: what the node keeps, by name; `keep` picks it after the forward call.
        pull: (upstream, kept) -> a tuple of one gradient per wanted input. With several outputs,
            upstream is one gradient per output, None for those that none reached.
        parts: the same, one function per wanted input.
        send: (node, upstream, arrived, retain): `pull`, and its gradients added to the arrived.
        pull_source: the text of `pull`.
    """

    def __init__(self, s: Signature, mask: int) -> None:
        self._signature = s
        self.wanted: tuple[Any, ...]
        if s.variadic:
            self.wanted = tuple(i for i in range(mask.bit_length()) if mask >> i & 1)
            inputs = s.inputs
        else:
            self.wanted = inputs = tuple(n for i, n in enumerate(s.inputs) if mask >> i & 1)
        rules = [rule for rule in s.rules if rule.input in inputs]
        shared = s.backward if len(inputs) > 1 else None
        needs = {n for rule in rules for n in rule.needs} | set(shared[1] if shared else ())
        self.kept_names = tuple(n for n in s.known_names() if n in needs and n != "g")
        self.keep_source = (
            f"({tuple_text(fact_text(s, name, self.wanted) for name in self.kept_names)})"
        )
        shapes = {f"{v}_shape" for v in (*s.inputs, *s.outputs)} | ({"shape"} & {*s.settings})
        keys = {"key"} & {*s.settings}
        self._shapes = [i for i, name in enumerate(self.kept_names) if name in shapes]
        self._keys = [i for i, name in enumerate(self.kept_names) if name in keys]
        self._names: dict[str, Any] = {"total": total, "recall": recall, "hand_over": hand_over}
        self._names |= {"fitted": fitted, "add_to": add_to, "ndarray": np.ndarray}
        self._names |= {"shape_of": np.shape, "size_of": np.size}
        self._names |= {"array_of": np.asarray, "NUMPY_SCALAR": np.generic}
        self._names |= {_rule_name(s, rule): rule.function for rule in rules}

        per_input = [self._gradient([r for r in rules if r.input == n]) for n in inputs]
        before, together = "", per_input
        if s.variadic:
            before, together = f"all = {per_input[0]}", ["*map(all.__getitem__, wanted)"]
            self._names["wanted"] = self.wanted
            per_input = [f"{per_input[0]}[{i}]" for i in self.wanted]
        elif shared:
            self._names |= {"backward": shared[0], "wants": frozenset(inputs)}
            arguments = ", ".join(f"{n}={n}" for n in shared[1])
            before, together = f"all = backward({arguments})", [f"all[{n!r}]" for n in inputs]
        self._before, self._together, self._per_input = before, together, per_input
        self.pull_source = self._text(_PULL, f"({tuple_text(together)})", before, name="pull")

    # Compiled when first used: most choices of inputs need one of these, or none.

    @cached_property
    def keep(self) -> Callable[..., tuple[Any, ...]]:
        """What a node keeps, from everything that its call knows."""
        arguments = ", ".join(value_names(self._signature))
        return self._compiled("keep", f"def keep({arguments}):\n    return {self.keep_source}\n")

    @cached_property
    def pull(self) -> Callable[[Any, Any], tuple[Any, ...]]:
        """The gradients of all wanted inputs."""
        return self._compiled("pull", self.pull_source)

    @cached_property
    def send(self) -> Callable[..., None]:
        """The gradients of all wanted inputs, added to what has arrived at the node's edges."""
        return self._compiled("send", self.send_source)

    @property
    def send_source(self) -> str:
        """The text of `send`."""
        if self._signature.variadic or len(self._signature.outputs) > 1:
            return _SEND_ANY
        gradients = [f"gradient_{i}" for i in range(len(self.wanted))]
        edges = [f"edge_{i}" for i in range(len(self.wanted))]
        result = f"{tuple_text(gradients)} = {tuple_text(self._together)}"
        text = self._text(_SEND, result, self._before, edges=tuple_text(edges))
        for i, (g, edge) in enumerate(zip(gradients, edges, strict=True)):
            text += _HAND_OVER.format(i=i, g=g, edge=edge)
        return text

    @cached_property
    def parts(self) -> tuple[Callable[[Any, Any], Any], ...]:
        """The gradient of each wanted input by itself."""
        texts = [self._text(_PULL, one, name="part") for one in self._per_input]
        return tuple(self._compiled("part", text) for text in texts)

    def _compiled(self, name: str, text: str) -> Callable[..., Any]:
        wanted = "" if self._signature.variadic else f", {', '.join(self.wanted)}"
        title = f"<{self._signature.name}.{name}{wanted}>"
        function: Callable[..., Any] = compile_text(text, title, self._names)[name]
        return function

    def kept_for_batch(self, kept: tuple[Any, ...], n: int) -> tuple[Any, ...]:
        """`kept`, for a pass in which every gradient has an extra leading axis of length `n`.

        Shapes gain the axis, and so do index keys; values and negative axes stay as they are.
        """
        longer = list(kept)
        for i in self._shapes:
            value = kept[i]
            many = isinstance(value, list)
            longer[i] = [(n, *one) for one in value] if many else (n, *value)
        for i in self._keys:
            value = kept[i]
            longer[i] = (slice(None), *(value if isinstance(value, tuple) else (value,)))
        return tuple(longer)

    def _text(self, template: str, result: str, before: str = "", **more: str) -> str:
        lines = [f"{tuple_text(self.kept_names)} = kept"] if self.kept_names else []
        if len(self._signature.outputs) > 1:
            lines.append(f"{tuple_text(f'g_{o}' for o in self._signature.outputs)} = g")
        if before:
            lines.append(before)
        text = template.format(unpack="\n    ".join(lines), result=result, **more)
        return "\n".join(line for line in text.splitlines() if line.strip()) + "\n"

    def _gradient(self, rules: list[Rule]) -> str:
        """The expression that gives one input's gradient."""
        s = self._signature
        calls = []
        for rule in rules:
            g = f"g_{rule.output}" if len(s.outputs) > 1 else "g"
            arguments = ", ".join(g if need == "g" else need for need in rule.needs)
            call = f"{_rule_name(s, rule)}({arguments})"
            if s.elementwise:
                call = {ONE: g, MINUS: f"-{g}"}.get(rule.function, f"{g} * {call}")
            elif len(s.outputs) > 1:
                call = f"None if {g} is None else {call}"
            calls.append(call)
        return calls[0] if len(calls) == 1 else f"total({', '.join(calls)})"


def _rule_name(s: Signature, rule: Rule) -> str:
    kind = "local" if s.elementwise else "gradient"
    of = f"_of_{rule.output}" if len(s.outputs) > 1 else ""
    return f"{kind}_{rule.input}{of}"


def total(*parts: Any) -> Any:
    """The sum of the gradients that came, None if none did."""
    result = None
    for part in parts:
        if part is not None:
            result = part if result is None else np.add(result, part)
    return result


def recall(node: Any) -> tuple[Any, ...]:
    """What a node keeps; computed anew if it was made in a checkpoint that has let it go.

    Raises RuntimeError if its values were released.
    """
    if node.kept is None and hasattr(node, "segment"):
        node.segment.rerun()
    if node.kept is None:
        raise errors.released(node)
    kept: tuple[Any, ...] = node.kept
    return kept
