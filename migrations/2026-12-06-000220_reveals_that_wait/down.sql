drop index reveals_unapproved;
