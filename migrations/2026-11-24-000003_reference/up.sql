-- Reference data: whole documents, so that a changed list (banks, prefixes, places, desks …) needs no
-- release and no migration. The shipped files are loaded where a document is absent.

create table reference_documents (
    name text constraint reference_documents_pkey primary key,
    document jsonb not null,
    version integer not null default 1,
    loaded_at timestamptz not null,
    loaded_by text not null
);
comment on table reference_documents is 'One row a list, with its provenance inside the document.';
