"""``python -m aiida_slabrelax.durable PK``: where a workflow is."""

from __future__ import annotations

import argparse

from aiida import get_profile, load_profile, orm
from aiida.common.exceptions import MultipleObjectsError, NotExistent


def main() -> None:
    """Print where workflows are."""
    parser = argparse.ArgumentParser(
        prog='python -m aiida_slabrelax.durable', description='Show where durable workflows are.'
    )
    parser.add_argument('process', nargs='+', help='pk or UUID of a workflow')
    parser.add_argument('-p', '--profile', help='the profile, if not the default one')
    arguments = parser.parse_args()
    if arguments.profile is not None or get_profile() is None:
        load_profile(arguments.profile, allow_switch=True)
    from aiida_slabrelax.durable import status

    for identifier in arguments.process:
        try:
            node = orm.load_node(identifier)
        except (NotExistent, MultipleObjectsError, ValueError) as error:
            parser.error(f'{identifier}: {error}')
        if not isinstance(node, orm.ProcessNode):
            parser.error(f'{identifier} is a {type(node).__name__}, not a workflow')
        try:
            print(status(node))
        except ValueError as error:
            parser.error(str(error))


if __name__ == '__main__':
    main()
