-- name: admission
-- What a key that is shown for a submit may: whether it works, whose line it is of, and what bounds its spending. No join: SQLite would prepare it anew for each binding, which takes longer than all that a submit writes.
select
    revoked_at, expires_at, origin, spend_limit, daily_spend,
    (select daily_spend from account where id = key.account),
    (select time_zone from account where id = key.account)
from key where id = ? and account = ?;

-- name: read_idempotency
-- What an account's own key for a submit stands for.
select fingerprint, job_id, expires_at from idempotency where account = ? and key = ?;

-- name: drop_idempotency
-- Forget what a key stood for.
delete from idempotency where account = ? and key = ?;

-- name: outlived_idempotency
-- Whether the time of any record is over.
select 1 from idempotency where expires_at <= ? limit 1;

-- name: purge_idempotency
-- Drop some of the records whose time is over.
delete from idempotency where (account, key) in (select account, key from idempotency where expires_at <= ? limit 100);

-- name: write_idempotency
-- Remember which job a caller's key made.
insert into idempotency (account, key, fingerprint, job_id, expires_at) values (?, ?, ?, ?, ?);

-- name: find_external_id
-- The job that this account gave this id of its own.
select id from job where account = ? and external_id = ?;

-- name: admit
-- Reserve the quote and a place in the queue, if there is enough of both.
update balance set available = available - :amount, held = held + :amount, queued = queued + 1
where account = :account and available >= :amount and queued < :max_queued;

-- name: read_queue
-- Why a job was not admitted.
select available, queued from balance where account = ?;

-- name: insert_job
-- A queued job.
insert into job (
    id, account, state, endpoint, face, base, position, serving, engine, priority, test, key_id, external_id, quote_micros,
    created_at, updated_at, start_by, deaths, fingerprint, callback, terms, quote_words, dropped, names, input,
    quote_book, quote_since
) values (?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: insert_blob
-- Whose a blob is; one that has a row keeps it.
insert into blob (name, account, job_id, file_name, content_type, size_bytes, sha256, created_at, expires_at)
values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing;
