from mrd import crfs

__all__ = ["crfs"]
