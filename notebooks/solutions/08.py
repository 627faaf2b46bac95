"""Lesson 8: for each exercise a right answer, and a wrong one that its check must catch."""

SOLUTIONS = {
    "diagnoses": (
        """
diagnoses = ["variance", "neither", "bias", "both"]
""",
        """
diagnoses = ["variance", "bias", "bias", "both"]  # 11 % is near what can be hoped for
""",
    ),
    "my_dropout": (
        """
def my_dropout(activations, keep, p):
    return np.where(keep, activations, 0) / (1 - p)
""",
        """
def my_dropout(activations, keep, p):
    return np.where(keep, activations, 0)  # on average too small
""",
    ),
    "left": (
        """
left = [0.8 * (1 - 0.1 * 0.05) ** 100, 0.8 - 100 * 0.1 * 0.05]
""",
        """
left = [0.8 * (1 - 0.1 * 0.05) ** 100, 0.8 * (1 - 0.1 * 0.05) ** 100]  # L1 does not multiply
""",
    ),
}
