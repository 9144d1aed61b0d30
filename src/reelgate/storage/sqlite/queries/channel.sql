-- name: channels
-- What operators have set up.
select told from channel order by id;

-- name: channel_secret
-- The sealed secrets of a channel.
select sealed from channel where id = ?;

-- name: channel_begun
-- When a channel was first put here, and its secrets.
select created_at, sealed from channel where id = ?;

-- name: put_channel
-- Add a channel, or change it.
insert into channel (id, told, sealed, created_at) values (:id, :told, :sealed, :created_at)
on conflict (id) do update set told = excluded.told, sealed = excluded.sealed;

-- name: remove_channel
-- Forget a channel.
delete from channel where id = ?;

-- name: channel_version
-- How often channels were changed.
select number from channel_change where id = 1;

-- name: channels_changed
-- Once more.
update channel_change set number = number + 1 where id = 1;
