"""Surface energies by density-functional theory through the whole chain, beside published ones.

GPAW computes behind ``vasp-standin``, in the environment that ``scripts/gpaw`` makes::

    scripts/gpaw /somewhere/gpaw
    python benchmarks/published.py --environment /somewhere/gpaw --workdir /tmp/published

Each surface is a run of SurfaceEnergiesWorkChain. Its result is added to ``published.json`` as the
run ends, and what is there already is not computed again: after an interruption the same command
continues. ``--only Al`` selects. The first surface of each crystal is computed again with each
setting improved, one at a time.

All calculations share one core if the command is started with ``taskset -c 0``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from published_cases import (
    CRYSTALS,
    PUBLISHED,
    TAGS,
    Crystal,
    lattice_constant,
    make_crystal,
    surface_name,
)

#: The results, with the versions of what computed them.
RESULTS = Path(__file__).with_suffix('.json')


@click.command()
@click.option(
    '--environment',
    type=click.Path(path_type=Path, exists=True, file_okay=False, resolve_path=True),
    required=True,
    help='The environment with GPAW.',
)
@click.option(
    '--workdir',
    type=click.Path(path_type=Path, file_okay=False, resolve_path=True),
    required=True,
    help='A folder for an AiiDA of its own.',
)
@click.option('--only', multiple=True, help='The crystals to compute; all by default.')
@click.option(
    '--json',
    'results',
    type=click.Path(path_type=Path, dir_okay=False),
    default=RESULTS,
    help='The file of the results.',
)
@click.option('--improved/--no-improved', default=True, help='Test the convergence too.')
def published(
    environment: Path, workdir: Path, only: tuple[str, ...], results: Path, improved: bool
) -> None:
    """Compute the surfaces whose surface energies have been published."""
    from aiida_slabrelax.cli.sandbox import environment as sandbox

    rows: list[dict[str, Any]] = json.loads(results.read_text()) if results.exists() else []
    versions = versions_of(environment)
    workdir.mkdir(parents=True, exist_ok=True)
    with sandbox.isolated(workdir):
        sandbox.load_profile(workdir)
        for name, plane, setting in runs(only, improved):
            key = {'crystal': name, 'plane': list(plane), 'improved': setting}
            if any(all(row[part] == key[part] for part in key) for row in rows):
                continue
            chosen = CRYSTALS[name]
            if setting is not None:
                chosen = improve(chosen, setting)
            row = {**key, **compute(workdir, environment, name, plane, chosen), **versions}
            rows.append(row)
            results.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + '\n')
            click.echo(json.dumps({part: row[part] for part in (*key, 'gamma_j_per_m2', 'wall_s')}))


def runs(
    only: tuple[str, ...], improved: bool
) -> Iterator[tuple[str, tuple[int, ...], str | None]]:
    """Yield crystal, plane and the improved setting, if any, of each run."""
    for name, crystal in CRYSTALS.items():
        if only and name not in only:
            continue
        planes = [plane for crystal_name, plane in PUBLISHED if crystal_name == name]
        yield from ((name, plane, None) for plane in planes)
        if improved:
            yield from ((name, planes[0], setting) for setting in crystal.finer)


def improve(crystal: Crystal, setting: str) -> Crystal:
    """Return how to compute a crystal with one setting improved."""
    value = crystal.finer[setting]
    if setting == 'encut':
        return replace(crystal, incar={**crystal.incar, 'encut': value})
    return replace(crystal, **{setting: value})


def compute(
    workdir: Path, environment: Path, name: str, plane: tuple[int, ...], crystal: Crystal
) -> dict[str, Any]:
    """Return γ of a surface by the workflow of surface energies, and how it was computed."""
    from aiida.engine import run_get_node
    from aiida.orm import InstalledCode, StructureData

    from aiida_slabrelax.cli.sandbox import environment as sandbox
    from aiida_slabrelax.results.costs.amounts import total_of
    from aiida_slabrelax.results.costs.reading import costs_of
    from aiida_slabrelax.results.relaxations.programs import programs_of_run
    from aiida_slabrelax.workflows.surface_energies.workflow import SurfaceEnergiesWorkChain

    structure = StructureData(ase=make_crystal(name))
    elements = structure.get_symbols_set()
    sandbox.set_up_potentials(elements)
    code = InstalledCode(
        label=f'gpaw-{time.time_ns()}',
        computer=sandbox.set_up_computer(workdir),
        filepath_executable=str(environment / 'bin' / 'vasp-standin'),
        default_calc_job_plugin='vasp.vasp',
        with_mpi=False,
        prepend_text='export VASP_STANDIN_MODEL=gpaw OMP_NUM_THREADS=1',
    ).store()
    started, start = datetime.now(UTC), time.perf_counter()
    _, node = run_get_node(
        SurfaceEnergiesWorkChain,
        code=code,
        bulk_structure=structure,
        miller_indices=list(plane),
        protocol='balanced',
        overrides={
            'indices_of': 'conventional',
            'min_slab_thickness': crystal.thickness,
            'min_vacuum_thickness': crystal.vacuum,
            **crystal.slabs,
            'vasp': {
                'kpoints_spacing': crystal.spacing,
                'potential_family': sandbox.POTENTIAL_FAMILY,
                'potential_mapping': {symbol: symbol for symbol in elements},
                'parameters': {'incar': {**TAGS, **crystal.incar}},
            },
        },
        options={
            'resources': {'num_machines': 1},
            'withmpi': False,
            'max_wallclock_seconds': 4 * 3600,
        },
    )
    surface = surface_name(name, plane)
    if node.exit_status != 0:
        raise click.ClickException(f'{surface}: {node.exit_status} {node.exit_message}')
    ((label, gamma),) = node.outputs.surface_energies.get_dict().items()
    slab = node.outputs.terminations.get_dict()[label]
    relaxed, cost = node.outputs.relaxed_bulk.get_ase(), total_of(costs_of(node))
    return {
        'gamma_j_per_m2': gamma['constant']['J/m²'],
        'atoms': slab['n_atoms'],
        'lattice_constant_a': lattice_constant(name, relaxed),
        'settings': {
            **TAGS,
            **crystal.incar,
            'kpoints_spacing': crystal.spacing,
            'min_slab_thickness': crystal.thickness,
            'min_vacuum_thickness': crystal.vacuum,
            **crystal.slabs,
        },
        'program': programs_of_run(node)[0],
        'core_hours': cost.core_hours.value,
        'ionic_steps': cost.ionic_steps.value,
        'electronic_steps': cost.electronic_steps.value,
        'date': started.date().isoformat(),
        'wall_s': round(time.perf_counter() - start),
    }


def versions_of(environment: Path) -> dict[str, str]:
    """Return the versions of what computes."""
    from importlib.metadata import version

    script = (
        'from importlib.metadata import version as v\n'
        'print(v("gpaw"), v("gpaw-data"), v("ase"), v("numpy"))'
    )
    python = environment / 'bin' / 'python'
    found = subprocess.run([python, '-c', script], capture_output=True, text=True, check=True)
    names = ('gpaw', 'gpaw-data', 'ase', 'numpy')
    computing = dict(zip(names, found.stdout.split(), strict=True))
    chain = {name: version(name) for name in ('aiida-slabrelax', 'aiida-core', 'aiida-vasp')}
    return {**computing, **chain}


if __name__ == '__main__':
    sys.path.insert(0, str(Path(__file__).parent))
    published()
