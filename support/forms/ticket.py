"""Forms of tickets."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import User
from hostbill.core.ui.fields import FreeText
from provisioning.models import Service
from support.forms.files import FilesField
from support.models import Department, Ticket

#: Tickets offered on one page.
MOST_OFFERED = 50


def _body(label, rows=8):
    """The text of a message."""
    return FreeText(label=label, max_length=50_000, widget=forms.Textarea(attrs={"rows": rows}))


class TicketForm(forms.Form):
    """A client's question. Departments and services are those the client may name."""

    subject = forms.CharField(label=_("What is it about?"), max_length=200)
    service = forms.ModelChoiceField(Service.objects.none(), label=_("Which service?"), required=False)
    department = forms.ModelChoiceField(Department.objects.none(), label=_("Who should answer?"), empty_label=None)
    body = _body(_("Your message"))
    files = FilesField()

    def __init__(self, *args, client, **kwargs):
        super().__init__(*args, **kwargs)
        departments = Department.objects.open_to_clients()
        self.fields["department"].queryset = departments
        self.fields["service"].queryset = client.services.exclude(state="terminated").order_by("domain")
        self.fields["service"].empty_label = _("None of them")
        if not self.fields["service"].queryset.exists():
            del self.fields["service"]
        first = departments.first()
        if first:
            self.fields["department"].initial = first.pk


class StaffTicketForm(TicketForm):
    """A ticket that staff open for a client."""

    priority = forms.TypedChoiceField(
        label=_("Priority"), choices=Ticket.Priority, coerce=int, initial=Ticket.Priority.NORMAL
    )
    field_order = ["subject", "service", "department", "priority", "body", "files"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["subject"].label = _("Subject")
        self.fields["department"].queryset = Department.objects.filter(is_active=True)
        self.fields["department"].label = _("Department")
        self.fields["body"].label = _("Message to the client")


class ReplyForm(forms.Form):
    """Another message."""

    body = _body(_("Your answer"), rows=6)
    files = FilesField()


class NoteForm(forms.Form):
    """An internal note."""

    body = _body(_("Internal note"), rows=4)
    files = FilesField()


class AssignForm(forms.Form):
    """Who shall answer."""

    user = forms.ModelChoiceField(User.objects.none(), label=_("Hand to"), required=False, empty_label=_("Everybody"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.staff().filter(is_active=True).order_by("name")


class MoveForm(forms.Form):
    """Another department or priority."""

    department = forms.ModelChoiceField(Department.objects.none(), label=_("Department"), empty_label=None)
    priority = forms.TypedChoiceField(label=_("Priority"), choices=Ticket.Priority, coerce=int)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = Department.objects.filter(is_active=True)


class MergeForm(forms.Form):
    """Which tickets of the client go on in this one."""

    tickets = forms.ModelMultipleChoiceField(
        label=_("Tickets of this client"), queryset=Ticket.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, others, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["tickets"]
        field.queryset = others
        field.label_from_instance = lambda ticket: f"{ticket.number}: {ticket.subject}"
        # People choose among the latest, programs by their ids.
        field.widget.choices = [(row.pk, field.label_from_instance(row)) for row in others[:MOST_OFFERED]]


class DepartmentForm(forms.ModelForm):
    """A department."""

    class Meta:
        model = Department
        fields = ["name", "description", "reply_minutes", "is_public", "is_active", "sort"]
