"""Lesson 13: for each exercise a right answer, and a wrong one that its check must catch."""

SOLUTIONS = {
    "symptoms": (
        """
symptoms = [3, 15, 2, 11]
""",
        """
symptoms = [13, 15, 2, 11]  # no learning rate knows of epochs
""",
    ),
    "repaired": (
        """
def repaired():
    autograd.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    train(model, F.cross_entropy, train_x, train_y, optimizer)
    return model, optimizer
""",
        """
def repaired():  # there is still no activation
    autograd.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 32), nn.Linear(32, 10))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    train(model, F.cross_entropy, train_x, train_y, optimizer)
    return model, optimizer
""",
    ),
    "leaks": (
        """
def leaks(model, x):
    return not np.allclose(model(x).data[0], model(x[: len(x) // 2]).data[0], atol=1e-5)
""",
        """
def leaks(model, x):
    return not np.allclose(model(x).data[0], model(x).data[0])  # nothing has changed
""",
    ),
}
