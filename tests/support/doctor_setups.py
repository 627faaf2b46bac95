"""Set-ups for the doctor: some with a fault, and some without."""

import numpy as np

import autograd
import nn
import nn.functional as F
import optim
from autograd import Tensor
from nn.data import DataLoader

N = 240
CE, MSE, LOGITS = nn.CrossEntropyLoss(), nn.MSELoss(), nn.BCEWithLogitsLoss()


def points(classes=4, seed=0):
    """Clouds of points in eight dimensions, one for each class."""
    numbers = np.random.default_rng(seed)
    y = numbers.integers(0, classes, N)
    centres = 2 * numbers.normal(size=(classes, 8))
    return (centres[y] + numbers.normal(size=(N, 8))).astype(np.float32), y


def curve(outputs=1):
    """Numbers to be predicted, with a little noise."""
    numbers = np.random.default_rng(1)
    x = numbers.normal(size=(N, 8)).astype(np.float32)
    y = np.sin(x @ numbers.normal(size=(8, outputs)))
    return x, (y + 0.05 * numbers.normal(size=y.shape)).astype(np.float32)


def yes_or_no():
    x, y = points(2)
    return x, y[:, None].astype(np.float32)


def net(outputs=4, activation=nn.ReLU, *last):
    return nn.Sequential(nn.Linear(8, 32), activation(), nn.Linear(32, outputs), *last)


def deep(layers, activation):
    hidden = [part for _ in range(layers) for part in (nn.Linear(8, 8), activation())]
    return nn.Sequential(*hidden, nn.Linear(8, 4))


def filled(model, weight=None, bias=None, of=slice(None)):
    """The model, with other initial values."""
    for layer in list(model)[of]:
        if isinstance(layer, nn.Linear):
            layer.weight.data = layer.weight.data if weight is None else weight(layer.weight.shape)
            layer.bias.data = layer.bias.data if bias is None else bias(layer.bias.shape)
    return model


class Two(nn.Module):
    """Two layers, and in the middle whatever is asked for."""

    def __init__(self, middle, hidden=32):
        self.first, self.second, self.middle = nn.Linear(8, 32), nn.Linear(hidden, 4), middle

    def forward(self, x):
        return self.second(self.middle(self, self.first(x)))


def within_no_grad(_, z):
    with autograd.no_grad():
        return F.relu(z)


class Unused(Two):
    def __init__(self):
        self.first, self.second = nn.Linear(8, 32), nn.Linear(32, 4)
        self.forgotten, self.middle = nn.Linear(32, 32), lambda _, z: F.relu(z)


class MadeInForward(nn.Module):
    def __init__(self):
        self.second = nn.Linear(32, 4)

    def forward(self, x):
        return self.second(F.relu(nn.Linear(8, 32)(x)))


def uniform(size):
    return lambda shape: np.random.default_rng(0).uniform(-size, size, shape).astype(np.float32)


def constant(value):
    return lambda shape: np.full(shape, value, np.float32)


def frozen(model, *positions):
    for i in positions:
        model[i].requires_grad_(False)
    return model


def classes(model, x=None, y=None, loss=CE):
    return model, loss, changed(points(), x, y)


def numbers(model, x=None, y=None, loss=MSE):
    return model, loss, changed(curve(), x, y)


def answers(model, y=None, loss=LOGITS):
    return model, loss, changed(yes_or_no(), None, y)


def two(middle, hidden=32):
    return classes(Two(middle, hidden))


def trained_by(kind, of=None, **settings):
    model = net()
    learned = model if of is None else of(model)
    return *classes(model), kind(learned.parameters(), **settings)


def changed(data, x=None, y=None):
    inputs, targets = data
    inputs, targets = inputs.copy(), targets.copy()
    return (inputs if x is None else x(inputs)), (targets if y is None else y(targets))


def with_nan(x):
    x[7, 3] = np.nan
    return x


def one_column_large(x):
    x[:, 2] *= 1e4
    return x


def sorted_by_class():
    x, y = points()
    order = np.argsort(y, kind="stable")
    return DataLoader(x[order], y[order], batch_size=20)


def squared(p, y):
    return ((p - Tensor(y)) ** 2).mean()


def nll_of_log(p, y):
    return F.nll_loss(np.log(p), y)


