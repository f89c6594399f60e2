"""Events to whom they concern."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs

from voxelle.domain.events import Event
from voxelle.kernel.bus import Bus


@dataclass(frozen=True, slots=True)
class Rained(Event):
    litres: int = 1


@dataclass(frozen=True, slots=True)
class Poured(Rained):
    pass


@dataclass(frozen=True, slots=True)
class Dried(Event):
    pass


def test_an_event_reaches_the_handlers_of_its_class_and_of_its_ancestors_in_order_of_subscription(bus: Bus) -> None:
    heard: list[str] = []
    bus.subscribe(Rained, lambda _: heard.append("first rained"))
    bus.subscribe(Event, lambda _: heard.append("any"))
    bus.subscribe(Poured, lambda _: heard.append("poured"))
    bus.subscribe(Dried, lambda _: heard.append("dried"))
    bus.subscribe(Rained, lambda _: heard.append("second rained"))
    bus.announce(Poured())
    assert heard == ["first rained", "any", "poured", "second rained"]
    heard.clear()
    bus.announce(Rained())
    assert heard == ["first rained", "any", "second rained"]


def test_an_event_nobody_asked_for_is_no_trouble(bus: Bus) -> None:
    bus.announce(Dried())


def test_a_handler_that_was_ended_hears_nothing_more(bus: Bus) -> None:
    heard: list[Event] = []
    unsubscribe = bus.subscribe(Rained, heard.append)
    bus.announce(Rained(1))
    unsubscribe()
    unsubscribe()
    bus.announce(Rained(2))
    assert heard == [Rained(1)]


def test_the_same_handler_subscribed_twice_is_two_subscriptions(bus: Bus) -> None:
    heard: list[Event] = []
    first = bus.subscribe(Rained, heard.append)
    bus.subscribe(Rained, heard.append)
    bus.announce(Rained())
    first()
    bus.announce(Rained())
    assert len(heard) == 3


def test_a_handler_ended_by_one_before_it_does_not_hear_the_event_at_hand(bus: Bus) -> None:
    heard: list[Event] = []
    endings: list[Callable[[], None]] = []
    bus.subscribe(Rained, lambda _: endings[0]())
    endings.append(bus.subscribe(Rained, heard.append))
    bus.announce(Rained())
    assert heard == []


def test_a_handler_subscribed_during_delivery_hears_the_next_event_first(bus: Bus) -> None:
    heard: list[Event] = []

    def begin_listening(_: Rained) -> None:
        bus.subscribe(Dried, heard.append)

    bus.subscribe(Rained, begin_listening)
    bus.announce(Rained())
    bus.announce(Dried())
    assert heard == [Dried()]


def test_everybody_sees_events_in_the_same_order_even_those_that_handlers_announce(bus: Bus) -> None:
    early: list[Event] = []
    late: list[Event] = []
    bus.subscribe(Event, early.append)
    bus.subscribe(Rained, lambda event: bus.announce(Dried()) if event.litres < 3 else None)
    bus.subscribe(Event, late.append)
    bus.announce(Rained(1))
    assert early == late == [Rained(1), Dried()]


def test_an_error_in_a_handler_is_logged_and_reaches_nobody_else(bus: Bus) -> None:
    heard: list[Event] = []

    def break_down(event: Rained) -> None:
        msg = "broken"
        raise ValueError(msg)

    bus.subscribe(Rained, break_down)
    bus.subscribe(Rained, heard.append)
    with capture_logs() as logs:
        bus.announce(Rained())
    assert heard == [Rained()]
    handler = break_down.__qualname__
    assert logs == [{"event": "bus.handler_failed", "announced": "Rained", "handler": handler, "exc_info": True, "log_level": "error"}]


def test_an_object_that_can_be_called_is_named_by_its_class_when_it_fails(bus: Bus) -> None:
    class Broken:
        def __call__(self, event: Event) -> None:
            raise ValueError

    bus.subscribe(Event, Broken())
    with capture_logs() as logs:
        bus.announce(Dried())
    assert logs[0]["handler"] == Broken.__qualname__


def test_what_is_no_mere_error_goes_through_and_leaves_the_bus_usable(bus: Bus) -> None:
    heard: list[Event] = []
    unsubscribe = bus.subscribe(Rained, lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        bus.announce(Rained())
    unsubscribe()
    bus.subscribe(Event, heard.append)
    bus.announce(Dried())
    assert heard == [Dried()]
