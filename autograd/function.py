"""A function node of the computation graph, and the classes from which operations are made.

An operation is a class; applying it computes a value and, if an input wants a gradient, makes one
instance of the class: a node. The node keeps what its rules name, and knows where its inputs came
from (its edges). `apply` and the way back are written out from the class by `codegen` and `plan`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import ref

import numpy as np

from autograd import diagnosis
from autograd.codegen import compile_apply, write_apply
from autograd.grad_mode import current_mode
from autograd.more_settings import with_more
from autograd.operands import Edge, constant, constant_array, fit, returned
from autograd.plan import Plan, recall
from autograd.rules import MINUS, ONE, RuleError, Signature, read_class
from autograd.versions import tick

if TYPE_CHECKING:
    from autograd.symbols.formula import Formula
    from autograd.tensor import Tensor

__all__ = ["MINUS", "ONE", "Edge", "Elementwise", "Function", "RuleError"]

Array = Any  # an ndarray, or whatever array type a rule is read on
Rules = Mapping[Any, Callable[..., Any]]


class _Plans(dict[int, Plan]):
    """The plans of an operation by set of inputs that want a gradient, each made when first met."""

    def __init__(self, op: type[Function]) -> None:
        self.op = op

    def __missing__(self, wanted: int) -> Plan:
        plan = self[wanted] = Plan(self.op.signature, wanted)
        return plan


class _Operation(type):
    """The class of operations: `__slots__` for all, so that a node carries no dictionary."""

    def __new__(
        mcs, name: str, bases: tuple[type, ...], body: dict[str, Any], **kwargs: Any
    ) -> _Operation:
        body.setdefault("__slots__", ())
        return super().__new__(mcs, name, bases, body, **kwargs)

    @property
    def apply_source(cls) -> str:
        """The text of `apply`."""
        return write_apply(cls, cls.signature)  # type: ignore[attr-defined]


class Function(metaclass=_Operation):
    """An operation with derivatives; each instance is one call of it, a node of the graph.

    A subclass says:
        forward: the value, in NumPy; a function of the inputs and settings, or a ufunc.
        gradients: for each input its rule, from the upstream gradient `g` and anything else it
            names (inputs, outputs, `x_shape`, `x_size`, settings) to the gradient of that input.
            With several outputs the keys are pairs (input, output).
        inputs, settings, outputs: names, where the keys of `gradients` do not say it all.
            `inputs = ("*arrays",)` takes any number. An output whose name starts with "_" is kept
            for rules and not handed out.
        constant_outputs: outputs whose derivative is zero wherever it exists (masks, indices).
        batched: True promises that the rules also hold for upstream gradients with an extra
            leading axis, so that a Jacobian takes one pass rather than one for each row.
        normalize: for a setting, the function that brings it into one form (negative axes, say).
        backward: optionally, all gradients at once as a dict by input, for work that they share;
            used where more than one input wants its gradient, and tested against `gradients`.
        numpy: the NumPy function that this operation implements; a ufunc `forward` says it itself.
        diagnose: called after forward failed, with its inputs; what is wrong and what to write.

    Example:
        class Cube(Function):
            def forward(x): return x ** 3
            gradients = {"x": lambda g, x: g * 3 * x**2}

        y = Cube.apply(x)
    """

    __slots__ = (
        "__weakref__",
        "dtype",
        "edges",
        "hooks",
        "kept",
        "number",
        "places",
        "plan",
        "segment",
        "shape",
    )

    inputs: ClassVar[tuple[str, ...]] = ()
    settings: ClassVar[tuple[str, ...]] = ()
    outputs: ClassVar[tuple[str, ...]] = ("out",)
    constant_outputs: ClassVar[tuple[str, ...]] = ()
    batched: ClassVar[bool] = False
    gradients: ClassVar[Rules] = {}
    local_gradients: ClassVar[Rules] = {}
    normalize: ClassVar[Mapping[str, Callable[..., Any]]] = {}
    numpy: ClassVar[Any] = None
    forward: ClassVar[Callable[..., Any]]
    diagnose: ClassVar[Callable[..., Any] | None] = None

    # Read when the class is made; `apply` is written out at its first call.
    signature: ClassVar[Signature]
    apply: ClassVar[Callable[..., Tensor]]
    plans: ClassVar[_Plans]
    several: ClassVar[bool]  # whether there are several outputs

    # Every operation by its NumPy function, and all of them.
    by_numpy: ClassVar[dict[Any, type[Function]]] = {}
    registry: ClassVar[list[type[Function]]] = []
    tensor_type: ClassVar[Any]  # Tensor, set by tensor.py, which stands above this file

    # The instance: one call.
    edges: tuple[Edge, ...]  # of the inputs that want a gradient
    kept: tuple[Any, ...] | None  # None once released, or until a checkpoint runs again
    number: int
    plan: Plan
    shape: Any  # of the output; a tuple of shapes where there are several outputs
    dtype: Any
    hooks: list[Callable[[Any], Any]] | None
    index: int | None = None  # see Output
    places: dict[int, ref[Output]]  # where there are several outputs
    segment: Any  # the call that it was made in, where that was checkpointed

    def __init_subclass__(cls) -> None:
        if not hasattr(cls, "forward"):
            return  # a base class of a family
        for name in ("forward", "backward", "diagnose"):
            if callable(cls.__dict__.get(name)) and not isinstance(cls.__dict__[name], np.ufunc):
                setattr(cls, name, staticmethod(cls.__dict__[name]))
        cls.signature = read_class(cls, issubclass(cls, Elementwise))
        cls.plans = _Plans(cls)
        cls.several = len(cls.signature.outputs) > 1
        cls.apply = staticmethod(_write_at_first_call(cls))
        Function.registry.append(cls)
        spelling = cls.forward if isinstance(cls.forward, np.ufunc) else cls.__dict__.get("numpy")
        if spelling is not None:
            Function.by_numpy.setdefault(spelling, cls)  # np.multiply means one thing to all

    @classmethod
    def call(cls, *inputs: Any, **settings: Any) -> Any:
        """The operation inside a rule: bare forward on arrays, taken over by whatever reads rules.

        Settings are expected in their normalised form. For operations with one output.
        """
        for x in inputs:
            if type(x) is not np.ndarray and hasattr(type(x), "__autograd_call__"):
                return type(x).__autograd_call__(cls, inputs, settings)
        return cls.forward(*inputs, **settings)

    def carries_batch(self, kept: Any) -> bool:  # noqa: ARG002 (some operations look at it)
        """Whether the rules hold for gradients with an extra leading axis, given what is kept."""
        return self.batched or self.signature.elementwise

    def local_gradient_values(self) -> dict[Any, np.ndarray[Any, Any]]:
        """The node's Jacobians in numbers, by input: shape (*output shape, *input shape).

        For an elementwise operation, only the entries that are not zero by construction: the local
        gradient ∂out/∂input of each output entry, in the output's shape. Only for inputs that want
        a gradient, and for operations with one output. Raises RuntimeError if the node's values
        were released.
        """
        kept = recall(self)
        if self.several:
            raise TypeError(f"{type(self).__name__}: a Jacobian is given for a single output only.")
        parts = zip(self.plan.wanted, self.plan.parts, self.edges, strict=True)
        if self.signature.elementwise:
            one = np.ones(self.shape, self.dtype)
            return {name: np.array(part(one, kept)) for name, part, _ in parts}
        return {name: self._jacobian(part, kept, edge) for name, part, edge in parts}

    def formula(self) -> Formula:
        """What the operation computes, as a formula: `str` of it in Unicode, `.latex`, `.mathml`.

        Settings are shown as far as the node has kept them, for its rules.
        """
        kept = dict(zip(self.plan.kept_names, self.kept or (), strict=False))
        settings = {name: kept[name] for name in self.signature.settings if name in kept}
        formula: Formula = _symbols().formula_of(type(self), settings)
        return formula

    def local_gradient_formulas(self) -> dict[Any, Formula]:
        """The node's rules as formulas, by input, read from the code that runs.

        For an elementwise operation the local gradients ∂out/∂input; for any other the gradient of
        each input, from the upstream gradient g. Raises RuntimeError if the values were released.
        """
        formulas: dict[Any, Formula] = _symbols().local_gradient_formulas_of(self)
        return formulas

    def _jacobian(self, part: Callable[..., Any], kept: Any, edge: Edge) -> np.ndarray[Any, Any]:
        rows = []
        for i in range(int(np.prod(self.shape))):
            unit = np.zeros(self.shape, self.dtype)
            unit.reshape(-1)[i] = 1
            rows.append(fit(part(unit, kept), edge))
        return np.array(rows, edge.dtype).reshape(self.shape + edge.shape)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} node {self.number}: {self.shape} {self.dtype}>"


def _symbols() -> Any:
    """The module that reads rules, which is loaded when a formula is asked for."""
    return importlib.import_module("autograd.symbols")


def _write_at_first_call(op: type[Function]) -> Callable[..., Tensor]:
    """What `op.apply` is until it is called: a program pays only for operations that it uses."""

    def first(*inputs: Any, **settings: Any) -> Tensor:
        if op.__dict__["apply"].__func__ is first:
            apply = compile_apply(op, op.signature, _names(op))
            apply.__doc__, apply.__module__ = op.__doc__, op.__module__
            apply.__qualname__ = f"{op.__name__}.apply"
            op.apply = staticmethod(apply)
        return op.apply(*inputs, **settings)

    return first


def _names(op: type[Function]) -> dict[str, Any]:
    """What the text of `apply` refers to."""
    return {
        "Tensor": Function.tensor_type,
        "constant": constant if issubclass(op, Elementwise) else constant_array,
        "returned": returned,
        "new": object.__new__,
        "tick": tick,
        "current_mode": current_mode,
        "output_of": output_of,
        "explain": diagnosis.explain_call,
        "with_more": with_more,
        "CALL_ERRORS": diagnosis.CALL_ERRORS,
    }


class Elementwise(Function):
    """An operation entry by entry, with NumPy's broadcasting.

    States `local_gradients`: for each input x the partial derivative ∂out/∂x, a function of the
    values it names. The product with the upstream gradient and the undoing of broadcasting
    happen here and in the engine, once for all.
    """


class Output(Function):
    """One of the outputs of a node that has several: where that output's consumers lead to."""

    __slots__ = ("index",)

    def __init__(self, node: Function, index: int) -> None:
        self.edges = (node,)
        self.index = index
        self.number = tick()
        self.kept = ()
        self.shape = node.shape[index]
        self.dtype = node.dtype[index]
        self.hooks = None


def output_of(node: Function, index: int) -> Output:
    """The place of one output in the graph: the same one as long as anybody holds it."""
    found = node.places.get(index)
    output = found() if found else None
    if output is None:
        output = Output(node, index)
        node.places[index] = ref(output)  # weak, because the output holds its node
    return output
