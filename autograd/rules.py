"""Reading an operation's class: what it takes, what it gives, and what each rule needs.

A rule's parameter names are its needs. They are read once, when the class is made; a name that
means nothing fails there and then, with the names that would.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

RESERVED = frozenset(("g", "out", "wants"))
# What the texts of `apply` and `pull` call their own things; an input of that name would hide them.
TEXT_NAMES = frozenset(
    (
        *("all", "constant", "defaults", "edges", "explain", "forward", "found", "i", "kept"),
        *("ndarray", "new", "node", "normalize", "now", "one", "op", "plans", "returned"),
        *("tick", "total", "unknown", "wanted", "with_more"),
        *("array_of", "number_array", "NUMPY_SCALAR"),
        *("add_to", "arrived", "fitted", "held", "ours", "retain"),
    )
)


class RuleError(TypeError):
    """An operation's class contradicts itself: an unknown name, a missing rule, a wrong shape."""


def ONE() -> int:
    """The local gradient 1: the upstream gradient passes as it is, at no cost."""
    return 1


def MINUS() -> int:
    """The local gradient −1: the upstream gradient passes negated."""
    return -1


class Rule(NamedTuple):
    """One rule: how a gradient gets from `output` to `input`, and the names it needs for that."""

    input: str
    output: str
    function: Callable[..., Any]
    needs: tuple[str, ...]


class Signature(NamedTuple):
    """What a class says of itself, read and checked."""

    name: str
    inputs: tuple[str, ...]
    variadic: bool  # the one input stands for any number of arrays
    settings: tuple[str, ...]
    defaults: dict[str, Any]
    normalize: dict[str, tuple[Callable[..., Any], tuple[str, ...]]]
    outputs: tuple[str, ...]
    constant_outputs: tuple[str, ...]
    elementwise: bool
    rules: tuple[Rule, ...]
    backward: tuple[Callable[..., Any], tuple[str, ...]] | None

    @property
    def differentiable(self) -> tuple[str, ...]:
        """The inputs that have a rule."""
        have = {rule.input for rule in self.rules}
        return tuple(name for name in self.inputs if name in have)

    def known_names(self) -> tuple[str, ...]:
        """Every name that a rule of this class may have as a parameter."""
        values = self.inputs + self.outputs
        facts = tuple(f"{v}_{fact}" for v in values for fact in ("shape", "size"))
        return ("g", *values, *facts, *self.settings)


def parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's parameters, in order."""
    code = getattr(function, "__code__", None)
    if code is None or hasattr(function, "__wrapped__"):
        return tuple(inspect.signature(function).parameters)
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount]  # a hundred times faster
    return names


def read_class(cls: Any, elementwise: bool) -> Signature:
    """Read the class body of an operation. Raises RuleError if it contradicts itself."""
    name = cls.__name__
    table = cls.local_gradients if elementwise else cls.gradients
    if (cls.gradients if elementwise else cls.local_gradients) and not table:
        raise RuleError(
            f"{name}: an Elementwise operation states local_gradients (∂out/∂x, without g), any "
            "other gradients (functions of g). Change the heading, or the base class."
        )
    settings = tuple(cls.settings)
    outputs = tuple(cls.outputs)
    inputs, defaults = _inputs_and_defaults(cls, table, settings)
    variadic = len(inputs) == 1 and inputs[0].startswith("*")
    if variadic:
        inputs = (inputs[0].removeprefix("*"),)

    rules = []
    for key, function in table.items():
        input_name, output_name = key if isinstance(key, tuple) else (key, outputs[0])
        rules.append(Rule(input_name, output_name, function, parameters(function)))
    backward = getattr(cls, "backward", None)
    signature = Signature(
        name=name,
        inputs=inputs,
        variadic=variadic,
        settings=settings,
        defaults=defaults,
        normalize={k: (f, parameters(f)) for k, f in cls.normalize.items()},
        outputs=outputs,
        constant_outputs=tuple(cls.constant_outputs),
        elementwise=elementwise,
        rules=tuple(rules),
        backward=backward and (backward, parameters(backward)),
    )
    _check(signature)
    return signature


