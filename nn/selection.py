"""Which parameters of a model a penalty or a constraint is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from nn.module import Module
from nn.parameter import Parameter

Rule = str | Callable[[str, Parameter], bool]
Rules = Rule | Iterable[Rule]


def weights(_path: str, parameter: Parameter) -> bool:
    """The rule used where none is given: weights have two axes or more, biases and gains one."""
    return parameter.ndim >= 2


class Selection:
    """Parameters that rules select.

    Args:
        rules: a dotted path; a pattern, with * for anything ("*.weight"); a function of path and
            parameter that answers whether it is meant; or several of these, each of which adds.
        who: in whose name errors are raised.

    Raises:
        TypeError: the rules are none of these.
    """

    def __init__(self, rules: Rules, who: str) -> None:
        listed: tuple[Rule, ...] = ()
        if isinstance(rules, str) or callable(rules):
            listed = (rules,)
        elif isinstance(rules, Iterable):
            listed = tuple(rules)
        if not listed or not all(isinstance(one, str) or callable(one) for one in listed):
            raise TypeError(
                f"{who}: parameters are selected by path or pattern, such as "
                '"layers.0.weight" or "*.weight", by a function of path and parameter, or by a '
                f"list of these; not by {rules!r}."
            )
        self.rules, self.who = listed, who

    def of(self, model: Module) -> dict[str, Parameter]:
        """The model's parameters that are selected, by path.

        Raises:
            ValueError: one of the rules selects nothing.
            TypeError: the model is no Module.
        """
        if not isinstance(model, Module):
            raise TypeError(
                f"{self.who}: it is called with the model, whose parameters it selects, not with "
                f"{type(model).__name__}."
            )
        own, selected = dict(model.named_parameters()), set()
        for rule in self.rules:
            meant = _path_fits(rule) if isinstance(rule, str) else rule
            found = {path for path, parameter in own.items() if meant(path, parameter)}
            if not found:
                there = ", ".join(f"{path} {p.shape}" for path, p in own.items())
                raise ValueError(
                    f"{self.who}: the rule {_name(rule)} selects no parameter of "
                    f"{type(model).__name__}, which has {there or 'no parameters'}."
                )
            selected |= found
        return {path: parameter for path, parameter in own.items() if path in selected}


def _name(rule: Rule) -> str:
    return getattr(rule, "__name__", repr(rule))


def _path_fits(pattern: str) -> Callable[[str, Parameter], bool]:
    return lambda path, _: fnmatchcase(path, pattern)
