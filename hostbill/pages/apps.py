"""Composite pages: the only code that may look at all apps."""

from hostbill.core import apps


class PagesConfig(apps.AppConfig):
    """Home pages, search, health, set-up."""

    default = True
    name = "hostbill.pages"
    label = "pages"
