"""What an order comes to, as JSON."""

from hostbill.core.api.fields import KINDS, decimal, money
from hostbill.core.api.represent import related
from hostbill.core.money import Money

_MONEY = {"$ref": "#/components/schemas/Money"}
_DAY = {"type": ["string", "null"], "format": "date"}


def _object(**parts) -> dict:
    return {"type": "object", "properties": parts, "required": list(parts)}


def _list(**parts) -> dict:
    return {"type": "array", "items": _object(**parts)}


#: The shape of `told_sum`.
SUM = _object(
    currency={"type": "string"},
    net=_MONEY,
    tax=_MONEY,
    total=_MONEY,
    lines=_list(product={"$ref": "#/components/schemas/Related"}, label={"type": "string"}, cycle={"type": "string"},
                quantity={"type": "integer"}, unit=_MONEY, setup=_MONEY, today=_MONEY, recurring=_MONEY, renews_on=_DAY,
                problem={"type": "string"}),
    taxes=_list(name={"type": "string"}, percent=KINDS["decimal"].schema, net=_MONEY, tax=_MONEY),
    codes=_list(code={"type": "string"}, refusal={"type": "string"}),
    renewals=_list(on=_DAY, net=_MONEY, total=_MONEY),
)  # fmt: skip


def told_sum(found, audience: str = "staff") -> dict:
    """The priced quote; amounts before tax unless they say total."""
    currency = found.currency
    lines = [
        {"product": related(line.product, audience), "label": line.label, "cycle": line.cycle, "quantity": line.quantity,
         "unit": money(line.unit), "setup": money(line.setup), "today": money(line.today), "recurring": money(line.recurring),
         "renews_on": line.renews_on and line.renews_on.isoformat(), "problem": str(line.problem)}
        for line in found.lines
    ]  # fmt: skip
    taxes = [
        {"name": str(row.name), "percent": decimal(row.percent), "net": money(Money(row.net, currency)),
         "tax": money(Money(row.tax, currency))}
        for row in found.taxes
    ]  # fmt: skip
    return {
        "currency": currency,
        "net": money(found.net),
        "tax": money(found.tax),
        "total": money(found.total),
        "lines": lines,
        "taxes": taxes,
        "codes": [{"code": code.text, "refusal": str(code.refusal)} for code in found.codes],
        "renewals": [{"on": row.on.isoformat(), "net": money(row.net), "total": money(row.total)} for row in found.renewals],
    }
