"""GPAW as a calculator of ASE that keeps what VASP writes: iterations, states, moments."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import units
from ase.calculators.calculator import Calculator, all_changes

from ..electrons import ElectronicIteration, Electrons, Energies, Sampling
from ..errors import InputError, ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .choice import Engine

#: The name of GPAW's own log in the folder of the run.
LOG = 'gpaw.txt'

#: By which factor the cut-off is varied to find how the energy depends on it.
CUTOFF_STEP = 1.03


class GpawCalculator(Calculator):
    """GPAW, whose self-consistency ends after NELM iterations as in VASP.

    :ivar electrons: those of the last calculation.

    :param gpaw: the calculator of GPAW.
    :param vacuum_axis: the lattice vector across the vacuum, if its potential is wanted.
    :param polarised: whether the moments are wanted.
    :param basis_energy: what :func:`basis_energy` returns, which corrects the stress (eV).
    """

    implemented_properties = ['energy', 'free_energy', 'forces', 'stress']  # noqa: RUF012

    def __init__(
        self, gpaw: Any, vacuum_axis: int | None, polarised: bool, basis_energy: float
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._gpaw = gpaw
        self._vacuum_axis = vacuum_axis
        self._polarised = polarised
        self._basis_energy = basis_energy
        self.electrons: Electrons | None = None

    def begin(self, atoms: Any) -> Sampling:
        """Set the calculation up, and return what GPAW has made of the settings."""
        atoms = self._with_boundaries(atoms)
        self._gpaw.create_new_calculation(atoms)
        states = self._gpaw.dft.ibzwfs
        self._points = np.array(self._gpaw.get_ibz_k_points())
        return Sampling(
            self._points.tolist(),
            np.array(self._gpaw.get_k_point_weights()).tolist(),
            int(states.nbands),
            float(self._gpaw.get_number_of_electrons()),
        )

    def calculate(
        self,
        atoms: Any = None,
        properties: Sequence[str] = ('energy',),
        system_changes: Sequence[str] = all_changes,
    ) -> None:
        """Compute the energies, forces and the stress, and keep the electrons.

        :raises ModelError: if the symmetry is not that of the beginning.
        """
        from gpaw import KohnShamConvergenceError

        super().calculate(  # type: ignore[no-untyped-call]
            atoms, properties, system_changes
        )
        moving = self._with_boundaries(self.atoms)
        iterations: list[ElectronicIteration] = []
        try:
            for context in self._gpaw.iconverge(moving):
                self._append(iterations, context)
        except KohnShamConvergenceError:
            # Like VASP it goes on; that NELM was reached shows in the number of iterations.
            self._gpaw.dft.calculate_energy()
            self._gpaw.dft.magmoms()
        if len(self._gpaw.get_ibz_k_points()) != len(self._points):
            raise ModelError('the symmetry of the crystal has changed: ISYM = 0 does without it')
        dft = self._gpaw.dft
        dft.calculate_forces()
        dft.calculate_stress()
        found = self._gpaw.results
        self.results = {
            'energy': float(found['energy']),
            'free_energy': float(found['free_energy']),
            'forces': np.array(found['forces']),
        }
        if 'stress' in found:
            basis = self._basis_energy / moving.get_volume()
            self.results['stress'] = np.array(found['stress']) + basis * np.repeat([1, 0], 3)
        self.electrons = self._read_electrons(found, iterations)

    def _append(self, iterations: list[ElectronicIteration], context: Any) -> None:
        energies = _energies(context.energies)
        previous = iterations[-1].energy if iterations else 0.0
        moment = None
        if self._polarised:
            moment = float(context.density.calculate_magnetic_moments()[0][2])
        iterations.append(
            ElectronicIteration(
                context.niter, energies.free, energies.free - previous, energies, moment
            )
        )

    def _read_electrons(
        self, found: dict[str, Any], iterations: list[ElectronicIteration]
    ) -> Electrons:
        dft = self._gpaw.dft
        eigenvalues, occupations = dft.ibzwfs.get_all_eigs_and_occs()
        levels = None
        if self._vacuum_axis is not None:
            levels = self._vacuum_levels(dft)
        return Electrons(
            _energies(dft.energies),
            iterations,
            float(np.mean(dft.ibzwfs.fermi_levels)) * units.Ha,
            (eigenvalues * units.Ha).tolist(),
            occupations.tolist(),
            float(found['magmom']) if self._polarised else None,
            _moments(dft) if self._polarised else None,
            levels,
        )

    def _vacuum_levels(self, dft: Any) -> tuple[float, float]:
        """Return the potential above and below the slab in eV; without a layer they are equal."""
        level = float(dft.vacuum_level())  # in eV
        try:
            step = float(dft.pot_calc.poisson_solver.dipole_layer_correction()) * units.Ha
        except NotImplementedError:
            step = 0.0
        return level - step, level + step

    def _with_boundaries(self, atoms: Any) -> Any:
        """Return the crystal with a boundary in the vacuum, if its potential is wanted."""
        if self._vacuum_axis is None:
            return atoms
        copied = atoms.copy()
        copied.pbc = [axis != self._vacuum_axis for axis in range(3)]
        return copied


def _moments(dft: Any) -> list[list[float]]:
    """Return the moments of the ions within their augmentation spheres (μB), by shell.

    They are GPAW's own, which it adds up for each ion: of its atomic density matrices, the partial
    waves of one shell.
    """
    density = dft.density
    shells = max(3, 1 + max(max(setup.l_j) for setup in dft.setups))
    moments = []
    for ion, setup in enumerate(dft.setups):
        up, down = density.D_asii[ion][:2]
        by_wave = ((up - down).real * density.N0_aii[ion]).sum(1)
        of_wave = [shell for shell in setup.l_j for _ in range(2 * shell + 1)]
        moments.append(np.bincount(of_wave, weights=by_wave, minlength=shells).tolist())
    return moments


def _energies(energies: Any) -> Energies:
    free = energies.total_free * units.Ha
    # The term -TS has no public name.
    entropy = energies._energies.get('entropy', 0.0) * units.Ha
    return Energies(free, free - entropy, energies.total_extrapolated * units.Ha)


def basis_energy(settings: dict[str, Any], atoms: Any) -> float:
    """Return 2/3 E_cut dE/dE_cut in eV: divided by the volume, the stress of a changing basis.

    The stress of GPAW is that at a fixed number of plane waves, as in VASP. VASP keeps the number
    while a cell relaxes; GPAW has a fixed cut-off. With this added, the stress is the derivative of
    its energy, and the cell relaxes to the minimum (G. P. Francis and M. C. Payne, J. Phys.:
    Condens. Matter 2, 4395 (1990)).
    """
    from gpaw import GPAW

    if not isinstance(settings['mode'], dict) or 'ecut' not in settings['mode']:
        return 0.0  # no plane waves: the arguments of the engine say so
    cutoff = settings['mode']['ecut']
    cutoffs = cutoff / CUTOFF_STEP, cutoff * CUTOFF_STEP
    energies = []
    for ecut in cutoffs:
        varied = {**settings, 'mode': {**settings['mode'], 'ecut': ecut}, 'txt': None}
        del varied['maxiter']
        calculator = GPAW(**varied)
        energies.append(calculator.get_potential_energy(atoms, force_consistent=True))
    slope = (energies[1] - energies[0]) / (cutoffs[1] - cutoffs[0])
    return float(2 / 3 * cutoff * slope)


def make_gpaw(engine: Engine, atoms: Any, *, relaxes_cell: bool) -> tuple[GpawCalculator, Sampling]:
    """Return the calculator of GPAW, set up for a crystal, and what it has made of the settings.

    :param relaxes_cell: whether its stress must be the derivative of its energy.
    :raises InputError: if GPAW is not installed or refuses the settings.
    """
    try:
        from gpaw import GPAW
        from gpaw.convergence_criteria import Energy
    except ImportError as error:
        raise InputError(
            f'The calculator gpaw:GPAW cannot be imported: {error}. It needs: pip install gpaw '
            'gpaw-data'
        ) from error
    settings = {**engine.settings, **engine.arguments}
    # VASP's EDIFF is for the whole cell, GPAW's number for an electron.
    criterion = Energy(settings['convergence']['energy'], relative=False)
    settings['convergence'] = {**settings['convergence'], 'energy': criterion}
    try:
        with warnings.catch_warnings():
            # Meta-GGAs do not converge then.
            warnings.filterwarnings('error', message='libxc should be compiled')
            calculator = GpawCalculator(
                GPAW(**settings, txt=LOG),
                engine.vacuum_axis,
                bool(settings['spinpol']),
                basis_energy(settings, atoms) if relaxes_cell else 0.0,
            )
            return calculator, calculator.begin(atoms)
    except Exception as error:  # GPAW raises any exception, and KeyError for unknown setups
        raise InputError(
            f'The calculator gpaw:GPAW cannot be made: {type(error).__name__}: {error}'
        ) from error
