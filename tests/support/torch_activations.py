"""The activations that are compared with PyTorch's."""

from __future__ import annotations

from support.torch_cases import Case, case, exactly, numbers

# The kinks of all the functions, and numbers far out; these are exact in float32.
KINKS = exactly([-40.0, -6.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0, 40.0])

BARE = [
    *("ReLU", "LeakyReLU", "PReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish", "Softplus"),
    *("Softsign", "Softshrink", "Hardshrink", "Tanhshrink", "LogSigmoid", "Hardtanh", "ReLU6"),
    *("Hardswish", "Sigmoid", "Tanh"),
]
# Without Hardsigmoid: in float64 too, PyTorch 2.13 sends back g times 1/6 rounded to float32.

CASES: list[Case] = [
    *(case(name, one) for name in BARE for one in (numbers(3, 4), KINKS)),
    case("LeakyReLU", numbers(3, 4), negative_slope=0.1),
    case("PReLU", numbers(3, 4), num_parameters=4),
    case("PReLU", numbers(2, 3, 4), num_parameters=3),
    case("PReLU", numbers(2, 3, 4), init=0.5),
    case("RReLU", numbers(3, 4)).in_evaluation(),
    case("RReLU", numbers(3, 4), lower=0.25, upper=0.5).in_evaluation(),
    case("ELU", numbers(3, 4), alpha=0.5),
    case("CELU", numbers(3, 4), alpha=0.5),
    # Where PyTorch's own result is a difference that cancels, it is no truth for small numbers.
    case("GELU", numbers(3, 4), approximate="tanh"),
    case("Softplus", numbers(3, 4), beta=2, threshold=3),
    case("Softshrink", numbers(3, 4), lambd=1.5),
    case("Hardshrink", numbers(3, 4), lambd=1.5),
    case("Threshold", numbers(3, 4), threshold=0.5, value=-2),
    case("Threshold", KINKS, threshold=0.5, value=-2),
    case("Hardtanh", numbers(3, 4), min_val=-2, max_val=0.5),
    case("Softmax", numbers(3, 4), dim=0),
    case("Softmax", numbers(2, 3, 4), dim=1),
    case("softmax", numbers(3, 4), dim=-1),
    case("LogSoftmax", numbers(3, 4), dim=1),
    case("Softmin", numbers(3, 4), dim=1),
    case("GLU", numbers(3, 4)),
    case("GLU", numbers(4, 3), dim=0),
]
