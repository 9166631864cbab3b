"""Ionic steps of the last stage with and without a pre-relaxation, and the energies of both.

By default ASE's effective-medium theory is in VASP's place, and a softer one pre-relaxes::

    python benchmarks/prerelax.py --workdir /tmp/prerelax

With an environment of potentials (``potentials.py`` says how to make it) any two models do::

    python benchmarks/prerelax.py --workdir /tmp/prerelax --environment /somewhere/potentials \
        --first sevennet --last chgnet

The median over the slabs of the ratio of ionic steps must be at most a half, and the energies must
agree within what the convergence of the forces leaves open.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import click

#: Surfaces of fcc metals, with the number of layers.
SURFACES: dict[str, tuple[str, list[int], int]] = {
    'cu_110': ('Cu', [1, 1, 0], 11),
    'cu_210': ('Cu', [2, 1, 0], 19),
    'al_110': ('Al', [1, 1, 0], 11),
    'ag_311': ('Ag', [3, 1, 1], 13),
    'pd_110': ('Pd', [1, 1, 0], 11),
    'pt_210': ('Pt', [2, 1, 0], 19),
    'au_110': ('Au', [1, 1, 0], 11),
}

#: The softer effective-medium theory.
SOFT = 'soft-emt'

#: The largest force (eV/Å) at the end of both stages, that of the protocols' default.
FORCE = 0.02

#: The largest ratio of ionic steps with and without a pre-relaxation, in the median.
RATIO = 0.5

#: The largest difference of energies, eV for an atom: an atom on which a force of FORCE is left,
#: with a force constant of 2 eV/Å² along each axis, is this far above its minimum.
CLOSE = 3 * FORCE**2 / (2 * 2.0)


@click.command()
@click.option(
    '--workdir',
    type=click.Path(path_type=Path, file_okay=False, resolve_path=True),
    required=True,
    help='A folder for an AiiDA of its own.',
)
@click.option(
    '--environment',
    type=click.Path(path_type=Path, exists=True, file_okay=False, resolve_path=True),
    help='The environment with the models.  [default: this one]',
)
@click.option('--first', default=SOFT, show_default=True, help='What pre-relaxes.')
@click.option('--last', default='emt', show_default=True, help="What is in VASP's place.")
@click.option('--json', 'as_json', type=click.Path(path_type=Path), help='Write the figures here.')
def prerelax(
    workdir: Path, environment: Path | None, first: str, last: str, as_json: Path | None
) -> None:
    """Relax slabs with and without a pre-relaxation, and compare ionic steps and energies."""
    from aiida_slabrelax.cli.sandbox import environment as sandbox

    workdir.mkdir(parents=True, exist_ok=True)
    folder = Path(sys.executable).parent if environment is None else environment / 'bin'
    with sandbox.isolated(workdir):
        sandbox.load_profile(workdir)
        codes = [make_code(workdir, folder, model) for model in (first, last)]
        slabs = cut()
        without, with_it = relax(slabs, codes[1], None), relax(slabs, codes[1], codes[0])
    rows = list(compare(without, with_it))
    for row in rows:
        click.echo(json.dumps(row))
    ratio = median(row['with'] / row['without'] for row in rows)
    apart = max(abs(row['difference_ev_per_atom']) for row in rows)
    click.echo(f'{len(rows)} slabs: median of the ratios {ratio:.2f}, at most {apart:.1e} eV/atom')
    if as_json is not None:
        figures = {'first': first, 'last': last, 'median_ratio': ratio, 'slabs': rows}
        as_json.write_text(json.dumps(figures, indent=1) + '\n')
    if ratio > RATIO:
        raise click.ClickException(f'the median of the ratios is {ratio:.2f}, more than {RATIO}')
    if apart > CLOSE:
        raise click.ClickException(f'energies differ by {apart:.1e} eV/atom, more than {CLOSE:.1e}')


def make_code(workdir: Path, folder: Path, model: str) -> Any:
    """Return a code of the stand-in for VASP with a model.

    :param folder: that of its executable.
    """
    from aiida.orm import InstalledCode

    from aiida_slabrelax.cli.sandbox import environment as sandbox

    lines = [f'export VASP_STANDIN_MODEL={model}']
    if model == SOFT:
        lines = [
            'export VASP_STANDIN_MODEL=ase VASP_STANDIN_CALCULATOR=soft_emt:soft_emt',
            f'export PYTHONPATH={Path(__file__).parent}',
        ]
    return InstalledCode(
        label=f'{model}-{time.time_ns()}',
        computer=sandbox.set_up_computer(workdir),
        filepath_executable=str(folder / 'vasp-standin'),
        default_calc_job_plugin='vasp.vasp',
        with_mpi=False,
        prepend_text='\n'.join(lines),
    ).store()


def cut() -> dict[str, Any]:
    """Return the slabs by label, from crystals with the lattice constants of ASE's tables."""
    from aiida.orm import StructureData
    from ase.build import bulk
    from pymatgen.io.ase import AseAtomsAdaptor

    from aiida_slabrelax.surfaces import SlabOptions, find_terminations

    slabs = {}
    for label, (symbol, plane, layers) in SURFACES.items():
        crystal = AseAtomsAdaptor.get_structure(bulk(symbol, 'fcc', cubic=True))
        options = SlabOptions(layers=layers, min_vacuum_thickness=12.0)
        (slab,) = find_terminations(crystal, plane, options)
        slabs[label] = StructureData(pymatgen=slab.structure)
    return slabs


def relax(slabs: dict[str, Any], code: Any, before: Any) -> dict[str, Any]:
    """Return the slabs of a run by label.

    :param before: the code of the pre-relaxation, or None.
    """
    from aiida.engine import run_get_node

    from aiida_slabrelax import SlabRelaxWorkChain, collect
    from aiida_slabrelax.cli.sandbox import environment as sandbox

    elements = {symbol for slab in slabs.values() for symbol in slab.get_symbols_set()}
    sandbox.set_up_potentials(elements)
    tags = {'ispin': 1, 'gga': '--', 'ibrion': 1, 'nsw': 200, 'ediffg': -FORCE}
    builder = SlabRelaxWorkChain.get_builder_from_protocol(
        code,
        slabs=slabs,
        protocol='fast',
        prerelax=before,
        overrides={
            'vasp': {
                'potential_family': sandbox.POTENTIAL_FAMILY,
                'potential_mapping': {symbol: symbol for symbol in elements},
                'parameters': {'incar': tags},
            },
        },
        options={
            'resources': {'num_machines': 1},
            'withmpi': False,
            'max_wallclock_seconds': 3600,
        },
    )
    _, node = run_get_node(builder)
    if node.exit_status != 0:
        raise click.ClickException(f'{node.exit_status} {node.exit_message}')
    return {slab.label: slab for slab in collect(node).slabs}


def compare(without: dict[str, Any], with_it: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the figures of each slab.

    :param without: the slabs of the run without pre-relaxations.
    """
    for label, slab in without.items():
        other = with_it[label]
        yield {
            'surface': label,
            'atoms': slab.n_atoms,
            'without': slab.ionic_steps,
            'with': other.ionic_steps,
            'pre-relaxation': other.prerelaxation.ionic_steps,
            'unused': other.prerelaxation.why,
            'difference_ev_per_atom': (other.energy - slab.energy) / slab.n_atoms,
            'programs': [other.prerelaxation.program, other.program],
        }


if __name__ == '__main__':
    prerelax()
