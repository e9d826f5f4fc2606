"""Refuses an inconsistent config before the first iteration."""

from mmdet.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner

from gvseg.engine.config_checks import check_shared_settings


@HOOKS.register_module()
class ConfigCheckHook(Hook):
    """Runs the checks of :mod:`gvseg.engine.config_checks` on the runner's config, under any tool."""

    def before_run(self, runner: Runner) -> None:
        check_shared_settings(runner.cfg)
