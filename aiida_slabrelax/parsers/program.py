"""The program that wrote the files of a calculation: VASP, or something that stands in for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape

#: The stand-in of this package, as its files name it.
STANDIN = 'vasp-standin'
#: What follows the name of an engine behind the stand-in.
BY_STANDIN = f' by {STANDIN}'

_IN_VASPRUN = re.compile(r'<i\b[^>]*\bname="program"[^>]*>\s*([^<(\s]+)')
#: The models of the stand-in itself, of which nothing is said: their energies mean nothing.
_TOYS = ('emt', 'gfn1', 'instant', 'linear')
_MODEL_IN_VASPRUN = re.compile(r'<i\b[^>]*\bname="subversion"[^>]*>\s*model ([^<]+)')
_MODEL_IN_OUTCAR = re.compile(r'NOT VASP, its model is (.+)')

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


def engine_in_vasprun(text: str) -> str | None:
    """Return the engine behind a vasprun.xml of the stand-in; ``None`` for a model of its own.

    :param text: the file, or its beginning.
    """
    if program_in_vasprun(text) != STANDIN:
        return None
    found = _MODEL_IN_VASPRUN.search(text[:BEGINNING])
    name = unescape(found[1]).strip() if found is not None else None
    return None if name in _TOYS else name


def engine_in_outcar(text: str) -> str | None:
    """Return the engine behind an OUTCAR of the stand-in; ``None`` for a model of its own."""
    if program_in_outcar(text) != STANDIN:
        return None
    found = _MODEL_IN_OUTCAR.search(text[:BEGINNING])
    return found[1].strip() if found is not None else None


def is_standin(programs: Iterable[str]) -> bool:
    """Return whether the stand-in for VASP with a model of its own is among programs."""
    return any(program.startswith(STANDIN) for program in programs)


def engines_among(programs: Iterable[str]) -> list[str]:
    """Return those of the programs that are engines behind the stand-in."""
    return [program for program in programs if program.endswith(BY_STANDIN)]
