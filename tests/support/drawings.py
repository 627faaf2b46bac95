"""Reading drawings: the parts of an SVG, and how well colours are told apart."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import numpy as np

SVG = "{http://www.w3.org/2000/svg}"


def texts_in(part: Element) -> list[str]:
    """The lines of text in a drawing or a part of it."""
    return ["".join(one.itertext()).strip() for one in part.iter(f"{SVG}text")]


def parts_of_kind(svg: Element, kind: str) -> dict[str, Element]:
    """The drawn nodes, edges or clusters, by title."""
    groups = [g for g in svg.iter(f"{SVG}g") if g.get("class") == kind]
    return {g.findtext(f"{SVG}title", ""): g for g in groups}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
