"""manage.py preview --until 2027-03-31 [--client 12] [--option billing.renewal_days_before=30] [--rule 5=10] [--price 3=+10]"""

import json
from datetime import date

from django.core.management.base import BaseCommand, CommandError

from billing.actions.preview import answers, check_day, looked_at
from billing.actions.preview_changes import check_changes
from billing.models import PreviewItem
from billing.queries.preview import summarised
from clients.models import Client
from hostbill.core.errors import AppError
from hostbill.core.scope import scope

SIGNS = {"added": "+", "removed": "-", "changed": "~", "": " "}


class Command(BaseCommand):
    """Tells what automation will do; with changes, what they make different."""

    help = "What automation will do by a day, for one client or all, by the real code. It writes and sends nothing."

    def add_arguments(self, parser):
        parser.add_argument("--until", required=True, help="The last day, such as 2027-03-31.")
        parser.add_argument("--client", help="Number or id of one client.")
        parser.add_argument(
            "--cards", choices=["pay", "refused"], default="pay", help="How saved cards are assumed to do."
        )
        parser.add_argument("--option", action="append", default=[], metavar="KEY=VALUE", help="A setting tried out.")
        parser.add_argument("--rule", action="append", default=[], metavar="ID=DAYS", help="Days of a rule, or ID=off.")
        parser.add_argument(
            "--price", action="append", default=[], metavar="PRODUCT=PERCENT", help="A price tried out."
        )
        parser.add_argument("--summary", action="store_true", help="Figures only.")
        parser.add_argument(
            "--json", action="store_true", help="For programs: a line for each thing, then the figures."
        )

    def handle(self, **options):
        try:
            with scope():
                self.tell(**options)
        except AppError as error:
            raise CommandError(str(error)) from error

    def tell(self, *, until, client, cards, **options):
        """Print slice by slice."""
        day, changes, summary = self.day(until), self.changes(options), {}
        check_day(day)
        check_changes(changes)
        for _count, rows in answers(looked_at(self.client(client)), day, cards=cards, changes=changes):
            summary = summarised(rows, summary)
            for row in () if options["summary"] else rows:
                self.stdout.write(json.dumps(vars(row), default=str) if options["json"] else self.line(row))
        self.stdout.write(json.dumps(summary) if options["json"] else self.figures(summary))

    def day(self, text) -> date:
        """The last one."""
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise CommandError("Give a date such as 2027-03-31.") from None

    def client(self, text):
        """By number or id, or None for all."""
        if not text:
            return None
        rows = (
            Client.objects.filter(pk=text)
            if text.isdecimal() and len(text) < 18
            else Client.objects.filter(number=text)
        )
        if not rows:
            raise CommandError(f"There is no client {text}.")
        return rows[0]

    def changes(self, options) -> dict:
        """Of the command line."""
        found = {"options": self.pairs(options["option"]), "prices": self.pairs(options["price"])}
        rules = self.pairs(options["rule"])
        for pk, days in rules.items():
            if days != "off" and not days.lstrip("-").isdecimal():
                raise CommandError(f"--rule {pk}={days}: days or off.")
        return found | {"rules": {pk: None if days == "off" else int(days) for pk, days in rules.items()}}

    def pairs(self, texts) -> dict:
        """KEY=VALUE."""
        if wrong := next((text for text in texts if "=" not in text), None):
            raise CommandError(f"{wrong}: write KEY=VALUE.")
        return dict(text.split("=", 1) for text in texts)

    def line(self, row) -> str:
        """One thing."""
        money = f"{row.amount:.2f} {row.currency}" if row.amount is not None else ""
        if row.difference == "changed":
            money = f"{row.before_on} {row.before_amount or 0:.2f} -> {money}"
        kind = PreviewItem.Kind(row.kind).label
        return f"{SIGNS[row.difference]} {row.on}  {kind!s:<12} {row.client_id or '':>6}  {money:>16}  {row.label}"

    def figures(self, summary) -> str:
        """Sums."""
        lines = ["" if summary else "Nothing."]
        for name, values in summary.items():
            sums = ", ".join(f"{amount} {key}" for key, amount in values.items() if key != "count")
            lines.append(f"{name}: {values['count']}" + (f" ({sums})" if sums else ""))
        return "\n".join(lines)
