"""Who may do what in groups and channels: administrators' rights, bans, and what everybody is denied. It only decides.

The methods ask it before they change anything.
"""

from __future__ import annotations

from actors.testing.server.world.parties import Account, Ban, Channel, Chat

__all__ = ["ban_of", "is_admin", "is_denied", "may", "outranks"]

ALL_MEMBERS = frozenset({"invite_users", "pin_messages", "change_info"})  # theirs too, unless it is denied


def is_admin(chat: Chat, account: Account) -> bool:
    """Tell whether an account is the creator or an administrator."""
    return account.id == chat.creator or account.id in chat.admins


def may(chat: Chat, account: Account, right: str) -> bool:
    """Tell whether an account has a right: as creator, as administrator, or in a group as any member."""
    if account.id not in chat.members:
        return False
    if account.id == chat.creator:
        return True
    admin = chat.admins.get(account.id)
    if admin is not None and right in admin.rights:
        return True
    broadcast = isinstance(chat, Channel) and chat.broadcast
    return not broadcast and right in ALL_MEMBERS and right not in chat.forbidden


def ban_of(chat: Chat, account: Account, now: int) -> Ban | None:
    """Return the ban that is in force for an account; None for no ban."""
    ban = chat.bans.get(account.id) if isinstance(chat, Channel) else None
    return ban if ban is not None and (not ban.until or now < ban.until) else None


def is_denied(chat: Chat, account: Account, right: str, now: int) -> bool:
    """Tell whether a ban takes a right from an account."""
    ban = ban_of(chat, account, now)
    return ban is not None and right in ban.forbidden


def outranks(chat: Chat, account: Account, other: Account) -> bool:
    """Tell whether an account may change another's standing: never the creator's, nor that of somebody else's admin."""
    admin = chat.admins.get(other.id)
    return other.id != chat.creator and (admin is None or account.id in (chat.creator, admin.by))