def swapped(p, y):
    return F.binary_cross_entropy(Tensor(y), p)


def nine_times(shape):
    return 9 * np.eye(*shape, dtype=np.float32)


def one_in_evaluation(model):
    model[1].eval()
    return model


def wide_awake(activation):
    return filled(net(4, activation), uniform(3), of=slice(1))


def shortcut():
    branch = filled(net(8), constant(0), constant(0), of=slice(2, 3))
    return nn.Sequential(nn.Residual(branch), nn.Linear(8, 4))


def with_norm(kind):
    inside = (nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 4))
    return nn.Sequential(kind(8), *inside)


def autoencoder(*layers):
    x = points()[0]
    return nn.Sequential(*layers), MSE, (x, x)


def words():
    x = np.random.default_rng(0).integers(0, 50, (N, 4))
    model = nn.Sequential(nn.Embedding(50, 8), nn.Flatten(), nn.Linear(32, 2))
    return model, CE, (x, (x.sum(axis=1) > 98).astype(int))


XOR = (
    np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32),
    np.array([[0], [1], [1], [0]], np.float32),
)

# Which check finds it, words of what it says, and the set-up.
FAULTS = [
    ("softmax", "ends in Softmax", lambda: classes(net(4, nn.ReLU, nn.Softmax()))),
    ("softmax", "ends in Sigmoid", lambda: answers(net(1, nn.ReLU, nn.Sigmoid()))),
    ("softmax", "takes log-probabilities", lambda: classes(net(), loss=nn.NLLLoss())),
    (
        "softmax",
        "logarithm of Softmax",
        lambda: classes(net(4, nn.ReLU, nn.Softmax()), loss=nll_of_log),
    ),
    ("softmax", "over the examples", lambda: two(lambda _, z: F.softmax(z, axis=0))),
    ("runs", "forward pass fails", lambda: classes(nn.Linear(9, 4))),
    ("runs", "follows one", lambda: classes(net(), loss=nn.CrossEntropyLoss(reduction="none"))),
    ("runs", "gives a float", lambda: classes(net(), loss=lambda p, y: float(CE(p, y).data))),
    ("runs", "not on (target, prediction)", lambda: classes(net(), loss=lambda p, y: CE(y, p))),
    ("runs", "weights are no numbers", lambda: classes(filled(net(), constant(np.nan)))),
    ("runs", "Log is the first", lambda: two(lambda _, z: np.log(z))),
    ("runs", "one output for each", lambda: two(lambda _, z: F.relu(z).reshape(-1, 16), 16)),
    ("loss", "swapped", lambda: answers(net(1, nn.ReLU, nn.Sigmoid()), loss=swapped)),
    ("data", "no numbers", lambda: classes(net(), with_nan)),
    ("data", "Column 0", lambda: numbers(nn.Linear(9, 1), lambda x: np.hstack([curve()[1], x]))),
    ("input scale", "are large", lambda: classes(net(), lambda x: 50 * x)),
    ("input scale", "close to 0", lambda: classes(net(), lambda x: x / 999)),
    ("input scale", "far from 0", lambda: classes(net(), lambda x: 0.1 * x + 9)),
    ("input scale", "Column 2", lambda: classes(net(), one_column_large)),
    ("input scale", "All inputs are the same", lambda: classes(net(), lambda x: 0 * x + 1)),
    ("targets", "order of 1", lambda: numbers(net(1), y=lambda y: 300 * y)),
    ("targets", "order of 1", lambda: numbers(net(1), y=lambda y: y + 200)),
    ("targets", "All targets are the same", lambda: numbers(net(1), y=lambda y: 0 * y + 1)),
    ("labels", "from 1 to 4", lambda: classes(net(), y=lambda y: y + 1)),
    ("labels", "begin at 1", lambda: classes(net(5), y=lambda y: y + 1)),
    ("labels", "6 of the 10 outputs", lambda: classes(net(10))),
    ("labels", "not labels", lambda: classes(net(), y=lambda y: y + 0.5)),
    ("labels", "one class", lambda: classes(net(), y=lambda y: 0 * y)),
    ("labels", "one output", lambda: classes(net(1), y=lambda y: 0 * y)),
    ("labels", "unbalanced", lambda: classes(net(2), y=lambda y: 1 * (np.arange(N) < 9))),
    ("labels", "0 (no) to 1", lambda: answers(net(1), lambda y: 2 * y - 1)),
    ("labels", "not mixed", lambda: (net(), CE, sorted_by_class())),
    ("modes", "in evaluation mode", lambda: classes(net(4, nn.Dropout).eval())),
    ("modes", "some of its layers", lambda: classes(one_in_evaluation(net(4, nn.Dropout)))),
    ("dropout", "drops 90%", lambda: classes(net(4, lambda: nn.Dropout(0.9)))),
    ("dropout", "drops everything", lambda: classes(net(4, lambda: nn.Dropout(1.0)))),
    ("dropout", "comes last", lambda: classes(net(4, nn.ReLU, nn.Dropout(0.2)))),
    ("linear layers", "one linear layer", lambda: classes(net(4, nn.Identity))),
    ("linear layers", "one linear layer", lambda: classes(net(4, lambda: nn.BatchNorm1d(32)))),
    ("linear layers", "one linear layer", lambda: classes(net(4, lambda: nn.Dropout(0.2)))),
    ("output range", "cannot give", lambda: numbers(net(1, nn.Tanh, nn.ReLU()))),
    ("output range", "logits must be free", lambda: classes(net(4, nn.ReLU, nn.Tanh()))),
    ("rows", "leak", lambda: two(lambda _, z: z - z.mean(axis=0))),
    ("rows", "leak", lambda: two(lambda _, z: F.relu(z.T.reshape(z.shape)))),
    ("rows", "another answer", lambda: two(lambda _, z: F.dropout(z, 0.5))),
    ("initial loss", "wrong sign", lambda: classes(net(), loss=lambda p, y: -CE(p, y))),
    ("initial loss", "far above", lambda: classes(filled(net(), uniform(5), of=slice(2, 3)))),
    ("initial loss", "far larger", lambda: numbers(filled(net(1), uniform(5), of=slice(2, 3)))),
    ("loss", "all targets", lambda: numbers(net(1), y=lambda y: y[:, 0], loss=squared)),
    ("loss", "does not depend", lambda: numbers(net(1), loss=lambda _, y: (Tensor(y) ** 2).mean())),
    (
        "loss",
        "depend on its input",
        lambda: two(lambda net, z: Tensor(np.ones(z.shape, np.float32))),
    ),
    ("gradients", "detach() cuts", lambda: two(lambda _, z: F.relu(z).detach())),
    ("gradients", "ReLU runs within no_grad()", lambda: two(within_no_grad)),
    ("gradients", "bare array", lambda: two(lambda _, z: Tensor(np.tanh(z.data)))),
    (
        "gradients",
        "argmax gives positions",
        lambda: two(lambda _, z: z.argmax(axis=1).reshape(-1, 1), 1),
    ),
    ("gradients", "the layer it belongs to is never called", lambda: classes(Unused())),
    ("gradients", "none of the model's", lambda: classes(MadeInForward())),
    ("gradients", "All parameters are frozen", lambda: classes(frozen(net(), 0, 2))),
    ("gradients", "2.weight, 2.bias are frozen", lambda: classes(frozen(net(), 2))),
    ("gradients", "BinaryStep gets a gradient", lambda: classes(net(4, nn.BinaryStep))),
    ("gradient sizes", "vanish", lambda: classes(deep(9, nn.Sigmoid))),
    ("gradient sizes", "huge", lambda: numbers(net(1), y=lambda y: 1e6 * y)),
    ("signal", "explode", lambda: classes(filled(deep(9, nn.ReLU), nine_times))),
    ("signal", "fade", lambda: classes(filled(deep(3, nn.Tanh), uniform(1e-3)))),
    ("dead units", "32 of 32", lambda: classes(filled(net(), bias=constant(-50), of=slice(1)))),
    ("saturation", "Tanh", lambda: classes(wide_awake(nn.Tanh))),
    ("symmetry", "All 32 units", lambda: classes(filled(net(), constant(0.1), constant(0)))),
    ("overfits", "by heart", lambda: two(lambda _, z: F.relu(0 * z))),
    ("optimizer", "trains something else", lambda: trained_by(optim.Adam, lambda _: net())),
    ("optimizer", "does not hold 0.weight, 0.bias", lambda: trained_by(optim.Adam, lambda m: m[2])),
    ("optimizer", "goes up", lambda: trained_by(optim.SGD, lr=0.1, maximize=True)),
    ("learning rate", "changes nothing", lambda: trained_by(optim.SGD, lr=0.0)),
    ("learning rate", "too large", lambda: trained_by(optim.SGD, lr=90.0)),
    ("learning rate", "too large", lambda: trained_by(optim.Adam, lr=3.0)),
    ("learning rate", "too small", lambda: trained_by(optim.SGD, lr=1e-7)),
    ("learning rate", "too small", lambda: trained_by(optim.Adam, lr=1e-7)),
    ("learning rate", "weight_decay=30", lambda: trained_by(optim.Adam, weight_decay=30.0)),
]

