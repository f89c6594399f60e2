"""A faithful fake of Twitch: `FakeTwitch`, with `memory_net` for virtual time and `serve` for real sockets."""

from tests.fakes.twitch.fake import CLIENT_ID, FakeTwitch
from tests.fakes.twitch.faults import Fault
from tests.fakes.twitch.memory import memory_net
from tests.fakes.twitch.topics import EVERY_SCOPE, TOPICS

__all__ = ["CLIENT_ID", "EVERY_SCOPE", "TOPICS", "FakeTwitch", "Fault", "memory_net"]
