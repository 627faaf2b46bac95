"""What the doctor says: findings with evidence and fix, and what was found to be well."""

from __future__ import annotations

import html
import textwrap
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
WIDTH = 96
COLOURS = {"error": "#c62828", "warning": "#b26a00", "note": "#607d8b"}


@dataclass(frozen=True)
class Finding:
    """Something that the doctor found.

    Attributes:
        severity: "error" (training fails, or learns the wrong thing), "warning" (it most likely
            goes badly), or "note" (good to know; a healthy set-up may have some).
        check: which check found it, by its name in the report.
        what: what is wrong.
        evidence: the numbers and shapes that show it.
        fix: what to do.
        where: module, parameter or source line; "" if it is nowhere in particular.
    """

    severity: Severity
    check: str
    what: str
    evidence: str
    fix: str
    where: str = ""

    def __str__(self) -> str:
        head = f"{self.severity.upper():<8} {self.check}" + f" · {self.where}" * bool(self.where)
        body = [_indented("", self.what)]
        body += [_indented(f"{name:<10}", text) for name, text in self._details()]
        return "\n".join([head, *body])

    def _details(self) -> list[tuple[str, str]]:
        pairs = (("evidence", self.evidence), ("fix", self.fix))
        return [(name, text) for name, text in pairs if text]

    def _repr_html_(self) -> str:
        details = "".join(
            f"<br><small>{name}:</small> {html.escape(text)}" for name, text in self._details()
        )
        where = f" · {html.escape(self.where)}" if self.where else ""
        colour = COLOURS[self.severity]
        return (
            f'<li style="margin:0.5em 0"><b style="color:{colour}">{self.severity}</b> '
            f"{html.escape(self.check)}{where}<br>{html.escape(self.what)}{details}</li>"
        )


class Report:
    """What `doctor` found. Printed, it is the whole report; a notebook shows it as a list.

    Attributes:
        findings: the worst first.
        checked: the questions that were asked, by the names of the checks.
        skipped: why a question was not asked, or not answered, by the names of the checks.
        looked_at: what was looked at, in words.
        seconds: how long it took; not printed, so that a report of the same set-up is the same.
    """

    def __init__(
        self,
        findings: list[Finding],
        checked: dict[str, str],
        skipped: dict[str, str],
        looked_at: str,
        seconds: float,
    ) -> None:
        self.findings = sorted(findings, key=lambda one: SEVERITIES.index(one.severity))
        self.checked, self.skipped = checked, skipped
        self.looked_at, self.seconds = looked_at, seconds

    @property
    def errors(self) -> list[Finding]:
        """The findings that are errors."""
        return self._of("error")

    @property
    def warnings(self) -> list[Finding]:
        """The findings that are warnings."""
        return self._of("warning")

    @property
    def notes(self) -> list[Finding]:
        """The findings that are notes."""
        return self._of("note")

    @property
    def healthy(self) -> bool:
        """Whether there are neither errors nor warnings."""
        return not (self.errors or self.warnings)

    def _of(self, severity: Severity) -> list[Finding]:
        return [one for one in self.findings if one.severity == severity]

    def _verdict(self) -> str:
        counts = [(len(self._of(severity)), severity) for severity in SEVERITIES]
        said = ", ".join(f"{n} {name}{'s' * (n > 1)}" for n, name in counts if n)
        return said if not self.healthy else "healthy" + f", {said}" * bool(said)

    def _well(self) -> list[str]:
        alarmed = {one.check for one in self.findings if one.severity != "note"}
        return [f"{name} ({asks})" for name, asks in self.checked.items() if name not in alarmed]

    def __repr__(self) -> str:
        return f"<Report: {self._verdict()}>"

    def __str__(self) -> str:
        parts = [f"Doctor: {self._verdict()}. Looked at {self.looked_at}."]
        parts += map(str, self.findings)
        parts.append("\n".join(_indented("  ", one, 4) for one in ["Well:", *self._well()])[2:])
        if self.skipped:
            why = [_indented("  ", f"{name}: {text}", 4) for name, text in self.skipped.items()]
            parts.append("\n".join(["Not answered:", *why]))
        return "\n\n".join(parts)

    def _repr_html_(self) -> str:
        findings = "".join(one._repr_html_() for one in self.findings)
        well = "".join(f"<li>{html.escape(one)}</li>" for one in self._well())
        open_ = "".join(
            f"<li>{html.escape(f'{name}: {text}')}</li>" for name, text in self.skipped.items()
        )
        return (
            f"<p><b>Doctor: {self._verdict()}.</b> Looked at {html.escape(self.looked_at)}.</p>"
            f'<ul style="list-style:none;padding-left:0">{findings}</ul>'
            f"<details><summary>What was found to be well</summary><ul>{well}</ul></details>"
            + (f"<details><summary>Not answered</summary><ul>{open_}</ul></details>" * bool(open_))
        )


def _indented(head: str, text: str, hang: int = 12) -> str:
    """`text` behind `head`, folded; a table within it keeps its lines."""
    margin = "  " if head != "  " else ""
    lines = []
    for i, line in enumerate(text.splitlines()):
        first = margin + (head if i == 0 else " " * len(head))
        rest = " " * (hang if head.strip() or head == "  " else len(margin))
        lines += textwrap.wrap(
            line, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False
        )
    return "\n".join(lines)
