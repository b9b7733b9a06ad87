"""Addresses of the composite pages. A page module brings its own ``urls`` list."""

from importlib import import_module
from importlib.util import find_spec

PAGES = (
    "health",
    "setup",
    "portal_home",
    "staff_home",
    "figures",
    "tonight",
    "guide",
    "checkup",
    "reports",
    "staff_client",
    "portal_tax",
    "styleguide",
    "messages",
    "settings",
    "modules",
    "queues",
    "rules",
    "activity",
    "list_work",
    "search",
    "help",
    "bell",
    "theme",
    "brand",
    "api_docs",
    "raw_admin",
)

urlpatterns = []
for _page in PAGES:
    if find_spec(f"hostbill.pages.{_page}") is not None:
        urlpatterns += import_module(f"hostbill.pages.{_page}").urls
