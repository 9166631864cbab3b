"""A profile as in production: PostgreSQL and RabbitMQ, in servers of the benchmark's own."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).parents[1] / 'tests' / 'helpers'))


@contextmanager
def production_profile(folder: Path) -> Iterator[None]:
    """Start both servers, load a new profile on them, and stop them at the end.

    To be entered within :func:`aiida_slabrelax.cli.sandbox.environment.isolated`.

    :param folder: where the files of the profile are kept.
    :raises click.ClickException: if a server is not installed.
    """
    from infrastructure.postgresql import PostgreSQL
    from infrastructure.rabbitmq import RabbitMQ

    if missing := [*PostgreSQL.missing(), *RabbitMQ.missing()]:
        raise click.ClickException(f'missing: {", ".join(missing)}; see scripts/services')
    from aiida import load_profile
    from aiida.manage import get_manager
    from aiida.manage.configuration import create_profile, get_config
    from aiida.tools.pytest_fixtures.storage import PostgresCluster

    servers = Path(tempfile.mkdtemp(dir='/tmp'))  # the names of its sockets must be short
    servers.chmod(0o755)
    for name in ('postgresql', 'rabbitmq'):
        (servers / name).mkdir()
    os.environ['PATH'] = os.pathsep.join(
        [PostgreSQL(servers / 'postgresql').path, os.environ['PATH']]
    )
    tempfile.tempdir = str(servers)  # where pgtest keeps its cluster
    cluster, rabbitmq = PostgresCluster(), RabbitMQ(servers / 'rabbitmq')
    rabbitmq.start()
    try:
        storage = cluster.create_database()
        config = get_config(create=True)
        name = f'production-{len(config.profile_names)}'
        create_profile(
            config,
            name=name,
            email='benchmark@localhost',
            storage_backend='core.psql_dos',
            storage_config={
                **storage,
                'repository_uri': (folder / f'repository-{name}').as_uri(),
            },
            broker_backend='core.rabbitmq',
            broker_config=rabbitmq.broker_config,
        )
        config.set_option('warnings.rabbitmq_version', False, scope=name)
        config.store()
        load_profile(name)
        yield
        get_manager().reset_profile()
    finally:
        cluster._close()
        rabbitmq.stop()
        shutil.rmtree(servers, ignore_errors=True)
