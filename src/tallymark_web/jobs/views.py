"""Background work as people see it: what runs, how far, how it ended."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from tallymark_web.jobs import queue
from tallymark_web.jobs.models import QUEUED, RUNNING, Job
from tallymark_web.workplace import newest_run, programme, store

SHOWN = 50


def jobs(request: HttpRequest) -> HttpResponse:
    """The newest jobs; asks itself again while something runs."""
    found = list(Job.objects.select_related("by")[:SHOWN])
    run = newest_run()
    shown = {
        "found": found,
        "busy": any(job.state in (QUEUED, RUNNING) for job in found),
        "contracts": list(programme().contracts.values()),
        "may_run": request.access.everywhere("runs.make"),
        "run": run,
        "behind": store().version - int(run.manifest["data_version"]) if run else None,
    }
    part = "web/jobs_list.html" if request.htmx else "web/jobs.html"
    return render(request, part, shown)


def assess(request: HttpRequest) -> HttpResponse:
    """Asks for an assessment; only somebody who works for the whole programme may."""
    contract = request.POST.get("contract", "")
    if contract not in programme().contracts:
        raise Http404
    if not request.access.everywhere("runs.make"):
        raise Http404
    mode = "rehearsal" if request.POST.get("mode") == "rehearsal" else "official"
    queue.ask("assess", {"contract": contract, "mode": mode}, by=request.user, at=timezone.now())
    return redirect("jobs")


def cancel(request: HttpRequest, job: int) -> HttpResponse:
    """Cancels a job that one may ask for."""
    if not request.access.everywhere("runs.make"):
        raise Http404
    queue.cancel(get_object_or_404(Job, pk=job), by=request.user, at=timezone.now())
    return redirect("jobs")
