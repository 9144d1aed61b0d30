"""One thread that writes, with group commit: while the disk takes one batch, the next one gathers.

A unit of work is a function that is given a transaction. One which fails takes nobody with it; what they return is
handed out after the commit that made it durable, never before. A unit may be run twice before that, so it does nothing but
read and write through its transaction.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, TypeAlias, TypeVar

import apsw

from reelgate.domain.errors import Unready
from reelgate.metrics import COMMIT_S
from reelgate.storage.sqlite.connection import OF_THE_DISK, Database, Transaction

T = TypeVar("T")
Unit: TypeAlias = Callable[[Transaction], T]


class _Order(NamedTuple):
    unit: Unit[Any]
    future: asyncio.Future[Any]


class _Result(NamedTuple):
    future: asyncio.Future[Any]
    value: Any
    error: Exception | None


class Writer:
    """Takes units of work on the event loop it was made in. `publish` is told, on the loop, which jobs a commit has changed."""

    def __init__(self, open_connection: Callable[[], Database], publish: Callable[[Iterable[str]], None]) -> None:
        self.commits = 0
        self._open = open_connection
        self._connection: Database | None = open_connection()
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._gathered: list[_Order] = []
        self._queue: SimpleQueue[list[_Order] | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="reelgate-writer", daemon=True)
        self._thread.start()

    async def run(self, unit: Unit[T]) -> T:
        """Do a unit of work durably; `Unready` if that is not known to have happened."""
        if self._closed:
            raise Unready("The store is closed.")
        future: asyncio.Future[T] = self._loop.create_future()
        if not self._gathered:
            self._loop.call_soon(self._hand_over)
        self._gathered.append(_Order(unit, future))
        return await future

    async def close(self) -> None:
        """Finish what was taken; nothing more is."""
        if not self._closed:
            self._closed = True
            self._hand_over()
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _hand_over(self) -> None:
        """All that came in one turn of the event loop goes to the thread together: it is woken once."""
        if self._gathered:
            self._queue.put(self._gathered)
            self._gathered = []

    def _serve(self) -> None:
        more = True
        while more:
            batch: list[_Order] = []
            try:
                part = self._queue.get()
                while part is not None:
                    batch += part
                    part = self._queue.get_nowait()
                more = False
            except Empty:
                pass  # all that waits is gathered: write it
            if batch:
                self._commit(batch)
        self._let_go()

    def _commit(self, batch: list[_Order]) -> None:
        try:
            changed, results = self._write(batch)
        except (apsw.Error, OSError, Unready) as error:
            # Nobody knows whether the commit took place, so nobody is told that it did or did not.
            changed, results = [], [_Result(order.future, None, _unready(error)) for order in batch]
            full = isinstance(error, apsw.FullError) or isinstance(error.__cause__, apsw.FullError)
            if not full or self._connection is None or self._connection.in_transaction:
                self._let_go()  # a disk that was full has only to be asked again; anything else begins anew
        self._loop.call_soon_threadsafe(self._deliver, results, changed)

    def _write(self, batch: list[_Order]) -> tuple[list[str], list[_Result]]:
        if self._connection is None:
            self._connection = self._open()
        connection = self._connection
        transaction = Transaction(connection)
        connection.execute("begin immediate")
        results = _do_together(batch, transaction)
        if results is None:
            if connection.in_transaction:
                connection.execute("rollback")
            transaction = Transaction(connection)
            connection.execute("begin immediate")
            results = _do_apart(batch, transaction)
        began_s = time.perf_counter()
        connection.execute("commit")
        COMMIT_S.observe(time.perf_counter() - began_s)
        self.commits += 1
        return transaction.changed, results

    def _deliver(self, results: list[_Result], changed: list[str]) -> None:
        for future, value, error in results:
            if future.done():
                continue  # its caller went away; the work stands
            if error is None:
                future.set_result(value)
            else:
                future.set_exception(error)
        if changed:
            self._publish(changed)

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close(True)  # noqa: FBT003 - apsw takes it so


def _do_together(batch: list[_Order], transaction: Transaction) -> list[_Result] | None:
    """Run all units in one go; None if one failed after it had written something, so that the batch must be done again apart.

    A savepoint costs more than a whole submit (each page that is touched is copied first), and units seldom fail.
    """
    connection, results = transaction.connection, list[_Result]()
    for order in batch:
        before = connection.total_changes()
        try:
            results.append(_Result(order.future, order.unit(transaction), None))
        except Exception as error:  # noqa: BLE001 - it is handed to its caller, or the batch is done again
            if not connection.in_transaction or connection.total_changes() != before:
                return None
            results.append(_failed(order, error))
    return results


def _do_apart(batch: list[_Order], transaction: Transaction) -> list[_Result]:
    """Run each unit in a savepoint of its own. Raises `Unready` if the database has taken back the whole batch."""
    execute, results = transaction.connection.execute, list[_Result]()
    for order in batch:
        told = len(transaction.changed)
        execute("savepoint unit")
        try:
            results.append(_Result(order.future, order.unit(transaction), None))
        except Exception as error:
            if not transaction.connection.in_transaction:
                raise _unready(error) from error
            execute("rollback to unit")
            del transaction.changed[told:]
            results.append(_failed(order, error))
        execute("release unit")
    return results


def _failed(order: _Order, error: Exception) -> _Result:
    """Whatever a unit raises belongs to its caller; a disk that cannot write is `Unready`."""
    return _Result(order.future, None, _unready(error) if isinstance(error, OF_THE_DISK) else error)


def _unready(error: Exception) -> Unready:
    unready = Unready("The store cannot write at the moment.")
    unready.__cause__ = error
    return unready
