"""Dump all predictions of a test run to a file."""

from mmdet.evaluation.metrics.base_video_metric import collect_tracking_results
from mmdet.registry import METRICS
from mmengine.dist import is_main_process
from mmengine.evaluator import DumpResults


@METRICS.register_module()
class DumpVideoResults(DumpResults):
    """As ``DumpResults``, but keeps every clip.

    mmengine truncates gathered results to the length of the dataset, which counts videos here, while results are clips.
    """

    def evaluate(self, size: int) -> dict:
        """Gather from all processes and write."""
        # A copy, since a single process gets its own list back.
        results = list(collect_tracking_results(self.results, self.collect_device) or ())
        self.results.clear()
        return self.compute_metrics(results) if is_main_process() else {}
