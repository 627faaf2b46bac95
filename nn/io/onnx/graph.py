"""A network of ONNX nodes that grows by one recorded call at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
import onnx

from autograd.tape import Call, Value

Array = np.ndarray[Any, Any]


OTHERWISE = "write it with other operations, or compute it outside of the model"


class Refusal(ValueError):
    """Why something in a forward pass has no place in an ONNX file."""


def alike(a: Any, b: Any) -> bool:
    """Whether two recordings agree on a number, an array, or what else a setting may be."""
    if isinstance(a, tuple | list) and isinstance(b, tuple | list):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (a != a and b != b)
    return type(a) is type(b) and bool(a == b)


class Graph:
    """The nodes and constants so far.

    Attributes:
        batch: the sizes of the batches in the two recordings.
        first_input: the name of the input that says how large a batch is.
        nodes: in the order in which they run.
        constants: parameters and others, by name.
    """

    def __init__(self, batch: tuple[int, int], taken: Sequence[str]) -> None:
        self.batch = batch
        self.first_input = taken[0]
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, Array] = {}
        self._taken = set(taken)
        self._shared: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        # What each value of the first recording is called here, or why it has no name.
        self._names: dict[int, str | Refusal] = {}
        self._arrays: list[tuple[Array, str | Refusal]] = []

    def call(self, value: Value | None, name: str | Refusal, array: Array | None = None) -> None:
        """Note the name of a value; and the array that an index key may turn out to be."""
        if value is not None:
            self._names[id(value)] = name
        if array is not None and array.dtype.kind in "iu":
            self._arrays.append((array, name))

    def name_of(self, value: Value) -> str | None:
        """What a value is called, if it was met. Raises the Refusal that it has for a name."""
        return _or_raise(self._names.get(id(value)))

    def name_of_array(self, array: Array) -> str | None:
        """What the value is called that an index key is, if one is in the very same place."""
        for known, name in self._arrays:
            if _place(known) == _place(array):
                return _or_raise(name)
        return None

    def name_of_result(self, value: Value | None) -> str:
        """What the model's result is called. Raises ValueError if no operation made it."""
        name = None if value is None else self.name_of(value)
        if name is None:
            raise ValueError(
                "export_onnx: no operation made the model's result. Compute it from the input with "
                "operations on Tensors, not with .data or .numpy()."
            )
        return name

    def add(self, operator: str, *inputs: str, module: str = "", **attributes: Any) -> str:
        """A node with one result; the result's name."""
        out = self._unique(f"{module}/{operator}".lstrip("/"))
        node = onnx.helper.make_node(operator, inputs, [out], name=out, **attributes)
        self.nodes.append(node)
        return out

    def keep(self, array: Array, name: str) -> str:
        """A constant of its own, such as a parameter; its name."""
        name = self._unique(name)
        self.constants[name] = array
        return name

    def constant(self, array: Array) -> str:
        """A constant that equal ones share; its name."""
        key = array.dtype.str, array.shape, array.tobytes()
        if key not in self._shared:
            self._shared[key] = self.keep(array, "constant")
        return self._shared[key]

    def needed_for(self, output: str) -> tuple[list[onnx.NodeProto], dict[str, Array]]:
        """The nodes, in order, and the constants that a result depends on."""
        needed, nodes = {output}, []
        for node in reversed(self.nodes):
            if needed.intersection(node.output):
                nodes.append(node)
                needed.update(node.input)
        constants = {name: one for name, one in self.constants.items() if name in needed}
        return nodes[::-1], constants

    def _unique(self, name: str) -> str:
        found, i = name, 0
        while found in self._taken:
            i += 1
            found = f"{name}_{i}"
        self._taken.add(found)
        return found


def _place(array: Array) -> tuple[Any, ...]:
    return array.ctypes.data, array.shape, array.strides, array.dtype.str


def _or_raise(name: str | Refusal | None) -> str | None:
    if isinstance(name, Refusal):
        raise name
    return name