def _inputs_and_defaults(
    cls: Any, table: dict[Any, Any], settings: tuple[str, ...]
) -> tuple[tuple[str, ...], dict[str, Any]]:
    forward = cls.forward
    if isinstance(forward, np.ufunc):
        keys = tuple(table)
        inputs = tuple(cls.inputs) or keys or ("x", "y", "z")[: forward.nin]
        if len(inputs) != forward.nin:
            raise RuleError(
                f"{cls.__name__}: forward takes {forward.nin} inputs, but there are rules for "
                f"{', '.join(keys)}. Give a rule for each, in forward's order, or say which "
                f'inputs there are: inputs = ("x", …).'
            )
        return inputs, {}
    given = inspect.signature(forward).parameters.values()
    stars = {p.name: "*" for p in given if p.kind is p.VAR_POSITIONAL}
    found = tuple(stars.get(p.name, "") + p.name for p in given if p.name not in settings)
    inputs = tuple(cls.inputs) or found
    missing = set(settings) - {p.name for p in given}
    if inputs != found or missing:
        raise RuleError(
            f"{cls.__name__}: forward takes {', '.join(p.name for p in given)}, but the class "
            f"declares the inputs {', '.join(inputs)} and "
            f"{'the settings ' + ', '.join(settings) if settings else 'no settings'}. "
            "The names must be the same, inputs first."
        )
    return inputs, {p.name: p.default for p in given if p.default is not p.empty}


def _check(s: Signature) -> None:
    facts = {f"{v}_{fact}" for v in (*s.inputs, *s.outputs) for fact in ("shape", "size")}
    taken = ({*s.inputs, *s.settings} & (RESERVED | TEXT_NAMES)) | (
        {*s.outputs} & (RESERVED - {"out"})
    )
    for word in sorted(taken | ({*s.inputs, *s.settings} & facts)):
        raise RuleError(f"{s.name}: the name {word!r} is reserved; call the parameter otherwise.")
    known = s.known_names()
    with_rules = {rule.output for rule in s.rules}
    for rule in s.rules:
        if rule.input not in s.inputs or rule.output not in s.outputs:
            raise RuleError(
                f"{s.name}: there is a rule for {rule.input!r} from {rule.output!r}, but the "
                f"inputs are {', '.join(s.inputs)} and the outputs {', '.join(s.outputs)}."
            )
        _check_needs(s, f"the rule for {rule.input!r}", rule.needs, known)
        if s.elementwise and "g" in rule.needs:
            raise RuleError(
                f"{s.name}: a local gradient does not take g; the upstream gradient is multiplied "
                "by it once, for all elementwise operations. Leave g out, or derive from Function "
                "and write `gradients`."
            )
        _check_outputs(s, f"the rule for {rule.input!r}", rule.input, rule.needs)
    for name in {*s.normalize} - {*s.settings} | {*s.constant_outputs} - {*s.outputs}:
        raise RuleError(
            f"{s.name}: normalize is for settings and constant_outputs lists outputs; {name!r} is "
            f"neither. Its settings: {', '.join(s.settings)}; its outputs: {', '.join(s.outputs)}."
        )
    for output in s.outputs:
        hidden = output.startswith("_")
        if s.rules and not hidden and output not in (with_rules | {*s.constant_outputs}):
            raise RuleError(
                f"{s.name}: the output {output!r} has no rules, so no gradient would come back "
                "through it. Add them, or list it in constant_outputs if it is piecewise constant."
            )
    for setting, (_, needs) in s.normalize.items():
        _check_needs(s, f"normalize[{setting!r}]", needs, (*s.inputs, *s.settings))
    if s.backward:
        _check_needs(s, "backward", s.backward[1], (*known, "wants"))
        _check_outputs(s, "backward", s.differentiable[0], s.backward[1])


def _check_outputs(s: Signature, who: str, name: str, needs: tuple[str, ...]) -> None:
    with_rules = {rule.output for rule in s.rules}
    for need in needs:
        if need in s.outputs and need not in with_rules and need not in s.constant_outputs:
            raise RuleError(
                f"{s.name}: {who} uses the output {need!r}, which has no rules itself, so a second "
                f'derivative would be silently wrong. Add a rule for ("{name}", "{need}"), or list '
                f"{need!r} in constant_outputs if it is piecewise constant (a mask, an index)."
            )


def _check_needs(s: Signature, who: str, needs: tuple[str, ...], known: tuple[str, ...]) -> None:
    for need in needs:
        if need not in known:
            raise RuleError(
                f"{s.name}: {who} names {need!r}, which is neither an input, an output, a fact "
                f"about one (x_shape, x_size) nor a setting. It may name: {', '.join(known)}."
            )
