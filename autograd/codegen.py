"""Writing an operation's `apply` out as plain Python, from what its class declares.

`apply` computes the value and makes the node. A loop over inputs and needs would read the class
again at every call; the text below is that loop written out once, for the class at hand, as one
would write it by hand. To see it: `print(Multiply.apply_source)`. The way back is in `plan`.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable
from functools import lru_cache
from types import CodeType
from typing import Any

import numpy as np

from autograd.rules import Signature

ARITHMETIC = (np.add, np.subtract, np.multiply, np.divide)

_APPLY = """\
def {name}({parameters}):
{refuse}
    wanted = 0
{found}
{unpack}
    now = current_mode()
    if now.watcher is not None:
        now.watcher.calling(op)
    try:
{normalize}
        {results} = forward({arguments})
    except CALL_ERRORS as error:
        raise explain(op, ({inputs}), {settings}, error) from error
{settle}
    if wanted and now.grad:
        node = op()
        node.edges = {edges}
        node.number = tick()
        node.plan = plans[wanted]
        node.kept = {kept}
        node.shape = {shapes}
        node.dtype = {dtypes}
        node.hooks = None
{places}
    else:
        node = None
{wrap}
    if now.watcher is not None:
        now.watcher.called(op, ({inputs}), {worked_settings}, ({handed_out}))
    return {returned}
"""

_REFUSE = """\
    if unknown:
        return with_more(op, ({inputs}), {settings}, unknown)
"""

_UNPACK = """\
    if isinstance({x}, Tensor):
        _{x} = {x}._data
{count}
{number}
    else:
        _{x} = {constant}
"""

_COUNT = """\
        if {x}._requires_grad:
            wanted += {bit}
            {edge}
"""

# In arithmetic with an array, a number on the right, which comes again at every step of a loop.
_NUMBER = """\
    elif type({x}) is float and {x} and type(_{other}) is ndarray:
        _{x} = number_array({x}, _{other}.dtype)
"""

_UNPACK_MANY = """\
    _{x} = []
    for i, one in enumerate({x}):
        if isinstance(one, Tensor):
            _{x}.append(one._data)
            if one._requires_grad:
                wanted |= 1 << i
                found.append(one if one._node is None else one._node)
        else:
            _{x}.append(constant(one))
"""

# NumPy answers 0-d results as scalars.
_SETTLE = """\
    if type(_{o}) is not ndarray:
        _{o} = array_of(_{o}) if isinstance(_{o}, NUMPY_SCALAR) else returned(_{o}, op)
"""

_WRAP = """\
    {out} = new(Tensor)
    {out}._data = _{out}
    {out}._grad = {out}._home = {out}._hooks = {out}.name = None
    {out}._node = {place}
    {out}._requires_grad = {place_or_not}
"""


def compile_apply(op: Any, s: Signature, names: dict[str, Any]) -> Callable[..., Any]:
    """The function `op.apply`. `names` is what its text refers to, beside the class itself."""
    names = names | {
        "NUMPY_SCALAR": np.generic,
        "array_of": np.asarray,
        "ndarray": np.ndarray,
        "number_array": number_array,
        "shape_of": np.shape,
        "size_of": np.size,
        "op": op,
        "forward": op.forward,
        "plans": op.plans,
        "defaults": s.defaults,
        "normalize": {k: f for k, (f, _) in s.normalize.items()},
    }
    apply: Callable[..., Any] = compile_text(write_apply(op, s), f"<{s.name}.apply>", names)[s.name]
    return apply


def write_apply(op: Any, s: Signature) -> str:
    """The text of `op.apply`."""
    handed_out = [o for o in s.outputs if not o.startswith("_")]
    given = [f"*{s.inputs[0]}"] if s.variadic else list(s.inputs)
    given += [f"{k}=defaults[{k!r}]" if k in s.defaults else k for k in s.settings]
    unpack = []
    for i, x in enumerate(s.inputs):
        count = ""
        if x in s.differentiable:
            count = _COUNT.format(x=x, bit=1 << i, edge=_edge(s, x))
        template = _UNPACK_MANY if s.variadic else _UNPACK
        constant = f"{x} if type({x}) is float else constant({x})"
        if not s.elementwise:
            constant = f"constant({x})"
        number = _NUMBER.format(x=x, other=s.inputs[0]) if i and op.forward in ARITHMETIC else ""
        unpack.append(
            template.format(
                x=x, count=count.rstrip("\n"), number=number.rstrip("\n"), constant=constant
            )
        )
    text = _APPLY.format(
        name=s.name,
        parameters=", ".join([*given, "**unknown"] if s.settings else given),
        found="" if _few(s) else "    found = []",
        refuse=_REFUSE.format(inputs=_inputs(s), settings=_settings(s)) if s.settings else "",
        inputs=_inputs(s),
        unpack="".join(unpack).rstrip("\n"),
        normalize="\n".join(
            f"        _{k} = normalize[{k!r}]({_before_work(s, needs)})"
            for k, (_, needs) in s.normalize.items()
        ),
        results=", ".join(f"_{o}" for o in s.outputs),
        arguments=", ".join(
            [
                *(f"{'*' * s.variadic}_{x}" for x in s.inputs),
                *(f"{k}={value_name(s, k)}" for k in s.settings),
            ]
        ),
        settings=_settings(s),
        worked_settings="{" + ", ".join(f"{k!r}: {value_name(s, k)}" for k in s.settings) + "}",
        settle="\n".join(_SETTLE.format(o=o).rstrip("\n") for o in s.outputs),
        edges=_edges(s),
        kept=_kept(op, s),
        shapes=_one_or_all([f"_{o}.shape" for o in s.outputs]),
        dtypes=_one_or_all([f"_{o}.dtype" for o in s.outputs]),
        places="        node.places = {}" if len(s.outputs) > 1 else "",
        wrap="".join(
            _WRAP.format(out=o, place=_place(s, i), place_or_not=_requires(s, i))
            for i, o in enumerate(s.outputs)
            if o in handed_out
        ).rstrip("\n"),
        handed_out=tuple_text(handed_out),
        returned=_one_or_all(handed_out),
    )
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join(lines) + "\n"


def _place(s: Signature, index: int) -> str:
    """The expression for where an output's history is: its node, if there is one."""
    if s.outputs[index] in s.constant_outputs:
        return "None"
    return f"node and output_of(node, {index})" if len(s.outputs) > 1 else "node"


