"""The NoC for windows of packets that are known whole: the same rules in a small memory."""
