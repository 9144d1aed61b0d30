-- name: audit_total
-- All entries sum to zero.
select 'the entries do not sum to zero' from (select sum(amount) as total from entry) where total <> 0;

-- name: audit_transactions
-- Each transaction's entries sum to zero, and it has at least two of them.
select 'transaction ' || txn.id || ' does not sum to zero, or has fewer than two entries'
from txn left join (select txn_id, sum(amount) as total, count(*) as legs from entry group by txn_id) as legs on legs.txn_id = txn.id
where legs.total is not 0 or legs.legs < 2;

-- name: audit_balances
-- Each balance is the sum of its entries, and none is below zero.
select 'account ' || balance.account || ': the balance is not the sum of its entries, or below zero'
from balance left join (
    select account,
        sum(case when kind = 'available' then amount else 0 end) as available,
        sum(case when kind = 'held' then amount else 0 end) as held
    from entry where account is not null group by account
) as booked on booked.account = balance.account
where balance.available <> coalesce(booked.available, 0) or balance.held <> coalesce(booked.held, 0)
    or balance.available < 0 or balance.held < 0;

-- name: audit_held
-- What an account has held is the sum of the holds of its jobs that have not ended, and its queue is as long as is written.
select 'account ' || balance.account || ': held or queued is not what its live jobs say'
from balance left join (
    select job.account, sum(hold.amount) as held, sum(job.state = 'queued') as queued
    from job left join hold on hold.job_id = job.id
    where job.state in ('queued', 'running') group by job.account
) as live on live.account = balance.account
where balance.held <> coalesce(live.held, 0) or balance.queued <> coalesce(live.queued, 0);

-- name: audit_holds
-- Every job has one hold, of its quote.
select 'job ' || job.id || ' has no hold of its quote'
from job left join hold on hold.job_id = job.id
where hold.amount is not job.quote_micros or hold.account is not job.account;

-- name: audit_settlements
-- Every job that is over is settled as its state says and never above its hold; no other one is.
select 'job ' || job.id || ' is ' || job.state || ' and ' || coalesce(settlement.outcome, 'not settled')
from job
left join settlement on settlement.job_id = job.id
left join hold on hold.job_id = job.id
where settlement.outcome is not case job.state
        when 'queued' then null when 'running' then null when 'done' then 'captured' else 'released' end
    or settlement.amount > hold.amount;

-- name: audit_ends
-- Every job that is over has one event of an end, the one of its state; no other one has any.
select 'job ' || job.id || ' is ' || job.state || ' and has ' || coalesce(ends.total, 0) || ' events of an end'
from job left join (
    select job_id, count(*) as total, max(state) as state
    from event where kind = 'state' and state in ('done', 'failed', 'cancelled', 'unknown') group by job_id
) as ends on ends.job_id = job.id
where case when job.state in ('queued', 'running') then ends.total is not null
    else ends.total is not 1 or ends.state is not job.state end;

-- name: audit_attempts
-- A try is under way only for a job that has not ended.
select 'job ' || job.id || ' is over and has an open attempt'
from attempt join job on job.id = attempt.job_id
where attempt.closed_at is null and job.state not in ('queued', 'running');

-- name: audit_deliveries
-- A job that is over has one delivery of its end if it has a callback; no other one has any.
select 'job ' || job.id || ' is ' || job.state || ' and has ' || coalesce(told.total, 0) || ' deliveries of an end'
from job left join (
    select job_id, count(*) as total, max(told) as state from delivery where told <> 'running' group by job_id
) as told on told.job_id = job.id
where case when job.callback is null or job.state in ('queued', 'running') then told.total is not null
    else told.total is not 1 or told.state is not job.state end;

-- name: audit_forgotten
-- Of an input that is to be forgotten nothing is left but its measures once the job is over, not even a fingerprint.
select 'job ' || job.id || ' is over and its input is not forgotten'
from job
where job.state not in ('queued', 'running') and job.terms ->> 'forget_input' and (job.fingerprint is not null or exists (
    select 1 from json_each(job.input) as part
    where part.key not in ('seconds', 'aspect_ratio', 'resolution', 'sound', 'cfg_scale', 'seed')
));

-- name: audit_videos
-- A job that is done has a video, and that has a row until it is forgotten.
select 'job ' || job.id || ' is done and its video has no row'
from job left join blob on blob.name = job.video_blob
where job.state = 'done' and (job.video is null or (job.video_blob is not null and blob.name is null));
