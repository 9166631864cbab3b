"""Results as text, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

from aiida_slabrelax.cli.tables.slabs import as_csv, as_dict, as_json, as_text, describe_run
from aiida_slabrelax.results import (
    Amount,
    Cost,
    Failure,
    Rescue,
    RunResults,
    SlabResult,
    StageCost,
    WorkFunctions,
)

RELAXED = SlabResult(
    'slab_00',
    'relaxed',
    'Ag10P3O12',
    25,
    thickness=9.1834,
    area=37.4544,
    energy=-2822.39512,
    max_force=0.08049,
    converged=True,
    ionic_steps=18,
    pk=34,
    exit_status=0,
    program='VASP 6.4.2',
    plane='(100)',
    faces='Ag/O2',
    symmetric=True,
    stoichiometric=False,
    polar='no',
    tasker='III',
    broken_bonds=0.16018,
    lost_neighbours={'top': {'Ag-O': 4, 'O-Ag': 2}, 'bottom': {'Ag-O': 4, 'O-Ag': 2}},
)
COST = Cost(2, Amount(2.5, unknown=1), Amount(18), Amount(240))
COSTLY = replace(RELAXED, costs=(StageCost('slab_00', 'relaxation', COST),))
FAILED = SlabResult(
    'slab_01',
    'failed',
    'Ag11P4O12',
    27,
    thickness=9.18,
    area=37.45,
    max_force=0.9,
    converged=False,
    ionic_steps=40,
    pk=35,
    exit_status=401,
    exit_message='Too many\niterations.',
    failure=Failure(
        message='VaspWorkChain<35> failed with exit status 401: Too many\niterations.',
        calculation_pk=40,
        calculation_status=702,
        calculation_message='Ions not\nconverged.',
        name='NSW REACHED',
        advice='go on',
        also=('BRMIX',),
        last_lines=('RMM: 3', 'F= -1.0'),
        energy=-2810.123456,
        structure_pk=41,
        computer='cluster',
        remote_folder='/scratch/ab/cd',
    ),
)
WAITING = SlabResult('slab_02', 'waiting', 'Ag10P3O16', 29, thickness=10.43, area=37.45)

RUN = RunResults(
    pk=12,
    uuid='e1d1',
    state='waiting',
    paused=False,
    exit_status=None,
    exit_message=None,
    slabs=(RELAXED, FAILED, WAITING),
)


def words(line: str) -> str:
    return ' '.join(line.split())


def rows(text: str) -> list[str]:
    return [words(line) for line in text.splitlines() if line.startswith('slab_')]


def test_headings_have_units() -> None:
    first, second, third = as_text(RUN).splitlines()[:3]
    assert words(first) == (
        'label state plane outermost symmetric stoichio- polar Tasker broken formula atoms '
        'thickness energy largest converged steps pk exit'
    )
    assert words(second) == 'layers metric bonds (Å) (eV) force status'
    assert words(third) == '(1/Å²) (eV/Å)'


def test_a_row_for_each_slab_with_dashes_for_the_unknown() -> None:
    assert rows(as_text(RUN))[:3] == [
        'slab_00 relaxed (100) Ag/O2 yes no no III 0.160 Ag10P3O12 25 9.18 -2822.3951 0.080 yes '
        '18 34 0',
        'slab_01 failed – – – – – – – Ag11P4O12 27 9.18 – 0.900 no 40 35 401',
        'slab_02 waiting – – – – – – – Ag10P3O16 29 10.43 – – – – – –',
    ]


def below_the_table(slab: SlabResult) -> list[str]:
    """Return the block between the table and the lines on the program and on the end."""
    blocks = as_text(replace(RUN, slabs=(replace(slab, program=None),))).split('\n\n')
    return [line for block in blocks[1:-1] for line in block.splitlines()]


def test_failures_are_listed_below_the_table_with_their_last_results() -> None:
    assert below_the_table(FAILED) == [
        'slab_01 failed: VaspWorkChain<35> failed with exit status 401: Too many iterations.',
        '    NSW REACHED (also: BRMIX): go on',
        '    last lines:',
        '        RMM: 3',
        '        F= -1.0',
        '    last energy -2810.1235 eV, last geometry StructureData<41>, '
        'files in cluster:/scratch/ab/cd',
    ]


def test_a_failure_without_results() -> None:
    killed = replace(FAILED, failure=Failure(message='VaspWorkChain<35> was killed'))
    assert below_the_table(killed) == ['slab_01 failed: VaspWorkChain<35> was killed']


def test_a_failure_with_last_results() -> None:
    failure = Failure(message='no', structure_pk=41)
    assert below_the_table(replace(FAILED, failure=failure)) == [
        'slab_01 failed: no',
        '    last geometry StructureData<41>',
    ]


def test_a_slab_that_was_never_submitted() -> None:
    assert below_the_table(replace(WAITING, state='failed')) == ['slab_02 failed: not relaxed']


def test_where_a_relaxed_slab_comes_from() -> None:
    assert below_the_table(RELAXED) == []
    assert below_the_table(replace(RELAXED, taken_over=True)) == [
        'slab_00 taken over from an earlier run'
    ]
    assert below_the_table(replace(RELAXED, recovered=True)) == [
        'slab_00 recovered from its last calculation: the VaspWorkChain itself failed'
    ]


def test_how_a_slab_was_rescued_and_what_vasp_complained_of() -> None:
    rescued = replace(
        RELAXED,
        rescues=(Rescue('ZBRENT', {'ibrion': 1, 'ediff': 1e-6}), Rescue('WALL TIME', {})),
        warnings=('BRMIX', 'DENTET'),
    )
    assert below_the_table(rescued) == [
        'slab_00 rescued: ZBRENT; again with IBRION = 1, EDIFF = 1e-6',
        'slab_00 rescued: WALL TIME; again from its last geometry',
        'slab_00 relaxed in spite of: BRMIX, DENTET',
    ]
    told = as_dict(replace(RUN, slabs=(rescued,)))['slabs'][0]
    assert told['rescues'] == [
        {'failure': 'ZBRENT', 'changes': {'ibrion': 1, 'ediff': 1e-6}},
        {'failure': 'WALL TIME', 'changes': {}},
    ]
    assert told['warnings'] == ['BRMIX', 'DENTET']


def test_a_slab_that_has_lost_its_magnetic_order() -> None:
    lost = replace(RELAXED, moments=(1.9, -0.02), lost_order='1 of 1 Ni2 began with -2 μB and …')
    assert below_the_table(lost) == [
        'slab_00 has lost its magnetic order: 1 of 1 Ni2 began with -2 μB and …'
    ]
    told = as_dict(replace(RUN, slabs=(lost,)))['slabs'][0]
    assert (told['moments_mu_b'], told['lost_order']) == ([1.9, -0.02], lost.lost_order)
    (line,) = csv.DictReader(io.StringIO(as_csv(replace(RUN, slabs=(lost,)))))
    assert line['moments_mu_b'] == '1.9 | -0.02'


def test_energies_of_different_compositions_come_with_a_warning() -> None:
    assert 'The slabs differ in composition: ' in as_text(RUN)
    larger = replace(RELAXED, formula='Ag20P6O24')
    assert 'The slabs differ in size: ' in as_text(replace(RUN, slabs=(RELAXED, larger)))
    assert 'not comparable' not in as_text(replace(RUN, slabs=(RELAXED,)))


def test_a_run_without_slabs() -> None:
    assert as_text(replace(RUN, slabs=())).splitlines()[0] == 'No slabs (yet).'


def test_the_last_line_tells_the_state() -> None:
    assert describe_run(RUN) == 'SlabRelaxWorkChain<12> not finished (waiting), 2 of 3 slabs done'
    assert describe_run(replace(RUN, paused=True)).endswith('(waiting, paused), 2 of 3 slabs done')
    killed = replace(RUN, state='killed')
    assert describe_run(killed) == 'SlabRelaxWorkChain<12> killed, 2 of 3 slabs done'
    failed = replace(RUN, state='finished', exit_status=402, exit_message='1 of 3\nfailed')
    assert describe_run(failed) == 'SlabRelaxWorkChain<12> finished [402] 1 of 3 failed'


def test_a_run_with_a_label() -> None:
    labelled = replace(RUN, state='finished', exit_status=0, label='oxides of silver')
    assert describe_run(labelled) == 'SlabRelaxWorkChain<12> (oxides of silver) finished [0]'


def test_each_reason_is_given_once_and_then_the_next_command() -> None:
    reason = 'VaspWorkChain<35> failed with exit status 401: Too many iterations.'
    message = f'1 of 3 relaxations failed: slab_01: {reason}'
    text = as_text(replace(RUN, state='finished', exit_status=402, exit_message=message))
    assert text.count('Too many') == 1
    assert text.splitlines()[-3:] == [
        '`aiida-slabrelax retry 12` runs the failed slabs again.',
        '',
        'SlabRelaxWorkChain<12> finished [402] 1 of 3 relaxations failed',
    ]


def test_a_run_that_goes_on_cannot_be_retried() -> None:
    assert 'retry' not in as_text(RUN)


def test_json_holds_everything_with_units_in_the_keys() -> None:
    run = replace(RUN, slabs=(COSTLY, *RUN.slabs[1:]))
    content = json.loads(as_json(run))
    assert content == as_dict(run)
    assert {name: value for name, value in content.items() if name != 'slabs'} == {
        'pk': 12,
        'uuid': 'e1d1',
        'label': '',
        'state': 'waiting',
        'paused': False,
        'exit_status': None,
        'exit_message': None,
        'comparable': False,
        'cost': {
            'total': {
                'calculations': 2,
                'core_hours': {'known': 2.5, 'unknown': 1},
                'ionic_steps': {'known': 18, 'unknown': 0},
                'electronic_steps': {'known': 240, 'unknown': 0},
            },
            'stages': [
                {
                    'part': 'slab_00',
                    'stage': 'relaxation',
                    'calculations': 2,
                    'core_hours': {'known': 2.5, 'unknown': 1},
                    'ionic_steps': {'known': 18, 'unknown': 0},
                    'electronic_steps': {'known': 240, 'unknown': 0},
                }
            ],
        },
    }
    assert content['slabs'][0] == {
        'label': 'slab_00',
        'state': 'relaxed',
        'formula': 'Ag10P3O12',
        'n_atoms': 25,
        'plane': '(100)',
        'outermost_layers': 'Ag/O2',
        'symmetric': True,
        'stoichiometric': False,
        'polar': 'no',
        'tasker': 'III',
        'broken_bonds_per_angstrom2': 0.16018,
        'thickness_angstrom': 9.1834,
        'area_angstrom2': 37.4544,
        'energy_ev': -2822.39512,
        'max_force_ev_per_angstrom': 0.08049,
        'work_function_upper_ev': None,
        'work_function_lower_ev': None,
        'work_functions_refused': None,
        'band_gap_ev': None,
        'converged': True,
        'ionic_steps': 18,
        'electronic_steps': 240,
        'core_hours': None,
        'program': 'VASP 6.4.2',
        'pk': 34,
        'exit_status': 0,
        'exit_message': None,
        'taken_over': False,
        'recovered': False,
        'rescues': [],
        'prerelaxation': None,
        'screened_excess_j_per_m2': None,
        'excluded': None,
        'warnings': [],
        'moments_mu_b': None,
        'lost_order': None,
        'lost_neighbours': {
            'top': {'Ag-O': 4, 'O-Ag': 2},
            'bottom': {'Ag-O': 4, 'O-Ag': 2},
        },
        'read_again': False,
        'failure': None,
    }


def test_the_cost_is_below_the_table() -> None:
    text = as_text(replace(RUN, slabs=(COSTLY, WAITING)))
    assert (
        'Cost: at least 2.50 core-hours, 18 ionic and 240 electronic steps in 2 calculations; not '
        'all is known of 1 of them.'
    ) in text.splitlines()
    assert 'Cost' not in as_text(RUN)
    (line, _) = csv.DictReader(io.StringIO(as_csv(replace(RUN, slabs=(COSTLY, WAITING)))))
    assert (line['electronic_steps'], line['core_hours']) == ('240', '')


def test_work_functions_have_columns_where_they_are_known() -> None:
    found = WorkFunctions(4.2512, 3.9, 1.0, 5.2512, 4.9, 'LOCPOT')
    known = replace(RELAXED, work_functions=found, band_gap=0.004)
    refused = replace(RELAXED, label='slab_03', work_functions_refused='no flat vacuum: thin')
    text = as_text(replace(RUN, slabs=(known, refused)))
    assert '4.251' in rows(text)[0]
    assert '3.900' in rows(text)[0]
    assert 'slab_03 has no work functions: no flat vacuum: thin' in text
    assert 'band gap' not in text
    assert 'Φ' not in as_text(RUN)
    insulator = as_text(replace(RUN, slabs=(replace(known, band_gap=2.5),)))
    assert 'slab_00 has a band gap of 2.50 eV' in insulator


def test_json_has_the_last_results_of_a_failure() -> None:
    slabs = json.loads(as_json(RUN))['slabs']
    assert slabs[1]['failure'] == {
        'message': 'VaspWorkChain<35> failed with exit status 401: Too many\niterations.',
        'calculation_pk': 40,
        'calculation_status': 702,
        'calculation_message': 'Ions not\nconverged.',
        'name': 'NSW REACHED',
        'advice': 'go on',
        'also': ['BRMIX'],
        'last_lines': ['RMM: 3', 'F= -1.0'],
        'last_energy_ev': -2810.123456,
        'last_structure_pk': 41,
        'computer': 'cluster',
        'remote_folder': '/scratch/ab/cd',
    }


def test_csv_holds_the_slabs_of_the_json() -> None:
    lines = list(csv.DictReader(io.StringIO(as_csv(RUN))))
    left = ('message', 'calculation_pk', 'calculation_status', 'calculation_message')
    left += ('name', 'advice', 'also', 'last_lines')
    left += ('last_energy_ev', 'last_structure_pk', 'computer', 'remote_folder')
    expected = []
    for slab in as_dict(RUN)['slabs']:
        failure = slab.pop('failure') or {}
        failure |= {key: ' | '.join(failure[key]) for key in ('also', 'last_lines') if failure}
        slab |= {'rescues': '', 'warnings': '', 'moments_mu_b': ''}
        slab['lost_neighbours'] = slab['lost_neighbours'] and 'Ag-O 4, O-Ag 2'
        flat = {**slab, **{f'failure_{key}': failure.get(key) for key in left}}
        texts = {key: '' if value is None else str(value) for key, value in flat.items()}
        expected.append({key: text.replace('\n', r'\n') for key, text in texts.items()})
    assert lines == expected
    assert [line['failure_last_energy_ev'] for line in lines] == ['', '-2810.123456', '']


def test_the_program_is_named() -> None:
    assert 'Energies by VASP 6.4.2.' in as_text(RUN).splitlines()


def test_a_stand_in_is_not_vasp() -> None:
    slab = replace(RELAXED, program='vasp-standin 6.5.1')
    lines = as_text(replace(RUN, slabs=(slab,))).splitlines()
    assert (
        'NOT VASP: the energies come from vasp-standin, a model, and must not be published.'
        in lines
    )
