"""Lesson 9: for each exercise a right answer, and a wrong one that its check must catch."""

SOLUTIONS = {
    "standardise": (
        """
def standardised_test(train, test):
    return (test - train.mean(axis=0)) / train.std(axis=0)
""",
        """
def standardised_test(train, test):
    return (test - test.mean(axis=0)) / test.std(axis=0)  # the test set's own statistics
""",
    ),
    "patience": (
        """
batches_needed = 1
while 1 - 0.9**batches_needed <= 0.99:
    batches_needed += 1
""",
        """
batches_needed = 10  # a tenth each time, but of what is left
""",
    ),
    "layer": (
        """
def my_layer_norm(x, eps=1e-5):
    centred = x - x.mean(axis=1, keepdims=True)
    return centred / (x.var(axis=1, keepdims=True) + eps).sqrt()
""",
        """
def my_layer_norm(x, eps=1e-5):
    centred = x - x.mean(axis=0)  # this is batch norm
    return centred / (x.var(axis=0) + eps).sqrt()
""",
    ),
}
