"""What admins send: bodies that are read strictly, amounts that are texts only, and who sent them."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError
from starlette.requests import Request

from reelgate.domain.errors import Fault, InvalidInput
from reelgate.domain.money import FREE, Money
from reelgate.gateway.accounts import OWNER
from reelgate.gateway.door import header, read_body
from reelgate.gateway.face import Gateway
from reelgate.gateway.manual import REF, Schema, words
from reelgate.gateway.period import read_instant

_BODY_MAX = 1 << 16
_REFERENCE = re.compile(r"[!-~]{1,255}")
M = TypeVar("M", bound=BaseModel)


class Body(BaseModel):
    """A body in which nothing is guessed: no field that is not named, no value of another kind."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


async def read(request: Request, model: type[M], *, empty: bool = False) -> M:
    """The body of a request, which may be `empty` where nothing has to be said; `InvalidInput` names all that is wrong with it."""
    raw = await read_body(request.scope, request.receive, _BODY_MAX)
    try:
        return model.model_validate(orjson.loads(b"{}" if empty and not raw else raw))
    except orjson.JSONDecodeError:
        raise InvalidInput([Fault(path=(), message="the body is not JSON")]) from None
    except ValidationError as error:
        faults = [Fault(path=each["loc"], message=each["msg"]) for each in error.errors(include_input=False, include_url=False)]
        raise InvalidInput(faults) from None


async def admin(gateway: Gateway, request: Request, *, write: bool = False) -> str:
    """Who asks: the id of an admin key, one that may write if something is to be changed."""
    return (await gateway.keyring.admin(request.scope, write=write)).key_id


def reference_of(request: Request) -> str:
    """The `Idempotency-Key` of a movement of money, "" if there is none."""
    sent = header(request.scope, b"idempotency-key")
    text = "" if sent is None else sent.decode("latin-1")
    if sent is not None and not _REFERENCE.fullmatch(text):
        raise InvalidInput([Fault(path=("Idempotency-Key",), message="1 to 255 visible ASCII characters")])
    return text


def bodies(**models: type[BaseModel]) -> dict[str, Schema]:
    """The schemas of bodies by their names, and of what lies inside them."""
    found: dict[str, Schema] = {}
    for name, model in models.items():
        schema = model.model_json_schema(ref_template=REF)
        found |= schema.pop("$defs", {})
        found[name] = schema
    return found


async def owner_zone(gateway: Gateway) -> str:
    """The time zone of the owner, whose days are meant where a report or a date is of no account's."""
    owner = await gateway.store.account(OWNER)
    return "UTC" if owner is None else owner.time_zone


async def begins_at(gateway: Gateway, text: str | None, field: str = "since") -> Any:
    """When something begins: an instant, or a day of the owner's time zone; None for now."""
    return None if text is None else read_instant(text, await owner_zone(gateway), field)


def _read_amount(value: object) -> Money:
    if not isinstance(value, str):
        message = 'write an amount as a text, like "12.50": a number of JSON may have been rounded on its way'
        raise PydanticCustomError("amount", message)
    try:
        return Money.dollars(value)
    except ValueError:
        message = 'an amount is written like "12" or "0.07": dollars, at most twelve digits and six places, no sign and no exponent'
        raise PydanticCustomError("amount", message) from None


def _read_more_than_nothing(value: object) -> Money:
    amount = _read_amount(value)
    if amount == FREE:
        raise PydanticCustomError("amount", "an amount that is moved is more than 0")
    return amount


_AMOUNT: Schema = words("Dollars, as a text.", pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$", examples=["12.50"])
Amount = Annotated[Money, PlainValidator(_read_amount), WithJsonSchema({**_AMOUNT})]
SomeAmount = Annotated[Money, PlainValidator(_read_more_than_nothing), WithJsonSchema({**_AMOUNT})]

REFERENCE: Schema = words(
    "Your own key for this movement, 1 to 255 visible ASCII characters: sent again it moves nothing and answers the same, with "
    "`X-Reelgate-Replayed: true`; with another movement it is refused."
)
SINCE = "When it begins: a day of the owner's time zone, or an instant with its distance from UTC; now if not said. Never in the past."
