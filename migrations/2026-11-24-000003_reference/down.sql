drop table reference_documents;
