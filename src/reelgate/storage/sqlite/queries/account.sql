-- name: insert_account
-- Somebody who pays, unless the id is taken.
insert into account (id, name, created_at, book, currency, time_zone, per_second, concurrency, daily_spend, models)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing;

-- name: update_account
-- All of an account but its beginning.
update account
set name = :name, book = :book, currency = :currency, time_zone = :time_zone,
    per_second = :per_second, concurrency = :concurrency, daily_spend = :daily_spend, models = :models
where id = :id;

-- name: accounts
-- All accounts, oldest first.
select id, name, created_at, book, currency, time_zone, per_second, concurrency, daily_spend, models
from account order by created_at, id;

-- name: account
-- One account.
select id, name, created_at, book, currency, time_zone, per_second, concurrency, daily_spend, models from account where id = ?;

-- name: insert_key
-- What an account shows, unless one of its id or its HMAC is kept.
insert into key (
    id, account, name, mode, mac, prefix, last4, created_at, revoked_at, sealed, scopes, per_second, concurrency, daily_spend, models,
    spend_limit, expires_at, networks, last_used_at, origin, created_by
) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing;

-- name: update_key
-- What of a key may change.
update key
set name = :name, scopes = :scopes, per_second = :per_second, concurrency = :concurrency, daily_spend = :daily_spend, models = :models,
    spend_limit = :spend_limit, expires_at = :expires_at, networks = :networks
where id = :id and account = :account;

-- name: end_former_key
-- A key that works ends then, or earlier if it was to.
update key set expires_at = min(coalesce(expires_at, :until), :until)
where id = :id and account = :account and revoked_at is null and (expires_at is null or expires_at > :now);

-- name: key_by_mac
-- The key of this HMAC, revoked or not.
select
    id, account, name, mode, mac, prefix, last4, created_at, revoked_at, sealed, scopes, per_second, concurrency, daily_spend, models,
    spend_limit, expires_at, networks, last_used_at, origin, created_by
from key where mac = ?;

-- name: key
-- The key of this id, revoked or not.
select
    id, account, name, mode, mac, prefix, last4, created_at, revoked_at, sealed, scopes, per_second, concurrency, daily_spend, models,
    spend_limit, expires_at, networks, last_used_at, origin, created_by
from key where id = ?;

-- name: keys
-- Keys, oldest first; of one account, or of all if that is null.
select
    id, account, name, mode, mac, prefix, last4, created_at, revoked_at, sealed, scopes, per_second, concurrency, daily_spend, models,
    spend_limit, expires_at, networks, last_used_at, origin, created_by
from key where :account is null or account = :account order by created_at, id;

-- name: revoke_key
-- Refuse a key from now on, if it was not before.
update key set revoked_at = ? where id = ? and revoked_at is null;

-- name: touch_keys
-- When keys were last used, from a JSON object of ids and instants; the latest one stands.
update key set last_used_at = used.value
from json_each(?) as used
where key.id = used.key and (key.last_used_at is null or key.last_used_at < used.value);

-- name: forget_video
-- A job's video goes the way of its blob.
update job set video_blob = null where video_blob = :name and id = (select job_id from blob where name = :name);

-- name: delete_blob
-- Remove a blob's row.
delete from blob where name = ?;

-- name: beat
-- Something small to commit.
update pulse set beats = beats + 1;
