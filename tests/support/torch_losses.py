"""The losses that are compared with PyTorch's."""

from __future__ import annotations

from support.torch_cases import (
    Case,
    Input,
    case,
    exactly,
    fixed,
    labels,
    numbers,
    positive,
    probabilities,
    rows,
    signs,
    truths,
)

REDUCTIONS = ("mean", "sum", "none")


def reduced(module: str, *inputs: Input, **settings: object) -> list[Case]:
    """A row for each reduction."""
    return [case(module, *inputs, reduction=one, **settings) for one in REDUCTIONS]


# Labels 0 … 2, among them some to be left out
SOME_IGNORED = exactly([0, -100, 2, 1, -100])
ONE_IGNORED = exactly([0, 1, 2, 1, 0])
# Without gradients, which PyTorch limits by 1e-12 rounded to float32
EXTREMES = fixed(exactly([0.0, 1.0, 0.0, 1.0, 1e-30, 0.5]))
# Floating, because PyTorch takes logarithms of whole numbers in float32
COUNTS = fixed(exactly([[0.0, 1.0, 2.0], [3.0, 4.0, 11.0], [1.0, 7.0, 0.0], [2.0, 5.0, 1.0]]))

CASES: list[Case] = [
    # Numbers
    *reduced("MSELoss", numbers(4, 3), numbers(4, 3)),
    case("MSELoss", numbers(4), fixed(numbers(4))),
    *reduced("L1Loss", numbers(4, 3), numbers(4, 3)),
    *reduced("HuberLoss", numbers(4, 3), numbers(4, 3)),
    case("HuberLoss", numbers(4, 3), numbers(4, 3), delta=0.3),
    case("HuberLoss", numbers(4, 3), numbers(4, 3), delta=5.0),
    *reduced("SmoothL1Loss", numbers(4, 3), numbers(4, 3)),
    case("SmoothL1Loss", numbers(4, 3), numbers(4, 3), beta=0.3),
    case("SmoothL1Loss", numbers(4, 3), numbers(4, 3), beta=0.0),
    # Yes or no
    *reduced("BCELoss", probabilities(4, 3), probabilities(4, 3)),
    case("BCELoss", probabilities(4, 3), fixed(truths(4, 3)), weight=positive(3)),
    case("BCELoss", probabilities(4, 3), fixed(truths(4, 3)), weight=positive(4, 1)),
    case("BCELoss", EXTREMES, fixed(exactly([0.0, 1.0, 1.0, 0.0, 1.0, 0.3])), reduction="none"),
    *reduced("BCEWithLogitsLoss", numbers(4, 3), probabilities(4, 3)),
    case("BCEWithLogitsLoss", numbers(4, 3), probabilities(4, 3), weight=positive(3)),
    *reduced("BCEWithLogitsLoss", numbers(4, 3), probabilities(4, 3), pos_weight=positive(3)),
    case(
        "BCEWithLogitsLoss",
        numbers(4, 3),
        fixed(truths(4, 3)),
        weight=positive(4, 1),
        pos_weight=positive(3),
    ),
    *reduced("MultiLabelSoftMarginLoss", numbers(4, 3), fixed(truths(4, 3))),
    case("MultiLabelSoftMarginLoss", numbers(4, 3), fixed(truths(4, 3)), weight=positive(3)),
    *reduced("SoftMarginLoss", numbers(4, 3), fixed(signs(4, 3))),
    # One class among several
    *reduced("CrossEntropyLoss", numbers(5, 3), labels(3, 5)),
    case("CrossEntropyLoss", numbers(3), exactly(2)),
    *reduced("CrossEntropyLoss", numbers(5, 3), labels(3, 5), weight=positive(3)),
    *reduced("CrossEntropyLoss", numbers(5, 3), SOME_IGNORED),
    case("CrossEntropyLoss", numbers(5, 3), SOME_IGNORED, weight=positive(3)),
    *reduced("CrossEntropyLoss", numbers(5, 3), ONE_IGNORED, ignore_index=1),
    *reduced("CrossEntropyLoss", numbers(5, 3), labels(3, 5), label_smoothing=0.2),
    *reduced(
        "CrossEntropyLoss",
        numbers(5, 3),
        SOME_IGNORED,
        weight=positive(3),
        label_smoothing=0.2,
    ),
    case("CrossEntropyLoss", numbers(5, 3), ONE_IGNORED, ignore_index=0, label_smoothing=1.0),
    *reduced("CrossEntropyLoss", numbers(5, 3), rows(5, 3)),
    case("CrossEntropyLoss", numbers(5, 3), rows(5, 3), weight=positive(3)),
    case(
        "CrossEntropyLoss",
        numbers(5, 3),
        fixed(rows(5, 3)),
        weight=positive(3),
        label_smoothing=0.2,
    ),
    *reduced("NLLLoss", numbers(5, 3), labels(3, 5)),
    case("NLLLoss", numbers(3), exactly(1)),
    *reduced("NLLLoss", numbers(5, 3), SOME_IGNORED, weight=positive(3)),
    case("NLLLoss", numbers(5, 3), ONE_IGNORED, ignore_index=1),
    # Margins
    *reduced("MultiMarginLoss", numbers(5, 3), labels(3, 5)),
    case("MultiMarginLoss", numbers(3), exactly(2)),
    case("MultiMarginLoss", numbers(5, 3), labels(3, 5), p=2, margin=0.5),
    case("MultiMarginLoss", numbers(5, 3), labels(3, 5), weight=positive(3)),
    case("MultiMarginLoss", numbers(5, 3), labels(3, 5), p=2, weight=positive(3)),
    *reduced("HingeEmbeddingLoss", numbers(4, 3), fixed(signs(4, 3))),
    case("HingeEmbeddingLoss", numbers(4, 3), fixed(signs(4, 3)), margin=2.5),
    *reduced("MarginRankingLoss", numbers(5), numbers(5), fixed(signs(5))),
    case("MarginRankingLoss", numbers(5), numbers(5), fixed(signs(5)), margin=1.5),
    *reduced("TripletMarginLoss", numbers(4, 3), numbers(4, 3), numbers(4, 3)),
    case("TripletMarginLoss", *[numbers(4, 3)] * 3, margin=4.0, swap=True),
    case("TripletMarginLoss", *[numbers(4, 3)] * 3, margin=4.0, p=3.0, eps=1e-3),
    # Distributions
    *reduced("KLDivLoss", numbers(4, 3), rows(4, 3)),
    case("KLDivLoss", numbers(4, 3), rows(4, 3), reduction="batchmean"),
    case("KLDivLoss", numbers(2, 3), fixed(exactly([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]]))),
    *reduced("KLDivLoss", numbers(4, 3), numbers(4, 3), log_target=True),
    *reduced("GaussianNLLLoss", numbers(4, 3), numbers(4, 3), positive(4, 3)),
    case("GaussianNLLLoss", numbers(4, 3), numbers(4, 3), positive(4, 3), full=True),
    case("GaussianNLLLoss", numbers(4, 3), numbers(4, 3), positive(4, 1)),
    case("GaussianNLLLoss", numbers(4, 3), numbers(4, 3), positive(4)),
    case("GaussianNLLLoss", numbers(4, 3), numbers(4, 3), positive(4, 3), eps=1.0),
    *reduced("PoissonNLLLoss", numbers(4, 3), COUNTS),
    case("PoissonNLLLoss", numbers(4, 3), positive(4, 3)),
    case("PoissonNLLLoss", numbers(4, 3), COUNTS, full=True),
    case("PoissonNLLLoss", positive(4, 3), COUNTS, log_input=False),
    case("PoissonNLLLoss", positive(4, 3), COUNTS, log_input=False, full=True, eps=0.1),
    # Angles
    case("CosineSimilarity", numbers(4, 3), numbers(4, 3)),
    # Below eps PyTorch sends back a gradient through the length that does not count
    case("CosineSimilarity", fixed(numbers(4, 3)), fixed(numbers(4, 3)), dim=0, eps=6.0),
    case("CosineSimilarity", numbers(4, 1, 3), numbers(2, 3), dim=-1),
    *reduced("CosineEmbeddingLoss", numbers(5, 3), numbers(5, 3), fixed(signs(5))),
    case("CosineEmbeddingLoss", numbers(5, 3), numbers(5, 3), fixed(signs(5)), margin=0.3),
]
