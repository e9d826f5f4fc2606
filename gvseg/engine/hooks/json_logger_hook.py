"""mmengine's logger hook with results in strict JSON."""

from mmdet.registry import HOOKS
from mmengine.hooks import LoggerHook

from gvseg.formats.json_files import nan_to_none


@HOOKS.register_module()
class JsonLoggerHook(LoggerHook):
    """``LoggerHook`` that writes null for undefined values in the JSON of a test.

    A video shorter than 16 frames has no mVC16, and an absent class no IoU; NaN is not valid JSON, and other
    programs refuse it.
    """

    @staticmethod
    def _process_tags(tags: dict) -> dict:
        """Tags with non-finite values replaced by null."""
        return nan_to_none(LoggerHook._process_tags(tags))
