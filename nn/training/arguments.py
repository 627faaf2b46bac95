"""What `fit`, `evaluate` and `predict` are given: looked at before anything is changed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import Tensor
from nn.losses.base import Loss
from nn.module import Module
from optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from optim.newton import Newton
from optim.optimizer import Optimizer

ORDER = "(model, data, loss, optimizer, epochs=…)"
AFTER = "after the model is complete: optimizer = optim.Adam(model.parameters(), lr=1e-3)"


def check_model(model: Any, who: str, order: str) -> None:
    """Raise TypeError if it is no model."""
    if not isinstance(model, Module) or isinstance(model, Loss):
        fix = f" Make one: {model.__name__}(…)." if isinstance(model, type) else ""
        raise TypeError(f"{who}{order}: the model is a Module; this is {kind_of(model)}.{fix}")


def check_loss(loss: Any, who: str, order: str) -> None:
    """Raise TypeError if it is no loss."""
    if isinstance(loss, type):
        raise TypeError(
            f"{who}{order}: the loss {loss.__name__} is a class; make one: {loss.__name__}()."
        )
    if not callable(loss):
        raise TypeError(
            f"{who}{order}: the loss is a function of prediction and target, such as "
            f"nn.CrossEntropyLoss() or nn.functional.mse_loss; this is {kind_of(loss)}."
        )


def check_optimizer(optimizer: Any, model: Module, loss: Any) -> None:
    """Raise TypeError if it is no optimiser, ValueError if it is another model's."""
    if not isinstance(optimizer, Optimizer):
        fix = " It goes to schedule=." if isinstance(optimizer, LRScheduler) else ""
        fix = " Make one: (model.parameters(), …)." if isinstance(optimizer, type) else fix
        raise TypeError(
            f"fit{ORDER}: the optimizer is one of optim; this is {kind_of(optimizer)}.{fix}"
        )
    name = type(optimizer).__name__
    own = {id(p): (path, p) for path, p in model.named_parameters()}
    of_loss = {id(p) for p in loss.parameters()} if isinstance(loss, Module) else set()
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    strangers = held - own.keys() - of_loss
    missing = [path for i, (path, p) in own.items() if i not in held and p.requires_grad]
    if not own.keys() & held:
        raise ValueError(
            f"fit: {name} holds none of the model's {len(own)} parameters, so the model would "
            f"never learn. Was the model, or a copy of it, made after the optimizer? Make the "
            f"optimizer {AFTER}."
        )
    if strangers and missing:
        raise ValueError(
            f"fit: {name} lacks {', '.join(missing[:4])}{' …' * (len(missing) > 4)}, and holds "
            f"{len(strangers)} parameters that the model does not have. Layers were exchanged "
            f"after the optimizer was made. Make it {AFTER}."
        )


def check_schedule(
    schedule: Any, each: Any, optimizer: Optimizer, validated: bool, epochs: int, steps: int | None
) -> None:
    """Raise TypeError or ValueError if the schedule is none, or cannot do what is asked of it.

    Args:
        schedule, each, optimizer: as `fit` takes them; `each` is its `schedule_each`.
        validated: whether there is validation data.
        epochs: how many there will be.
        steps: how many steps an epoch has, if that is known.
    """
    if each not in ("epoch", "step"):
        raise ValueError(f'fit: schedule_each is "epoch" or "step", not {each!r}.')
    if schedule is None:
        return
    name = type(schedule).__name__
    if not isinstance(schedule, LRScheduler):
        fix = f" Make one: {schedule.__name__}(optimizer, …)." * isinstance(schedule, type)
        raise TypeError(
            f"fit: schedule is one of optim.lr_scheduler; this is {kind_of(schedule)}.{fix}"
        )
    if schedule.optimizer is not optimizer:
        raise ValueError(
            f"fit: the schedule {name} sets the rates of another optimizer. Make it for this one: "
            f"{name}(optimizer, …)."
        )
    if isinstance(schedule, ReduceLROnPlateau) and (each == "step" or not validated):
        need = 'schedule_each="epoch"' if each == "step" else "validation=(x, y)"
        raise ValueError(f"fit: {name} watches the validation loss of each epoch: give {need}.")
    total = getattr(schedule, "total_steps", None)
    if isinstance(total, int) and each == "epoch" and steps and total == epochs * steps != epochs:
        raise ValueError(
            f"fit: {name} is planned for {total} steps, as many as there are batches, but would be "
            'stepped once in each epoch. Give schedule_each="step".'
        )
    asked = epochs if each == "epoch" else epochs * (steps or 0)
    if isinstance(total, int) and asked > total:
        raise ValueError(
            f"fit: {name} is planned for {total} steps, and {epochs} epochs have {asked}. Make "
            f"it with total_steps={asked}."
        )


