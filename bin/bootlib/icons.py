"""Builds static/vendor/icons.svg, one sprite of the icons in use, from the SVG files of @tabler/icons.

Add a name here before using it in `{% icon "name" %}`; names with the suffix `-filled` are taken from the filled set.
"""

import re
from pathlib import Path

ICONS = """
adjustments-horizontal alert-circle alert-circle-filled alert-octagon-filled alert-triangle alert-triangle-filled
arrow-back-up arrow-down arrow-left arrow-narrow-down arrow-narrow-up arrow-right arrow-up arrows-exchange arrows-sort ban bell
bolt book bookmark box building building-bank calendar calendar-event calendar-time cash chart-bar chart-line check
chevron-down chevron-left chevron-right chevron-up circle-check circle-check-filled circle-dashed circle-dashed-check
circle-x circle-x-filled clipboard clock clock-filled clock-pause cloud code coin columns copy cpu credit-card credit-card-pay
credit-card-refund database device-laptop dots dots-vertical download edit external-link eye eye-off file-check file-invoice
file-text files filter flag folder gift globe hash headset heart-handshake help-circle history home hourglass
hourglass-filled id inbox info-circle key language layout-dashboard layout-sidebar-left-collapse lifebuoy link list list-check
loader-2 lock lock-open login-2 logout mail mail-opened map-pin menu-2 message message-circle message-plus minus moon
note notes package paperclip password pencil phone phone-call player-pause player-pause-filled player-play plus
plug point-filled power printer progress puzzle question-mark receipt receipt-2 receipt-refund refresh refresh-alert
repeat report-analytics robot rocket rotate route rss scale search select selector send server server-2 server-cog
server-off settings shield shield-check shield-lock shopping-bag shopping-cart sparkles square-rounded-plus star sun
sun-moon switch-horizontal table tag template terminal-2 ticket tool transfer trash unlink upload user user-check
user-circle user-cog user-plus users users-group wallet webhook wifi world world-off world-www x zoom-check
""".split()

BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.S)
EMPTY = re.compile(r'\s*<path stroke="none" d="M0 0h24v24H0z" fill="none" />')


def write_sprite(modules: Path, target: Path) -> None:
    """One <symbol> per icon. Raises FileNotFoundError for a name that the set does not know."""
    symbols = "".join(symbol(modules, name) for name in ICONS)
    target.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n')


def symbol(modules: Path, name: str) -> str:
    filled = name.endswith("-filled")
    folder = modules / "@tabler" / "icons" / "icons" / ("filled" if filled else "outline")
    body = BODY.search((folder / f"{name.removesuffix('-filled')}.svg").read_text())[1]
    paint = (
        'fill="currentColor"'
        if filled
        else 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    )
    inner = " ".join(EMPTY.sub("", body).split())
    return f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{inner}</symbol>'
