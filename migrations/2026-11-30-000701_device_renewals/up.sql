-- Renewals of devices: each token renews once, and a copy of one that has is noticed.
create table device_renewals (
    device uuid constraint device_renewals_pkey primary key,
    current_jti text not null,
    former_jti text not null,
    renewed_at timestamptz not null
);
comment on table device_renewals is 'The last renewal of each device that was ever renewed.';
comment on column device_renewals.current_jti is 'The token that the last renewal gave.';
comment on column device_renewals.former_jti is 'The token that it was asked with: asked with again where the answer was lost.';
create index device_renewals_time on device_renewals (renewed_at);
