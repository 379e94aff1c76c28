"""Tests of the loopback server, through the unmodified Telethon client over a real socket."""
