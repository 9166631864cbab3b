import pytest

from aiida_slabrelax.failures import diagnose

#: What machines print, by the name it must get.
SAID = [
    (
        'OUT OF MEMORY',
        'slurmstepd: error: Detected 1 oom-kill event(s) in step 370626.batch cgroup',
    ),
    ('OUT OF MEMORY', 'srun: error: o0616: task 0: Out Of Memory'),
    ('OUT OF MEMORY', 'slurmstepd: error: Exceeded job memory limit at some point.'),
    ('OUT OF MEMORY', '=>> PBS: job killed: mem 16781312kb exceeded limit 16777216kb'),
    ('OUT OF MEMORY', '=>> PBS: job killed: vmem 33561kb exceeded limit 33554kb'),
    ('OUT OF MEMORY', 'TERM_MEMLIMIT: job killed after reaching LSF memory usage limit.'),
    ('OUT OF MEMORY', 'kernel: Out of memory: Killed process 4711 (vasp_std), total-vm:99kB'),
    (
        'OUT OF MEMORY',
        'Cannot allocate memory\nAllocation would exceed memory limit',
    ),
    ('OUT OF MEMORY', 'forrtl: severe (41): insufficient virtual memory'),
    ('OUT OF MEMORY', 'sacct|12|vasp|OUT_OF_MEMORY|0:125|'),
    (
        'WALL TIME',
        '*** JOB 12 ON n1 CANCELLED AT 2026-01-01T10:00:00 DUE TO TIME LIMIT ***',
    ),
    ('WALL TIME', '=>> PBS: job killed: walltime 86431 exceeded limit 86400'),
    ('WALL TIME', 'TERM_RUNLIMIT: job killed after reaching LSF run time limit.'),
    ('WALL TIME', 'job 17 exceeded hard wallclock time of 3600 s'),
    ('WALL TIME', '12|vasp|TIMEOUT|0:0|'),
    (
        'NODE FAILURE',
        '*** JOB 12 ON n1 CANCELLED AT 2026-01-01T10:00:00 DUE TO NODE FAILURE ***',
    ),
    ('NODE FAILURE', '12|vasp|NODE_FAIL|0:1|'),
    ('NODE FAILURE', 'ORTE has lost communication with a remote daemon.'),
    ('NODE FAILURE', 'Transport retry count exceeded on mlx5_0:1/IB'),
    ('PREEMPTED', '*** JOB 9 ON n2 CANCELLED AT 2026-01-01T10:00:00 DUE TO PREEMPTION ***'),
    ('CANCELLED', 'slurmstepd: error: *** STEP 9.0 ON n2 CANCELLED AT 2026-01-01T10:00:00 ***'),
    ('CANCELLED', 'TERM_OWNER: job killed by owner.'),
    (
        'EXECUTABLE NOT FOUND',
        '_aiidasubmit.sh: line 15: /opt/vasp/bin/vasp_std: No such file or directory',
    ),
    ('EXECUTABLE NOT FOUND', 'bash: vasp_std: command not found'),
    ('EXECUTABLE NOT FOUND', 'slurmstepd: error: execve(): vasp_std: No such file or directory'),
    (
        'EXECUTABLE NOT FOUND',
        'HYDU_create_process: execvp error on file vasp_std (No such file or directory)',
    ),
    ('EXECUTABLE NOT FOUND', 'mpirun was unable to find the specified executable file'),
    (
        'LIBRARY NOT FOUND',
        'error while loading shared libraries: libmkl.so.2: cannot open shared object file',
    ),
    (
        'LIBRARY NOT FOUND',
        "/lib64/libc.so.6: version `GLIBC_2.34' not found (required by vasp_std)",
    ),
    ('LICENCE', 'Could not check out a license for MPI: license server is down'),
    ('LICENCE', 'FLEXnet Licensing error:-15,570'),
    (
        'DISK FULL',
        'forrtl: severe (38): error during write, unit 12, file WAVECAR',
    ),
    ('DISK FULL', 'write: Disk quota exceeded'),
    ('FILE SYSTEM', 'forrtl: Stale file handle'),
    ('MPI START', 'There are not enough slots available in the system'),
    (
        'MPI START',
        'srun: error: Unable to create step for job 3: Invalid',
    ),
    ('ILLEGAL INSTRUCTION', 'forrtl: severe (168): Program Exception - illegal instruction'),
    ('SEGMENTATION FAULT', 'forrtl: severe (174): SIGSEGV, segmentation fault occurred'),
    (
        'SEGMENTATION FAULT',
        'Program received signal SIGSEGV: Segmentation fault - invalid memory reference.',
    ),
    (
        'SEGMENTATION FAULT',
        'BAD TERMINATION OF ONE OF YOUR PROCESSES\n KILLED BY SIGNAL: 11 (Segmentation)',
    ),
    (
        'BUS ERROR',
        'mpirun noticed that process rank 3 on node n1 exited on signal 7 (Bus error).',
    ),
    ('FLOATING POINT', 'forrtl: error (75): floating point exception'),
    (
        'KILLED',
        '=   BAD TERMINATION OF ONE OF YOUR PROCESSES\n=   KILLED BY SIGNAL: 9 (Killed)',
    ),
    ('KILLED', '=   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES\n=   EXIT CODE: 9'),
    (
        'KILLED',
        'mpirun noticed that process rank 0 on node n1 exited on signal 15 (Terminated).',
    ),
    ('KILLED', "_aiidasubmit.sh: line 15: 12345 Killed  '/opt/vasp_std' > 'vasp_output' 2>&1"),
    ('KILLED', 'forrtl: error (78): process killed (SIGTERM)'),
    ('MPI ABORT', 'application called MPI_Abort(MPI_COMM_WORLD, 1) - process 0'),
]


@pytest.mark.parametrize(('name', 'text'), SAID)
def test_what_machines_say_is_named(name: str, text: str) -> None:
    assert diagnose('', [text]).name == name


@pytest.mark.parametrize(
    'text',
    [
        'Note: The following floating-point exceptions are signalling: IEEE_UNDERFLOW_FLAG',
        'bash: module: command not found',
        'srun: job 12 queued and waiting for resources',
        'Lmod: loading vasp/6.4.2',
        'Total CPU time used (sec): 9.123',
        'slurmstepd: task/cgroup: mem=4096MB',
    ],
)
def test_what_says_nothing_of_a_failure_is_not_named(text: str) -> None:
    assert diagnose('', [text]).name is None


def test_the_reason_outweighs_how_the_process_ended() -> None:
    said = 'slurmstepd: error: Detected 1 oom-kill event(s) in step 3.0 cgroup'
    diagnosis = diagnose('forrtl: error (78): process killed (SIGTERM)', [said])
    assert (diagnosis.name, diagnosis.also) == ('OUT OF MEMORY', ('KILLED',))


def test_an_error_of_vasp_outweighs_what_the_machine_made_of_it() -> None:
    output = 'Error EDDDAV: Call to ZHEGV failed. Returncode =   7 1   8'
    diagnosis = diagnose(output, ['forrtl: severe (174): SIGSEGV, segmentation fault occurred'])
    assert (diagnosis.name, diagnosis.also) == ('EDDDAV', ('SEGMENTATION FAULT',))
