"""Lesson 2: for each exercise a right answer, and a wrong one that its check must catch."""

SOLUTIONS = {
    "shapes_of": (
        """
shapes_of = [(32, 4), (32, 4), (4, 10), (32, 10)]
""",
        """
shapes_of = [(32, 4), (32, 4), (10, 4), (32, 10)]  # ∇W transposed
""",
    ),
    "penalty_gradient": (
        """
def penalty_gradient(W, X, T):
    return 2 * (X @ W.T - T).T @ X
""",
        """
def penalty_gradient(W, X, T):
    return (X @ W.T - T).T @ X  # the 2 is forgotten
""",
    ),
    "hidden_gradient": (
        """
def hidden_gradient(dZ2, W2, Z1):
    return (dZ2 @ W2) * (Z1 > 0)
""",
        """
def hidden_gradient(dZ2, W2, Z1):
    return (dZ2 @ W2) * np.maximum(Z1, 0)  # relu's value in place of its slope
""",
    ),
}
