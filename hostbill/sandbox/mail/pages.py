"""The pages for people."""

from datetime import datetime
from html import escape
from pathlib import Path

from hostbill.sandbox.server import Answer

ALLOWED = "allow-popups allow-popups-to-escape-sandbox"
STYLE = Path(__file__).parent / "style.css"
START = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"></head><body>
<header><a href="/" class="name">Mail sandbox</a><span>Every mail HostBill sends arrives here and goes no further.</span></header><main>"""


def _page(title: str, content: str, status: int = 200) -> Answer:
    return Answer.html(START.format(title=escape(title)) + content + "</main></body></html>", status)


def not_found() -> Answer:
    return _page("Not found", '<h1>There is no such message</h1><p><a href="/">All mail</a></p>', 404)


def _when(at: str) -> str:
    moment = datetime.fromisoformat(at)
    return f'<time datetime="{escape(at)}">{moment:%d %b %Y, %H:%M:%S} UTC</time>'


def _copies(row: dict) -> str:
    """Said only when it was delivered more than once: the mailbox shows one of them."""
    copies = row.get("copies", 1)
    return f'<span class="copies">delivered {copies} times, shown once</span>' if copies > 1 else ""


def listing(rows: list[dict], query: dict) -> Answer:
    entries = "".join(
        f"""<li><a href="/messages/{row["id"]}"><span class="subject">{escape(row["subject"]) or "(no subject)"}</span>
<span class="who">to {escape(", ".join(row["recipients"]))}</span> {_when(row["at"])} {_copies(row)}</a></li>"""
        for row in rows[:300]
    )
    searched = bool(query.get("to") or query.get("subject"))
    nothing = "No mail matches." if searched else "No mail yet. It appears here as soon as something is sent."
    found = f'<ul class="mails">{entries}</ul>' if rows else f'<p class="empty">{nothing}</p>'
    return _page(
        "Mail sandbox",
        f"""<h1>Mail <span class="count">{len(rows)}</span></h1>
<form class="search" role="search"><label>To <input name="to" value="{escape(query.get("to", ""))}"></label>
<label>Subject <input name="subject" value="{escape(query.get("subject", ""))}"></label><button>Search</button></form>{found}
<form method="post" action="/messages" class="clear"><button>Delete all mail</button></form>""",
    )


def with_pictures(html: str, attachments: list[dict], number: str) -> str:
    """Point pictures inside the mail (cid:) at their attachments; open links in a new window."""
    for place, part in enumerate(attachments):
        if part["content_id"]:
            html = html.replace(f"cid:{part['content_id']}", f"/messages/{number}/attachments/{place}")
    return '<base target="_blank">' + html


def one(row: dict, parsed: dict) -> Answer:
    number = row["id"]
    facts = [
        ("From", row["from"]),
        ("To", row["to"]),
        ("Delivered to", ", ".join(row["recipients"])),
        ("Sender", row["sender"]),
    ]
    listed = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    files = "".join(
        f'<li><a href="/messages/{number}/attachments/{place}">{escape(part["name"])}</a> {part["size"]:,} bytes</li>'
        for place, part in enumerate(parsed["attachments"])
    )
    attached = f"<h2>Attachments</h2><ul>{files}</ul>" if files else ""
    frame = f'<h2>HTML</h2><iframe title="The mail as HTML" src="/messages/{number}/html" sandbox="{ALLOWED}"></iframe>'
    headers = "".join(
        f"<tr><th scope='row'>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in parsed["headers"]
    )
    return _page(
        row["subject"],
        f"""<p><a href="/">All mail</a></p><h1>{escape(row["subject"]) or "(no subject)"}</h1><p>{_when(row["at"])} {_copies(row)}</p>
<dl>{listed}</dl>{attached}{frame if parsed["html"] else ""}
<h2>Text</h2><pre>{escape(parsed["text"]) or "(none)"}</pre>
<details><summary>Headers</summary><div class="scroll"><table>{headers}</table></div></details>
<p><a href="/messages/{number}/raw">Raw message</a> <a href="/messages/{number}.json">JSON</a></p>""",
    )
