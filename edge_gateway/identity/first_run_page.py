"""The first-run page: plain forms, so that it works on whatever tablet or phone is at hand, before any script."""

from html import escape
from urllib.parse import urlsplit

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from edge_gateway.identity.first_run import Check, FirstRun
from page_kit.frame import LANGUAGE_NAMES, language_path, mount_look, plain_page, speak
from page_kit.language import Say, Texts

COOKIE = "setup"
LOOK_AGAIN_S = 5  # while somebody waits, how old the time that is left may look
TEXTS: Texts = {
    "title": ("店内网关", "The gateway in your shop"),
    "lead": (
        "填好这一页，这台机器就成为本店的网关。",
        "When this page is filled in, this machine is your shop's gateway.",
    ),
    "setup": ("设置码", "Setup code"),
    "setup_lead": (
        "请输入启动时屏幕上（或标签上）的设置码。",
        "Type the setup code that was printed when it started, or is on its label.",
    ),
    "setup_wrong": ("设置码不对。", "That is not the setup code."),
    "setup_pause": ("输错次数太多：请等 {left}。", "Too many wrong tries: please wait {left}."),
    "setup_pause_lead": (
        "时间一到，这一页会请您再输一次设置码。别的设备不用等。",
        "When the time is over, this page asks for the setup code again. Other devices need not wait.",
    ),
    "left_minutes": ("{minutes} 分 {seconds} 秒", "{minutes} min {seconds} s"),
    "left_seconds": ("{seconds} 秒", "{seconds} s"),
    "go_on": ("继续", "Go on"),
    "join": ("接入配件商", "Join your dealer"),
    "join_lead": (
        "向配件商要一个入网码。它只能用一次，十五分钟内有效。",
        "Ask your dealer for a code. It works once, within fifteen minutes.",
    ),
    "cloud": ("配件商的网址", "Your dealer's address"),
    "code": ("入网码", "Code"),
    "join_go": ("入网", "Join"),
    "alone": ("不联网，单独使用", "Work alone, without a cloud"),
    "alone_lead": (
        "没有配件商的云端也能用。以后随时可以接入。",
        "It works without a dealer's cloud, and can join one later.",
    ),
    "alone_go": ("单独使用", "Work alone"),
    "checks": ("这台机器", "This machine"),
    "check_disk": ("磁盘剩余 {found}", "Room on the disk: {found}"),
    "check_disk_bad": (
        "磁盘只剩 {found}：请先腾出至少 2 GB",
        "Only {found} left on the disk: make room for 2 GB first",
    ),
    "check_clock": ("时钟 {found}", "Clock: {found}"),
    "check_clock_bad": ("时钟是 {found}：请先校时", "The clock says {found}: set it first"),
    "check_broker": ("消息服务已安装", "The message broker is installed"),
    "check_broker_bad": (
        "没有找到消息服务 nats-server：请重新安装",
        "nats-server was not found: install Partsbay again",
    ),
    "working": ("正在入网…", "Joining…"),
    "working_lead": (
        "如果云端有本店的账，会一并取回；可能要几分钟。请不要关机。",
        "If the cloud has this shop's books they are fetched too, which may take minutes. Do not switch it off.",
    ),
    "done": ("好了", "Done"),
    "done_lead": (
        "这是 {shop} 的网关（{dealer}）。马上打开配件柜页面。",
        "This is the gateway of {shop} ({dealer}). Its kiosk opens now.",
    ),
    "done_alone": ("网关单独工作。马上打开配件柜页面。", "The gateway works alone. Its kiosk opens now."),
    "done_taken": ("已接管 {count} 个货柜，货柜不用动。", "{count} cabinets were taken over; none need be touched."),
    "done_books": ("本店的账已从云端取回。", "The shop's books came back from the cloud."),
    "refused_address": (
        "网址不对：应当像 https://parts.example.com。",
        "That is no address: it looks like https://parts.example.com.",
    ),
    "refused_mistyped": (
        "入网码抄错了：请逐个字符核对。",
        "There is a slip in the code: compare it character by character.",
    ),
    "refused_unknown": (
        "云端不认识这个入网码：请核对，或另要一个。",
        "The cloud does not know this code: compare it, or ask for another.",
    ),
    "refused_used": ("这个入网码已经用过：请另要一个。", "This code was used already: ask for another."),
    "refused_expired": ("这个入网码过期了：请另要一个。", "This code has expired: ask for another."),
    "refused_withdrawn": ("这个入网码已被作废：请另要一个。", "This code was withdrawn: ask for another."),
    "refused_dead": ("这个入网码输错次数太多：请另要一个。", "This code was tried wrongly too often: ask for another."),
    "refused_slow": ("试得太多了：请过几分钟再试。", "Too many tries: please wait some minutes."),
    "refused_away": (
        "连不上云端：请看网线和网址。",
        "The cloud cannot be reached: look at the cable and at the address.",
    ),
    "refused_cloud": (
        "那里不是 Partsbay 云端：请核对网址。",
        "There is no Partsbay cloud at that address: compare it.",
    ),
    "refused_books": (
        "这台机器上有另一个网关的账：请换一个目录。",
        "This machine holds another gateway's books: choose another folder.",
    ),
    "refused_other": ("没有成功：{why}", "It did not work: {why}"),
}


