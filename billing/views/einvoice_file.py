"""The answer that holds an e-invoice."""

from django.http import HttpResponse

from billing.models import EInvoice


def xml_response(einvoice: EInvoice) -> HttpResponse:
    """The file, to be kept."""
    response = HttpResponse(einvoice.xml.encode(), content_type="application/xml")
    response["Content-Disposition"] = f'attachment; filename="{einvoice.file_name}"'
    return response
