-- name: insert_deed
-- What somebody did, sealed to the line before it.
insert into audit (number, actor, action, subject, at, reason, detail, hash) values (?, ?, ?, ?, ?, ?, ?, ?);

-- name: newest_deed
-- The end of the log.
select number, actor, action, subject, at, reason, detail, hash from audit order by number desc limit 1;

-- name: deeds
-- A page of the log, newest first.
select number, actor, action, subject, at, reason, detail, hash
from audit where number < :before order by number desc limit :limit;

-- name: deeds_about
-- The same of one subject.
select number, actor, action, subject, at, reason, detail, hash
from audit where subject = :subject and number < :before order by number desc limit :limit;

-- name: all_deeds
-- The whole log from its beginning.
select number, actor, action, subject, at, reason, detail, hash from audit order by number;
