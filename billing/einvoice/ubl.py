"""EN 16931 in UBL 2.1: what Peppol and XRechnung carry."""

from .document import Document, Line, Party, Payment, Tax, TaxGroup
from .nodes import Writer
from .profiles import Profile

_OASIS = "urn:oasis:names:specification:ubl:schema:xsd:"
_XML = Writer(
    ubl=f"{_OASIS}Invoice-2",
    cn=f"{_OASIS}CreditNote-2",
    cac=f"{_OASIS}CommonAggregateComponents-2",
    cbc=f"{_OASIS}CommonBasicComponents-2",
)
node = _XML.node


def write(document: Document, profile: Profile) -> bytes:
    """The file. A credit note has a root of its own."""
    kind = "CreditNote" if document.is_credit_note else "Invoice"
    root = "cn:CreditNote" if document.is_credit_note else "ubl:Invoice"
    return _XML.document(node(root, _head(document, profile, kind), _parties(document), _money(document, kind)))


def _head(doc: Document, profile: Profile, kind: str) -> list:
    code = node(f"cbc:{kind}TypeCode", doc.code)
    return [
        node("cbc:CustomizationID", profile.specification),
        node("cbc:ProfileID", profile.process),
        node("cbc:ID", doc.number),
        node("cbc:IssueDate", doc.issued_on),
        None if doc.is_credit_note else node("cbc:DueDate", doc.due_on),
        code,
        node("cbc:Note", "\n".join(doc.notes)),
        node("cbc:DocumentCurrencyCode", doc.currency),
        node("cbc:TaxCurrencyCode", doc.tax_elsewhere[0]) if doc.tax_elsewhere else None,
        node("cbc:BuyerReference", doc.buyer_reference),
        _period(doc),
        [
            node(
                "cac:BillingReference",
                node("cac:InvoiceDocumentReference", node("cbc:ID", number), node("cbc:IssueDate", on)),
            )
            for number, on in doc.preceding
        ],
    ]


def _period(row):
    return node("cac:InvoicePeriod", node("cbc:StartDate", row.start), node("cbc:EndDate", row.last))


def _parties(doc: Document) -> list:
    return [
        node("cac:AccountingSupplierParty", _party(doc.seller, is_seller=True)),
        node("cac:AccountingCustomerParty", _party(doc.buyer, is_seller=False)),
        _delivery(doc),
    ]


def _delivery(doc: Document):
    place = node("cac:Address", node("cac:Country", node("cbc:IdentificationCode", doc.delivered_to)))
    return node(
        "cac:Delivery", node("cbc:ActualDeliveryDate", doc.delivered_on), node("cac:DeliveryLocation", place)
    )


def _party(party: Party, *, is_seller: bool):
    scheme = {"schemeID": party.endpoint.scheme} if party.endpoint else {}
    return node(
        "cac:Party",
        node("cbc:EndpointID", party.endpoint.value, **scheme) if party.endpoint else None,
        node("cac:PartyIdentification", node("cbc:ID", party.identifier)),
        _address(party),
        _tax_scheme(party.vat_id, "VAT"),
        _tax_scheme(party.tax_number, "FC") if is_seller else None,
        node(
            "cac:PartyLegalEntity", node("cbc:RegistrationName", party.name), node("cbc:CompanyID", party.register_id)
        ),
        node(
            "cac:Contact",
            node("cbc:Name", party.contact),
            node("cbc:Telephone", party.phone),
            node("cbc:ElectronicMail", party.email),
        ),
    )


def _address(party: Party):
    return node(
        "cac:PostalAddress",
        node("cbc:StreetName", party.address1),
        node("cbc:AdditionalStreetName", party.address2),
        node("cbc:CityName", party.city),
        node("cbc:PostalZone", party.postcode),
        node("cbc:CountrySubentity", party.region),
        node("cac:Country", node("cbc:IdentificationCode", party.country)),
    )


