"""What many routes about a shop's work ask for and answer: ids, pages of lists, files to save."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Path, Query, Response

from cloud.api.access import refusals

TIME_MS_MAX = 2**53
ShopId = Annotated[str, Path(max_length=200, examples=["shop-1"])]
Limit = Annotated[int, Query(ge=1, le=200, examples=[50])]
After = Annotated[str, Query(max_length=500, description="the cursor of the last one of the page before")]
Words = Annotated[str, Query(max_length=200, description="what to find; empty for all", examples=["鲁B12345"])]
HERE = refusals(_401="nobody is signed in", _403="your role does not allow it")
NO_SHOP = refusals(_404="no such shop, or not yours")


def saved_file(content: bytes, media_type: str, name: str) -> Response:
    """A file to be saved under a name, also one that is not in ASCII."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})


def gives_file(media_type: str, description: str) -> dict[int | str, dict[str, object]]:
    """For a route's documentation: that it answers a file."""
    return {200: {"description": description, "content": {media_type: {"schema": {"type": "string"}}}}}
