"""Merging two clients in the console: choose whom to keep, look at both, confirm by the number of the one that goes."""

from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from clients.actions.merge import MERGE, look_ahead, merge_clients
from clients.actions.merge_plan import comparison
from clients.forms.merge import MergeForm
from clients.models import Client
from clients.queries.find import find_clients
from hostbill.core.crud import StaffVerbView


class ClientMerge(StaffVerbView):
    """Of the client that goes. `?into=` names the one to keep; without it the page asks for whom."""

    model = Client
    permission = MERGE
    title = _("Merge into another client")
    button = _("Merge for good")
    kind = "danger"
    form_class = MergeForm
    template_name = "clients/staff/client/merge.html"
    action = staticmethod(merge_clients)
    done = _("The clients are one now.")

    @cached_property
    def into(self) -> Client | None:
        """The client to keep, if this person may see one by that number."""
        text = self.request.POST.get("into") or self.request.GET.get("into", "")
        return self.known().filter(pk=int(text)).first() if text.isdecimal() and len(text) < 18 else None

    def known(self):
        """Those that may be chosen."""
        return Client.objects.visible_to(self.request.actor)

    def form_options(self):
        """Among those that one may see."""
        return {"clients": self.known()}

    def type_word(self, obj):
        """The number of what is gone afterwards."""
        return obj.number

    def get(self, request, *args, **kwargs):
        """First into whom."""
        self.current()
        return super().get(request, *args, **kwargs) if self.into else self.choose()

    def post(self, request, *args, **kwargs):
        """Without a client to keep it is asked for again."""
        self.current()
        return super().post(request, *args, **kwargs) if self.into else self.choose(status=422)

    def choose(self, status=200):
        """A search that also works without script."""
        text = self.request.GET.get("find", "")
        found = [client for client in find_clients(text, self.request.actor) if client.pk != self.obj.pk]
        context = {
            "page_title": _now("Merge %(client)s into another client") % {"client": self.obj.number},
            "gone": self.obj,
            "text": text,
            "found": found,
            "prompt": _now("Newest clients") if not text.strip() else _now("Clients that fit"),
        }
        return render(self.request, "clients/staff/client/merge_choose.html", context, status=status)

    def get_title(self):
        """Who goes where."""
        return _now("Merge %(gone)s into %(kept)s") % {"gone": self.obj.number, "kept": self.into.number if self.into else "…"}

    def more_context(self):
        """Both side by side, and what would happen."""
        outlook = look_ahead(self.into, self.obj)
        return {
            **super().more_context(),
            "gone": self.obj,
            "kept": self.into,
            "rows": comparison(self.into, self.obj, self.request.actor),
            "outlook": outlook,
        }
