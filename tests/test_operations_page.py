"""The page of all operations, which `make docs` writes."""

import xml.etree.ElementTree as ElementTree

import pytest
from support.operations_page import first_line, numpy_name, operations_page

from autograd import Function
from autograd.protocols import COMPOSED


@pytest.fixture(scope="module")
def page():
    return operations_page()


def test_every_operation_is_on_the_page_with_its_first_line(page):
    for op in Function.registry:
        if op.__module__.startswith("autograd.ops."):
            assert first_line(op) in page


def test_every_numpy_function_is_on_the_page(page):
    own = [f for f, op in Function.by_numpy.items() if op.__module__.startswith("autograd.")]
    missing = [f for f in {*own, *COMPOSED} if f"<code>{numpy_name(f)}</code>" not in page]
    assert missing == []


def test_every_operation_with_rules_shows_a_formula_for_each_input(page):
    rows = {row.partition("</td>")[0]: row for row in page.split("<tr>")}
    assert len(rows) > 200
    for op in Function.registry:
        if op.__module__.startswith("autograd.ops.") and op.signature.rules:
            first = first_line(op)
            (row,) = (one for one in rows.values() if f"<p>{first}</p>" in one)
            assert "<td>no gradient" not in row


def test_formulas_are_well_formed(page):
    for part in page.split("<math")[1:]:
        ElementTree.fromstring("<math" + part.partition("</math>")[0] + "</math>")
