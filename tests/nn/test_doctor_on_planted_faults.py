"""The doctor on set-ups by somebody who had not seen it: faults are found, health is left alone."""

import warnings

import pytest
from support.faults import FAULTS
from support.healthy import HEALTHY

import nn


def report_on(it):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the loss itself warns of some
        return nn.doctor(it.model, it.loss, it.data, it.optimizer)


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_and_named(name):
    fault = FAULTS[name]
    report = report_on(fault.build(0))
    found = [str(one).lower() for one in (*report.errors, *report.warnings)]
    assert any(word in text for text in found for word in fault.words)


@pytest.mark.parametrize("name", FAULTS)
def test_without_its_fault_the_set_up_is_healthy(name):
    assert report_on(FAULTS[name].mended(0)).healthy


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_set_up_raises_no_alarm(name):
    assert report_on(HEALTHY[name].build(0)).healthy
