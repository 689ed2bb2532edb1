"""Take a picture of the first screen of a report, small enough for a README."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

SIZE = (1200, 940)
MOST_BYTES = 200_000
COLOURS = 128


def save_screenshot(page: Path, path: Path) -> None:
    """Write the picture. Raises ValueError when it is larger than MOST_BYTES."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]}, color_scheme="light", device_scale_factor=1.5)  # fmt: skip
        shown.goto(page.resolve().as_uri())
        taken = shown.screenshot()
        browser.close()
    with Image.open(io.BytesIO(taken)) as image:
        image.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT).save(path, optimize=True)
    if (size := path.stat().st_size) > MOST_BYTES:
        raise ValueError(f"{path} has {size} bytes, at most {MOST_BYTES} are allowed")
