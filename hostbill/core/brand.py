"""The house as readers of mails and documents see it: name, legal line, colours and sign."""

import io
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _
from django_countries import countries
from PIL import Image, ImageDraw

from hostbill.core import options

WHITE, NEARLY_BLACK = "#ffffff", "#0c0d14"
#: Content-ID of the sign, carried inside each mail: remote pictures are blocked by most mail programs.
MARK_CID = "mark@hostbill"


@dataclass(frozen=True)
class Brand:
    """Plain facts; colours are ``#rrggbb``."""

    name: str
    legal_name: str
    address_lines: tuple[str, ...]
    register: str
    tax_id: str
    email: str
    phone: str
    url: str
    footer: str
    colour: str
    mark_cid: str = MARK_CID

    @property
    def legal_line(self) -> str:
        """``Nordhost GmbH, Norderhofenden 12, 24937 Flensburg, Germany. Amtsgericht Flensburg, HRB 1.``"""
        who = ", ".join([self.legal_name, *self.address_lines])
        return " ".join(f"{part.rstrip('.')}." for part in (who, self.register) if part)

    @property
    def on_colour(self) -> str:
        """The ink that can be read on the brand colour."""
        return ink_on(self.colour)

    @property
    def colour_dark(self) -> str:
        """The brand colour on a dark ground: lighter."""
        return mix(self.colour, WHITE, 0.3)

    @property
    def on_colour_dark(self) -> str:
        """The ink on it."""
        return ink_on(self.colour_dark)

    @property
    def link(self) -> str:
        """Dark enough for text on white."""
        colour = self.colour
        while contrast(colour, WHITE) < 5:
            colour = mix(colour, "#000000", 0.15)
        return colour

    @property
    def link_dark(self) -> str:
        """Light enough for text on a dark card."""
        return mix(self.colour, WHITE, 0.6)


def brand() -> Brand:
    """The house now, from the options; country named in the active language."""
    value = {key: options.find(f"company.{key}").value for key in _COMPANY}
    town = " ".join(part for part in (value["postcode"], value["city"]) if part)
    country = countries.name(value["country"]) if value["country"] else ""
    return Brand(
        name=value["name"],
        legal_name=value["legal_name"] or value["name"],
        address_lines=tuple(str(line) for line in (value["address1"], town, country) if line),
        register=value["register"],
        tax_id=value["tax_id"],
        email=value["email"],
        phone=value["phone"],
        url=settings.SITE_URL,
        footer=options.find("mail.footer").value,
        colour=options.find("brand.colour").value,
    )


_COMPANY = ("name", "legal_name", "address1", "postcode", "city", "country", "register", "tax_id", "email", "phone")


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green, blue of ``#rrggbb``; the default brand colour for anything else."""
    try:
        red, green, blue = bytes.fromhex(colour.lstrip("#"))
    except ValueError:
        red, green, blue = bytes.fromhex("4f46e5")
    return red, green, blue


