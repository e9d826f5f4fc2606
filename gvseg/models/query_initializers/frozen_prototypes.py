"""Prototypes for export: which classes have one is fixed before the graph is recorded."""

from mmdet.registry import MODELS

from .prototypes import PrototypeQueries


@MODELS.register_module()
class FrozenPrototypeQueries(PrototypeQueries):
    """:class:`PrototypeQueries` of a trained model, without a question to the device; parameters are the same."""

    _known: list[int] | None = None

    def freeze(self) -> None:
        """Note which classes have a prototype; to be called once the weights are loaded."""
        self._known = super().known_classes()

    def known_classes(self) -> list[int]:
        """As noted by :meth:`freeze`."""
        return super().known_classes() if self._known is None else self._known
