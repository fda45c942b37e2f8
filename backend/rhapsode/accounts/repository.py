"""AccountRepository: people and their logins."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rhapsode.accounts.models import AccessTokenRow, UserRow
from rhapsode.accounts.records import Credentials, User
from rhapsode.accounts.tokens import AccessToken
from rhapsode.database import Database, utc_now
from rhapsode.errors import ConflictError

LOCAL_USERNAME = "you"
"""The one user of a server that needs no login."""

_LOCAL_KEY = "(you)"
"""Nobody can register this name, so the local user never meets a person of the same one."""

_REGISTRATION_LOCK = 0x5248_4152
"""Two people who register at once wait for each other: only one of them can be the first."""


class AccountRepository:
    """Reads and writes users and access tokens. Blocking: call it from a thread."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def local_user(self) -> User:
        """Return the user who needs no login, made on first use."""
        with self._db.read() as session:
            row = session.scalar(_local)
        return _user(row) if row else self._create_local_user()

    def has_accounts(self) -> bool:
        """Tell whether anybody can log in."""
        with self._db.read() as session:
            return session.scalar(_count_accounts) != 0

    def create_user(self, username: str, password_hash: str) -> User:
        """Make an account.

        The first one is the administrator's. It takes over what the local user has written, if the
        server was used without accounts before.

        Raises:
            ConflictError: The name is taken, in whatever case.
        """
        with self._db.write() as session:
            self._db.lock(session, _REGISTRATION_LOCK)
            if session.scalar(_count_accounts) == 0:
                return _user(_add_first(session, username, password_hash))
            taken = select(UserRow.id).where(UserRow.username_key == username.lower())
            if session.scalar(taken) is not None:
                raise ConflictError(f"The name {username} is taken.")
            return _user(_add(session, username, password_hash, is_admin=False))

    def create_first_user(self, username: str, password_hash: str) -> User | None:
        """Make the first account; None when somebody else was faster."""
        with self._db.write() as session:
            self._db.lock(session, _REGISTRATION_LOCK)
            if session.scalar(_count_accounts) != 0:
                return None
            return _user(_add_first(session, username, password_hash))

    def find_credentials(self, username: str) -> Credentials | None:
        """Return what a login is checked against; None when nobody can log in by that name."""
        named = select(UserRow).where(UserRow.username_key == username.lower())
        with self._db.read() as session:
            row = session.scalar(named)
            if row is None or row.password_hash is None:
                return None
            return Credentials(_user(row), row.password_hash)

    def set_password_hash(self, user_id: int, password_hash: str) -> None:
        """Store a new hash of the same or another password."""
        with self._db.write() as session:
            session.get_one(UserRow, user_id).password_hash = password_hash

    def add_token(self, user_id: int, token: AccessToken, expires_at: datetime) -> None:
        """Remember a login, and forget the user's expired ones."""
        expired = delete(AccessTokenRow).where(
            AccessTokenRow.user_id == user_id, AccessTokenRow.expires_at <= utc_now()
        )
        row = AccessTokenRow(
            prefix=token.prefix,
            secret_hash=token.secret_hash,
            user_id=user_id,
            expires_at=expires_at,
        )
        with self._db.write() as session:
            session.execute(expired)
            session.add(row)

    def find_token_owner(self, token: AccessToken) -> User | None:
        """Return whose token it is; None when it is wrong, revoked or expired."""
        owned = (
            select(AccessTokenRow, UserRow)
            .join(UserRow, UserRow.id == AccessTokenRow.user_id)
            .where(AccessTokenRow.prefix == token.prefix)
        )
        with self._db.read() as session:
            found = session.execute(owned).one_or_none()
            if found is None:
                return None
            row, user = found
            valid = token.matches(row.secret_hash) and row.expires_at > utc_now()
            return _user(user) if valid else None

    def delete_token(self, token: AccessToken) -> None:
        """Revoke a login; a token that is gone already is no error."""
        revoked = delete(AccessTokenRow).where(
            AccessTokenRow.prefix == token.prefix,
            AccessTokenRow.secret_hash == token.secret_hash,
        )
        with self._db.write() as session:
            session.execute(revoked)

    def delete_tokens(self, user_id: int, spared: AccessToken | None) -> list[str]:
        """Revoke every login of a user, or all but one; return their prefixes."""
        revoked = (
            delete(AccessTokenRow)
            .where(
                AccessTokenRow.user_id == user_id,
                AccessTokenRow.prefix != (spared.prefix if spared else ""),
            )
            .returning(AccessTokenRow.prefix)
        )
        with self._db.write() as session:
            return list(session.scalars(revoked))

    def delete_user(self, user_id: int) -> None:
        """Delete a user and all that belongs to them; who is gone already is no error.

        An administrator's place goes to the oldest of the other accounts.
        """
        oldest = select(UserRow).where(UserRow.password_hash.is_not(None)).order_by(UserRow.id)
        with self._db.write() as session:
            self._db.lock(session, _REGISTRATION_LOCK)
            user = session.get(UserRow, user_id)
            if user is None:
                return
            was_admin = user.is_admin
            session.execute(delete(UserRow).where(UserRow.id == user_id))
            heir = session.scalar(oldest.limit(1))
            if was_admin and heir is not None:
                heir.is_admin = True

    def _create_local_user(self) -> User:
        row = UserRow(
            username=LOCAL_USERNAME, username_key=_LOCAL_KEY, password_hash=None, is_admin=True
        )
        try:
            with self._db.write() as session:
                session.add(row)
        except IntegrityError:  # somebody else's first request was faster
            return self.local_user()
        return _user(row)


_count_accounts = (
    select(func.count()).select_from(UserRow).where(UserRow.password_hash.is_not(None))
)


_local = select(UserRow).where(UserRow.password_hash.is_(None))


def _add_first(session: Session, username: str, password_hash: str) -> UserRow:
    """Make the administrator's account, of the local user where there is one."""
    row = session.scalar(_local)
    if row is None:
        return _add(session, username, password_hash, is_admin=True)
    row.username, row.username_key = username, username.lower()
    row.password_hash, row.is_admin = password_hash, True
    return row


def _add(session: Session, username: str, password_hash: str, *, is_admin: bool) -> UserRow:
    row = UserRow(
        username=username,
        username_key=username.lower(),
        password_hash=password_hash,
        is_admin=is_admin,
    )
    session.add(row)
    session.flush()
    return row


def _user(row: UserRow) -> User:
    return User(row.id, row.username, row.is_admin, row.created_at)
