"""Lesson 4: for each exercise a right answer, and a wrong one that its check must catch."""

SOLUTIONS = {
    "nand": (
        """
nand = [-1, -1, 1.5]
""",
        """
nand = [-1, -1, 2]  # on the line is yes, and (1, 1) is on it
""",
    ),
    "collapse": (
        """
def collapse(W1, b1, W2, b2):
    return W2 @ W1, W2 @ b1 + b2
""",
        """
def collapse(W1, b1, W2, b2):
    return W2 @ W1, b1.sum() + b2  # the first bias goes through the second layer
""",
    ),
    "tent": (
        """
tent = [1, -2, 1]
""",
        """
tent = [1, -1, 0]  # level from 1 on: it takes another −1 to go down again
""",
    ),
}
