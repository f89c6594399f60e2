"""The panel of the VTube Studio connection."""

from voxelle.ui.pages.connections.vtube_studio.panel import VTubeStudioPanel

__all__ = ["VTubeStudioPanel"]
