"""EN 16931 in UN/CEFACT CII: what Factur-X and ZUGFeRD carry inside the PDF."""

from datetime import date

from .document import Document, Line, Party, Payment, Tax, TaxGroup
from .nodes import Writer
from .profiles import Profile

_UN = "urn:un:unece:uncefact:data:standard:"
_XML = Writer(
    rsm=f"{_UN}CrossIndustryInvoice:100",
    ram=f"{_UN}ReusableAggregateBusinessInformationEntity:100",
    qdt=f"{_UN}QualifiedDataType:100",
    udt=f"{_UN}UnqualifiedDataType:100",
)
node = _XML.node


def write(document: Document, profile: Profile) -> bytes:
    """The file; credit notes differ by their type code only."""
    return _XML.document(
        node(
            "rsm:CrossIndustryInvoice",
            node(
                "rsm:ExchangedDocumentContext",
                node("ram:BusinessProcessSpecifiedDocumentContextParameter", node("ram:ID", profile.process)),
                node("ram:GuidelineSpecifiedDocumentContextParameter", node("ram:ID", profile.specification)),
            ),
            _head(document),
            node(
                "rsm:SupplyChainTradeTransaction",
                [_line(document, line, index) for index, line in enumerate(document.lines, 1)],
                _agreement(document),
                _delivery(document),
                _settlement(document),
            ),
        )
    )


def _head(doc: Document):
    return node(
        "rsm:ExchangedDocument",
        node("ram:ID", doc.number),
        node("ram:TypeCode", doc.code),
        _day("ram:IssueDateTime", doc.issued_on),
        [node("ram:IncludedNote", node("ram:Content", note)) for note in doc.notes],
    )


def _day(name: str, on: date | None, space: str = "udt"):
    return node(name, node(f"{space}:DateTimeString", f"{on:%Y%m%d}", format="102")) if on else None


def _period(name: str, row):
    return node(name, _day("ram:StartDateTime", row.start), _day("ram:EndDateTime", row.last))


def _agreement(doc: Document):
    return node(
        "ram:ApplicableHeaderTradeAgreement",
        node("ram:BuyerReference", doc.buyer_reference),
        _party("ram:SellerTradeParty", doc.seller, is_seller=True),
        _party("ram:BuyerTradeParty", doc.buyer, is_seller=False),
    )


def _delivery(doc: Document):
    """An element that must be there; the last day served is when it was delivered."""
    event = node("ram:ActualDeliverySupplyChainEvent", _day("ram:OccurrenceDateTime", doc.delivered_on))
    place = node("ram:ShipToTradeParty", node("ram:PostalTradeAddress", node("ram:CountryID", doc.delivered_to)))
    return node("ram:ApplicableHeaderTradeDelivery", place, event)


def _party(name: str, party: Party, *, is_seller: bool):
    endpoint = party.endpoint
    return node(
        name,
        node("ram:ID", party.identifier),
        node("ram:Name", party.name),
        node("ram:SpecifiedLegalOrganization", node("ram:ID", party.register_id)),
        node(
            "ram:DefinedTradeContact",
            node("ram:PersonName", party.contact),
            node("ram:TelephoneUniversalCommunication", node("ram:CompleteNumber", party.phone)),
            node("ram:EmailURIUniversalCommunication", node("ram:URIID", party.email)),
        ),
        _address(party),
        node("ram:URIUniversalCommunication", node("ram:URIID", endpoint.value, schemeID=endpoint.scheme))
        if endpoint
        else None,
        node("ram:SpecifiedTaxRegistration", node("ram:ID", party.vat_id, schemeID="VA")),
        node("ram:SpecifiedTaxRegistration", node("ram:ID", party.tax_number, schemeID="FC")) if is_seller else None,
    )


def _address(party: Party):
    return node(
        "ram:PostalTradeAddress",
        node("ram:PostcodeCode", party.postcode),
        node("ram:LineOne", party.address1),
        node("ram:LineTwo", party.address2),
        node("ram:CityName", party.city),
        node("ram:CountryID", party.country),
        node("ram:CountrySubDivisionName", party.region),
    )


