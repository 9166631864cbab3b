"""POTCAR: its headers are read, and synthetic families without pseudopotential data are written."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from ..elements import ELEMENTS, element_of
from ..errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_VARIANTS = """
    Ba_sv Be_sv Ca_sv Cr_pv Cs_sv Dy_3 Er_3 Fe_pv Ga_d Ge_d Hf_pv Ho_3 In_d K_sv Li_sv Lu_3 Mg_pv
    Mn_pv Mo_pv Na_pv Nb_pv Nd_3 Ni_pv Os_pv Pb_d Pm_3 Pr_3 Rb_sv Re_pv Rh_pv Ru_pv Sc_sv Sm_3
    Sn_d Sr_sv Ta_pv Tb_3 Tc_pv Ti_pv Tl_d Tm_3 V_pv W_sv Y_sv Yb_2 Zr_sv
"""
#: The variants that aiida-vasp's protocols choose by default, in addition to the plain elements.
DEFAULT_VARIANTS = tuple(_VARIANTS.split())

_TEMPLATE = """\
  PAW_PBE {symbol} 01Jan2000
   {valence:.14f}
 parameters from PSCTR are:
   VRHFIN ={element}: synthetic, no pseudopotential
   LEXCH  = PE
   EATOM  = 0.0000 eV, 0.0000 Ry

   TITEL  = PAW_PBE {symbol} 01Jan2000
   LULTRA =        F    use ultrasoft PP ?
   IUNSCR =        0    unscreen: 0-lin 1-nonlin 2-no
   RPACOR =     .000    partial core radius
   POMASS = {mass:8.3f}; ZVAL   = {valence:8.3f}    mass and valenz
   RCORE  =    2.000    outmost cutoff radius
   RWIGS  =    2.000; RWIGS  =    1.058    wigner-seitz radius (au A)
   ENMAX  = {enmax:8.3f}; ENMIN  = {enmin:8.3f} eV
   LCOR   =        T    correct aug charges
   LPAW   =        T    paw PP
   EAUG   =  500.000

END of PSCTR-controll parameters
This is a synthetic POTCAR for a stand-in for VASP. It contains no pseudopotential data.
 local part
  0.00000000E+00  0.00000000E+00  0.00000000E+00  0.00000000E+00  0.00000000E+00
End of Dataset
"""


class Potential(NamedTuple):
    """The header of one potential.

    :ivar title: the title, e.g. ``PAW_PBE Fe_pv 02Aug2007``.
    :ivar header: the first line, which VASP repeats in vasprun.xml.
    :ivar element: the symbol of the element.
    :ivar valence: the number of valence electrons (ZVAL).
    :ivar mass: the atomic mass in u (POMASS).
    :ivar enmax: the recommended cutoff energy in eV.
    :ivar exchange: the functional (LEXCH), by VASP's name; PE is PBE.
    """

    title: str
    header: str
    element: str
    valence: float
    mass: float
    enmax: float
    exchange: str = 'PE'


def read_potcar(text: str) -> list[Potential]:
    """Read the headers of the potentials in a POTCAR.

    :param text: the contents of the file, with one potential after another.
    :raises InputError: if there is no potential, or one cannot be read.
    """
    potentials = []
    for dataset in text.split('End of Dataset')[:-1]:
        head = dataset.partition('END of PSCTR')[0]
        title = _entry(head, 'TITEL', r'[^\n]*').strip()
        words = title.split()
        element = element_of(words[min(1, len(words) - 1)]) if words else None
        if element is None:
            raise InputError(f"POTCAR: the title '{title}' does not name an element.")
        header = head.strip().partition('\n')[0].strip()
        valence, mass, enmax = (_number(head, key) for key in ('ZVAL', 'POMASS', 'ENMAX'))
        exchange = re.search(r'\bLEXCH\s*=\s*(\w+)', head)
        potentials.append(
            Potential(
                title,
                header,
                element,
                valence,
                mass,
                enmax,
                exchange[1].upper() if exchange is not None else 'PE',
            )
        )
    if not potentials:
        raise InputError('POTCAR contains no potential.')
    return potentials


def _number(head: str, key: str) -> float:
    text = _entry(head, key, r'[\d.]+')
    # No number in a potential has more than fifty digits.
    if not re.fullmatch(r'[0-9]{0,50}\.?[0-9]{1,50}|[0-9]{1,50}\.', text):
        raise InputError(f'POTCAR: {key} is not a number.')
    return float(text)


def _entry(head: str, key: str, value: str) -> str:
    match = re.search(rf'\b{key}\s*=\s*({value})', head)
    if match is None:
        raise InputError(f'POTCAR: {key} is missing.')
    return match.group(1)


def write_potcar_family(folder: Path, symbols: Iterable[str] | None = None) -> list[Path]:
    """Write a family of synthetic potentials in the layout that aiida-vasp uploads.

    They have plausible numbers of valence electrons and cutoff energies, and no data of real
    pseudopotentials.

    :param folder: the folder of the family; the potentials are ``<folder>/<symbol>/POTCAR``.
    :param symbols: elements or variants of them (``Fe``, ``Fe_pv``); by default all elements and
        :data:`DEFAULT_VARIANTS`.
    :returns: the files written, in the order of the symbols.
    :raises ValueError: if a symbol does not name an element.
    :raises FileExistsError: if a potential exists already; it may be a real one.
    """
    symbols = dict.fromkeys([*ELEMENTS, *DEFAULT_VARIANTS] if symbols is None else symbols)
    contents = {folder / symbol / 'POTCAR': synthetic_potcar(symbol) for symbol in symbols}
    for path in contents:
        if os.path.lexists(path):
            raise FileExistsError(f'there is already {path}')
    for path, content in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open('x', encoding='ascii') as file:
            file.write(content)
    return list(contents)


def synthetic_potcar(symbol: str) -> str:
    """Return one synthetic potential.

    :param symbol: an element or a variant of it (``Fe``, ``Fe_pv``).
    :raises ValueError: if the symbol does not name an element.
    """
    element, _, variant = symbol.partition('_')
    if element not in ELEMENTS or not re.fullmatch(r'\w*', variant, re.ASCII):
        raise ValueError(f"'{symbol}' is neither an element nor a variant of one such as Fe_pv")
    enmax = 400.0 if element in ('C', 'N', 'O', 'F') else 250.0
    enmax += {'pv': 50.0, 'sv': 100.0, 'h': 300.0, 's': -50.0}.get(variant, 0.0)
    return _TEMPLATE.format(
        symbol=symbol,
        element=element,
        valence=float(_valence(element, variant)),
        mass=ELEMENTS[element].mass,
        enmax=enmax,
        enmin=0.75 * enmax,
    )


def _valence(element: str, variant: str) -> int:
    """Return the number of electrons outside the noble-gas core and the closed d and f shells.

    ``_pv`` and ``_sv`` add the semicore p or s and p shells, ``_d`` the closed d shell; ``_2`` and
    ``_3`` freeze the f electrons of a lanthanide.
    """
    if variant in ('2', '3'):
        return int(variant)
    number = ELEMENTS[element].number
    outside = number - max(core for core in (0, 2, 10, 18, 36, 54, 86) if core < number)
    if number > 54:
        closed = 24 if outside > 26 else 14 if outside > 17 else 0
    else:
        closed = 10 if outside > 12 else 0
    return outside - closed + {'pv': 6, 'sv': 8, 'd': 10}.get(variant, 0)
