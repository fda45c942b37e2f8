"""Accounts: register, log in, log out, and who am I."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from rhapsode.accounts.accounts import TOKEN_LIFETIME
from rhapsode.accounts.records import User
from rhapsode.api.deps import (
    SECURE_SESSION_COOKIE,
    SESSION_COOKIE,
    CurrentUser,
    PartsOfApp,
    find_user,
    token_of,
)
from rhapsode.api.problems import problems
from rhapsode.errors import NotAllowedError

router = APIRouter(prefix="/api/auth", tags=["accounts"])


class Login(BaseModel):
    """A name and a password."""

    model_config = ConfigDict(extra="ignore")

    username: str = Field(max_length=32)
    password: str = Field(max_length=256)


def _require_plain(username: str) -> str:
    # A validator instead of a `pattern`, because it can say in words what is wrong.
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", username):
        raise ValueError("may have letters, digits, `_`, `.` and `-` only")
    return username


NewPassword = Annotated[str, Field(min_length=8, max_length=256)]


class Registration(BaseModel):
    """A new account."""

    username: Annotated[str, AfterValidator(_require_plain)] = Field(
        min_length=3,
        max_length=32,
        description="Letters, digits, `_`, `.` and `-`; upper and lower case are the same name.",
    )
    password: NewPassword


class UserBody(BaseModel):
    """A user, as themselves see it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    username: str
    is_admin: bool
    created_at: datetime


class UserAnswer(BaseModel):
    """The user."""

    user: UserBody


class LoginAnswer(BaseModel):
    """Proof of the login. Browsers can ignore the token: they got a cookie."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"
    user: UserBody


class AuthMode(BaseModel):
    """How people use this server."""

    mode: Literal["single", "accounts"] = Field(
        description="`single`: one local user, no login. `accounts`: everybody logs in."
    )
    user: UserBody | None = Field(description="Who asks; null when they must log in first.")
    registration_open: bool
    needs_first_account: bool = Field(
        description="Nobody has an account yet; who makes one becomes the administrator."
    )


def accounts_only(parts: PartsOfApp) -> None:
    """Refuse where there is nothing to log in to.

    Raises:
        NotAllowedError: The server runs for one local user.
    """
    if parts.auth == "single":
        raise NotAllowedError("This server runs for one person; there are no accounts.")


async def login_of(request: Request) -> Login:
    """Read name and password from JSON or from a form.

    Raises:
        RequestValidationError: The body is neither, or a field is missing or too long.
    """
    form = request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    )
    try:
        if form:
            return Login.model_validate(dict(await request.form()))
        return Login.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


_LOGIN_SCHEMA = {"schema": Login.model_json_schema()}
_LOGIN_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": _LOGIN_SCHEMA,
            "application/x-www-form-urlencoded": _LOGIN_SCHEMA,
        },
    }
}


@router.get("/mode")
def get_auth_mode(parts: PartsOfApp, user: Annotated[User | None, Depends(find_user)]) -> AuthMode:
    """Tell how people use this server, and who asks. Needs no login."""
    has_door = parts.auth == "accounts"
    return AuthMode(
        mode=parts.auth,
        user=UserBody.model_validate(user) if user else None,
        registration_open=has_door and parts.accounts.registration_open(),
        needs_first_account=has_door and parts.accounts.needs_first_account(),
    )


@router.post(
    "/register",
    status_code=201,
    dependencies=[Depends(accounts_only)],
    responses=problems(403, 409, 429),
)
async def register(body: Registration, request: Request, parts: PartsOfApp) -> UserAnswer:
    """Make an account. The first one becomes the administrator's."""
    user = await parts.accounts.register(body.username, body.password, address_of(request))
    return UserAnswer(user=UserBody.model_validate(user))


@router.post(
    "/login",
    dependencies=[Depends(accounts_only)],
    responses=problems(401, 403, 422, 429),
    openapi_extra=_LOGIN_BODY,
)
async def login(
    body: Annotated[Login, Depends(login_of)],
    request: Request,
    response: Response,
    parts: PartsOfApp,
) -> LoginAnswer:
    """Log in. The answer holds a token for programs and sets a cookie for browsers."""
    user, token = await parts.accounts.login(body.username, body.password, address_of(request))
    _set_cookie(request, response, str(token))
    return LoginAnswer(access_token=str(token), user=UserBody.model_validate(user))


@router.post("/logout", status_code=204)
async def logout(request: Request, response: Response, parts: PartsOfApp) -> None:
    """End the login that this request carries, if any, and close the sockets that it opened."""
    token = token_of(request)
    if token:
        await parts.accounts.logout(token)
    forget_cookies(response)


@router.get("/me", responses=problems(401))
def get_me(user: CurrentUser) -> UserAnswer:
    """Tell who asks."""
    return UserAnswer(user=UserBody.model_validate(user))


def address_of(request: Request) -> str:
    """Return where a request comes from, as far as the proxies that are believed tell it."""
    return request.client.host if request.client else ""


def forget_cookies(response: Response) -> None:
    """Have the browser throw the cookie of its login away."""
    response.delete_cookie(SESSION_COOKIE)
    response.delete_cookie(SECURE_SESSION_COOKIE, secure=True)


def _set_cookie(request: Request, response: Response, token: str) -> None:
    secure = request.url.scheme == "https"
    response.set_cookie(
        SECURE_SESSION_COOKIE if secure else SESSION_COOKIE,
        token,
        max_age=int(TOKEN_LIFETIME.total_seconds()),
        httponly=True,
        secure=secure,
        samesite="lax",
    )
