from safety import crfs

__all__ = ["crfs"]