def _requires(s: Signature, index: int) -> str:
    """The expression for whether an output requires a gradient."""
    return "False" if s.outputs[index] in s.constant_outputs else "node is not None"


def fact_text(s: Signature, name: str, wanted: tuple[Any, ...]) -> str:
    """The expression that gives a kept name from the forward call's values."""
    for fact in ("shape", "size"):
        value = name.removesuffix(f"_{fact}")
        if value != name and value in s.inputs + s.outputs:
            if s.variadic and value in s.inputs:
                return f"[one.{fact} for one in _{value}]"
            if value in s.outputs or value in wanted:
                return f"_{value}.{fact}"
            return f"{fact}_of(_{value})"
    return value_name(s, name)


def value_name(s: Signature, name: str) -> str:
    """What the text of `apply` calls a value: as given, with an underscore once worked on."""
    return name if name in s.settings and name not in s.normalize else f"_{name}"


# Most operations have one or two inputs; what a node of them is given is spelled out for each
# choice of those that want a gradient.


def _few(s: Signature) -> bool:
    return len(s.differentiable) in (1, 2) and not s.variadic


def _edge(s: Signature, x: str) -> str:
    """The statement that notes where an input's gradient goes."""
    place = f"{x} if {x}._node is None else {x}._node"
    return f"_{x}_edge = {place}" if _few(s) else f"found.append({place})"


def _edges(s: Signature) -> str:
    """The expression for a node's edges."""
    if not _few(s):
        return "tuple(found)"
    return _by_wanted(s, lambda names: f"({tuple_text(f'_{x}_edge' for x in names)})")


def _kept(op: Any, s: Signature) -> str:
    """The expression for what a node keeps."""
    if not _few(s):
        return f"node.plan.keep({', '.join(value_names(s))})"
    return _by_wanted(s, lambda names: op.plans[_mask(s, names)].keep_source)


def _by_wanted(s: Signature, text: Callable[[tuple[str, ...]], str]) -> str:
    """An expression that is `text` of those inputs that want a gradient."""
    alone = [f"{text((x,))} if wanted == {_mask(s, (x,))} else " for x in s.differentiable]
    return "".join(alone[: 2 * (len(alone) - 1)]) + text(s.differentiable)


def _mask(s: Signature, names: tuple[str, ...]) -> int:
    return sum(1 << s.inputs.index(x) for x in names)


def value_names(s: Signature) -> list[str]:
    """The names of everything that a call knows, as the text of `apply` calls them."""
    return [value_name(s, name) for name in (*s.inputs, *s.settings, *s.outputs)]


def _inputs(s: Signature) -> str:
    return f"*{s.inputs[0]}," if s.variadic else tuple_text(s.inputs)


def _settings(s: Signature) -> str:
    return "{" + ", ".join(f"{k!r}: {k}" for k in s.settings) + "}"


def _before_work(s: Signature, needs: tuple[str, ...]) -> str:
    """What a normalisation is given: inputs as arrays, settings as given."""
    return ", ".join(f"_{name}" if name in s.inputs else name for name in needs)


def tuple_text(items: Any) -> str:
    """The items as the inside of a tuple, one item too."""
    return "".join(f"{item}, " for item in items).rstrip(" ")


def _one_or_all(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"({tuple_text(items)})"


@lru_cache(maxsize=256)
def number_array(value: float, dtype: np.dtype[Any]) -> Any:
    """`value`, not 0, as an array of the floating `dtype` that it meets, or as it is.

    NumPy takes less time with it, and the result is the same: a number takes on the dtype of the
    array it meets. Not so with whole numbers, and what overflows is left to NumPy to report.
    (0.0 and −0.0 would be one to the cache.)
    """
    if dtype.kind != "f" or not abs(value) < np.finfo(dtype).max:
        return value
    array = np.asarray(value, dtype)
    array.flags.writeable = False
    return array


def compile_text(text: str, title: str, names: dict[str, Any]) -> dict[str, Any]:
    """Run a text of definitions; what it defines, by name."""
    # In the line cache, so that tracebacks and debuggers show the text.
    linecache.cache[title] = (len(text), None, text.splitlines(keepends=True), title)
    scope = {"__name__": __name__, **names}
    exec(_code(text, title), scope)
    return scope


@lru_cache
def _code(text: str, title: str) -> CodeType:
    """The text compiled: it comes again where the same network is recorded anew."""
    return compile(text, title, "exec")
