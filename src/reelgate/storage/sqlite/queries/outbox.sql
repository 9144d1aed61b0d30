-- name: insert_delivery
-- A change of a job that its callback is to be told of.
insert into delivery (id, account, job_id, face, url, told, changed_at, state, step, tried, token, next_at, test)
values (?, ?, ?, ?, ?, ?, ?, 'pending', 0, 0, 0, ?, ?);

-- name: told_before
-- Whether a job's callback is told of this change already: one that waits for a channel may begin many times.
select 1 from delivery where job_id = ? and told = ? limit 1;

-- name: any_due
-- Whether there is any whose time has come, as the next query finds them.
with recursive owed (account) as (
    select min(account) from delivery where state = 'pending'
    union all
    select (select min(another.account) from delivery as another where another.state = 'pending' and another.account > owed.account)
    from owed where owed.account is not null
)
select 1 from owed
where owed.account not in (select value from json_each(:without)) and exists (
    select 1 from delivery as first indexed by delivery_by_turn
    where first.state = 'pending' and first.account = owed.account and first.next_at <= :now and not exists (
        select 1 from delivery as older
        where older.job_id = first.job_id and older.number < first.number and older.state = 'pending' and older.tried = 0
    )
)
limit 1;

-- name: due_deliveries
-- Those whose time has come, in turns between accounts. From account to account it is one step in the index, however much one is owed.
with recursive owed (account) as (
    select min(account) from delivery where state = 'pending'
    union all
    select (select min(another.account) from delivery as another where another.state = 'pending' and another.account > owed.account)
    from owed where owed.account is not null
)
select id from (
    select due.id, due.next_at, due.number, row_number() over (partition by due.account order by due.next_at, due.number) as turn
    from owed
    join delivery as due on due.number in (
        select first.number from delivery as first indexed by delivery_by_turn
        where first.state = 'pending' and first.account = owed.account and first.next_at <= :now and not exists (
            select 1 from delivery as older
            where older.job_id = first.job_id and older.number < first.number and older.state = 'pending' and older.tried = 0
        )
        order by first.next_at, first.number limit :per_account
    )
    where owed.account not in (select value from json_each(:without))
)
order by turn, next_at, number limit :limit;

-- name: claim_delivery
-- Give it to one sender, and to the next one when that one's time is over.
update delivery set token = token + 1, next_at = :until where id = :id
returning id, account, job_id, face, url, told, changed_at, state, step, token, next_at;

-- name: answer_delivery
-- What became of a try, if it was made by the sender that has it now.
update delivery set state = :state, next_at = :next_at, step = step + 1, tried = tried + 1
where id = :id and token = :token and state = 'pending'
returning tried, job_id;

-- name: insert_delivery_try
-- One try to deliver.
insert into delivery_try (delivery_id, number, at, status, note, took_s) values (?, ?, ?, ?, ?, ?);

-- name: forget_delivery_tries
-- Only the newest tries are kept.
delete from delivery_try where delivery_id = ? and number <= ?;

-- name: replay_delivery
-- Send it once more, by the whole schedule; whoever has it now is fenced off.
update delivery set state = 'pending', step = 0, token = token + 1, next_at = :at
where id = :id and account = :account and test >= :test_only
returning job_id;

-- name: delivery
-- One delivery.
select id, account, job_id, face, url, told, changed_at, state, step, token, next_at from delivery where id = ?;

-- name: deliveries_of_account
-- An account's deliveries, newest first.
select id, account, job_id, face, url, told, changed_at, state, step, token, next_at
from delivery where account = :account order by number desc limit :limit;

-- name: test_deliveries_of_account
-- Those of its test jobs.
select id, account, job_id, face, url, told, changed_at, state, step, token, next_at
from delivery where account = :account and test = 1 order by number desc limit :limit;

-- name: deliveries_of_job
-- One job's deliveries, newest first.
select id, account, job_id, face, url, told, changed_at, state, step, token, next_at
from delivery where job_id = :job_id and account = :account and test >= :test_only order by number desc limit :limit;

-- name: delivery_tries
-- All tries of a delivery, oldest first.
select number, at, status, note, took_s from delivery_try where delivery_id = ? order by number;

-- name: old_deliveries
-- Those that are over and told a change before then, the oldest first.
select id, job_id, told from delivery where state <> 'pending' and changed_at < :before order by changed_at limit :limit;

-- name: delete_delivery_tries
-- The tries of a delivery that goes.
delete from delivery_try where delivery_id = ?;

-- name: delete_delivery
-- A delivery that has had its time.
delete from delivery where id = ?;

-- name: forget_callback
-- Nobody is owed word of this job any more.
update job set callback = null where id = ?;
