-- Relay: channels, what attempts at them have bought, what that costs the house, jobs that wait for a channel.

-- `told` is what the operator has set up, as JSON; its secrets are sealed.
create table channel (
    id text primary key,
    told text not null,
    sealed blob,
    created_at integer not null
) strict, without rowid;

-- Grows with every change of a channel.
create table channel_change (id integer primary key check (id = 1), number integer not null) strict;
insert into channel_change (id, number) values (1, 0);

alter table attempt add column channel text not null default '';
alter table attempt add column model text not null default '';
alter table attempt add column choice text not null default '';
alter table attempt add column sent_at integer;
alter table attempt add column upstream_id text;
alter table attempt add column ticket text;

-- No two attempts have one job of a channel.
create unique index attempt_by_upstream on attempt (channel, upstream_id) where upstream_id is not null;

alter table job add column channel text not null default '';
alter table job add column late_video text;
alter table job add column not_before integer;

-- Asked twice a second by whoever follows jobs.
create index job_to_cancel on job (id) where state = 'running' and cancel_requested_at is not null;

-- What a job costs the house is booked too, in transactions that change nobody's funds.
create table txn_4 (
    id integer primary key,
    kind text not null,
    account text not null,
    job_id text,
    at integer not null,
    change integer not null,
    note text not null,
    actor text not null,
    reference text not null,
    check (
        kind = 'hold' or kind = 'captured' or kind = 'released' or kind = 'credit' or kind = 'debit' or kind = 'refund'
        or (change = 0 and job_id is not null and (kind = 'cost' or kind = 'possible_cost' or kind = 'late_cost'))
    )
) strict;

insert into txn_4 (id, kind, account, job_id, at, change, note, actor, reference)
select id, kind, account, job_id, at, change, note, actor, reference from txn order by id;

drop table txn;
alter table txn_4 rename to txn;

create index txn_by_account on txn (account, at, change) where kind not in ('hold', 'released');
create index refund_by_job on txn (job_id) where kind = 'refund';
create unique index cost_by_job on txn (job_id, kind) where kind = 'cost' or kind = 'possible_cost' or kind = 'late_cost';
create unique index txn_by_reference on txn (reference) where reference <> '';

create trigger txn_is_not_changed before update on txn begin select raise(abort, 'the books are append-only'); end;
create trigger txn_is_not_removed before delete on txn begin select raise(abort, 'the books are append-only'); end;
