"""Writing an operation's two functions out as plain Python, from what its class declares.

`apply` computes the value and makes the node; `pull` takes an upstream gradient to the gradients of
the inputs. A loop over inputs and needs would read the class again at every call; the text below is
that loop written out once, for the class at hand, as one would write it by hand. To see it:
`print(Multiply.apply_source)`, `print(Multiply.plans[0b11].pull_source)`.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.rules import MINUS, ONE, Rule, Signature

_APPLY = """\
def {name}({parameters}):
{refuse}
    wanted = 0
    edges = ()
{unpack}
    try:
{normalize}
        {results} = forward({arguments})
    except CALL_ERRORS as error:
        raise explain(op, ({inputs}), {settings}, error) from error
{settle}
    mode = current_mode()
    if wanted and mode.grad:
        node = new(op)
        node.edges = edges
        node.number = tick()
        node.plan = plans[wanted]
        node.kept = {kept}
        node.shape = {shapes}
        node.dtype = {dtypes}
        node.hooks = None
    else:
        node = None
{wrap}
    if mode.watcher is not None:
        mode.watcher.called(op, ({inputs}), {settings}, ({handed_out}))
    return {returned}
"""

_REFUSE = """\
    if unknown:
        raise unknown_settings(op, ({inputs}), unknown)
"""

_UNPACK = """\
    if isinstance({x}, Tensor):
        _{x} = {x}._data
{count}
    else:
        _{x} = {x} if type({x}) is float else constant({x})
"""

_COUNT = """\
        if {x}._requires_grad:
            wanted += {bit}
            edges += ({x} if {x}._node is None else {x}._node,)
"""

_UNPACK_MANY = """\
    _{x} = []
    for i, one in enumerate({x}):
        if isinstance(one, Tensor):
            _{x}.append(one._data)
            if one._requires_grad:
                wanted |= 1 << i
                edges += (one if one._node is None else one._node,)
        else:
            _{x}.append(constant(one))
"""

_WRAP = """\
    {out} = new(Tensor)
    {out}._data = _{out}
    {out}._grad = {out}._home = {out}._hooks = {out}.name = None
    {out}._node = {place}
    {out}._requires_grad = {place_or_not}
"""


def write_apply(op: Any, s: Signature, names: dict[str, Any]) -> tuple[Callable[..., Any], str]:
    """The function `op.apply`, and its text. `names` is what the text refers to."""
    handed_out = [o for o in s.outputs if not o.startswith("_")]
    given = [f"*{s.inputs[0]}"] if s.variadic else list(s.inputs)
    given += [f"{k}=defaults[{k!r}]" if k in s.defaults else k for k in s.settings]
    unpack = []
    for i, x in enumerate(s.inputs):
        count = _COUNT.format(x=x, bit=1 << i) if x in s.differentiable else ""
        template = _UNPACK_MANY if s.variadic else _UNPACK
        unpack.append(template.format(x=x, count=count.rstrip("\n")))
    text = _APPLY.format(
        name=s.name,
        parameters=", ".join([*given, "**unknown"] if s.settings else given),
        refuse=_REFUSE.format(inputs=_inputs(s)) if s.settings else "",
        inputs=_inputs(s),
        unpack="".join(unpack).rstrip("\n"),
        normalize="\n".join(
            f"        {k} = normalize[{k!r}]({', '.join(_private(s, n) for n in needs)})"
            for k, (_, needs) in s.normalize.items()
        ),
        results=", ".join(f"_{o}" for o in s.outputs),
        arguments=", ".join(
            [*(f"{'*' * s.variadic}_{x}" for x in s.inputs), *(f"{k}={k}" for k in s.settings)]
        ),
        settings="{" + ", ".join(f"{k!r}: {k}" for k in s.settings) + "}",
        settle="\n".join(
            f"    if type(_{o}) is not ndarray:\n        _{o} = settle(_{o})" for o in s.outputs
        ),
        kept=_kept(op, s),
        shapes=_one_or_all([f"_{o}.shape" for o in s.outputs]),
        dtypes=_one_or_all([f"_{o}.dtype" for o in s.outputs]),
        wrap="".join(
            _WRAP.format(out=o, place=_place(s, i), place_or_not=_requires(s, i))
            for i, o in enumerate(s.outputs)
            if o in handed_out
        ).rstrip("\n"),
        handed_out=_tuple(handed_out),
        returned=_one_or_all(handed_out),
    )
    lines = [line for line in text.splitlines() if line.strip()]
    text = "\n".join(lines) + "\n"
    names = names | {
        "shape_of": np.shape,
        "size_of": np.size,
        "op": op,
        "forward": op.forward,
        "plans": op.plans,
        "defaults": s.defaults,
        "normalize": {k: f for k, (f, _) in s.normalize.items()},
    }
    return _compile(text, f"<{s.name}.apply>", names)[s.name], text


_PULL = """\
def {name}(g, kept):
    {unpack}
    return {result}
