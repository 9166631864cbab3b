"""The results of a calculation, each quantity from the file that holds it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import numpy as np

from .files.contcar import read_contcar
from .files.outcar import read_outcar
from .files.vasprun import read_vasprun
from .files.xml import split_vasprun
from .lines import lines_with
from .steps import Array, FileReading, Geometry, IonicStep, UnreadableError

VASPRUN, OUTCAR, CONTCAR, STDOUT = 'vasprun.xml', 'OUTCAR', 'CONTCAR', 'vasp_output'

#: The oldest major version of VASP whose files are read.
OLDEST = 5

#: Tolerances (Å): OUTCAR has positions with 5 decimals and the cell with 9, CONTCAR with 16.
_SAME_POSITION, _SAME_CELL = 2e-5, 1e-7

#: Tags of which OUTCAR has only one digit.
_ROUNDED = ('EDIFF', 'EDIFFG')

#: The word in VASP's message when it obeys STOPCAR, and the tag in STOPCAR.
_STOPS = {'soft': 'LSTOP', 'hard': 'LABORT'}
_STOPPED = (
    'stop encountered',
    re.compile(r'^ *(soft|hard) stop encountered', re.MULTILINE),
)
_ACCURACY = (
    'required accuracy',
    re.compile(r'^ *reached required accuracy', re.MULTILINE),
)

T = TypeVar('T')


@dataclass(frozen=True)
class Reading:
    """The last complete ionic step of a calculation and how the calculation ended.

    :ivar nothing: whether both vasprun.xml and OUTCAR are missing.
    :ivar program: the program that wrote the files, such as ``vasp``.
    :ivar engine: what computed the numbers behind the stand-in for VASP.
    :ivar version: the version of VASP.
    :ivar energies: the energies in eV, by the names of :data:`.steps.ENERGIES`.
    :ivar previous_energy: the free energy of the previous ionic step, in eV.
    :ivar forces: the force on each site, in eV/Å.
    :ivar stress: the stress, 3 × 3, in kB with VASP's sign.
    :ivar geometry: the geometry of this step.
    :ivar complete: the number of complete ionic steps.
    :ivar electronic_steps: the number of electronic steps of each ionic step, including one that is
        not complete.
    :ivar tags: the tags of the INCAR in capitals, with VASP's defaults.
    :ivar rounded_tags: tags of which only one digit is known.
    :ivar finished: whether VASP ended normally.
    :ivar accuracy_reached: whether VASP printed that it reached the required accuracy.
    :ivar stopped: ``LSTOP`` or ``LABORT`` if VASP obeyed a STOPCAR.
    :ivar sources: the file of each quantity, by the name of the quantity.
    :ivar problems: by file, why it could not be read or what was wrong with it.
    """

    nothing: bool = False
    program: str | None = None
    engine: str | None = None
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
        """Whether the files of this version of VASP are not supported."""
        major = (self.version or '').split('.')[0]
        return major.isdigit() and int(major) < OLDEST


def read_run(files: Mapping[str, bytes], symbols: Sequence[str]) -> Reading:
    """Read the files of a calculation.

    :param files: the content of the files that exist, by VASP's names.
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
    valid = {name: reading for name, reading in readings.items() if reading is not None}
    for name, reading in valid.items():
        if reading.remarks:
            problems[name] = '; '.join(reading.remarks)
    # The file with more complete steps counts; of equal ones vasprun.xml, which has more digits.
    order = sorted(valid, key=lambda name: -valid[name].complete)
    complete = valid[order[0]].complete if order else 0
    latest = {name: valid[name] for name in order if valid[name].complete == complete > 0}
    sources: dict[str, str] = {}
    # VASP's standard output is searched only if there is no OUTCAR.
    texts = {OUTCAR: outcar} if outcar else {STDOUT: stdout}
    reached = (name for name, text in texts.items() if any(lines_with(*_ACCURACY, text)))
    if accuracy := next(reached, None):
        sources['accuracy'] = accuracy
    stopped = None
    for name, text in ((OUTCAR, outcar), (STDOUT, stdout)):
        if stopped is None and (match := next(lines_with(*_STOPPED, text), None)):
            stopped, sources['stopped'] = _STOPS[match[1]], name
    outcar_tags = valid[OUTCAR].tags if OUTCAR in valid else {}
    return Reading(
        nothing=not {VASPRUN, OUTCAR} & set(files),
        program=next((file.program for file in valid.values() if file.program), None),
        engine=next((file.engine for file in valid.values() if file.engine), None),
        version=next((file.version for file in valid.values() if file.version), None),
        energies=_pick('energy', latest, sources, lambda step: step.energies or None) or {},
        previous_energy=next(filter(None, map(_previous, latest.values())), None),
        forces=_pick('forces', latest, sources, lambda step: step.forces),
        stress=_pick('stress', latest, sources, lambda step: step.stress),
        geometry=_geometry(latest, contcar, sources),
        complete=complete,
        electronic_steps=max(
            (file.electronic_steps for file in valid.values()), key=len, default=()
        ),
        tags={
            **{name: value for name, value in outcar_tags.items() if name not in _ROUNDED},
            **(valid[VASPRUN].tags if VASPRUN in valid else {}),
        },
        rounded_tags={name: outcar_tags[name] for name in _ROUNDED if name in outcar_tags},
        finished=any(file.finished for file in valid.values()),
        accuracy_reached=accuracy is not None,
        stopped=stopped,
        sources=sources,
        problems=problems,
    )


def decode(content: bytes) -> str:
    """Return the text of a file; bytes that are not UTF-8 are replaced."""
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
    """Return a quantity of the last step from the first file that holds it; record the file."""
    for name, reading in readings.items():
        if (value := get(reading.steps[-1])) is not None:
            sources[what] = name
            return value
    return None


def _geometry(
    readings: Mapping[str, FileReading], contcar: Geometry | None, sources: dict[str, str]
) -> Geometry | None:
    """Return the geometry of the last step.

    CONTCAR may hold the geometry of the next step. It is used only if it agrees with OUTCAR, which
    has fewer digits.
    """
    geometry = _pick('structure', readings, sources, lambda step: step.geometry)
    if geometry is None or contcar is None or sources['structure'] != OUTCAR:
        return geometry
    if np.abs(geometry.cell - contcar.cell).max() > _SAME_CELL:
        return geometry
    difference = (geometry.positions - contcar.positions) @ np.linalg.inv(contcar.cell)
    difference -= np.round(difference)
    if np.abs(difference @ contcar.cell).max() > _SAME_POSITION:
        return geometry
    sources['structure'] = CONTCAR
    return contcar


def _previous(reading: FileReading) -> float | None:
    """Return the free energy (eV) of the last step but one."""
    return reading.steps[-2].energies.get('energy_free') if len(reading.steps) > 1 else None
