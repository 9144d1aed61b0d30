-- What clients' own protocols need: an outbox of webhooks, uploads in parts, secrets of the gateway's own, terms of a job.

-- `unused` is asked for with every status, so it stands among the first columns, and the table is made anew.
create table job_2 (
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
    unused text,
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
    fingerprint blob,
    callback text,
    terms text,
    quote_words text not null,
    failure_fault text,
    video text,
    dropped text,
    names text,
    input text not null
) strict;

insert into job_2 (
    rowid, id, account, state, endpoint, face, base, position, render_s, failure_code, failure_message, serving, engine, priority, test,
    key_id, external_id, quote_micros, created_at, updated_at, start_by, started_at, ended_at, cancel_requested_at, token, lease_worker,
    lease_until, deaths, video_blob, callback, quote_words, failure_fault, video, dropped, names, input
)
select
    rowid, id, account, state, endpoint, face, base, position, render_s, failure_code, failure_message, serving, engine, priority, test,
    key_id, external_id, quote_micros, created_at, updated_at, start_by, started_at, ended_at, cancel_requested_at, token, lease_worker,
    lease_until, deaths, video_blob, callback, quote_words, failure_fault, video, dropped, names, input
from job order by rowid;

drop table job;
alter table job_2 rename to job;

create index job_by_account on job (account, id);
create index job_by_state on job (state, account, priority, created_at);
create index job_by_lease on job (lease_until) where state = 'running';
create index job_by_start on job (start_by) where state = 'queued' and start_by is not null;
create unique index job_by_external_id on job (account, external_id) where external_id is not null;

-- The secret half of a pair, sealed.
alter table key add column sealed blob;

-- Deliveries in the order in which they were written. `tried` counts all tries, `step` those since the last replay.
create table delivery (
    number integer primary key,
    id text not null unique,
    account text not null,
    job_id text not null references job (id),
    face text not null,
    url text not null,
    told text not null,
    changed_at integer not null,
    state text not null check (state in ('pending', 'delivered', 'failed')),
    step integer not null,
    tried integer not null,
    token integer not null,
    next_at integer,
    check ((state = 'pending') = (next_at is not null))
) strict;

create index delivery_by_job on delivery (job_id, number);
create index delivery_by_account on delivery (account, number);
create index delivery_by_turn on delivery (account, next_at) where state = 'pending';
create index delivery_by_age on delivery (changed_at) where state <> 'pending';
create unique index delivery_of_end on delivery (job_id) where told <> 'running';

create table delivery_try (
    delivery_id text not null references delivery (id),
    number integer not null,
    at integer not null,
    status integer,
    note text not null,
    took_s real not null,
    primary key (delivery_id, number)
) strict, without rowid;

create table upload (
    id text primary key,
    account text not null references account (id),
    name text not null,
    file_name text not null,
    content_type text not null,
    keep_s real,
    created_at integer not null,
    expires_at integer not null
) strict, without rowid;

create index upload_by_expiry on upload (expires_at);

create table part (
    upload_id text not null references upload (id),
    number integer not null check (number >= 1),
    blob text not null,
    size_bytes integer not null,
    etag text not null,
    primary key (upload_id, number)
) strict, without rowid;

create table secret (
    name text primary key,
    sealed blob not null,
    created_at integer not null
) strict, without rowid;

create table webhook_secret (
    number integer primary key,
    account text not null references account (id),
    sealed blob not null,
    created_at integer not null,
    retires_at integer
) strict;

create index webhook_secret_by_account on webhook_secret (account, number);

-- What an account's uploads take up is asked with each of them.
create index blob_by_uploader on blob (account, job_id, size_bytes) where job_id is null;
create index upload_by_account on upload (account);
