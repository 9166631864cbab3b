"""Rows that are read again only if they can have changed, in a process that imports this.

aiida-core reads a node from the database each time that one of its attributes is used, in case that
another program has changed it; and SQLAlchemy forgets all rows with each commit. This took a fifth
of the time of tests that store nodes. SQLite tells at once whether another connection has written
anything since it was last asked (``PRAGMA data_version``): only then are rows read again here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from aiida.manage import get_manager
from aiida.storage.psql_dos.orm.utils import ModelWrapper
from aiida.storage.sqlite_dos.backend import SqliteDosStorage
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

_initialise_session = SqliteDosStorage._initialise_session
_transaction = SqliteDosStorage.transaction
_ensure_model_uptodate = ModelWrapper._ensure_model_uptodate


def _forget_what_can_have_changed(session: Session) -> None:
    """Forget all rows if another connection has written since the session was last here."""
    begun = session.in_transaction()
    connection = session.connection().connection.dbapi_connection
    assert connection is not None
    (version,) = connection.execute('PRAGMA data_version').fetchone()
    # A session may have one connection of the pool after the other.
    known = session.info.setdefault('data_version', {})
    if known.get(connection) != version:
        known[connection] = version
        session.expire_all()
    if not begun:
        # An error in a transaction of aiida-core ends it only if none has begun before it.
        session.commit()


def _note_changes(executed: ORMExecuteState) -> None:
    """Rows that a statement changes, not a node, are not known."""
    if not executed.is_select:
        executed.session.info.pop('data_version', None)


def _initialise(self: SqliteDosStorage) -> None:
    _initialise_session(self)
    assert self._session_factory is not None
    self._session_factory.configure(expire_on_commit=False)
    # Else a session has one connection after the other as soon as the pool has two, and each has
    # to take what the other has written for the changes of another program.
    self.get_session().get_bind().pool._pool.use_lifo = True
    event.listen(self._session_factory, 'do_orm_execute', _note_changes)


@contextmanager
def _in_transaction(self: SqliteDosStorage) -> Iterator[Session]:
    if not self.in_transaction:
        _forget_what_can_have_changed(self.get_session())
    with _transaction(self) as session:
        yield session


def _read_again(self: ModelWrapper, fields: Collection[str] | None = None) -> None:
    if isinstance(self._backend, SqliteDosStorage):
        _forget_what_can_have_changed(self.session)
    else:
        _ensure_model_uptodate(self, fields)


@contextmanager
def read_each_time() -> Iterator[None]:
    """Read rows inside the block as aiida-core does, for tests that count queries."""
    session = get_manager().get_profile_storage().get_session()
    session.expire_on_commit = True
    session.expire_all()
    SqliteDosStorage.transaction = _transaction
    ModelWrapper._ensure_model_uptodate = _ensure_model_uptodate
    try:
        yield
    finally:
        session.expire_on_commit = False
        SqliteDosStorage.transaction = _in_transaction
        ModelWrapper._ensure_model_uptodate = _read_again


SqliteDosStorage._initialise_session = _initialise
SqliteDosStorage.transaction = _in_transaction
ModelWrapper._ensure_model_uptodate = _read_again
