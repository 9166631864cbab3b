"""Relaxation with a model, one ionic step after another, as in VASP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import InputError, ModelError
from .inputs.poscar import Structure, Vector, cross
from .models import FIXED, calculator, instant_energy, linear_energy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .electrons import Electrons, Sampling
    from .engines.choice import Engine
    from .inputs.incar import Incar


#: The errors of our own models and of ASE's optimisers; calculators of others may raise any.
_EXPECTED = (ArithmeticError, RuntimeError, ValueError)


class IonicStep(NamedTuple):
    """The results of one ionic step.

    :ivar lattice: the three lattice vectors in Å.
    :ivar positions: the fractional coordinates of the ions.
    :ivar energy: the energy in eV, extrapolated to a smearing of zero if there is one.
    :ivar forces: the force on each ion in eV/Å, including fixed ions, as in VASP.
    :ivar stress: the stress, 3 × 3, in kB with VASP's sign (positive: the cell tends to expand);
        ``None`` if the engine gives none.
    :ivar converged: whether the relaxation ends here because it has converged.
    :ivar electrons: the electrons, if the engine has real ones.
    """

    lattice: list[Vector]
    positions: list[Vector]
    energy: float
    forces: list[Vector]
    stress: list[Vector] | None
    converged: bool
    electrons: Electrons | None = None


def ionic_steps(
    structure: Structure, incar: Incar, model: str, engine: Engine | None = None
) -> Iterator[IonicStep]:
    """Yield the steps of a relaxation, or of a single calculation.

    The first step is the given structure. The relaxation ends when it has converged, or after NSW
    steps. IBRION chooses ASE's optimiser: 1 ``BFGS``, 2 ``BFGSLineSearch``, 3 ``FIRE``, each with
    its default parameters; ISIF 3, 4 and 8 use ASE's ``FrechetCellFilter``.

    :param structure: the structure; its names must stand for elements.
    :param incar: the control tags.
    :param model: one of :data:`~.models.MODELS`.
    :param engine: the calculator, if the model is one of :data:`~.models.ENGINES`.
    :raises InputError: if the model is not installed or cannot be made, or the combination of flags
        and ISIF is not supported.
    :raises ModelError: if the model or the optimiser fails for a structure.
    """
    return begin(structure, incar, model, engine)[0]


def begin(
    structure: Structure, incar: Incar, model: str, engine: Engine | None = None
) -> tuple[Iterator[IonicStep], Sampling | None]:
    """Set up a relaxation; see :func:`ionic_steps`.

    :returns: its steps, and what an engine with real electrons has made of the settings.
    """
    if model in FIXED:
        linear = model == 'linear'
        energy = linear_energy(structure) if linear else instant_energy(structure.symbols)
        return _fixed(structure, energy), None
    atoms = _atoms(structure, incar)
    if engine is None:
        atoms.calc = calculator(model)
        return _relaxation(atoms, incar, type(atoms.calc).__name__, _EXPECTED), None
    sampling = None
    relaxes_cell = incar.relaxes and incar.isif > 2
    if model == 'gpaw':
        from .engines.gpaw import make_gpaw

        calc, sampling = make_gpaw(engine, atoms, relaxes_cell=relaxes_cell)
    else:
        from .engines.factories import make_calculator

        calc = make_calculator(engine, relaxes_cell=relaxes_cell)
    try:
        atoms.calc = calc
    except Exception as error:  # some calculators refuse elements here, as SevenNet does
        raise InputError(f'{engine.name} refuses the crystal: {error}') from error
    return _relaxation(atoms, incar, engine.name, Exception), sampling


def _fixed(structure: Structure, energy: float) -> Iterator[IonicStep]:
    zeros = [[0.0] * 3 for _ in structure.positions]
    yield IonicStep(
        structure.lattice,
        structure.positions,
        energy,
        zeros,
        [[0.0] * 3 for _ in range(3)],
        converged=True,
    )


def _atoms(structure: Structure, incar: Incar) -> Any:
    # Importing ASE takes longer than a whole run of the model `instant`.
    from ase import Atoms

    return Atoms(
        structure.symbols,
        cell=structure.lattice,
        scaled_positions=structure.positions,
        pbc=True,
        constraint=_constraints(structure, incar),
    )


def _relaxation(
    atoms: Any,
    incar: Incar,
    name: str,
    errors: type[Exception] | tuple[type[Exception], ...],
) -> Iterator[IonicStep]:
    try:
        if not incar.relaxes:
            yield _ionic_step(atoms, converged=True)
            return
        by_force = incar.ediffg < 0
        previous = None
        for converged in _optimiser(atoms, incar).irun(
            # VASP counts the given structure as the first step, ASE does not.
            fmax=-incar.ediffg if by_force else 0.0,
            steps=incar.nsw - 1,
        ):
            energy = float(atoms.get_potential_energy())
            if not by_force:
                converged = previous is not None and abs(energy - previous) < incar.ediffg
                previous = energy
            yield _ionic_step(atoms, converged=bool(converged))
            if converged:
                return
    except ModelError:
        raise
    except errors as error:
        kind = '' if isinstance(error, _EXPECTED) and str(error) else f'{type(error).__name__}: '
        raise ModelError(f'{name}: {kind}{error}') from error


def _constraints(structure: Structure, incar: Incar) -> list[Any]:
    """Return the constraints for selective dynamics, whose flags refer to the lattice vectors.

    ASE's own constraint for this, ``FixScaled``, keeps the positions right, but projects the forces
    wrongly unless the matrix of the lattice vectors is symmetric, so that relaxations stop early.
    Instead, an ion that may move along one or two lattice vectors is kept on a line or in a plane.
    """
    import ase.constraints

    # ASE's classes carry no types.
    library: Any = ase.constraints
    constraints: list[Any] = []
    fixed = []
    for index, flags in enumerate(structure.selective or []):
        free = [vector for vector, flag in zip(structure.lattice, flags, strict=True) if flag]
        if not free:
            fixed.append(index)
        elif len(free) == 1:
            constraints.append(library.FixedLine([index], free[0]))
        elif len(free) == 2:
            constraints.append(library.FixedPlane([index], cross(*free)))
    if constraints and incar.isif > 2:
        raise InputError(
            f'ISIF = {incar.isif} with an ion that may move along some lattice vectors only: '
            'not supported by this stand-in for VASP.'
        )
    return [*constraints, library.FixAtoms(fixed)] if fixed else constraints


def _optimiser(atoms: Any, incar: Incar) -> Any:
    import ase.filters
    from ase.optimize import BFGS, FIRE, BFGSLineSearch

    # ASE's classes carry no types.
    filters: Any = ase.filters
    moved = atoms
    if incar.isif > 2:
        moved = filters.FrechetCellFilter(
            atoms, constant_volume=incar.isif == 4, hydrostatic_strain=incar.isif == 8
        )
    return {1: BFGS, 2: BFGSLineSearch, 3: FIRE}[incar.ibrion](moved, logfile=None)


def _ionic_step(atoms: Any, *, converged: bool) -> IonicStep:
    import numpy as np
    from ase.units import GPa

    from .engines.factories import properties_of

    energy = float(atoms.get_potential_energy())
    forces = atoms.get_forces(apply_constraint=False)
    stress = None
    if 'stress' in properties_of(atoms.calc):
        stress = -10 / GPa * atoms.get_stress(voigt=False)
    if not all(np.isfinite(x).all() for x in (energy, forces, stress) if x is not None):
        raise ModelError('the energy, a force or the stress is not a finite number')
    return IonicStep(
        atoms.cell.tolist(),
        atoms.cell.scaled_positions(atoms.positions).tolist(),
        energy,
        forces.tolist(),
        None if stress is None else stress.tolist(),
        converged,
        getattr(atoms.calc, 'electrons', None),
    )
