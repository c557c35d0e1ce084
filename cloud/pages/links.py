"""Pages for people with a link, or in need of one: a forgotten password, a new one, an invitation.

Plain forms as the sign-in: they work before any script, and no code is ever in a script's reach.
"""

from html import escape

from fastapi import BackgroundTasks, FastAPI, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from cloud.api.access import COOKIE, keep_signed_in
from cloud.api.links import accept_invitation, ask, join, look_at_invitation, look_at_reset, reset_password
from cloud.api.people import address_of
from cloud.identity import LockedOutError, SignedIn
from cloud.pages import role_words
from cloud.pages.addresses import segment
from cloud.pages.sign_in import field, form_head
from cloud.people.links import BadLinkError
from cloud.people.rules import RefusedError, TakenError
from cloud.people.views import LinkTold
from cloud.services import Services
from page_kit.frame import plain_page, speak
from page_kit.language import Say, Texts

TEXTS: Texts = {
    "forgotten": ("忘记密码", "Forgot the password"),
    "forgotten_lead": (
        "填写登录邮箱，我们会发一个链接，半小时内有效。",
        "Enter your email: we send a link that is good for half an hour.",
    ),
    "no_mail": (
        "这里没有设置邮件。请找你们的管理员要一个重设密码的链接。",
        "No mail is set up here. Ask an admin of your dealer for a link to a new password.",
    ),
    "asked": (
        "如果有这个账号，链接已经发到它的邮箱。",
        "If there is such an account, a link is on its way to its email.",
    ),
    "email": ("邮箱", "Email"),
    "send": ("发送链接", "Send the link"),
    "reset": ("重设密码", "New password"),
    "reset_lead": ("为 {email} 选一个新密码。", "Choose a new password for {email}."),
    "reset_note": (
        "所有设备都要重新登录，API 令牌也会失效。",
        "Every device has to sign in again, and API tokens end.",
    ),
    "password": ("新密码（至少 10 个字符）", "New password (10 characters or more)"),
    "keep": ("保存", "Save"),
    "kept": ("密码已更新，请登录。", "The password is changed. Please sign in."),
    "to_sign_in": ("去登录", "Sign in"),
    "invitation": ("邀请", "Invitation"),
    "invited": ("{dealer} 邀请 {email}，角色：{role}。", "{dealer} invites {email} as: {role}."),
    "choose": ("请填写姓名并设一个密码。", "Enter your name and choose a password."),
    "name": ("姓名", "Name"),
    "accept": ("接受邀请", "Accept the invitation"),
    "sign_in_first": (
        "这个邮箱已经有账号，请先登录，再接受邀请。",
        "This email has an account: sign in with it, then accept.",
    ),
    "another": (
        "现在登录的是 {email}，邀请不是给这个账号的。",
        "Signed in is {email}: the invitation is for another account.",
    ),
    "bad_link": ("链接已失效", "This link is no longer good"),
    "bad_link_why": (
        "它可能用过了、撤回了或过期了。请再要一个。",
        "It may have been used, withdrawn, or be too old. Ask for another one.",
    ),
    "too_often": ("要得太多了，请 {seconds} 秒后再试。", "Asked for too often: please wait {seconds} s."),
    "refused_password": (
        "密码要 10 到 200 个字符，不能是邮箱本身，也不能太简单。",
        "A password has 10 to 200 characters, is not the email, and is not too simple.",
    ),
    "refused_name": ("姓名要 1 到 64 个字符。", "A name has 1 to 64 characters."),
    "member_already": ("你已经是这家的成员了。", "You are a member there already."),
}


def add_routes(app: FastAPI, services: Services) -> None:
    """The forms and their answers."""
    _add_forgotten(app, services)
    _add_reset(app, services)
    _add_invitation(app, services)


