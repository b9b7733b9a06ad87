"""Composite pages: the only code that may look at all apps."""

from hostbill import celery
from hostbill.core import apps


class PagesConfig(apps.AppConfig):
    """Home pages, search, health, set-up."""

    default = True
    name = "hostbill.pages"
    label = "pages"
    #: Named here so that every process that starts Django has it: the floor publishes through Celery's current app.
    celery_app = celery.app
