alter table reveals
    drop column declined_by, drop column declined_at, drop column decline_reason;
