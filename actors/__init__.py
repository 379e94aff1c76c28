"""Telegram accounts as actors: Telethon sessions on Pykka, under a supervisor."""
