-- name: adrift
-- Running jobs whose lease ran out, the longest first.
select id, serving from job indexed by job_by_lease where state = 'running' and lease_until <= ? order by lease_until, id;

-- name: take_over
-- Fence off the worker before.
update job set token = token + 1, lease_worker = :worker, lease_until = :until
where id = :id and state = 'running'
returning token;

-- name: running_by_account
-- How many of each account's jobs run.
select account, count(*) from job where state = 'running' group by account;

-- name: running_by_key
-- How many of each key's jobs run.
select key_id, count(*) from job where state = 'running' group by key_id;

-- name: bounds_of_accounts
-- How many jobs may run of each account that has a bound of its own.
select id, concurrency from account where concurrency is not null;

-- name: bounds_of_keys
-- The same of each key.
select id, concurrency from key where concurrency is not null;

-- name: line
-- Queued jobs in the order in which they would start: turns between accounts, inside one by priority, then age. Of each account only the first few are looked at, which changes nobody's turn.
select id, account, key_id, serving, start_by, turn, endpoint, not_before from (
    select
        queued.id, queued.account, queued.key_id, queued.serving, queued.start_by, queued.priority, queued.created_at,
        queued.endpoint, queued.not_before,
        row_number() over (partition by queued.account order by queued.priority, queued.created_at, queued.id)
            + coalesce(running.turns, 0) as turn
    from balance
    join job as queued on queued.rowid in (
        select first.rowid from job as first
        where first.state = 'queued' and first.account = balance.account
        order by first.priority, first.created_at, first.id limit :depth
    )
    left join (select account, count(*) as turns from job where state = 'running' group by account) as running
        on running.account = balance.account
    where balance.queued > 0
)
order by turn, priority, created_at, id limit :limit;

-- name: start_job
-- Take a job out of the queue.
update job
set state = 'running', started_at = :now, updated_at = :now, token = token + 1, lease_worker = :worker, lease_until = :until
where id = :id and state = 'queued'
returning token;

-- name: back_to_queue
-- A leased job waits again, until its time has come: at once if all that is left to do is to cancel it.
update job
set state = 'queued', updated_at = :at, not_before = iif(cancel_requested_at is null, :not_before, :at), token = token + 1, lease_worker = null, lease_until = 0
where id = :id and token = :token and state = 'running';

-- name: join_queue
-- One more of this account's jobs waits.
update balance set queued = queued + 1 where account = ?;

-- name: leave_queue
-- One fewer of this account's jobs waits.
update balance set queued = queued - 1 where account = ?;

-- name: renew
-- Prolong all leases that are still held. The list is pairs of a job's id and a token, as JSON; the sign keeps SQLite from looking at every running job.
update job set lease_until = ?
from json_each(?) as held
where job.id = held.value ->> 0 and job.token = held.value ->> 1 and +job.state = 'running'
returning job.id;

-- name: expire_leases
-- End every lease.
update job set token = token + 1, lease_until = 0, lease_worker = null
where state = 'running' and lease_worker is not null;

-- name: late
-- Queued jobs that have not started in time.
select id from job where state = 'queued' and start_by is not null and start_by < ? order by id;

-- name: holds_lease
-- Whether a worker's token is still the newest of a running job.
select account, test from job where id = ? and token = ? and state = 'running';

