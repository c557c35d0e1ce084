"""Signing in and out: a plain form, so that it works before any script, and the cookie never meets one."""

from html import escape

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from nicegui import run

from cloud.api.access import COOKIE, keep_signed_in
from cloud.api.people import address_of
from cloud.identity import LockedOutError, WrongPasswordError
from cloud.pages.addresses import segment
from cloud.services import Services
from page_kit.frame import LANGUAGE_NAMES, language_path, plain_page, speak
from page_kit.language import Say, Texts, local_path

TEXTS: Texts = {
    "title": ("登录", "Sign in"),
    "lead": (
        "配件商和汽修店在这里看库存、用量和补货。",
        "For dealers and shops: stock, consumption and what to bring.",
    ),
    "forgotten": ("忘记密码？", "Forgot the password?"),
    "email": ("邮箱", "Email"),
    "password": ("密码", "Password"),
    "go": ("登录", "Sign in"),
    "wrong": ("邮箱或密码不对。", "The email or the password is wrong."),
    "locked": ("试得太多了，请 {seconds} 秒后再试。", "Too many attempts: please wait {seconds} s."),
}


def add_routes(app: FastAPI, services: Services) -> None:
    """The form, its answer, and signing out."""

    @app.get("/sign-in", include_in_schema=False)
    def form(request: Request, next: str = "/") -> HTMLResponse:  # noqa: A002 - the name in the address
        return _page(speak(request, TEXTS), local_path(next))

    @app.post("/sign-in", include_in_schema=False)
    async def sign_in(
        request: Request,
        email: str = Form(default="", max_length=254),
        password: str = Form(default="", max_length=200),
        next: str = Form(default="/"),  # noqa: A002 - the name in the form
    ) -> Response:
        say, onward = speak(request, TEXTS), local_path(next)
        try:
            browser = request.headers.get("user-agent", "")
            cookie = await services.identity.sign_in(email, password, address_of(request), browser)
        except WrongPasswordError:
            return _page(say, onward, email, say("wrong"), 401)
        except LockedOutError as error:
            return _page(say, onward, email, say("locked", seconds=-(-error.wait_ms // 1000)), 429)
        return _with_cookie(request, cookie, await _begin(services, cookie) if onward == "/" else onward)

    @app.post("/sign-out", include_in_schema=False)
    def sign_out(request: Request) -> RedirectResponse:
        services.identity.sign_out(request.cookies.get(COOKIE))
        answer = RedirectResponse("/sign-in", status_code=303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return answer


async def _begin(services: Services, cookie: str) -> str:
    """Where somebody begins who asked for no page: the list of shops, or who drives, at their round."""
    person = await run.io_bound(services.identity.signed_in, cookie)
    return "/rounds" if person is not None and person.role == "restocker" else "/"


def _with_cookie(request: Request, cookie: str, onward: str) -> RedirectResponse:
    answer = RedirectResponse(onward, status_code=303)
    keep_signed_in(request, answer, cookie)
    return answer


def _page(say: Say, onward: str, email: str = "", wrong: str = "", status: int = 200) -> HTMLResponse:
    error = f'<p class="pb-error" role="alert">{escape(wrong)}</p>' if wrong else ""
    back = f"/sign-in?next={segment(onward)}"
    body = (
        f'<form method="post" action="/sign-in" class="pb-card pb-stack pb-form">'
        f"{form_head(say, back, say('title'), say('lead'))}{error}"
        f'<input type="hidden" name="next" value="{escape(onward)}">'
        + field(say("email"), "email", "email", email, "username")
        + field(say("password"), "password", "password", "", "current-password")
        + f'<button class="pb-button is-main is-wide" type="submit">{escape(say("go"))}</button>'
        f'<a class="pb-lang" href="/forgotten">{escape(say("forgotten"))}</a></form>'
    )
    return HTMLResponse(plain_page(say, f"Partsbay · {say('title')}", body), status_code=status)


def form_head(say: Say, back: str, title: str, lead: str) -> str:
    """What a form for somebody who is not signed in begins with; `back` is its own address."""
    return (
        f'<div class="pb-row pb-between"><div class="pb-mark"><div></div><div></div><div></div><div></div></div>'
        f'<a class="pb-lang" href="{escape(language_path(say, back))}">{LANGUAGE_NAMES[say.other]}</a></div>'
        f'<div><h1 class="pb-h1">Partsbay · {escape(title)}</h1><p class="pb-soft">{escape(lead)}</p></div>'
    )


def field(label: str, name: str, kind: str, value: str, autocomplete: str) -> str:
    """A field of a plain form, with its label."""
    return (
        f'<label><span class="pb-label">{escape(label)}</span><input class="pb-field" name="{name}" type="{kind}" '
        f'value="{escape(value)}" autocomplete="{autocomplete}" required></label>'
    )
