"""Lists as iterators over all their items, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from ..errors import InvalidAnswerError

T = TypeVar("T")


class AsyncCaller(Protocol):
    async def call(
        self,
        answer: type[T],
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        timeout_s: float | None = None,
    ) -> T: ...


class Page(BaseModel, Generic[T]):
    """A page of a list. `next_after_seq`, of events, is the seq of the last one that was examined."""

    data: list[T]
    has_more: bool = False
    next_cursor: str | None = None
    next_after_seq: int | None = None


class AsyncList(Generic[T]):
    """`async for item in …` iterates over all items; `pages()` over the pages. Nothing is requested before the first step."""

    def __init__(self, client: AsyncCaller, item: Any, path: str, query: Mapping[str, Any]) -> None:
        self._client, self._item, self._path, self._query = client, item, path, query

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.data:
                yield item

    async def first_page(self) -> Page[T]:
        async for page in self.pages():
            return page
        raise AssertionError("a list has a first page")

    async def pages(self) -> AsyncIterator[Page[T]]:
        query = dict(self._query)
        while True:
            page: Page[T] = await self._client.call(Page[self._item], "GET", self._path, query=query)  # type: ignore[name-defined]
            yield page
            if not page.has_more:
                return
            name = "after_seq" if page.next_cursor is None else "cursor"
            value = page.next_after_seq if page.next_cursor is None else page.next_cursor
            if value is None or query.get(name) == value:
                raise InvalidAnswerError(f"The list {self._path} has more items and no new place to continue.")
            query[name] = value