def first_run_app(run: FirstRun) -> FastAPI:
    """The page and its answers."""
    app = FastAPI(title="Partsbay first run", docs_url=None, redoc_url=None, openapi_url=None)
    mount_look(app)

    @app.get("/", include_in_schema=False)
    def show(request: Request) -> Response:
        say = speak(request, TEXTS)
        if far := _refused(run, request):
            return far
        return _page(run, say) if _may(run, request) else _setup(run, say, _address(request))

    @app.post("/setup", include_in_schema=False)
    def setup(request: Request, code: str = Form(default="", max_length=60)) -> Response:
        if far := _refused(run, request):
            return far
        cookie = run.let_in(code, _address(request))
        if not cookie:
            return _setup(run, speak(request, TEXTS), _address(request), wrong=True)
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", max_age=3600)
        return answer

    @app.post("/start", include_in_schema=False)
    def start(
        request: Request,
        cloud: str = Form(default="", max_length=300),
        code: str = Form(default="", max_length=60),
        alone: str = Form(default="", max_length=1),
    ) -> Response:
        if far := _refused(run, request):
            return far
        if not _may(run, request):
            return _setup(run, speak(request, TEXTS), _address(request))
        run.start("", "") if alone else run.start(cloud or " ", code or " ")
        return RedirectResponse("/", status_code=303)

    return app


def _refused(run: FirstRun, request: Request) -> Response | None:
    """Other sites' pages: neither by a form of theirs nor by a name that leads here."""
    host, origin = request.headers.get("host", ""), request.headers.get("origin")
    is_own = origin is None or urlsplit(origin).netloc == host
    is_local = run.is_open or (urlsplit(f"//{host}").hostname or "") in ("127.0.0.1", "localhost", "::1")
    return None if is_own and is_local else HTMLResponse("expected a request from this page, found another's", 403)


def _may(run: FirstRun, request: Request) -> bool:
    return not run.is_open or request.cookies.get(COOKIE) == run.cookie


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _setup(run: FirstRun, say: Say, address: str, *, wrong: bool = False) -> HTMLResponse:
    left_s = run.tries.left_s(address)
    if left_s:
        return _pause(say, left_s)
    body = (
        f'<form method="post" action="/setup" class="pb-card pb-stack pb-form">'
        f"{_head(say, say('title'), say('setup_lead'))}{_error(say('setup_wrong') if wrong else '')}"
        f"{_field(say('setup'), 'code', 'XXXXX-XXXXX')}{_press(say('go_on'), 'is-main')}</form>"
    )
    return HTMLResponse(plain_page(say, f"Partsbay · {say('title')}", body), 403 if wrong else 200)


def _pause(say: Say, left_s: int) -> HTMLResponse:
    """No field to type into, so that the page may look again by itself."""
    minutes, seconds = divmod(left_s, 60)
    left = (
        say("left_minutes", minutes=minutes, seconds=f"{seconds:02}")
        if minutes
        else say("left_seconds", seconds=seconds)
    )
    told = f'{_error(say("setup_pause", left=left))}<p class="pb-soft">{escape(say("setup_pause_lead"))}</p>'
    body = f'<div class="pb-card pb-stack pb-form">{_head(say, say("title"), "")}{told}</div>'
    headers = {"Retry-After": f"{left_s}", "Refresh": f"{min(left_s, LOOK_AGAIN_S)};url=/"}
    return HTMLResponse(plain_page(say, f"Partsbay · {say('title')}", body), 429, headers)


