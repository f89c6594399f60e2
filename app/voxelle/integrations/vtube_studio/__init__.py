"""VTube Studio: her face shows what she says, over its plugin API (https://github.com/DenchiSoft/VTubeStudio)."""

from __future__ import annotations

from pydantic import BaseModel

from voxelle.contracts.integration import Declaration, Integration, IntegrationPorts
from voxelle.integrations.vtube_studio.actions import ACTIONS
from voxelle.integrations.vtube_studio.settings import VTubeStudioSettings


def create(settings: BaseModel, ports: IntegrationPorts) -> Integration:
    """Build the service; the line is opened by its `run`."""
    from voxelle.integrations.vtube_studio.service import VTubeStudioService

    return VTubeStudioService(VTubeStudioSettings.model_validate(settings, from_attributes=True), ports)


declaration = Declaration(
    id="vtube_studio",
    title="VTube Studio",
    summary="Moves her model's mouth with what she is really saying, and shows in its face what she feels.",
    settings_type=VTubeStudioSettings,
    create=create,
    actions=ACTIONS,
    icon="vtube_studio",
)