-- name: insert_event
-- One line of a job's story.
insert into event (job_id, account, kind, message, at, level, state, fraction, test) values (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: open_attempt_of
-- The try that is under way.
select token from attempt where job_id = ? and closed_at is null;

-- name: insert_attempt
-- The intent to work.
insert into attempt (token, job_id, number, engine, state, opened_at, note, channel, model, choice)
select :token, :job_id, count(*) + 1, :engine, :state, :at, '', :channel, :model, :choice from attempt where job_id = :job_id;

-- name: set_channel
-- At which channel a job is tried.
update job set channel = :channel where id = :id;

-- name: attempt_sent
-- The call that buys is about to be sent.
update attempt set state = 'submitting', sent_at = :at where token = :token and job_id = :job_id and state = 'planned';

-- name: attempt_doubted
-- Nobody knows what came of that call.
update attempt set state = 'in_doubt', note = :note where token = :token and job_id = :job_id and state = 'submitting';

-- name: attempt_accepted
-- The upstream has taken it.
update attempt set state = 'accepted', upstream_id = :upstream_id, ticket = :ticket, accepted_at = :at
where token = :token and job_id = :job_id and state in ('submitting', 'in_doubt');

-- name: attempt_state
-- Where a job's try stands, and which upstream job it has.
select state, upstream_id, channel from attempt where token = ? and job_id = ?;

-- name: holder_of_upstream
-- The try that has this job of a channel.
select token from attempt where channel = ? and upstream_id = ?;

-- name: claim
-- A try by its token, with whose it is.
select attempt.token, attempt.job_id, attempt.number, attempt.engine, attempt.state, attempt.opened_at, attempt.closed_at, attempt.note,
    attempt.channel, attempt.model, attempt.choice, attempt.sent_at, attempt.ticket,
    attempt.accepted_at, attempt.tries, attempt.again_at, job.account
from attempt join job on job.id = attempt.job_id
where attempt.token = ?;

-- name: attempt_at
-- The try that has this job of a channel, with whose it is.
select attempt.token, attempt.job_id, attempt.number, attempt.engine, attempt.state, attempt.opened_at, attempt.closed_at, attempt.note,
    attempt.channel, attempt.model, attempt.choice, attempt.sent_at, attempt.ticket,
    attempt.accepted_at, attempt.tries, attempt.again_at, job.account
from attempt join job on job.id = attempt.job_id
where attempt.channel = ? and attempt.upstream_id = ?;

-- name: given_up
-- Tries of which a video may still come, with whose they are, the youngest jobs first.
select attempt.token, attempt.job_id, attempt.number, attempt.engine, attempt.state, attempt.opened_at, attempt.closed_at, attempt.note,
    attempt.channel, attempt.model, attempt.choice, attempt.sent_at, attempt.ticket,
    attempt.accepted_at, attempt.tries, attempt.again_at, job.account
from job indexed by job_given_up join attempt on attempt.job_id = job.id
where job.state = 'unknown' and job.late_video is null and job.ended_at >= :since and (:before = '' or job.id < :before)
    and attempt.state = 'abandoned' and attempt.ticket is not null
order by job.id desc limit :limit;

-- name: asked_to_cancel
-- Running jobs whose callers want them cancelled.
select id from job indexed by job_to_cancel where state = 'running' and cancel_requested_at is not null;

-- name: end_late
-- A video came for a job that had ended as unknown; the first one stays.
update job set late_video = :video where id = :id and state = 'unknown' and late_video is null;

-- name: close_late
-- The try that it came of has made a video after all.
update attempt set state = 'done', note = :note where token = :token and state = 'abandoned';

-- name: rule_out
-- The try with which a job ended as unknown has come to nothing after all.
update attempt set state = 'failed', note = :note
where token = :token and state = 'abandoned'
    and number = (select max(number) from attempt as every where every.job_id = attempt.job_id)
    and exists (select 1 from job where job.id = attempt.job_id and job.state = 'unknown' and job.late_video is null)
returning job_id;

-- name: attempt_exists
-- Whether this job has had a try of this token.
select 1 from attempt where token = ? and job_id = ?;

-- name: close_attempt
-- End a try, unless it has ended.
update attempt set state = :state, closed_at = :at, note = :note
where token = :token and job_id = :job_id and closed_at is null;

-- name: refused_alike
-- The earlier try of the same job to which one comes that is refused now: in one place, for one model, with the same words.
select former.number from attempt as latest join attempt as former on former.job_id = latest.job_id
where latest.token = :token and latest.job_id = :job_id and latest.state in ('planned', 'submitting') and latest.channel <> ''
    and former.number < latest.number and former.channel = latest.channel and former.model = latest.model
    and former.state = :state and former.note = :note and former.upstream_id is null
order by former.number desc limit 1;

-- name: drop_attempt
-- Forget the row of a try that is counted in an earlier one's.
delete from attempt where token = :token and job_id = :job_id;

-- name: count_attempt
-- One try more came to what this one came to; it is found by the newest one's token.
update attempt set tries = tries + 1, again_at = :at, token = :token where job_id = :job_id and number = :number;

-- name: close_open_attempt
-- End whichever try is under way.
update attempt set state = :state, closed_at = :at, note = :note where job_id = :job_id and closed_at is null;

-- name: count_death
-- One more worker died under a job.
update job set deaths = deaths + 1 where id = ? and token = ? and state = 'running' returning deaths;

-- name: end_running_job
-- Move a leased job to its end, if the token is still the newest.
update job
set state = :state, updated_at = :at, ended_at = :at, lease_worker = null, lease_until = 0, render_s = :render_s,
    video = :video, video_blob = :video_blob, unused = :unused,
    failure_code = :failure_code, failure_message = :failure_message, failure_fault = :failure_fault
where id = :id and token = :token and state = 'running';

-- name: end_queued_job
-- Move a job that never started to its end.
update job
set state = :state, updated_at = :at, ended_at = :at, cancel_requested_at = coalesce(:cancel_requested_at, cancel_requested_at),
    failure_code = :failure_code, failure_message = :failure_message
where id = :id and state = 'queued';

-- name: forget_input
-- Put what may be known of an input in the place of all of it; by its fingerprint a prompt could be guessed.
update job set input = :input, fingerprint = null where id = :id;

-- name: expire_inputs
-- The time of a job's blobs is over, but for that of its video.
update blob set expires_at = :at where job_id = :id and name is not :video_blob and (expires_at is null or expires_at > :at);

-- name: ask_to_cancel
-- Leave a request on a running job; the first one stands.
update job set cancel_requested_at = :at, updated_at = :at
where id = :id and state = 'running' and cancel_requested_at is null;
