"""The smallest firmware: one PE calls, the others answer."""

from firmware_models.ping.firmware import Ping, PingParameters

__all__ = ["Ping", "PingParameters"]