def _settlement(doc: Document):
    return node(
        "ram:ApplicableHeaderTradeSettlement",
        node("ram:PaymentReference", doc.payment.reference) if doc.payment else None,
        node("ram:TaxCurrencyCode", doc.tax_elsewhere[0]) if doc.tax_elsewhere else None,
        node("ram:InvoiceCurrencyCode", doc.currency),
        _payment(doc.payment) if doc.payment else None,
        [_tax_group(doc, group) for group in doc.taxes],
        _period("ram:BillingSpecifiedPeriod", doc),
        [_allowance(doc, row) for row in doc.allowances],
        node(
            "ram:SpecifiedTradePaymentTerms",
            node("ram:Description", doc.terms),
            _day("ram:DueDateDateTime", doc.due_on),
        ),
        _totals(doc),
        [
            node(
                "ram:InvoiceReferencedDocument",
                node("ram:IssuerAssignedID", number),
                _day("ram:FormattedIssueDateTime", on, "qdt"),
            )
            for number, on in doc.preceding
        ],
    )


def _payment(payment: Payment):
    return node(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        node("ram:TypeCode", payment.code),
        node(
            "ram:PayeePartyCreditorFinancialAccount",
            node("ram:IBANID", payment.iban if payment.has_iban else None),
            node("ram:AccountName", payment.holder),
            node("ram:ProprietaryID", None if payment.has_iban else payment.iban),
        )
        if payment.iban
        else None,
        node("ram:PayeeSpecifiedCreditorFinancialInstitution", node("ram:BICID", payment.bic))
        if payment.iban
        else None,
    )


def _tax(name: str, tax: Tax):
    return node(
        name,
        node("ram:TypeCode", "VAT"),
        node("ram:CategoryCode", tax.category),
        node("ram:RateApplicablePercent", tax.rate),
    )


def _tax_group(doc: Document, group: TaxGroup):
    return node(
        "ram:ApplicableTradeTax",
        node("ram:CalculatedAmount", doc.amount(group.amount)),
        node("ram:TypeCode", "VAT"),
        node("ram:ExemptionReason", group.reason),
        node("ram:BasisAmount", doc.amount(group.base)),
        node("ram:CategoryCode", group.tax.category),
        node("ram:ExemptionReasonCode", group.reason_code),
        node("ram:RateApplicablePercent", group.tax.rate),
    )


def _allowance(doc: Document, row):
    return node(
        "ram:SpecifiedTradeAllowanceCharge",
        node("ram:ChargeIndicator", node("udt:Indicator", "false")),
        node("ram:ActualAmount", doc.amount(row.amount)),
        node("ram:ReasonCode", "95"),
        node("ram:Reason", row.reason),
        _tax("ram:CategoryTradeTax", row.tax),
    )


def _totals(doc: Document):
    return node(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        node("ram:LineTotalAmount", doc.amount(doc.lines_net)),
        node("ram:AllowanceTotalAmount", doc.amount(doc.allowed)) if doc.allowances else None,
        node("ram:TaxBasisTotalAmount", doc.amount(doc.net)),
        node("ram:TaxTotalAmount", doc.amount(doc.tax), currencyID=doc.currency),
        _tax_elsewhere(doc),
        node("ram:GrandTotalAmount", doc.amount(doc.gross)),
        node("ram:TotalPrepaidAmount", doc.amount(doc.paid)) if doc.paid else None,
        node("ram:DuePayableAmount", doc.amount(doc.payable)),
    )


def _tax_elsewhere(doc: Document):
    """The tax in the currency of the seller's books."""
    if not doc.tax_elsewhere:
        return None
    currency, amount = doc.tax_elsewhere
    return node("ram:TaxTotalAmount", f"{amount:.2f}", currencyID=currency)


def _line(doc: Document, line: Line, index: int):
    return node(
        "ram:IncludedSupplyChainTradeLineItem",
        node("ram:AssociatedDocumentLineDocument", node("ram:LineID", index)),
        node("ram:SpecifiedTradeProduct", node("ram:Name", line.name)),
        node(
            "ram:SpecifiedLineTradeAgreement",
            node("ram:NetPriceProductTradePrice", node("ram:ChargeAmount", line.price)),
        ),
        node("ram:SpecifiedLineTradeDelivery", node("ram:BilledQuantity", line.quantity, unitCode=line.unit)),
        node(
            "ram:SpecifiedLineTradeSettlement",
            _tax("ram:ApplicableTradeTax", line.tax),
            _period("ram:BillingSpecifiedPeriod", line),
            node(
                "ram:SpecifiedTradeSettlementLineMonetarySummation", node("ram:LineTotalAmount", doc.amount(line.net))
            ),
        ),
    )
