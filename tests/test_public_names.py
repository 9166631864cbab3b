"""What is public: each package exports these names and no other, and the docs use only them."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import aiida_slabrelax

ROOT = Path(__file__).parents[1]

PUBLIC = {
    'aiida_slabrelax': """
        ConvergeThicknessWorkChain LoadedEnergies LoadedRun NotTrustedError SlabOptions
        SlabRelaxWorkChain SurfaceEnergiesWorkChain collect collect_group
        collect_surface_energies load
        plot_faces plot_relaxation plot_slabs plot_stability_map plot_surface_energies
        plot_work_functions plot_wulff preview read_crystal submit write_page
    """,
    'aiida_slabrelax.crystals': """
        CrystalFileError CrystalFileWarning DoubtfulCrystalError Reading read_crystal read_file
    """,
    'aiida_slabrelax.durable': """
        ChildExcepted ChildFailed ChildKilled Handle NotImportableError NotInWorkflowError
        ReplayError Semaphore Status as_completed continue_as_new first gather now patched publish
        random replay report side_effect sleep status submit uuid wait_for workflow
    """,
    'aiida_slabrelax.energetics': """
        EV_PER_A2_IN_J_PER_M2 GASES CleavageEnergy DiatomicGas EnergyPerArea GasPotential
        LinearFit Lowest NotComparableError Phase References RelaxationEnergy Slab
        StabilityRegion SurfaceEnergy ThicknessFit are_complementary check_area
        check_references check_settings cleavage_energy excess_over fit_line
        fit_surface_energy formation_energy gas_potential gas_pressure is_stoichiometric
        least_excess lower_envelope plane_area read_numbers relaxation_energy slice_region
        stability_region surface_energies_of surface_energy units_by
    """,
    'aiida_slabrelax.energetics.wulff': 'CrystalShape wulff_shape',
    'aiida_slabrelax.plots': """
        plot_convergence plot_convergence_test plot_faces plot_relaxation plot_slabs
        plot_stability_map plot_surface_energies plot_work_functions plot_wulff
    """,
    'aiida_slabrelax.report': 'write_group_page write_page',
    'aiida_slabrelax.results': """
        Amount Convergence ConvergenceTest Cost CrystalResults Failure GroupResults Limits
        PlanarAverage PreRelaxation Preview Rescue RunResults SlabResult StageCost Surface
        SurfaceResults WorkFunctions collect collect_group collect_surface_energies convergence_of
        convergence_test costs_of preview relaxations_of slabs_of
    """,
    'aiida_slabrelax.surfaces': """
        GENERATORS KIND_NAME MAX_GAP OPTIONS Crystal Excluded Face FixingError Mention
        CutBonds Polarity Reason SlabGenerationError SlabOptions SlabGeometry Spacings Survey
        Termination
        bulk_mesh check_bulk check_cell check_fixing check_hexagonal check_max_atoms
        check_max_index check_max_normal_search check_miller_indices check_option check_slab
        check_surfaces check_thickness check_vacuum compare_spacings describe_excluded
        describe_pseudosymmetry describe_planes describe_reduction describe_slab
        describe_termination describe_thin_vacuum dipole_centre find_terminations fixed_sites
        format_composition format_formula format_plane from_ase is_symmetric kpoints_mesh
        oriented_bulk oriented_mesh reduce_miller_indices repeated_planes split_surfaces survey
        widest_gap
    """,
    'aiida_slabrelax.workflows': 'NotTrustedError SlabRelaxWorkChain describe_executed',
}


@pytest.mark.parametrize('name', PUBLIC)
def test_the_exported_names(name: str) -> None:
    assert sorted(importlib.import_module(name).__all__) == sorted(PUBLIC[name].split())


@pytest.mark.parametrize('name', aiida_slabrelax.__all__)
def test_each_is_there_when_it_is_used(name: str) -> None:
    assert getattr(aiida_slabrelax, name).__name__ == name
    assert name in dir(aiida_slabrelax)


def test_a_name_that_there_is_not() -> None:
    message = "module 'aiida_slabrelax' has no attribute 'relax_all'"
    with pytest.raises(AttributeError, match=f'^{message}$'):
        _ = aiida_slabrelax.relax_all  # type: ignore[attr-defined]


def test_types_are_seen_of_each_name() -> None:
    """A type checker reads the imports that never run."""
    tree = ast.parse(Path(aiida_slabrelax.__file__).read_text('utf-8'))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    imported = [
        alias.name
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    assert sorted(imported) == sorted(aiida_slabrelax.__all__)


def test_importing_the_package_is_instant() -> None:
    """Nothing of the package or of others is imported with it."""
    code = (
        'import sys; before = set(sys.modules); import aiida_slabrelax; dir(aiida_slabrelax);'
        'new = {name.split(".")[0] for name in set(sys.modules) - before};'
        'print(*sorted(new - sys.stdlib_module_names));'
        'print(*(name for name in sys.modules if name.startswith("aiida_slabrelax.")))'
    )
    ran = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ['aiida_slabrelax']


def test_options_of_commands_need_no_pymatgen() -> None:
    code = 'import sys, aiida_slabrelax.slab_options; print("numpy" in sys.modules)'
    ran = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert ran.stdout == 'False\n'


#: What has an entry point is imported from its module too.
NAMED = ('aiida_slabrelax.calculations.',)


@pytest.mark.parametrize('page', sorted([ROOT / 'README.md', *(ROOT / 'docs').rglob('*.md')]))
def test_the_pages_import_what_is_public(page: Path) -> None:
    lines = re.findall(r'^from (aiida_slabrelax\S*) import (.+)$', page.read_text('utf-8'), re.M)
    private = [
        f'{module}.{name}'
        for module, names in lines
        for name in re.split(r',\s*', names)
        if name not in PUBLIC.get(module, '').split() and not module.startswith(NAMED)
    ]
    assert private == []