def check_once(batches: Any, epochs: int, who: str) -> None:
    """Raise TypeError if the batches are used up after one epoch, and there are more."""
    if epochs > 1 and isinstance(batches, Iterator):  # to ask a loader for one would shuffle it
        raise TypeError(
            f"{who}: a {kind_of(batches)} is used up after one epoch, and there are {epochs}. Give "
            "a DataLoader, a list of batches, or (x, y)."
        )


def check_limits(optimizer: Optimizer, accumulate: int, **limits: Any) -> None:
    """Raise TypeError or ValueError for what cannot be done with the gradient."""
    for name, value in limits.items():
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise TypeError(f"fit: {name} is a number or None, not {value!r}.")
        if not 0 < value < math.inf:
            raise ValueError(f"fit: {name} is above 0 and finite, not {value}; None for no limit.")
    if isinstance(optimizer, Newton):
        asked = [name for name, value in limits.items() if value is not None]
        asked += ["accumulate"] * (accumulate > 1)
        if asked:
            raise ValueError(
                f"fit: Newton makes gradient and Hessian itself, so that {', '.join(asked)} cannot "
                "be had with it. Leave it out, or take LBFGS."
            )


def check_compile(wanted: Any, optimizer: Optimizer) -> None:
    """Raise TypeError or ValueError if `fit` cannot be asked to compile so."""
    if not isinstance(wanted, bool | None):
        raise TypeError(
            f"fit: compile is True, False, or None for where it is safe; not {wanted!r}."
        )
    if wanted and evaluates_itself(optimizer):
        raise ValueError(
            f"fit: compile=True records steps, and {kind_of(optimizer)} evaluates the loss itself, "
            "where and as often as its values ask for. Leave compile out, or take an optimizer "
            "that follows one gradient, such as Adam."
        )


def evaluates_itself(optimizer: Optimizer) -> bool:
    """Whether it asks for the loss, where and as often as it wants: Newton, L-BFGS, Nesterov."""
    return type(optimizer).step is not Optimizer.step


def check_loss_result(loss: Any, who: str) -> None:
    """Raise TypeError or ValueError if what a loss function has returned is not one number."""
    if not isinstance(loss, Tensor):
        raise TypeError(
            f"{who}: the loss function returned {kind_of(loss)}, and not a Tensor. Compute it with "
            "operations on the prediction, and leave out float(), .item() and .numpy()."
        )
    if loss.size != 1:
        raise ValueError(
            f"{who}: the loss function returned {loss.shape} numbers, and training follows one. "
            'Take the mean: loss.mean(), or reduction="mean".'
        )


def loss_value(loss: Any, who: str) -> float:
    """A batch's loss as a float. Raises TypeError or ValueError if it is not one number."""
    check_loss_result(loss, who)
    return float(loss.data.item())


def generators(*things: Any) -> Iterator[tuple[str, np.random.Generator]]:
    """The random generators that modules among `things` have as attributes, by path."""
    for i, thing in enumerate(things):
        if not isinstance(thing, Module):
            continue
        for path, module in thing.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, np.random.Generator):
                    yield f"{i}.{path}.{name}", value


def kind_of(thing: Any) -> str:
    """What messages call a thing."""
    return f"the class {thing.__name__}" if isinstance(thing, type) else type(thing).__name__
