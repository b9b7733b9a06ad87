"""Forms that call one action: create, change, or a single verb with its confirmation."""

from django.contrib import messages
from django.forms import Form
from django.forms.models import ModelForm
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from hostbill.core.access import PortalView, StaffView
from hostbill.core.crud.detail import ObjectMixin, OwnClientMixin
from hostbill.core.crud.history import log_of
from hostbill.core.doors import open_to
from hostbill.core.errors import AppError


def add_error(form, error: AppError) -> None:
    """The refusal beside its field when it names one, else at the top."""
    form.add_error(error.field if error.field in form.fields else None, str(error.message))


class FormPage(ObjectMixin, View):
    """What editing and verbs share."""

    form_class = Form
    title = ""
    explain = ""
    button = gettext_lazy("Save")
    kind = "primary"
    done = gettext_lazy("Saved.")
    crumbs: list = []
    columns = 1
    #: True: only the explanation is shown, without form and button.
    impossible = False
    success_url = ""
    frame = "base/staff.html"
    template_name = "components/edit_page.html"

    def current(self):
        """The object at hand, or None when creating."""
        return self.obj if "pk" in self.kwargs else None

    def get_title(self) -> str:
        """The h1."""
        return self.title

    def get_initial(self) -> dict:
        """First values of the form, for a new object also from the URL (``?client=12``)."""
        return {key: value for key, value in self.request.GET.items() if key in self.form_class.base_fields}

    def form_options(self) -> dict:
        """More keyword arguments for the form."""
        return {}

    def make_form(self, data=None, files=None):
        """The form: a model form gets its object."""
        options = self.form_options()
        if issubclass(self.form_class, ModelForm) and self.current() is not None:
            options["instance"] = self.current()
        return self.form_class(data, files, initial=self.get_initial(), **options)

    def more_context(self) -> dict:
        """More context."""
        return {}

    def show(self, form, status=200):
        """Render the page."""
        obj = self.current()
        context = {
            "view": self,
            "frame": self.frame,
            "form": form,
            "object": obj,
            "page_title": self.get_title(),
            "crumbs": self.trail(),
            "cancel_url": self.back_url(obj),
            "log_url": self.log_url(obj),
            **self.more_context(),
        }
        return render(self.request, self.template_name, context, status=status)

    def trail(self) -> list:
        """Breadcrumb: the class's ``crumbs`` (label, route) and this page."""
        return [(label, reverse(route)) for label, route in self.crumbs] + [(self.get_title(), "")] if self.crumbs else []

    def back_url(self, obj) -> str:
        """Where "Cancel" leads."""
        if obj is not None and hasattr(obj, "get_absolute_url"):
            return obj.get_absolute_url()
        return reverse(self.crumbs[-1][1]) if self.crumbs else ""

    def log_url(self, obj) -> str:
        """Where the acts on the object are, for a noun that has no page but this one."""
        return ""

    def after_url(self, result) -> str:
        """Where success leads: ``success_url`` (a route), else the object's page."""
        if self.success_url:
            return reverse(self.success_url)
        target = result if hasattr(result, "get_absolute_url") else self.current()
        return target.get_absolute_url() if hasattr(target, "get_absolute_url") else self.request.path

    def get(self, request, *args, **kwargs):
        """The empty or filled form; an object out of reach is 404 before anything else."""
        self.current()
        return self.show(self.make_form())

    def post(self, request, *args, **kwargs):
        """Validate, call the action, go on; a refusal stays on the page with everything typed."""
        self.current()
        form = self.make_form(request.POST, request.FILES or None)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            result = self.act(dict(form.cleaned_data))
        except AppError as error:
            add_error(form, error)
            return self.show(form, status=422)
        if self.done:
            messages.success(request, self.done)
        return HttpResponseRedirect(self.after_url(result))

    def act(self, values: dict):
        """Call the action and return what it returns."""
        raise NotImplementedError


class EditView(FormPage):
    """Create without a pk in the URL, change with one."""

    create_action = None
    update_action = None

    def get_title(self):
        obj = self.current()
        noun = self.title or self.model._meta.verbose_name
        return str(obj) if obj is not None else _("New: %(noun)s") % {"noun": noun}

    def get_initial(self):
        obj = self.current()
        if obj is None or issubclass(self.form_class, ModelForm):
            return super().get_initial() if obj is None else {}
        return {name: getattr(obj, name) for name in self.form_class.base_fields if hasattr(obj, name)}

    def act(self, values):
        if "pk" not in self.kwargs:
            return self.create_action(**values, actor=self.request.actor)
        # Fresh: validation of a model form has already written into the instance it was given.
        return self.update_action(self.get_queryset().get(pk=self.obj.pk), **values, actor=self.request.actor)


class VerbView(FormPage):
    """GET asks, POST acts. ``type_word(obj)``: what must be typed where nothing can be undone."""

    action = None
    button = gettext_lazy("Do it")
    done = gettext_lazy("Done.")
    template_name = "components/verb_page.html"

    def type_word(self, obj) -> str:
        """Empty: no typing asked."""
        return ""

    def act(self, values):
        return self.action(self.obj, **values, actor=self.request.actor)

    def more_context(self):
        return {"type_word": self.type_word(self.obj)}

    def post(self, request, *args, **kwargs):
        """As FormPage, after the word was typed."""
        word = self.type_word(self.obj)
        if word and request.POST.get("typed", "").strip() != word:
            form = self.make_form(request.POST)
            form.full_clean()
            form.add_error(None, _("Type %(word)s to confirm.") % {"word": word})
            return self.show(form, status=422)
        return super().post(request, *args, **kwargs)


class StaffEditView(StaffView, EditView):
    """Create or change in the console."""

    def log_url(self, obj):
        return log_of(self.request.actor, obj)


class StaffVerbView(StaffView, VerbView):
    """One act in the console; the breadcrumb says on what."""

    def trail(self) -> list:
        """The class's ``crumbs``, else the object's page; then the act."""
        obj = self.current()
        if self.crumbs or obj is None:
            return super().trail()
        url = open_to(self.request.actor, obj.get_absolute_url()) if hasattr(obj, "get_absolute_url") else ""
        return [(self.name_of(obj), url), (self.get_title(), "")]

    def name_of(self, obj) -> str:
        """What the breadcrumb calls the object."""
        return str(obj)


class PortalEditView(PortalView, OwnClientMixin, EditView):
    """Create or change in the client area."""

    frame = "base/portal.html"


class PortalVerbView(PortalView, OwnClientMixin, VerbView):
    """One act in the client area."""

    frame = "base/portal.html"

    def trail(self) -> list:
        """The class's ``crumbs``, else from where it was come: the page says what the act is about."""
        obj = self.current()
        url = self.back_url(obj) if obj is not None and not self.crumbs else ""
        return [(str(obj), url), (self.get_title(), "")] if url else super().trail()
