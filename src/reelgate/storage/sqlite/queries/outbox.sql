-- name: insert_delivery
-- A change of a job that its callback is to be told of.
insert into delivery (id, account, job_id, face, url, told, changed_at, state, step, tried, token, next_at)
values (?, ?, ?, ?, ?, ?, ?, 'pending', 0, 0, 0, ?);

-- name: due_deliveries
-- Those whose time has come, the longest first. One waits until every older one of its job has been tried.
select id from delivery indexed by delivery_by_time
where state = 'pending' and next_at <= :now and not exists (
    select 1 from delivery as older
    where older.job_id = delivery.job_id and older.number < delivery.number and older.state = 'pending' and older.tried = 0
)
order by next_at, number limit :limit;

-- name: claim_delivery
-- Give it to one sender, and to the next one when that one's time is over.
update delivery set token = token + 1, next_at = :until where id = :id;

-- name: answer_delivery
-- What became of a try, if it was made by the sender that has it now.
update delivery set state = :state, next_at = :next_at, step = step + 1, tried = tried + 1
where id = :id and token = :token and state = 'pending'
returning tried, job_id;

-- name: insert_delivery_try
-- One try to deliver.
insert into delivery_try (delivery_id, number, at, status, note, took_s) values (?, ?, ?, ?, ?, ?);

-- name: replay_delivery
-- Send it once more, by the whole schedule; whoever has it now is fenced off.
update delivery set state = 'pending', step = 0, token = token + 1, next_at = :at
where id = :id and account = :account
returning job_id;

-- name: delivery
-- One delivery.
select id, account, job_id, face, url, told, changed_at, state, step, token, next_at from delivery where id = ?;

-- name: deliveries_of_account
-- An account's deliveries, newest first.
select id, account, job_id, face, url, told, changed_at, state, step, token, next_at
from delivery where account = :account order by number desc limit :limit;

-- name: deliveries_of_job
-- One job's deliveries, newest first.
select id, account, job_id, face, url, told, changed_at, state, step, token, next_at
from delivery where job_id = :job_id and account = :account order by number desc limit :limit;

-- name: delivery_tries
-- All tries of a delivery, oldest first.
select number, at, status, note, took_s from delivery_try where delivery_id = ? order by number;
