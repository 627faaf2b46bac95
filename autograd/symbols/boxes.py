"""How a formula is laid out, and the three ways of writing that down: Unicode, LaTeX, MathML."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "eta": "η",
    "theta": "θ",
    "lambda": "λ",
    "mu": "μ",
    "sigma": "σ",
    "phi": "φ",
    "omega": "ω",
}
LATEX_SIGNS = {
    "·": r"\cdot",
    "−": "-",
    "≥": r"\ge",
    "≤": r"\le",
    "≠": r"\ne",
    "∧": r"\land",
    "∨": r"\lor",
    "¬": r"\lnot",
    "Σ": r"\sum",
    "Π": r"\prod",
    "∞": r"\infty",
    "⊤": r"\top",
    "…": r"\dots",
    "[": "[",
    "]": "]",
}
SUPERSCRIPTS = str.maketrans("0123456789−-⊤", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻ᵀ")


@dataclass(frozen=True)
class Word:
    """A name of a value."""

    text: str

    def unicode(self) -> str:
        return GREEK.get(self.text, self.text)

    def latex(self) -> str:
        if self.text in GREEK:
            return rf"\{self.text}"
        if len(self.text) == 1:
            return self.text
        return rf"\mathit{{{_latex_text(self.text)}}}"

    def mathml(self) -> str:
        return f"<mi>{escape(self.unicode())}</mi>"


@dataclass(frozen=True)
class Upright:
    """A name of a function, or words."""

    text: str

    def unicode(self) -> str:
        return self.text

    def latex(self) -> str:
        words = not self.text.isidentifier()  # in mathematical type, spaces would vanish
        return rf"\{'text' if words else 'mathrm'}{{{_latex_text(self.text)}}}"

    def mathml(self) -> str:
        text = escape(self.text).replace(" ", "\u00a0")  # other spaces vanish at the ends
        return f'<mi mathvariant="normal">{text}</mi>'


@dataclass(frozen=True)
class Sign:
    """An operator or a bracket."""

    text: str
    spaced: bool = False

    def unicode(self) -> str:
        return f" {self.text} " if self.spaced else self.text

    def latex(self) -> str:
        sign = LATEX_SIGNS.get(self.text.strip(), self.text)
        return f" {sign} " if self.spaced or sign.startswith("\\") else sign

    def mathml(self) -> str:
        return f"<mo>{escape(self.text)}</mo>"


@dataclass(frozen=True)
class Space:
    """A thin space."""

    def unicode(self) -> str:
        return " "

    def latex(self) -> str:
        return r"\,"

    def mathml(self) -> str:
        return '<mspace width="0.2em"/>'


@dataclass(frozen=True)
class Number:
    """A number, as it is written."""

    text: str

    def unicode(self) -> str:
        return self.text

    def latex(self) -> str:
        return self.text.replace("∞", r"\infty").replace("−", "-")

    def mathml(self) -> str:
        return f"<mn>{escape(self.text)}</mn>"


@dataclass(frozen=True)
class Row:
    """Boxes side by side."""

    boxes: tuple[Box, ...]

    def unicode(self) -> str:
        return "".join(one.unicode() for one in self.boxes)

    def latex(self) -> str:
        return "".join(one.latex() for one in self.boxes)

    def mathml(self) -> str:
        return f"<mrow>{''.join(one.mathml() for one in self.boxes)}</mrow>"


@dataclass(frozen=True)
class Fenced:
    """A box in brackets."""

    box: Box
    left: str = "("
    right: str = ")"

    def unicode(self) -> str:
        return f"{self.left}{self.box.unicode()}{self.right}"

    def latex(self) -> str:
        return rf"\left{self.left}{self.box.latex()}\right{self.right}"

    def mathml(self) -> str:
        left, right = escape(self.left), escape(self.right)
        return f"<mrow><mo>{left}</mo>{self.box.mathml()}<mo>{right}</mo></mrow>"


@dataclass(frozen=True)
class Fraction:
    """One box over another. In a line of text they need brackets, which `flat` has."""

    above: Box
    below: Box
    flat: Box

    def unicode(self) -> str:
        return self.flat.unicode()

    def latex(self) -> str:
        return rf"\frac{{{self.above.latex()}}}{{{self.below.latex()}}}"

    def mathml(self) -> str:
        return f"<mfrac>{self.above.mathml()}{self.below.mathml()}</mfrac>"


@dataclass(frozen=True)
class Raised:
    """A box with another one raised beside it."""

    base: Box
    top: Box

    def unicode(self) -> str:
        top = self.top.unicode()
        if top.translate(SUPERSCRIPTS) != top and all(c in "0123456789−-⊤" for c in top):
            return self.base.unicode() + top.translate(SUPERSCRIPTS)
        single = isinstance(self.top, Word | Number) and not top.startswith("−")
        return f"{self.base.unicode()}^{top if single else f'({top})'}"

    def latex(self) -> str:
        return f"{{{self.base.latex()}}}^{{{self.top.latex()}}}"

    def mathml(self) -> str:
        return f"<msup>{self.base.mathml()}{self.top.mathml()}</msup>"


@dataclass(frozen=True)
class Lowered:
    """A box with another one below it, as the axes of a sum."""

    base: Box
    under: Box

    def unicode(self) -> str:
        return f"{self.base.unicode()}[{self.under.unicode()}]"

    def latex(self) -> str:
        return f"{self.base.latex().strip()}_{{{self.under.latex()}}}"

    def mathml(self) -> str:
        return f"<msub>{self.base.mathml()}{self.under.mathml()}</msub>"


@dataclass(frozen=True)
class Root:
    """A square root."""

    box: Box

    def unicode(self) -> str:
        inner = self.box.unicode()
        return f"√{inner}" if isinstance(self.box, Word | Number) else f"√({inner})"

    def latex(self) -> str:
        return rf"\sqrt{{{self.box.latex()}}}"

    def mathml(self) -> str:
        return f"<msqrt>{self.box.mathml()}</msqrt>"


Box = Word | Upright | Sign | Space | Number | Row | Fenced | Fraction | Raised | Lowered | Root


_LATEX = str.maketrans(
    {"\\": r"\backslash ", "^": r"\hat{}", "~": r"\sim "} | {c: f"\\{c}" for c in "_#%&${}"}
)


def _latex_text(text: str) -> str:
    return text.translate(_LATEX)
