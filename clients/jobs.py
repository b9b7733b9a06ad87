"""The clock of client accounts."""

from clients.actions.merge import lately_merged, sweep_merged
from hostbill.core.jobs import job


@job("clients.sweep_merged", daily_at="03:40")
def sweep_merged_clients(now, report) -> None:
    """What still came to clients who were merged lately follows to the kept ones."""
    for client in lately_merged():
        with report.guard(client):
            sweep_merged(client)
            report.count("looked after")
