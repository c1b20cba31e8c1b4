"""Alerting and recording rules: data from `config/alerts`, typed, completed, written for Prometheus."""

from model.rules.groups import rule_files, rule_groups
from model.rules.shapes import RuleGroup

__all__ = ["RuleGroup", "rule_files", "rule_groups"]
