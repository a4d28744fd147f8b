-- Copy-pasted floods and near-duplicate narratives, found by signatures that a background reader keeps.
--
-- A trigram index over the narratives was weighed and left out: a narrative has hundreds of trigrams,
-- and in a language of short syllables nearly every page of it shares most of them. A signature costs
-- a row a tip and five index entries, and a look-up reads a bounded number of them.

create table tip_texts (
    tip_id uuid constraint tip_texts_pkey primary key
        constraint tip_texts_tip_fkey references tips (id) on delete cascade,
    signature bytea not null,
    band_1 bigint not null,
    band_2 bigint not null,
    band_3 bigint not null,
    band_4 bigint not null,
    band_5 bigint not null,
    constraint tip_texts_signature_length check (octet_length(signature) = 128)
);
comment on table tip_texts is 'MinHash of each narrative of some length, at most 10 s behind; trials and short texts have none.';
comment on column tip_texts.signature is '32 hashes of 4 bytes; the share of equal ones estimates how alike two texts are.';
comment on column tip_texts.band_1 is 'Three of the hashes together: texts that share a band are candidates.';
create index tip_texts_band_1 on tip_texts (band_1, tip_id desc);
create index tip_texts_band_2 on tip_texts (band_2, tip_id desc);
create index tip_texts_band_3 on tip_texts (band_3, tip_id desc);
create index tip_texts_band_4 on tip_texts (band_4, tip_id desc);
create index tip_texts_band_5 on tip_texts (band_5, tip_id desc);

alter table tip_states add column flood_id uuid;
comment on column tip_states.flood_id is 'The oldest tip of those with nearly the same text, where there are two or more.';
create index tip_states_flood on tip_states (flood_id, score desc, tip_id) where flood_id is not null;
