"""The floor's own clock work: the rules engine and the pruning of what nobody needs any more."""

from datetime import timedelta

from django.contrib.sessions.models import Session

from hostbill.core import rules
from hostbill.core.crud import bulk, exporting
from hostbill.core.jobs import job
from hostbill.core.models import (
    BulkRow,
    BulkRun,
    Delivery,
    Event,
    Export,
    IdempotencyKey,
    JobRun,
    Outgoing,
    WebhookDelivery,
)
from hostbill.core.models.idempotency import KEPT as KEYS_KEPT
from hostbill.core.webhooks import turns
from hostbill.core.webhooks.options import KEEP_DAYS

KEEP = timedelta(days=90)
PRUNE_CHUNK = 20_000
#: Outgoing rows that say nothing any more once they are done.
FORGOTTEN_KINDS = ("core.message", exporting.OUTGOING_KIND, bulk.OUTGOING_KIND, turns.KIND)


@job("core.run_rules", daily_at="05:00", foretold=True)
def run_rules(now, report) -> None:
    """Reminders, suspensions, terminations, ticket closing: whatever the rules say for today."""
    rules.run_rules(now, report)


@job("core.prune", daily_at="01:15")
def prune(now, report) -> None:
    """Forget finished machinery rows after 90 days; business rows and the audit log stay for ever."""
    old = now - KEEP
    _delete(Delivery.objects.filter(state=Delivery.State.DONE, done_at__lt=old), "deliveries", report)
    _delete(Event.objects.filter(created_at__lt=old, deliveries=None), "events", report)
    _delete(JobRun.objects.filter(slot__lt=old), "job runs", report)
    _delete(
        Outgoing.objects.filter(state=Outgoing.State.DONE, finished_at__lt=old, kind__in=FORGOTTEN_KINDS), "sent", report
    )
    _delete(BulkRow.objects.filter(run__created_at__lt=old), "rows of bulk runs", report)
    _delete(BulkRun.objects.filter(created_at__lt=old, rows=None), "bulk runs", report)
    _delete(Export.objects.filter(created_at__lt=old), "exports", report)
    _delete(IdempotencyKey.objects.filter(created_at__lt=now - KEYS_KEPT), "keys of the API", report)
    sent = WebhookDelivery.objects.filter(created_at__lt=now - timedelta(days=KEEP_DAYS.value))
    _delete(sent.filter(state__in=[turns.State.DONE, turns.State.FAILED]), "webhook deliveries", report)
    _delete(Session.objects.filter(expire_date__lt=now), "sessions", report)


@job("core.forget_exports", daily_at="01:05")
def forget_exports(now, report) -> None:
    """Files made from lists are kept for the days that the setting says."""
    count = exporting.forget_old(now)
    if count:
        report.count("files", count)


def _delete(queryset, name, report) -> None:
    ids = list(queryset.values_list("pk", flat=True)[:PRUNE_CHUNK])
    if ids:
        queryset.model.objects.filter(pk__in=ids).delete()
        report.count(name, len(ids))