def mix(colour: str, other: str, share: int | float) -> str:
    """The colour moved towards another by a share of 0 to 1."""
    pairs = zip(channels(colour), channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2), 0 to 1."""
    linear = [(c / 255 / 12.92) if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2), 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(colour: str) -> str:
    """White or nearly black, whichever reads better."""
    return WHITE if contrast(colour, WHITE) >= contrast(colour, NEARLY_BLACK) else NEARLY_BLACK


@dataclass(frozen=True)
class Pair:
    """One ground with what stands upon it, and how well it reads (WCAG 2 contrast, 1 to 21)."""

    name: str
    ink: str
    ground: str
    least: Decimal

    @property
    def ratio(self) -> Decimal:
        """The contrast, to two digits."""
        return Decimal(str(contrast(self.ink, self.ground))).quantize(Decimal("0.01"), ROUND_DOWN)


@dataclass(frozen=True)
class Palette:
    """The colours made of one brand colour for light or dark pages: each readable, whatever the brand colour is."""

    brand: str
    strong: str
    ink: str
    text: str
    soft: str
    surface: str
    ground: str

    @property
    def pairs(self) -> list[Pair]:
        """What is promised: text at 4.5 and more, edges and signs at 3 and more."""
        text, sign = Decimal("4.5"), Decimal(3)
        return [
            Pair(_("Words on a button"), self.ink, self.brand, text),
            Pair(_("Words on a button under the pointer"), self.ink, self.strong, text),
            Pair(_("Links"), self.text, self.surface, text),
            Pair(_("Links on the page's ground"), self.text, self.ground, text),
            Pair(_("Words on a tinted field"), self.text, self.soft, text),
            Pair(_("Buttons and ticks on a card"), self.brand, self.surface, sign),
            Pair(_("Buttons and ticks on the page's ground"), self.brand, self.ground, sign),
        ]


LIGHT_SURFACE, LIGHT_GROUND, DARK_SURFACE, DARK_GROUND = "#ffffff", "#f7f8fa", "#161b23", "#0e1117"


def light_palette(colour: str) -> Palette:
    """For light pages: a pale colour is darkened until it stands out, links further until they read."""
    main = darken_until(mix(colour, colour, 0), LIGHT_GROUND, 3)
    soft = mix(main, WHITE, 0.92)
    text = darken_until(darken_until(main, LIGHT_GROUND, 5), soft, 5)
    main, strong, ink = _button(main)
    return Palette(main, strong, ink, text, soft, LIGHT_SURFACE, LIGHT_GROUND)


def dark_palette(colour: str) -> Palette:
    """For dark pages: lightened."""
    main = lighten_until(mix(colour, colour, 0), DARK_SURFACE, 4.6)
    soft = mix(colour, DARK_GROUND, 0.75)
    text = lighten_until(lighten_until(main, DARK_SURFACE, 6), soft, 6)
    if contrast(text, soft) < 4.5:
        soft = mix(colour, DARK_GROUND, 0.9)
    main, strong, ink = _button(main)
    return Palette(main, strong, ink, text, soft, DARK_SURFACE, DARK_GROUND)


def _button(colour: str) -> tuple[str, str, str]:
    """The colour, its shade under the pointer, and the ink that reads on both: a middle tone moves away from its ink."""
    ink = ink_on(colour)
    away = "#000000" if ink == WHITE else WHITE
    while contrast(ink, colour) < 4.5:
        colour = mix(colour, away, 0.04)
    return colour, mix(colour, away, 0.15), ink


def darken_until(colour: str, ground: str, ratio: float) -> str:
    """The colour, darkened until its contrast on the ground suffices."""
    while contrast(colour, ground) < ratio and colour != "#000000":
        colour = mix(colour, "#000000", 0.1)
    return colour


def lighten_until(colour: str, ground: str, ratio: float) -> str:
    """The colour, lightened until its contrast on the ground suffices."""
    for _step in range(40):
        if contrast(colour, ground) >= ratio:
            break
        colour = mix(colour, WHITE, 0.1)
    return colour


@lru_cache(maxsize=8)
def social_png(colour: str) -> bytes:
    """The sign on the brand colour, 1200 by 630: the picture beside shared links until a better one is set."""
    picture = Image.new("RGB", (1200, 630), channels(colour))
    sign = Image.open(io.BytesIO(mark_png(mix(colour, WHITE if ink_on(colour) == WHITE else NEARLY_BLACK, 0.18), 280)))
    picture.paste(sign, (460, 175), sign)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


@lru_cache(maxsize=8)
def mark_png(colour: str, size: int = 112) -> bytes:
    """The sign: a rounded square in the brand colour with a four-pointed star. ``size`` in pixels."""
    scale = 4
    side = size * scale
    picture = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((0, 0, side - 1, side - 1), radius=side * 0.25, fill=(*channels(colour), 255))
    pen.polygon(_star(side), fill=(*channels(ink_on(colour)), 255))
    out = io.BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _star(side: int) -> list[tuple[float, float]]:
    """A star of four concave sides: quadratic curves between tips, drawn towards the centre."""
    middle, reach, waist = side / 2, side * 0.30, side * 0.055
    tips = [(0, -reach), (reach, 0), (0, reach), (-reach, 0)]
    points = []
    for (x0, y0), (x1, y1) in zip(tips, tips[1:] + tips[:1], strict=True):
        cx, cy = (x0 + x1) / reach * waist, (y0 + y1) / reach * waist
        for step in range(12):
            t = step / 12
            x = (1 - t) ** 2 * x0 + 2 * t * (1 - t) * cx + t**2 * x1
            y = (1 - t) ** 2 * y0 + 2 * t * (1 - t) * cy + t**2 * y1
            points.append((middle + x, middle + y))
    return points


def mark_svg(colour: str) -> str:
    """The same sign as a drawing, for documents."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" '
        f'fill="{mix(colour, colour, 0)}"/><path fill="{ink_on(colour)}" '
        'd="M16 6.4Q17.8 14.2 25.6 16Q17.8 17.8 16 25.6Q14.2 17.8 6.4 16Q14.2 14.2 16 6.4Z"/></svg>'
    )


def describe_sender() -> str:
    """One line for screens: who our mails come from."""
    return _("%(name)s <%(email)s>") % {
        "name": options.find("mail.from_name").value or options.find("company.name").value,
        "email": options.find("mail.from_email").value or settings.DEFAULT_FROM_EMAIL,
    }
