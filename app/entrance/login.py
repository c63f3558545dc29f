"""Signing in and out."""

import asyncio
from http import HTTPStatus
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.entrance import forms, sso
from app.entrance.page import page
from app.entrance.reception import Reception
from app.sessions import COOKIE
from models.errors import FarthingError


class Login:
    def __init__(self, reception: Reception) -> None:
        self.reception = reception

    def routes(self) -> list[Route]:
        return [
            Route("/login", self.show, methods=["GET"]),
            Route("/login", self.sign_in, methods=["POST"]),
            Route("/logout", self.sign_out, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        target = forms.local(request.query_params.get("next"))
        if await self.reception.viewer(request):
            return RedirectResponse(target, HTTPStatus.SEE_OTHER)
        if sso.is_vouched_for(request):
            return RedirectResponse(sso.BACK, HTTPStatus.SEE_OTHER)
        return self.page(target)

    async def sign_in(self, request: Request) -> Response:
        target = forms.local(request.query_params.get("next"))
        email = ""
        try:
            form = await forms.read(request)
            email = form.get("email", "")
            user_id = await self.reception.check(request, email, form.get("password", ""))
            return await self.reception.begin(request, user_id, RedirectResponse(target, HTTPStatus.SEE_OTHER))
        except FarthingError as problem:
            return self.page(target, email, problem)

    async def sign_out(self, request: Request) -> Response:
        try:
            forms.check_origin(request)
            if cookie := request.cookies.get(COOKIE):
                await asyncio.to_thread(self.reception.here.sessions.end, cookie)
        except FarthingError as problem:
            return self.page("/", problem=problem)
        answer = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=forms.is_secure(request))
        return answer

    def page(self, target: str, email: str = "", problem: FarthingError | None = None) -> Response:
        is_open = self.reception.here.installation.settings.open_signup
        ways = {
            each.title: f"{sso.BEGIN}?{urlencode({'provider': each.name, 'next': target})}" for each in sso.providers()
        }
        return page("login", problem, action=action(target), email=email, open_signup=is_open, ways=ways)


def action(target: str) -> str:
    return "/login" if target == "/" else f"/login?next={quote(target, safe='')}"
