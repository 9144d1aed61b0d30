-- Money, keys and tenants: price books and prices, limits, what was spent, refunds, and the log of what admins do.

create table book (
    id text primary key,
    note text not null,
    created_at integer not null
) strict, without rowid;

insert into book (id, note, created_at) values ('list', 'The catalog''s prices, and what was set in their place.', 0);

-- `models` and `networks` are JSON lists; null stands for all.
alter table account add column book text not null default 'list' references book (id);
alter table account add column currency text not null default 'USD';
alter table account add column time_zone text not null default 'UTC';
alter table account add column per_second integer;
alter table account add column concurrency integer;
alter table account add column daily_spend integer;
alter table account add column models text;

alter table key add column scopes text not null default 'read write';
alter table key add column per_second integer;
alter table key add column concurrency integer;
alter table key add column daily_spend integer;
alter table key add column models text;
alter table key add column spend_limit integer;
alter table key add column expires_at integer;
alter table key add column networks text;
alter table key add column last_used_at integer;
alter table key add column origin text not null default ''; -- the first key of a line of rotated ones
alter table key add column created_by text not null default 'gateway';

-- Who takes jobs asks each time which accounts and keys have bounds of their own.
create index account_by_concurrency on account (concurrency) where concurrency is not null;
create index key_by_concurrency on key (concurrency) where concurrency is not null;

-- Whose price a quote is, and from when that counts.
alter table job add column quote_book text not null default '';
alter table job add column quote_since integer;

-- A test key sees test jobs only; a live job has no part in these indexes.
create index test_job_by_account on job (account, id) where test = 1;
alter table event add column test integer not null default 0;
update event set test = 1 where job_id in (select id from job where test = 1);
create index test_state_event_by_account on event (account) where kind = 'state' and test = 1;
alter table delivery add column test integer not null default 0;
update delivery set test = 1 where job_id in (select id from job where test = 1);
create index test_delivery_by_account on delivery (account, number) where test = 1;

-- The books, made anew: a transaction names its account and by how much it changed that one's funds, which are both balances together.
-- For `in` with more than two words SQLite builds a table with every row that it checks, so what each submit writes is asked for first.
create table txn_3 (
    id integer primary key,
    kind text not null,
    account text not null,
    job_id text,
    at integer not null,
    change integer not null,
    note text not null,
    actor text not null,
    reference text not null,
    check (kind = 'hold' or kind = 'captured' or kind = 'released' or kind = 'credit' or kind = 'debit' or kind = 'refund')
) strict;

insert into txn_3 (id, kind, account, job_id, at, change, note, actor, reference)
select txn.id, txn.kind, legs.account, txn.job_id, txn.at, legs.change, txn.note, '', ''
from txn join (
    select txn_id, max(account) as account, sum(amount) as change from entry where account is not null group by txn_id
) as legs on legs.txn_id = txn.id
order by txn.id;

create table entry_3 (
    id integer primary key,
    txn_id integer not null references txn (id),
    account text,
    kind text not null,
    amount integer not null,
    check (
        case when kind = 'available' or kind = 'held' then account is not null
        else account is null and (
            kind = 'revenue' or kind in ('cash', 'promo', 'adjustment', 'provider_cost', 'possible_cost', 'variance', 'payable')
        ) end
    )
) strict;

insert into entry_3 (id, txn_id, account, kind, amount) select id, txn_id, account, kind, amount from entry order by id;

drop table entry;
drop table txn;
alter table txn_3 rename to txn;
alter table entry_3 rename to entry;

-- Statements and usage are read by this one. A hold and its release are in none of these.
create index txn_by_account on txn (account, at, change) where kind not in ('hold', 'released');
create index refund_by_job on txn (job_id) where kind = 'refund';
create unique index txn_by_reference on txn (reference) where reference <> '';

create trigger txn_is_not_changed before update on txn begin select raise(abort, 'the books are append-only'); end;
create trigger txn_is_not_removed before delete on txn begin select raise(abort, 'the books are append-only'); end;
create trigger entry_is_not_changed before update on entry begin select raise(abort, 'the books are append-only'); end;
create trigger entry_is_not_removed before delete on entry begin select raise(abort, 'the books are append-only'); end;

-- On which day of its account a job was accepted, and for which line of keys: there its spending counts.
drop trigger hold_is_not_changed;
alter table hold add column day text not null default '';
alter table hold add column line text not null default '';
update hold set
    day = (select date(job.created_at / 1000, 'unixepoch') from job where job.id = hold.job_id),
    line = (select job.key_id from job where job.id = hold.job_id);
create trigger hold_is_not_changed before update on hold begin select raise(abort, 'the books are append-only'); end;

-- What is held and charged, less what was refunded.
create table spend (
    account text not null,
    line text not null,
    day text not null,
    micros integer not null check (micros >= 0),
    primary key (account, line, day)
) strict, without rowid;

create index spend_by_day on spend (account, day);

insert into spend (account, line, day, micros)
select hold.account, hold.line, hold.day, sum(coalesce(settlement.amount, hold.amount))
from hold left join settlement on settlement.job_id = hold.job_id
where settlement.outcome is not 'released' and hold.amount > 0
group by hold.account, hold.line, hold.day;

create table price (
    number integer primary key,
    side text not null check (side in ('sale', 'cost')),
    holder text not null,
    endpoint text not null,
    since integer not null,
    price text,
    entered text not null,
    created_at integer not null
) strict;

create table exchange_rate (
    number integer primary key,
    currency text not null,
    per_dollar text not null,
    since integer not null
) strict;

create table audit (
    number integer primary key,
    actor text not null,
    action text not null,
    subject text not null,
    at integer not null,
    reason text not null,
    detail text not null,
    hash blob not null
) strict;

create index audit_by_subject on audit (subject, number);

create trigger price_is_not_changed before update on price begin select raise(abort, 'a later price follows'); end;
create trigger price_is_not_removed before delete on price begin select raise(abort, 'a later price follows'); end;
create trigger exchange_rate_is_not_changed before update on exchange_rate begin select raise(abort, 'a later rate follows'); end;
create trigger exchange_rate_is_not_removed before delete on exchange_rate begin select raise(abort, 'a later rate follows'); end;
create trigger audit_is_not_changed before update on audit begin select raise(abort, 'the log is append-only'); end;
create trigger audit_is_not_removed before delete on audit begin select raise(abort, 'the log is append-only'); end;
