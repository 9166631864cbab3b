"""A Slurm cluster of one node on this machine, with a munge of its own."""

from __future__ import annotations

import getpass
import os
import re
import secrets
import socket
import subprocess
from pathlib import Path

from infrastructure.servers import Server, find, free_port, listens, missing

CONFIGURATION = """
ClusterName=slabrelax
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmUser={user}
SlurmdUser={user}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MpiDefault=none
SchedulerParameters=sched_interval=1,batch_sched_delay=0
SlurmdParameters=config_overrides
KillWait=2
MinJobAge=10
NodeName={host} NodeAddr=127.0.0.1 CPUs=8 State=UNKNOWN
PartitionName={partition} Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
"""


class Slurm:
    """A controller, a node and one partition. Accounting is off.

    :param folder: for its configuration, its state and its logs; short, for a socket is in it.
    """

    executables = (
        'munged',
        'slurmctld',
        'slurmd',
        'sbatch',
        'scontrol',
        'squeue',
        'scancel',
        'sinfo',
    )
    partition = 'par40'

    def __init__(self, folder: Path) -> None:
        key, config = folder / 'munge.key', folder / 'slurm.conf'
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o400)
        for name in ('state', 'spool'):
            (folder / name).mkdir()
        controller_port, node_port = free_port(), free_port()
        config.write_text(
            CONFIGURATION.format(
                host=socket.gethostname().split('.')[0],
                controller_port=controller_port,
                node_port=node_port,
                folder=folder,
                user=getpass.getuser(),
                partition=self.partition,
            )
        )
        #: What every command of Slurm must find in its environment.
        self.environment = {'SLURM_CONF': str(config)}
        munge = ['munged', '--foreground', f'--key-file={key}']
        munge += [f'--{name}-file={folder}/munge.{name}' for name in ('pid', 'seed', 'log')]
        munge += [f'--socket={folder}/munge.socket']
        self._servers = [
            Server(munge, folder, (folder / 'munge.socket').exists),
            Server(['slurmctld', '-D'], folder, lambda: listens(controller_port), self.environment),
            Server(['slurmd', '-D'], folder, self._is_idle, self.environment),
        ]

    @classmethod
    def missing(cls) -> list[str]:
        """Return which executables are not installed."""
        return missing(cls.executables)

    def start(self) -> None:
        """Start munge, the controller and the node, and wait until jobs can run."""
        for server in self._servers:
            server.start()

    def stop(self) -> None:
        """Stop the node, the controller and munge."""
        for server in reversed(self._servers):
            server.stop()

    def jobs(self) -> dict[str, str]:
        """Return the states of the jobs that wait, run or are just ending, by their number."""
        lines = self._ask('squeue', '--noheader', '--format=%i %T').splitlines()
        return dict(line.split() for line in lines)

    def submitted(self) -> int:
        """Return how many jobs have been submitted so far."""
        found = re.search(r'^NEXT_JOB_ID *= (\d+)', self._ask('scontrol', 'show', 'config'), re.M)
        assert found is not None
        return int(found[1]) - 1

    def cancel(self, job: str) -> None:
        """Cancel a job, as its owner or an operator would."""
        self._ask('scancel', job)

    def _is_idle(self) -> bool:
        return self._ask('sinfo', '--noheader', '--format=%T', check=False).strip() == 'idle'

    def _ask(self, name: str, *arguments: str, check: bool = True) -> str:
        command = [str(find(name)), *arguments]
        environment = {**os.environ, **self.environment}
        done = subprocess.run(command, env=environment, check=check, capture_output=True, text=True)
        return done.stdout
