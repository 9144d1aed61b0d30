-- name: glance
-- The little of a job that its status needs.
select id, account, endpoint, face, base, state, position, render_s, failure_code, failure_message, unused, test
from job where id = ? and account = ?;

-- name: job
-- One job whole; on behalf of an account, or of the house if that is null.
select
    id, account, key_id, endpoint, face, base, input, quote_micros, quote_words, quote_book, quote_since, serving, engine, state, priority,
    test, dropped, unused, external_id, callback, terms, fingerprint, names, start_by, position, deaths, created_at, updated_at, started_at,
    ended_at, cancel_requested_at, video, failure_code, failure_message, failure_fault, render_s, channel,
    late_video
from job where id = :id and (:account is null or account = :account);

-- name: list_jobs
-- Ids of an account's jobs, newest first. States and endpoints are JSON lists; an empty one lets all pass.
select id from job
where account = :account
    and (:before = '' or id < :before)
    and (:states = '[]' or state in (select value from json_each(:states)))
    and (:endpoints = '[]' or endpoint in (select value from json_each(:endpoints)))
    and (:since is null or created_at >= :since)
    and (:until is null or created_at < :until)
order by id desc limit :limit offset :skip;

-- name: list_test_jobs
-- The same of its test jobs.
select id from job
where account = :account and test = 1
    and (:before = '' or id < :before)
    and (:states = '[]' or state in (select value from json_each(:states)))
    and (:endpoints = '[]' or endpoint in (select value from json_each(:endpoints)))
    and (:since is null or created_at >= :since)
    and (:until is null or created_at < :until)
order by id desc limit :limit offset :skip;

-- name: accepted_since
-- Ids of jobs that stand for a request without a key, oldest first: new ones, whose ids are not below the lowest of their time, and those that are not over.
select id from job
where fingerprint is not null and ((id >= :lowest and created_at >= :at) or state in ('queued', 'running'))
order by created_at, id;

-- name: events
-- A job's story from a place on.
select sequence, job_id, kind, message, at, level, state, fraction
from event where job_id = :job_id and sequence > :after and account = :account order by sequence;

-- name: account_events
-- The changes of state of all of an account's jobs from a place on.
select sequence, job_id, kind, message, at, level, state, fraction
from event where kind = 'state' and account = ? and sequence > ? order by sequence limit ?;

-- name: newest_account_event
-- The last change of state of any of an account's jobs.
select sequence, job_id, kind, message, at, level, state, fraction
from event where kind = 'state' and account = ? order by sequence desc limit 1;

-- name: test_account_events
-- The changes of state of an account's test jobs from a place on.
select sequence, job_id, kind, message, at, level, state, fraction
from event where kind = 'state' and test = 1 and account = ? and sequence > ? order by sequence limit ?;

-- name: newest_test_account_event
-- The last change of state of any of an account's test jobs.
select sequence, job_id, kind, message, at, level, state, fraction
from event where kind = 'state' and test = 1 and account = ? order by sequence desc limit 1;

-- name: attempts
-- A job's tries in order.
select attempt.token, attempt.job_id, attempt.number, attempt.engine, attempt.state, attempt.opened_at, attempt.closed_at, attempt.note,
    attempt.channel, attempt.model, attempt.choice, attempt.sent_at, attempt.ticket,
    attempt.accepted_at, attempt.tries, attempt.again_at
from attempt join job on job.id = attempt.job_id
where attempt.job_id = ? and job.account = ? order by attempt.number;

-- name: blob
-- A blob's row.
select name, account, job_id, file_name, content_type, size_bytes, sha256, created_at, expires_at from blob where name = ?;

-- name: expired_blobs
-- Blobs whose time is over.
select name, account, job_id, file_name, content_type, size_bytes, sha256, created_at, expires_at
from blob where expires_at <= ? order by expires_at, name limit ?;

-- name: known_blobs
-- The names of all blobs that have a row, and of all parts of uploads.
select name from blob union all select blob from part;

-- name: owner_of
-- Whose job it is.
select account from job where id = ?;

-- name: live_jobs
-- How many jobs are not over, by what tells them apart.
select state, endpoint, channel, count(*), min(created_at) from job indexed by job_by_state
where state in ('queued', 'running') group by state, endpoint, channel;

-- name: held_of_all
-- Callers' money that is reserved.
select coalesce(sum(held), 0) from balance;

-- name: waiting_webhooks
-- How many deliveries are owed, and since when.
select count(*), min(changed_at) from delivery where state = 'pending';

-- name: count_states
-- How many jobs stand in each state.
select state, count(*) from job group by state;