def _add_forgotten(app: FastAPI, services: Services) -> None:
    @app.get("/forgotten", include_in_schema=False)
    def forgotten(request: Request) -> HTMLResponse:
        return _forgotten_page(services, _say(request))

    @app.post("/forgotten", include_in_schema=False)
    async def asked(
        request: Request, later: BackgroundTasks, email: str = Form(default="", max_length=254)
    ) -> HTMLResponse:
        say = _say(request)
        try:
            await ask(services, email, address_of(request), later)
        except LockedOutError as error:
            return _forgotten_page(services, say, say("too_often", seconds=-(-error.wait_ms // 1000)), 429)
        return _told(say, say("forgotten"), say("asked"))


def _forgotten_page(services: Services, say: Say, wrong: str = "", status: int = 200) -> HTMLResponse:
    if services.mail is None:
        return _told(say, say("forgotten"), say("no_mail"))
    head = form_head(say, "/forgotten", say("forgotten"), say("forgotten_lead"))
    body = head + _error(wrong) + field(say("email"), "email", "email", "", "username") + _go(say("send"))
    return _form(say, say("forgotten"), "/forgotten", body, status)


def _add_reset(app: FastAPI, services: Services) -> None:
    @app.get("/reset/{code}", include_in_schema=False)
    def reset(request: Request, code: str) -> HTMLResponse:
        say = _say(request)
        try:
            return _reset_page(say, code, look_at_reset(code, services))
        except BadLinkError:
            return _bad_link(say)

    @app.post("/reset/{code}", include_in_schema=False)
    async def chosen(request: Request, code: str, password: str = Form(default="", max_length=400)) -> HTMLResponse:
        say = _say(request)
        try:
            await reset_password(services, code, password)
        except BadLinkError:
            return _bad_link(say)
        except RefusedError:
            told = await run_in_threadpool(look_at_reset, code, services)
            return _reset_page(say, code, told, say("refused_password"), 422)
        return _told(say, say("reset"), say("kept"))


def _reset_page(say: Say, code: str, told: LinkTold, wrong: str = "", status: int = 200) -> HTMLResponse:
    path = f"/reset/{segment(code)}"
    body = (
        form_head(say, path, say("reset"), say("reset_lead", email=told.email))
        + _error(wrong)
        + _username(told.email)
        + field(say("password"), "password", "password", "", "new-password")
        + f'<p class="pb-soft pb-small">{escape(say("reset_note"))}</p>'
        + _go(say("keep"))
    )
    return _form(say, say("reset"), path, body, status)


def _add_invitation(app: FastAPI, services: Services) -> None:
    @app.get("/invitation/{code}", include_in_schema=False)
    def invitation(request: Request, code: str) -> HTMLResponse:
        say, person = _say(request), services.identity.signed_in(request.cookies.get(COOKIE))
        try:
            return _invitation_page(say, code, look_at_invitation(code, services), person)
        except BadLinkError:
            return _bad_link(say)

    @app.post("/invitation/{code}", include_in_schema=False)
    async def accepted(
        request: Request,
        code: str,
        name: str = Form(default="", max_length=200),
        password: str = Form(default="", max_length=400),
    ) -> Response:
        say = _say(request)
        try:
            cookie = await accept_invitation(services, request, code, name, password)
        except BadLinkError:
            return _bad_link(say)
        except RefusedError as error:
            told = await run_in_threadpool(look_at_invitation, code, services)
            wrong = say("refused_name" if "a name" in str(error) else "refused_password")
            return _invitation_page(say, code, told, None, wrong, name=name)
        answer = RedirectResponse("/", status_code=303)
        keep_signed_in(request, answer, cookie)
        return answer

    @app.post("/invitation/{code}/join", include_in_schema=False)
    def joined(request: Request, code: str) -> Response:
        say, person = _say(request), services.identity.signed_in(request.cookies.get(COOKIE))
        path = f"/invitation/{segment(code)}"
        if person is None:
            return RedirectResponse(f"/sign-in?next={segment(path)}", status_code=303)
        try:
            join(code, person, services)
        except BadLinkError:
            return _bad_link(say)
        except TakenError:
            return _told(say, say("invitation"), say("member_already"), 409)
        return RedirectResponse("/", status_code=303)


def _invitation_page(
    say: Say, code: str, told: LinkTold, person: SignedIn | None, wrong: str = "", *, name: str = ""
) -> HTMLResponse:
    path = f"/invitation/{segment(code)}"
    lead = say("invited", dealer=told.dealer_name, email=told.email, role=role_words.role_name(say, told.role or ""))
    head = form_head(say, path, say("invitation"), lead)
    if not told.has_account:
        body = (
            f"{head}{_error(wrong)}{_username(told.email)}<p>{escape(say('choose'))}</p>"
            + field(say("name"), "name", "text", name, "name")
            + field(say("password"), "password", "password", "", "new-password")
            + _go(say("accept"))
        )
        return _form(say, say("invitation"), path, body, 422 if wrong else 200)
    if person is not None and person.email == told.email:
        return _form(say, say("invitation"), f"{path}/join", head + _go(say("accept")))
    other = f"<p>{escape(say('another', email=person.email))}</p>" if person else ""
    note = f"{other}<p>{escape(say('sign_in_first'))}</p>"
    onward = f"/sign-in?next={segment(path)}"
    link = f'<a class="pb-button is-main is-wide" href="{escape(onward)}">{escape(say("to_sign_in"))}</a>'
    return _page(say, say("invitation"), f'<div class="pb-card pb-stack pb-form">{head}{note}{link}</div>')


def _say(request: Request) -> Say:
    return speak(request, role_words.TEXTS, TEXTS)


def _bad_link(say: Say) -> HTMLResponse:
    return _told(say, say("bad_link"), say("bad_link_why"), 404)


def _told(say: Say, title: str, lead: str, status: int = 200) -> HTMLResponse:
    link = f'<a class="pb-button is-main is-wide" href="/sign-in">{escape(say("to_sign_in"))}</a>'
    body = f'<div class="pb-card pb-stack pb-form">{form_head(say, "/sign-in", title, lead)}{link}</div>'
    return _page(say, title, body, status)


def _form(say: Say, title: str, path: str, body: str, status: int = 200) -> HTMLResponse:
    made = f'<form method="post" action="{escape(path)}" class="pb-card pb-stack pb-form">{body}</form>'
    return _page(say, title, made, status)


def _page(say: Say, title: str, body: str, status: int = 200) -> HTMLResponse:
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(plain_page(say, f"Partsbay · {title}", body), status, headers)


def _username(email: str) -> str:
    """Whose password it is, for the browser that is to remember it."""
    return f'<input type="hidden" name="username" value="{escape(email)}" autocomplete="username">'


def _error(wrong: str) -> str:
    return f'<p class="pb-error" role="alert">{escape(wrong)}</p>' if wrong else ""


def _go(label: str) -> str:
    return f'<button class="pb-button is-main is-wide" type="submit">{escape(label)}</button>'
