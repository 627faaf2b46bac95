"""The doctor: planted faults are found and named, healthy set-ups are left in peace."""

import copy
import random

import numpy as np
import pytest
from support.doctor_setups import CE, FAULTS, HEALTHY, N, classes, constant, filled, net, points

import autograd
import autograd.random
import nn
import optim
from autograd import Tensor
from nn.checkup import Finding, Report, doctor, examination
from nn.data import DataLoader


@pytest.fixture(autouse=True)
def _same_random_numbers():
    autograd.manual_seed(0)


# What is found, and what is not


@pytest.mark.parametrize(
    ("check", "words", "setup"), FAULTS, ids=[f"{check}: {words}" for check, words, _ in FAULTS]
)
def test_a_fault_is_found_and_named(check, words, setup, capsys):
    report = doctor(*setup())
    said = [one for one in report.errors + report.warnings if one.check == check]
    assert any(words in f"{one.what} {one.evidence} {one.fix}" for one in said), report
    assert not [why for why in report.skipped.values() if why.startswith(examination.OWN_FAULT)]
    assert capsys.readouterr().out == f"{report}\n"


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_set_up_is_left_in_peace(name):
    report = doctor(*HEALTHY[name]())
    assert report.healthy, report
    assert not [why for why in report.skipped.values() if why.startswith(examination.OWN_FAULT)]


def test_the_place_of_a_fault_is_the_line_that_made_it():
    class Net(nn.Module):
        def __init__(self):
            self.first, self.second = nn.Linear(8, 32), nn.Linear(32, 4)

        def forward(self, x):
            x = self.first(x).detach()  # here
            return self.second(x)

    (found,) = doctor(*classes(Net())).errors
    with open(__file__, encoding="utf-8") as file:
        line = next(i for i, text in enumerate(file, 1) if text.endswith("# here\n"))
    assert found.where == f"(Net), test_doctor.py:{line}"
    assert found.what == "No gradient for first.weight, first.bias: detach() cuts the graph."
    assert found.evidence == "2 of 4 parameters have no gradient"


def test_the_place_of_a_fault_in_a_ready_made_network_is_its_layer():
    (found,) = doctor(*classes(net(4, nn.ReLU, nn.Softmax()))).errors
    assert found.where == "3 (Softmax)"


def test_initial_losses_are_compared_with_theory():
    # ln 4 = 1.386 for four classes; logits that are 0 cost exactly that.
    model = net()
    model[2].weight.data = np.full((4, 32), 9, np.float32) * np.array([[1], [0], [0], [0]])
    (found,) = (one for one in doctor(*classes(model)).findings if one.check == "initial loss")
    assert "ln 4 = 1.386" in found.evidence
    assert f"{float(CE(model(Tensor(points()[0])), points()[1]).data):.4g}" in found.evidence


def zeros(*activation, of=slice(None)):
    return classes(filled(net(4, *activation), constant(0), constant(0), of=of))


def dead(first, *rest):
    """Biases far below 0 in the first of a few layers of ReLU, or of `rest` after one of these."""
    layers = [nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), *(rest or (nn.ReLU(),))]
    model = nn.Sequential(*layers, nn.Linear(32, 4))
    nn.init.constant_(model[first].bias, -50)
    return classes(model)


CAUSES = {
    "weights of 0, tanh": (lambda: zeros(nn.Tanh), ["symmetry", "symmetry"]),
    "weights of 0, ReLU": (zeros, ["symmetry", "symmetry", "dead units"]),
    "weights of 0, and a step": (
        lambda: zeros(nn.BinaryStep, of=slice(1)),
        ["symmetry", "gradients"],
    ),
    "dead": (lambda: dead(0), ["dead units"]),
    "dead further on": (lambda: dead(2), ["dead units"]),
    "dead, and a step": (lambda: dead(0, nn.BinaryStep()), ["dead units", "gradients"]),
}


@pytest.mark.parametrize("name", CAUSES)
def test_a_cause_is_named_and_not_what_follows_from_it(name):
    setup, causes = CAUSES[name]
    errors = [one for one in doctor(*setup()).errors if one.check != "overfits"]
    assert [one.check for one in errors][: len(causes)] == causes
    assert ("gradients" in [one.check for one in errors]) == ("gradients" in causes)


