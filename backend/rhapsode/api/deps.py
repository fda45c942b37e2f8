"""What routes ask for: the parts they work with, and the user who asks."""

from typing import Annotated

from fastapi import Depends, Path
from starlette.requests import HTTPConnection

from rhapsode.accounts.records import User
from rhapsode.api.parts import Parts, parts_of
from rhapsode.errors import NotAuthenticatedError

SESSION_COOKIE = "rhapsode_session"
SECURE_SESSION_COOKIE = f"__Host-{SESSION_COOKIE}"
"""Behind TLS. Browsers accept this name only encrypted, from the host itself, for every path."""

LARGEST_ID = 2**63 - 1
"""The largest number that a database keeps; a larger one cannot exist."""

PartsOfApp = Annotated[Parts, Depends(parts_of)]
StoryId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="The story's number.")]
SceneId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="The scene's number.")]


def token_of(connection: HTTPConnection) -> str | None:
    """Return the access token that a request or socket carries, in its header or its cookie."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    cookies = connection.cookies
    return cookies.get(SECURE_SESSION_COOKIE) or cookies.get(SESSION_COOKIE)


def login_of(connection: HTTPConnection, parts: PartsOfApp) -> str | None:
    """Return the access token by which somebody is logged in; None where nobody has to be."""
    return None if parts.auth == "single" else token_of(connection)


def find_user(connection: HTTPConnection, parts: PartsOfApp) -> User | None:
    """Return who asks; None when they do not say, or their login has ended."""
    if parts.auth == "single":
        return parts.people.local_user()
    token = token_of(connection)
    return parts.accounts.find_user(token) if token else None


def current_user(user: Annotated[User | None, Depends(find_user)]) -> User:
    """Return who asks.

    Raises:
        NotAuthenticatedError: They do not say, or their login has ended.
    """
    if user is None:
        raise NotAuthenticatedError("Please log in first.")
    return user


CurrentUser = Annotated[User, Depends(current_user)]
CurrentLogin = Annotated[str | None, Depends(login_of)]
