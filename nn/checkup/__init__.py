"""A check of model, loss, data and optimiser before training: what is wrong, and what to do."""

from nn.checkup.examination import doctor
from nn.checkup.report import Finding, Report

__all__ = ["Finding", "Report", "doctor"]
