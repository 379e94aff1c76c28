"""What a session listens to: its monitors, what they may have missed, and the operation that reads it again.

Used by the session actor; subscribers are served by `runtime/delivery.py`.
"""
