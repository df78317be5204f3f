"""The NoC link by link instead of cycle by cycle, for windows of packets that are known whole."""
