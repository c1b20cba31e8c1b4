"""What an update does to what holds data: a judgement of old inputs against new ones."""

from model.transitions.finding import Change, Finding, Step, is_acknowledged, is_refused
from model.transitions.judge import judge
from model.transitions.report import told

__all__ = ["Change", "Finding", "Step", "is_acknowledged", "is_refused", "judge", "told"]
