"""Checkpoints: fewer values kept between forward and backward, for a second run of the function.

A checkpointed call leaves its nodes in the graph as any call does, but takes away the values that
their rules need. When backward meets the first of them, the function runs again, and the values of
that run are given to the nodes that wait for them. So parameters, hooks, several results and
derivatives of any order work as without a checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from threading import RLock
from typing import Any
from weakref import ref

import numpy as np

from autograd.diagnosis import describe
from autograd.engine import check_unchanged
from autograd.function import Function
from autograd.grad_mode import MODE, Mode, current_mode, is_grad_enabled
from autograd.random import take, taking
from autograd.versions import latest_write, tick, written_since
from autograd.watching import Watcher, watch


def checkpoint(fn: Callable[..., Any], *inputs: Any, **settings: Any) -> Any:
    """fn(*inputs, **settings), of which only the inputs are kept until backward runs fn again.

    For parts of a network that are cheap to compute and keep much: with a checkpoint around each of
    √n parts of n layers, memory grows with √n instead of n, for one more forward pass.

    Args:
        fn: a function or module. It must do the same both times: what it reads (parameters,
            `training`, globals) must not change before backward, and random numbers must come
            from `autograd.random.draw`, as those of dropout do: then the same ones come again.
            What it does beside computing (counting, printing, running averages) happens twice.
        inputs, settings: what it is called with, any objects. They are not copied.

    Returns:
        What fn returns.

    Raises:
        TypeError: fn cannot be called.
        RuntimeError: in backward, if a value that fn uses was changed in place since, or if fn
            calls other operations than the first time.

    The second run is not told to watchers: a record shows each call once, and a profile does not
    count it. Within `no_grad`, another checkpoint or a trace, fn simply runs.

    Source: Chen, Xu, Zhang, Guestrin, "Training Deep Nets with Sublinear Memory Cost" (2016).

    Example:
        h = checkpoint(block, x)  # rather than h = block(x)
    """
    if not callable(fn):
        raise _not_a_function(fn)
    call = partial(fn, *inputs, **settings)
    # Who has taken the place of `take` (an outer checkpoint, a trace) repeats this call itself.
    if not is_grad_enabled() or taking.get() is not take:
        return call()
    segment = _Segment(call)
    result = _observed(call, _First(segment.steps))
    segment.let_go()
    return result


class _Segment:
    """One checkpointed call: how to run it again, and which nodes wait for that."""

    def __init__(self, call: Callable[[], Any]) -> None:
        # Both runs see the same context variables. Whoever listens to the first is left out: it
        # may hold the graph, which would then hold itself.
        context = copy_context()
        context.run(MODE.set, Mode(grad=True, watcher=None))
        self.again: Callable[[_Again], Any] | None
        self.again = lambda observer: context.run(_observed, call, observer)
        self.began = tick()
        self.steps: list[_Step] = []
        self.lock = RLock()  # backward may run in several threads

    def let_go(self) -> None:
        """Take away what the nodes of the first run keep: from now on they wait."""
        for step in self.steps:
            node = step.made()
            if node is not None and node.kept:
                node.kept, node.segment = None, self
            else:  # nobody can reach it, it keeps nothing, or fn itself released it
                step.node = None

    def rerun(self) -> None:
        """The second run, which gives the nodes their values back. There is no third."""
        with self.lock:
            if self.again is None:
                return
            observer = _Again(self.steps, self.began)
            self.again(observer)
            observer.hand_over()
            self.again = None
            self.steps.clear()


def _observed(call: Callable[[], Any], observer: _First | _Again) -> Any:
    token = taking.set(observer.take)
    try:
        with watch(observer):
            return call()
    finally:
        taking.reset(token)


@dataclass(slots=True)
class _Step:
    """Something that a run did: it made a node, or drew random numbers."""

    name: str  # of the operation, or of the generator's method
    plan: Any  # of the node; None for a draw
    shape: Any
    dtype: Any
    # Weak, because nodes hold their segment.
    node: ref[Function] | None = field(default=None, compare=False)
    # As it was before the draw.
    generator: np.random.Generator | None = field(default=None, compare=False)

    def made(self) -> Function | None:
        """The node, if it is still there."""
        return None if self.node is None else self.node()

    def __str__(self) -> str:
        if self.plan is None:
            return f"a draw of random numbers ({self.name}), {self.shape} {self.dtype}"
        several = isinstance(self.dtype, tuple)
        shapes, dtypes = (self.shape, self.dtype) if several else ([self.shape], [self.dtype])
        text = " and ".join(map("{} {}".format, shapes, dtypes))
        return f"{self.name}, {text}, with gradients for {', '.join(map(str, self.plan.wanted))}"


class _First(Watcher):
    """Notes what the first run does."""

    def __init__(self, steps: list[_Step]) -> None:
        self.steps = steps

    def called(self, op: Any, _inputs: Any, _settings: Any, outputs: Any) -> None:
        node = _node(outputs)
        if node is not None:
            self.steps.append(_Step(op.__name__, node.plan, node.shape, node.dtype, ref(node)))

    def take(self, generator: np.random.Generator, method: str, shape: Any, dtype: Any) -> Any:
        """The generator's next numbers, with a note of how it stood before them."""
        source = generator.bit_generator
        with source.lock:  # other threads may draw from it at any moment
            before, after = deepcopy(generator), deepcopy(generator)
            numbers = take(after, method, shape, dtype)
            source.state = after.bit_generator.state
        self.steps.append(_Step(method, None, shape, dtype, generator=before))
        return numbers


