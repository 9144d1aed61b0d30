-- name: insert_hold_txn
-- Money is reserved for a job; the account's funds stay what they are.
insert into txn (kind, account, job_id, at, change, note, actor, reference) values ('hold', ?, ?, ?, 0, '', '', '');

-- name: insert_end_txn
-- The money of a job that has ended goes where it belongs.
insert into txn (kind, account, job_id, at, change, note, actor, reference) values (?, ?, ?, ?, ?, '', '', '');

-- name: insert_cost_txn
-- What a job costs the house; nobody's funds change.
insert into txn (kind, account, job_id, at, change, note, actor, reference) values (?, ?, ?, ?, 0, '', '', '');

-- name: possible_cost
-- What a job may have cost the house.
select -sum(amount) from entry
where kind = 'possible_cost' and txn_id = (select id from txn where job_id = ? and kind = 'possible_cost');

-- name: insert_deed_txn
-- Money moves because somebody says so.
insert into txn (kind, account, job_id, at, change, note, actor, reference) values (?, ?, ?, ?, ?, ?, ?, ?);

-- name: insert_entries
-- The two legs of a transaction: what one loses, the other has.
insert into entry (txn_id, account, kind, amount) values (?, ?, ?, ?), (?, ?, ?, ?);

-- name: insert_entry
-- A third leg, where one has to be shared.
insert into entry (txn_id, account, kind, amount) values (?, ?, ?, ?);

-- name: insert_hold
-- What is reserved for a job, and where it counts as spent.
insert into hold (job_id, account, amount, txn_id, day, line) values (?, ?, ?, ?, ?, ?);

-- name: read_hold
-- Whose hold a job has, how much it is, and where it counts as spent.
select account, amount, day, line from hold where job_id = ?;

-- name: insert_settlement
-- How a hold ended; the primary key lets it end once.
insert into settlement (job_id, outcome, amount, txn_id) values (?, ?, ?, ?);

-- name: add_spend
-- More was spent on a day.
insert into spend (account, line, day, micros) values (?, ?, ?, ?) on conflict do update set micros = micros + excluded.micros;

-- name: take_spend
-- Less was spent on a day than was thought.
update spend set micros = micros - ? where account = ? and line = ? and day = ?;

-- name: spent_by_line
-- What one line of keys spent for good.
select coalesce(sum(micros), 0) from spend where account = ? and line = ?;

-- name: spent_by_line_on
-- What one line of keys spent for the jobs of a day.
select micros from spend where account = ? and line = ? and day = ?;

-- name: spent_on
-- What an account spent for the jobs of a day.
select coalesce(sum(micros), 0) from spend where account = ? and day = ?;

-- name: spent
-- What an account spent; null lets every line, and every day, pass.
select coalesce(sum(micros), 0) from spend
where account = :account and (:line is null or line = :line) and (:day is null or day = :day);

-- name: move_balance
-- Change what an account has; the checks of the table refuse to go below zero.
update balance set available = available + ?, held = held + ? where account = ?;

-- name: insert_balance
-- Start an account at nothing.
insert into balance (account) values (?);

-- name: read_balance
-- What an account has.
select available, held from balance where account = ?;

-- name: txn_by_reference
-- What a reference stands for.
select id, kind, account, job_id, change from txn where reference = ? and reference <> '';

-- name: read_charge
-- Whose job it is, and what was captured for it.
select job.account, coalesce((select amount from settlement where job_id = job.id and outcome = 'captured'), 0) from job where id = ?;

-- name: refunded
-- What was given back for a job before a transaction.
select coalesce(sum(change), 0) from txn where kind = 'refund' and job_id = ? and id < ?;

-- name: receipt
-- What became of a job's money.
select hold.amount, settlement.outcome, settlement.amount,
    (select coalesce(sum(change), 0) from txn where kind = 'refund' and job_id = hold.job_id)
from hold left join settlement on settlement.job_id = hold.job_id
where hold.job_id = ? and hold.account = ?;

-- name: opening
-- An account's funds before an instant.
select coalesce(sum(change), 0) from txn
where account = :account and at < :since and kind not in ('hold', 'released');

-- name: statement
-- The movements that changed an account's funds, in order.
select txn.id, txn.at, txn.kind, txn.change, txn.note, txn.job_id, job.endpoint, job.quote_words, job.quote_book
from txn left join job on job.id = txn.job_id
where txn.account = :account and txn.at >= :since and txn.at < :until and txn.kind not in ('hold', 'released')
    and txn.change <> 0
order by txn.at, txn.id;

-- name: usage
-- What was charged and refunded, in groups; what is not asked for is left empty. 900000 is a quarter of an hour.
select
    sum(txn.kind = 'captured'),
    sum(case when txn.kind = 'captured' then -txn.change else 0 end),
    sum(case when txn.kind = 'refund' then txn.change else 0 end),
    case when :by_model then job.endpoint else '' end,
    case when :by_key then job.key_id else '' end,
    case when :by_account then txn.account else '' end,
    case when not :by_channel then '' when job.channel <> '' then job.channel else job.engine end,
    case when :by_day then txn.at / 900000 * 900000 end
from account
cross join txn indexed by txn_by_account
    on txn.account = account.id and txn.at >= :since and txn.at < :until
    and txn.kind not in ('hold', 'released') and txn.kind in ('captured', 'refund')
join job on job.id = txn.job_id
where :account is null or account.id = :account
group by 4, 5, 6, 7, 8 order by 4, 5, 6, 7, 8;
