"""Lesson 7: for each exercise a right answer, and a wrong one that its check must catch."""

SOLUTIONS = {
    "limit": (
        """
limit = 2 / np.linalg.eigvalsh([[5, 3], [3, 5]]).max()
""",
        """
limit = 2 / 5  # the diagonal is not the steepest direction
""",
    ),
    "adam": (
        """
def adam_steps(gradients, alpha=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    v = s = 0
    steps = []
    for t, g in enumerate(gradients, start=1):
        v = beta1 * v + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        v_hat, s_hat = v / (1 - beta1**t), s / (1 - beta2**t)
        steps.append(alpha * v_hat / (np.sqrt(s_hat) + eps))
    return steps
""",
        """
def adam_steps(gradients, alpha=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    v = s = 0
    steps = []
    for g in gradients:
        v = beta1 * v + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        steps.append(alpha * v / (np.sqrt(s) + eps))  # not corrected
    return steps
""",
    ),
    "decay": (
        """
decay = 0.3
""",
        """
decay = 0.4  # as if the rate in epoch 10 were a fifth
""",
    ),
}
