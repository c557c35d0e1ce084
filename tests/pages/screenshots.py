"""Makes a picture of every page, in both languages, on a phone and a tablet: build/screenshots.

Run it with `python -m tests.pages.screenshots [kiosk] [cloud] [bench]`, then look at them.
"""

import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from tests.pages.bench_program import running_bench, work_at
from tests.pages.browser import Browser, Tab, chromium
from tests.pages.cloud_program import EMAIL, PASSWORD, running_cloud
from tests.pages.kiosk_program import running_kiosk
from tests.pages.told_sessions import RICH

OUT = Path(__file__).resolve().parent.parent.parent / "build" / "screenshots"
SIZES = {"phone": (390, 844), "tablet": (820, 1180), "wide": (1280, 800)}
KIOSK = {
    "now": "/",
    "stock": "/stock",
    "find-nothing-yet": "/find",
    "find-words": "/find?q=%E6%9C%BA%E6%BB%A4",
    "find-old-number": "/find?q=of0900",
    "find-mistyped": "/find?q=brkae%20pad",
    "find-plate": "/find?q=D8231",
    "jobs": "/jobs",
    "questions": "/questions",
    "status": "/status",
    "session": "/session?id=cab-1%2F0123456789abcdef%2F1",
    "session-of-everything": f"/session?id={quote(RICH, safe='')}",
}
CLOUD = {
    "shops": "/",
    "shop": "/shops/shop-1",
    "cabinet": "/shops/shop-1/cabinets/cab-1",
    "to-bring": "/to-bring",
    "session": f"/shops/shop-1/session?id={quote(RICH, safe='')}",
    "consumption": "/consumption",
    "discrepancies": "/discrepancies",
    "search": "/search?q=" + quote("机滤"),
    "search-vin": "/search?q=LFWSRXSJ4M1E1234O",
    "part": "/part?number=OF-1012",
    "catalogue": "/catalogue",
    "part-new": "/part/edit",
    "part-edit": "/part/edit?number=OF-1012",
    "models": "/models",
    "robots": "/robots",
    "not-found": "/shops/shop-9",
}


def shoot(browser: Browser, base: str, program: str, pages: dict[str, str]) -> None:
    """All pages of one program; says on which one something went wrong."""
    for name, path in pages.items():
        for language in ("zh", "en"):
            for size, (width, height) in SIZES.items():
                with browser.tab() as tab:
                    tab.size(width, height)
                    joint = "&" if "?" in path else "?"
                    tab.open(f"{base}{path}{joint}lang={language}")
                    tab.evaluate("document.querySelectorAll('summary:not(.pb-tab)').forEach(made => made.click())")
                    tab.picture(OUT / f"{program}-{name}-{language}-{size}.png")
                    told = f"{program} {name} {language} {size}"
                    if tab.overflow() or tab.errors:
                        sys.stdout.write(f"{told}: {tab.overflow()} px too wide, {tab.errors}\n")


def sign_in(tab: Tab, base: str) -> None:
    """Sign in as the dealer's manager."""
    tab.open(f"{base}/sign-in?lang=en")
    tab.fill("[name=email]", EMAIL)
    tab.fill("[name=password]", PASSWORD)
    tab.press("Sign in")
    tab.wait("location.pathname === '/'", "the shops after signing in")


def main(wanted: list[str]) -> None:
    """Start what is wanted and take the pictures."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        if "kiosk" in wanted:
            with running_kiosk(Path(folder)) as (base, shop):
                shop.want_count()
                shoot(browser, base, "kiosk", KIOSK)
                shop.cannot_write_ms = shop.now_ms() - 7 * 60_000
                shoot(browser, base, "kiosk-full-disk", {"now": "/", "status": "/status"})
        if "cloud" in wanted:
            with running_cloud(Path(folder)) as base:
                shoot(browser, base, "cloud", {"sign-in": "/sign-in"})
                with browser.tab() as tab:
                    sign_in(tab, base)
                shoot(browser, base, "cloud", CLOUD)
        if "bench" in wanted:
            with running_bench(Path(folder)) as where:
                with browser.tab() as tab:
                    work_at(tab, where["bench"])
                shoot(browser, where["bench"], "bench", {"cabinet": "/cabinets/cab-1"})
                shoot(browser, where["kiosk"], "bench-kiosk", {"now": "/", "status": "/status"})


if __name__ == "__main__":
    main(sys.argv[1:] or ["kiosk", "cloud", "bench"])
