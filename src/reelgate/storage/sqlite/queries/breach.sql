-- name: breach_total
-- All entries sum to zero.
select 'I1 the entries do not sum to zero' from (select sum(amount) as total from entry) where total <> 0;

-- name: breach_transactions
-- Each transaction's entries sum to zero, and it has at least two of them.
select 'I2 transaction ' || txn.id || ' does not sum to zero, or has fewer than two entries'
from txn left join (select txn_id, sum(amount) as total, count(*) as legs from entry group by txn_id) as legs on legs.txn_id = txn.id
where legs.total is not 0 or legs.legs < 2;

-- name: breach_balances
-- Each balance is the sum of its entries.
select 'I3 account ' || balance.account || ': the balance is not the sum of its entries'
from balance left join (
    select account,
        sum(case when kind = 'available' then amount else 0 end) as available,
        sum(case when kind = 'held' then amount else 0 end) as held
    from entry where account is not null group by account
) as booked on booked.account = balance.account
where balance.available <> coalesce(booked.available, 0) or balance.held <> coalesce(booked.held, 0);

-- name: breach_changes
-- Each transaction changes the funds of its account, and of no other one, by what its entries say.
select 'I3 transaction ' || txn.id || ' of account ' || txn.account || ': its change is not the sum of its entries'
from txn left join (
    select txn_id, sum(amount) as change, min(account) as first, max(account) as last
    from entry where account is not null group by txn_id
) as legs on legs.txn_id = txn.id
where case when txn.kind = 'cost' or txn.kind = 'possible_cost' or txn.kind = 'late_cost' then legs.change is not null
    else legs.change is not txn.change or legs.first is not txn.account or legs.last is not txn.account end;

-- name: breach_spend
-- What is kept as spent is what holds, settlements and refunds say.
select 'I3 account ' || account || ': what ' || line || ' spent on ' || day || ' is not the sum of its entries'
from (
    select account, line, day, micros from spend
    union all
    select hold.account, hold.line, hold.day, -case settlement.outcome
        when 'released' then 0
        when 'captured' then settlement.amount - coalesce(given.back, 0)
        else hold.amount end
    from hold
    left join settlement on settlement.job_id = hold.job_id
    left join (select job_id, sum(change) as back from txn where kind = 'refund' group by job_id) as given on given.job_id = hold.job_id
) group by account, line, day having sum(micros) <> 0;

-- name: breach_below_zero
-- No balance is below zero.
select 'I4 account ' || account || ': available or held is below zero' from balance where available < 0 or held < 0;

-- name: breach_held
-- What an account has held is the sum of the holds of its jobs that have not ended, and its queue is as long as is written.
select 'I5 account ' || balance.account || ': held or queued is not what its live jobs say'
from balance left join (
    select job.account, sum(hold.amount) as held, sum(job.state = 'queued') as queued
    from job left join hold on hold.job_id = job.id
    where job.state in ('queued', 'running') group by job.account
) as live on live.account = balance.account
where balance.held <> coalesce(live.held, 0) or balance.queued <> coalesce(live.queued, 0);

-- name: breach_holds
-- Every job has a hold in its account's name.
select 'I6 job ' || job.id || ' has no hold' from job left join hold on hold.job_id = job.id where hold.account is not job.account;

-- name: breach_settlements
-- Every job that is over has a settlement, and no other one has.
select 'I6 job ' || job.id || ' is ' || job.state || ' and ' || coalesce(settlement.outcome, 'not settled')
from job left join settlement on settlement.job_id = job.id
where (settlement.outcome is null) <> (job.state in ('queued', 'running'));

