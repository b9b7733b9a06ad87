"""Clock work: everything due is found by a query, so whatever was missed is repaired here."""

from datetime import timedelta

from billing.queries.usage import read_metrics
from hostbill.core import clock
from hostbill.core.errors import DriverError, OutcomeUnknown
from hostbill.core.jobs import job
from provisioning.actions.operation import note_doubt
from provisioning.actions.reconcile import compare_server
from provisioning.actions.server import test_server
from provisioning.actions.service import align, create_service
from provisioning.actions.usage import store_usage
from provisioning.models import Operation, Server, Service
from provisioning.options import UNKNOWN_ALERT_MINUTES
from provisioning.queries.panel import read_accounts, read_usage
from provisioning.queries.wanted import unserved_subscriptions

CHUNK = 200


@job("provisioning.align_all", daily_at="03:10")
def align_all(now, report):
    """What is paid for against what exists, one service at a time: whatever an event missed is asked for now."""
    for subscription in unserved_subscriptions().iterator(chunk_size=CHUNK):
        with report.guard(subscription):
            create_service(subscription)
            report.count("created")
    for service in Service.objects.unsettled().order_by("pk").iterator(chunk_size=CHUNK):
        with report.guard(service):
            report.count("asked" if align(service) else "well")


@job("provisioning.end_grace", every=timedelta(hours=1))
def end_grace(now, report):
    """Ended services whose days of grace are over are deleted on their servers."""
    for service in Service.objects.unsettled().filter(terminate_after__lte=now).order_by("pk").iterator(chunk_size=CHUNK):
        with report.guard(service):
            report.count("asked" if align(service) else "waiting")


@job("provisioning.retry_waiting", every=timedelta(minutes=5))
def retry_waiting(now, report):
    """Services that wait for room or for a setting; the oldest first."""
    waiting = Service.objects.filter(state="waiting", wait_reason__in=["servers_full", "setting"])
    for service in waiting.order_by("pk")[:CHUNK]:
        with report.guard(service):
            report.count("asked" if align(service) else "still_waiting")


@job("provisioning.watch_unknown", every=timedelta(minutes=5))
def watch_unknown(now, report):
    """Calls whose outcome is unknown for long: a person should look."""
    since = now - timedelta(minutes=UNKNOWN_ALERT_MINUTES.value)
    for operation in Operation.objects.filter(state="unknown", running_at__lt=since).order_by("pk")[:CHUNK]:
        with report.guard(operation):
            report.count("told" if note_doubt(operation) else "known")


@job("provisioning.test_servers", every=timedelta(minutes=5))
def test_servers(now, report):
    """Does each panel answer? Servers that refuse our login are left alone, or they would lock us out for longer."""
    for server in Server.objects.filter(stopped_since__isnull=True).select_related("module_config").order_by("pk"):
        try:
            test_server(server)
            report.count("well")
        except (DriverError, OutcomeUnknown):
            report.count("problem")


@job("provisioning.sync_usage", daily_at="04:20")
def sync_usage(now, report):
    """One call per server; a sample a day for each service, and what of it is charged by use."""
    metrics = read_metrics()
    for server in _callable_servers():
        try:
            found = read_usage(server)
        except (DriverError, OutcomeUnknown) as error:
            report.failed(server, error)
            continue
        services = server.services.existing().select_related("subscription__account").order_by("pk")
        for service in services.iterator(chunk_size=CHUNK):
            usage = found.get(service.username)
            if usage is None:
                report.count("without_data")
                continue
            with report.guard(service):
                store_usage(service, usage, on=clock.today(), metrics=metrics.get(service.subscription.product_id, ()))
                report.count("stored")


@job("provisioning.compare_accounts", daily_at="03:40")
def compare_accounts(now, report):
    """Each server's accounts against our books. Differences are recorded; nothing on the server is changed."""
    for server in _callable_servers():
        try:
            accounts = read_accounts(server)
        except (DriverError, OutcomeUnknown) as error:
            report.failed(server, error)
            continue
        with report.guard(server):
            for kind, number in compare_server(server, accounts).items():
                report.count(kind, number)


def _callable_servers():
    return Server.objects.filter(stopped_since__isnull=True).select_related("module_config").order_by("pk")
