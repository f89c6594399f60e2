"""A rehearsal: a stream chat from a file, so that the show can be seen without an account."""

from __future__ import annotations

from pydantic import BaseModel

from voxelle.contracts.integration import Declaration, Integration, IntegrationPorts
from voxelle.integrations.rehearsal.settings import RehearsalSettings


def create(settings: BaseModel, ports: IntegrationPorts) -> Integration:
    """Build the service; the file is opened by its `run`."""
    from voxelle.integrations.rehearsal.service import RehearsalService

    return RehearsalService(RehearsalSettings.model_validate(settings, from_attributes=True), ports)


declaration = Declaration(
    id="rehearsal",
    title="Rehearsal",
    summary="Plays a lively stream chat from a file, so that you can see her at work without any account.",
    settings_type=RehearsalSettings,
    create=create,
)
