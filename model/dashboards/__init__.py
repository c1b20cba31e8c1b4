"""The seven dashboards: written once as values, completed for a stack, judged, and turned into JSON."""

from model.dashboards.build import BOARDS, dashboards

__all__ = ["BOARDS", "dashboards"]
