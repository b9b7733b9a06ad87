"""Charts drawn on the server: bars, lines, stacked bars and sparks, as SVG whose sizes are attributes (no inline style)."""

from dataclasses import dataclass, field
from decimal import Decimal

from hostbill.core.ui.words import number

NICE = (1, 2, 5, 10)


def nice_top(highest) -> Decimal:
    """The axis end: the next of 1, 2, 5 times a power of ten at or above the highest value (1 for nothing)."""
    highest = Decimal(highest or 0)
    if highest <= 0:
        return Decimal(1)
    scale = Decimal(1).scaleb(highest.adjusted())
    return next(step * scale for step in NICE if step * scale >= highest)


def short(value: Decimal) -> str:
    """Axis label: 10k rather than 10,000."""
    for size, letter in ((10**9, "bn"), (10**6, "m"), (10**4, "k")):
        if value >= size:
            return f"{number(value / (1000 if letter == 'k' else size))}{letter}"
    return number(value.normalize() if value == value.to_integral_value() else value)


def percent(value) -> str:
    """For SVG attributes, at most three decimals."""
    return f"{float(value):.3f}".rstrip("0").rstrip(".") + "%"


@dataclass
class Chart:
    """What components/chart.html draws. ``rows`` = [(label, [values])]; values are >= 0; the axis starts at zero."""

    kind: str
    rows: list
    label: str
    series: list = field(default_factory=list)
    unit: str = ""
    limit: Decimal | None = None
    forecast_from: int | None = None
    zone: tuple | None = None

    @property
    def empty(self) -> bool:
        return not self.rows

    @property
    def top(self) -> Decimal:
        sums = [sum(values) if self.kind == "stack" else max(values) for _, values in self.rows]
        return nice_top(max([*sums, self.limit or 0], default=0))

    @property
    def y_labels(self) -> list[str]:
        top = f"{short(self.top)} {self.unit}".strip()
        return [top, short(self.top / 2), "0"]

    @property
    def x_labels(self) -> list[str]:
        labels = [label for label, _ in self.rows]
        if len(labels) <= 4:
            return labels
        last = len(labels) - 1
        return [labels[i] for i in sorted({0, last // 2, last})]

    @property
    def step(self) -> float:
        return 100 / max(len(self.rows), 1)

    @property
    def bars(self) -> list[dict]:
        """Rectangles in percent of the plot; a forecast is hatched."""
        bars = []
        for index, (label, values) in enumerate(self.rows):
            base = Decimal(0)
            for layer, value in enumerate(values):
                value = Decimal(value or 0)
                base += value
                bars.append(
                    {
                        "x": percent(self.step * (index + 0.14)),
                        "width": percent(self.step * 0.72),
                        "y": percent(100 - base / self.top * 100),
                        "height": percent(value / self.top * 100),
                        "css": self._paint(index, layer),
                        "title": f"{label}: {number(value)} {self.unit}".strip(),
                    }
                )
        return bars

    def _paint(self, index: int, layer: int) -> str:
        if self.forecast_from is not None and index >= self.forecast_from:
            return "chart-hatch"
        return f"chart-{min(layer + 1, 5)}"

    @property
    def points(self) -> str:
        """Polyline points in a 100 x 100 box."""
        count = max(len(self.rows) - 1, 1)
        return " ".join(
            f"{100 * index / count:.2f},{100 - float(Decimal(values[0] or 0) / self.top * 100):.2f}"
            for index, (_, values) in enumerate(self.rows)
        )

    @property
    def area(self) -> str:
        return f"0,100 {self.points} 100,100"

    @property
    def limit_y(self) -> str:
        return percent(100 - Decimal(self.limit) / self.top * 100) if self.limit else ""

    @property
    def zone_box(self) -> dict | None:
        """A marked stretch of the axis, e.g. while suspended: (first index, last index, label)."""
        if not self.zone:
            return None
        first, last, label = self.zone
        return {"x": percent(self.step * first), "width": percent(self.step * (last - first + 1)), "label": label}

    @property
    def legend(self) -> list[tuple[str, str]]:
        return [(f"chart-{min(i + 1, 5)}", name) for i, name in enumerate(self.series)] if len(self.series) > 1 else []

    @property
    def table(self) -> list:
        return [(label, [number(value or 0) for value in values]) for label, values in self.rows]


def build(kind: str, data, label: str, **options) -> Chart:
    """From ``[(label, value)]`` or ``[(label, [values])]``."""
    rows = [(str(name), list(values) if isinstance(values, list | tuple) else [values]) for name, values in data or []]
    return Chart(kind, rows, str(label), **{key: value for key, value in options.items() if value is not None})
