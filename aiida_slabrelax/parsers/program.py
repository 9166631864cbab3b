"""The program that wrote the files of a calculation: VASP, or something that stands in for it."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: The stand-in of this package, as its files name it.
STANDIN = 'vasp-standin'

_IN_VASPRUN = re.compile(r'<i\b[^>]*\bname="program"[^>]*>\s*([^<(\s]+)')
_IN_OUTCAR = re.compile(r'^\s*vasp\.\d.*$', re.MULTILINE)

#: The number of characters at the beginning of a file that contain the name.
BEGINNING = 4000


def program_in_vasprun(text: str) -> str | None:
    """Return the program that a vasprun.xml names, such as ``vasp``.

    :param text: the file, or its beginning.
    """
    found = _IN_VASPRUN.search(text[:BEGINNING])
    return found[1] if found is not None else None


def program_in_outcar(text: str) -> str | None:
    """Return the program that the first line of an OUTCAR names.

    :param text: the file, or its beginning; the standard output of the stand-in has the same line.
    """
    found = _IN_OUTCAR.search(text[:BEGINNING])
    if found is None:
        return None
    return STANDIN if 'stand-in' in found[0] else 'vasp'


def is_standin(programs: Iterable[str]) -> bool:
    """Return whether the stand-in for VASP is among programs."""
    return any(program.startswith(STANDIN) for program in programs)
