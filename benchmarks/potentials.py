"""γ of Cu and MgO with a machine-learned potential: the whole chain against ASE alone.

The potential is in an environment of its own, with this package but without AiiDA::

    python3.11 -m venv /somewhere/potentials
    /somewhere/potentials/bin/pip install sevenn chgnet
    /somewhere/potentials/bin/pip install --no-deps .
    python benchmarks/potentials.py --environment /somewhere/potentials --workdir /tmp/potentials

Each γ of the chain must be that of ``potentials_by_ase.py``, which knows nothing of this package,
to 1e-5 J/m².
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click

#: The largest difference, J/m².
CLOSE = 1e-5

#: The crystals and their surfaces.
SURFACES = {'Cu': [1, 1, 1], 'MgO': [1, 0, 0]}


@click.command()
@click.option(
    '--environment',
    type=click.Path(path_type=Path, exists=True, file_okay=False, resolve_path=True),
    required=True,
    help='The environment with the potentials.',
)
@click.option(
    '--workdir',
    type=click.Path(path_type=Path, file_okay=False, resolve_path=True),
    required=True,
    help='A folder for an AiiDA of its own.',
)
@click.option('--model', 'models', multiple=True, default=['sevennet', 'chgnet'])
@click.option('--json', 'as_json', type=click.Path(path_type=Path), help='Write the figures here.')
def potentials(
    environment: Path, workdir: Path, models: tuple[str, ...], as_json: Path | None
) -> None:
    """Compute γ of Cu (111) and MgO (100) by the chain and by ASE, and compare them."""
    from aiida_slabrelax.cli.sandbox import environment as sandbox

    rows = []
    workdir.mkdir(parents=True, exist_ok=True)
    with sandbox.isolated(workdir):
        sandbox.load_profile(workdir)
        for model in models:
            for crystal, plane in SURFACES.items():
                start = time.perf_counter()
                gamma, atoms, programs = by_chain(workdir, environment, model, crystal, plane)
                middle = time.perf_counter()
                expected = by_ase(environment, model, crystal, atoms)
                rows.append(
                    {
                        'model': model,
                        'engine': ', '.join(programs),
                        'surface': f'{crystal} {"".join(map(str, plane))}',
                        'atoms': atoms,
                        'chain_j_per_m2': gamma,
                        'ase_j_per_m2': expected,
                        'chain_s': round(middle - start, 1),
                        'ase_s': round(time.perf_counter() - middle, 1),
                    }
                )
                click.echo(json.dumps(rows[-1]))
    if as_json is not None:
        as_json.write_text(json.dumps(rows, indent=1) + '\n')
    wrong = [
        row['surface']
        for row in rows
        if not abs(row['chain_j_per_m2'] - row['ase_j_per_m2']) < CLOSE
    ]
    if wrong:
        raise click.ClickException(f'differ by more than {CLOSE} J/m²: {", ".join(wrong)}')


def by_chain(
    workdir: Path, environment: Path, model: str, crystal: str, plane: list[int]
) -> tuple[float, int, list[str]]:
    """Return γ (J/m²) by the workflow of surface energies, the atoms of its slab, its programs."""
    from aiida.engine import run_get_node
    from aiida.orm import InstalledCode, StructureData

    from aiida_slabrelax.cli.sandbox import environment as sandbox
    from aiida_slabrelax.results.relaxations.programs import programs_of_run
    from aiida_slabrelax.workflows.surface_energies.workflow import SurfaceEnergiesWorkChain
    from potentials_by_ase import crystal_of

    structure = StructureData(ase=crystal_of(crystal))
    elements = structure.get_symbols_set()
    sandbox.set_up_potentials(elements)
    code = InstalledCode(
        label=f'{model}-{time.time_ns()}',
        computer=sandbox.set_up_computer(workdir),
        filepath_executable=str(environment / 'bin' / 'vasp-standin'),
        default_calc_job_plugin='vasp.vasp',
        with_mpi=False,
        prepend_text=f'export VASP_STANDIN_MODEL={model}',
    ).store()
    tags = {'ispin': 1, 'gga': '--', 'ibrion': 1, 'nsw': 100, 'ediffg': -1e-4}
    inputs: dict[str, Any] = {
        'code': code,
        'bulk_structure': structure,
        'miller_indices': plane,
        'protocol': 'fast',
        'overrides': {
            'min_slab_thickness': 7.0,
            'min_vacuum_thickness': 10.0,
            'vasp': {
                'potential_family': sandbox.POTENTIAL_FAMILY,
                'potential_mapping': {symbol: symbol for symbol in elements},
                'parameters': {'incar': tags},
            },
        },
        'options': {
            'resources': {'num_machines': 1},
            'withmpi': False,
            'max_wallclock_seconds': 3600,
        },
    }
    _, node = run_get_node(SurfaceEnergiesWorkChain, **inputs)
    if node.exit_status != 0:
        raise click.ClickException(f'{crystal}: {node.exit_status} {node.exit_message}')
    ((label, gamma),) = node.outputs.surface_energies.get_dict().items()
    atoms = node.outputs.terminations.get_dict()[label]['n_atoms']
    return gamma['constant']['J/m²'], atoms, programs_of_run(node)


def by_ase(environment: Path, model: str, crystal: str, atoms: int) -> float:
    """Return γ (J/m²) by ASE alone."""
    script = Path(__file__).parent / 'potentials_by_ase.py'
    done = subprocess.run(
        [str(environment / 'bin' / 'python'), str(script), model, crystal, str(atoms)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])


if __name__ == '__main__':
    sys.path.insert(0, str(Path(__file__).parent))
    potentials()
