"""Learning-rate schedules that are compared with PyTorch's; `m` is its module or ours."""

import math

STEPS = 200
SEEN = [*range(25), *range(25, STEPS, 7), STEPS - 1]  # the steps whose numbers are kept


def watched(t):
    """A validation loss that falls, stays, jumps up and falls again."""
    return max(0.4, 1 - t / 50) + 0.05 * math.sin(t) + (0.5 if 90 < t < 120 else 0)


SCHEDULES = {
    "lambda": lambda m, o: m.LambdaLR(o, lambda t: 0.95**t),
    "lambda-each": lambda m, o: m.LambdaLR(o, [lambda t: 1 / (1 + t), lambda t: t // 30]),
    "multiplicative": lambda m, o: m.MultiplicativeLR(o, lambda t: 0.9 + 0.1 * math.sin(t)),
    "multiplicative-each": lambda m, o: m.MultiplicativeLR(o, [lambda t: 0.97, lambda t: 1.01]),
    "step": lambda m, o: m.StepLR(o, 30),
    "step-gamma": lambda m, o: m.StepLR(o, step_size=7, gamma=0.8),
    "multistep": lambda m, o: m.MultiStepLR(o, [30, 80]),
    "multistep-twice": lambda m, o: m.MultiStepLR(o, milestones=[80, 5, 30, 30], gamma=0.5),
    "multistep-at-0": lambda m, o: m.MultiStepLR(o, milestones=[1, 2], gamma=2.0),
    "constant": lambda m, o: m.ConstantLR(o),
    "constant-long": lambda m, o: m.ConstantLR(o, factor=0.25, total_iters=40),
    "linear": lambda m, o: m.LinearLR(o),
    "linear-down": lambda m, o: m.LinearLR(o, 1.0, 0.0, total_iters=150),
    "linear-long": lambda m, o: m.LinearLR(o, start_factor=0.1, end_factor=0.7, total_iters=90),
    "exponential": lambda m, o: m.ExponentialLR(o, gamma=0.97),
    "exponential-up": lambda m, o: m.ExponentialLR(o, 1.02),
    "polynomial": lambda m, o: m.PolynomialLR(o),
    "polynomial-power": lambda m, o: m.PolynomialLR(o, total_iters=170, power=2.5),
    "polynomial-root": lambda m, o: m.PolynomialLR(o, total_iters=250, power=0.5),
    "cosine": lambda m, o: m.CosineAnnealingLR(o, T_max=200),
    "cosine-again": lambda m, o: m.CosineAnnealingLR(o, T_max=13, eta_min=0.001),
    "cosine-above": lambda m, o: m.CosineAnnealingLR(o, 60, eta_min=0.05),
    "restarts": lambda m, o: m.CosineAnnealingWarmRestarts(o, 30),
    "restarts-longer": lambda m, o: m.CosineAnnealingWarmRestarts(o, T_0=10, T_mult=2),
    "restarts-above": lambda m, o: m.CosineAnnealingWarmRestarts(o, 7, 3, eta_min=0.004),
    "cyclic": lambda m, o: m.CyclicLR(o, 0.01, 0.1, step_size_up=20),
    "cyclic-uneven": lambda m, o: m.CyclicLR(
        o, [0.01, 0.02], [0.1, 0.3], step_size_up=11, step_size_down=30, mode="triangular2"
    ),
    "cyclic-range": lambda m, o: m.CyclicLR(
        o, 0.01, 0.1, 13, mode="exp_range", gamma=0.99, base_momentum=0.7, max_momentum=0.95
    ),
    "cyclic-own": lambda m, o: m.CyclicLR(
        o, 0.01, 0.1, 10, scale_fn=lambda cycle: 1 / cycle, cycle_momentum=False
    ),
    "cyclic-own-steps": lambda m, o: m.CyclicLR(
        o, 0.01, 0.1, 10, scale_fn=lambda t: 0.98**t, scale_mode="iterations"
    ),
    "onecycle": lambda m, o: m.OneCycleLR(o, max_lr=0.1, total_steps=200),
    "onecycle-linear": lambda m, o: m.OneCycleLR(
        o, [0.1, 0.5], epochs=10, steps_per_epoch=20, pct_start=0.25, anneal_strategy="linear"
    ),
    "onecycle-three": lambda m, o: m.OneCycleLR(
        o, 0.2, 200, pct_start=0.4, three_phase=True, div_factor=10, final_div_factor=100
    ),
    "onecycle-momentum": lambda m, o: m.OneCycleLR(
        o, 0.2, 210, three_phase=True, anneal_strategy="linear", base_momentum=0.6, max_momentum=0.9
    ),
    "onecycle-bare": lambda m, o: m.OneCycleLR(o, 0.2, 200, cycle_momentum=False),
    "plateau": lambda m, o: m.ReduceLROnPlateau(o),
    "plateau-patience": lambda m, o: m.ReduceLROnPlateau(
        o, factor=0.5, patience=3, threshold=0.05, cooldown=4
    ),
    "plateau-max": lambda m, o: m.ReduceLROnPlateau(
        o, mode="max", factor=0.7, patience=5, threshold=0.01, min_lr=[0.02, 0.001]
    ),
    "plateau-abs": lambda m, o: m.ReduceLROnPlateau(
        o, factor=0.3, patience=2, threshold=0.02, threshold_mode="abs", eps=1e-4
    ),
    "plateau-max-abs": lambda m, o: m.ReduceLROnPlateau(
        o, "max", 0.9, 1, threshold=0.1, threshold_mode="abs", min_lr=0.005
    ),
    "sequential": lambda m, o: m.SequentialLR(
        o, [m.LinearLR(o, 0.1, total_iters=20), m.CosineAnnealingLR(o, 180)], milestones=[20]
    ),
    "sequential-three": lambda m, o: m.SequentialLR(
        o,
        [
            m.ConstantLR(o, 0.2, total_iters=10),
            m.StepLR(o, 13, gamma=0.7),
            m.CosineAnnealingWarmRestarts(o, 15, 2),
        ],
        milestones=[17, 90],
    ),
    "chained": lambda m, o: m.ChainedScheduler(
        [m.ConstantLR(o, factor=0.1, total_iters=20), m.ExponentialLR(o, gamma=0.97)]
    ),
    "chained-cosine": lambda m, o: m.ChainedScheduler(
        [
            m.LinearLR(o, 0.2, total_iters=9),
            m.CosineAnnealingLR(o, 50, eta_min=0.001),
            m.MultiStepLR(o, [40, 120], gamma=0.6),
        ],
        optimizer=o,
    ),
    "chained-lambda": lambda m, o: m.ChainedScheduler(
        [
            m.LambdaLR(o, lambda t: 1 / (1 + 0.01 * t)),
            m.PolynomialLR(o, 190, power=1.5),
            m.MultiplicativeLR(o, lambda t: 0.999),
        ]
    ),
}


def numbers(schedule, optimizer, train):
    """Rates and momenta of both groups at all steps, while `train` steps the optimiser."""
    rows = []
    for t in range(STEPS):
        rows.append(
            [g["lr"] for g in optimizer.param_groups]
            + [g["betas"][0] if "betas" in g else g["momentum"] for g in optimizer.param_groups]
        )
        if t < STEPS - 1:
            train()
            plateau = type(schedule).__name__ == "ReduceLROnPlateau"
            schedule.step(watched(t)) if plateau else schedule.step()
    return rows
