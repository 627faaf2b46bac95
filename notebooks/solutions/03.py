"""Lesson 3: for each exercise a right answer, and a wrong one that its check must catch."""

SOLUTIONS = {
    "hill_slope": (
        """
hill_slope = lambda x, out: -2 * x * out**2
""",
        """
hill_slope = lambda x, out: -2 * x * out
""",
    ),
    "centred_gradient": (
        """
centred_gradient = lambda g: g - np.mean(g, axis=-1, keepdims=True)
""",
        """
centred_gradient = lambda g: g  # as if the mean were a constant
""",
    ),
    "culprit": (
        """
culprit = -4.5
""",
        """
culprit = 3.0  # a kink
""",
    ),
}
