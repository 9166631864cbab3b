"""vasprun.xml, written step by step as by VASP: a run that is killed leaves it truncated.

Models without electrons have neither eigenvalues nor a density of states.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..electrons import Energies
from ..inputs.poscar import Vector, determinant, format_vector, reciprocal
from .bands import bands_in_vasprun

if TYPE_CHECKING:
    from pathlib import Path

    from ..electrons import ElectronicIteration, Electrons
    from ..inputs.incar import Incar, Value
    from ..inputs.kpoints import KPoints
    from ..inputs.poscar import Flags
    from ..inputs.reading import Inputs
    from ..relax import IonicStep

#: The version in the output; readers choose the format by its first digit.
VERSION = '6.5.1'

# VASP writes eight decimals; sixteen keep the positions of the model exactly.
_FINE = '{:20.16f}'
_COARSE = '{:16.8f}'


class VasprunWriter:
    """Writes vasprun.xml, flushing after each call.

    :param path: the file to write.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open('w', encoding='iso-8859-1', errors='xmlcharrefreplace')

    def header(self, inputs: Inputs) -> None:
        """Write the part before the first ionic step."""
        self._write(
            '<?xml version="1.0" encoding="ISO-8859-1"?>\n<modeling>\n <generator>\n',
            _item('program', 'vasp-standin (this is NOT VASP)'),
            _item('version', VERSION),
            _item('subversion', f'model {inputs.made_by}'),
            ' </generator>\n <incar>\n',
            *(_item(tag, value) for tag, value in inputs.incar.tags.items()),
            ' </incar>\n',
            _kpoints(inputs.kpoints),
            _parameters(inputs),
            _atominfo(inputs),
        )
        structure = inputs.structure
        self._write(
            _structure(structure.lattice, structure.positions, structure.selective, 'initialpos')
        )

    def begin_step(self) -> None:
        """Open an ionic step."""
        self._write(' <calculation>\n')

    def iteration(self, iteration: ElectronicIteration, seconds: float) -> None:
        """Write an electronic iteration of the open ionic step."""
        self._write(
            '  <scstep>\n',
            f'   <time name="total">{seconds:8.2f}{seconds:8.2f}</time>\n',
            _energy(iteration.energies or Energies.of_model(iteration.energy)),
            '  </scstep>\n',
        )

    def end_step(
        self, step: IonicStep, bands: Electrons | None, inputs: Inputs, seconds: float
    ) -> None:
        """Write the results of the open ionic step, with or without its bands, and close it."""
        electrons = step.electrons
        energies = Energies.of_model(step.energy) if electrons is None else electrons.energies
        self._write(
            _structure(step.lattice, step.positions, inputs.structure.selective),
            _varray('forces', step.forces, _FINE),
            '' if step.stress is None else _varray('stress', step.stress, _FINE),
            _energy(energies),
            f'  <time name="totalsc">{seconds:8.2f}{seconds:8.2f}</time>\n',
            '' if bands is None else bands_in_vasprun(bands, inputs),
            ' </calculation>\n',
        )

    def end(self, step: IonicStep, selective: list[Flags] | None) -> None:
        """Write the final structure and close the file."""
        self._write(
            _structure(step.lattice, step.positions, selective, 'finalpos'), '</modeling>\n'
        )
        self.close()

    def close(self) -> None:
        """Close the file as it is."""
        self._file.close()

    def _write(self, *parts: str) -> None:
        self._file.writelines(parts)
        self._file.flush()


def _item(name: str, value: Value) -> str:
    """Return a parameter; an attribute holds its type, except for reals."""
    if isinstance(value, list):
        kind = ' type="int"' if all(isinstance(number, int) for number in value) else ''
        text = ''.join(f' {_plain(number)}' for number in value)
        return f'  <v{kind} name="{_escape(name)}">{text}</v>\n'
    kinds = {bool: ' type="logical"', int: ' type="int"', str: ' type="string"'}
    return f'  <i{kinds.get(type(value), "")} name="{_escape(name)}">{_plain(value)}</i>\n'


def _plain(value: bool | int | float | str) -> str:
    if isinstance(value, bool):
        return 'T' if value else 'F'
    return f'{value:.8g}' if isinstance(value, float) else _escape(str(value))


def _escape(text: str) -> str:
    # The function of the standard library imports urllib.request, which takes longer than a run.
    for character, entity in (('&', '&amp;'), ('<', '&lt;'), ('>', '&gt;'), ('"', '&quot;')):
        text = text.replace(character, entity)
    return text


def _varray(name: str, rows: list[Vector], form: str) -> str:
    lines = ''.join(f'   <v> {format_vector(row, form)} </v>\n' for row in rows)
    return f'  <varray name="{name}">\n{lines}  </varray>\n'


