from pathlib import Path

import pytest

from aiida_slabrelax.failures import VASP_ERRORS, Weight, diagnose, name_all
from aiida_slabrelax.failures.naming import LAST_LINES, LATE

#: Standard output of runs of VASP that failed, which the repository does not contain.
MESSAGES = Path(__file__).parents[3] / 'shared' / 'recordings' / 'messages'

RECORDED = {
    'vasp6_bzint': 'BZINTS',
    'vasp6_rhosyg': 'RHOSYG',
    'vasp6_sgrcon': 'SGRCON',
    'vasp_algo_tet': 'EDWAV',
    'vasp_brmix': 'BRMIX',
    'vasp_dentet': 'DENTET',
    'vasp_edddav': 'EDDDAV',
    'vasp_eddrmm': 'EDDRMM',
    'vasp_hnform': 'HNFORM',
    'vasp_ibzkpt': 'IBZKPT',
    'vasp_ksymm': 'KSYMM',
    'vasp_nbands_not_sufficient': 'NBANDS NOT SUFFICIENT',
    'vasp_posmap': 'POSMAP',
    'vasp_pricelv': 'PRICELV',
    'vasp_read_error': 'READ ERROR',
    'vasp_real_optlay': 'REAL_OPTLAY',
    'vasp_set_core_wf': 'SET_CORE_WF',
    'vasp_sgrcon': 'SGRCON',
    'vasp_subspace': 'SUB-SPACE-MATRIX',
    'vasp_symprec_noise': 'SYMPREC NOISE',
    'vasp_too_few_bands_round_error': 'TOO FEW BANDS',
    'vasp_zbrent': 'ZBRENT',
}


@pytest.mark.parametrize('file', RECORDED)
def test_what_vasp_has_printed_is_named(file: str) -> None:
    if not MESSAGES.is_dir():
        pytest.skip(f'there are no recordings of VASP in {MESSAGES}')
    diagnosis = diagnose((MESSAGES / f'{file}.txt').read_text(errors='replace'))
    assert diagnosis.name == RECORDED[file]
    assert diagnosis.advice
    assert 1 <= len(diagnosis.last_lines) <= LAST_LINES


def test_each_recording_is_tested() -> None:
    if not MESSAGES.is_dir():
        pytest.skip(f'there are no recordings of VASP in {MESSAGES}')
    assert {path.stem for path in MESSAGES.iterdir()} == set(RECORDED)


def box(*lines: str, letters: str = 'EEEEEEE  RRRRRR   OOOOOOO  ###') -> str:
    rule = ' ' + '-' * 77
    inside = [f'|     {line:70s}  |' for line in (letters, *lines)]
    return '\n'.join([rule, *inside, rule])


def test_a_message_is_found_across_the_lines_of_a_box() -> None:
    text = box(
        'PRICELV: current lattice and primitive lattice are',
        'incommensurate within SYMPREC.',
        '',
        '  ---->  I REFUSE TO CONTINUE WITH THIS SICK JOB ... BYE!!! <----',
    )
    diagnosis = diagnose(text)
    assert diagnosis.name == 'PRICELV'
    assert diagnosis.last_lines == (
        'PRICELV: current lattice and primitive lattice are',
        'incommensurate within SYMPREC.',
    )


@pytest.mark.parametrize(
    ('text', 'name'),
    [
        (' LAPACK: Routine ZPOTRF failed!           1           1', 'ZPOTRF'),
        (box('scaLAPACK: Routine ZPOTRF ZTRTRI failed! kpoint: 7'), 'ZPOTRF'),
        (' ERROR in subspace rotation PSSYEVX: not enough eigenvalues', 'PSSYEVX'),
        (box('ERROR in subspace rotation PDSYEVX/ PZHEEVX: I2,IFAIL= 1 4'), 'PSSYEVX'),
        (' ERROR: SBESSELITER : nicht konvergent', 'SBESSELITER'),
        (' Error: point group operation missing       2', 'POINT GROUP'),
        (box('Spin polarized Harris functional dynamics is a good joke'), 'HARRIS'),
        (box('The PEAD routines do not work for NCORE /= 1'), 'NCORE'),
        (" Error reading item 'ENCUT' from file INCAR.", 'READ ERROR'),
        (box('ERROR in EDDIAG: call to ZHEEV/ZHEEVX/DSYEV/DSYEVX', 'failed! error'), 'EDDIAG'),
        (' BRIONS problems: POTIM should be increased', 'BRIONS'),
        (' soft stop encountered!  aborting job ...', 'STOPPED'),
        (' hard stop encountered!  aborting job ...', 'STOPPED'),
    ],
)
def test_other_wordings_are_named_too(text: str, name: str) -> None:
    assert diagnose(text).name == name


