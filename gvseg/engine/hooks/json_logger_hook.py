"""mmengine's logger with results in strict JSON."""

from mmdet.registry import HOOKS
from mmengine.hooks import LoggerHook

from gvseg.formats.json_files import nan_to_none


@HOOKS.register_module()
class JsonLoggerHook(LoggerHook):
    """As ``LoggerHook``; in the JSON of a test, null stands for what could not be measured.

    A video shorter than 16 frames has no mVC16, a class that is nowhere no IoU: their NaN is no JSON, and other
    programs refuse the file.
    """

    @staticmethod
    def _process_tags(tags: dict) -> dict:
        """Tags as JSON knows them."""
        return nan_to_none(LoggerHook._process_tags(tags))
