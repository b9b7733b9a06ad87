"""Clients, contacts, groups and mails."""

import uuid

from django.utils.timezone import localtime
from phonenumbers import NumberParseException, PhoneNumberFormat, country_code_for_region, format_number, parse

from clients.models import Client, ClientGroup, Contact
from hostbill.core.models import Message
from hostbill.core.ui.words import country_name
from hostbill.whmcs.answers import instant, money
from hostbill.whmcs.currencies import currency_id
from hostbill.whmcs.words import CLIENT_STATUS, PREFERENCES, language_words

_SPACE = uuid.UUID("5e2b4c0e-6c1f-4a57-9d2f-0d6b0b1a7c11")


def group_record(group: ClientGroup) -> dict:
    """A client group."""
    return {
        "id": group.pk,
        "groupname": group.name,
        "groupcolour": "",
        "discountpercent": money(group.discount_percent),
        "susptermexempt": "",
        "separateinvoices": "",
    }


def brief_record(client: Client) -> dict:
    """A row of GetClients."""
    return {
        "id": client.pk,
        "firstname": client.first_name,
        "lastname": client.last_name,
        "companyname": client.company,
        "email": client.email,
        "datecreated": localtime(client.created_at).strftime("%Y-%m-%d"),
        "groupid": client.group_id or 0,
        "status": CLIENT_STATUS[client.status],
    }


def address_record(client: Client) -> dict:
    """Name and place, in all the spellings of GetClientsDetails."""
    code = str(client.country or "")
    calling = country_code_for_region(code) if code else 0
    return {
        "firstname": client.first_name,
        "lastname": client.last_name,
        "fullname": client.person_name or client.company,
        "companyname": client.company,
        "email": client.email,
        "address1": client.address1,
        "address2": client.address2,
        "city": client.city,
        "fullstate": client.state,
        "state": client.state,
        "postcode": client.postcode,
        "countrycode": code,
        "country": code,
        "phonenumber": client.phone,
        "tax_id": client.tax_id,
        "statecode": client.state,
        "countryname": str(country_name(code)) if code else "",
        "phonecc": calling or "",
        "phonenumberformatted": phone_words(client.phone, code),
        "telephoneNumber": phone_words(client.phone, code),
    }


def phone_words(phone: str, country: str) -> str:
    """"+49.30901820", as registrars write it; as it was typed when it is no number."""
    if not phone:
        return ""
    try:
        number = format_number(parse(phone, country or None), PhoneNumberFormat.E164)
    except NumberParseException:
        return phone
    calling = str(parse(phone, country or None).country_code)
    return f"+{calling}.{number[1 + len(calling):]}"


def details_record(client: Client, *, note: str, account, gateway: str, members: list, is_exempt: bool, has_agreed: bool) -> dict:
    """`client` of GetClientsDetails. ``account``: the billing account or None; ``members``: memberships with their users."""
    owner = next((row for row in members if row.is_owner), None)
    signed_in = max((row.user.last_login for row in members if row.user.last_login), default=None)
    return {
        "userid": client.pk,
        "id": client.pk,
        "client_id": client.pk,
        "owner_user_id": owner.user_id if owner else 0,
        "uuid": str(uuid.uuid5(_SPACE, str(client.pk))),
        **address_record(client),
        "email_preferences": {**dict.fromkeys(PREFERENCES, 1), "domain": 0, "affiliate": 0},
        "billingcid": 0,
        "notes": note,
        "currency": currency_id(client.currency),
        "currency_code": client.currency,
        "defaultgateway": gateway,
        "groupid": client.group_id or 0,
        "status": CLIENT_STATUS[client.status],
        "credit": money(account.credit_amount if account else 0),
        "taxexempt": is_exempt,
        "latefeeoveride": False,
        "overideduenotices": False,
        "separateinvoices": bool(account and account.separate_invoices),
        "disableautocc": bool(account and not account.auto_charge),
        "emailoptout": not has_agreed,
        "marketing_emails_opt_in": has_agreed,
        "isOptedInToMarketingEmails": has_agreed,
        "overrideautoclose": False,
        "allowSingleSignOn": 1,
        "email_verified": False,
        "language": language_words(client.language),
        "datecreated": localtime(client.created_at).strftime("%Y-%m-%d"),
        "tax_state": client.state,
        "tax_countrycode": str(client.country or ""),
        "securityqid": 0,
        "securityqans": "",
        "cctype": "",
        "cclastfour": "",
        "gatewayid": "",
        "bankname": "",
        "twofaenabled": False,
        "model": None,
        "lastlogin": f"Date: {instant(signed_in)}" if signed_in else "No Login Logged",
        "customfields": [],
        "users": {"user": [_member(row) for row in members]},
    }


def _member(row) -> dict:
    return {"id": row.user_id, "name": row.user.label, "email": row.user.email, "is_owner": row.is_owner}


def two_names(name: str) -> tuple[str, str]:
    """First and last name of a name that is kept as one: the last word is the last name."""
    first, _space, last = name.strip().rpartition(" ")
    return (first, last) if first else (last, "")


def contact_record(contact: Contact) -> dict:
    """A contact; what WHMCS keeps besides a name, an address and its mails is empty."""
    first, last = two_names(contact.name)
    chosen = {f"{name}emails": int(area in contact.areas) for name, area in PREFERENCES.items()}
    return {
        "id": contact.pk,
        "userid": contact.client_id,
        "firstname": first,
        "lastname": last,
        "companyname": "",
        "email": contact.email,
        "address1": "",
        "address2": "",
        "city": "",
        "state": "",
        "postcode": "",
        "country": "",
        "phonenumber": "",
        "tax_id": "",
        "subaccount": 0,
        "password": "",
        "permissions": "",
        "domainemails": 0,
        **chosen,
        "affiliateemails": 0,
        "pwresetkey": "",
        "created_at": instant(contact.created_at),
        "updated_at": instant(contact.updated_at),
        "pwresetexpiry": "0000-00-00 00:00:00",
    }


def mail_record(message: Message) -> dict:
    """A mail that was written to a client."""
    return {
        "id": message.pk,
        "userid": message.client_id,
        "subject": message.subject,
        "message": message.html,
        "date": instant(message.created_at),
        "to": message.to_email,
        "cc": ", ".join(message.cc_list),
        "bcc": "",
        "attachments": [],
        "pending": int(message.state == Message.State.QUEUED),
        "failed": int(message.state in (Message.State.FAILED, Message.State.BOUNCED)),
        "failure_reason": message.error,
        "attempt_count": int(message.state != Message.State.QUEUED),
    }
