"""Failures of the machine, as reported by schedulers, MPI and the kernel.

The messages are those of Slurm, PBS, Grid Engine and LSF, of Intel MPI, MPICH and Open MPI, of the
run-time libraries of Intel and GNU Fortran, of Linux and its shells.
"""

from __future__ import annotations

from .cures import Cure
from .kinds import Kind, Repeat, Weight

_REASON, _END = Weight.REASON, Weight.END

_GO_ON = Cure(keeps_orbitals=True)

MACHINE_FAILURES = (
    Kind(
        'OUT OF MEMORY',
        (
            r'\boom[-_ ]?kill',
            r'\bout[-_ ]of[-_ ]memory\b',
            'Exceeded (?:job|step) memory limit',
            'exceeded memory limit',
            'Cannot allocate memory',
            'would exceed memory limit',
            'insufficient virtual memory',
            'insufficient memory',
            'TERM_(?:MEM|SWAP)LIMIT',
            r'job killed: \S*mem\b',
            r'\b[pv]?v?mem \S+ exceeded limit',
            'job violates .{0,20}(?:mem|h_vmem|vf) (?:usage )?(?:policy )?limit',
            r'(?:h_vmem|s_vmem|maxvmem)\b.{0,40}(?:exceed|limit|kill)',
            'std::bad_alloc',
            r'Killed process \d+ \(vasp',
            'memory allocation (?:failed|error)',
            'unable to allocate',
        ),
        'ask for more memory or more nodes, or lower KPAR; raise NCORE',
        _REASON,
    ),
    Kind(
        'WALL TIME',
        (
            'DUE TO TIME LIMIT',
            r'\|TIMEOUT\|',
            r'walltime \S+ exceeded limit',
            'job killed: walltime',
            'exceeded .{0,20}wall-?(?:clock)?[- ]?time',
            'wall-?(?:clock)?[- ]?time .{0,20}exceeded',
            'time limit (?:has been )?(?:exceeded|reached)',
            'TERM_(?:RUN|CPU)LIMIT',
            'job reached the run ?time limit',
            r'(?:h_rt|s_rt)\b.{0,40}(?:exceed|limit|kill)',
            'SIGXCPU|cputime limit exceeded|CPU time limit exceeded',
        ),
        'continue from the last geometry; ask for more wall time (max_wallclock_seconds)',
        _REASON,
        Repeat.IF_MOVED,
        cures=(_GO_ON, _GO_ON),
    ),
    Kind(
        'NODE FAILURE',
        (
            r'NODE[ _]FAIL(?:URE)?\b',
            'DUE TO NODE FAILURE',
            'lost communication with (?:a remote|its) daemon',
            'daemon .{0,60}died unexpectedly',
            'Transport retry count exceeded',
            'Connection reset by peer',
            'Communication connection failure',
            'Machine check|uncorrectable (?:memory|ECC) error',
            'TERM_ZOMBIE',
            'node .{0,30}(?:is down|went down|not responding)',
        ),
        'a node or its network failed: try again; tell the administrators if it happens often',
        _REASON,
        Repeat.YES,
        cures=(_GO_ON, _GO_ON),
    ),
    Kind(
        'PREEMPTED',
        ('DUE TO PREEMPTION', r'\|PREEMPTED\|', 'TERM_PREEMPT', 'job was preempted'),
        'another job took its place: try again, or choose another queue',
        _REASON,
        Repeat.YES,
        cures=(_GO_ON, _GO_ON),
    ),
    Kind(
        'CANCELLED',
        (
            r'CANCELLED AT \S+ \*\*\*',
            r'\|CANCELLED(?: by \d+)?\|',
            'TERM_(?:OWNER|ADMIN|FORCE_OWNER|FORCE_ADMIN)',
            'job (?:was )?(?:deleted|killed) by (?:the )?(?:user|owner|operator|administrator)',
        ),
        'the job was cancelled: run it again when you know why',
        _REASON,
    ),
    Kind(
        'EXECUTABLE NOT FOUND',
        (
            r'(?<!module)(?<!ulimit): command not found',
            r'execvp? ?error on file',
            r'execve?\(?\)?:? .{0,80}No such file or directory',
            'could not find an executable',
            'unable to find the specified executable',
            r'line \d+: \S+: No such file or directory',
            r'line \d+: \S+: (?:Permission denied|cannot execute)',
            'No such file or directory.{0,20}(?:execve|task launch)',
            'Exec format error',
        ),
        'the executable of the code cannot be run on its computer: see `verdi code show`; '
        'load its modules (prepend_text)',
        _REASON,
    ),
    Kind(
        'LIBRARY NOT FOUND',
        (
            'error while loading shared libraries',
            'cannot open shared object file',
            'symbol lookup error',
            r'version .{0,3}(?:GLIBC|GFORTRAN|GLIBCXX)\S* not found',
            'MKL FATAL ERROR',
        ),
        'a library is missing: load the modules with which VASP was built (prepend_text)',
        _REASON,
    ),
    Kind(
        'LICENCE',
        (
            'FLEXlm|FlexNet',
            r'(?:could not|cannot|failed to|unable to) check ?out .{0,40}licen[cs]e',
            r'licen[cs]e (?:server|checkout|manager|file).{0,60}(?:error|fail|down|not|denied)',
            r'licen[cs]e .{0,30}(?:expired|denied|not available|not valid|exceeded)',
            r'no (?:valid )?licen[cs]e',
        ),
        'no licence was available: ask whoever runs the licence server, then try again',
        _REASON,
    ),
    Kind(
        'DISK FULL',
        (
            'No space left on device',
            'quota exceeded',
            r'forrtl: severe \(38\)',
            'error during write, unit',
        ),
        'the disk or your quota is full: make room; LWAVE and LCHARG = .FALSE. write less',
        _REASON,
    ),
    Kind(
        'FILE SYSTEM',
        (
            'Stale (?:NFS )?file handle',
            'Input/output error',
            'Transport endpoint is not connected',
            'Remote I/O error',
        ),
        'the file system failed: try again',
        _REASON,
        Repeat.YES,
        cures=(_GO_ON, _GO_ON),
    ),
    Kind(
        'MPI START',
        (
            'not enough slots available',
            'Requested node configuration is not available',
            'Unable to create (?:job )?step',
            r'MPI_INIT.{0,80}(?:fail|error)',
            r'(?:error|fail)\S* .{0,40}MPI_Init',
            'PMI.{0,40}(?:failed|not found|error)',
            'More processors requested than permitted',
            'OFI (?:addrinfo|get address|endpoint)',
        ),
        'MPI cannot start: check resources, mpirun command and modules of the computer',
        _REASON,
    ),
    Kind(
        'ILLEGAL INSTRUCTION',
        (
            'illegal instruction',
            r'\bSIGILL\b',
            'processor support Intel',
            'was not built to run on the processor',
        ),
        'VASP was built for another processor: choose other nodes, or build it for these',
        _REASON,
    ),
    Kind(
        'SEGMENTATION FAULT',
        (r'\bSIGSEGV\b', 'segmentation fault', r'signal:? 11\b', 'address not mapped to object'),
        'raise the stack limit (`ulimit -s unlimited` in prepend_text), ask for more memory; else '
        'the build or the geometry is at fault',
        _END,
    ),
    Kind(
        'BUS ERROR',
        (r'\bSIGBUS\b', r'\bbus error\b', r'signal:? 7\b'),
        'a memory-mapped file disappeared, or the build is at fault: look for a full disk',
        _END,
    ),
    Kind(
        'FLOATING POINT',
        (
            r'\bSIGFPE\b',
            r'floating[- ]point exception(?!s)',
            r'signal:? 8\b',
            'forrtl: error .{0,12}floating',
        ),
        'a number is out of range: look at the geometry (atoms too close?), or the build is at '
        'fault',
        _END,
    ),
    Kind(
        'KILLED',
        (
            r'\bSIGKILL\b',
            r'\bSIGTERM\b',
            r'signal:? (?:9|15)\b',
            r'EXIT CODE:? (?:9|137|143)\b',
            r'line \d+: +\d+ (?:Killed|Terminated)\b',
            r'\bKilled\b.{0,10}$',
        ),
        'it was killed without a message: most often for memory or wall time',
        _END,
        Repeat.ONCE,
    ),
    Kind(
        'MPI ABORT',
        (r'\bMPI_Abort\b', 'BAD TERMINATION OF ONE OF YOUR', 'mpirun (?:noticed|detected) that'),
        'one process ended, and MPI ended the others: the reason is further up in the output',
        Weight.HINT,
        Repeat.ONCE,
    ),
)