def _tax_scheme(number: str, scheme: str):
    if not number:
        return None
    return node("cac:PartyTaxScheme", node("cbc:CompanyID", number), node("cac:TaxScheme", node("cbc:ID", scheme)))


def _money(doc: Document, kind: str) -> list:
    return [
        _payment(doc, doc.payment) if doc.payment else None,
        node("cac:PaymentTerms", node("cbc:Note", doc.terms)),
        [_allowance(doc, row) for row in doc.allowances],
        node("cac:TaxTotal", _amount(doc, "TaxAmount", doc.tax), [_tax_group(doc, group) for group in doc.taxes]),
        _tax_elsewhere(doc),
        _totals(doc),
        [_line(doc, line, index, kind) for index, line in enumerate(doc.lines, 1)],
    ]


def _tax_elsewhere(doc: Document):
    """The tax in the currency of the seller's books."""
    if not doc.tax_elsewhere:
        return None
    currency, amount = doc.tax_elsewhere
    return node("cac:TaxTotal", node("cbc:TaxAmount", f"{amount:.2f}", currencyID=currency))


def _amount(doc: Document, name: str, value):
    return node(f"cbc:{name}", doc.amount(value), currencyID=doc.currency)


def _payment(doc: Document, payment: Payment):
    branch = node("cac:FinancialInstitutionBranch", node("cbc:ID", payment.bic))
    return node(
        "cac:PaymentMeans",
        node("cbc:PaymentMeansCode", payment.code),
        node("cbc:PaymentDueDate", doc.due_on) if doc.is_credit_note else None,
        node("cbc:PaymentID", payment.reference),
        node("cac:PayeeFinancialAccount", node("cbc:ID", payment.iban), node("cbc:Name", payment.holder), branch)
        if payment.iban
        else None,
    )


def _category(name: str, tax: Tax, *reasons):
    scheme = node("cac:TaxScheme", node("cbc:ID", "VAT"))
    return node(f"cac:{name}", node("cbc:ID", tax.category), node("cbc:Percent", tax.rate), *reasons, scheme)


def _allowance(doc: Document, row):
    return node(
        "cac:AllowanceCharge",
        node("cbc:ChargeIndicator", "false"),
        node("cbc:AllowanceChargeReasonCode", "95"),
        node("cbc:AllowanceChargeReason", row.reason),
        _amount(doc, "Amount", row.amount),
        _category("TaxCategory", row.tax),
    )


def _tax_group(doc: Document, group: TaxGroup):
    reasons = (
        node("cbc:TaxExemptionReasonCode", group.reason_code),
        node("cbc:TaxExemptionReason", group.reason),
    )
    return node(
        "cac:TaxSubtotal",
        _amount(doc, "TaxableAmount", group.base),
        _amount(doc, "TaxAmount", group.amount),
        _category("TaxCategory", group.tax, *reasons),
    )


def _totals(doc: Document):
    return node(
        "cac:LegalMonetaryTotal",
        _amount(doc, "LineExtensionAmount", doc.lines_net),
        _amount(doc, "TaxExclusiveAmount", doc.net),
        _amount(doc, "TaxInclusiveAmount", doc.gross),
        _amount(doc, "AllowanceTotalAmount", doc.allowed) if doc.allowances else None,
        _amount(doc, "PrepaidAmount", doc.paid) if doc.paid else None,
        _amount(doc, "PayableAmount", doc.payable),
    )


def _line(doc: Document, line: Line, index: int, kind: str):
    quantity = "CreditedQuantity" if doc.is_credit_note else "InvoicedQuantity"
    return node(
        f"cac:{kind}Line",
        node("cbc:ID", index),
        node(f"cbc:{quantity}", line.quantity, unitCode=line.unit),
        _amount(doc, "LineExtensionAmount", line.net),
        _period(line),
        node("cac:Item", node("cbc:Name", line.name), _category("ClassifiedTaxCategory", line.tax)),
        node("cac:Price", node("cbc:PriceAmount", line.price, currencyID=doc.currency)),
    )
