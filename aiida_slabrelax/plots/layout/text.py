"""How all figures write labels, formulas, elements and chemical potentials."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ase.data import atomic_numbers
from ase.data.colors import jmol_colors
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from ...results.faces import name_faces
from ...visible import visible

if TYPE_CHECKING:
    from ...results.energies.surface_energies import Surface
    from ...results.slabs import SlabResult

#: The label of an axis of surface energies.
GAMMA_LABEL = 'γ (J/m²)'


#: The meaning of a negative surface energy.
NEGATIVE = 'γ < 0 (hatched): cutting gains energy, so the bulk cannot be stable there'


def plain(text: str) -> str:
    """Return a text from outside, such as a label, escaped so that matplotlib draws it literally.

    matplotlib reads text between two dollar signs as TeX, and fails if it is not valid.
    """
    return visible(text).replace('$', r'\$')


def subscripts(formula: str) -> str:
    """Return a formula for matplotlib, with its numbers as subscripts."""
    return re.sub(r'(\d+)', r'$_{\1}$', plain(formula))


def outlined(text: Text) -> Text:
    """Give a text a white outline, so that it can be read on lines and hatches."""
    text.set_path_effects([withStroke(linewidth=2, foreground='white')])
    return text


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


def name_surface(surface: Surface) -> str:
    """Return the label and the outermost layers of a termination; without them its formula."""
    faces = name_faces(surface.termination)
    name = subscripts(faces if faces is not None else surface.formula)
    return f'{plain(surface.label)}  {name}'


def name_slab(slab: SlabResult) -> str:
    """Return the label, the plane if it is known, and the formula of a slab of a run."""
    plane = '' if slab.plane is None else f'  {plain(slab.plane)}'
    return f'{plain(slab.label)}{plane}  {subscripts(slab.formula)}'
