"""What a calculation has come to, each datum from the file that holds it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import numpy as np

from .contcar import read_contcar
from .outcar import read_outcar
from .steps import Array, FileReading, Geometry, IonicStep, UnreadableError
from .vasprun import read_vasprun
from .xml import split_vasprun

VASPRUN, OUTCAR, CONTCAR, STDOUT = 'vasprun.xml', 'OUTCAR', 'CONTCAR', 'vasp_output'

#: The oldest major version of VASP whose files are read.
OLDEST = 5

#: OUTCAR gives positions with 5 decimals, and the cell with 9; CONTCAR gives 16.
_SAME_POSITION, _SAME_CELL = 2e-5, 1e-7

#: OUTCAR gives one digit of these tags.
_ROUNDED = ('EDIFF', 'EDIFFG')

#: What VASP says when it obeys STOPCAR, and the tag that it found there.
_STOPS = {'soft': 'LSTOP', 'hard': 'LABORT'}
_STOPPED = re.compile(r'^ *(soft|hard) stop encountered', re.MULTILINE)
_ACCURACY = re.compile(r'^ *reached required accuracy', re.MULTILINE)

T = TypeVar('T')


@dataclass(frozen=True)
class Reading:
    """The last complete ionic step of a calculation and how the calculation ended.

    :ivar nothing: whether there is neither a vasprun.xml nor an OUTCAR.
    :ivar version: of VASP.
    :ivar energies: in eV, by the names of :data:`.steps.ENERGIES`.
    :ivar previous_energy: the free energy of the ionic step before, in eV.
    :ivar forces: on each site in eV/Å.
    :ivar stress: 3 × 3 in kB, with VASP's sign.
    :ivar geometry: to which all these belong.
    :ivar complete: how many ionic steps are complete.
    :ivar electronic_steps: how many electronic steps each ionic step took that was begun.
    :ivar tags: of the INCAR, in capitals, with VASP's defaults.
    :ivar rounded_tags: those of which there is but one digit.
    :ivar finished: whether VASP came to its end.
    :ivar accuracy_reached: whether VASP says that it reached the required accuracy.
    :ivar stopped: ``LSTOP`` or ``LABORT``, if VASP obeyed a STOPCAR.
    :ivar sources: the file that each of these comes from, by its name.
    :ivar problems: why a file could not be read, or what was wrong with it, by the file.
    """

    nothing: bool = False
    version: str | None = None
    energies: Mapping[str, float] = field(default_factory=dict)
    previous_energy: float | None = None
    forces: Array | None = None
    stress: Array | None = None
    geometry: Geometry | None = None
    complete: int = 0
    electronic_steps: tuple[int, ...] = ()
    tags: Mapping[str, Any] = field(default_factory=dict)
    rounded_tags: Mapping[str, Any] = field(default_factory=dict)
    finished: bool = False
    accuracy_reached: bool = False
    stopped: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def too_old(self) -> bool:
        """Whether VASP is of a version whose files are not read."""
        major = (self.version or '').split('.')[0]
        return major.isdigit() and int(major) < OLDEST


def read_run(files: Mapping[str, bytes], symbols: Sequence[str]) -> Reading:
    """Return what the files of a calculation tell.

    :param files: the content of those that there are, by VASP's names.
    :param symbols: the elements of the sites of the input structure; VASP keeps their order.
    """
    problems: dict[str, str] = {}
    outcar = decode(files.get(OUTCAR, b''))
    stdout = decode(files.get(STDOUT, b''))
    readings = {
        VASPRUN: _try(VASPRUN, files, problems, partial(_vasprun, symbols=symbols)),
        OUTCAR: _try(OUTCAR, files, problems, lambda _: read_outcar(outcar, len(symbols))),
    }
    contcar = _try(CONTCAR, files, problems, lambda text: read_contcar(decode(text), symbols))
    found = {name: reading for name, reading in readings.items() if reading is not None}
    for name, reading in found.items():
        if reading.remarks:
            problems[name] = '; '.join(reading.remarks)
    # The file with more complete steps counts; vasprun.xml has more digits.
    order = sorted(found, key=lambda name: -found[name].complete)
    complete = found[order[0]].complete if order else 0
    equal = {name: found[name] for name in order if found[name].complete == complete > 0}
    sources: dict[str, str] = {}
    # VASP's standard output is asked only where there is no OUTCAR.
    told = {OUTCAR: outcar} if outcar else {STDOUT: stdout}
    if accuracy := next((name for name, text in told.items() if _ACCURACY.search(text)), None):
        sources['accuracy'] = accuracy
    stopped = None
    for name, text in ((OUTCAR, outcar), (STDOUT, stdout)):
        if stopped is None and (match := _STOPPED.search(text)) is not None:
            stopped, sources['stopped'] = _STOPS[match[1]], name
    outcar_tags = found[OUTCAR].tags if OUTCAR in found else {}
    return Reading(
        nothing=not {VASPRUN, OUTCAR} & set(files),
        version=next((one.version for one in found.values() if one.version), None),
        energies=_pick('energy', equal, sources, lambda step: step.energies or None) or {},
        previous_energy=next(filter(None, map(_previous, equal.values())), None),
        forces=_pick('forces', equal, sources, lambda step: step.forces),
        stress=_pick('stress', equal, sources, lambda step: step.stress),
        geometry=_geometry(equal, contcar, sources),
        complete=complete,
        electronic_steps=max((one.electronic_steps for one in found.values()), key=len, default=()),
        tags={
            **{name: value for name, value in outcar_tags.items() if name not in _ROUNDED},
            **(found[VASPRUN].tags if VASPRUN in found else {}),
        },
        rounded_tags={name: outcar_tags[name] for name in _ROUNDED if name in outcar_tags},
        finished=any(one.finished for one in found.values()),
        accuracy_reached=accuracy is not None,
        stopped=stopped,
        sources=sources,
        problems=problems,
    )


def decode(content: bytes) -> str:
    """Return the text of a file; bytes that are no UTF-8 are replaced."""
    return content.decode('utf-8', errors='replace')


def _vasprun(content: bytes, symbols: Sequence[str]) -> FileReading:
    return read_vasprun(split_vasprun(content), symbols)


def _try(
    name: str,
    files: Mapping[str, bytes],
    problems: dict[str, str],
    read: Callable[[bytes], T],
) -> T | None:
    if name not in files:
        problems[name] = 'is missing'
        return None
    try:
        return read(files[name])
    except UnreadableError as error:
        problems[name] = str(error)
        return None


def _pick(
    what: str,
    readings: Mapping[str, FileReading],
    sources: dict[str, str],
    get: Callable[[IonicStep], T | None],
) -> T | None:
    """Return a datum of the last step from the first file that holds it, and note the file."""
    for name, reading in readings.items():
        if (value := get(reading.steps[-1])) is not None:
            sources[what] = name
            return value
    return None


def _geometry(
    readings: Mapping[str, FileReading], contcar: Geometry | None, sources: dict[str, str]
) -> Geometry | None:
    """Return the geometry of the last step.

    CONTCAR may hold the geometry of a step that was to come. It is taken where it is that of
    OUTCAR, which has fewer digits.
    """
    found = _pick('structure', readings, sources, lambda step: step.geometry)
    if found is None or contcar is None or sources['structure'] != OUTCAR:
        return found
    if np.abs(found.cell - contcar.cell).max() > _SAME_CELL:
        return found
    apart = (found.positions - contcar.positions) @ np.linalg.inv(contcar.cell)
    apart -= np.round(apart)
    if np.abs(apart @ contcar.cell).max() > _SAME_POSITION:
        return found
    sources['structure'] = CONTCAR
    return contcar


def _previous(reading: FileReading) -> float | None:
    """Return the free energy (eV) of the step before the last."""
    return reading.steps[-2].energies.get('energy_free') if len(reading.steps) > 1 else None