HEALTHY = {
    "Adam": lambda: trained_by(optim.Adam, lr=1e-2),
    "SGD": lambda: trained_by(optim.SGD, lr=0.1),
    "momentum": lambda: trained_by(optim.SGD, lr=0.01, momentum=0.9),
    "LBFGS": lambda: trained_by(optim.LBFGS),
    "RMSprop": lambda: trained_by(optim.RMSprop, lr=1e-3),
    "no optimizer": lambda: classes(net()),
    "zeros": lambda: classes(filled(nn.Sequential(nn.Linear(8, 4)), constant(0), constant(0))),
    "last layer 0": lambda: classes(filled(net(), constant(0), constant(0), of=slice(2, 3))),
    "batch norm and dropout": lambda: classes(with_norm(nn.BatchNorm1d)),
    "norm of large inputs": lambda: classes(with_norm(nn.LayerNorm), lambda x: 300 * x),
    "deep": lambda: classes(deep(8, lambda: nn.Residual(nn.ReLU()))),
    "two sigmoid layers": lambda: classes(deep(2, nn.Sigmoid)),
    "shortcuts that start at 0": lambda: classes(shortcut()),
    "gates": lambda: classes(filled(wide_awake(nn.SiLU), uniform(0.01), of=slice(2, 3))),
    "log-probabilities": lambda: classes(net(4, nn.ReLU, nn.LogSoftmax()), loss=nn.NLLLoss()),
    "label smoothing": lambda: classes(net(), loss=nn.CrossEntropyLoss(label_smoothing=0.1)),
    "class weights": lambda: classes(net(), loss=nn.CrossEntropyLoss(np.array([1.0, 2, 3, 4]))),
    "sum": lambda: classes(net(), loss=nn.CrossEntropyLoss(reduction="sum")),
    "one-hot rows": lambda: classes(net(), y=lambda y: np.eye(4, dtype=np.float32)[y]),
    "hinge": lambda: classes(net(), loss=nn.MultiMarginLoss()),
    "random labels": lambda: classes(net(), y=lambda y: np.random.default_rng(5).permutation(y)),
    "nine of ten": lambda: classes(net(2), y=lambda y: 1 * (np.arange(N) < 24)),
    "float64": lambda: classes(net(), lambda x: x.astype(np.float64)),
    "fine-tuning": lambda: classes(frozen(net(), 0)),
    "logits": lambda: answers(net(1)),
    "probabilities": lambda: answers(net(1, nn.Tanh, nn.Sigmoid()), loss=nn.BCELoss()),
    "linear regression": lambda: numbers(nn.Linear(8, 1)),
    "by hand": lambda: numbers(net(1, nn.Tanh), loss=squared),
    "Huber": lambda: numbers(net(1, nn.Tanh), loss=nn.HuberLoss()),
    "squashed numbers": lambda: numbers(net(1, nn.Tanh, nn.Sigmoid()), y=lambda y: 0.5 + y / 3),
    "linear autoencoder": lambda: autoencoder(nn.Linear(8, 3), nn.Linear(3, 8)),
    "indices": lambda: words(),
    "loader": lambda: (net(), CE, DataLoader(*points(), batch_size=32, shuffle=True)),
    "list of batches": lambda: (net(), CE, [points(seed=seed) for seed in range(3)]),
    "lists": lambda: (net(), CE, tuple(one.tolist() for one in points())),
    "four examples": lambda: (nn.MLP([2, 8, 1], "tanh"), LOGITS, XOR),
}
