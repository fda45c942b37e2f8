"""Accounts: registers people, lets them in, and recognizes them afterwards."""

from datetime import timedelta
from typing import Literal

from rhapsode.accounts.door import Door
from rhapsode.accounts.logins import Logins
from rhapsode.accounts.passwords import Passwords
from rhapsode.accounts.records import User
from rhapsode.accounts.repository import AccountRepository
from rhapsode.accounts.tokens import AccessToken, mint_token, parse_token
from rhapsode.database import Database, utc_now
from rhapsode.errors import InvalidInputError, NotAllowedError, NotAuthenticatedError

TOKEN_LIFETIME = timedelta(days=30)


class Accounts:
    """What a server with accounts does at its door."""

    def __init__(
        self, db: Database, repository: AccountRepository, registration: Literal["open", "closed"]
    ) -> None:
        self._db = db
        self._repository = repository
        self._registration = registration
        self._logins = Logins(db, repository)
        self._passwords = Passwords()
        self.door = Door()
        """How often strangers may knock."""

    def registration_open(self) -> bool:
        """Tell whether a stranger may make an account now. Blocking."""
        return self._registration == "open" or self.needs_first_account()

    def needs_first_account(self) -> bool:
        """Tell whether nobody has an account yet. Blocking."""
        return not self._repository.has_accounts()

    async def register(self, username: str, password: str, address: str) -> User:
        """Make an account.

        Args:
            username: As its owner wants to be called.
            password: In clear.
            address: Where the wish comes from.

        Raises:
            NotAllowedError: The operator has closed the registration.
            ConflictError: The name is taken.
            TooManyRequestsError: Too many accounts were asked for from there.
        """
        if not await self._db.run(self.registration_open):
            raise _registration_closed()
        self.door.register(address)
        password_hash = await self._passwords.hash(password)
        return await self._db.run(lambda: self._create(username, password_hash))

    async def login(self, username: str, password: str, address: str) -> tuple[User, AccessToken]:
        """Let somebody in.

        Args:
            username: In any case.
            password: In clear.
            address: Where the attempt comes from.

        Returns:
            The user, and a new token that proves them for `TOKEN_LIFETIME`.

        Raises:
            NotAuthenticatedError: Name or password is wrong; nobody learns which.
            TooManyRequestsError: Too many failures from there, or for this name.
        """
        with self.door.logging_in(username, address):
            user = await self._verify(username, password)
        token = mint_token()
        expires_at = utc_now() + TOKEN_LIFETIME
        await self._db.run(lambda: self._repository.add_token(user.id, token, expires_at))
        return user, token

    def find_user(self, token_text: str) -> User | None:
        """Return whose token it is; None when it is wrong, revoked or expired. Blocking."""
        token = parse_token(token_text)
        return self._repository.find_token_owner(token) if token else None

    async def confirm(self, user: User, password: str, address: str, *, param: str) -> None:
        """Make sure that it is the user themselves who asks for something grave.

        Args:
            user: Who is logged in.
            password: What they typed.
            address: Where they are.
            param: The field that it was typed into.

        Raises:
            InvalidInputError: The password is wrong.
            TooManyRequestsError: Too many failures from there, or for this user.
        """
        try:
            with self.door.logging_in(user.username, address):
                await self._verify(user.username, password)
        except NotAuthenticatedError as error:
            raise InvalidInputError("The password is wrong.", param=param) from error

    async def change_password(self, user: User, password: str, *, spared_login: str | None) -> None:
        """Give a user another password, and end every login but one.

        Args:
            user: Whose.
            password: The new one, in clear.
            spared_login: The access token of the login that goes on.
        """
        password_hash = await self._passwords.hash(password)
        await self._db.run(lambda: self._repository.set_password_hash(user.id, password_hash))
        await self._logins.end_all(user.id, parse_token(spared_login) if spared_login else None)

    async def delete(self, user: User) -> None:
        """Delete an account and everything that the database keeps of it."""
        await self._logins.end_all(user.id)
        await self._db.run(lambda: self._repository.delete_user(user.id))

    async def logout(self, token_text: str) -> None:
        """Revoke a token, and have what is open by it closed."""
        token = parse_token(token_text)
        if token:
            await self._logins.end(token)

    async def wait_logged_out(self, token_text: str) -> None:
        """Return when the login that a token proves has ended."""
        token = parse_token(token_text)
        if token:
            await self._logins.wait_ended(token)

    def close(self) -> None:
        """Wait for running verifications."""
        self._passwords.close()

    def _create(self, username: str, password_hash: str) -> User:
        if self._registration == "open":
            return self._repository.create_user(username, password_hash)
        first = self._repository.create_first_user(username, password_hash)
        if first is None:
            raise _registration_closed()
        return first

    async def _verify(self, username: str, password: str) -> User:
        found = await self._db.run(lambda: self._repository.find_credentials(username))
        right, new_hash = await self._passwords.verify(
            password, found.password_hash if found else None
        )
        if found is None or not right:
            raise NotAuthenticatedError("Name or password is wrong.")
        if new_hash:
            stronger = new_hash
            await self._db.run(lambda: self._repository.set_password_hash(found.user.id, stronger))
        return found.user


def _registration_closed() -> NotAllowedError:
    return NotAllowedError("Registration is closed. Ask the operator for an account.")
