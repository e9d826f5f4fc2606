"""Atomic checkpoints, and resuming from the newest complete one."""

import os
from contextlib import suppress
from pathlib import Path

from mmdet.registry import HOOKS
from mmengine.dist import is_main_process
from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner

from gvseg.utils.resuming import check_resumable, checkpoint_folders, newest_checkpoint, write_pointer


@HOOKS.register_module()
class AtomicCheckpointHook(CheckpointHook):
    """mmengine's hook with atomic writes, so that a run killed at any time can be resumed.

    * A file is renamed to its final name once complete, and older ones are removed after that.
    * ``last_checkpoint`` is replaced atomically, and holds a relative path, so that the folder can be moved.
    * Resuming uses the newest complete checkpoint of the work directory or raises an error; see
      :func:`gvseg.utils.resuming.newest_checkpoint`.

    Args: those of :class:`mmengine.hooks.CheckpointHook`.
    """

    def before_run(self, runner: Runner) -> None:
        """Choose the checkpoint to resume from, before mmengine does."""
        if runner._resume and runner._load_from is None:
            own = checkpoint_folders(runner.work_dir, self.out_dir)
            runner._load_from = newest_checkpoint(runner.work_dir, own, runner.logger.warning)
        elif runner._resume and '://' not in runner._load_from:
            check_resumable(runner._load_from)

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        name = self.filename_tmpl.format(step)
        self.last_ckpt = self.file_backend.join_path(self.out_dir, name)
        runner.message_hub.update_info('last_ckpt', self.last_ckpt)
        outdated = self._keep(runner, step)
        local = '://' not in str(self.out_dir)
        part = Path(self.out_dir, f'{name}.part')
        try:
            runner.save_checkpoint(
                self.out_dir,
                part.name if local else name,
                self.file_client_args,
                save_optimizer=self.save_optimizer,
                save_param_scheduler=self.save_param_scheduler,
                meta=meta,
                by_epoch=self.by_epoch,
                backend_args=self.backend_args,
                **self.args,
            )
        except OSError:
            with suppress(OSError):
                part.unlink()
            raise
        if not is_main_process():
            return
        if local:
            os.replace(part, self.last_ckpt)
            write_pointer(runner.work_dir, self.last_ckpt)
        for path in outdated:
            remove = self.file_backend.rmtree if self.file_backend.isdir(path) else self.file_backend.remove
            if self.file_backend.exists(path):
                remove(path)

    def _keep(self, runner: Runner, step: int) -> list[str]:
        """Register a checkpoint and return the files that exceed ``max_keep_ckpts``."""
        if self.max_keep_ckpts <= 0 or step in self.keep_ckpt_ids:
            return []
        full = len(self.keep_ckpt_ids) == self.max_keep_ckpts
        steps = [self.keep_ckpt_ids.popleft()] if full else []
        self.keep_ckpt_ids.append(step)
        runner.message_hub.update_info('keep_ckpt_ids', list(self.keep_ckpt_ids))
        return [self.file_backend.join_path(self.out_dir, self.filename_tmpl.format(old)) for old in steps]
