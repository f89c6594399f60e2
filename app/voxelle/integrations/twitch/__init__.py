"""Twitch: she reads the chat, hears what happens on the channel, and writes if she may."""

from __future__ import annotations

from pydantic import BaseModel

from voxelle.contracts.integration import Declaration, Integration, IntegrationPorts
from voxelle.integrations.twitch.actions import ACTIONS
from voxelle.integrations.twitch.settings import TwitchSettings


def create(settings: BaseModel, ports: IntegrationPorts) -> Integration:
    """Build the service; the line is opened by its `run`."""
    from voxelle.integrations.twitch.service import TwitchService

    return TwitchService(TwitchSettings.model_validate(settings, from_attributes=True), ports)


declaration = Declaration(
    id="twitch",
    title="Twitch",
    summary="She reads the chat, hears of follows, subscriptions, bits and raids, and writes answers if you let her.",
    settings_type=TwitchSettings,
    create=create,
    actions=ACTIONS,
    icon="twitch",
)