def test_an_unknown_error_is_named_after_its_routine() -> None:
    diagnosis = diagnose(box('VERY BAD NEWS! internal error in subroutine FOOBAR: it is so 3'))
    assert (diagnosis.kind, diagnosis.name, diagnosis.advice) == (None, 'FOOBAR', None)


def test_what_is_not_known_has_its_last_lines_only() -> None:
    diagnosis = diagnose(' running on 4 nodes\n\n something else\n')
    assert (diagnosis.kind, diagnosis.name, diagnosis.also) == (None, None, ())
    assert diagnosis.last_lines == ('running on 4 nodes', 'something else')


def test_lines_that_repeat_are_kept_once() -> None:
    text = ' first\n' + ' POSMAP internal error: not found,\n  try another SYMPREC\n' * 300
    assert diagnose(text).last_lines == (
        'first',
        'POSMAP internal error: not found,',
        'try another SYMPREC',
    )


def test_where_vasp_printed_nothing_the_machine_has_the_last_lines() -> None:
    diagnosis = diagnose('', ['', 'bash: vasp_std: command not found'])
    assert diagnosis.name == 'EXECUTABLE NOT FOUND'
    assert diagnosis.last_lines == ('bash: vasp_std: command not found',)


def test_only_the_last_lines_are_kept() -> None:
    text = '\n'.join(f'line {number}' for number in range(100))
    expected = tuple(f'line {number}' for number in range(100 - LAST_LINES, 100))
    assert diagnose(text).last_lines == expected


def test_a_warning_from_which_vasp_went_on_is_not_the_failure() -> None:
    text = ' BRMIX: very serious problems\n' + ''.join(f' RMM: {n}\n' for n in range(LATE))
    diagnosis = diagnose(text, ['*** JOB 1 ON n CANCELLED AT 10:00 DUE TO TIME LIMIT ***'])
    assert (diagnosis.name, diagnosis.also) == ('WALL TIME', ('BRMIX',))
    assert diagnose(text).name is None
    assert diagnose(text).also == ('BRMIX',)


def test_a_warning_at_the_end_is_the_failure() -> None:
    diagnosis = diagnose(' RMM: 12\n BRMIX: very serious problems\n', ['SIGSEGV'])
    assert (diagnosis.name, diagnosis.also) == ('BRMIX', ('SEGMENTATION FAULT',))


def test_advice_is_not_taken_for_the_failure_where_a_signal_ended_it() -> None:
    text = ' lattice vectors is very long (>50 A), but AMIN is rather large\n'
    assert diagnose(text, ['exited on signal 11']).name == 'SEGMENTATION FAULT'


def test_what_vasp_has_done_is_not_the_failure() -> None:
    text = ' The number of bands has been changed from the values supplied\n'
    assert (diagnose(text).name, diagnose(text).also) == (None, ('NBANDS CHANGED',))


def test_steps_are_not_searched_for_messages() -> None:
    steps = ''.join(
        f'RMM: {n:3d}    0.496E+04    0.628E+01    0.788E+01  2913   0.205E+01\n'
        for n in range(10_000)
    )
    diagnosis = diagnose(f' ZBRENT: fatal error in bracketing\n{steps}')
    assert diagnosis.name == 'ZBRENT'
    assert diagnosis.last_lines[-1].startswith('RMM: 9999')


def test_all_that_vasp_complained_of_is_named() -> None:
    text = ' WARNING: DENTET: x\n BRMIX: very serious problems\n' + ' DAV: 1\n' * 1000
    assert [kind.name for kind in name_all(text)] == ['BRMIX', 'DENTET']


def test_names_and_patterns_are_told_apart() -> None:
    names = [kind.name for kind in VASP_ERRORS]
    assert len(set(names)) == len(names)
    assert all(kind.patterns and kind.weight is not Weight.REASON for kind in VASP_ERRORS)


@pytest.mark.parametrize('line', ['|' + ' ' * 1_000_000 + 'x', '|' + ' |' * 500_000 + 'x'])
def test_a_line_of_any_length(line: str) -> None:
    """Where its beginning is compared with its whole end, this does not end within hours."""
    assert diagnose(f'{line}\nError EDDDAV: Call to ZHEGV failed').name is not None
