"""Hooks of a module: functions that are called before it runs, after it, and on the way back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from weakref import ref

from autograd import Tensor, is_grad_enabled
from autograd.tensor import HookHandle
from autograd.trees import leaves, rebuild

Gradients = tuple[Tensor | None, ...]
Hook = Callable[..., Any]


# Of all modules. While there are none, a call need not ask its module, which would take longer.
ALIVE: set[ref[Hooks]] = set()


class Hooks:
    """The hooks of one module, by when they are called."""

    def __new__(cls) -> Hooks:  # also for what is copied or unpickled
        self = super().__new__(cls)
        ALIVE.add(ref(self, ALIVE.discard))
        return self

    def __init__(self) -> None:
        self.before: list[Hook] = []
        self.after: list[Hook] = []
        self.backward: list[Hook] = []

    def run(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """`module.forward` with the hooks around it."""
        for hook in tuple(self.before):  # a hook may remove itself
            answer = hook(module, args)
            if answer is not None:
                args = answer if isinstance(answer, tuple) else (answer,)
        passage = _Passage(module, self.backward) if self.backward and is_grad_enabled() else None
        if passage is not None:
            args = passage.enter(args)
        output = module.forward(*args, **kwargs)
        for hook in tuple(self.after):
            answer = hook(module, args, output)
            if answer is not None:
                output = answer
        return output if passage is None else passage.leave(output)


def add_hook(hooks: list[Hook], hook: Hook, arguments: str) -> HookHandle:
    """Add a hook, which is called with `arguments`. Raises TypeError if it cannot be called."""
    if not callable(hook):
        raise TypeError(
            f"A hook is a function that is called with ({arguments}), not {type(hook).__name__}. "
            "Give the function itself, without calling it."
        )
    return HookHandle(hooks, hook)


class _Passage:
    """One call of a module that has backward hooks, from its inputs to its outputs and back."""

    def __init__(self, module: Any, hooks: list[Hook]) -> None:
        self.module, self.hooks = module, hooks
        self.inputs = 0
        self.inputs_want_gradients = False
        self.grad_outputs: deque[Gradients] = deque()  # that wait for those of the inputs

    def enter(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments, so that their gradients go through the hooks."""
        self.inputs = len(args)
        self.inputs_want_gradients = any(map(_wants_gradient, args))
        return tuple(_gate(args, self._at_inputs))

    def leave(self, output: Any) -> Any:
        """The output, so that its gradients are known to the hooks."""
        passed = _gate(leaves(output), self._at_outputs)
        for one in filter(_wants_gradient, passed):
            one.register_hook(self._begin)
        return rebuild(output, iter(passed))

    def _begin(self, _: Tensor) -> None:
        """A pass comes in; an earlier one may have ended before it reached the inputs."""
        self.grad_outputs.clear()

    def _at_outputs(self, grad_output: Gradients) -> Gradients:
        if self.inputs_want_gradients:
            self.grad_outputs.append(grad_output)
        else:
            self._call((None,) * self.inputs, grad_output)
        return grad_output

    def _at_inputs(self, grad_input: Gradients) -> Gradients:
        if not self.grad_outputs:  # a derivative of a gradient came in from the side
            return grad_input
        return self._call(grad_input, self.grad_outputs.popleft())

    def _call(self, grad_input: Gradients, grad_output: Gradients) -> Gradients:
        for hook in tuple(self.hooks):
            answer = hook(self.module, grad_input, grad_output)
            if answer is not None:
                grad_input = _checked(hook, answer, grad_input)
        return grad_input


def _gate(things: Sequence[Any], together: Callable[[Gradients], Gradients]) -> list[Any]:
    """The things; the gradients of the Tensors among them wait for each other on their way back.

    In each Tensor's place come three views, one behind the other. Gradients arrive at the second
    ones and are noted there. Nodes made later are replayed first, so all have arrived before the
    first of them reaches a first view, where `together` is asked what goes on. The third views are
    those that others hold: nobody can ask for a gradient between arriving and going on.

    One pass may bring many gradients (the rows of a Jacobian), all at one view before the next:
    hence queues.
    """
    n = len(things)
    passing = [i for i, thing in enumerate(things) if _wants_gradient(thing)]
    arrived: list[deque[Tensor]] = [deque() for _ in things]
    answers: list[deque[Tensor | None]] = [deque() for _ in things]

    def go_on(i: int, _: Tensor) -> Tensor | None:
        if not answers[i]:
            row = tuple(arrived[k].popleft() if arrived[k] else None for k in range(n))
            for k, answer in enumerate(together(row)):
                if row[k] is not None:
                    answers[k].append(answer)
        return answers[i].popleft()

    first, second, third = (list(things) for _ in range(3))
    for before, after in ((things, first), (first, second), (second, third)):
        for i in passing:
            after[i] = before[i].reshape(before[i].shape)
    for i in passing:
        first[i].register_hook(partial(go_on, i))
        second[i].register_hook(arrived[i].append)
    return third


def _wants_gradient(thing: Any) -> bool:
    return isinstance(thing, Tensor) and thing.requires_grad


def _checked(hook: Hook, answer: Any, grad_input: Gradients) -> Gradients:
    """What a backward hook answered, as one gradient for each input."""
    name = getattr(hook, "__name__", repr(hook))
    answers = answer if isinstance(answer, tuple) else (answer,)
    wrong = [one for one in answers if not isinstance(one, Tensor | None)]
    if wrong or len(answers) != len(grad_input):
        given = ", ".join(type(one).__name__ for one in answers)
        raise TypeError(
            f"The backward hook {name} returned ({given}). It returns None to leave the gradients "
            f"as they are, or a tuple of {len(grad_input)}, a Tensor or None for each positional "
            "input of the module."
        )
    return answers
