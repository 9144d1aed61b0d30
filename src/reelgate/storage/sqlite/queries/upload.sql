-- name: insert_upload
-- A file that is being sent in parts.
insert into upload (id, account, name, file_name, content_type, keep_s, created_at, expires_at) values (?, ?, ?, ?, ?, ?, ?, ?);

-- name: upload
-- One upload.
select id, account, name, file_name, content_type, keep_s, created_at, expires_at from upload where id = ?;

-- name: uploaded
-- What the files take up that came without a job, with the parts of uploads; and how many of those are open.
select
    (select coalesce(sum(max(size_bytes, :least)), 0) from blob where account = :account and job_id is null)
    + (
        select coalesce(sum(max(part.size_bytes, :least)), 0)
        from upload join part on part.upload_id = upload.id
        where upload.account = :account
    ),
    (select count(*) from upload where account = :account);

-- name: stale_uploads
-- Uploads that were not finished in time.
select id, account, name, file_name, content_type, keep_s, created_at, expires_at
from upload where expires_at <= ? order by expires_at, id limit ?;

-- name: delete_upload
-- An upload is no more.
delete from upload where id = ?;

-- name: part_blob
-- Where the bytes of a part lie.
select blob from part where upload_id = ? and number = ?;

-- name: write_part
-- Add or replace a part.
insert into part (upload_id, number, blob, size_bytes, etag) values (?, ?, ?, ?, ?)
on conflict do update set blob = excluded.blob, size_bytes = excluded.size_bytes, etag = excluded.etag;

-- name: parts
-- The parts of an upload in order.
select upload_id, number, blob, size_bytes, etag from part where upload_id = ? order by number;

-- name: delete_parts
-- The parts of an upload have no row any more.
delete from part where upload_id = ?;