def test_what_another_cause_keeps_at_0_is_named_beside_a_dead_layer():
    (found,) = (one for one in doctor(*dead(0, nn.BinaryStep())).errors if one.check == "gradients")
    assert "2.bias is exactly 0: BinaryStep gets a gradient" in found.what
    assert found.where == "3 (BinaryStep)"


def test_what_cannot_be_answered_is_said():
    report = doctor(*classes(nn.Linear(9, 4)))
    assert report.skipped["rows"] == report.skipped["overfits"] == "the forward pass fails"
    assert report.skipped["optimizer"] == report.skipped["learning rate"]
    assert "Not answered:" in str(report)
    assert "rows" not in report.checked


def test_units_are_not_called_dead_after_a_few_examples():
    model = net(1)
    model[0].bias.data = np.where(np.arange(32) < 24, -50, 1).astype(np.float32)
    few = np.tile(points()[0][:4], (60, 1))
    report = doctor(model, nn.MSELoss(), (few, few[:, :1]))
    assert report.skipped["dead units"] == "there are too few examples"


def test_questions_that_do_not_apply_are_not_said_to_be_answered():
    checked = doctor(*classes(net())).checked
    assert "dead units" in checked
    assert "saturation" not in checked  # there is no sigmoid
    assert "targets" not in checked  # they are classes


def test_it_keeps_to_its_time(monkeypatch):
    monkeypatch.setattr(examination, "BUDGET", 0.0)
    report = doctor(*classes(net()), optim.Adam(net().parameters()))
    assert "there was time for 2 steps only" in report.skipped["overfits"]


# The report


def test_a_report_reads():
    bad = Finding("error", "softmax", "It is there twice.", "0 … 1", "leave one out", "3 (Softmax)")
    assert str(bad) == (
        "ERROR    softmax · 3 (Softmax)\n"
        "  It is there twice.\n"
        "  evidence  0 … 1\n"
        "  fix       leave one out"
    )


def test_the_worst_comes_first_and_the_verdict_counts():
    model = nn.Sequential(nn.Linear(8, 32), nn.Dropout(0.9), nn.Linear(32, 4)).eval()
    x, y = points()
    x[0, 0], x[:, 5] = np.inf, 1
    report = doctor(model, CE, (x, y))
    findings = [Finding(severity, "", "", "", "") for severity in ("note", "error", "warning")]
    order = [one.severity for one in Report(findings, {}, {}, "", 0).findings]
    assert order == ["error", "warning", "note"]
    assert repr(report).startswith("<Report: ")
    assert f"{len(report.errors)} error" in repr(report)
    assert not report.healthy
    ran = f"all {N} examples, and ran the network on {N}."
    assert str(report).splitlines()[0] == f"Doctor: {repr(report)[9:-1]}. Looked at {ran}"
    assert 0 < report.seconds < 60


def test_a_report_for_notebooks_escapes_what_it_shows():
    html = doctor(*classes(nn.Linear(9, 4), loss=CE))._repr_html_()
    assert html.count("<li") == html.count("</li>")
    assert "<b style" in html
    bad = Finding("note", "a<b", "c & d", "", "")
    assert "a&lt;b" in bad._repr_html_()
    assert "c &amp; d" in bad._repr_html_()


# What it is given


def test_it_is_told_what_it_cannot_use():
    x, y = points()
    cases = [
        ((CE, net(), (x, y)), TypeError, "the model is a Module"),
        ((net(), nn.CrossEntropyLoss, (x, y)), TypeError, "is a class; make one"),
        ((net(), CE, x), TypeError, "data is (x, y)"),
        ((net(), CE, iter([(x, y)])), TypeError, "gone through once only"),
        ((net(), CE, (x, y[:-1])), ValueError, "240 inputs, and targets of shape (239,)"),
        ((net(), CE, (x, y), optim.Adam), TypeError, "this is type"),
    ]
    for arguments, kind, words in cases:
        with pytest.raises(kind) as caught:
            doctor(*arguments)
        assert words in str(caught.value)


