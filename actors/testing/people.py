"""The kit's part for people and chats: groups, bots, passwords, roles and invite links.

It is not a server: it asks one over the control channel. `testing/kit.py` mixes it into `Loopback`.
"""

from __future__ import annotations

from collections.abc import Iterable

from actors.testing.channel import ControlChannel

__all__ = ["People"]

ADMIN_RIGHTS = (
    "change_info",
    "post_messages",
    "edit_messages",
    "delete_messages",
    "ban_users",
    "invite_users",
    "pin_messages",
)


class People:
    """The commands for everybody that a test can have on its server besides accounts and channels."""

    _control: ControlChannel

    def add_group(self, name: str, *, members: Iterable[str]) -> int:
        """Create a basic group titled `name` and return its id. members: as for `add_channel`."""
        group_id: int = self._control.ask("add_group", name=name, members=list(members))["id"]
        return group_id

    def add_topic(self, channel: str, title: str, *, author: str | None = None) -> int:
        """Open a topic in a supergroup, which is a forum from then on, and return its id.

        `post(..., reply_to=id)` writes in it; what answers nothing is in the General topic. author: by default the
        supergroup's creator.
        """
        topic: int = self._control.ask("add_topic", channel=channel, title=title, author=author)
        return topic

    def min_reactions(self, account: str, *, on: bool = True) -> None:
        """Tell an account of reactions as in big chats: how many there are (`min`), and not which ones it gave.

        It gets the whole when it asks for that (messages.getMessagesReactions).
        """
        self._control.ask("min_reactions", account=account, on=on)

    def cached_photos(self, *, on: bool = True) -> None:
        """Send photos along with their messages, in one cached size alone: those that are stored from now on."""
        self._control.ask("cached_photos", on=on)

    def migrate(self, group: str) -> int:
        """Make a supergroup of a basic group, as its creator may, and return the supergroup's id."""
        channel_id: int = self._control.ask("migrate", group=group)
        return channel_id

    def set_username(self, name: str, username: str | None, *, told: bool = True) -> None:
        """Give an account or a channel another username, or None. It must be free: whoever had it gives it up first.

        told: whether those hear of it who have a chat with the account (updateUserName), or are in the channel.
        """
        self._control.ask("set_username", name=name, username=username, told=told)

    def add_bot(self, name: str) -> str:
        """Create a bot, with its name as username, and return the token that it logs in with."""
        token: str = self._control.ask("add_bot", name=name)
        return token

    def set_password(self, account: str, password: str | None, *, hint: str = "") -> None:
        """Give an account a two-step password, which its next login is asked for. None takes it away."""
        self._control.ask("set_password", account=account, password=password, hint=hint)

    def promote(self, chat: str, account: str, *, rights: Iterable[str] = ADMIN_RIGHTS) -> None:
        """Make a member an administrator. rights: by the names of Telegram's ChatAdminRights; an empty list ends it.

        Who has `anonymous` writes in the supergroup's name.
        """
        self._control.ask("promote", chat=chat, account=account, rights=list(rights))

    def invite_link(self, chat: str, *, limit: int = 0, by_request: bool = False, lifetime: int | None = None) -> str:
        """Return a new invite link to a channel or group.

        limit: how many people it lets in, 0 for any number. by_request: whether an administrator must agree. lifetime:
        seconds.
        """
        link: str = self._control.ask("invite_link", chat=chat, limit=limit, by_request=by_request, lifetime=lifetime)
        return link

    def send_scheduled(self) -> int:
        """Send every scheduled message now, as if its time had come, and return how many there were."""
        sent: int = self._control.ask("send_scheduled")
        return sent

    def deactivate(self, account: str, *, error: str = "USER_DEACTIVATED") -> None:
        """Delete an account: its calls get this 401, and others see a deleted user that can't be written to."""
        self._control.ask("deactivate", account=account, error=error)
