"""manage.py demo: a small hosting company, ready to be tried. Only in the sandbox."""

import json
import secrets
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clients.actions.user import create_staff, set_password
from clients.models import StaffRole, User
from hostbill.core import rules
from hostbill.core.access import SYSTEM
from hostbill.core.drain import drain
from hostbill.pages import demo_catalogue, demo_options, demo_people, demo_programs, demo_quotes, demo_webhooks

WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbour", "island", "juniper", "kelp", "lantern")
STAFF = (
    ("ingrid.solberg@nordhost.example", "Ingrid Solberg", "owner"),
    ("mette.dahl@nordhost.example", "Mette Dahl", "billing"),
    ("jonas.weber@nordhost.example", "Jonas Weber", "technician"),
)


class Command(BaseCommand):
    """Loads the demo; running it again repairs what is missing and makes no second copy."""

    help = "Load the demo company into a sandbox installation and write its logins to logins.json in the data folder."

    def handle(self, **options):
        if not settings.SANDBOX:
            raise CommandError("The demo is for sandbox installations only (HOSTBILL_SANDBOX=1).")
        sandbox = json.loads(Path(settings.SANDBOX_JSON).read_text())
        password = f"{secrets.choice(WORDS)}-{secrets.choice(WORDS)}-{secrets.randbelow(9000) + 1000}"
        with transaction.atomic():
            demo_catalogue.load(sandbox)
            demo_options.load()
            rules.seed_defaults()
            staff = [self._staff(*row, password) for row in STAFF]
        drain()
        clients = demo_people.load(password)
        demo_quotes.load()
        demo_webhooks.load(sandbox, STAFF[0][0])
        programs = demo_programs.load(staff[0]["email"])
        self._write({"staff": staff[0], "staff_all": staff, "clients": clients, **programs})

    def _staff(self, email, name, role, password) -> dict:
        roles = list(StaffRole.objects.filter(code=role)) or list(StaffRole.objects.filter(code="owner"))
        user = User.objects.filter(email=email).first()
        if user is None:
            create_staff(email, actor=SYSTEM, roles=roles, password=password, name=name)
        else:
            set_password(user, password, actor=SYSTEM)
        return {"email": email, "password": password}

    def _write(self, logins: dict) -> None:
        path = Path(settings.VAR) / "logins.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(logins, indent=1))