def _energy(energies: Energies) -> str:
    named = {
        'e_fr_energy': energies.free,
        'e_wo_entrp': energies.without_entropy,
        'e_0_energy': energies.extrapolated,
    }
    lines = ''.join(f'    <i name="{name}">{value:20.10f} </i>\n' for name, value in named.items())
    return f'   <energy>\n{lines}   </energy>\n'


def _kpoints(kpoints: KPoints) -> str:
    generation = ''
    if kpoints.scheme:
        generation = (
            f'  <generation param="{kpoints.scheme}">\n'
            f'   <v type="int" name="divisions"> {" ".join(map(str, kpoints.divisions))} </v>\n'
            f'   <v name="usershift"> {format_vector(kpoints.shift, _COARSE)} </v>\n'
            '  </generation>\n'
        )
    points = _varray('kpointlist', kpoints.points, _COARSE)
    weights = _varray('weights', [[weight] for weight in kpoints.weights], _COARSE)
    return f' <kpoints>\n{generation}{points}{weights} </kpoints>\n'


def _parameters(inputs: Inputs) -> str:
    incar: Incar = inputs.incar
    groups: dict[str, dict[str, Value]] = {
        'general': {'SYSTEM': incar.system},
        'electronic': {
            'ENMAX': incar.tags.get('ENCUT', inputs.enmax),
            'EDIFF': incar.ediff,
            'NELM': incar.nelm,
            'NELECT': inputs.electrons,
            'NBANDS': inputs.bands,
            'ISPIN': incar.tags.get('ISPIN', 1),
            'ISMEAR': incar.tags.get('ISMEAR', 1),
            'SIGMA': incar.tags.get('SIGMA', 0.2),
            'LHFCALC': incar.tags.get('LHFCALC', False),
            'AEXX': incar.tags.get('AEXX', 0.0),
            'HFSCREEN': incar.tags.get('HFSCREEN', 0.0),
            'LDAU': incar.tags.get('LDAU', False),
            'GGA': incar.tags.get('GGA', '--'),
        },
        'ionic': {
            'NSW': incar.nsw,
            'IBRION': incar.ibrion,
            'ISIF': incar.isif,
            'EDIFFG': incar.ediffg,
        },
    }
    lines = [' <parameters>\n']
    for group, items in groups.items():
        lines.append(f' <separator name="{group}">\n')
        lines += [_item(tag, value) for tag, value in items.items()]
        lines.append(' </separator>\n')
    return ''.join([*lines, ' </parameters>\n'])


def _atominfo(inputs: Inputs) -> str:
    structure = inputs.structure
    atoms = [
        f'    <rc><c>{potential.element:2s}</c><c>{kind:4d}</c></rc>\n'
        for kind, (potential, count) in enumerate(
            zip(inputs.potentials, structure.counts, strict=True), start=1
        )
        for _ in range(count)
    ]
    kinds = [
        f'    <rc><c>{count:4d}</c><c>{potential.element:2s}</c><c>{potential.mass:16.8f}</c>'
        f'<c>{potential.valence:16.8f}</c><c>{_escape(potential.header)}</c></rc>\n'
        for potential, count in zip(inputs.potentials, structure.counts, strict=True)
    ]
    return ''.join(
        [
            f' <atominfo>\n  <atoms>{len(atoms):8d} </atoms>\n  <types>{len(kinds):8d} </types>\n',
            '  <array name="atoms" >\n   <dimension dim="1">ion</dimension>\n',
            '   <field type="string">element</field>\n   <field type="int">atomtype</field>\n',
            '   <set>\n',
            *atoms,
            '   </set>\n  </array>\n',
            '  <array name="atomtypes" >\n   <dimension dim="1">type</dimension>\n',
            '   <field type="int">atomspertype</field>\n   <field type="string">element</field>\n',
            '   <field>mass</field>\n   <field>valence</field>\n',
            '   <field type="string">pseudopotential</field>\n   <set>\n',
            *kinds,
            '   </set>\n  </array>\n </atominfo>\n',
        ]
    )


def _structure(
    lattice: list[Vector],
    positions: list[Vector],
    selective: list[Flags] | None,
    name: str = '',
) -> str:
    label = f' name="{name}"' if name else ''
    flags = ''
    if selective is not None:
        rows = ''.join(
            f'   <v type="logical"> {" ".join("T" if free else "F" for free in row)} </v>\n'
            for row in selective
        )
        flags = f'  <varray type="logical" name="selective">\n{rows}  </varray>\n'
    return (
        f'  <structure{label}>\n   <crystal>\n'
        + _varray('basis', lattice, _FINE)
        + f'   <i name="volume">{abs(determinant(lattice)):20.8f} </i>\n'
        + _varray('rec_basis', reciprocal(lattice), _FINE)
        + '   </crystal>\n'
        + _varray('positions', positions, _FINE)
        + flags
        + '  </structure>\n'
    )
