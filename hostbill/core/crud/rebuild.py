"""A list without its request: the same rows and columns, as the same person would see them now.

Background work on a list begins here each time, so a right that was taken away meanwhile stops it.
"""

from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, QueryDict
from django.urls import NoReverseMatch, resolve, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hostbill.core import access


@contextmanager
def reader(language: str, time_zone=None):
    """Words and times as the person who asked reads them."""
    with translation.override(language), timezone.override(time_zone or timezone.get_current_timezone()):
        yield


def list_path(work) -> str:
    """The address of its list. Raises PermissionDenied when there is no such list any more."""
    try:
        return reverse(work.list_key, kwargs=work.kwargs)
    except NoReverseMatch as error:
        raise PermissionDenied(_("This list does not exist any more.")) from error


def require_list(actor, work) -> None:
    """Raises PermissionDenied unless this person may still see the list, whose rows the work names."""
    permission = resolve(list_path(work)).func.view_class.permission
    if permission:
        access.require(actor, permission)


def rebuild(work):
    """The list that ``work`` (a row with user, list_key, kwargs and query) was asked on.

    Raises PermissionDenied when the person may not see that list any more, or it does not exist any more."""
    if not work.user.is_active:
        raise PermissionDenied(_("The login is closed."))
    request = HttpRequest()
    request.method, request.user, request.GET = "GET", work.user, QueryDict(work.query)
    request.path = request.path_info = list_path(work)
    request.resolver_match = match = resolve(request.path)
    zone = timezone.get_current_timezone()
    request.actor = access.actor_of(request)
    timezone.activate(zone)  # knowing somebody activates their zone, which is the reader's business here
    view = match.func.view_class()
    view.setup(request, **match.kwargs)
    if request.actor.kind != "staff":
        raise PermissionDenied(_("Only for staff."))
    if view.permission:
        access.require(request.actor, view.permission)
    return view
