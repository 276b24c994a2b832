"""Work begun before its result is asked for."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import TypeVar

Item, Result = TypeVar("Item"), TypeVar("Result")


def in_order(work: Callable[[Item], Result], items: Iterable[Item], ahead: int) -> Iterator[Result]:
    """The results of `work`, in order, with that of the next `ahead` items under way."""
    items, pending = iter(items), deque()
    for item in items:
        pending.append((item, begin(work, item)))
        if len(pending) > ahead:
            yield _result(work, *pending.popleft())
    while pending:
        yield _result(work, *pending.popleft())


def begin(work: Callable[..., Result], *arguments) -> Future:
    """The result to come of work that a thread does meanwhile."""
    future = Future()

    def run() -> None:
        try:
            future.set_result(work(*arguments))
        except BaseException as error:
            future.set_exception(error)

    # A daemon, unlike a pool's threads: no download keeps a process from ending.
    threading.Thread(target=run, daemon=True).start()
    return future


def _result(work: Callable[[Item], Result], item: Item, future: Future) -> Result:
    failed_long_ago = future.done() and future.exception()
    # What made it fail may have passed since.
    return work(item) if failed_long_ago else future.result()
