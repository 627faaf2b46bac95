"""Lesson 12: for each exercise a right answer, and a wrong one that its check must catch."""

SOLUTIONS = {
    "curves": (
        """
curves = [[4, 2], [2, 0]]
""",
        """
curves = [[4, 0], [0, 0]]  # without the mixed derivatives
""",
    ),
    "root": (
        """
def newton_root(f, x, steps):
    for _ in range(steps):
        x = x - f(x) / grad(f)(x).item()
    return x
""",
        """
def newton_root(f, x, steps):
    for _ in range(steps):
        x = x - grad(f)(x).item() / grad(grad(f))(x).item()  # this seeks a flat place, not a root
    return x
""",
    ),
    "steep": (
        """
def mean_steepness(model, x):
    x = Tensor(x, requires_grad=True)
    (slope,) = autograd.grad(model(x).sum(), [x], create_graph=True)
    return autograd.sqrt((slope**2).sum(axis=1)).mean()
""",
        """
def mean_steepness(model, x):
    x = Tensor(x, requires_grad=True)
    (slope,) = autograd.grad(model(x).sum(), [x])  # a plain number: nothing to train on
    return autograd.sqrt((slope**2).sum(axis=1)).mean()
""",
    ),
}
