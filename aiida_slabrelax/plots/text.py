"""How all figures write labels, formulas, elements and chemical potentials."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ase.data import atomic_numbers
from ase.data.colors import jmol_colors
from matplotlib.lines import Line2D

from ..visible import visible

#: The label of an axis of surface energies.
GAMMA_LABEL = 'γ (J/m²)'


def plain(text: str) -> str:
    """Return a text from outside, such as a label, escaped so that matplotlib draws it literally.

    matplotlib reads text between two dollar signs as TeX, and fails if it is not valid.
    """
    return visible(text).replace('$', r'\$')


def subscripts(formula: str) -> str:
    """Return a formula for matplotlib, with its numbers as subscripts."""
    return re.sub(r'(\d+)', r'$_{\1}$', plain(formula))


def swatch(element: str) -> Line2D:
    """Return the symbol of an element in a legend: a circle of its colour."""
    colour = tuple(jmol_colors[atomic_numbers[element]])
    return Line2D(
        [], [], linestyle='', marker='o', markersize=8, color=colour, mec='black', label=element
    )


def potential_label(element: str) -> str:
    """Return the label of an axis of chemical potentials."""
    return f'Δμ({plain(element)}) (eV)'


def write_potentials(delta_mu_ev: Mapping[str, float]) -> str:
    """Write chemical potentials (eV) with their unit, such as ``Δμ(O) = −1.00 eV``."""
    return ', '.join(
        f'Δμ({plain(element)}) = {write_number(value)} eV' for element, value in delta_mu_ev.items()
    )


def write_number(value: float, digits: int = 2) -> str:
    """Write a number with a minus sign in place of a hyphen, and never minus zero."""
    return f'{round(value, digits) + 0.0:.{digits}f}'.replace('-', '−')


def colour_of(index: int) -> str:
    """Return the colour of the n-th termination, the same in all figures."""
    return f'C{index % 10}'
