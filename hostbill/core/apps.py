"""App configuration shared by the floor and the four apps: which modules register themselves at start-up."""

from importlib import import_module
from importlib.util import find_spec

import django_countries
from django import apps as django_apps
from django import forms
from django.db.models.signals import post_migrate

#: Modules of an app that register something (events, options, ...) when imported, in the order they may need each other.
REGISTERING_MODULES = (
    "labels",
    "housekeeping",
    "events",
    "options",
    "permissions",
    "kinds",
    "gateways",
    "panels",
    "notices",
    "handlers",
    "senders",
    "jobs",
    "rules",
    "merging",
    "webhooks",
)


class AppConfig(django_apps.AppConfig):
    """Imports the registering modules of the app that exist."""

    default = False
    default_auto_field = "django.db.models.BigAutoField"

    def __init_subclass__(cls, **kwargs):
        """``default = False`` hides this base from Django's search; an app's own configuration must be found."""
        super().__init_subclass__(**kwargs)
        cls.default = True

    def ready(self):
        """Called by Django once every model is loaded."""
        for module in REGISTERING_MODULES:
            path = f"{self.name}.{module}"
            if find_spec(path) is not None:
                import_module(path)


class CoreConfig(AppConfig):
    """The floor: events, outgoing work, jobs, rules, access, mail."""

    default = True
    name = "hostbill.core"
    label = "core"
    verbose_name = "Floor"

    def ready(self):
        """Also: default automation rules appear with the tables, lists of countries are in order in every script, and no text
        field takes signs that turn the direction of writing."""
        super().ready()
        forms.CharField.default_validators = [import_module("hostbill.core.ui.fields").refuse_turning_signs]
        django_countries.sort_key = import_module("hostbill.core.ui.words").country_order
        post_migrate.connect(_seed_rules, sender=self, dispatch_uid="core.seed_rules")


def _seed_rules(**kwargs):
    """Rules that staff changed or removed the activity of stay as they are."""
    import_module("hostbill.core.rules").seed_defaults()
