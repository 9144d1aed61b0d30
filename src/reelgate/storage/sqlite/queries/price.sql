-- name: insert_price
-- What an endpoint costs from an instant on.
insert into price (side, holder, endpoint, since, price, entered, created_at) values (?, ?, ?, ?, ?, ?, ?);

-- name: prices
-- Every price, in the order in which they were set.
select number, side, holder, endpoint, since, price, entered, created_at from price order by number;

-- name: insert_book
-- A price book, unless the id is taken.
insert into book (id, note, created_at) values (?, ?, ?) on conflict do nothing;

-- name: book
-- Whether there is such a price book.
select 1 from book where id = ?;

-- name: books
-- All price books, oldest first.
select id, note, created_at from book order by created_at, id;

-- name: insert_exchange_rate
-- How many units of a currency a dollar is from an instant on.
insert into exchange_rate (currency, per_dollar, since) values (?, ?, ?);

-- name: exchange_rates
-- Every rate, in the order in which they were set.
select currency, per_dollar, since from exchange_rate order by number;

-- name: price_version
-- How many prices and rates there are; none is ever removed.
select (select coalesce(max(number), 0) from price) + (select coalesce(max(number), 0) from exchange_rate);