-- name: breach_movements
-- A job's money moves by its one hold, its one settlement and refunds, and by nothing else.
select 'I6 transaction ' || txn.id || ' moves money of job ' || txn.job_id || ' once more'
from txn
left join hold on hold.job_id = txn.job_id
left join settlement on settlement.job_id = txn.job_id
where txn.job_id is not null and case txn.kind
    when 'hold' then hold.txn_id is not txn.id
    when 'refund' then settlement.outcome is not 'captured'
    when 'cost' then settlement.outcome is null
    when 'possible_cost' then settlement.outcome is not 'released'
    when 'late_cost' then settlement.outcome is not 'released'
    else settlement.txn_id is not txn.id or settlement.outcome is not txn.kind end;

-- name: breach_outcomes
-- A job that is done is captured; one that ended without a video is released.
select 'I7 job ' || job.id || ' is ' || job.state || ' and ' || settlement.outcome
from job join settlement on settlement.job_id = job.id
where job.state not in ('queued', 'running') and (job.state = 'done') <> (settlement.outcome = 'captured');

-- name: breach_forgotten
-- Of an input that is to be forgotten nothing is left but its measures once the job is over, not even a fingerprint.
select 'I7 job ' || job.id || ' is over and its input is not forgotten'
from job
where job.state not in ('queued', 'running') and job.terms ->> 'forget_input' and (job.fingerprint is not null or exists (
    select 1 from json_each(job.input) as part
    where part.key not in ('seconds', 'aspect_ratio', 'resolution', 'sound', 'cfg_scale', 'seed')
));

-- name: breach_amounts
-- What is held is the quote, and what is captured is never more.
select 'I8 job ' || job.id || ' has a hold of another amount than its quote, or is settled above it'
from job join hold on hold.job_id = job.id left join settlement on settlement.job_id = job.id
where hold.amount <> job.quote_micros or settlement.amount > hold.amount;

-- name: breach_refunds
-- No more is given back than was captured.
select 'I9 job ' || txn.job_id || ': more was given back than was captured'
from txn left join settlement on settlement.job_id = txn.job_id and settlement.outcome = 'captured'
where txn.kind = 'refund'
group by txn.job_id having min(txn.change) < 0 or sum(txn.change) > coalesce(max(settlement.amount), 0);

-- name: breach_attempts
-- At most one try of a job is under way, and none of a job that has ended.
select 'I10 job ' || attempt.job_id || ' has ' || count(*) || ' open attempts and is ' || coalesce(job.state, 'not there')
from attempt left join job on job.id = attempt.job_id
where attempt.closed_at is null
group by attempt.job_id having count(*) > 1 or coalesce(job.state, '') not in ('queued', 'running');

-- name: breach_waiting
-- A job that waits has no try under way.
select 'I10 job ' || job.id || ' waits and has an open attempt'
from attempt join job on job.id = attempt.job_id where attempt.closed_at is null and job.state = 'queued';

-- name: breach_bought
-- What a try has bought stands in its row: a ticket where it was accepted, the time of the call where it may have been.
select 'I10 attempt ' || number || ' of job ' || job_id || ' is ' || state || ' and its row does not say so'
from attempt
where (state in ('submitting', 'in_doubt', 'accepted') and (sent_at is null or channel = '' or closed_at is not null))
    or (state = 'accepted') > (ticket is not null)
    or (ticket is null) <> (upstream_id is null)
    or (state = 'planned' and sent_at is not null);

-- name: breach_upstream
-- A job of a channel belongs to one try.
select 'I10 job ' || upstream_id || ' of channel ' || channel || ' belongs to ' || count(*) || ' attempts'
from attempt where upstream_id is not null group by channel, upstream_id having count(*) > 1;

