"""Uploads by the paths that fal's clients know: tokens, whole files, signed addresses, and files in parts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from urllib.parse import parse_qs

from starlette.routing import BaseRoute, Route

from reelgate.api._fal import REFUSALS, Door
from reelgate.contracts.file import BlobRow
from reelgate.domain.errors import CallerError
from reelgate.gateway.door import Receive, Scope, header, read_body
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.manual import Manual, Operation, array, number, record, words
from reelgate.gateway.upload import Announced, Ticket
from reelgate.wire import fal_storage as wire
from reelgate.wire.fal import Reply

_INTENT_BYTES = 1 << 16
_LENGTH_DIGITS = 18


class UploadsFace:
    """Serves what fal has on three hosts: its REST API, its content host, and the addresses that those give."""

    name = "uploads"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        desk = _Desk(gateway)
        signed, open_ = "/storage/upload/{upload_id}/{name}", "/files/{name}/{file_name}/multipart/{upload_id}"
        return [
            Route("/storage/auth/token", Door(desk.token, "POST")),
            Route("/storage/upload/initiate", Door(desk.initiate, "POST")),
            Route("/storage/upload/initiate-multipart", Door(desk.initiate, "POST")),
            Route(signed, Door(desk.put_signed, "PUT")),
            Route(f"{signed}/complete", Door(desk.complete_signed, "POST")),
            Route(f"{signed}/{{number}}", Door(desk.part_signed, "PUT")),
            Route("/files/upload", Door(desk.keep, "POST")),
            Route("/files/upload/multipart", Door(desk.begin, "POST")),
            Route(f"{open_}/complete", Door(desk.complete, "POST")),
            Route(f"{open_}/{{number}}", Door(desk.part, "PUT")),
        ]

    def manual(self, gateway: Gateway) -> Manual:
        """What these routes are for."""
        del gateway
        return _MANUAL


FACE: Face = UploadsFace()


class _Desk:
    """What fal's clients may ask about files."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._uploads = gateway.uploads

    # -- with a key: a token, or a signed address ---------------------------------------------------------------------
    async def token(self, scope: Scope, receive: Receive) -> Reply:
        del receive  # it says nothing
        principal = await self._gateway.keyring.caller(scope, write=True)
        token, until = self._uploads.token(principal)
        return wire.write_token(token, self._base(scope), until)

    async def initiate(self, scope: Scope, receive: Receive) -> Reply:
        principal = await self._gateway.keyring.caller(scope, write=True)
        intent = wire.read_intent(await self._read(scope, receive, _INTENT_BYTES))
        announced = Announced(file_name=intent.file_name, content_type=intent.content_type, keep_s=_keep_s(scope))
        upload = await self._uploads.begin(principal, announced)
        subject, permit = self._uploads.sign(upload)
        base = self._base(scope)
        return wire.write_initiated(wire.upload_address(base, subject, permit), wire.file_address(base, upload.name, upload.file_name))

    # -- at a signed address, whose permit is all that counts ---------------------------------------------------------
    async def put_signed(self, scope: Scope, receive: Receive) -> Reply:
        return self._kept(scope, await self._uploads.put(self._signed(scope), _announced(scope), _chunks(receive)))

    async def part_signed(self, scope: Scope, receive: Receive) -> Reply:
        return await self._part(self._signed(scope), scope, receive)

    async def complete_signed(self, scope: Scope, receive: Receive) -> Reply:
        return await self._complete(self._signed(scope), scope, receive)

    # -- with a token or a key ----------------------------------------------------------------------------------------
    async def keep(self, scope: Scope, receive: Receive) -> Reply:
        sender = await self._uploads.sender(scope)
        return self._kept(scope, await self._uploads.keep(sender, _announced(scope), _chunks(receive)))

    async def begin(self, scope: Scope, receive: Receive) -> Reply:
        del receive
        upload = await self._uploads.begin(await self._uploads.sender(scope), _announced(scope))
        return wire.write_begun(wire.file_address(self._base(scope), upload.name, upload.file_name), upload.id)

    async def part(self, scope: Scope, receive: Receive) -> Reply:
        return await self._part(await self._ticket(scope), scope, receive)

    async def complete(self, scope: Scope, receive: Receive) -> Reply:
        return await self._complete(await self._ticket(scope), scope, receive)

    # -- below them ---------------------------------------------------------------------------------------------------
    async def _part(self, ticket: Ticket, scope: Scope, receive: Receive) -> Reply:
        number = wire.read_number(scope["path_params"]["number"])
        sha256 = await self._uploads.part(ticket, number, _announced(scope), _chunks(receive))
        return wire.write_part(number, wire.write_etag(sha256))

    async def _complete(self, ticket: Ticket, scope: Scope, receive: Receive) -> Reply:
        parts = wire.read_parts(await self._read(scope, receive, wire.PARTS_BODY_BYTES))
        named = {number: wire.read_etag(etag) for number, etag in parts.items()}
        return self._kept(scope, await self._uploads.complete(ticket, named))

    async def _read(self, scope: Scope, receive: Receive, limit_bytes: int) -> bytes:
        with self._gateway.budget.share() as share:
            return await read_body(scope, receive, limit_bytes, share)

    async def _ticket(self, scope: Scope) -> Ticket:
        named = scope["path_params"]
        return Ticket(account=(await self._uploads.sender(scope)).account, upload_id=named["upload_id"], name=named["name"])

    def _signed(self, scope: Scope) -> Ticket:
        named, asked = scope["path_params"], parse_qs(scope["query_string"].decode("latin-1"))
        return self._uploads.signed(named["upload_id"], named["name"], asked.get("permit", [""])[0])

    def _kept(self, scope: Scope, row: BlobRow) -> Reply:
        return wire.write_kept(wire.file_address(self._base(scope), row.name, row.file_name))

    def _base(self, scope: Scope) -> str:
        return self._gateway.doorplate.base(scope)


