"""Lesson 1: for each exercise a right answer, and a wrong one that its check must catch."""

SOLUTIONS = {
    "by_hand": (
        """
by_hand = [25, 30, 20, 10]
""",
        """
by_hand = [25, 20, 30, 10]  # a and b changed places
""",
    ),
    "paths": (
        """
paths = [5, 33]
""",
        """
paths = [3, 33]  # the two ways from u are counted once
""",
    ),
    "neuron_gradients": (
        """
def neuron_gradients(w1, w2, b, x1, x2):
    y_hat = 1 / (1 + np.exp(-(b + w1 * x1 + w2 * x2)))
    slope = y_hat * (1 - y_hat)
    return [slope * x1, slope * x2, slope]
""",
        """
def neuron_gradients(w1, w2, b, x1, x2):
    z = b + w1 * x1 + w2 * x2
    return [z * (1 - z) * x1, z * (1 - z) * x2, z * (1 - z)]  # the slope takes ŷ, not z
""",
    ),
}