class _Again(Watcher):
    """Follows the second run, step by step along the first."""

    def __init__(self, steps: list[_Step], began: int) -> None:
        self.steps = steps
        self.done = 0
        self.began = began
        self.began_again = tick()
        self.pairs: list[tuple[Function, Function]] = []  # who waits, and who has the values

    def called(self, op: Any, inputs: Any, _settings: Any, outputs: Any) -> None:
        if latest_write() > self.began and current_mode().grad:
            for one in inputs:
                self._check_input(op, one)
        node = _node(outputs)
        if node is not None:
            before = self._step(_Step(op.__name__, node.plan, node.shape, node.dtype))
            waiting = before.made()
            if waiting is not None:
                self.pairs.append((waiting, node))

    def take(self, _: np.random.Generator, method: str, shape: Any, dtype: Any) -> Any:
        """The same numbers as in the first run; the generator itself stays as it is."""
        before = self._step(_Step(method, None, shape, dtype))
        return take(deepcopy(before.generator), method, shape, dtype)  # type: ignore[arg-type]

    def hand_over(self) -> None:
        """Give the values of this run to the nodes that wait for them."""
        if self.done < len(self.steps):
            raise _other_step(self.done, self.steps[self.done], None)
        check_unchanged([node for _, node in reversed(self.pairs)])
        for waiting, node in self.pairs:
            kept = node.kept
            if kept and latest_write() > self.began_again:
                kept = tuple(self._unwritten(value) for value in kept)
            waiting.kept = kept

    def _step(self, step: _Step) -> _Step:
        """What the first run did in this place. Raises RuntimeError if it was something else."""
        before = self.steps[self.done] if self.done < len(self.steps) else None
        if before is None or before != step:
            raise _other_step(self.done, before, step)
        self.done += 1
        return before

    def _check_input(self, op: Any, value: Any) -> None:
        # What this run itself wrote before is its own, or was written by the first run as well.
        array = getattr(value, "_data", value)
        if written_since(array, self.began) and not written_since(array, self.began_again):
            raise _changed_in_place(op, value)

    def _unwritten(self, value: Any) -> Any:
        """The value, in memory that was not written since the node that waits was made."""
        if isinstance(value, list):
            return [self._unwritten(one) for one in value]
        return value.copy() if written_since(value, self.began_again) else value


def _node(outputs: tuple[Any, ...]) -> Function | None:
    """The node that a call made; None if it recorded no history."""
    nodes = (one.grad_fn for one in outputs)
    return next((node for node in nodes if node is not None), None)


# What the errors say


def _not_a_function(thing: Any) -> TypeError:
    return TypeError(
        "checkpoint: the function comes first and is called here, as in checkpoint(layer, x) in "
        f"place of layer(x); what was given is {type(thing).__name__}."
    )


def _changed_in_place(op: Any, value: Any) -> RuntimeError:
    return RuntimeError(
        f"checkpoint: {op.__name__} takes {describe(value)}, which was changed in place since the "
        "forward pass, so running the function again gives other values and the gradient would be "
        "wrong. Likely an optimizer step, a data assignment or an in-place operator between "
        "forward and backward, or in the function itself: call backward first, or compute the "
        "result anew."
    )


def _other_step(position: int, before: _Step | None, now: _Step | None) -> RuntimeError:
    return RuntimeError(
        "checkpoint: run again for backward, the function did not do the same.\n"
        f"  step {position + 1}, then  {before or 'nothing more'}\n"
        f"  step {position + 1}, now   {now or 'nothing more'}\n"
        "Likely something that it reads has changed since (a module's training mode, a counter, a "
        "global), or random numbers came from elsewhere. Hand what changes in as an argument, and "
        "draw random numbers with autograd.random.draw."
    )
