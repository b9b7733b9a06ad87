"""`python -m hostbill.sandbox.mail --smtp-port P1 --port P2 --state DIR`"""

import threading

from hostbill.sandbox.mail.app import MailApp
from hostbill.sandbox.mail.smtp import SmtpServer
from hostbill.sandbox.server import parser, run


def main() -> None:
    arguments = parser("mail", 8725)
    arguments.add_argument("--smtp-port", type=int, default=2525)
    given = arguments.parse_args()
    app = MailApp(given.state)
    smtp = SmtpServer(given.host, given.smtp_port, app.deliver, app.fault)
    threading.Thread(target=smtp.serve_forever, daemon=True, name="smtp").start()
    print(f"mail sandbox takes SMTP on {given.host}:{smtp.server_address[1]}", flush=True)
    run(app, given.host, given.port, given.cert, given.key)


if __name__ == "__main__":
    main()
