-- name: secret
-- A secret of the gateway's own, sealed.
select sealed from secret where name = ?;

-- name: insert_secret
-- Keep a secret, unless one of this name is there.
insert into secret (name, sealed, created_at) values (?, ?, ?) on conflict do nothing;

-- name: retire_webhook_secrets
-- Former secrets of an account sign until then, if not for a shorter time.
update webhook_secret set retires_at = :until where account = :account and (retires_at is null or retires_at > :until);

-- name: drop_webhook_secrets
-- Secrets of an account that sign no more.
delete from webhook_secret where account = ? and retires_at <= ?;

-- name: insert_webhook_secret
-- What an account's webhooks are signed with from now on.
insert into webhook_secret (account, sealed, created_at) values (?, ?, ?);

-- name: webhook_secrets
-- What an account's webhooks are signed with, newest first.
select sealed from webhook_secret where account = ? and (retires_at is null or retires_at > ?) order by number desc;
