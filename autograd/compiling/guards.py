"""What must still be so for a recorded step to stand for the function: written out as one test.

Everything that the function reaches is compared with what it was: objects by identity, plain values
by equality, Tensors by their memory. The test is plain Python text, because it runs at every call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.codegen import compile_text
from autograd.compiling.arguments import NDARRAYS, Arguments
from autograd.compiling.holding import MISSING, PLAIN, ROWS, Seen
from autograd.compiling.reach import Reach, same
from autograd.dtypes import get_default_dtype
from autograd.grad_mode import current_mode
from autograd.tensor import Tensor

_TEXT = """\
def holds(args, kwargs):
    return (
        {tests}
    )


def inputs(args, kwargs):
    return [{arrays}]


def learning(args, kwargs):
    return [{learning}]
"""


class Guards:
    """The test of a call, and of all that the function reaches.

    Args:
        reach: what the function reaches.
        arguments: those of the call.
        leaves: the Tensors reached whose gradients the recording takes care of.

    Attributes:
        reach: as given.
        holds: answers whether everything is as it was, from a call's args and kwargs.
        inputs: the arrays among these, in order; a gradient after the Tensor that has it.
        learning: the Tensors among these that want gradients.
        key: what is tested, but for which gradients there are.
    """

    def __init__(self, reach: Reach, arguments: Arguments, leaves: Sequence[Tensor]) -> None:
        self.reach = reach
        self._things: dict[str, Any] = {
            "mode": current_mode,
            "same": same,
            "default_dtype": get_default_dtype,
            "ndarrays": NDARRAYS,
            "missing": MISSING,
        }
        self._names: dict[int, str] = {}
        self._values: list[str] = []  # the plain ones, in order
        self._gradients = {leaf: leaf._grad is not None for leaf in leaves}
        tests = [
            f"mode().grad is {current_mode().grad} and mode().watcher is None",
            f"default_dtype() is {self._name(get_default_dtype())}",
        ]
        for where, container in arguments.containers:
            tests += self._container(where, container)
        arrays: list[str] = []
        learning: list[str] = []
        for where, _, value in arguments.found:
            if isinstance(value, Tensor) and not reach.has(value):
                arrays.append(f"{where}._data")
                if value._requires_grad:
                    learning.append(where)
                if value._grad is not None:
                    arrays.append(f"{where}._grad._data")
                tests += self._tensor_given(where, value)
            elif isinstance(value, np.ndarray):
                arrays.append(where)
                tests += self._array(where, value)
            else:
                tests.append(self._is(where, value))
        # Lengths first: what is tested next may be beyond the end of a list that has shrunk.
        tests += [self._held(one) for one, _ in reach.containers.values()]
        tests += [self._seen(one) for one in reach.seen if one.container is not None]
        for tensor in reach.tensors:
            tests += self._tensor(self._name(tensor), tensor)
            if tensor not in self._gradients:  # a frozen one may have a gradient from before
                tests.append(f"{self._name(tensor)}._grad is None")
        self.key = ("\n".join([*tests, *self._values]), [*self._names])
        self._most, self._arrays, self._learning = tests, arrays, learning
        self._write()

    def forget_gradients(self, other: Guards) -> None:
        """Let it not matter whether a leaf has a gradient, where it does not matter to `other`.

        Args:
            other: of a recording that turned out to be the same. What differed from here, or had
                been forgotten already, does not matter.
        """
        self._gradients = {
            leaf: has for leaf, has in self._gradients.items() if other._gradients.get(leaf) is has
        }
        self._write()

    def _write(self) -> None:
        gradients = [
            f"{self._name(leaf)}._grad is {'not ' * has}None"
            for leaf, has in self._gradients.items()
        ]
        tests = dict.fromkeys([*self._most, *gradients])
        text = _TEXT.format(
            tests=" and\n        ".join(tests),
            arrays=", ".join(self._arrays),
            learning=", ".join(self._learning),
        )
        found = compile_text(text, "<guards>", dict(self._things))
        self.holds: Callable[..., bool] = found["holds"]
        self.inputs: Callable[..., list[Any]] = found["inputs"]
        self.learning: Callable[..., list[Tensor]] = found["learning"]

    def _name(self, thing: Any) -> str:
        if id(thing) not in self._names:
            self._names[id(thing)] = name = f"known_{len(self._names)}"
            self._things[name] = thing  # held, so that the id stays its own
        return self._names[id(thing)]

    def _is(self, got: str, value: Any) -> str:
        if isinstance(value, bool | type(None)):
            return f"{got} is {value}"
        if isinstance(value, PLAIN):
            name = f"value_{len(self._values)}"
            self._things[name] = value
            self._values.append(repr(value))
            return f"({got} is {name} or same({got}, {name}))"
        return f"{got} is {self._name(value)}"

    def _held(self, container: Any) -> str:
        if isinstance(container, set):
            return f"{self._name(container)} == {self._name(frozenset(container))}"
        if isinstance(container, type):
            return f"len({self._name(container)}.__dict__) == {len(container.__dict__)}"
        return f"len({self._name(container)}) == {len(container)}"

    def _seen(self, one: Seen) -> str:
        holder = self._name(one.container)
        if one.key is None:
            return self._is(f"{holder}.cell_contents", one.value)
        if isinstance(one.container, ROWS):
            return self._is(f"{holder}[{one.key}]", one.value)
        if isinstance(one.container, dict | type):
            holder += ".__dict__" * isinstance(one.container, type)
            return self._is(f"{holder}.get({self._literal(one.key)}, missing)", one.value)
        return self._is(f"getattr({holder}, {one.key!r}, missing)", one.value)

    def _literal(self, key: Any) -> str:
        return repr(key) if type(key) in (int, str) else self._name(key)

    def _container(self, where: str, container: Any) -> Iterator[str]:
        if where not in ("args", "kwargs"):  # those are what they always are
            yield f"type({where}) is {self._name(type(container))}"
        if isinstance(container, Mapping):
            keys = ", ".join(map(self._literal, container))
            yield f"[*{where}] == [{keys}]" if keys else f"not {where}"
        else:
            yield f"len({where}) == {len(container)}"

    def _tensor(self, name: str, tensor: Tensor) -> Iterator[str]:
        yield f"{name}._data is {self._name(tensor._data)}"
        yield f"{name}._requires_grad is {tensor._requires_grad}"
        if tensor._requires_grad:
            yield f"{name}._home is {self._name(tensor._home)}"
            yield f"{name}._hooks is {self._name(tensor._hooks)}"

    def _tensor_given(self, where: str, tensor: Tensor) -> Iterator[str]:
        yield f"type({where}) is {self._name(type(tensor))}"
        yield f"{where}._node is None"
        yield f"{where}._requires_grad is {tensor._requires_grad}"
        yield f"not {where}._hooks"
        yield f"{where}._grad is {'not ' * (tensor._grad is not None)}None"
        yield from self._array(f"{where}._data", tensor._data)

    def _array(self, where: str, array: Any) -> Iterator[str]:
        yield f"type({where}) in ndarrays"
        yield f"{where}.shape == {array.shape} and {where}.strides == {array.strides}"
        yield f"{where}.dtype == {self._name(array.dtype)}"
