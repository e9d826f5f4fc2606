"""State of a session as JSON for the page."""

from .jobs import Job, JobQueue
from .sessions import Session
from .workspace import Workspace


def state_of(session: Session, jobs: JobQueue) -> dict:
    """Everything that the page shows of a session."""
    work, job = session.work, session.job
    return dict(work=work and _work_state(work), job=job and _job_state(job, jobs))


def _work_state(work: Workspace) -> dict:
    clip, history = work.clip, work.history
    return dict(
        clip=dict(
            name=clip.name,
            length=clip.length,
            height=clip.size[0],
            width=clip.size[1],
            fps=clip.fps,
            notes=list(clip.notes),
            credit=clip.credit,
            version=clip.pictures.parent.name,
        ),
        first=work.first,
        last=work.last,
        objects=[one.as_json() for one in history.current.objects],
        prompts=[one.as_json() for one in history.current.prompts],
        undo=len(history.before),
        redo=len(history.after),
        revision=history.revision,
        results={key: results.as_json() for key, results in list(work.results.items())},
    )


def _job_state(job: Job, jobs: JobQueue) -> dict:
    return dict(
        model=job.model.key,
        direction=job.direction,
        state=job.state,
        done=job.done,
        total=job.total,
        frame=job.frame,
        error=job.error,
        seconds=job.seconds(),
        ahead=jobs.ahead(job),
        segments=list(job.segments),
        messages=list(job.messages),
    )
