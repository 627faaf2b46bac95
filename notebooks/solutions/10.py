"""Lesson 10: for each exercise a right answer, and a wrong one that its check must catch."""

SOLUTIONS = {
    "parameters": (
        """
parameters = [78_500, 1_010]
""",
        """
parameters = [78_400, 1_000]  # without the biases
""",
    ),
    "worst_pair": (
        """
def worst_pair(matrix):
    np.fill_diagonal(matrix, 0)
    return np.unravel_index(matrix.argmax(), matrix.shape)
""",
        """
def worst_pair(matrix):
    return np.unravel_index(matrix.argmax(), matrix.shape)  # the digit read right most often
""",
    ),
    "read_or_ask": (
        """
def read_or_ask(logits, least):
    probabilities = F.softmax(logits).data
    return np.where(probabilities.max(axis=1) < least, -1, probabilities.argmax(axis=1))
""",
        """
def read_or_ask(logits, least):
    return np.where(logits.max(axis=1) < least, -1, logits.argmax(axis=1))  # logits, no softmax
""",
    ),
}
