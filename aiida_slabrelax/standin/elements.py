"""The chemical elements: the data that the stand-in needs, without any library."""

from __future__ import annotations

from typing import NamedTuple

# Atomic mass (u, standard atomic weights) and Pauling electronegativity, in the order of Z.
_TABLE = """
H 1.008 2.2, He 4.002602 -, Li 6.94 0.98, Be 9.0121831 1.57, B 10.81 2.04, C 12.011 2.55,
N 14.007 3.04, O 15.999 3.44, F 18.99840316 3.98, Ne 20.1797 -, Na 22.98976928 0.93,
Mg 24.305 1.31, Al 26.9815385 1.61, Si 28.085 1.9, P 30.973762 2.19, S 32.06 2.58,
Cl 35.45 3.16, Ar 39.948 -, K 39.0983 0.82, Ca 40.078 1, Sc 44.955908 1.36, Ti 47.867 1.54,
V 50.9415 1.63, Cr 51.9961 1.66, Mn 54.938044 1.55, Fe 55.845 1.83, Co 58.933194 1.88,
Ni 58.6934 1.91, Cu 63.546 1.9, Zn 65.38 1.65, Ga 69.723 1.81, Ge 72.63 2.01,
As 74.921595 2.18, Se 78.971 2.55, Br 79.904 2.96, Kr 83.798 3, Rb 85.4678 0.82, Sr 87.62 0.95,
Y 88.90584 1.22, Zr 91.224 1.33, Nb 92.90637 1.6, Mo 95.95 2.16, Tc 97.90721 1.9,
Ru 101.07 2.2, Rh 102.9055 2.28, Pd 106.42 2.2, Ag 107.8682 1.93, Cd 112.414 1.69,
In 114.818 1.78, Sn 118.71 1.96, Sb 121.76 2.05, Te 127.6 2.1, I 126.90447 2.66,
Xe 131.293 2.6, Cs 132.905452 0.79, Ba 137.327 0.89, La 138.90547 1.1, Ce 140.116 1.12,
Pr 140.90766 1.13, Nd 144.242 1.14, Pm 144.91276 1.13, Sm 150.36 1.17, Eu 151.964 1.2,
Gd 157.25 1.2, Tb 158.92535 1.1, Dy 162.5 1.22, Ho 164.93033 1.23, Er 167.259 1.24,
Tm 168.93422 1.25, Yb 173.054 1.1, Lu 174.9668 1.27, Hf 178.49 1.3, Ta 180.94788 1.5,
W 183.84 2.36, Re 186.207 1.9, Os 190.23 2.2, Ir 192.217 2.2, Pt 195.084 2.28,
Au 196.966569 2.54, Hg 200.592 2, Tl 204.38 1.62, Pb 207.2 2.33, Bi 208.9804 2.02,
Po 208.98243 2, At 209.98715 2.2, Rn 222.01758 2.2, Fr 223.01974 0.7, Ra 226.02541 0.9,
Ac 227.02775 1.1, Th 232.0377 1.3, Pa 231.03588 1.5, U 238.02891 1.38, Np 237.04817 1.36,
Pu 244.06421 1.28, Am 243.06138 1.3, Cm 247.07035 1.3, Bk 247.07031 1.3, Cf 251.07959 1.3,
Es 252.083 1.3, Fm 257.09511 1.3, Md 258.09843 1.3, No 259.101 1.3, Lr 262.11 1.3
"""


class Element(NamedTuple):
    """A chemical element.

    :ivar number: the atomic number.
    :ivar mass: the atomic mass in u.
    :ivar electronegativity: on Pauling's scale; infinite where none is defined (He, Ne, Ar).
    """

    number: int
    mass: float
    electronegativity: float


def _read_table() -> dict[str, Element]:
    elements = {}
    for number, entry in enumerate(_TABLE.split(','), start=1):
        symbol, mass, electronegativity = entry.split()
        elements[symbol] = Element(
            number,
            float(mass),
            float('inf' if electronegativity == '-' else electronegativity),
        )
    return elements


#: The elements H to Lr by symbol, in the order of the atomic number.
ELEMENTS = _read_table()


def element_of(name: str) -> str | None:
    """Return the element of a species name.

    VASP's own names are symbols, possibly with a suffix (``Fe_pv``, ``Fe/1a2b``). AiiDA writes the
    names of kinds instead, which are symbols with any suffix of the user (``Fe1``, ``Feup``).

    :param name: the name in POSCAR or in POTCAR's TITEL.
    :returns: the symbol of the element, or ``None`` if the name does not begin with one.
    """
    letters = ''
    for character in name.strip():
        if not character.isalpha():
            break
        letters += character
    for length in (len(letters), 2, 1):
        symbol = letters[:length].capitalize()
        if symbol in ELEMENTS:
            return symbol
    return None
