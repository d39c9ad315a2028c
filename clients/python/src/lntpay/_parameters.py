"""How arguments become a request, and the base of what is answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """An object of the API. Members that this version does not know are kept in `model_extra`."""

    model_config = ConfigDict(extra="allow", protected_namespaces=())


def path_id(id: str) -> str:
    """An id in a path; refuses a text that would lead to another one."""
    if re.fullmatch(r"[0-9A-Za-z_-]+(\.[0-9A-Za-z_-]+)*", id) is None:
        raise ValueError(f"{id!r} is not an id.")
    return id


def body_of(params: object) -> dict[str, Any]:
    return dict(cast("Mapping[str, Any]", params))


def query_of(params: object) -> dict[str, Any]:
    return dict(cast("Mapping[str, Any]", params))