"""


class Plan:
    """How gradients get back through a node, for one choice of inputs that want one.

    Attributes:
        wanted: names of those inputs, in order (positions, where any number is taken).
        kept_names: what the node keeps, by name; `keep` picks it after the forward call.
        pull: (upstream, kept) -> a tuple of one gradient per wanted input. With several outputs,
            upstream is one gradient per output, None for those that none reached.
        parts: the same, one function per wanted input.
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
        self.keep_source = f"({_tuple(_fact(s, name, self.wanted) for name in self.kept_names)})"
        self._names: dict[str, Any] = {"total": total, "shape_of": np.shape, "size_of": np.size}
        self._names |= {_rule_name(s, rule): rule.function for rule in rules}
        self._title = f"<{s.name}, gradients of {', '.join(map(str, self.wanted))}>"

        keep = f"def keep({', '.join(_values(s))}):\n    return {self.keep_source}\n"
        self.keep = _compile(keep, f"{self._title} keep", self._names)["keep"]

        per_input = {n: self._gradient([r for r in rules if r.input == n]) for n in inputs}
        if s.variadic:
            each = [f"{per_input[inputs[0]]}[{i}]" for i in self.wanted]
            together = [f"all = {per_input[inputs[0]]}", *(f"all[{i}]" for i in self.wanted)]
        elif shared:
            each = list(per_input.values())
            self._names |= {"backward": shared[0], "wants": frozenset(inputs)}
            arguments = ", ".join(f"{n}={n}" for n in shared[1])
            together = [f"all = backward({arguments})", *(f"all[{n!r}]" for n in inputs)]
        else:
            each = list(per_input.values())
            together = ["", *each]
        self.pull_source = self._text("pull", f"({_tuple(together[1:])})", together[0])
        self.pull = _compile(self.pull_source, self._title, self._names)["pull"]
        self.parts = tuple(
            _compile(self._text("part", one), f"{self._title} {name}", self._names)["part"]
            for name, one in zip(self.wanted, each, strict=True)
        )

    def _text(self, name: str, result: str, before: str = "") -> str:
        lines = [f"{_tuple(self.kept_names)} = kept"] if self.kept_names else []
        if len(self._signature.outputs) > 1:
            lines.append(f"{_tuple(f'g_{o}' for o in self._signature.outputs)} = g")
        if before:
            lines.append(before)
        text = _PULL.format(name=name, unpack="\n    ".join(lines), result=result)
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


def _requires(s: Signature, index: int) -> str:
    """The expression for whether an output requires a gradient."""
    return "False" if s.outputs[index] in s.constant_outputs else "node is not None"


def _fact(s: Signature, name: str, wanted: tuple[Any, ...]) -> str:
    """The expression that gives a kept name from the forward call's values."""
    for fact in ("shape", "size"):
        value = name.removesuffix(f"_{fact}")
        if value != name and value in s.inputs + s.outputs:
            if s.variadic and value in s.inputs:
                return f"[one.{fact} for one in _{value}]"
            if value in s.outputs or value in wanted:
                return f"_{value}.{fact}"
            return f"{fact}_of(_{value})"
    return name if name in s.settings else f"_{name}"


def _kept(op: Any, s: Signature) -> str:
    """The expression for what a node keeps: spelled out for one or two inputs, as most have."""
    if len(s.differentiable) > 2 or s.variadic or not s.differentiable:
        return f"node.plan.keep({', '.join(_values(s))})"
    bits = [1 << s.inputs.index(x) for x in s.differentiable]
    both: str = op.plans[sum(bits)].keep_source
    alone = [f"{op.plans[bit].keep_source} if wanted == {bit} else " for bit in bits]
    return "".join(alone[: 2 * (len(bits) - 1)]) + both


def _values(s: Signature) -> list[str]:
    """The names of everything that a call knows, as the text of `apply` calls them."""
    return [f"_{n}" if n not in s.settings else n for n in (*s.inputs, *s.settings, *s.outputs)]


def _inputs(s: Signature) -> str:
    return f"*{s.inputs[0]}," if s.variadic else _tuple(s.inputs)


def _rule_name(s: Signature, rule: Rule) -> str:
    kind = "local" if s.elementwise else "gradient"
    of = f"_of_{rule.output}" if len(s.outputs) > 1 else ""
    return f"{kind}_{rule.input}{of}"


def _place(s: Signature, index: int) -> str:
    """The expression for where an output's history is: its node, if there is one."""
    if s.outputs[index] in s.constant_outputs:
        return "None"
    return f"node and output_of(node, {index})" if len(s.outputs) > 1 else "node"


def total(*parts: Any) -> Any:
    """The sum of the gradients that came, None if none did."""
    result = None
    for part in parts:
        if part is not None:
            result = part if result is None else result + part
    return result


def _private(s: Signature, name: str) -> str:
    return f"_{name}" if name in s.inputs else name


def _tuple(items: Any) -> str:
    return "".join(f"{item}, " for item in items).rstrip(" ")


def _one_or_all(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"({_tuple(items)})"


def _compile(text: str, title: str, names: dict[str, Any]) -> dict[str, Any]:
    # In the line cache, so that tracebacks and debuggers show the text.
    linecache.cache[title] = (len(text), None, text.splitlines(keepends=True), title)
    scope = dict(names)
    exec(compile(text, title, "exec"), scope)
    return scope