def _announced(scope: Scope) -> Announced:
    length = header(scope, b"content-length") or b""
    return Announced(
        file_name=wire.read_text(header(scope, b"x-fal-file-name")),
        content_type=wire.read_text(header(scope, b"content-type")),
        keep_s=_keep_s(scope),
        length_bytes=int(length[:_LENGTH_DIGITS]) if length.isdigit() else 0,
    )


def _keep_s(scope: Scope) -> float | None:
    return wire.read_keep_s(header(scope, b"x-fal-object-lifecycle"), header(scope, b"x-fal-object-lifecycle-preference"))


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    """The body as it comes."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerError("the body broke off before its end")
        yield message.get("body", b"")
        if not message.get("more_body"):
            return


_SIGNED, _OPEN = "/storage/upload/{upload_id}/{name}", "/files/{name}/{file_name}/multipart/{upload_id}"
_PERMIT = {"permit": words("What signs this address.")}
_NAMED = {"X-Fal-File-Name": words("What the file is called."), "X-Fal-Object-Lifecycle": words("JSON: how long to keep it.")}
_SENT = (400, 404, 413, 422, 429)
_OF_SIGNED = (*_SENT, 401, 503)
_MANUAL = Manual(
    refusals={**dict.fromkeys((400, 401, 403, 404, 413, 429, 503), "FalRefusal"), 422: "FalInvalid"},
    words={
        "upload_id": "The id of an upload.",
        "name": "Of the file: 32 hex digits.",
        "file_name": "Of the file.",
        "number": "Of the part.",
    },
    schemas={
        **REFUSALS,
        "UploadToken": record("A token for uploads.", token="string", token_type="string", base_url="string", expires_at="string"),  # noqa: S106
        "UploadIntent": {
            "type": "object",
            "description": "What will be sent.",
            "properties": {"file_name": words("Its name.", examples=["a.png"]), "content_type": words("Its type.", examples=["image/png"])},
        },
        "UploadInitiated": record("Where to put the bytes, and where the file will be.", upload_url="string", file_url="string"),
        "UploadKept": record("The file is there.", access_url="string"),
        "UploadBegun": record("Parts go below the address of the file.", access_url="string", uploadId="string"),
        "UploadPart": record("A part is there.", partNumber="integer", etag="string"),
        "UploadPartSent": record("A part, and its etag.", partNumber=number("From 1.", 1, wire.PARTS_MAX), etag="string"),
        "UploadParts": record("The parts that make the file.", parts=array("UploadPartSent")),
    },
    operations=(
        Operation("POST /storage/auth/token", "A token for uploads.", {200: "UploadToken"}, (400,)),
        Operation("POST /storage/upload/initiate", "An address to put a file to.", {200: "UploadInitiated"}, _SENT, body="UploadIntent"),
        Operation(
            "POST /storage/upload/initiate-multipart", "An address to put parts to.", {200: "UploadInitiated"}, _SENT, body="UploadIntent"
        ),
        Operation(f"PUT {_SIGNED}", "The bytes.", {200: "UploadKept"}, _OF_SIGNED, query=_PERMIT, body="*/*", open=True),
        Operation(f"PUT {_SIGNED}/{{number}}", "A part.", {200: "UploadPart"}, _OF_SIGNED, query=_PERMIT, body="*/*", open=True),
        Operation(
            f"POST {_SIGNED}/complete", "All are there.", {200: "UploadKept"}, _OF_SIGNED, query=_PERMIT, body="UploadParts", open=True
        ),
        Operation("POST /files/upload", "A whole file.", {200: "UploadKept"}, _SENT, headers=_NAMED, body="*/*"),
        Operation("POST /files/upload/multipart", "Parts will come.", {200: "UploadBegun"}, _SENT, headers=_NAMED),
        Operation(f"PUT {_OPEN}/{{number}}", "A part.", {200: "UploadPart"}, _SENT, body="*/*"),
        Operation(f"POST {_OPEN}/complete", "All are there.", {200: "UploadKept"}, _SENT, body="UploadParts"),
    ),
)