# No trace


class Counting(nn.Module):
    """Counts its calls, and draws random numbers from a generator of its own."""

    def __init__(self):
        self.first, self.norm = nn.Linear(8, 16), nn.BatchNorm1d(16)
        self.drop = nn.Dropout(0.3, generator=np.random.default_rng(7))
        self.last, self.calls = nn.Linear(16, 4), 0

    def forward(self, x):
        self.calls += 1
        noise = 0.01 * np.random.standard_normal() * random.random()  # noqa: NPY002
        return self.last(self.drop(nn.functional.relu(self.norm(self.first(x) + noise))))


def everything(model, loss, loader, optimizer):
    """All that a training depends on, as text and bytes."""
    tensors = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    state = [(name, t.data.tobytes(), t.requires_grad) for name, t in tensors.items()]
    gradients = [None if p.grad is None else p.grad.data.tobytes() for p in model.parameters()]
    memory = [
        (name, np.asarray(value).tobytes())
        for one in optimizer.state.values()
        for name, value in one.items()
    ]
    groups = [
        {name: value for name, value in group.items() if name != "params"}
        for group in optimizer.param_groups
    ]
    modules = [(m.training, m._hooks is None) for m in [*model.modules(), *loss.modules()]]
    generators = [autograd.random.default_generator(), model.drop.generator, loader._generator]
    numbers = [str(one.bit_generator.state) for one in generators]
    numbers += [str(random.getstate()), str(np.random.get_state())]  # noqa: NPY002
    data = [one.tobytes() for one in loader.arrays]
    return copy.deepcopy((state, gradients, memory, groups, modules, numbers, data, model.calls))


@pytest.mark.parametrize("gradients", [True, False])
@pytest.mark.parametrize("fails", [False, True])
def test_it_leaves_no_trace(gradients, fails):
    model, loss = Counting(), nn.CrossEntropyLoss(np.array([1.0, 2, 3, 4]))
    model.last.eval()
    loader = DataLoader(*points(), batch_size=32, shuffle=True, generator=3)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for x, y in loader:
        optimizer.zero_grad()
        loss(model(Tensor(x)), y).backward()
        optimizer.step()
    if not gradients:
        optimizer.zero_grad()
    met = []
    model.first.register_forward_hook(lambda *_: met.append("forward"))
    held = [p.grad for p in model.parameters()]
    before = everything(model, loss, loader, optimizer)

    def penalized(p, y):  # reaches the model itself, and its generator
        if fails:
            raise RuntimeError("this loss fails")
        return loss(p, y) + 1e-3 * (model.last.weight**2).sum() + 0 * model(Tensor(x)).sum()

    doctor(model, loss, loader, optimizer)
    assert not met
    assert everything(model, loss, loader, optimizer) == before
    doctor(model, penalized, loader, optimizer)
    after = everything(model, loss, loader, optimizer)
    assert after[:-1] == before[:-1]  # but for the count: it calls the model itself
    assert all(p.grad is g for p, g in zip(model.parameters(), held, strict=True))


def test_a_training_goes_on_as_if_nobody_had_looked():
    def trained(looked_at):
        autograd.manual_seed(3)
        model = net(4, lambda: nn.Dropout(0.2))
        optimizer = optim.Adam(model.parameters(), lr=0.01)
        loader = DataLoader(*points(), batch_size=16, shuffle=True)
        for _ in range(2):
            if looked_at:
                doctor(model, CE, loader, optimizer)
            for x, y in loader:
                optimizer.zero_grad()
                CE(model(Tensor(x)), y).backward()
                optimizer.step()
        return [p.data.tobytes() for p in model.parameters()]

    assert trained(True) == trained(False)


def test_a_generator_that_was_not_made_yet_is_not_made(monkeypatch):
    monkeypatch.setattr(autograd.random, "_generator", None)
    model = nn.Linear(8, 4, generator=np.random.default_rng(0))
    doctor(*classes(nn.Sequential(model, nn.Dropout(0.1), nn.ReLU())))
    assert autograd.random._generator is None
