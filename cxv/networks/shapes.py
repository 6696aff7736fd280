"""Shapes in signatures: jaxtyping's, which tests check; plain tensors where it is not installed.

``create_model`` works where nothing but torch, einops and pydantic is.
"""

try:
    from jaxtyping import Float, Int16
except ModuleNotFoundError:

    class _Shaped:
        def __class_getitem__(cls, item: tuple[type, str]) -> type:
            return item[0]

    Float = Int16 = _Shaped  # type: ignore[assignment]

__all__ = ["Float", "Int16"]
