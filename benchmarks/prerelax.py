"""Ionic steps of the last stage with and without a pre-relaxation, and the energies of both.

One potential pre-relaxes, another one stands in VASP's place. They are in an environment of their
own, with this package but without AiiDA; ``potentials.py`` says how to make it::

    python benchmarks/prerelax.py --environment /somewhere/potentials --workdir /tmp/prerelax

The median over the slabs of the ratio of ionic steps must be at most a half, and the energies must
agree within what the convergence of the forces leaves open.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import click

#: The crystals and the surfaces that are cut.
SURFACES: dict[str, list[int]] = {
    'Cu': [1, 1, 0],
    'CeO2': [1, 1, 0],
    'SrTiO3': [1, 0, 0],
    'TiO2 rutile': [1, 1, 0],
    'ZnO': [1, 0, 0],
    'ZrO2': [1, 1, -1],
}

#: The largest force (eV/Å) at the end of both stages.
FORCE = 0.01

#: The largest ratio of ionic steps with and without a pre-relaxation, in the median.
RATIO = 0.5

#: The largest difference of energies, eV for an atom. With forces up to 0.01 eV/Å and a force
#: constant of 1 eV/Å², the least of a stable crystal, an atom is within 5e-5 eV of its minimum
#: along each axis.
CLOSE = 3 * FORCE**2 / 2


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
@click.option('--first', default='sevennet', show_default=True, help='What pre-relaxes.')
@click.option('--last', default='chgnet', show_default=True, help="What is in VASP's place.")
@click.option('--only', 'chosen', multiple=True, type=click.Choice([*SURFACES]))
@click.option('--json', 'as_json', type=click.Path(path_type=Path), help='Write the figures here.')
def prerelax(
    environment: Path,
    workdir: Path,
    first: str,
    last: str,
    chosen: tuple[str, ...],
    as_json: Path | None,
) -> None:
    """Relax slabs with and without a pre-relaxation, and compare ionic steps and energies."""
    from aiida_slabrelax.cli.sandbox import environment as sandbox

    rows: list[dict[str, Any]] = []
    workdir.mkdir(parents=True, exist_ok=True)
    with sandbox.isolated(workdir):
        sandbox.load_profile(workdir)
        codes = {model: make_code(workdir, environment, model) for model in (first, last)}
        for crystal in chosen or SURFACES:
            start = time.perf_counter()
            without = relax(crystal, codes[last], None)
            with_it = relax(crystal, codes[last], codes[first])
            rows += list(compare(crystal, without, with_it))
            for row in rows[-len(without) :]:
                click.echo(json.dumps(row))
            click.echo(f'{crystal}: {time.perf_counter() - start:.0f} s')
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


def make_code(workdir: Path, environment: Path, model: str) -> Any:
    """Return a code of the stand-in for VASP with a model."""
    from aiida.orm import InstalledCode

    from aiida_slabrelax.cli.sandbox import environment as sandbox

    return InstalledCode(
        label=f'{model}-{time.time_ns()}',
        computer=sandbox.set_up_computer(workdir),
        filepath_executable=str(environment / 'bin' / 'vasp-standin'),
        default_calc_job_plugin='vasp.vasp',
        with_mpi=False,
        prepend_text=f'export VASP_STANDIN_MODEL={model}',
    ).store()


def relax(crystal: str, code: Any, before: Any) -> dict[str, Any]:
    """Return the slabs of a run by label.

    :param before: the code of the pre-relaxation, or None.
    """
    from aiida.engine import run_get_node

    from aiida_slabrelax import SlabRelaxWorkChain, collect
    from aiida_slabrelax.cli.sandbox import environment as sandbox
    from crystals import build_crystal

    structure = build_crystal(crystal)
    elements = {site.specie.symbol for site in structure}
    sandbox.set_up_potentials(elements)
    tags = {'ispin': 1, 'gga': '--', 'ibrion': 1, 'nsw': 200, 'ediffg': -FORCE}
    builder = SlabRelaxWorkChain.get_builder_from_protocol(
        code,
        structure,
        miller_indices=SURFACES[crystal],
        protocol='fast',
        prerelax=before,
        overrides={
            'min_slab_thickness': 8.0,
            'min_vacuum_thickness': 12.0,
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
        raise click.ClickException(f'{crystal}: {node.exit_status} {node.exit_message}')
    return {slab.label: slab for slab in collect(node).slabs}


def compare(crystal: str, without: dict[str, Any], with_it: dict[str, Any]) -> Any:
    """Yield the figures of each slab.

    :param without: the slabs of the run without pre-relaxations.
    """
    for label, slab in without.items():
        other = with_it[label]
        yield {
            'surface': f'{crystal} {slab.plane}',
            'faces': slab.faces,
            'atoms': slab.n_atoms,
            'without': slab.ionic_steps,
            'with': other.ionic_steps,
            'pre-relaxation': other.prerelaxation.ionic_steps,
            'used': other.prerelaxation.why or 'yes',
            'difference_ev_per_atom': (other.energy - slab.energy) / slab.n_atoms,
            'programs': [other.prerelaxation.program, other.program],
        }


if __name__ == '__main__':
    sys.path.insert(0, str(Path(__file__).parent))
    prerelax()
