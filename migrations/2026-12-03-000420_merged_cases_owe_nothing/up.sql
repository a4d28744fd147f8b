-- A case that another took over has no clock of its own.
update cases set next_due_at = null, announce_at = null where merged_into is not null;
