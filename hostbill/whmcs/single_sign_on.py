"""The page behind a sign-in link."""

from django.contrib.auth import login
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from clients.actions.session import record_sign_in
from clients.actions.single_sign_on import use_ticket
from clients.queries.actor import SESSION_KEY

BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
@require_GET
def single_sign_on(request, ticket):
    """Sign in and go on; a link that is used or too old leads to the usual sign-in."""
    found = use_ticket(ticket)
    if found is None:
        return redirect("account_login")
    user, client, path = found
    request.session.flush()  # nothing of whoever sat here before
    login(request, user, backend=BACKEND)
    request.session[SESSION_KEY] = client.pk
    record_sign_in(user, ip=request.META.get("REMOTE_ADDR"))
    return HttpResponseRedirect(path)
