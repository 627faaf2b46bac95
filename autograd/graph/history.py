"""The part of a record that a result was computed by."""

from __future__ import annotations

from autograd.tape import Call, Tape, Value
from autograd.tensor import Tensor


def calls_leading_to(result: Tensor, tape: Tape) -> list[Call]:
    """The recorded calls that `result` was computed by, in order.

    Raises LookupError if no call of the tape made it.
    """
    found = {tape.call_of(result).number}
    for call in reversed(tape.calls):
        if call.number in found:
            made_by = (x.made_by for x in call.inputs.values() if isinstance(x, Value))
            found |= {number for number in made_by if number is not None}
    return [call for call in tape.calls if call.number in found]
