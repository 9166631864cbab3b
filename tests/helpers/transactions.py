"""Transactions of the database, for what a test arranges."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from aiida.manage import get_manager


@contextmanager
def one_transaction() -> Iterator[None]:
    """Do all in the block in one transaction: the one that is open already, or a new one.

    Outside of one each change is a commit, after which all rows are read again, and so is each
    attribute that is used. ``add_incoming`` between two nodes that are stored already would end it.
    """
    storage = get_manager().get_profile_storage()
    with nullcontext() if storage.in_transaction else storage.transaction():
        yield
