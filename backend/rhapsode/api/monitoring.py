"""Figures for a collector such as Prometheus."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from rhapsode import metrics
from rhapsode.accounts.records import User
from rhapsode.api.deps import PartsOfApp, find_user, token_of
from rhapsode.api.problems import problems
from rhapsode.errors import NotAuthenticatedError

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **problems(401)},
)
def read_metrics(
    request: Request, parts: PartsOfApp, user: Annotated[User | None, Depends(find_user)]
) -> Response:
    """Read every metric, in Prometheus's text format; they hold no names and no words of stories.

    With RHAPSODE_METRICS_TOKEN set, show it as the bearer token. Administrators may always read.
    """
    if not (_shows_token(request, parts) or (user and user.is_admin)):
        raise NotAuthenticatedError(
            "Show the token of RHAPSODE_METRICS_TOKEN as the bearer token, or log in as an "
            "administrator."
        )
    return Response(metrics.exposition(), headers={"Content-Type": metrics.CONTENT_TYPE})


def _shows_token(request: Request, parts: PartsOfApp) -> bool:
    shown = token_of(request) or ""
    wanted = parts.metrics_token
    return wanted is not None and secrets.compare_digest(shown.encode(), wanted.encode())
