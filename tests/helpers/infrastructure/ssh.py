"""An OpenSSH server of the tests' own, with a throw-away key."""

from __future__ import annotations

import getpass
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infrastructure.servers import Server, find, free_port, listens, missing

SERVER = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/key.pub
PidFile {folder}/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
MaxStartups 100
MaxSessions 100
SetEnv {environment}
"""

CLIENT = """
Host {host}
    HostName 127.0.0.1
    Port {port}
    User {user}
    IdentityFile {folder}/key
    IdentitiesOnly yes
    UserKnownHostsFile {folder}/known_hosts
"""


class SSH:
    """The only way to the cluster of the tests.

    :param folder: for its configuration and its keys.
    :param environment: what every session finds in its environment.
    """

    executables = ('sshd', 'ssh-keygen')
    #: The name by which a client that has :attr:`client_config` knows it.
    host = 'slabrelax-cluster'

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.port, self._folder, self._user = free_port(), folder, getpass.getuser()
        for name in ('key', 'host_key'):
            command = [find('ssh-keygen'), '-q', '-t', 'ed25519', '-N', '', '-f', folder / name]
            subprocess.run(command, check=True)
        host_key = (folder / 'host_key.pub').read_text()
        (folder / 'known_hosts').write_text(f'[127.0.0.1]:{self.port} {host_key}')
        config = folder / 'sshd_config'
        # A shell reads the files of a user in its home. Those of this machine's user can take long,
        # and leave a lock behind when the server is stopped, on which all later shells wait.
        (folder / 'home').mkdir()
        shown = {'HOME': folder / 'home', **environment}
        variables = ' '.join(f'{name}={value}' for name, value in shown.items())
        config.write_text(SERVER.format(port=self.port, folder=folder, environment=variables))
        if os.getuid() == 0:
            Path('/run/sshd').mkdir(mode=0o755, exist_ok=True)  # sshd insists on it
        self._server = Server(
            ['sshd', '-D', '-e', '-f', str(config)], folder, lambda: listens(self.port)
        )
        self.start, self.stop = self._server.start, self._server.stop

    @classmethod
    def missing(cls) -> list[str]:
        """Return which executables are not installed."""
        return missing(cls.executables)

    @property
    def client_config(self) -> str:
        """What ``~/.ssh/config`` must contain; ``core.ssh_async`` reads it."""
        return CLIENT.format(host=self.host, port=self.port, user=self._user, folder=self._folder)

    @property
    def transport_config(self) -> dict[str, Any]:
        """How ``core.ssh`` is configured."""
        return {
            'username': self._user,
            'port': self.port,
            'key_filename': str(self._folder / 'key'),
            'key_policy': 'AutoAddPolicy',
            'look_for_keys': False,
            'allow_agent': False,
            'load_system_host_keys': False,
        }
