"""Facts to whom they concern: events dispatched by class, on one thread, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

import structlog

from voxelle.domain.events import Event

log = structlog.get_logger("app")
E = TypeVar("E", bound=Event)


class _Subscription:
    """One handler of one class of events."""

    __slots__ = ("event_class", "handler", "is_live")

    def __init__(self, event_class: type[Event], handler: Callable[[Any], None]) -> None:
        self.event_class = event_class
        self.handler = handler
        self.is_live = True


class Bus:
    """Dispatches events to the handlers of their class and of its ancestors, in the order of subscription.

    Lives on the show loop's thread alone. Every handler sees all events in the same order: what a
    handler announces is delivered after the event at hand went to everybody. When the outermost
    `announce` returns, everything was delivered.
    """

    __slots__ = ("_is_delivering", "_routes", "_subscriptions", "_waiting")

    def __init__(self) -> None:
        self._subscriptions: list[_Subscription] = []
        self._routes: dict[type[Event], tuple[_Subscription, ...]] = {}
        self._waiting: deque[Event] = deque()
        self._is_delivering = False

    def subscribe(self, event_class: type[E], handler: Callable[[E], None]) -> Callable[[], None]:
        """Call `handler` with every event of the class or of a child of it.

        Returns the function that ends the subscription; calling it twice changes nothing. A handler that
        was ended gets nothing more, not even the event being delivered.
        """
        subscription = _Subscription(event_class, handler)
        self._subscriptions.append(subscription)
        self._routes.clear()

        def unsubscribe() -> None:
            if subscription.is_live:
                subscription.is_live = False
                self._subscriptions.remove(subscription)
                self._routes.clear()

        return unsubscribe

    def announce(self, event: Event) -> None:
        """Tell all handlers. What goes wrong in one is logged and reaches neither announcer nor the others."""
        self._waiting.append(event)
        if self._is_delivering:
            return
        self._is_delivering = True
        try:
            while self._waiting:
                self._deliver(self._waiting.popleft())
        finally:
            self._is_delivering = False

    def _deliver(self, event: Event) -> None:
        event_class = type(event)
        route = self._routes.get(event_class)
        if route is None:
            route = tuple(each for each in self._subscriptions if issubclass(event_class, each.event_class))
            self._routes[event_class] = route
        for subscription in route:
            if not subscription.is_live:
                continue
            try:
                subscription.handler(event)
            except Exception:
                handler = subscription.handler
                handler_name = getattr(handler, "__qualname__", type(handler).__qualname__)
                log.exception("bus.handler_failed", announced=event_class.__name__, handler=handler_name)
