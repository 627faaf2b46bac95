"""Lesson 6: for each exercise a right answer, and a wrong one that its check must catch."""

SOLUTIONS = {
    "products": (
        """
products = [10, 44]
""",
        """
products = [9, 44]  # (¼)⁹ is still above a millionth
""",
    ),
    "right_size": (
        """
right_size = [np.sqrt(1 / 200), np.sqrt(2 / 200), np.sqrt(2 / 250), 0.5]
""",
        """
right_size = [1 / 200, 2 / 200, 2 / 250, 0.5]  # variances
""",
    ),
    "silu_slope": (
        """
def silu_slope(z):
    s = 1 / (1 + np.exp(-z))
    return s + z * s * (1 - s)
""",
        """
def silu_slope(z):
    s = 1 / (1 + np.exp(-z))
    return s * (1 - s)  # the slope of σ alone
""",
    ),
}
