"""OUTCAR: the last complete ionic steps, read with ASE's parsers, and the end of the run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import ase.units
import numpy as np
from ase.io.vasp_parsers import vasp_outcar_parsers as ase_parsers

from ..lines import lines_with
from ..program import engine_in_outcar, program_in_outcar
from ..steps import FileReading, Geometry, IonicStep, UnreadableError, finite, finite_energies

_VERSION = re.compile(r'\bvasp\.(\d\S*)')
_ITERATION = re.compile(r'^-.*Iteration *(\d+)\( *(\d+)\)', re.MULTILINE)
_NUMBER = r'=\s*(\S+)'
_OUTCOME = re.compile(
    r'FREE ENERGIE OF THE ION-ELECTRON SYSTEM.*\n.*\n'
    rf'\s*free +energy +TOTEN\s*{_NUMBER} eV\s*\n\s*'
    rf'energy +without entropy\s*{_NUMBER}\s+energy\(sigma->0\)\s*{_NUMBER}'
)
_TAG = re.compile(r'^ +(NELM|EDIFF|EDIFFG|NSW|IBRION|ISIF) +=\s*([-+.\dEe]+)', re.MULTILINE)
_BANDS = re.compile(r'NBANDS= *(\d+)')
_SITES = re.compile(r'NIONS = *(\d+)')
_END = 'General timing and accounting informations for this job'


def read_outcar(text: str, sites: int) -> FileReading:
    """Read the last complete ionic steps of an OUTCAR.

    :param text: the content of the file; bytes that are not text may have been replaced.
    :param sites: the number of sites of the crystal.
    :raises UnreadableError: if the file is empty, or has another number of sites.
    """
    if not text.strip():
        raise UnreadableError('is empty')
    iterations = list(lines_with('Iteration', _ITERATION, text))
    header = text[: iterations[0].start()] if iterations else text
    if (count := _SITES.search(header)) is not None and int(count[1]) != sites:
        raise UnreadableError(f'has {count[1]} sites, the input structure {sites}')
    electronic: dict[int, int] = {}
    starts: dict[int, int] = {}
    for match in iterations:
        number = int(match[1])
        starts.setdefault(number, match.start())
        electronic[number] = max(electronic.get(number, 0), int(match[2]))
    outcomes = list(_OUTCOME.finditer(text))
    finished = _END in text
    remarks = () if finished else (f'ends after {len(outcomes)} complete ionic steps',)
    version = _VERSION.search(text[:4000])
    return FileReading(
        program=program_in_outcar(text),
        engine=engine_in_outcar(text),
        version=version[1] if version else None,
        complete=len(outcomes),
        steps=tuple(
            _ionic_step(text, starts, outcomes, number, sites)
            for number in range(len(outcomes))[-2:]
        ),
        electronic_steps=tuple(electronic[number] for number in sorted(electronic)),
        tags=_tags(header),
        finished=finished,
        remarks=remarks,
    )


def _tags(header: str) -> dict[str, Any]:
    """Return the tags in the header; of several values of a tag, the last one counts."""
    tags: dict[str, Any] = {}
    for name, value in _TAG.findall(header):
        try:
            tags[name] = float(value) if name in ('EDIFF', 'EDIFFG') else int(value)
        except ValueError:
            continue
    if (bands := _BANDS.search(header)) is not None:
        tags['NBANDS'] = int(bands[1])
    return tags


def _ionic_step(
    text: str,
    starts: dict[int, int],
    outcomes: Sequence[re.Match[str]],
    index: int,
    sites: int,
) -> IonicStep:
    outcome = outcomes[index]
    start = starts.get(index + 1, outcomes[index - 1].end() if index else 0)
    lines = text[start : outcome.start()].splitlines()
    cell = finite(_parse(ase_parsers.Cell(), lines, sites).get('cell'), (3, 3))
    atoms = _parse(ase_parsers.PositionsAndForces(), lines, sites)
    positions = finite(atoms.get('positions'), (sites, 3))
    names = ('energy_free', 'energy_no_entropy', 'energy_extrapolated')
    return IonicStep(
        energies=finite_energies(dict(zip(names, map(_number, outcome.groups()), strict=True))),
        forces=finite(atoms.get('forces'), (sites, 3)),
        stress=_stress(_parse(ase_parsers.Stress(), lines, sites).get('stress')),
        geometry=None if cell is None or positions is None else Geometry(cell, positions),
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # VASP writes stars for numbers that do not fit
        return float('nan')


def _parse(parser: Any, lines: Sequence[str], sites: int) -> dict[str, Any]:
    """Return what one of ASE's parsers reads from its last table in the lines of an ionic step."""
    parser.header = {'natoms': sites}
    values: dict[str, Any] = {}
    for cursor in range(len(lines)):
        if parser.has_property(cursor, lines):
            try:
                values = parser.parse(cursor, lines)
            except Exception:  # the parser raises any exception for a damaged table
                values = {}
    return values


def _stress(stress: Any) -> Any:
    """Return ASE's stress (eV/Å³, in Voigt's order) as VASP writes it: 3 × 3 in kB."""
    voigt = finite(stress, (6,))
    if voigt is None:
        return None
    xx, yy, zz, yz, xz, xy = voigt * (-10.0 / ase.units.GPa)
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
