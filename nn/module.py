"""Module: a layer or a network says what there is, by its attributes, and what it computes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from reprlib import recursive_repr
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from autograd import Tensor
from autograd.diagnosis import describe
from autograd.grad_mode import current_mode
from autograd.tensor import HookHandle
from nn.hooks import ALIVE, Hook, Hooks, add_hook
from nn.parameter import convert
from nn.saving import Saving
from nn.spelling import pytorch_names, renamed, without_inplace


class Module(Saving):
    """What layers and networks derive from: say what there is, and what `forward` computes.

    Example:
        class Net(Module):
            def __init__(self) -> None:
                self.layers = [Linear(784, 128), ReLU(), Linear(128, 10)]

            def forward(self, x):
                for layer in self.layers:
                    x = layer(x)
                return x

    There is nothing to register and no `super().__init__()` to remember: see `nn.contents`. Each
    parameter's and buffer's `name` is its dotted path from the outermost module
    ("layers.0.weight"), which is what drawings and messages call it, and its key in `state_dict`.

    Where a layer's argument is called `axis` here and `dim` in PyTorch, it takes `dim` too. And
    where PyTorch's takes `inplace`, so does it; it gives a new Tensor all the same.
    """

    training: bool = True  # switched by train() and eval()
    takes_inplace: bool = False  # as PyTorch's layer does, to no effect
    _hooks: Hooks | None = None

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        if "__init__" in vars(cls):
            cls.__init__ = _completed(cls.__init__)  # type: ignore[method-assign]

    # Running

    def forward(self, *_args: Any, **_kwargs: Any) -> Any:
        """What the module computes; every module defines its own."""
        name = type(self).__name__
        raise NotImplementedError(
            f"{name} has no forward method, so it cannot be called. Say what it computes:\n"
            f"    class {name}(Module):\n"
            f"        def forward(self, x):\n"
            f"            return …"
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            if (ALIVE and self._hooks) or current_mode().watcher is not None:
                return self._accompanied(args, kwargs)
            return self.forward(*args, **kwargs)
        except Exception as error:
            wrong = _wrong_call(self, args, kwargs) if isinstance(error, TypeError) else None
            if not hasattr(error, "__notes__"):  # by a module within, which is nearer to the cause
                (wrong or error).add_note(f"  in  {self._place()}")
            if wrong is not None:
                raise wrong from None
            raise

    def _accompanied(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call that somebody watches, or that has hooks."""
        watcher = current_mode().watcher
        if watcher is not None:
            watcher.entered(self)
        try:
            if self._hooks is None:
                return self.forward(*args, **kwargs)
            return self._hooks.run(self, args, kwargs)
        finally:
            if watcher is not None:
                watcher.left(self)

    def _place(self) -> str:
        """Which module this is: its kind, and its path as the names of its parameters tell it."""
        kind = f"{type(self).__name__}({self.extra_repr()})"
        outer = {(t.name or "").removesuffix(path) for path, t in self._all_of(Tensor)}
        path = outer.pop() if len(outer) == 1 else ""  # parameters shared with others may disagree
        return f"{path.rstrip('.')}: {kind}" if path else kind

    # Hooks

    def register_forward_pre_hook(self, hook: Hook) -> HookHandle:
        """Have hook(module, args) called before `forward`, with the positional arguments.

        What it returns, if not None, takes their place (a single value need not be in a tuple).
        Returns a handle whose `remove()` takes the hook away, as all of these do.
        """
        return add_hook(self._own_hooks().before, hook, "module, args")

    def register_forward_hook(self, hook: Hook) -> HookHandle:
        """Have hook(module, args, output) called after `forward`.

        What it returns, if not None, takes the output's place.
        """
        return add_hook(self._own_hooks().after, hook, "module, args, output")

    def register_full_backward_hook(self, hook: Hook) -> HookHandle:
        """Have hook(module, grad_input, grad_output) called when a backward pass goes through.

        Args:
            hook: is given two tuples: the gradients of the positional inputs and those of the
                outputs, with None for what has none. What it returns, if not None, goes on in
                the place of `grad_input`.

        If no input requires a gradient it is called when those of the outputs are known.
        """
        return add_hook(self._own_hooks().backward, hook, "module, grad_input, grad_output")

    def _own_hooks(self) -> Hooks:
        if self._hooks is None:
            self._hooks = Hooks()
        return self._hooks

    # Switches

    def train(self, mode: bool = True) -> Self:
        """Put this module and all within it in training mode (with False, in evaluation mode).

        Dropout acts in training mode only. Raises TypeError if mode is not True or False.
        """
        if not isinstance(mode, bool):
            raise TypeError(
                f"train(mode) switches between training (True) and evaluation (False); it was "
                f"given {type(mode).__name__}. It does not train by itself: that is a loop of "
                "forward, loss, backward and optimizer.step()."
            )
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Put this module and all within it in evaluation mode."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Let all parameters learn, or with False freeze them."""
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters: each becomes None, or with False zeros."""
        for parameter in self.parameters():
            if set_to_none or parameter.grad is None:
                parameter.grad = None
            else:
                parameter.grad = Tensor(np.zeros_like(parameter.data))

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Call fn with every module within, each once, and at last with this one.

        Example:
            def start(module):
                if isinstance(module, Linear):
                    init.xavier_uniform_(module.weight)

            net.apply(start)
        """
        for module in list(self._inside_out(set())):
            fn(module)
        return self

    def _inside_out(self, seen: set[int]) -> Iterator[Module]:
        seen.add(id(self))
        for child in self.children():
            if id(child) not in seen:
                yield from child._inside_out(seen)
        yield self

    # Dtype

    def to(self, dtype: DTypeLike) -> Self:
        """Convert floating parameters and buffers to a floating dtype; they stay the same objects.

        Raises:
            TypeError: `dtype` is no floating dtype.
            RuntimeError: an optimiser keeps the parameters in its own memory, of their old dtype.
        """
        try:
            wanted = None if dtype is None else np.dtype(dtype)
        except TypeError:
            wanted = None
        if wanted is None or wanted.kind != "f":
            raise TypeError(
                f"to(dtype) takes a floating dtype, such as 'float64', not {dtype!r}. There are no "
                "devices to move to: NumPy computes on the CPU, so leave a .to(device) out."
            )
        tensors = [t for _, t in self._all_of(Tensor) if t.dtype.kind == "f" and t.dtype != wanted]
        held = next((tensor for tensor in tensors if tensor._home is not None), None)
        if held is not None:
            raise RuntimeError(
                f"to({str(wanted)!r}): an optimizer keeps {held.name!r} in its own memory, of "
                f"{held.dtype}. Convert before the optimizer is made; or convert a copy, "
                f"copy.deepcopy(model).to({str(wanted)!r}), and make an optimizer for that."
            )
        for tensor in tensors:
            convert(tensor, wanted)
        return self

    def double(self) -> Self:
        """The same as to("float64")."""
        return self.to(np.float64)

    def half(self) -> Self:
        """The same as to("float16")."""
        return self.to(np.float16)

    def float(self) -> Self:
        """The same as to("float32")."""
        return self.to(np.float32)

    # Printing

    def extra_repr(self) -> str:
        """What stands in parentheses after the module's name when it is printed."""
        return ""

    @recursive_repr("…")  # a module may know the one that holds it
    def __repr__(self) -> str:
        name, extra = type(self).__name__, self.extra_repr()
        found = self._attributes()
        lines = [f"({path}): {inner!r}" for path, inner in found if isinstance(inner, Module)]
        if not lines:
            return f"{name}({extra})"
        inside = "\n".join([extra, *lines] if extra else lines).replace("\n", "\n  ")
        return f"{name}(\n  {inside}\n)"


