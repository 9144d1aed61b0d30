-- Tries: when an upstream took one, how often one was refused alike; and jobs that were given up, of which a video may still come.

alter table attempt add column accepted_at integer;
alter table attempt add column tries integer not null default 1;
alter table attempt add column again_at integer;

create index job_given_up on job (ended_at) where state = 'unknown' and late_video is null;
