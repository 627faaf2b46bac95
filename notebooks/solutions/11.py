"""Lesson 11: for each exercise a right answer, and a wrong one that its check must catch."""

SOLUTIONS = {
    "share": (
        """
share = 1 / 4
""",
        """
share = 0.009  # as of Uniform(1e-4, 1)
""",
    ),
    "own_scale": (
        """
def beta_at(u):
    return 1 - 10 ** (-1 - 2 * u)
""",
        """
def beta_at(u):
    return 0.9 + 0.099 * u  # evenly spaced β
""",
    ),
    "enough": (
        """
trials_needed = int(np.ceil(np.log(0.05) / np.log(0.95)))
""",
        """
trials_needed = 19  # 0.95 / 0.05, as if trials never met the same place
""",
    ),
}