def _completed(init: Callable[..., None]) -> Callable[..., None]:
    """`init`, which takes PyTorch's `dim` for `axis`, and leaves all that is held with a name.

    Named are also those in lists that it filled after it had set them.
    """
    code = init.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    others = pytorch_names(names)

    @functools.wraps(init)
    def __init__(self: Module, *args: Any, **kwargs: Any) -> None:
        kwargs = renamed(kwargs, others)
        if "inplace" in kwargs and self.takes_inplace and "inplace" not in names:
            without_inplace(type(self).__name__, kwargs.pop("inplace"))
        try:
            init(self, *args, **kwargs)
        except TypeError:
            _check_making(self, init, args, kwargs)
            raise
        self._name_tensors()

    return __init__


def _check_making(
    module: Module, init: Callable[..., None], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    """Raise TypeError if a module was made with arguments that it does not take."""
    takes = inspect.signature(init)
    try:
        takes.bind(module, *args, **kwargs)
    except TypeError as error:
        name = type(module).__name__
        plain = [one.replace(annotation=one.empty) for one in takes.parameters.values()][1:]
        raise TypeError(f"{name} is made by {name}{inspect.Signature(plain)}: {error}.") from None


def _wrong_call(module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> TypeError | None:
    """What to say if the arguments do not fit `forward`; None if they do."""
    signature = inspect.signature(module.forward)
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        plain = [one.replace(annotation=one.empty) for one in signature.parameters.values()]
        given = [_shown(one) for one in args]
        given += [f"{name}={_shown(one)}" for name, one in kwargs.items()]
        return TypeError(
            f"{type(module).__name__} was called with ({', '.join(given)}), and its forward takes "
            f"{inspect.Signature(plain)}: {error}."
        )
    return None


def _shown(thing: Any) -> str:
    """An argument, in short."""
    if isinstance(thing, Tensor | np.ndarray):
        return f"{type(thing).__name__} {describe(thing)}"
    return f"{thing!r:.40}" if isinstance(thing, int | str | None) else type(thing).__name__
