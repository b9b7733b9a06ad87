"""One mail to one SMTP server, in such steps that it is known from which byte on it may have been accepted: the final dot.

A server that has not seen the dot keeps nothing (RFC 5321, 4.1.1.4), so everything before it may be tried again freely.
"""

import re
import smtplib
from collections.abc import Callable

#: Lines that begin with a dot get another one, so that none looks like the end.
DOTS = re.compile(rb"^\.", re.MULTILINE)
OK, GO_ON = 250, 354


def hand_over(smtp: smtplib.SMTP, sender: str, recipients: list[str], raw: bytes, *, before_dot: Callable[[], None]) -> None:
    """Envelope, text, ``before_dot()``, dot. Returns when the server has said yes.

    Recipients that are refused are left out as long as one is taken. Whatever is raised before ``before_dot`` is called
    means that nothing was accepted; afterwards only SMTPDataError does.
    Raises SMTPSenderRefused, SMTPRecipientsRefused, SMTPDataError, SMTPServerDisconnected, OSError.
    """
    smtp.ehlo_or_helo_if_needed()
    _envelope(smtp, sender, recipients, len(raw))
    _expect(smtp.docmd("DATA"), GO_ON)
    smtp.send(DOTS.sub(b"..", raw if raw.endswith(b"\r\n") else raw + b"\r\n"))
    before_dot()
    smtp.send(b".\r\n")
    _expect(smtp.getreply(), OK)


def _envelope(smtp: smtplib.SMTP, sender: str, recipients: list[str], size: int) -> None:
    code, text = smtp.mail(sender, [f"size={size}"] if smtp.has_extn("size") else [])
    if code != OK:
        raise smtplib.SMTPSenderRefused(code, text, sender)
    answers = {address: smtp.rcpt(address) for address in recipients}
    refused = {address: answer for address, answer in answers.items() if answer[0] not in (250, 251)}
    if len(refused) == len(answers):
        raise smtplib.SMTPRecipientsRefused(refused)


def _expect(answer: tuple[int, bytes], code: int) -> None:
    if answer[0] != code:
        raise smtplib.SMTPDataError(*answer)
