"""Lesson 5: for each exercise a right answer, and a wrong one that its check must catch."""

SOLUTIONS = {
    "choose": (
        """
choice = ["mse_loss", "cross_entropy", "binary_cross_entropy_with_logits", "huber_loss"]
""",
        """
choice = ["mse_loss", "cross_entropy", "cross_entropy", "huber_loss"]  # lamps exclude none
""",
    ),
    "pinball": (
        """
def pinball(answer, target, q):
    e = target - answer
    return np.where(e > 0, q * e, (q - 1) * e)
""",
        """
def pinball(answer, target, q):
    e = answer - target  # the wrong way round
    return np.where(e > 0, q * e, (q - 1) * e)
""",
    ),
    "stable": (
        """
def my_cross_entropy(logits, label):
    shifted = logits - logits.max()
    return np.log(np.exp(shifted).sum()) - shifted[label]
""",
        """
def my_cross_entropy(logits, label):
    p = np.exp(logits) / np.exp(logits).sum()  # overflows
    return -np.log(p[label])
""",
    ),
}
