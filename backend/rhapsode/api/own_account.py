"""What people do with their own account: change the password, and leave for good."""

import asyncio

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from rhapsode.api.auth import NewPassword, accounts_only, address_of, forget_cookies
from rhapsode.api.deps import CurrentLogin, CurrentUser, PartsOfApp
from rhapsode.api.live_dialects import STOPPED_BY_USER
from rhapsode.api.parts import Parts
from rhapsode.api.problems import problems

router = APIRouter(
    prefix="/api/auth",
    tags=["accounts"],
    dependencies=[Depends(accounts_only)],
    responses=problems(401, 403, 422, 429),
)


class PasswordChange(BaseModel):
    """Another password for the account."""

    model_config = ConfigDict(extra="forbid")

    current_password: str = Field(max_length=256)
    new_password: NewPassword


class Farewell(BaseModel):
    """Proof that it is really the owner who deletes an account."""

    model_config = ConfigDict(extra="forbid")

    password: str = Field(max_length=256)


@router.post("/password", status_code=204)
async def change_password(
    body: PasswordChange,
    request: Request,
    user: CurrentUser,
    login: CurrentLogin,
    parts: PartsOfApp,
) -> None:
    """Change your password. Every other login of yours ends, and what it has open is closed."""
    await parts.accounts.confirm(
        user, body.current_password, address_of(request), param="current_password"
    )
    await parts.accounts.change_password(user, body.new_password, spared_login=login)


@router.delete("/me", status_code=204)
async def delete_account(
    body: Farewell, request: Request, response: Response, user: CurrentUser, parts: PartsOfApp
) -> None:
    """Delete your account, with its stories, narrations, settings and voices.

    If it administers the server, the oldest of the other accounts does from now on.
    """
    await parts.accounts.confirm(user, body.password, address_of(request), param="password")
    parts.sessions.discard(user.id, STOPPED_BY_USER)
    await parts.accounts.delete(user)
    await parts.narrations.review()
    await asyncio.to_thread(_delete_voices, user.id, parts)
    forget_cookies(response)


def _delete_voices(user_id: int, parts: Parts) -> None:
    for voice in parts.voice_library.list(user_id):
        parts.voice_library.delete(user_id, voice.id)
