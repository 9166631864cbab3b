"""A RabbitMQ server of the tests' own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infrastructure.servers import Server, free_port, listens, missing

#: aiida-core warns about every RabbitMQ that gives a task to another worker after half an hour.
CONFIGURATION = """
listeners.tcp.1 = 127.0.0.1:{port}
consumer_timeout = 86400000
"""


class RabbitMQ:
    """A node with its own port mapper, so that nothing of it is left.

    :param folder: for its messages, its logs and its cookie.
    """

    executables = ('rabbitmq-server', 'epmd', 'erl')

    def __init__(self, folder: Path) -> None:
        self.port, mapper_port = free_port(), free_port()
        (folder / 'rabbitmq.conf').write_text(CONFIGURATION.format(port=self.port))
        (folder / 'enabled_plugins').write_text('[].\n')
        #: What every command of RabbitMQ must find in its environment.
        self.environment = {
            'HOME': str(folder),
            'ERL_EPMD_PORT': str(mapper_port),
            'RABBITMQ_NODENAME': f'slabrelax{self.port}@localhost',
            'RABBITMQ_NODE_PORT': str(self.port),
            'RABBITMQ_DIST_PORT': str(free_port()),
            'RABBITMQ_CONF_ENV_FILE': str(folder / 'rabbitmq-env.conf'),
            'RABBITMQ_CONFIG_FILE': str(folder / 'rabbitmq'),
            'RABBITMQ_ENABLED_PLUGINS_FILE': str(folder / 'enabled_plugins'),
            'RABBITMQ_MNESIA_BASE': str(folder / 'mnesia'),
            'RABBITMQ_LOG_BASE': str(folder / 'log'),
            'RABBITMQ_PID_FILE': str(folder / 'pid'),
        }
        # Debian's command on the path wants to be the user rabbitmq; this one does not.
        command = ['/usr/lib/rabbitmq/bin/rabbitmq-server']
        self._mapper = Server(
            ['epmd', '-port', str(mapper_port), '-address', '127.0.0.1'],
            folder,
            lambda: listens(mapper_port),
        )
        self._server = Server(command, folder, lambda: listens(self.port), self.environment)

    @classmethod
    def missing(cls) -> list[str]:
        """Return which executables are not installed."""
        return missing(cls.executables)

    @property
    def broker_config(self) -> dict[str, Any]:
        """What a profile must know of it."""
        return {
            'broker_protocol': 'amqp',
            'broker_username': 'guest',
            'broker_password': 'guest',
            'broker_host': '127.0.0.1',
            'broker_port': self.port,
            'broker_virtual_host': '',
        }

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._mapper.start()
        self._server.start()

    def stop(self) -> None:
        """Stop it; durable messages stay in its folder."""
        self._server.stop()
        self._mapper.stop()
