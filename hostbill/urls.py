"""All addresses. Each app brings store, portal, staff and hooks parts; the roof brings the composite pages."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import include, path

from hostbill.core.api.nouns import PREFIX
from hostbill.core.api.routes import routes

APPS = ("clients", "billing", "provisioning", "support")


def _part(app, part, prefix):
    """The part's routes when the app has it. Namespaces: billing_portal, provisioning_staff, ...; the shop is `store`."""
    module = f"{app}.urls.{part}"
    if find_spec(f"{app}.urls") is None or find_spec(module) is None:
        return []
    namespace = "store" if part == "store" else f"{app}_{part}"
    return [path(prefix, include((module, namespace), namespace=namespace))]


urlpatterns = [
    path("", include("hostbill.pages.urls")),
    path("", include("hostbill.whmcs.urls")),
    path("auth/", include("allauth.urls")),
]
for _app in APPS:
    urlpatterns += _part(_app, "store", "")
    urlpatterns += _part(_app, "portal", "account/")
    urlpatterns += _part(_app, "staff", "staff/")
    urlpatterns += _part(_app, "hooks", "hooks/")

_api = [import_module(module) for module in (*(f"{app}.api" for app in APPS), "hostbill.pages.api")]
_plain = [address for module in _api for address in getattr(module, "ADDRESSES", ())]
_nouns, _mine = ([noun for module in _api for noun in getattr(module, name, ())] for name in ("NOUNS", "CLIENT_NOUNS"))
urlpatterns.append(path(PREFIX, include((routes(_nouns, urlpatterns, _mine, _plain), "api"))))

handler400 = "hostbill.pages.errors.bad_request"
handler403 = "hostbill.pages.errors.forbidden"
handler404 = "hostbill.pages.errors.not_found"
handler500 = "hostbill.pages.errors.server_error"
