"""Alerting and recording rules: data from `config/alerts`, typed, completed, written for Prometheus."""

from model.rules.groups import RuleGroup, rule_files, rule_groups

__all__ = ["RuleGroup", "rule_files", "rule_groups"]
