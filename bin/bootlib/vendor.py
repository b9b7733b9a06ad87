"""Copies the distributed front-end files that are used from node_modules/ to static/vendor/.

Run by `bin/up`, `bin/test` and the Dockerfile (`python bin/bootlib/vendor.py`). The result is git-ignored.
"""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bin"))

from bootlib.icons import write_sprite  # noqa: E402 (found through the line above, also when run as a script)

MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"

# (path in node_modules, path in static/vendor). A missing source is an error: a version changed its layout.
FILES = [
    ("htmx.org/dist/htmx.min.js", "htmx.min.js"),
    ("@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf", "fonts/ttf/NotoSans-Regular.ttf"),
    ("@expo-google-fonts/noto-sans/600SemiBold/NotoSans_600SemiBold.ttf", "fonts/ttf/NotoSans-SemiBold.ttf"),
    ("@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf", "fonts/ttf/NotoSans-Bold.ttf"),
    *[
        (
            f"@expo-google-fonts/noto-sans-{script}/{weight}/NotoSans{script.title()}_{weight}.ttf",
            f"fonts/ttf/NotoSans{script.title()}-{weight[3:]}.ttf",
        )
        for script in ("arabic", "bengali", "ethiopic")
        for weight in ("400Regular", "600SemiBold", "700Bold")
    ],
]

# Web fonts: package -> subsets wanted. Inter covers Latin, Greek and Cyrillic; Noto adds the other scripts, so that a
# browser fetches a file only when a character of its range is on the page.
FONTS = {
    "inter": ("latin", "latin-ext", "greek", "cyrillic", "cyrillic-ext", "vietnamese"),
    "noto-sans": ("devanagari",),
    "noto-sans-arabic": ("arabic",),
    "noto-sans-bengali": ("bengali",),
    "noto-sans-ethiopic": ("ethiopic",),
}
FACE = re.compile(r"/\* (?P<name>[\w-]+)-wght-normal \*/\s*(?P<face>@font-face \{.*?\n\})", re.S)


def main() -> int:
    if not MODULES.is_dir():
        print("node_modules/ is missing: run `npm ci --ignore-scripts` first", file=sys.stderr)
        return 1
    copy_vendor_files()
    return 0


def copy_vendor_files(modules: Path = MODULES, vendor: Path = VENDOR) -> int:
    """Fills static/vendor/ and returns the number of files in it. Raises FileNotFoundError for a missing source."""
    fresh = vendor.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for source, target in FILES:
        copy(modules / source, fresh / target)
    write_fonts(modules, fresh / "fonts")
    write_sprite(modules, fresh / "icons.svg")
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)
    return sum(1 for path in vendor.rglob("*") if path.is_file())


def write_fonts(modules: Path, folder: Path) -> None:
    """Copies the wanted woff2 files and writes fonts.css, which names them by relative address."""
    faces = []
    for family, subsets in FONTS.items():
        package = modules / "@fontsource-variable" / family
        copy(package / "LICENSE", folder / f"{family}.LICENSE.txt")
        sheet = (package / "wght.css").read_text()
        found = {match["name"]: match["face"] for match in FACE.finditer(sheet)}
        for subset in subsets:
            name = f"{family}-{subset}"
            copy(package / "files" / f"{name}-wght-normal.woff2", folder / f"{name}.woff2")
            faces.append(found[name].replace(f"./files/{name}-wght-normal.woff2", f"./{name}.woff2"))
    (folder / "fonts.css").write_text("\n".join(faces) + "\n")


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


if __name__ == "__main__":
    sys.exit(main())
