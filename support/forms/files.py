"""A form field for several files."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hostbill.core.errors import AppError
from support.actions.attachment import check_upload
from support.kinds import TYPES


class FilesInput(forms.FileInput):
    """A file input that takes several."""

    allow_multiple_selected = True

    def value_from_datadict(self, data, files, name):
        """All of them, as a list."""
        return files.getlist(name) if hasattr(files, "getlist") else []


class FilesField(forms.FileField):
    """Cleans to a list of checked uploads; never required."""

    def __init__(self, **kwargs):
        accepted = ",".join(f".{extension}" for extension in sorted(TYPES))
        kwargs.setdefault("label", _("Files"))
        kwargs.setdefault("help_text", _("Pictures, PDF, text or ZIP; at most five."))
        super().__init__(required=False, widget=FilesInput(attrs={"accept": accepted, "multiple": True}), **kwargs)

    def clean(self, data, initial=None):
        """Every file on its own, so that the error names the one that is wrong."""
        uploads = [super(FilesField, self).clean(item, initial) for item in (data or [])]
        for upload in uploads:
            try:
                check_upload(upload)
            except AppError as error:
                raise forms.ValidationError(error.message) from error
        return uploads
