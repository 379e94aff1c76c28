"""What the loopback knows: accounts, chats, messages, update logs. Pure and synchronous; see world.py."""
