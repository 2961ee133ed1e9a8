from patients import crfs

__all__ = ["crfs"]