def _page(run: FirstRun, say: Say) -> HTMLResponse:
    if run.state == "working":
        return _told(say, say("working"), [say("working_lead")], again_s=2)
    if run.state == "done":
        return _told(say, say("done"), _done(run, say), again_s=6)
    return _asking(run, say)


def _asking(run: FirstRun, say: Say) -> HTMLResponse:
    said = ""
    if run.refused is not None:
        key = f"refused_{run.refused.reason}"
        said = say(key) if key in TEXTS and key != "refused_other" else say("refused_other", why=str(run.refused))
    join = (
        f"{_head(say, say('title'), say('lead'))}{_error(said)}{_part(say('join'), say('join_lead'))}"
        f"{_field(say('cloud'), 'cloud', 'https://parts.example.com', run.cloud.strip())}"
        f"{_field(say('code'), 'code', 'XXXXX-XXXXX')}"
        f"{_press(say('join_go'), 'is-main')}"
    )
    alone = (
        f'<input type="hidden" name="alone" value="1">{_part(say("alone"), say("alone_lead"))}'
        f"{_press(say('alone_go'), 'is-quiet')}"
    )
    body = (
        f'<div class="pb-stack pb-first-run">{_form(join)}'
        f'<div class="pb-card pb-stack pb-form">{_part(say("checks"), "")}{_checks(run.checks(), say)}</div>'
        f"{_form(alone)}</div>"
    )
    return HTMLResponse(plain_page(say, f"Partsbay · {say('title')}", body))


def _form(inner: str) -> str:
    return f'<form method="post" action="/start" class="pb-card pb-stack pb-form">{inner}</form>'


def _part(heading: str, lead: str) -> str:
    under = f'<p class="pb-soft">{escape(lead)}</p>' if lead else ""
    return f'<div><h2 class="pb-card-title">{escape(heading)}</h2>{under}</div>'


def _press(label: str, kind: str) -> str:
    return f'<button class="pb-button {kind} is-wide" type="submit">{escape(label)}</button>'


def _checks(checks: list[Check], say: Say) -> str:
    rows = []
    for check in checks:
        words = say(f"check_{check.name}" if check.is_well else f"check_{check.name}_bad", found=check.found)
        rows.append(f'<p class="pb-badge {"is-good" if check.is_well else "is-wrong"}">{escape(words)}</p>')
    return f'<div class="pb-stack pb-tight pb-checks">{"".join(rows)}</div>'


def _done(run: FirstRun, say: Say) -> list[str]:
    joined = run.joined
    if joined is None:
        return [say("done_alone")]
    lines = [say("done_lead", shop=joined.shop_name, dealer=joined.dealer)]
    if joined.deposit is not None and joined.deposit.cabinets:
        lines.append(say("done_taken", count=len(joined.deposit.cabinets)))
    return [*lines, *([say("done_books")] if run.restored else [])]


def _told(say: Say, heading: str, lines: list[str], *, again_s: int) -> HTMLResponse:
    told = "".join(f'<p class="pb-soft">{escape(line)}</p>' for line in lines)
    body = f'<div class="pb-card pb-stack pb-form">{_head(say, heading, "")}{told}</div>'
    return HTMLResponse(plain_page(say, f"Partsbay · {heading}", body), headers={"Refresh": f"{again_s};url=/"})


def _head(say: Say, heading: str, lead: str) -> str:
    under = f'<p class="pb-soft">{escape(lead)}</p>' if lead else ""
    return (
        '<div class="pb-row pb-between"><div class="pb-mark"><div></div><div></div><div></div><div></div></div>'
        f'<a class="pb-lang" href="{escape(language_path(say, "/"))}">{LANGUAGE_NAMES[say.other]}</a></div>'
        f'<div><h1 class="pb-h1">{escape(heading)}</h1>{under}</div>'
    )


def _error(said: str) -> str:
    return f'<p class="pb-error" role="alert">{escape(said)}</p>' if said else ""


def _field(label: str, name: str, hint: str, value: str = "") -> str:
    capitals = "characters" if name == "code" else "none"
    kept = f'autocomplete="off" autocapitalize="{capitals}" spellcheck="false"'
    return (
        f'<label><span class="pb-label">{escape(label)}</span><input class="pb-field" name="{name}" type="text" '
        f'value="{escape(value)}" placeholder="{escape(hint)}" {kept} required></label>'
    )
