"""The four input files of a run, read and checked for consistency."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..errors import InputError
from ..models import ENGINES, choose_model
from .incar import Incar, read_incar
from .kpoints import KPoints, mesh_of_spacing, read_kpoints
from .poscar import SMALLEST_DISTANCE, VERY_SMALL_DISTANCE, Structure, nearest_ions, read_poscar
from .potcar import Potential, read_potcar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..electrons import Sampling
    from ..engines.choice import Engine

#: The largest size of an input file, bytes.
MOST_BYTES = 50 * 1024**2


class Inputs(NamedTuple):
    """The inputs of a run.

    :ivar incar: the control tags.
    :ivar structure: the structure, named by the elements of the potentials.
    :ivar kpoints: the sampling of the Brillouin zone.
    :ivar potentials: one for each block of ions.
    :ivar model: the name of the physical model.
    :ivar warnings: the warnings that VASP would print before it continues.
    :ivar engine: what another package provides as the model; ``None`` for our own models.
    :ivar sampling: what an engine with real electrons has made of the settings.
    """

    incar: Incar
    structure: Structure
    kpoints: KPoints
    potentials: list[Potential]
    model: str
    warnings: list[str]
    engine: Engine | None = None
    sampling: Sampling | None = None

    @property
    def made_by(self) -> str:
        """The model or engine behind the numbers, as the output names it."""
        return self.model if self.engine is None else self.engine.name

    @property
    def electrons(self) -> float:
        """The number of valence electrons."""
        if self.sampling is not None:
            return self.sampling.electrons
        valences = (potential.valence for potential in self.potentials)
        neutral = sum(v * count for v, count in zip(valences, self.structure.counts, strict=True))
        number = self.incar.tags.get('NELECT', neutral)
        assert isinstance(number, float)
        return number

    @property
    def bands(self) -> int:
        """The number of bands that VASP would use without spin; it is only reported."""
        if self.sampling is not None:
            return self.sampling.bands
        number = self.incar.tags.get('NBANDS')
        if isinstance(number, int):
            return number
        return int(self.electrons / 2 + max(len(self.structure.positions) / 2, 3) + 0.999)

    @property
    def enmax(self) -> float:
        """The default cutoff energy in eV: the largest one of the potentials."""
        return max(potential.enmax for potential in self.potentials)


def read_inputs(folder: Path, environ: Mapping[str, str]) -> Inputs:
    """Read INCAR, POSCAR, POTCAR and KPOINTS.

    :param folder: the folder of the files.
    :param environ: the environment variables, which choose the model.
    :raises InputError: if a file is missing or cannot be read, POSCAR and POTCAR do not agree, two
        ions coincide, or the model does not support an element or the physics of a tag.
    """
    incar = read_incar(_text(folder, 'INCAR'))
    structure = read_poscar(_text(folder, 'POSCAR'))
    potentials = read_potcar(_text(folder, 'POTCAR'))
    structure = _with_elements(structure, potentials)
    spacing = incar.tags.get('KSPACING')
    if isinstance(spacing, float) and not (folder / 'KPOINTS').exists():
        gamma = bool(incar.tags.get('KGAMMA', True))
        kpoints = mesh_of_spacing(spacing, gamma, structure.lattice)
    else:
        kpoints = read_kpoints(_text(folder, 'KPOINTS'), structure.lattice)
    warnings = _check_distances(structure)
    asked = environ.get('VASP_STANDIN_MODEL')
    if not asked and environ.get('VASP_STANDIN_CALCULATOR'):
        asked = 'ase'
    model = choose_model(structure.names, asked)
    inputs = Inputs(incar, structure, kpoints, potentials, model, warnings)
    return inputs._replace(engine=_choose_engine(inputs, environ))


def _choose_engine(inputs: Inputs, environ: Mapping[str, str]) -> Engine | None:
    model = inputs.model
    if model not in ENGINES:
        for name in ('VASP_STANDIN_CALCULATOR', 'VASP_STANDIN_ARGUMENTS'):
            if environ.get(name):
                raise InputError(f'{name}: the model {model} takes none.')
        return None
    # Only here, because a run of the model `instant` must start fast.
    from ..engines.choice import choose_engine
    from ..engines.physics import refuse_tags

    engine = choose_engine(model, environ)
    if model != 'gpaw':
        refuse_tags(inputs.incar, engine)
        return engine
    from ..engines.gpaw_settings import gpaw_settings, vacuum_axis

    settings = gpaw_settings(inputs.incar, inputs.kpoints, inputs.structure, inputs.potentials)
    axis = vacuum_axis(inputs.incar, inputs.kpoints, inputs.structure)
    return engine._replace(settings=settings, vacuum_axis=axis)


def _text(folder: Path, name: str) -> str:
    try:
        if (folder / name).stat().st_size > MOST_BYTES:
            raise InputError(f'{name} is larger than {MOST_BYTES // 1024**2} MB.')
        return (folder / name).read_text(encoding='utf-8', errors='replace')
    except OSError as error:
        raise InputError(f'No {name} found, STOPPING') from error


def _with_elements(structure: Structure, potentials: list[Potential]) -> Structure:
    """Name the blocks of ions by the elements of their potentials.

    If the elements of POTCAR and POSCAR differ, VASP uses those of POTCAR and only warns, and
    relaxes the wrong crystal. The stand-in refuses.
    """
    elements = [potential.element for potential in potentials]
    if len(elements) != len(structure.counts):
        raise InputError(
            f'ERROR: number of potentials on File POTCAR ({len(elements)}) incompatible with number'
            f' of species ({len(structure.counts)}).'
        )
    named = structure._replace(names=elements)
    if structure.names and structure.symbols != named.symbols:
        raise InputError(
            'type information on POSCAR and POTCAR are incompatible: '
            f'{" ".join(structure.names)} and {" ".join(elements)}.'
        )
    return named


def _check_distances(structure: Structure) -> list[str]:
    distance = nearest_ions(structure)
    if distance < SMALLEST_DISTANCE:
        raise InputError(f'Two ions are {distance:.3f} Å apart.')
    if distance < VERY_SMALL_DISTANCE:
        warning = (
            f'The distance between some ions is very small ({distance:.3f} Å). '
            'I HOPE YOU KNOW WHAT YOU ARE DOING!'
        )
        return [warning]
    return []
