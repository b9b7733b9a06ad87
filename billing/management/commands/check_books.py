"""manage.py check_books: verify the books; exits 1 and names the rows when something is wrong."""

import json
import sys

from django.core.management.base import BaseCommand

from billing.queries.books import CHECKS, verify


class Command(BaseCommand):
    """Read-only."""

    help = "Verify every invariant of the books: ledger, invoices, payments, numbers, periods."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print findings as JSON")

    def handle(self, *args, **options):
        findings = verify()
        if options["json"]:
            self.stdout.write(json.dumps(_as_dict(findings), default=str, indent=2))
        else:
            self._print(findings)
        if findings:
            sys.exit(1)

    def _print(self, findings):
        for finding in findings:
            self.stdout.write(self.style.ERROR(f"BROKEN {finding.check}: {finding.meaning}"))
            for row in finding.rows:
                self.stdout.write("  " + ", ".join(f"{name}={value}" for name, value in row.items()))
        if not findings:
            self.stdout.write(self.style.SUCCESS(f"The books are in order ({len(CHECKS) + 1} checks)."))


def _as_dict(findings) -> dict:
    return {
        "ok": not findings,
        "findings": [{"check": f.check, "meaning": f.meaning, "rows": f.rows} for f in findings],
    }
