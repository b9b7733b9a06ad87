"""Offices that answer about VAT numbers. Ours by name; other packages register through the entry point group
`hostbill.vat_checkers`."""

REGISTRY = {"vies": "billing.vat_checkers.vies.Vies", "hmrc": "billing.vat_checkers.hmrc.Hmrc"}
