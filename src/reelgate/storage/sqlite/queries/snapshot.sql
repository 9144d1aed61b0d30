-- name: kept_files
-- Every blob that the books know, and every part of an upload.
select name, size_bytes, sha256, expires_at from blob
union all
select blob, size_bytes, '', null from part;

-- name: kept_videos
-- A page of the videos of jobs that are done and not forgotten.
select blob.name, blob.size_bytes, blob.sha256, blob.expires_at
from blob cross join job on job.id = blob.job_id and job.video_blob = blob.name
where blob.name > ? order by blob.name limit ?;

-- name: count_jobs
-- How many jobs there are.
select count(*) from job;
