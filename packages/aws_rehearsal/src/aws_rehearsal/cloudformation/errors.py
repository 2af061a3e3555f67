"""The errors CloudFormation answers with, and the one that fails a resource."""

from __future__ import annotations

from aws_rehearsal.service import ServiceError


class ValidationError(ServiceError):
    """The request or its template is wrong; nothing was started."""

    code = "ValidationError"


class ChangeSetNotFound(ServiceError):
    code = "ChangeSetNotFound"


class ResourceFailed(Exception):  # it is CloudFormation's word: CREATE_FAILED, UPDATE_FAILED, DELETE_FAILED
    """A resource could not be created, updated or deleted; the message becomes its status reason."""
