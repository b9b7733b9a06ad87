"""Automation rules as rows, and the proof of what each has done."""

from django.db import models
from django.utils.translation import gettext

from hostbill.core import clock
from hostbill.core.models.tracked import TrackedModel


class Rule(TrackedModel):
    """When a date (plus or minus days) comes and the conditions hold, run an action with parameters.

    ``conditions``: rows of `core.conditions.Row`."""

    code = models.CharField(max_length=80, unique=True, null=True, help_text="Set on seeded rules.")
    name = models.CharField(max_length=200)
    trigger = models.CharField(max_length=80)
    offset_days = models.SmallIntegerField(default=0, help_text="Days after the date; negative is before.")
    conditions = models.JSONField(default=list, blank=True)
    action = models.CharField(max_length=80)
    params = models.JSONField(default=dict)
    order = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["order", "id"]

    def __str__(self):
        return gettext(self.name) if self.code and self.name else self.name  # the names that HostBill brings are translated


class RuleRun(models.Model):
    """Unique on rule, object and anchor date: a rule acts once, however often it runs."""

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="runs")
    object_id = models.BigIntegerField()
    anchor_on = models.DateField()
    at = models.DateTimeField(default=clock.now)
    outcome = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "object_id", "anchor_on"], name="core_rulerun_once"),
        ]