-- name: breach_costs
-- What a job may have cost is booked for one that ended as unknown, and is settled once: when somebody is told of it.
select 'I18 job ' || job.id || ' is ' || job.state || ' and its possible cost is not what its end says'
from job left join (
    select job_id, sum(kind = 'possible_cost') as possible, sum(kind = 'late_cost') as late, sum(kind = 'cost') as real
    from txn where kind = 'cost' or kind = 'possible_cost' or kind = 'late_cost' group by job_id
) as costs on costs.job_id = job.id
where costs.job_id is not null and (
    (job.state = 'unknown') <> (costs.possible = 1) or costs.late > costs.possible or (costs.possible > 0 and costs.real > 0)
    or costs.possible > 1 or costs.late > 1 or costs.real > 1
    or costs.late < (job.late_video is not null)
    or (costs.late = 1 and job.late_video is null and 'failed' is not (
        select state from attempt where attempt.job_id = job.id order by number desc limit 1
    ))
    or costs.late <> (select count(*) from event where event.job_id = job.id and event.kind = 'late')
)
union all
select 'I18 job ' || id || ' is unknown and its possible cost is not booked'
from job where state = 'unknown' and channel <> ''
    and not exists (select 1 from txn where txn.job_id = job.id and txn.kind = 'possible_cost');

-- name: breach_idempotency
-- A caller's key stands for one job of that caller, and a job has at most one.
select 'I13 account ' || idempotency.account || ': the key of job ' || idempotency.job_id || ' does not stand for one job of its own'
from idempotency left join job on job.id = idempotency.job_id
group by idempotency.job_id having count(*) > 1 or max(job.account is not idempotency.account);

-- name: breach_ends
-- Every job that is over has one event of an end, the one of its state; no other one has any.
select 'I14 job ' || job.id || ' is ' || job.state || ' and has ' || coalesce(ends.total, 0) || ' events of an end'
from job left join (
    select job_id, count(*) as total, max(state) as state
    from event where kind = 'state' and state in ('done', 'failed', 'cancelled', 'unknown') group by job_id
) as ends on ends.job_id = job.id
where case when job.state in ('queued', 'running') then ends.total is not null
    else ends.total is not 1 or ends.state is not job.state end;

-- name: breach_deliveries
-- A job that is over has one delivery of its end if it has a callback; no other one has any.
select 'I14 job ' || job.id || ' is ' || job.state || ' and has ' || coalesce(told.total, 0) || ' deliveries of an end'
from job left join (
    select job_id, count(*) as total, max(told) as state from delivery where told <> 'running' group by job_id
) as told on told.job_id = job.id
where case when job.callback is null or job.state in ('queued', 'running') then told.total is not null
    else told.total is not 1 or told.state is not job.state end;

-- name: breach_arrows
-- A job's states follow one another as they may.
select 'I15 job ' || job_id || ' went from ' || coalesce(former, 'nothing') || ' to ' || state
from (
    select job_id, state, lag(state) over (partition by job_id order by sequence) as former
    from event where kind = 'state'
)
where coalesce(former, '') || ' ' || state not in (select value from json_each(:arrows));

-- name: breach_stories
-- The last state that a job's story tells is the one in which it is.
select 'I15 job ' || job.id || ' is ' || job.state || ' and its story ends with ' || coalesce(told.state, 'nothing')
from job left join event as told on told.sequence = (
    select max(sequence) from event where event.job_id = job.id and event.kind = 'state'
)
where told.state is not job.state;

-- name: breach_videos
-- A job that is done has a video, and that has a row until it is forgotten.
select 'I16 job ' || job.id || ' is done and its video has no row'
from job left join blob on blob.name = job.video_blob
where job.state = 'done' and (job.video is null or (job.video_blob is not null and blob.name is null));

-- name: breach_order
-- Entries are written in the order of their transactions.
select 'I17 transaction ' || txn_id || ' has an entry after one of transaction ' || former
from (select txn_id, lag(txn_id) over (order by id) as former from entry) where former > txn_id;

-- name: breach_order_of_job
-- A job's money is held, then settled, then given back.
select 'I17 transaction ' || txn.id || ' of job ' || txn.job_id || ' comes before the one that it follows'
from txn
join hold on hold.job_id = txn.job_id
left join settlement on settlement.job_id = txn.job_id
where txn.kind <> 'hold' and (txn.id < hold.txn_id or (txn.kind = 'refund' and txn.id < settlement.txn_id));
