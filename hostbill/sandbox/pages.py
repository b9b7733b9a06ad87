"""The few HTML pages sandbox panels show: a frame, a card with facts, a site of a customer online or suspended."""

from html import escape

_STYLE = """
*{box-sizing:border-box}body{margin:0;font:16px/1.5 system-ui,sans-serif;background:#f4f5f8;color:#1d2433}
header{background:var(--bar);color:#fff;padding:14px 24px;display:flex;gap:16px;align-items:center;justify-content:space-between}
header b{font-size:18px}header span{opacity:.85;font-size:14px}main{max-width:860px;margin:32px auto;padding:0 20px}
h1{font-size:26px;margin:0 0 4px}p.sub{margin:0 0 24px;color:#5a6375}.grid{display:grid;gap:16px;
grid-template-columns:repeat(auto-fit,minmax(240px,1fr))}.card{background:#fff;border:1px solid #e1e4ec;border-radius:10px;
padding:18px 20px}
.card h2{font-size:15px;margin:0 0 12px;color:#5a6375;font-weight:600}dl{display:grid;grid-template-columns:auto 1fr;gap:6px 16px;margin:0}
dt{color:#5a6375}dd{margin:0;text-align:right;overflow-wrap:anywhere}
.meter{height:8px;border-radius:4px;background:#e8eaf1;overflow:hidden;
margin:6px 0 14px}.meter i{display:block;height:100%;background:var(--bar)}
.note{background:#fff4e5;border:1px solid #f0d3a4;border-radius:10px;
padding:16px 20px;margin-bottom:20px}label{display:block;margin:0 0 12px}input{width:100%;font:inherit;padding:9px 10px;border:1px solid
#c6cbd8;border-radius:6px}button{font:inherit;padding:9px 18px;border:0;border-radius:6px;background:var(--bar);color:#fff}
.site{min-height:70vh;display:grid;place-content:center;text-align:center}
"""


def page(title: str, body: str, *, brand: str, colour: str, user: str = "") -> str:
    """A whole page; `body` is ready HTML, everything else is escaped here."""
    who = f"<span>{escape(user)}</span>" if user else ""
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>:root{{--bar:{colour}}}{_STYLE}</style></head><body>"
        f"<header><b>{escape(brand)}</b>{who}</header><main>{body}</main></body></html>"
    )


def facts(title: str, rows: list[tuple[str, str]]) -> str:
    """A card listing labels and values."""
    lines = "".join(f"<dt>{escape(label)}</dt><dd>{escape(str(value))}</dd>" for label, value in rows)
    return f'<section class="card"><h2>{escape(title)}</h2><dl>{lines}</dl></section>'


def meters(title: str, rows: list[tuple[str, int, int | None]]) -> str:
    """A card of bars: label, used and limit in bytes (None = unlimited)."""
    lines = []
    for label, used, limit in rows:
        percent = min(100, used * 100 // limit) if limit else 4
        of = size(limit) if limit else "unlimited"
        lines.append(
            f"<div>{escape(label)}: <strong>{size(used)}</strong> of {of}</div>"
            f'<div class="meter"><i style="width:{percent}%"></i></div>'
        )
    return f'<section class="card"><h2>{escape(title)}</h2>{"".join(lines)}</section>'


def size(count: int) -> str:
    """Bytes for people, binary units."""
    mib = count / (1024 * 1024)
    return f"{mib / 1024:.2f} GiB" if mib >= 1024 else f"{mib:.1f} MiB"


def site(domain: str, *, suspended: bool) -> str:
    """What a visitor of a customer's site sees."""
    if suspended:
        text = "<h1>Account suspended</h1><p>This account has been suspended. Please contact your hosting provider.</p>"
    else:
        text = f"<h1>{escape(domain)}</h1><p>This site is online.</p>"
    return page(domain, f'<div class="site"><div>{text}</div></div>', brand=domain, colour="#5a6375")


def login_form(action: str, failed: bool) -> str:
    """Username and password."""
    note = '<div class="note" role="alert">The login is invalid.</div>' if failed else ""
    return (
        f'{note}<form class="card" method="post" action="{escape(action)}" style="max-width:360px;margin:40px auto">'
        '<h1 style="margin-bottom:16px">Log in</h1><label>Username <input name="user" autocomplete="username"></label>'
        '<label>Password <input name="pass" type="password" autocomplete="current-password"></label><button>Log in</button></form>'
    )
