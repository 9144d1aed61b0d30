-- Instants are milliseconds since 1970, money is whole micro-dollars, states and kinds are words.

create table account (
    id text primary key,
    name text not null,
    created_at integer not null
) strict, without rowid;

create table key (
    id text primary key,
    account text not null references account (id),
    name text not null,
    mode text not null check (mode in ('live', 'test', 'admin')),
    mac blob not null unique,
    prefix text not null,
    last4 text not null,
    created_at integer not null,
    revoked_at integer
) strict, without rowid;

-- What a status needs stands first: SQLite reads a row from its beginning and goes no further than it must.
create table job (
    id text primary key,
    account text not null references account (id),
    state text not null,
    endpoint text not null,
    face text not null,
    base text not null,
    position integer not null,
    render_s real,
    failure_code text,
    failure_message text,
    serving text not null,
    engine text not null,
    priority integer not null,
    test integer not null,
    key_id text not null,
    external_id text,
    quote_micros integer not null check (quote_micros >= 0),
    created_at integer not null,
    updated_at integer not null,
    start_by integer,
    started_at integer,
    ended_at integer,
    cancel_requested_at integer,
    token integer not null default 0,
    lease_worker text,
    lease_until integer not null default 0,
    deaths integer not null,
    video_blob text, -- the blob of a job that is done, until its time is over
    callback text,
    quote_words text not null,
    failure_fault text,
    video text,
    dropped text,
    names text,
    input text not null
) strict;

create index job_by_account on job (account, id);
create index job_by_state on job (state, account, priority, created_at);
create index job_by_lease on job (lease_until) where state = 'running';
create index job_by_start on job (start_by) where state = 'queued' and start_by is not null;
create unique index job_by_external_id on job (account, external_id) where external_id is not null;

create table event (
    sequence integer primary key autoincrement,
    job_id text not null,
    account text not null,
    kind text not null,
    message text not null,
    at integer not null,
    level text not null,
    state text,
    fraction real
) strict;

create index event_by_job on event (job_id);
create index state_event_by_account on event (account) where kind = 'state';

create table attempt (
    token text primary key,
    job_id text not null references job (id),
    number integer not null,
    engine text not null,
    state text not null,
    opened_at integer not null,
    closed_at integer,
    note text not null
) strict, without rowid;

create unique index attempt_by_job on attempt (job_id, number);
create unique index open_attempt_by_job on attempt (job_id) where closed_at is null;

create table blob (
    name text primary key,
    account text not null,
    job_id text,
    file_name text not null,
    content_type text not null,
    size_bytes integer not null,
    sha256 text not null,
    created_at integer not null,
    expires_at integer
) strict, without rowid;

create index blob_by_job on blob (job_id) where job_id is not null;
create index blob_by_expiry on blob (expires_at) where expires_at is not null;

create table idempotency (
    account text not null,
    key text not null,
    fingerprint blob not null,
    job_id text not null,
    expires_at integer not null,
    primary key (account, key)
) strict, without rowid;

create index idempotency_by_expiry on idempotency (expires_at);

-- The books. An entry of the house ('revenue', 'cash') has no account; all others move a balance in the same transaction.

-- The number of queued jobs stands beside the money, so that one conditional update admits a job or refuses it.
create table balance (
    account text primary key references account (id),
    available integer not null default 0 check (available >= 0),
    held integer not null default 0 check (held >= 0),
    queued integer not null default 0 check (queued >= 0)
) strict, without rowid;

create table txn (
    id integer primary key,
    kind text not null check (kind in ('credit', 'hold', 'captured', 'released')),
    job_id text,
    at integer not null,
    note text not null
) strict;

create table entry (
    id integer primary key,
    txn_id integer not null references txn (id),
    account text,
    kind text not null check (kind in ('available', 'held', 'revenue', 'cash')),
    amount integer not null,
    check ((kind in ('available', 'held')) = (account is not null))
) strict;

create table hold (
    job_id text primary key,
    account text not null,
    amount integer not null check (amount >= 0),
    txn_id integer not null
) strict, without rowid;

create table settlement (
    job_id text primary key,
    outcome text not null check (outcome in ('captured', 'released')),
    amount integer not null check (amount >= 0),
    txn_id integer not null
) strict, without rowid;

create trigger txn_is_not_changed before update on txn begin select raise(abort, 'the books are append-only'); end;
create trigger txn_is_not_removed before delete on txn begin select raise(abort, 'the books are append-only'); end;
create trigger entry_is_not_changed before update on entry begin select raise(abort, 'the books are append-only'); end;
create trigger entry_is_not_removed before delete on entry begin select raise(abort, 'the books are append-only'); end;
create trigger hold_is_not_changed before update on hold begin select raise(abort, 'the books are append-only'); end;
create trigger hold_is_not_removed before delete on hold begin select raise(abort, 'the books are append-only'); end;
create trigger settlement_is_not_changed before update on settlement begin select raise(abort, 'the books are append-only'); end;
create trigger settlement_is_not_removed before delete on settlement begin select raise(abort, 'the books are append-only'); end;

-- One row that a check of health writes to.
create table pulse (id integer primary key check (id = 1), beats integer not null) strict;
insert into pulse (id, beats) values (1, 0);
