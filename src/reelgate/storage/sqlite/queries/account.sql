-- name: insert_account
-- Somebody who pays, unless the id is taken.
insert into account (id, name, created_at) values (?, ?, ?) on conflict do nothing;

-- name: accounts
-- All accounts, oldest first.
select id, name, created_at from account order by created_at, id;

-- name: account
-- One account.
select id, name, created_at from account where id = ?;

-- name: insert_key
-- What an account shows.
insert into key (id, account, name, mode, mac, prefix, last4, created_at, revoked_at, sealed) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: key_by_mac
-- The key of this HMAC, revoked or not.
select id, account, name, mode, mac, prefix, last4, created_at, revoked_at, sealed from key where mac = ?;

-- name: keys
-- Keys, oldest first; of one account, or of all if that is null.
select id, account, name, mode, mac, prefix, last4, created_at, revoked_at, sealed
from key where :account is null or account = :account order by created_at, id;

-- name: revoke_key
-- Refuse a key from now on; the first time stands.
update key set revoked_at = coalesce(revoked_at, ?) where id = ?;

-- name: forget_video
-- A job's video goes the way of its blob.
update job set video_blob = null where video_blob = :name and id = (select job_id from blob where name = :name);

-- name: delete_blob
-- Remove a blob's row.
delete from blob where name = ?;

-- name: beat
-- Something small to commit.
update pulse set beats = beats + 1;
