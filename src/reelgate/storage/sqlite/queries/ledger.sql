-- name: insert_txn
-- Why money moves.
insert into txn (kind, job_id, at, note) values (?, ?, ?, ?);

-- name: insert_entries
-- The two legs of a transaction: what one loses, the other has.
insert into entry (txn_id, account, kind, amount) values (?, ?, ?, ?), (?, ?, ?, ?);

-- name: insert_hold
-- What is reserved for a job.
insert into hold (job_id, account, amount, txn_id) values (?, ?, ?, ?);

-- name: read_hold
-- Whose hold a job has, and how much it is.
select account, amount from hold where job_id = ?;

-- name: insert_settlement
-- How a hold ended; the primary key lets it end once.
insert into settlement (job_id, outcome, amount, txn_id) values (?, ?, ?, ?);

-- name: move_balance
-- Change what an account has; the checks of the table refuse to go below zero.
update balance set available = available + ?, held = held + ? where account = ?;

-- name: insert_balance
-- Start an account at nothing.
insert into balance (account) values (?);

-- name: read_balance
-- What an account has.
select available, held from balance where account = ?;