class Step:
    """One call, as the rows of the table see it.

    Attributes:
        call: the call in the first recording.
        other: the same call in the second recording, where the batch is larger.
        dtype: of the (first) result; operands are brought to it unless another is asked for.
        settings: of the call.
    """

    def __init__(self, graph: Graph, call: Call, other: Call) -> None:
        self.graph, self.call, self.other = graph, call, other
        self.dtype = next(iter(call.outputs.values())).dtype
        self.settings: Mapping[str, Any] = call.settings

    def __getitem__(self, name: str) -> str:
        return self.operand(name, self.dtype)

    def inputs(self, dtype: np.dtype[Any] | None = None) -> list[str]:
        """The names of all inputs, brought to one dtype."""
        return [self.operand(name, dtype or self.dtype) for name in self.call.inputs]

    def operand(self, name: str, dtype: np.dtype[Any]) -> str:
        """The name of one input, brought to a dtype."""
        given, other = self.call.inputs[name], self.other.inputs[name]
        if not isinstance(given, Value):
            self._check_constant(given, other)
            return self.number(given, dtype)
        return self.cast(self.name_of(given, other), given.dtype, dtype)

    def name_of(self, value: Value, other: Value) -> str:
        """What a value is called; one from outside becomes a constant here."""
        if value.made_by != other.made_by:
            self.refuse("what it takes depends on the data, or on the size of the batch")
        name = self.graph.name_of(value)
        if name is None:
            self._check_constant(value.array, other.array)
            own = value.given_name  # buffers and the like have one
            name = self.graph.keep(value.array, own) if own else self.graph.constant(value.array)
            self.graph.call(value, name)
        return name

    def index(self, array: Array, other: Array) -> str:
        """The name of an index key, which the recording holds as a bare array."""
        name = self.graph.name_of_array(array)
        if name is None and not alike(array, other):
            self.refuse(
                "its index depends on the data, and is neither an input nor the result of an "
                "operation as it stands",
                "index with the Tensor itself, weight[x], and choose or turn afterwards",
            )
        return name or self.graph.constant(array)

    def number(self, value: Any, dtype: np.dtype[Any] | None = None) -> str:
        """The name of a constant in the dtype of the result, or another."""
        return self.graph.constant(np.asarray(value).astype(dtype or self.dtype))

    def integers(self, values: Sequence[int]) -> str:
        """The name of a row of whole numbers: axes, lengths."""
        return self.graph.constant(np.array(values, np.int64))

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """A node; its name tells the module."""
        return self.graph.add(operator, *inputs, module=self.call.module or "", **attributes)

    def cast(self, name: str, dtype: np.dtype[Any], to: np.dtype[Any]) -> str:
        """`name`, which has `dtype`, in another."""
        if dtype == to:
            return name
        return self.add("Cast", name, to=onnx.helper.np_dtype_to_tensor_dtype(to))

    def common_dtype(self) -> np.dtype[Any]:
        """The dtype in which NumPy would compare the inputs."""
        # Python numbers and 0-d arrays as they are: the former widen nothing.
        given = [getattr(one, "array", one) for one in self.call.inputs.values()]
        return np.result_type(*[getattr(one, "dtype", one) for one in given])

    def batch_size(self, length: int, other: int) -> str:
        """The name of a length that is the batch's size, as a row of one number."""
        if (length, other) != self.graph.batch:
            self.refuse("a length depends on the size of the batch, and is not that size")
        return self.add("Shape", self.graph.first_input, start=0, end=1)

    def refuse(self, reason: str, fix: str = OTHERWISE) -> NoReturn:
        """Raise the error that this call has no place in the file: operation, module, line."""
        call = self.call
        lines = [f"export_onnx: {call.op.__name__} has no place in the file: {reason}."]
        if call.module is not None:
            lines.append(f"  in    {call.module or 'the model'} ({call.module_kind})")
        if call.line is not None:
            lines.append(f"  line  {call.line}  {call.line.text}".rstrip())
        raise Refusal("\n".join([*lines, f"  fix   {fix}"]))

    def _check_constant(self, value: Any, other: Any) -> None:
        if not alike(value, other):
            self.refuse(
                "it takes numbers that depend on the data, or on the size of the batch, and were "
                "not computed by operations; in the file they would be constants",
                "compute them with operations on Tensors: x.mean(axis=0), not x.sum(axis=0) / "
                "len(x)",
            )


Rule = Callable[[Step], str | tuple[str, ...]]  # the name of a call's result, or of each
