"""mmengine's local backend with strict JSON."""

from mmdet.registry import VISBACKENDS
from mmengine.visualization import LocalVisBackend

from gvseg.formats.json_files import nan_to_none


@VISBACKENDS.register_module()
class JsonVisBackend(LocalVisBackend):
    """As ``LocalVisBackend``; in ``scalars.json`` NaN and infinity are written as null."""

    def _dump(self, value_dict: dict, file_path: str, file_format: str) -> None:
        """Write a line."""
        super()._dump(nan_to_none(value_dict), file_path, file_format)
