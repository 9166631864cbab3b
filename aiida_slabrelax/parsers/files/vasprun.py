"""vasprun.xml, read with pymatgen."""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..program import engine_in_vasprun, program_in_vasprun
from ..steps import FileReading, Geometry, IonicStep, UnreadableError, finite, finite_energies
from .xml import VasprunText

if TYPE_CHECKING:
    from pymatgen.io.vasp.outputs import Vasprun

#: It stands at the beginning of the file.
_VERSION = re.compile(r'<i\b[^<>]*\bname="version"[^<>]*>\s*([^<\s]+)')
_BEGINNING = 10_000

#: The energies of :data:`.steps.ENERGIES` as vasprun.xml calls them.
_NAMES = {
    'energy_extrapolated': 'e_0_energy',
    'energy_free': 'e_fr_energy',
    'energy_no_entropy': 'e_wo_entrp',
}


def read_vasprun(text: VasprunText, symbols: Sequence[str]) -> FileReading:
    """Read the last complete ionic steps of a vasprun.xml.

    :param symbols: the elements of the sites, in VASP's order.
    :raises UnreadableError: if pymatgen cannot read it, or it has another number of sites.
    """
    version = _VERSION.search(text.header, 0, _BEGINNING)
    counts = [part.count('<scstep>') for part in [*text.steps, text.rest]]
    reading = FileReading(
        program=program_in_vasprun(text.header),
        engine=engine_in_vasprun(text.header),
        version=version[1] if version else None,
        electronic_steps=tuple(counts if counts[-1] else counts[:-1]),
        finished=text.finished,
        remarks=text.remarks,
    )
    if not text.steps:
        return reading
    try:
        vasprun = open_vasprun(text.last(2).without_electrons(), symbols)
    except UnreadableError:
        if len(text.steps) == 1:
            raise
        # The error may be in the last step but one, which is not essential.
        vasprun = open_vasprun(text.last(1).without_electrons(), symbols)
    return replace(
        reading,
        complete=len(text.steps),
        steps=tuple(
            _ionic_step(step, len(symbols), reading.version) for step in vasprun.ionic_steps
        ),
        tags={name.upper(): value for name, value in vasprun.parameters.items()},
    )


def open_vasprun(text: VasprunText, symbols: Sequence[str], **options: bool) -> Vasprun:
    """Open a file with pymatgen; electronic states are read only if requested.

    :param symbols: the elements of the sites.
    :param options: options of pymatgen's ``Vasprun``, such as ``parse_dos``.
    :raises UnreadableError: if pymatgen cannot read it, or it has another number of sites.
    """
    from pymatgen.io.vasp.outputs import Vasprun  # it imports scipy.signal and more, 30 MB

    chosen = {'parse_dos': False, 'parse_eigen': False, 'parse_projected_eigen': False, **options}
    content = text.with_symbols(symbols).compose()
    with tempfile.NamedTemporaryFile(suffix='.xml') as file, warnings.catch_warnings():
        warnings.simplefilter('ignore')  # pymatgen warns of unconverged runs
        file.write(content)
        file.flush()
        try:
            return Vasprun(file.name, parse_potcar_file=False, **chosen)
        except Exception as error:  # pymatgen raises any exception for a damaged file
            raise UnreadableError(f'pymatgen: {type(error).__name__}: {error}') from error


def _ionic_step(step: Mapping[str, Any], sites: int, version: str | None) -> IonicStep:
    structure = step.get('structure')
    geometry = None
    if structure is not None:
        cell = finite(structure.lattice.matrix, (3, 3))
        positions = finite(structure.cart_coords, (sites, 3))
        if cell is not None and positions is not None:
            geometry = Geometry(cell, positions)
    return IonicStep(
        energies=finite_energies(_energies(step, version)),
        forces=finite(step.get('forces'), (sites, 3)),
        stress=finite(step.get('stress'), (3, 3)),
        geometry=geometry,
    )


def _energies(step: Mapping[str, Any], version: str | None) -> dict[str, float]:
    """Return the three energies (eV) of an ionic step.

    VASP before 6 writes wrong values for E(σ→0) and the energy without entropy. The free energy is
    right, and the differences from it are taken from the last electronic step, as in pymatgen's
    ``Vasprun.final_energy``.
    """
    free = step.get('e_fr_energy')
    last = step['electronic_steps'][-1] if step['electronic_steps'] else {}
    if free is not None and set(_NAMES.values()) <= set(last):
        shift = free - last['e_fr_energy']
        return {name: round(float(last[key] + shift), 8) for name, key in _NAMES.items()}
    if (version or '0').split('.')[0] in ('4', '5', '0'):
        return {} if free is None else {'energy_free': free}
    return {name: step[key] for name, key in _NAMES.items() if key in step}
